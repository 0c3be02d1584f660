"""Columns of a publisher's file: how the value of a buurt becomes that of a wijk or the city.

And the writing of cells: decimal comma, percentages, missing, a head as the publisher has it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sources.demo.toeval import Geheel, Getal, compute_sigmoide

_KOP_MAP = Path(__file__).parents[1] / "kop"
# How strongly a column follows its latent, and its own lasting and yearly noise.
_TREK, _EIGEN, _RUIS = 0.45, 0.20, 0.08


@dataclass(frozen=True)
class KopKolom:
    """One column of a real file's head.

    ``vorm`` says what stands in it (``procent``, ``getal``, ``index``, ...), ``niveau`` its
    usual value, ``richting`` whether it rises (1), falls (-1) or is indifferent (0) where the
    latent of ``bron`` rises.
    """

    bestand: str
    positie: int
    kop: str
    eenheid: str
    vorm: str
    decimalen: int
    niveau: float
    richting: int
    bron: str


@cache
def read_kop(naam: str) -> tuple[KopKolom, ...]:
    """Return the columns of ``kop/<naam>.csv`` in the order of the file."""
    with (_KOP_MAP / f"{naam}.csv").open(encoding="utf-8", newline="") as bestand:
        return tuple(
            KopKolom(
                bestand=rij.get("bestand") or naam,
                positie=int(rij["positie"]),
                kop=rij["kop"],
                eenheid=rij.get("eenheid") or "",
                vorm=rij["vorm"],
                decimalen=int(rij["decimalen"]),
                niveau=float(rij["niveau"] or 0.0),
                richting=int(rij["richting"] or 0),
                bron=rij["bron"],
            )
            for rij in csv.DictReader(bestand)
        )


def draw_kolom(rng: np.random.Generator, kolom: KopKolom, druk: Getal) -> Getal:
    """Draw a column (J x B) around its usual level.

    Shares move on the logit scale, other figures in proportion; both keep a noise of their
    own per buurt through the years.

    Parameters
    ----------
    rng
        Generator of the source.
    kolom
        The column.
    druk
        Latent of the column's source, J x B.
    """
    eigen = _EIGEN * rng.normal(size=druk.shape[1])
    stap = kolom.richting * _TREK * druk + eigen + _RUIS * rng.normal(size=druk.shape)
    if kolom.vorm == "procent" or kolom.eenheid == "%":
        deel = min(max(kolom.niveau / 100.0, 0.0005), 0.9995)
        uitkomst: Getal = 100.0 * compute_sigmoide(np.log(deel / (1.0 - deel)) + stap)
        return uitkomst
    return kolom.niveau * np.exp(0.8 * stap)


def add_gebieden(
    waarde: Getal, groep: Geheel, gewicht: Geheel | Getal, *, tel_op: bool
) -> Getal:
    """Return values of the buurten, then of the wijken, then of the city.

    Parameters
    ----------
    waarde
        Per buurt (B).
    groep
        Index of the wijk of each buurt (B).
    gewicht
        Weight of each buurt (B), not used for sums.
    tel_op
        Whether a wijk has the sum of its buurten, or their weighted mean.

    Returns
    -------
    ndarray
        B + W + 1 values.
    """
    w = np.ones(waarde.size) if tel_op else gewicht.astype(np.float64)
    wijken = int(groep.max()) + 1
    som: Getal = np.bincount(groep, weights=waarde * w, minlength=wijken).astype(np.float64)
    totaal = np.array([(waarde * w).sum()])
    if not tel_op:
        som = som / np.maximum(np.bincount(groep, weights=w, minlength=wijken), 1e-9)
        totaal = totaal / max(float(w.sum()), 1e-9)
    return np.concatenate([waarde, som, totaal])


def format_getal(waarde: float, decimalen: int, *, procent: bool = False) -> str:
    """Return a number with a decimal comma, with ``%`` behind it where asked.

    Examples
    --------
    >>> format_getal(1.6, 2, procent=True)
    '1,60%'
    """
    tekst = f"{waarde:.{decimalen}f}".replace(".", ",")
    if tekst.startswith("-") and not tekst.strip("-0,"):
        tekst = tekst[1:]
    return tekst + ("%" if procent else "")


def write_rijen(
    pad: Path, rijen: Iterable[Sequence[str]], codering: str, scheidingsteken: str
) -> None:
    """Write rows as a publisher does: CRLF, quotes only where needed."""
    pad.parent.mkdir(parents=True, exist_ok=True)
    with pad.open("w", encoding=codering, newline="") as bestand:
        csv.writer(bestand, delimiter=scheidingsteken, lineterminator="\r\n").writerows(rijen)


def write_leesmij(uit: Path, uitgever: str) -> None:
    """Write the note that says that a folder holds invented figures."""
    uit.mkdir(parents=True, exist_ok=True)
    (uit / "LEESMIJ.md").write_text(
        f"# Synthetisch: Voorbeeldstad bestaat niet\n\n"
        f"Deze map heeft de vorm van {uitgever}, maar de cijfers zijn verzonnen door\n"
        f"`buurtpeil generate`. Ze zijn niet van deze uitgever en gaan over geen bestaande "
        f"plaats.\n",
        encoding="utf-8",
        newline="\n",
    )
