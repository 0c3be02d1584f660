"""A small hand-made association as the tables of a release: six complexes, three buurten, a wijk.

Numbers are chosen, not drawn; every state a card can be in occurs once: a large and a small
task, a banded value, a source without coverage, an unknown label, an outside ground.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from serving.release import schema
from serving.release.schrijver import activate, write_release
from serving.release.winkel import hash_file, release_hash

PEILDATUM = date(2026, 10, 1)
KWARTALEN = tuple(date(jaar, maand, 1) for jaar in (2025, 2026) for maand in (1, 4, 7, 10))
EDITIES = (date(2024, 12, 31), date(2025, 12, 31))
THEMAS = {
    "SHV": "Schoon, heel en veilig",
    "OVL": "Overlast",
    "FIN": "Financiële draagkracht",
    "SOC": "Sociale draagkracht",
    "LFB": "Leefbaarheid algemeen",
}
INHOUD: Mapping[str, object] = {
    "organisatie": "Stichting Voorbeeldwonen",
    "gemeente": "Voorbeeldstad",
    "synthetisch": True,
    "methodeversie": "SBL-1",
    "referentie_id": "r-0001",
    "klok": "2026-11-20",
    "leveringen": [{"tabel": "vera.zaak", "sha256": "ab" * 32, "rijen": 120}],
}
RUN: Mapping[str, object] = {"begonnen_op": "2026-11-22T12:00:00Z", "seconden": {"dbt": 3.1}}

# complex, buurt, naam, straten, eenheden, eindlabel
_COMPLEXEN = (
    ("C001", "BU01", "Eikenhof", "Eikenlaan, Beukweg", 84, 5),
    ("C002", "BU01", "De Populier", "Populierstraat", 36, 4),
    ("C003", "BU02", "Havenzicht", "Kade, Curaçaostraat", 120, 3),
    ("C004", "BU02", "Zonnehof", "Zonstraat", 22, 2),
    ("C005", "BU03", "Lindeveld", "Lindelaan", 61, 1),
    ("C006", "BU03", "Nieuwbouw Kop van Zuid", "Kopstraat", 12, None),
)
_BUURTEN = (
    ("BU01", "Boomkwartier", 4, "eigen"),
    ("BU02", "Havenkwartier", 3, "eigen"),
    ("BU03", "Lindekwartier & omgeving", 2, "openbaar"),
)
_INDICATOREN = (
    ("shv_schouw_schoon", "SHV", "Schouw: schoon", "rapportcijfer", -1, "gemiddelde", "wijkbeheer"),
    (
        "shv_vernieling",
        "SHV",
        "Reparaties na vernieling",
        "per 100 woningen per jaar",
        1,
        "telling",
        "vera",
    ),
    ("ovl_melding", "OVL", "Overlastmeldingen", "per 100 woningen per jaar", 1, "telling", "vera"),
    (
        "ovl_dossier",
        "OVL",
        "Zware overlastdossiers",
        "per 100 woningen per jaar",
        1,
        "telling",
        "vera",
    ),
    (
        "fin_achterstand",
        "FIN",
        "Twee maanden of meer huurachterstand",
        "procent",
        1,
        "aandeel",
        "vera",
    ),
    ("soc_mutatie", "SOC", "Verhuizingen", "procent per jaar", 1, "aandeel", "vera"),
    (
        "lfb_veilig",
        "LFB",
        "Veilig voelen in de buurt",
        "rapportcijfer",
        -1,
        "gemiddelde",
        "huurdersonderzoek",
    ),
    ("open_veiligheid", "LFB", "Veiligheidsindex", "index", -1, "waarde", "wijkprofiel"),
)
KNIPPEN = (10.0, 30.0, 70.0, 90.0)
_SCORE_BIJ_LABEL = {1: 6.0, 2: 21.5, 3: 48.25, 4: 79.125, 5: 95.5, None: None}


def _signalen() -> list[dict[str, Any]]:
    """Signals of the month of the klok, and one that was over by then."""
    vast = {"niveau": "complex", "maanden_recent": 6, "maanden_eerder": 24}
    return [
        {**vast, "beheerobject_id": id_, "peildatum": dag, "thema_code": thema,
         "aantal_recent": nu, "aantal_eerder": toen, "kans": kans}
        for id_, dag, thema, nu, toen, kans in (
            ("C001", date(2026, 11, 1), "OVL", 9, 10, 0.98765),
            ("C001", date(2026, 11, 1), "SHV", 7, 4, 0.99),
            ("C002", date(2026, 10, 1), "OVL", 6, 2, 0.995),
        )
    ]  # fmt: skip


def build_tables() -> dict[str, pa.Table]:
    """Return the tables of the example, ready for ``write_release``."""
    objecten = [*_complexen(), *_buurten(), _wijk()]
    labels: list[dict[str, Any]] = []
    waarden: list[dict[str, Any]] = []
    for complex_id, _, _, _, eenheden, eind in _COMPLEXEN:
        _add_series(labels, waarden, "complex", complex_id, "eigen", KWARTALEN, eind, eenheden)
    for buurt_id, _, eind, grondslag in _BUURTEN:
        for grond, dagen in (("eigen", KWARTALEN), ("openbaar", EDITIES)):
            _add_series(
                labels, waarden, "buurt", buurt_id, grond, dagen, eind, 120, grond == grondslag
            )
    _add_series(labels, waarden, "wijk", "WK01", "eigen", KWARTALEN, 3, 335)
    return {
        schema.BEHEEROBJECT.naam: _table(schema.BEHEEROBJECT, objecten),
        schema.LABEL.naam: _table(schema.LABEL, labels),
        schema.INDICATORWAARDE.naam: _table(schema.INDICATORWAARDE, waarden),
        schema.THEMASIGNAAL.naam: _table(schema.THEMASIGNAAL, _signalen()),
        schema.WAT_ALS.naam: _table(schema.WAT_ALS, derive_wat_als(labels, waarden)),
        schema.VERANDERING.naam: _table(schema.VERANDERING, _veranderingen()),
        schema.THEMABEELD.naam: _table(schema.THEMABEELD, _themabeelden()),
        schema.VORM.naam: _table(schema.VORM, _vormen()),
        schema.CONTEXT.naam: _table(
            schema.CONTEXT,
            [
                {
                    "beheerobject_id": "BU02",
                    "kenmerk": "Advertenties voor vakantieverhuur",
                    "waarde": 41.0,
                    "jaar": 2025,
                    "bron": "airbnb",
                }
            ],
        ),
        schema.DEKKING.naam: _table(
            schema.DEKKING,
            [
                {"bron": "vera", "kwartaal": PEILDATUM, "aandeel_gedekt": 1.0},
                {"bron": "huurdersonderzoek", "kwartaal": PEILDATUM, "aandeel_gedekt": 0.5},
            ],
        ),
        schema.THEMA.naam: _table(
            schema.THEMA,
            [
                {
                    "thema_code": code,
                    "naam": naam,
                    "omschrijving": f"Wat meetelt bij {naam.lower()}.",
                    "gewicht": 1.0,
                    "volgorde": nummer,
                }
                for nummer, (code, naam) in enumerate(THEMAS.items(), start=1)
            ],
        ),
        schema.INDICATOR.naam: _table(
            schema.INDICATOR,
            [
                {
                    "indicator_code": code,
                    "grondslag": "openbaar" if code.startswith("open") else "eigen",
                    "thema_code": thema,
                    "naam": naam,
                    "omschrijving": f"{naam}, over de laatste twaalf maanden.",
                    "eenheid": eenheid,
                    "richting": richting,
                    "soort_meting": soort,
                    "gewicht": 1.0,
                    "bron": bron,
                    "doel": "sociaal_beheer_label",
                    "is_subjectief": bron == "huurdersonderzoek",
                    "cel_minimum": 10 if thema == "FIN" else None,
                }
                for code, thema, naam, eenheid, richting, soort, bron in _INDICATOREN
            ],
        ),
    }


def publish_example(
    releases_map: Path,
    tabellen: Mapping[str, pa.Table] | None = None,
    inhoud: Mapping[str, object] = INHOUD,
    papieren: Mapping[str, bytes] | None = None,
) -> Path:
    """Write the example as a release and make it the served one."""
    release = write_release(
        tabellen or build_tables(), inhoud, RUN, releases_map, papieren=papieren
    )
    activate(releases_map, release.name)
    return release


def reseal(release: Path) -> Path:
    """Make a release whole again after its store was changed; return its new folder."""
    manifest = json.loads((release / schema.BESTAND_MANIFEST).read_bytes())
    opzoek = release / schema.BESTAND_OPZOEK
    manifest["bestanden"][schema.BESTAND_OPZOEK] |= {
        "sha256": hash_file(opzoek), "bytes": opzoek.stat().st_size,
    }  # fmt: skip
    bytes_ = json.dumps(manifest).encode()
    pad = release / schema.BESTAND_MANIFEST
    pad.chmod(0o644)
    pad.write_bytes(bytes_)
    return release.rename(release.with_name(release_hash(bytes_)))


def rename_object(
    tabellen: Mapping[str, pa.Table], beheerobject_id: str, naam: str
) -> dict[str, pa.Table]:
    """Return the tables with another name for one object (a next delivery)."""
    objecten = tabellen[schema.BEHEEROBJECT.naam].to_pylist()
    for rij in objecten:
        if rij["beheerobject_id"] == beheerobject_id:
            rij["naam"] = naam
    return {**tabellen, schema.BEHEEROBJECT.naam: _table(schema.BEHEEROBJECT, objecten)}


def describe_zekerheid(label: int | None, grondslag: str) -> dict[str, Any]:
    """Return the columns that say how sure a label is; open data does not say."""
    kansen: list[float | None] = [None] * 5
    if label is not None and grondslag == "eigen":
        buren = [k for k in (label - 1, label + 1) if 1 <= k <= 5]
        kansen = [0.7 if k == label else 0.3 / len(buren) * (k in buren) for k in range(1, 6)]
    zeker = label is not None and grondslag == "eigen"
    reden = "ongewijzigd" if zeker else "onbekend" if label is None else "geen_demping"
    return {
        "ruw_sociaal_beheer_label": label,
        "model_sociaal_beheer_label": label,
        "reden_label_code": reden,
        "duiding_delta": None if label is None else 0,
        "duiding_reden_code": None,
        "standaardfout": 6.254 if zeker else None,
        "standaardfout_gesloten": 7.318 if zeker else None,
        **{f"kans_{k}": kans for k, kans in enumerate(kansen, start=1)},
        "label_laag": max(1, label - 1) if label is not None and zeker else None,
        "label_hoog": min(5, label + 1) if label is not None and zeker else None,
    }


def derive_wat_als(
    labels: list[dict[str, Any]], waarden: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows that a what-if needs, from the labels and the values behind them."""
    cel = ("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code")
    klein = {tuple(rij[k] for k in cel) for rij in waarden if rij["is_gebandeerd"]}
    eigen = [rij for rij in labels if rij["grondslag"] == "eigen"]
    laatste = max(rij["peildatum"] for rij in eigen)
    velden = schema.WAT_ALS.kolommen.names
    return [
        {
            **{naam: rij[naam] for naam in velden if naam in rij},
            "is_actueel": rij["peildatum"] == laatste,
            "is_gebandeerd": tuple(rij[k] for k in cel) in klein,
            **dict(zip(("knip_1", "knip_2", "knip_3", "knip_4"), KNIPPEN, strict=True)),
        }
        for rij in eigen
        if rij["peildatum"] == laatste or (rij["is_referentieperiode"] and rij["niveau"] != "wijk")
    ]


def _table(tabel: schema.Tabel, rijen: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rijen, schema=tabel.kolommen)


def _complexen() -> list[dict[str, Any]]:
    buurtnamen = {buurt_id: naam for buurt_id, naam, _, _ in _BUURTEN}
    return [
        {
            "niveau": "complex",
            "beheerobject_id": complex_id,
            "naam": naam,
            "code": complex_id.replace("C", "10-"),
            "buurt_id": buurt_id,
            "buurt_naam": buurtnamen[buurt_id],
            "wijk_id": "WK01",
            "wijk_naam": "Centrum",
            "gebouwtype_naam": "Portiekflat" if nummer % 2 else "Galerijflat",
            "verhuureenheden_aantal": eenheden,
            "lengtegraad": 4.40 + 0.012 * nummer,
            "breedtegraad": 51.905 + 0.006 * (nummer % 3),
            "straatnamen": straten,
            "is_beheercluster": complex_id == "C004",
            "is_gebied_gedeeld": False,
            "aantal_complexen": 1,
        }
        for nummer, (complex_id, buurt_id, naam, straten, eenheden, _) in enumerate(_COMPLEXEN)
    ]


def _buurten() -> list[dict[str, Any]]:
    return [
        {
            "niveau": "buurt",
            "beheerobject_id": buurt_id,
            "naam": naam,
            "code": buurt_id,
            "buurt_id": buurt_id,
            "buurt_naam": naam,
            "wijk_id": "WK01",
            "wijk_naam": "Centrum",
            "verhuureenheden_aantal": 120,
            "is_beheercluster": False,
            "is_gebied_gedeeld": buurt_id == "BU03",
            "aantal_complexen": 2,
        }
        for buurt_id, naam, _, _ in _BUURTEN
    ]


def _wijk() -> dict[str, Any]:
    return {
        "niveau": "wijk",
        "beheerobject_id": "WK01",
        "naam": "Centrum",
        "code": "WK01",
        "wijk_id": "WK01",
        "wijk_naam": "Centrum",
        "verhuureenheden_aantal": 335,
        "is_beheercluster": False,
        "is_gebied_gedeeld": False,
        "aantal_complexen": 6,
    }


def _veranderingen() -> list[dict[str, Any]]:
    """What changed at C001: reports, a survey that lacks, other dwellings, a hidden thing."""
    rijen: tuple[tuple[Any, ...], ...] = (
        ("waarde", "OVL", "ovl_melding", Decimal("310.5"), 0.4, 12.0, 8.0, False),
        ("dekking_weg", "LFB", "lfb_veilig", Decimal("-42.25"), -0.1, None, 6.5, False),
        ("samenstelling", "TOT", "", None, None, 84.0, 80.0, False),
        ("afgeschermd", "FIN", "", Decimal("12.5"), None, None, None, True),
    )
    return [
        {
            "niveau": "complex",
            "beheerobject_id": "C001",
            "grondslag": "eigen",
            "peildatum": KWARTALEN[-1],
            "soort_code": soort,
            "thema_code": thema,
            "indicator_code": indicator,
            "vorige_peildatum": KWARTALEN[-2],
            "effect": effect,
            "verschil": verschil,
            "waarde": waarde,
            "vorige_waarde": vorige_waarde,
            "leeftijd_kwartalen": 0 if indicator else None,
            "is_gebandeerd": is_gebandeerd,
            "volgorde": volgorde,
        }
        for volgorde, (
            soort,
            thema,
            indicator,
            effect,
            verschil,
            waarde,
            vorige_waarde,
            is_gebandeerd,
        ) in enumerate(rijen, start=1)
    ]


def _themabeelden() -> list[dict[str, Any]]:
    return [
        {
            "niveau": "complex",
            "beheerobject_id": "C001",
            "grondslag": "eigen",
            "peildatum": KWARTALEN[-1],
            "thema_code": thema,
            "volgens_bewoners": bewoners,
            "volgens_metingen": metingen,
            "is_een_bron": thema == "OVL",
        }
        for thema, bewoners, metingen in (("OVL", None, 1.2), ("LFB", 1.5, 0.1))
    ]


def _vormen() -> list[dict[str, Any]]:
    vormen = []
    for nummer, (buurt_id, _, _, _) in enumerate(_BUURTEN):
        west = 4.395 + 0.024 * nummer
        oost, zuid, noord = west + 0.023, 51.90, 51.925
        ring = [[west, zuid], [oost, zuid], [oost, noord], [west, noord], [west, zuid]]
        vorm = {"type": "Polygon", "coordinates": [ring]}
        vormen.append({"niveau": "buurt", "beheerobject_id": buurt_id, "geojson": json.dumps(vorm)})
    return vormen


def _add_series(
    labels: list[dict[str, Any]],
    waarden: list[dict[str, Any]],
    niveau: str,
    beheerobject_id: str,
    grondslag: str,
    dagen: tuple[date, ...],
    eind: int | None,
    eenheden: int,
    gepubliceerd: bool = True,
) -> None:
    """Add labels by peildatum and the indicator values behind them.

    The label reaches ``eind`` on the last two peildata and is one lower before.
    """
    for nummer, dag in enumerate(dagen):
        label = eind if eind is None or nummer >= len(dagen) - 2 else max(1, eind - 1)
        basis = {
            "niveau": niveau,
            "beheerobject_id": beheerobject_id,
            "grondslag": grondslag,
            "peildatum": dag,
        }
        for thema in ("TOT", *THEMAS):
            onbekend = label is None or (grondslag == "openbaar" and thema == "SOC")
            labels.append(
                {
                    **basis,
                    "thema_code": thema,
                    "score": None if onbekend else _SCORE_BIJ_LABEL[label],
                    "sociaal_beheer_label": None if onbekend else label,
                    **describe_zekerheid(None if onbekend else label, grondslag),
                    "reden_onbekend": "te weinig gegevens" if onbekend else None,
                    "aandeel_van_totaal": None if onbekend or thema == "TOT" else 0.2,
                    "gewicht_dekking": 0.0 if onbekend else 0.875,
                    "is_gepubliceerde_grondslag": gepubliceerd,
                    "is_referentieperiode": nummer < 4,
                    "is_achteraf_berekend": nummer < len(dagen) - 1,
                    "betrouwbaarheid": None,
                    "verhuureenheden_aantal": eenheden,
                    "methodeversie": "SBL-1",
                    "referentie_id": "r-0001",
                }
            )
        for plaats, (code, thema, *_rest) in enumerate(_INDICATOREN):
            if code.startswith("open") != (grondslag == "openbaar"):
                continue
            geen = label is None or code == "lfb_veilig"
            richting = -1 if plaats % 3 == 2 else 1
            waarden.append(
                {
                    **basis,
                    "indicator_code": code,
                    "thema_code": thema,
                    "waarde": None if geen else 2.5 + plaats + 1.234567 * (label or 0),
                    "stratum_waarde": 4.321 + plaats,
                    "portefeuille_waarde": 3.9 + plaats,
                    "gestandaardiseerd": None if geen else richting * 0.4 * (label or 0),
                    "gewicht": 1.0,
                    "bijdrage": None if geen else richting * (0.1 + 0.05 * plaats) * (label or 0),
                    "dekking_code": "geen_dekking" if geen else "gedekt",
                    "is_gebandeerd": niveau == "complex" and thema == "FIN" and eenheden < 50,
                    "leeftijd_kwartalen": 0,
                }
            )
