"""An invented town as the tables of a release: rich enough to judge how the pages look.

Names, shapes and figures are drawn with one seed; the catalogue is the project's own. The
figures follow no method: they only look like what the method gives.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from serving.release import schema
from serving.release.schrijver import activate, write_release
from tests.unit.serving.voorbeeld_release import derive_wat_als, describe_zekerheid

PEILDATUM = date(2026, 10, 1)
SEEDS = Path(__file__).parents[4] / "dbt_project" / "seeds" / "methode"
THEMAS = ("SHV", "OVL", "FIN", "SOC", "LFB")
ROBUUSTHEID: Mapping[str, object] = {
    "methodeversie": "SBL-1.0a1b2c3d",
    "referentie_id": "eigen-0a1b2c3d4e5f",
    "codeversie": "0.1.0+0a1b2c3d.0a1b2c3d",
    "peildatum": "2026-10-01",
    "complexen_aantal": 20,
    "runs_aantal": 512,
    "doorrekeningen_aantal": 1792,
    "poorten": [
        {"naam": "zelfde_label", "waarde": 0.8125, "grens": 0.75, "geslaagd": True},
        {"naam": "rangverschuiving", "waarde": 0.0912, "grens": 0.06, "geslaagd": False},
        {"naam": "geen_keuze_overheerst", "waarde": 0.55, "grens": 0.6, "geslaagd": True},
    ],
    "keuzes": [
        {
            "naam": naam,
            "eerste": eerste,
            "eerste_marge": 0.05,
            "totaal": totaal,
            "totaal_marge": 0.05,
        }
        for naam, eerste, totaal in (
            ("gewichten", -0.004, 0.02),
            ("macht", 0.1, 0.12),
            ("normering", 0.05, 0.06),
            ("stratum", 0.5, 0.55),
            ("venster", 0.2, 0.3),
        )
    ],
    "zelfde_label": [0, 0, 1, 0, 2, 1, 3, 4, 5, 4],
    "rangen": [[0.05, 0.05, 0.15], [0.5, 0.2, 0.8], [1.0, 0.85, 1.0]],
}
INHOUD: Mapping[str, object] = {
    "robuustheid": ROBUUSTHEID,
    "organisatie": "Stichting Voorbeeldwonen",
    "gemeente": "Molenstad",
    "synthetisch": True,
    "methodeversie": "SBL-1",
    "referentie_id": "r-7f3a",
    "leveringen": [
        {"tabel": tabel, "sha256": f"{nummer:064x}", "rijen": 1000 * nummer + 37}
        for nummer, tabel in enumerate(
            (
                "vera.complex",
                "vera.eenheid",
                "vera.zaak",
                "vera.huurovereenkomst",
                "wijkbeheer.schouw",
                "huurdersonderzoek.antwoord",
            ),
            start=1,
        )
    ],
}
RUN: Mapping[str, object] = {"begonnen_op": "2026-10-03T05:30:00Z"}

_BUURTEN = (
    "Molenkwartier",
    "Havenkwartier",
    "Oude Stad",
    "Spoorbuurt",
    "Vogelwijk-Noord",
    "Vogelwijk-Zuid",
    "Rozenhof",
    "De Kreek",
    "Zandhoek",
    "Lindepark",
    "Kanaaleiland",
    "Watertoren",
    "Tuindorp",
    "Bomenbuurt",
    "Schildersbuurt",
    "Componistenwijk",
    "Westerpolder",
    "Oosterpolder",
    "Nieuwe Werf",
    "Dijkzicht",
    "Marktkwartier",
    "Hofstede",
    "Veenbuurt",
    "Landgoed Duinrust",
)
_WIJKEN = ("Centrum", "Noord", "Oost", "Zuid", "West")
_STAMMEN = (
    "Eik",
    "Beuk",
    "Linde",
    "Populier",
    "Meidoorn",
    "Kastanje",
    "Merel",
    "Reiger",
    "Zwaluw",
    "Kievit",
    "Anker",
    "Schipper",
    "Molen",
    "Wieken",
    "Bloesem",
    "Zonne",
    "Maan",
    "Rembrandt",
    "Vermeer",
    "Mozart",
    "Brahms",
    "Polder",
    "Dijk",
    "Sluis",
    "Toren",
    "Curaçao",
)
_GEBOUWEN = ("hof", "flat", "huis", "poort", "zicht", "toren", "staete", "erf")
_STRATEN = ("straat", "laan", "weg", "plein", "singel", "kade", "pad")
_TYPEN = (
    "Galerij- of andere hoogbouw",
    "Portiek- en boven-/benedenwoningen",
    "Eengezinswoningen",
)
_GRENZEN = tuple(1.1 * NormalDist().inv_cdf(deel) for deel in (0.1, 0.3, 0.7, 0.9))


@dataclass(frozen=True)
class Omvang:
    """How large the town is."""

    buurten: int = 24
    complexen: int = 150
    kwartalen: int = 15


@dataclass
class _Stad:
    loting: np.random.Generator
    omvang: Omvang
    kwartalen: list[date]
    indicatoren: list[dict[str, Any]]
    objecten: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    waarden: list[dict[str, Any]]
    vormen: list[dict[str, Any]]
    context: list[dict[str, Any]]


def build_stad(omvang: Omvang | None = None) -> dict[str, pa.Table]:
    """Return the tables of the town, ready for ``write_release``."""
    omvang = omvang or Omvang()
    stad = _Stad(
        loting=np.random.default_rng(20261001),
        omvang=omvang,
        kwartalen=_list_quarters(omvang.kwartalen),
        indicatoren=_read_catalogue(),
        objecten=[],
        labels=[],
        waarden=[],
        vormen=[],
        context=[],
    )
    buurten = _lay_out(stad)
    _add_complexen(stad, buurten)
    _add_areas(stad, buurten)
    return {
        schema.BEHEEROBJECT.naam: _table(schema.BEHEEROBJECT, stad.objecten),
        schema.LABEL.naam: _table(schema.LABEL, stad.labels),
        schema.INDICATORWAARDE.naam: _table(schema.INDICATORWAARDE, stad.waarden),
        schema.WAT_ALS.naam: _table(schema.WAT_ALS, derive_wat_als(stad.labels, stad.waarden)),
        schema.VORM.naam: _table(schema.VORM, stad.vormen),
        schema.CONTEXT.naam: _table(schema.CONTEXT, stad.context),
        schema.DEKKING.naam: _table(
            schema.DEKKING,
            [{"bron": "huurdersonderzoek", "kwartaal": PEILDATUM, "aandeel_gedekt": 0.8}],
        ),
        schema.RISICOMODEL.naam: _table(schema.RISICOMODEL, RISICOMODELLEN),
        schema.THEMA.naam: _table(schema.THEMA, _read_seed("thema")),
        schema.INDICATOR.naam: _table(schema.INDICATOR, stad.indicatoren),
    }


_GEEN_MODEL = "De vaste regel doet het werk. Het getrainde model kwam niet door de poort: "
RISICOMODELLEN: list[dict[str, Any]] = [
    {
        "model": "overlast",
        "peildatum": PEILDATUM,
        "stand": "kampioen",
        "scoreversie": "0a1b2c3d4e5f",
        "soort": "lineair",
        "k": 75,
        "getraind_op": date(2026, 7, 1),
        "aantal_complexen": 20,
        "zin": "Een getraind model kiest, en is door de poort.",
        "gezakt": "[]",
        "kaart": (
            "# Modelkaart overlast\n\n> **Synthetisch.** Verzonnen.\n\n"
            "## Doel\n\n| | |\n|---|---|\n| eigenaar | manager |\n\n"
            "## Hoe goed\n\n| toets op | regel |\n|---|---|\n| 2026 | 0,1 |\n\n"
            "<script>alert(1)</script>\n"
        ),
    },
    {
        "model": "woonfraude",
        "peildatum": PEILDATUM,
        "stand": "regel",
        "scoreversie": "regel-1",
        "soort": "regel",
        "k": 0,
        "getraind_op": None,
        "aantal_complexen": 20,
        "zin": _GEEN_MODEL + "6 % door loting.",
        "gezakt": '["6 % van de eigen onderzoeken is door loting gekozen."]',
        "kaart": "",
    },
]


def publish_stad(
    releases_map: Path,
    omvang: Omvang | None = None,
    inhoud: Mapping[str, object] = INHOUD,
) -> Path:
    """Write the town as a release and make it the served one."""
    release = write_release(build_stad(omvang), inhoud, RUN, releases_map)
    activate(releases_map, release.name)
    return release


def _list_quarters(aantal: int) -> list[date]:
    eind = PEILDATUM.year * 4 + (PEILDATUM.month - 1) // 3
    return [date(n // 4, n % 4 * 3 + 1, 1) for n in range(eind - aantal + 1, eind + 1)]


def _read_seed(naam: str) -> list[dict[str, Any]]:
    with (SEEDS / f"{naam}.csv").open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand))
    for rij in rijen:
        rij["gewicht"] = float(rij["gewicht"])
        for kolom in ("volgorde", "richting"):
            if kolom in rij:
                rij[kolom] = int(rij[kolom])
    return rijen


def _read_catalogue() -> list[dict[str, Any]]:
    rijen = []
    for grondslag in ("eigen", "openbaar"):
        for rij in _read_seed(f"indicator_{grondslag}"):
            rijen.append(
                {
                    **rij,
                    "grondslag": grondslag,
                    "soort_meting": rij.get("soort_meting", "waarde"),
                    "is_subjectief": rij["is_subjectief"] == "true",
                    "cel_minimum": int(rij.get("cel_minimum") or 0),
                }
            )
    return rijen


def _table(tabel: schema.Tabel, rijen: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{naam: rij.get(naam) for naam in tabel.kolommen.names} for rij in rijen],
        schema=tabel.kolommen,
    )


def _lay_out(stad: _Stad) -> list[dict[str, Any]]:
    """Cells of a Voronoi diagram inside a wobbly round town, with a river through it."""
    hoeken = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    straal = 0.03 * (1 + 0.13 * np.sin(3 * hoeken + 1) + 0.07 * np.sin(5 * hoeken))
    rand = shapely.Polygon(
        np.c_[4.70 + 1.55 * straal * np.cos(hoeken), 52.02 + 0.75 * straal * np.sin(hoeken)]
    )
    x = np.linspace(4.63, 4.78, 40)
    rivier = shapely.LineString(np.c_[x, 52.017 + 0.004 * np.sin(70 * (x - 4.63))]).buffer(0.0007)
    punten: list[shapely.Point] = []
    while len(punten) < stad.omvang.buurten:
        west, zuid, oost, noord = rand.bounds
        plek = shapely.Point(stad.loting.uniform(west, oost), stad.loting.uniform(zuid, noord))
        ruimte = 0.55 * math.sqrt(rand.area / stad.omvang.buurten)
        if rand.contains(plek) and all(plek.distance(ander) > ruimte for ander in punten):
            punten.append(plek)
    cellen = shapely.voronoi_polygons(shapely.MultiPoint(punten), extend_to=rand)
    buurten = []
    for nummer, cel in enumerate(cellen.geoms):
        vorm = cel.intersection(rand).difference(rivier).segmentize(0.0006)
        midden = vorm.representative_point()
        richting = math.atan2(midden.y - 52.02, midden.x - 4.70)
        dichtbij = math.hypot((midden.x - 4.70) / 1.55, (midden.y - 52.02) / 0.75) < 0.011
        wijk = 0 if dichtbij else 1 + int((richting + math.pi) / (math.pi / 2)) % 4
        naam = _BUURTEN[nummer % len(_BUURTEN)]
        if nummer >= len(_BUURTEN):
            naam = f"{naam} {nummer // len(_BUURTEN) + 1}"
        buurten.append(
            {
                "id": f"BU0999{nummer:04d}",
                "naam": naam,
                "wijk_id": f"WK0999{wijk:02d}",
                "wijk_naam": _WIJKEN[wijk],
                "vorm": vorm,
                "effect": float(stad.loting.normal(0, 0.55)),
                "complexen": [],
            }
        )
        stad.vormen.append(
            {
                "niveau": "buurt",
                "beheerobject_id": f"BU0999{nummer:04d}",
                "geojson": shapely.to_geojson(vorm),
            }
        )
    return buurten


def _add_complexen(stad: _Stad, buurten: list[dict[str, Any]]) -> None:
    gebruikt: set[str] = set()
    for nummer in range(stad.omvang.complexen):
        # The last three buurten have no dwellings of the association.
        buurt = buurten[int(stad.loting.integers(0, max(1, len(buurten) - 3)))]
        eenheden = int(np.clip(stad.loting.lognormal(3.6, 0.9), 4, 420))
        naam = _name_complex(stad, gebruikt, nummer)
        plek = _find_place(stad, buurt["vorm"])
        complex_id = f"C{nummer + 1:05d}"
        buurt["complexen"].append(eenheden)
        stad.objecten.append(
            {
                "niveau": "complex",
                "beheerobject_id": complex_id,
                "naam": naam,
                "code": f"{10 + nummer // 100}-{nummer % 100:02d}",
                "buurt_id": buurt["id"],
                "buurt_naam": buurt["naam"],
                "wijk_id": buurt["wijk_id"],
                "wijk_naam": buurt["wijk_naam"],
                "gebouwtype_naam": _TYPEN[nummer % 3],
                "verhuureenheden_aantal": eenheden,
                "lengtegraad": round(plek.x, 6),
                "breedtegraad": round(plek.y, 6),
                "straatnamen": ", ".join(_name_streets(stad)),
                "is_beheercluster": False,
                "is_gebied_gedeeld": False,
                "aantal_complexen": 1,
            }
        )
        reden = None
        if eenheden < 10:
            reden = f"Minder dan 10 woningen: zie beheercluster BC-{buurt['id']}-portiek"
            if nummer % 2:
                reden = "Minder dan 10 woningen: zie het label van de buurt"
        elif nummer % 29 == 7:
            reden = (
                "Te weinig thema's met genoeg gegevens, of schoon heel veilig of overlast ontbreekt"
            )
        _add_series(
            stad,
            "complex",
            complex_id,
            eenheden,
            effect=buurt["effect"],
            reden=reden,
            zonder_onderzoek=nummer % 6 == 5,
        )
    _add_clusters(stad, buurten)


def _add_clusters(stad: _Stad, buurten: list[dict[str, Any]]) -> None:
    for buurt in buurten:
        klein = [aantal for aantal in buurt["complexen"] if aantal < 10]
        if not klein:
            continue
        cluster_id = f"BC-{buurt['id']}-portiek"
        stad.objecten.append(
            {
                "niveau": "complex",
                "beheerobject_id": cluster_id,
                "naam": f"Kleine complexen {buurt['naam']}, portiek- en boven-/benedenwoningen",
                "buurt_id": buurt["id"],
                "buurt_naam": buurt["naam"],
                "wijk_id": buurt["wijk_id"],
                "wijk_naam": buurt["wijk_naam"],
                "gebouwtype_naam": _TYPEN[1],
                "verhuureenheden_aantal": sum(klein) + 10,
                "is_beheercluster": True,
                "is_gebied_gedeeld": False,
                "aantal_complexen": len(klein),
            }
        )
        _add_series(stad, "complex", cluster_id, sum(klein) + 10, effect=buurt["effect"])


def _name_complex(stad: _Stad, gebruikt: set[str], nummer: int) -> str:
    for _ in range(40):
        naam = f"{stad.loting.choice(_STAMMEN)}{stad.loting.choice(_GEBOUWEN)}"
        if naam not in gebruikt:
            gebruikt.add(naam)
            return naam
    return f"{stad.loting.choice(_STAMMEN)}{stad.loting.choice(_GEBOUWEN)} {nummer}"


def _name_streets(stad: _Stad) -> list[str]:
    aantal = int(stad.loting.integers(1, 4))
    return [f"{stad.loting.choice(_STAMMEN)}{stad.loting.choice(_STRATEN)}" for _ in range(aantal)]


def _find_place(stad: _Stad, vorm: shapely.Geometry) -> shapely.Point:
    west, zuid, oost, noord = vorm.bounds
    for _ in range(60):
        plek = shapely.Point(stad.loting.uniform(west, oost), stad.loting.uniform(zuid, noord))
        if vorm.contains(plek):
            return plek
    return vorm.representative_point()


def _add_areas(stad: _Stad, buurten: list[dict[str, Any]]) -> None:
    for nummer, buurt in enumerate(buurten):
        eenheden = sum(buurt["complexen"])
        stad.objecten.append(
            {
                "niveau": "buurt",
                "beheerobject_id": buurt["id"],
                "naam": buurt["naam"],
                "code": buurt["id"],
                "wijk_id": buurt["wijk_id"],
                "wijk_naam": buurt["wijk_naam"],
                "verhuureenheden_aantal": eenheden,
                "is_beheercluster": False,
                "is_gebied_gedeeld": nummer == len(buurten) - 1,
                "aantal_complexen": len(buurt["complexen"]),
            }
        )
        eigen = eenheden >= 50
        if eenheden:
            _add_series(
                stad, "buurt", buurt["id"], eenheden, effect=buurt["effect"], gepubliceerd=eigen
            )
        _add_series(
            stad,
            "buurt",
            buurt["id"],
            eenheden,
            effect=buurt["effect"],
            grondslag="openbaar",
            gepubliceerd=not eigen,
            reden=None if nummer != len(buurten) - 2 else "Geen gegevens",
        )
        for jaar, kenmerk, waarde in (
            (2024, "misdrijven_index", 100 * math.exp(buurt["effect"])),
            (0, "advertenties_aantal", 3 * nummer + 1),
        ):
            stad.context.append(
                {
                    "beheerobject_id": buurt["id"],
                    "kenmerk": kenmerk,
                    "waarde": round(float(waarde), 1),
                    "jaar": jaar,
                    "bron": "politie" if jaar else "airbnb",
                }
            )
    for wijk_id, wijk_naam in sorted({(rij["wijk_id"], rij["wijk_naam"]) for rij in buurten}):
        binnen = [rij for rij in buurten if rij["wijk_id"] == wijk_id]
        eenheden = sum(sum(rij["complexen"]) for rij in binnen)
        stad.objecten.append(
            {
                "niveau": "wijk",
                "beheerobject_id": wijk_id,
                "naam": wijk_naam,
                "code": wijk_id,
                "verhuureenheden_aantal": eenheden,
                "is_beheercluster": False,
                "is_gebied_gedeeld": False,
                "aantal_complexen": sum(len(rij["complexen"]) for rij in binnen),
            }
        )
        effect = float(np.mean([rij["effect"] for rij in binnen]))
        _add_series(stad, "wijk", wijk_id, eenheden, effect=effect)


def _add_series(
    stad: _Stad,
    niveau: str,
    beheerobject_id: str,
    eenheden: int,
    *,
    effect: float,
    grondslag: str = "eigen",
    gepubliceerd: bool = True,
    reden: str | None = None,
    zonder_onderzoek: bool = False,
) -> None:
    """Add a walk of five themes through time, and the indicators of the last step."""
    dagen = (
        stad.kwartalen
        if grondslag == "eigen"
        else [date(jaar, 12, 31) for jaar in (2021, 2023, 2025)]
    )
    aantal = len(dagen)
    z = effect + stad.loting.normal(0, 0.75, len(THEMAS))
    for nummer, dag in enumerate(dagen):
        z = z + stad.loting.normal(0, 0.11, len(THEMAS))
        basis = {
            "niveau": niveau,
            "beheerobject_id": beheerobject_id,
            "grondslag": grondslag,
            "peildatum": dag,
        }
        redenen = dict.fromkeys(("TOT", *THEMAS), reden)
        if zonder_onderzoek:
            redenen["LFB"] = redenen["LFB"] or "Te weinig gegevens voor dit thema"
            if aantal > 8 and nummer in (3, 4):
                redenen["TOT"] = "Te weinig thema's met genoeg gegevens"
        _add_labels(stad, basis, z, redenen, gepubliceerd, eenheden, nummer, len(dagen))
    # A complex that is too small is not measured at all.
    if not (reden or "").startswith("Minder dan"):
        _add_values(stad, basis, z, redenen, eenheden)


def _add_labels(
    stad: _Stad,
    basis: dict[str, Any],
    z: np.ndarray,
    redenen: dict[str, str | None],
    gepubliceerd: bool,
    eenheden: int,
    nummer: int,
    aantal: int,
) -> None:
    score = {thema: 100 * NormalDist().cdf(waarde) for thema, waarde in zip(THEMAS, z, strict=True)}
    bekend = {thema: score[thema] for thema in THEMAS if redenen[thema] is None}
    kwadraten = sum(waarde**2 for waarde in bekend.values())
    totaal = math.sqrt(kwadraten / len(bekend)) if bekend else 0.0
    for thema in ("TOT", *THEMAS):
        waarde = totaal if thema == "TOT" else score[thema]
        plaats = NormalDist().inv_cdf(min(0.999, max(0.001, waarde / 100)))
        if thema == "TOT":
            plaats = (waarde - 57) / 17
        onbekend = redenen[thema] is not None
        label = None if onbekend else 1 + sum(plaats > grens for grens in _GRENZEN)
        stad.labels.append(
            {
                **basis,
                "thema_code": thema,
                "score": None if onbekend else round(waarde, 3),
                "sociaal_beheer_label": label,
                **describe_zekerheid(label, basis["grondslag"]),
                "reden_onbekend": redenen[thema],
                "aandeel_van_totaal": None
                if onbekend or thema == "TOT"
                else score[thema] ** 2 / kwadraten,
                "gewicht_dekking": 0.0 if onbekend else (0.8 if any(redenen.values()) else 1.0),
                "is_gepubliceerde_grondslag": gepubliceerd,
                "is_referentieperiode": nummer < 8 and basis["grondslag"] == "eigen",
                "is_achteraf_berekend": nummer < aantal - 2,
                "betrouwbaarheid": None,
                "verhuureenheden_aantal": eenheden,
                "methodeversie": "SBL-1",
                "referentie_id": "r-7f3a",
            }
        )


def _add_values(
    stad: _Stad,
    basis: dict[str, Any],
    z: np.ndarray,
    redenen: dict[str, str | None],
    eenheden: int,
) -> None:
    eigen = [rij for rij in stad.indicatoren if rij["grondslag"] == basis["grondslag"]]
    gewicht_van_thema = {
        thema: sum(rij["gewicht"] for rij in eigen if rij["thema_code"] == thema)
        for thema in THEMAS
    }
    for indicator in eigen:
        thema = indicator["thema_code"]
        geen = redenen["TOT"] is not None or (
            redenen[thema] is not None and indicator["bron"].startswith("huurders")
        )
        u = float(np.clip(z[THEMAS.index(thema)] + stad.loting.normal(0, 0.7), -3, 3))
        klein = basis["niveau"] == "complex" and indicator["cel_minimum"] and eenheden < 60
        stad.waarden.append(
            {
                **basis,
                "indicator_code": indicator["indicator_code"],
                "thema_code": thema,
                "waarde": None if geen else _measure(indicator, u),
                "stratum_waarde": _measure(indicator, 0.1)
                if basis["niveau"] == "complex"
                else None,
                "portefeuille_waarde": _measure(indicator, 0.0),
                "gestandaardiseerd": None if geen else u,
                "gewicht": indicator["gewicht"],
                "bijdrage": None if geen else u * indicator["gewicht"] / gewicht_van_thema[thema],
                "dekking_code": "geen_dekking" if geen else "gedekt",
                "is_gebandeerd": bool(klein) and not geen,
                "leeftijd_kwartalen": 2 if indicator["bron"].startswith("huurders") else 0,
            }
        )


def _measure(indicator: Mapping[str, Any], u: float) -> float:
    signed = u * indicator["richting"]
    eenheid = indicator["eenheid"]
    if eenheid == "cijfer 1-10":
        return 6.9 + 0.6 * signed
    if eenheid.startswith("index"):
        return 100 + 11 * signed
    if eenheid == "%" and indicator["richting"] == -1:
        return 55 + 8 * signed
    basis = {"aandeel": 0.06, "dagen": 14.0, "%": 18.0, "per 1.000 inwoners": 7.0}.get(
        eenheid, 0.06
    )
    return basis * math.exp(0.45 * signed)
