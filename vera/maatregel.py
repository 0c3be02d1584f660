"""Words of maatregelen: what the association does in a complex against overlast or woonfraude.

Belongs here: codes and what they are called. Does not belong here: what a maatregel did
(``models.maatregel``), the store of what is recorded here (``serving.besluit.preventie``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

MAATREGELEN: Final[Mapping[str, str]] = {
    "toezicht": "Toezicht",
    "schoonmaakactie": "Schoonmaakactie",
    "bemiddeling": "Bemiddeling",
    "fysieke_ingreep": "Ingreep aan het gebouw",
    "huismeester_extra": "Extra huismeester",
    "bewonersaanpak": "Aanpak met bewoners",
    "overig": "Andere maatregel",
}
"""Kinds that are delivered (``wijkbeheer.maatregel``)."""

Preventiesoort = Literal["voorlichting", "huisbezoek", "sleutelbeheer", "mutatiecontrole"]
PREVENTIE: Final[Mapping[Preventiesoort, str]] = {
    "voorlichting": "Voorlichting aan bewoners",
    "huisbezoek": "Huisbezoek",
    "sleutelbeheer": "Sleutelbeheer",
    "mutatiecontrole": "Controle bij verhuizing",
}
"""Kinds that are recorded on the worklist woonfraude, to keep it from happening."""
PREVENTIESOORTEN: Final[tuple[Preventiesoort, ...]] = get_args(Preventiesoort)

VOOR_IEDEREEN: Final[frozenset[Preventiesoort]] = frozenset({"voorlichting"})
"""Kinds that colleagues without woonfraude in their role see as well: they point at nobody. That
the others are done in a complex would say what is thought of it."""


@dataclass(frozen=True, order=True)
class Preventieregel:
    """A preventiemaatregel as a run takes it: without names.

    Parameters
    ----------
    maatregel_id
        Number in the store.
    complex_id, soort_code
        Where, and which of ``PREVENTIE``.
    begindatum, einddatum
        First and last day; no last day = it goes on.
    bekend_op
        Day on which it was recorded.
    """

    maatregel_id: int
    complex_id: str
    soort_code: str
    begindatum: date
    einddatum: date | None
    bekend_op: date
