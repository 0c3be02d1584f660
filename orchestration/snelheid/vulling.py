"""A made release of any size, with answers as long as real ones: what the service is measured on.

The figures are drawn and mean nothing; no model or mart is run, so that a release of the size of
the whole sector is there in minutes. Does not belong here: the demo association
(``sources.demo``), which is what people look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.wijzer import activate

PEILDATA: Final = (date(2026, 7, 1), date(2026, 10, 1))
_THEMAS: Final = ("SHV", "OVL", "FIN", "SOC", "LFB")
_INDICATOREN: Final = tuple(f"{_THEMAS[k % 5].lower()}_meting_{k:02d}" for k in range(22))
_PER_BUURT, _PER_WIJK = 20, 200

Geheel = npt.NDArray[np.int64]


def publish_vulling(releases_map: Path, complexen: int, *, seed: int = 1, naam: str = "A") -> str:
    """Write a made release, serve it, and return its id.

    Parameters
    ----------
    releases_map
        Folder of the releases.
    complexen
        Number of complexes.
    seed
        Of the drawn figures.
    naam
        Of the association; another name makes another release.
    """
    release = write_vulling(releases_map, complexen, seed=seed, naam=naam)
    activate(releases_map, release.name)
    return release.name


def write_vulling(releases_map: Path, complexen: int, *, seed: int = 1, naam: str = "A") -> Path:
    """Write a made release and return its folder; see :func:`publish_vulling`."""
    inhoud = {
        "organisatie": f"Stichting Vulling {naam}",
        "gemeente": "Vulling",
        "synthetisch": True,
        "methodeversie": "SBL-1",
        "referentie_id": "r-0001",
        "klok": PEILDATA[-1].isoformat(),
        "leveringen": [],
    }
    tabellen = build_tabellen(complexen, np.random.default_rng(seed), naam)
    return write_release(tabellen, inhoud, {}, releases_map)


def name_complex(nummer: int) -> str:
    """Return the id of a complex, counted from 0."""
    return f"C{nummer:06d}"


def build_tabellen(complexen: int, rng: np.random.Generator, naam: str) -> dict[str, pa.Table]:
    """Return the tables of a release.

    Parameters
    ----------
    complexen
        Number of complexes; there is a buurt for every 20 of them and a wijk for every 200.
    rng
        Draws the figures.
    naam
        Stands in the name of every place, so that an answer shows of which release it is.
    """
    buurten = -(-complexen // _PER_BUURT)
    wijken = -(-complexen // _PER_WIJK)
    ids = [
        *(("complex", name_complex(k), k // _PER_BUURT, k // _PER_WIJK) for k in range(complexen)),
        *(("buurt", f"BU{k:06d}", k, k * _PER_BUURT // _PER_WIJK) for k in range(buurten)),
        *(("wijk", f"WK{k:06d}", None, k) for k in range(wijken)),
    ]
    n = len(ids)
    eenheden = rng.integers(8, 60, n)
    return {
        schema.BEHEEROBJECT.naam: _take(
            schema.BEHEEROBJECT,
            {
                "niveau": [i[0] for i in ids],
                "beheerobject_id": [i[1] for i in ids],
                "naam": [f"{i[0].capitalize()} {naam} {i[1][2:]}" for i in ids],
                "code": [i[1] for i in ids],
                "buurt_id": [None if i[2] is None else f"BU{i[2]:06d}" for i in ids],
                "buurt_naam": [None if i[2] is None else f"Buurt {naam} {i[2]:06d}" for i in ids],
                "wijk_id": [f"WK{i[3]:06d}" for i in ids],
                "wijk_naam": [f"Wijk {naam} {i[3]:06d}" for i in ids],
                "gebouwtype_naam": ["Portiekflat" if i[0] == "complex" else None for i in ids],
                "verhuureenheden_aantal": eenheden,
                "lengtegraad": rng.uniform(4.0, 5.0, n).round(5),
                "breedtegraad": rng.uniform(51.5, 52.5, n).round(5),
                "straatnamen": [f"Straat {i[1]}" if i[0] == "complex" else None for i in ids],
                "is_beheercluster": [False] * n,
                "is_gebied_gedeeld": [False] * n,
                "aantal_complexen": np.ones(n, dtype=np.int64),
            },
            n,
        ),
        schema.LABEL.naam: _build_labels(ids, eenheden, rng),
        schema.INDICATORWAARDE.naam: _build_waarden(ids, rng),
        schema.THEMA.naam: _take(
            schema.THEMA,
            {
                "thema_code": list(_THEMAS),
                "naam": [f"Thema {code}" for code in _THEMAS],
                "omschrijving": ["Vulling."] * 5,
                "gewicht": [1.0] * 5,
                "volgorde": list(range(1, 6)),
            },
            5,
        ),
        schema.INDICATOR.naam: _take(
            schema.INDICATOR,
            {
                "indicator_code": list(_INDICATOREN),
                "grondslag": ["eigen"] * 22,
                "thema_code": [code[:3].upper() for code in _INDICATOREN],
                "naam": [f"Meting {code}" for code in _INDICATOREN],
                "omschrijving": ["Vulling, over de laatste twaalf maanden."] * 22,
                "eenheid": ["per 100 woningen per jaar"] * 22,
                "richting": [1] * 22,
                "soort_meting": ["telling"] * 22,
                "gewicht": [1.0] * 22,
                "bron": ["vera"] * 22,
                "doel": ["sociaal_beheer_label"] * 22,
                "is_subjectief": [False] * 22,
            },
            22,
        ),
    }


def _build_labels(ids: list[Any], eenheden: Geheel, rng: np.random.Generator) -> pa.Table:
    n, themas, dagen = len(ids), ("TOT", *_THEMAS), PEILDATA
    per = len(themas) * len(dagen)
    score = rng.uniform(0, 100, n * per).round(3)
    label = np.digitize(score, [10, 30, 70, 90]) + 1
    kans = np.round(rng.dirichlet(np.full(5, 0.8), n * per), 3)
    return _take(
        schema.LABEL,
        {
            **_repeat(ids, per),
            "peildatum": [dag for dag in dagen for _ in themas] * n,
            "thema_code": list(themas) * (len(dagen) * n),
            "score": score,
            "sociaal_beheer_label": label,
            "ruw_sociaal_beheer_label": label,
            "model_sociaal_beheer_label": label,
            "reden_label_code": ["ongewijzigd"] * (n * per),
            "duiding_delta": np.zeros(n * per, dtype=np.int64),
            "standaardfout": np.full(n * per, 6.25),
            "standaardfout_gesloten": np.full(n * per, 7.3),
            **{f"kans_{k + 1}": kans[:, k] for k in range(5)},
            "label_laag": np.maximum(label - 1, 1),
            "label_hoog": np.minimum(label + 1, 5),
            "aandeel_van_totaal": [None if t == "TOT" else 0.2 for t in themas] * (len(dagen) * n),
            "gewicht_dekking": np.full(n * per, 0.95),
            "is_gepubliceerde_grondslag": [True] * (n * per),
            "is_referentieperiode": [False] * (n * per),
            "is_achteraf_berekend": [False] * (n * per),
            "verhuureenheden_aantal": np.repeat(eenheden, per),
            "methodeversie": ["SBL-1"] * (n * per),
            "referentie_id": ["r-0001"] * (n * per),
        },
        n * per,
    )


def _build_waarden(ids: list[Any], rng: np.random.Generator) -> pa.Table:
    n, per = len(ids), len(_INDICATOREN)
    z = rng.normal(size=n * per).round(3)
    return _take(
        schema.INDICATORWAARDE,
        {
            **_repeat(ids, per),
            "peildatum": [PEILDATA[-1]] * (n * per),
            "indicator_code": list(_INDICATOREN) * n,
            "thema_code": [code[:3].upper() for code in _INDICATOREN] * n,
            "waarde": (20 + 5 * z).round(2),
            "stratum_waarde": np.full(n * per, 21.5),
            "portefeuille_waarde": np.full(n * per, 20.5),
            "gestandaardiseerd": z,
            "gewicht": np.ones(n * per),
            "bijdrage": (z / 5).round(4),
            "dekking_code": ["gedekt"] * (n * per),
            "is_gebandeerd": [False] * (n * per),
            "leeftijd_kwartalen": np.zeros(n * per, dtype=np.int64),
        },
        n * per,
    )


def _repeat(ids: list[Any], per: int) -> dict[str, list[str]]:
    return {
        "niveau": [i[0] for i in ids for _ in range(per)],
        "beheerobject_id": [i[1] for i in ids for _ in range(per)],
        "grondslag": ["eigen"] * (len(ids) * per),
    }


def _take(tabel: schema.Tabel, kolommen: Mapping[str, Any], rijen: int) -> pa.Table:
    """Return a table of the release; a column that is not given is empty."""
    return pa.table(
        [
            pa.array(kolommen[veld.name], veld.type, from_pandas=True)
            if veld.name in kolommen
            else pa.nulls(rijen, veld.type)
            for veld in tabel.kolommen
        ],
        schema=tabel.kolommen,
    )
