"""Purpose limitation: what a product is made of, back to the source, and whether it may be.

``gebruik`` reads compiled SQL, ``producten`` says what may be made of what, ``toets`` walks and
judges. Who reads the outcome: docs/privacy/doelbinding.md.
"""

from orchestration.doelbinding.gebruik import Gebruik, read_gebruik
from orchestration.doelbinding.producten import (
    BRUGGEN,
    EXPORT,
    LABEL,
    OVERLAST,
    PAGINA,
    PRODUCTEN,
    PUBLICATIE,
    RISICOMODELLEN,
    RISICOSCORE,
    WERKLIJST_OVERLAST,
    WERKLIJST_WOONFRAUDE,
    WOONFRAUDE,
    Product,
)
from orchestration.doelbinding.toets import (
    Herkomst,
    Schending,
    Weg,
    check_product,
    check_project,
    trace_product,
)

__all__ = [
    "BRUGGEN",
    "EXPORT",
    "LABEL",
    "OVERLAST",
    "PAGINA",
    "PRODUCTEN",
    "PUBLICATIE",
    "RISICOMODELLEN",
    "RISICOSCORE",
    "WERKLIJST_OVERLAST",
    "WERKLIJST_WOONFRAUDE",
    "WOONFRAUDE",
    "Gebruik",
    "Herkomst",
    "Product",
    "Schending",
    "Weg",
    "check_product",
    "check_project",
    "read_gebruik",
    "trace_product",
]
