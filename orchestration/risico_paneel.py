"""From rows of the feature models to the panels that risk models learn from and score.

Belongs here: the allow-list, and tables as arrays, for the line and simulated worlds alike. Does
not belong here: where the rows come from (``risico``, ``risico_wereld``), or a feature (dbt).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.overlast.regel import KOLOMMEN
from models.risico.kenmerk import Kenmerk, build_kenmerken
from models.risico.paneel import Geheel, Getal, Paneel
from models.woonfraude.cohort import find_rijen
from orchestration.werkmap import DBT_MAP

KENMERK_SEED = DBT_MAP / "seeds" / "risico" / "risico_kenmerk.csv"
RUW_OVERLAST = tuple(naam for naam in KOLOMMEN if naam != "aantal_eenheden")
"""Counts as they are, that the rule reads beside the features."""


def read_toegestaan(model: str) -> tuple[Kenmerk, ...]:
    """Return the allow-list of a model: rows of the seed ``risico_kenmerk``."""
    with KENMERK_SEED.open(encoding="utf-8", newline="") as bestand:
        return build_kenmerken(list(csv.DictReader(bestand)), model)


def build_overlast_paneel(
    tabel: pa.Table, kenmerken: Sequence[Kenmerk], uitkomst: pa.Table | None
) -> Paneel:
    """Return rows of ``int_overlast__kenmerk`` as a panel.

    Parameters
    ----------
    tabel
        Rows of the model.
    kenmerken
        Features to take along, from the allow-list.
    uitkomst
        Rows of ``int_overlast__uitkomst``; left out, no outcome is known.
    """
    paneel = _build_paneel(tabel, kenmerken, RUW_OVERLAST)
    if uitkomst is None:
        return paneel
    return replace(paneel, y=match_uitkomst(paneel, uitkomst)[0])


def match_uitkomst(paneel: Paneel, uitkomst: pa.Table) -> tuple[Getal, Getal]:
    """Return what followed on each row of a panel: escalation and surge, each of shape (R,).

    NaN while it is open, out of the cohort, or not in ``uitkomst``, which are rows of
    ``int_overlast__uitkomst``.
    """
    rij = find_rijen(
        paneel, _to_tekst(uitkomst["complex_id"]), _to_peilmaanden(uitkomst["peildatum"])
    )
    telt = rij >= 0
    in_cohort = uitkomst["is_in_cohort"].to_numpy(zero_copy_only=False).astype(bool)

    def column(naam: str) -> Getal:
        waarde = uitkomst[naam].cast(pa.float64()).to_numpy(zero_copy_only=False)
        alle = np.full(len(paneel), np.nan)
        alle[rij[telt]] = np.where(in_cohort, waarde, np.nan)[telt]
        return alle

    return column("escalatie"), column("piek")


def build_woonfraude_paneel(tabel: pa.Table, kenmerken: Sequence[Kenmerk]) -> Paneel:
    """Return rows of ``int_woonfraude__kenmerk`` as a panel; outcomes are in the log."""
    return _build_paneel(tabel, kenmerken, ())


def _build_paneel(tabel: pa.Table, kenmerken: Sequence[Kenmerk], ruw: Sequence[str]) -> Paneel:
    def column(naam: str) -> Getal:
        return np.asarray(
            tabel[naam].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64
        )

    if "buurt_id" in tabel.column_names:
        _, buurt = np.unique(_to_tekst(tabel["buurt_id"]), return_inverse=True)
    else:
        buurt = np.zeros(tabel.num_rows, dtype=np.int64)
    return Paneel(
        complex_id=_to_tekst(tabel["complex_id"]),
        peilmaand=_to_peilmaanden(tabel["peildatum"]),
        buurt=buurt.astype(np.int64),
        eenheden=tabel["aantal_eenheden"].cast(pa.int64()).to_numpy(zero_copy_only=False),
        x=np.column_stack([column(kenmerk.naam) for kenmerk in kenmerken]),
        kenmerken=tuple(kenmerken),
        y=np.full(tabel.num_rows, np.nan),
        ruw={naam: column(naam) for naam in ruw},
    )


def _to_tekst(kolom: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    return np.asarray(kolom.to_numpy(zero_copy_only=False)).astype(np.str_)


def _to_peilmaanden(kolom: pa.ChunkedArray) -> Geheel:
    dagen = kolom.cast(pa.date32()).to_numpy(zero_copy_only=False)
    return np.asarray(dagen).astype("datetime64[M]").astype(np.int64)
