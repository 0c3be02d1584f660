"""What is published or learned from, and what each of those may be made of.

Belongs here: which dbt models hold a product, its purpose, its keys and what it may never reach.
Does not belong here: the purposes of columns (they stand in the delivery contract) and how
columns are walked (``gebruik``, ``toets``).

Source: design paper on trust, "Purpose limitation" and "The firewall".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from serving.release import schema
from sources.adresindex import INDEXKOLOMMEN

VAN_DE_RUN = frozenset({"buurtpeil.run", "buurtpeil.levering"})
"""What a run brings along and says nothing of anyone: its clock, and which files came when."""

SOCIAAL_SIGNAAL = "sociaal_signaal"
"""A source that the dbt project may not have at all: it has a database and a role of its own."""


@dataclass(frozen=True)
class Product:
    """Something that is published or learned from, and what it may be made of.

    Attributes
    ----------
    naam
        Name for a reader.
    doel
        The purpose that every source column it reaches must have in the contract.
    tabellen
        The dbt models that hold it.
    sleutels
        Columns of those that only say which row it is; a key may end up there as a value.
    verboden
        Patterns (``bron.tabel.kolom``) that it may not reach even where the contract would
        allow it.
    verboden_modellen
        Patterns of dbt models that may not lie on the way.
    deuren
        Per source table the models that may read it, because they keep rows out (care cases are
        rows, not columns).
    leunt_op
        Patterns of dbt models that are part of another product, with the purpose of that one:
        from there on its purpose is what a column must have.
    eigen
        Patterns of tables of the run itself that it may read: what was published before, a
        frozen reference, what people decided.
    """

    naam: str
    doel: str
    tabellen: tuple[str, ...]
    sleutels: frozenset[str]
    verboden: tuple[str, ...] = ()
    verboden_modellen: tuple[str, ...] = ()
    deuren: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leunt_op: Mapping[str, str] = field(default_factory=dict)
    eigen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brug:
    """A table that Python writes in the midst of the build, and what it is made of.

    What the code does with a column cannot be read from SQL: every column of the table counts as
    made of every column of these models.

    Attributes
    ----------
    modellen
        The dbt models that the step reads.
    sleutels
        Columns of those that only say which row it is.
    """

    modellen: tuple[str, ...]
    sleutels: frozenset[str]


_RIJ = frozenset(
    {
        "niveau",
        "object_id",
        "beheerobject_id",
        "beheereenheid_id",
        "grondslag",
        "peildatum",
        "maand",
        "thema_code",
        "indicator_code",
        "stratum_code",
    }
)
BRUGGEN: Mapping[str, Brug] = {
    "buurtpeil.onzekerheid": Brug(
        (
            "int_label__gestandaardiseerd",
            "int_label__label",
            "int_referentie__ligging",
            "int_referentie__schaal",
            "int_referentie__knip",
        ),
        _RIJ,
    ),
    "buurtpeil.themasignaal": Brug(("int_signaal__telling",), _RIJ),
}

_NOOIT = (f"{SOCIAAL_SIGNAAL}.*", "cbs_kwb.samenstelling.*")
_LABEL = ("int_label__*", "int_indicator__*", "int_referentie__*", "int_signaal__*", "mart_*")
_OPENBAAR = tuple(f"{bron}.*" for bron in ("wijkprofiel", "cbs_kwb", "politie", "airbnb", "geo"))
_FIN = tuple(f"vera.{tabel}.*" for tabel in ("huurachterstand", "boeking", "betalingsregeling"))
_MODELLEN_RISICO = (
    "int_woonfraude__*",
    "int_overlast__kenmerk",
    "int_overlast__uitkomst",
    "int_overlast__complexmaand",
    "int_overlast__feit",
    "mart_risico__*",
)
_ZAKEN = {"vera.zaak": ("int_zaak__gebeurtenis",)}
# The first day that anything was written down of is a fact of the register, not of a case.
_ZAKEN_EN_BEGIN = {"vera.zaak": ("int_zaak__gebeurtenis", "int_dekking__begin")}

OVERLAST = Product(
    naam="overlastmodel",
    doel="overlast",
    tabellen=("int_overlast__kenmerk", "int_overlast__uitkomst", "int_overlast__complexmaand"),
    sleutels=frozenset({"complex_id", "beheereenheid_id", "buurt_id", "peildatum", "maand"}),
    verboden=(*_NOOIT, *_FIN, *_OPENBAAR, "huurdersonderzoek.*", "woonfraude.*"),
    verboden_modellen=_LABEL,
    deuren=_ZAKEN,
)
WOONFRAUDE = Product(
    naam="woonfraudemodel",
    doel="woonfraude",
    tabellen=("int_woonfraude__kenmerk", "int_woonfraude__onderzoek"),
    sleutels=frozenset({"complex_id", "onderzoek_id", "peildatum"}),
    verboden=(
        *_NOOIT,
        *_FIN,
        *_OPENBAAR,
        "huurdersonderzoek.*",
        "wijkbeheer.*",
        "zaakverloop.*",
        "vera.eenheidadres.*",
        "vera.buurt.*",
        "vera.wijk.*",
        "vera.zaak.*",
        "vera.zaakstatus.*",
        "vera.onderhoudsverzoek.*",
        "vera.defect.*",
        "vera.huurovereenkomst.*",
        "woonfraude.tip.*",
    ),
    verboden_modellen=(*_LABEL, "int_overlast__*", "int_zaak__*", "int_schouw__*"),
)
RISICOMODELLEN = (OVERLAST, WOONFRAUDE)
"""What trains: judged before training, on the feature tables."""

_LABELTABELLEN = ("mart_label__", "mart_release__", "indicator", "thema")
_SEEDS = frozenset({schema.THEMA.naam})
_MODEL_VAN = {schema.INDICATOR.naam: "int_methode__indicator"}
_VERBODEN_PUBLICATIE = (*_NOOIT, "woonfraude.*", "zaakverloop.zaak_stap.*")
_OBJECT = frozenset(
    {
        "niveau",
        "beheerobject_id",
        "naam",
        "code",
        "buurt_id",
        "buurt_naam",
        "wijk_id",
        "wijk_naam",
        "grondslag",
        "peildatum",
        "kwartaal",
        "bron",
    }
)
_INTERN = frozenset(tabel.naam for tabel in schema.INTERN)
_WERKLIJST = frozenset(tabel.naam for tabel in schema.WERKLIJSTFEITEN)


def _list_modellen(*, is_label: bool, is_export: bool) -> tuple[str, ...]:
    """Return the models behind the tables of a release that this product is.

    A table that the release gets tomorrow is a page and an export until somebody says that it is
    part of the label.
    """
    return tuple(
        _MODEL_VAN.get(naam, naam)
        for naam in schema.TABELLEN
        if naam not in _INTERN | _SEEDS | _WERKLIJST
        and naam.startswith(_LABELTABELLEN) == is_label
        and not (is_export and naam == schema.WAT_ALS.naam)
    )


LABEL = Product(
    naam="label",
    doel="label",
    tabellen=_list_modellen(is_label=True, is_export=False),
    # Why a small complex has no label of its own: it names the cluster that it is part of.
    sleutels=_OBJECT | {"reden_onbekend"},
    verboden=_VERBODEN_PUBLICATIE,
    verboden_modellen=_MODELLEN_RISICO,
    deuren=_ZAKEN_EN_BEGIN,
    eigen=(
        "buurtpeil.duiding",
        "buurtpeil.gepubliceerd_label",
        "buurtpeil.gepubliceerde_indicatorwaarde",
        "buurtpeil.gepubliceerd_themasignaal",
        "buurtpeil.referentie_*",
    ),
)
PAGINA = Product(
    naam="pagina",
    doel="pagina",
    # The address index stands beside a release, and is for looking up alone.
    tabellen=(*_list_modellen(is_label=False, is_export=False), "int_complex__adres"),
    sleutels=_OBJECT | {"complex_id", *INDEXKOLOMMEN},
    verboden=_VERBODEN_PUBLICATIE,
    verboden_modellen=(*_MODELLEN_RISICO, "int_label__*", "int_indicator__*"),
    deuren=_ZAKEN_EN_BEGIN,
    # The peildata are those of the label: from the first day that is written about.
    leunt_op={"int_tijd__*": "label"},
    eigen=("buurtpeil.gepubliceerd_beheerobject",),
)
EXPORT = Product(
    naam="export",
    doel="export",
    tabellen=_list_modellen(is_label=False, is_export=True),
    sleutels=_OBJECT,
    verboden=PAGINA.verboden,
    verboden_modellen=PAGINA.verboden_modellen,
    deuren=PAGINA.deuren,
    leunt_op=PAGINA.leunt_op,
    eigen=PAGINA.eigen,
)
RISICOSCORE = Product(
    naam="risicoscore",
    doel="geen",
    tabellen=tuple(tabel.naam for tabel in schema.INTERN),
    sleutels=frozenset({"model", "complex_id", "peildatum"}),
    # Nothing but what the models said; what those are made of is judged before they train.
    eigen=("buurtpeil.risicoscore", "buurtpeil.risicomodel", "buurtpeil.gepubliceerde_risicoscore"),
)
_LABEL_ZONDER_MARTS = tuple(patroon for patroon in _LABEL if patroon != "mart_*")
WERKLIJST_OVERLAST = replace(
    OVERLAST,
    naam="werklijst overlast",
    tabellen=(schema.FEIT_OVERLAST.naam,),
    verboden_modellen=(*_LABEL_ZONDER_MARTS, "mart_label__*", "int_woonfraude__*"),
)
WERKLIJST_WOONFRAUDE = replace(
    WOONFRAUDE,
    naam="werklijst woonfraude",
    tabellen=(schema.FEIT_WOONFRAUDE.naam,),
    verboden_modellen=(
        *_LABEL_ZONDER_MARTS,
        "mart_label__*",
        "int_overlast__*",
        "int_zaak__*",
        "int_schouw__*",
    ),
)
"""What somebody sees of a row before they judge: behind the same wall as the model itself."""
PUBLICATIE = (LABEL, PAGINA, EXPORT, RISICOSCORE, WERKLIJST_OVERLAST, WERKLIJST_WOONFRAUDE)
"""What a release holds: judged before it is written, on the marts."""

PRODUCTEN = (*RISICOMODELLEN, *PUBLICATIE)
