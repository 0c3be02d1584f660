"""Names and shapes of everything in a release, in one place.

A release is made from the tables below (the marts and two seeds) and holds the files named
here. Nothing is computed in this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

FORMAATVERSIE: Final = 2
"""Version of the folder's format; part of the hashed content."""

BESTAND_OPZOEK: Final = "opzoek.sqlite"
BESTAND_WAT_ALS: Final = "wat_als.parquet"
BESTAND_MANIFEST: Final = "manifest.json"
BESTAND_MANIFEST_RUN: Final = "manifest.run.json"
BESTAND_ADRESINDEX: Final = "adresindex.sqlite"
"""Beside the content of a release: it hangs on a key of this installation."""
BUITEN_DE_INHOUD: Final = frozenset({BESTAND_MANIFEST_RUN, BESTAND_ADRESINDEX})
"""Files that the release id says nothing of."""
BESTAND_HUIDIG: Final = "CURRENT"
MAP_EXPORTS: Final = "exports"
MAP_PAPIEREN: Final = "papieren"
VOORVOEGSEL_BOUW: Final = ".bouw-"
LENGTE_ID: Final = 12

CSV_MAXIMUM_RIJEN: Final = 1_048_575
"""Rows (without the head) that a spreadsheet can open; larger tables are Parquet only."""

THEMA_TOTAAL: Final = "TOT"
THEMAS: Final = ("TOT", "SHV", "OVL", "FIN", "SOC", "LFB")
NIVEAUS: Final = ("complex", "buurt", "wijk")
GRONDSLAGEN: Final = ("eigen", "openbaar")
DEKKING_GEDEKT: Final = "gedekt"
DEKKING_GEEN: Final = "geen_dekking"
DEKKING_VEROUDERD: Final = "verouderd"


@dataclass(frozen=True)
class Tabel:
    """One table that a release takes.

    Parameters
    ----------
    naam
        Name of the mart or seed, the key in the mapping given to ``write_release``.
    export
        Stem of the files under ``exports/``.
    korrel
        What one row is, in Dutch.
    sleutel
        Columns that identify a row; exports are sorted by them.
    kolommen
        Columns with their Arrow type; other columns of the mart are not taken.
    verplicht
        Whether a release without this table is refused.
    """

    naam: str
    export: str
    korrel: str
    sleutel: tuple[str, ...]
    kolommen: pa.Schema
    verplicht: bool = True


_tekst = pa.string()
_getal = pa.float64()
_precies = pa.decimal128(28, 12)
_geheel = pa.int32()
_janee = pa.bool_()
_dag = pa.date32()

BEHEEROBJECT: Final = Tabel(
    naam="mart_beheerobject__beheerobject",
    export="beheerobject",
    korrel="één rij per niveau en beheerobject (complex, buurt of wijk)",
    sleutel=("niveau", "beheerobject_id"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "naam": _tekst,
            "code": _tekst,
            "buurt_id": _tekst,
            "buurt_naam": _tekst,
            "wijk_id": _tekst,
            "wijk_naam": _tekst,
            "gebouwtype_naam": _tekst,
            "verhuureenheden_aantal": _geheel,
            "lengtegraad": _getal,
            "breedtegraad": _getal,
            "straatnamen": _tekst,
            "is_beheercluster": _janee,
            "is_gebied_gedeeld": _janee,
            "aantal_complexen": _geheel,
        }
    ),
)

LABEL: Final = Tabel(
    naam="mart_label__sociaal_beheer_label",
    export="sociaal_beheer_label",
    korrel="één rij per niveau, beheerobject, grondslag, peildatum en thema",
    sleutel=("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "grondslag": _tekst,
            "peildatum": _dag,
            "thema_code": _tekst,
            "score": _getal,
            "sociaal_beheer_label": _geheel,
            "ruw_sociaal_beheer_label": _geheel,
            "model_sociaal_beheer_label": _geheel,
            "reden_label_code": _tekst,
            "duiding_delta": _geheel,
            "duiding_reden_code": _tekst,
            "standaardfout": _getal,
            "standaardfout_gesloten": _getal,
            "kans_1": _getal,
            "kans_2": _getal,
            "kans_3": _getal,
            "kans_4": _getal,
            "kans_5": _getal,
            "label_laag": _geheel,
            "label_hoog": _geheel,
            "reden_onbekend": _tekst,
            "aandeel_van_totaal": _getal,
            "gewicht_dekking": _getal,
            "is_gepubliceerde_grondslag": _janee,
            "is_referentieperiode": _janee,
            "is_achteraf_berekend": _janee,
            "betrouwbaarheid": _tekst,
            "verhuureenheden_aantal": _geheel,
            "methodeversie": _tekst,
            "referentie_id": _tekst,
        }
    ),
)

INDICATORWAARDE: Final = Tabel(
    naam="mart_label__indicatorwaarde",
    export="indicatorwaarde",
    korrel="één rij per niveau, beheerobject, grondslag, peildatum en indicator",
    sleutel=("niveau", "beheerobject_id", "grondslag", "peildatum", "indicator_code"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "grondslag": _tekst,
            "peildatum": _dag,
            "indicator_code": _tekst,
            "thema_code": _tekst,
            "waarde": _getal,
            "stratum_waarde": _getal,
            "portefeuille_waarde": _getal,
            "gestandaardiseerd": _getal,
            "gewicht": _getal,
            "bijdrage": _getal,
            "dekking_code": _tekst,
            "is_gebandeerd": _janee,
            "leeftijd_kwartalen": _geheel,
        }
    ),
)

THEMASIGNAAL: Final = Tabel(
    naam="mart_label__themasignaal",
    export="themasignaal",
    korrel="één rij per complex, maand en thema met een themasignaal",
    sleutel=("niveau", "beheerobject_id", "peildatum", "thema_code"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "peildatum": _dag,
            "thema_code": _tekst,
            "aantal_recent": _geheel,
            "aantal_eerder": _geheel,
            "maanden_recent": _geheel,
            "maanden_eerder": _geheel,
            "kans": _getal,
        }
    ),
    verplicht=False,
)

VERANDERING: Final = Tabel(
    naam="mart_label__verandering",
    export="verandering",
    korrel="één rij per niveau, beheerobject, grondslag en oorzaak van wat er veranderde",
    sleutel=(
        "niveau",
        "beheerobject_id",
        "grondslag",
        "soort_code",
        "thema_code",
        "indicator_code",
    ),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "grondslag": _tekst,
            "peildatum": _dag,
            "soort_code": _tekst,
            "thema_code": _tekst,
            "indicator_code": _tekst,
            "vorige_peildatum": _dag,
            "effect": _precies,
            "verschil": _getal,
            "waarde": _getal,
            "vorige_waarde": _getal,
            "leeftijd_kwartalen": _geheel,
            "is_gebandeerd": _janee,
            "volgorde": _geheel,
        }
    ),
    verplicht=False,
)

THEMABEELD: Final = Tabel(
    naam="mart_label__themabeeld",
    export="themabeeld",
    korrel="één rij per niveau, beheerobject, grondslag en thema op de laatste peildatum",
    sleutel=("niveau", "beheerobject_id", "grondslag", "thema_code"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "grondslag": _tekst,
            "peildatum": _dag,
            "thema_code": _tekst,
            "volgens_bewoners": _getal,
            "volgens_metingen": _getal,
            "is_een_bron": _janee,
        }
    ),
    verplicht=False,
)

VORM: Final = Tabel(
    naam="mart_beheerobject__vorm",
    export="vorm",
    korrel="één rij per niveau en beheerobject met een vorm (GeoJSON-geometrie, WGS84)",
    sleutel=("niveau", "beheerobject_id"),
    kolommen=pa.schema({"niveau": _tekst, "beheerobject_id": _tekst, "geojson": _tekst}),
    verplicht=False,
)

CONTEXT: Final = Tabel(
    naam="mart_buurt__context",
    export="buurt_context",
    korrel="één rij per buurt, kenmerk en jaar (cijfer van buiten, nooit in een label)",
    sleutel=("beheerobject_id", "kenmerk", "jaar"),
    kolommen=pa.schema(
        {
            "beheerobject_id": _tekst,
            "kenmerk": _tekst,
            "waarde": _getal,
            "jaar": _geheel,
            "bron": _tekst,
        }
    ),
    verplicht=False,
)

DEKKING: Final = Tabel(
    naam="mart_release__dekking",
    export="dekking",
    korrel="één rij per bron en kwartaal",
    sleutel=("bron", "kwartaal"),
    kolommen=pa.schema({"bron": _tekst, "kwartaal": _dag, "aandeel_gedekt": _getal}),
    verplicht=False,
)

THEMA: Final = Tabel(
    naam="thema",
    export="thema",
    korrel="één rij per thema van het label",
    sleutel=("thema_code",),
    kolommen=pa.schema(
        {
            "thema_code": _tekst,
            "naam": _tekst,
            "omschrijving": _tekst,
            "gewicht": _getal,
            "volgorde": _geheel,
        }
    ),
)

INDICATOR: Final = Tabel(
    naam="indicator",
    export="indicator",
    korrel="één rij per indicator en grondslag",
    sleutel=("indicator_code", "grondslag"),
    kolommen=pa.schema(
        {
            "indicator_code": _tekst,
            "grondslag": _tekst,
            "thema_code": _tekst,
            "naam": _tekst,
            "omschrijving": _tekst,
            "eenheid": _tekst,
            "richting": _geheel,
            "soort_meting": _tekst,
            "gewicht": _getal,
            "bron": _tekst,
            "doel": _tekst,
            "is_subjectief": _janee,
            "cel_minimum": _geheel,
        }
    ),
)

WAT_ALS: Final = Tabel(
    naam="mart_label__wat_als",
    export="wat_als",
    korrel="één rij per niveau, beheerobject, peildatum en thema op eigen gegevens",
    sleutel=("niveau", "beheerobject_id", "peildatum", "thema_code"),
    kolommen=pa.schema(
        {
            "niveau": _tekst,
            "beheerobject_id": _tekst,
            "peildatum": _dag,
            "thema_code": _tekst,
            "verhuureenheden_aantal": _geheel,
            "is_actueel": _janee,
            "is_referentieperiode": _janee,
            "score": _getal,
            "ruw_sociaal_beheer_label": _geheel,
            "is_gebandeerd": _janee,
            "knip_1": _getal,
            "knip_2": _getal,
            "knip_3": _getal,
            "knip_4": _getal,
        }
    ),
    verplicht=False,
)
"""Exact scores: not an export. ``serving.wat_als`` makes ``BESTAND_WAT_ALS`` of it."""

RISICOSCORE: Final = Tabel(
    naam="mart_risico__score",
    export="risicoscore",
    korrel="één rij per model, complex en peildatum; nooit een persoon of woning",
    sleutel=("model", "complex_id", "peildatum"),
    kolommen=pa.schema(
        {
            "model": _tekst,
            "complex_id": _tekst,
            "peildatum": _dag,
            "scoreversie": _tekst,
            "is_regel": _janee,
            "kans": _getal,
            "kans_laag": _getal,
            "kans_hoog": _getal,
            "rang": _geheel,
            "kans_top_k": _getal,
            "band": _tekst,
            "redenen": _tekst,
            "kans_piek": _getal,
        }
    ),
    verplicht=False,
)
RISICOMODEL: Final = Tabel(
    naam="mart_risico__model",
    export="risicomodel",
    korrel="één rij per model: wat er kiest, en waarom",
    sleutel=("model",),
    kolommen=pa.schema(
        {
            "model": _tekst,
            "peildatum": _dag,
            "stand": _tekst,
            "scoreversie": _tekst,
            "soort": _tekst,
            "k": _geheel,
            "getraind_op": _dag,
            "aantal_complexen": _geheel,
            "zin": _tekst,
            "gezakt": _tekst,
            "kaart": _tekst,
        }
    ),
    verplicht=False,
)
INTERN: Final = (RISICOSCORE, RISICOMODEL)
"""Tables that stand in the release beside the exports, for roles: Parquet, no CSV."""

FEIT_OVERLAST: Final = Tabel(
    naam="mart_werklijst__overlast",
    export="werklijst_overlast",
    korrel="één rij per complex of beheercluster: wat bij een regel van de werklijst staat",
    sleutel=("complex_id",),
    kolommen=pa.schema(
        {
            "complex_id": _tekst,
            "peildatum": _dag,
            "maanden_bekend": _geheel,
            "meldingen": _geheel,
            "maanden_bekend_eerder": _geheel,
            "meldingen_eerder": _geheel,
            "ernstig": _geheel,
            "schouw_maand": _dag,
            "schouw_cijfer": _getal,
        }
    ),
    verplicht=False,
)
FEIT_WOONFRAUDE: Final = Tabel(
    naam="mart_werklijst__woonfraude",
    export="werklijst_woonfraude",
    korrel="één rij per complex: wat bij een regel van de werklijst woonfraude staat",
    sleutel=("complex_id",),
    kolommen=pa.schema(
        {
            "complex_id": _tekst,
            "peildatum": _dag,
            "maanden_bekend": _geheel,
            "weigeringen": _geheel,
            "advertenties": _geheel,
            "onderzoeken": _geheel,
        }
    ),
    verplicht=False,
)
MAATREGEL: Final = Tabel(
    naam="mart_maatregel__lopend",
    export="maatregel",
    korrel="één rij per complex en maatregel die loopt, of het laatste jaar liep",
    sleutel=("beheerobject_id", "volgorde"),
    kolommen=pa.schema(
        {
            "beheerobject_id": _tekst,
            "volgorde": _geheel,
            "soort_code": _tekst,
            "begindatum": _dag,
            "einddatum": _dag,
        }
    ),
    verplicht=False,
)
WERKLIJSTFEITEN: Final = (FEIT_OVERLAST, FEIT_WOONFRAUDE)
"""What stands with a row of a worklist, each of one purpose."""
ALLEEN_OPZOEK: Final = (*WERKLIJSTFEITEN, MAATREGEL)
"""Tables that are in the look-up store alone, for roles (``voor_rollen``): no file of their own."""

TABELLEN: Final[Mapping[str, Tabel]] = {
    tabel.naam: tabel
    for tabel in (
        BEHEEROBJECT,
        LABEL,
        INDICATORWAARDE,
        THEMASIGNAAL,
        VERANDERING,
        THEMABEELD,
        VORM,
        CONTEXT,
        DEKKING,
        THEMA,
        INDICATOR,
        WAT_ALS,
        *INTERN,
        *ALLEEN_OPZOEK,
    )
}
"""Every table that a release takes, by its name."""

VERPLICHTE_INHOUD: Final = (
    "organisatie",
    "synthetisch",
    "methodeversie",
    "referentie_id",
    "leveringen",
)
"""Keys that the caller must give in ``inhoud``. Optional: ``peildatum``, ``is_voorlopig``,
``gemeente``, ``codeversie`` and whatever else may be hashed (no clock time, no run id)."""

GERESERVEERDE_INHOUD: Final = ("bestanden", "formaatversie", "peildata")
"""Keys of the manifest's content that the writer fills in itself."""

OPZOEK_DDL: Final = """
create table antwoord (
    niveau text not null,
    beheerobject_id text not null,
    body blob not null,
    primary key (niveau, beheerobject_id)
);
create table geschiedenis (
    niveau text not null,
    beheerobject_id text not null,
    body blob not null,
    primary key (niveau, beheerobject_id)
);
create table toelichting (
    niveau text not null,
    beheerobject_id text not null,
    body blob not null,
    primary key (niveau, beheerobject_id)
);
create table lijst (
    niveau text not null,
    beheerobject_id text not null,
    naam text not null,
    buurt_id text,
    wijk_id text,
    grondslag text,
    peildatum text,
    verhuureenheden_aantal integer,
    lengtegraad real,
    breedtegraad real,
    zoek text not null,
    label_tot integer, label_shv integer, label_ovl integer,
    label_fin integer, label_soc integer, label_lfb integer,
    score_tot real, score_shv real, score_ovl real,
    score_fin real, score_soc real, score_lfb real,
    body blob not null,
    primary key (niveau, beheerobject_id)
);
create table sturingslabel (
    complex_id text primary key,
    body blob not null
) without rowid;
create table themasignaal (
    thema_code text not null,
    complex_id text not null,
    primary key (thema_code, complex_id)
) without rowid;
create table verdeling (
    niveau text not null,
    thema_code text not null,
    sociaal_beheer_label integer not null,
    aantal integer not null,
    verhuureenheden_aantal integer not null,
    primary key (niveau, thema_code, sociaal_beheer_label)
);
create table stand (
    niveau text not null,
    grondslag text not null,
    peildatum text not null,
    thema_code text not null,
    body blob not null,
    primary key (niveau, grondslag, peildatum, thema_code)
);
create table vorm (
    niveau text not null,
    beheerobject_id text not null,
    geojson text not null,
    primary key (niveau, beheerobject_id)
);
create table bijlage (
    naam text primary key,
    body blob not null
);
"""
"""Tables of the look-up store. ``antwoord`` holds the body of a single object without its last
brace (the release that serves it is appended), ``geschiedenis`` and ``toelichting`` hold zlib
compressed JSON lists (labels by peildatum; indicator values of the last peildatum), ``lijst``
has one row per object to filter and sort, ``sturingslabel`` what a batch says of a complex (whole),
``themasignaal`` the signals of the last month, ``bijlage`` small JSON documents (catalogue)."""

OPZOEK_INDEXEN: Final = """
create index lijst_naam on lijst (niveau, naam, beheerobject_id, zoek);
create index lijst_score on lijst (niveau, score_tot desc, beheerobject_id);
create index lijst_tot on lijst (niveau, label_tot desc, score_tot desc, beheerobject_id);
create index lijst_shv on lijst (niveau, label_shv desc, score_shv desc, beheerobject_id);
create index lijst_ovl on lijst (niveau, label_ovl desc, score_ovl desc, beheerobject_id);
create index lijst_fin on lijst (niveau, label_fin desc, score_fin desc, beheerobject_id);
create index lijst_soc on lijst (niveau, label_soc desc, score_soc desc, beheerobject_id);
create index lijst_lfb on lijst (niveau, label_lfb desc, score_lfb desc, beheerobject_id);
create index lijst_eenheden on lijst (niveau, verhuureenheden_aantal desc, beheerobject_id);
create index lijst_label on lijst (niveau, label_tot, score_tot desc, beheerobject_id);
create index lijst_buurt on lijst (buurt_id, niveau, score_tot desc);
create index lijst_wijk on lijst (wijk_id, niveau, score_tot desc);
"""
