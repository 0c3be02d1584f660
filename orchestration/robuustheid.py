"""The robustness report in the data folder: made once per method, reference and code.

Belongs here: what the report's files say, and whether it is there already. Does not belong here:
how robust a label is (``models.label.robuustheid``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.label import keten, robuustheid
from models.label.robuustheid import KEUZES, Robuustheid

FEITEN = "robuustheid.json"
PER_COMPLEX = "complex.parquet"
_PUNTEN = 60
_BAKKEN = 10


def make_kenmerk(methodeversie: str, referentie_id: str, codeversie: str) -> dict[str, str]:
    """Return what a report was made with: another one of these makes another report."""
    code = b"".join(
        Path(str(module.__file__)).read_bytes().replace(b"\r\n", b"\n")
        for module in (keten, robuustheid)
    )
    return {
        "methodeversie": methodeversie,
        "referentie_id": referentie_id,
        "codeversie": f"{codeversie}.{hashlib.sha256(code).hexdigest()[:8]}",
    }


def read_feiten(map_: Path, methodeversie: str) -> dict[str, Any] | None:
    """Return the facts of the report on a method, or None when there is none."""
    pad = map_ / methodeversie / FEITEN
    if not pad.exists():
        return None
    feiten: dict[str, Any] = json.loads(pad.read_text(encoding="utf-8"))
    return feiten


def has_kenmerk(feiten: Mapping[str, Any] | None, kenmerk: Mapping[str, str]) -> bool:
    """Return whether the report is there and made with the same method, reference and code."""
    return feiten is not None and {naam: feiten[naam] for naam in kenmerk} == dict(kenmerk)


def write_robuustheid(
    gevonden: Robuustheid, eenheden: tuple[str, ...], kenmerk: Mapping[str, str], map_: Path
) -> dict[str, Any]:
    """Write the report: a row per complex, and the facts last; return the facts."""
    eigen = map_ / kenmerk["methodeversie"]
    eigen.mkdir(parents=True, exist_ok=True)
    tabel = pa.table(
        {
            "beheereenheid_id": [eenheden[code] for code in gevonden.eenheid],
            "sociaal_beheer_label": pa.array(gevonden.label, pa.int32()),
            "aandeel_zelfde_label": np.round(gevonden.aandeel_zelfde, 6),
            "rang": gevonden.rang,
            "rang_laag": np.round(gevonden.rang_laag, 6),
            "rang_hoog": np.round(gevonden.rang_hoog, 6),
        }
    )
    pq.write_table(tabel.sort_by("beheereenheid_id"), eigen / PER_COMPLEX)
    feiten = {**kenmerk, **describe_robuustheid(gevonden)}
    tijdelijk = eigen / f"{FEITEN}.deel"
    tijdelijk.write_text(json.dumps(feiten, indent=1, sort_keys=True), encoding="utf-8")
    tijdelijk.replace(eigen / FEITEN)
    return feiten


def describe_robuustheid(gevonden: Robuustheid) -> dict[str, Any]:
    """Return the report as facts that may go out: no complex can be found in them.

    ``zelfde_label`` counts complexes per tenth of the runs that give the same label;
    ``rangen`` are rank and range of complexes evenly spread over the ranking, as shares.
    """
    n = len(gevonden.rang)
    volgorde = np.argsort(gevonden.rang, kind="stable")
    plekken = volgorde[np.unique(np.linspace(0, n - 1, min(n, _PUNTEN)).round().astype(int))]
    bakken = np.minimum((gevonden.aandeel_zelfde * _BAKKEN + 1e-9).astype(int), _BAKKEN - 1)
    jaar, kwartaal = divmod(gevonden.kwartaal - 1, 4)
    return {
        "peildatum": date(jaar, 3 * kwartaal + 1, 1).isoformat(),
        "complexen_aantal": n,
        "runs_aantal": gevonden.runs,
        "doorrekeningen_aantal": gevonden.doorrekeningen,
        "poorten": [
            {
                "naam": poort.naam,
                "waarde": _round(poort.waarde),
                "grens": poort.grens,
                "geslaagd": poort.geslaagd,
            }
            for poort in gevonden.poorten
        ],
        "keuzes": [
            {
                "naam": naam,
                "eerste": _round(gevonden.eerste[i]),
                "eerste_marge": _round(gevonden.eerste_marge[i]),
                "totaal": _round(gevonden.totaal[i]),
                "totaal_marge": _round(gevonden.totaal_marge[i]),
            }
            for i, naam in enumerate(KEUZES)
        ],
        "zelfde_label": np.bincount(bakken, minlength=_BAKKEN).tolist(),
        "rangen": [
            [
                _round(reeks[i] / n)
                for reeks in (gevonden.rang, gevonden.rang_laag, gevonden.rang_hoog)
            ]
            for i in plekken
        ],
    }


def _round(waarde: float) -> float:
    return round(float(waarde), 4)
