"""Leaks in what is delivered: columns that know the outcome before it happened.

A source system fills some columns only once a case has gone wrong (the name of a lawyer, the day
of a verdict). Trained on, such a column looks splendid, and on the day of prediction it is empty.

Belongs here: the question whether one delivered column gives an outcome away. Does not belong
here: leaks by time (``tijdsplitsing.check_gat``; a fact counts from the month it was known), what
may be read at all (``orchestration.doelbinding``), reading tables.

Source: design paper on the risk models, "Design" (all features known at the peildatum).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from vera.errors import BuurtpeilError

Getal = npt.NDArray[np.float64]
Geheel = npt.NDArray[np.int64]
Vlag = npt.NDArray[np.bool_]
Kolom = npt.NDArray[Any]

_BAKKEN = 10
_EMPTY = -1


class LekFout(BuurtpeilError):
    """Columns and outcome that cannot be laid side by side."""


@dataclass(frozen=True)
class LekDrempels:
    """When a column gives the outcome away.

    Attributes
    ----------
    aandeel
        Share of the filled (or of the empty) rows that have the outcome.
    informatie
        Mutual information with the outcome, as a share of the outcome's entropy.
    minimum_rijen
        Rows that must have the outcome, and rows that a value must have to count as a value.
    """

    aandeel: float = 0.95
    informatie: float = 0.9
    minimum_rijen: int = 10


@dataclass(frozen=True)
class Lek:
    """A column that gives the outcome away.

    ``soort`` says how: it is (almost) only filled, or only empty, where the outcome came, or its
    value tells. ``informatie`` is the share of the outcome's entropy, 0 to 1.
    """

    kolom: str
    soort: Literal["alleen_gevuld", "alleen_leeg", "waarde"]
    aandeel: float
    informatie: float
    rijen: int


def find_lekken(
    kolommen: Mapping[str, Kolom], y: Getal, drempels: LekDrempels | None = None
) -> list[Lek]:
    """Return the columns of a delivered table that give an outcome away.

    Parameters
    ----------
    kolommen
        Columns by name, each (R,) of text, numbers, days or flags; None, NaN, NaT and empty text
        are empty.
    y
        Whether the outcome came later, (R,) of 0 and 1.
    drempels
        When it counts as giving away.

    Returns
    -------
    list of Lek
        Strongest first; at most one per column. Empty where fewer than ``minimum_rijen`` rows
        have the outcome, or all of them: then nothing can be told.

    Raises
    ------
    LekFout
        When a column is not as long as the outcome, or the outcome is not 0 or 1.
    """
    grens = drempels or LekDrempels()
    if y.ndim != 1 or not np.isin(y, (0.0, 1.0)).all():
        raise LekFout(
            "De uitkomst is niet overal 0 of 1.",
            verwacht="een rij nullen en enen",
            remedie="laat rijen waarvan de uitkomst nog niet bekend is weg",
        )
    uitkomst = y.astype(bool)
    if not grens.minimum_rijen <= uitkomst.sum() < y.size:
        return []
    gevonden = []
    for naam, kolom in kolommen.items():
        if kolom.shape != y.shape:
            raise LekFout(
                f"Kolom {naam} heeft vorm {kolom.shape} en de uitkomst {y.shape}.",
                verwacht="even lange rijen",
                remedie="neem beide uit dezelfde tabel",
            )
        lek = _judge(naam, kolom, uitkomst, grens)
        if lek is not None:
            gevonden.append(lek)
    return sorted(gevonden, key=lambda lek: (-lek.informatie, lek.kolom))


def compute_informatie(groep: Geheel, uitkomst: Vlag) -> float:
    """Return mutual information of groups and an outcome, as a share of its entropy.

    Parameters
    ----------
    groep
        Group of each row, (R,), any integers.
    uitkomst
        Whether the outcome came, (R,), neither all true nor all false.
    """
    _, nummer = np.unique(groep, return_inverse=True)
    telling = np.zeros((int(nummer.max()) + 1, 2))
    np.add.at(telling, (nummer, uitkomst.astype(np.int64)), 1.0)
    samen = telling / telling.sum()
    los = samen.sum(axis=1, keepdims=True) * samen.sum(axis=0, keepdims=True)
    gevuld = samen > 0
    informatie = float((samen[gevuld] * np.log(samen[gevuld] / los[gevuld])).sum())
    kans = samen.sum(axis=0)
    return informatie / float(-(kans * np.log(kans)).sum())


def _judge(naam: str, kolom: Kolom, uitkomst: Vlag, grens: LekDrempels) -> Lek | None:
    leeg = _find_leeg(kolom)
    basis = float(uitkomst.mean())
    for soort, deel in (("alleen_gevuld", ~leeg), ("alleen_leeg", leeg)):
        rijen = int(deel.sum())
        if rijen < grens.minimum_rijen or rijen == leeg.size:
            continue
        aandeel = float(uitkomst[deel].mean())
        # halfway to certainty as well: where nearly all rows have the outcome, a share says nothing
        if aandeel >= max(grens.aandeel, (1.0 + basis) / 2.0):
            informatie = compute_informatie(leeg.astype(np.int64), uitkomst)
            return Lek(
                naam,
                "alleen_gevuld" if soort == "alleen_gevuld" else "alleen_leeg",
                aandeel,
                informatie,
                rijen,
            )
    groep = _group(kolom, leeg, grens.minimum_rijen)
    informatie = compute_informatie(groep, uitkomst)
    if informatie < grens.informatie:
        return None
    return Lek(naam, "waarde", 1.0, informatie, int((~leeg).sum()))


def _find_leeg(kolom: Kolom) -> Vlag:
    if kolom.dtype.kind == "f":
        return np.isnan(kolom)
    if kolom.dtype.kind in "mM":
        return np.isnat(kolom)
    if kolom.dtype.kind in "biu":
        return np.zeros(kolom.shape, dtype=bool)
    return np.array(
        [x is None or x == "" or (isinstance(x, float) and math.isnan(x)) for x in kolom.tolist()],
        dtype=bool,
    )


def _group(kolom: Kolom, leeg: Vlag, minimum_rijen: int) -> Geheel:
    """Return a group per row: empty, a value with enough rows, a tenth of the numbers, the rest.

    A value of one row tells everything of that row and nothing of the next: an identifier is no
    leak, so rare values go together.
    """
    groep = np.full(kolom.shape, _EMPTY, dtype=np.int64)
    gevuld = kolom[~leeg]
    if gevuld.size == 0:
        return groep
    waarden, nummer = np.unique(
        gevuld.astype(str) if gevuld.dtype.kind == "O" else gevuld, return_inverse=True
    )
    aantal = np.bincount(nummer)
    if gevuld.dtype.kind in "fiumM" and waarden.size > _BAKKEN:
        # tenths of the rank, so that days and numbers need no scale
        rang = np.cumsum(aantal) - aantal
        groep[~leeg] = (rang * _BAKKEN // gevuld.size)[nummer]
        return groep
    groep[~leeg] = np.where(aantal[nummer] >= minimum_rijen, nummer, waarden.size)
    return groep
