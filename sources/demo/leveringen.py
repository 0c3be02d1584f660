"""Writes the delivery files of the demo association: two deliveries per table.

Belongs here: how a table becomes files (what was known when, CSV). What is in the tables
comes from ``bezit``, ``huur``, ``zaken``, ``onderhoud`` and ``beheer``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sources.demo.toeval import Dag, Geheel, Vlag

Kolommen = Mapping[str, Any]
Build = Callable[[np.datetime64, Geheel], Kolommen]


@dataclass(frozen=True)
class Kalender:
    """First day of the world, and its two delivery dates (at the end)."""

    begin: np.datetime64
    eerste: np.datetime64
    tweede: np.datetime64

    @classmethod
    def of_jaren(cls, jaren: int) -> Kalender:
        """Return the calendar of a world of ``jaren`` years that ends on 2025-12-31."""
        return cls(
            np.datetime64(f"{2026 - jaren}-01-01", "D"),
            np.datetime64("2025-12-01", "D"),
            np.datetime64("2026-01-01", "D"),
        )

    @property
    def begin_maand(self) -> np.datetime64:
        """First month of the world."""
        maand: np.datetime64 = self.begin.astype("datetime64[M]")
        return maand

    def maandstart(self, maand: npt.ArrayLike) -> Dag:
        """Return the first day of month indices."""
        start: Dag = (self.begin_maand + np.asarray(maand, dtype=np.int64)).astype("datetime64[D]")
        return start

    def get_maandstart(self, maand: int) -> np.datetime64:
        """Return the first day of one month index."""
        start: np.datetime64 = (self.begin_maand + maand).astype("datetime64[D]")
        return start

    def draw_dag(self, rng: np.random.Generator, maand: Geheel) -> Dag:
        """Draw a day within each month."""
        start = self.maandstart(maand)
        lengte = (self.maandstart(maand + 1) - start).astype(np.int64)
        dag: Dag = start + np.floor(rng.random(maand.size) * lengte).astype("timedelta64[D]")
        return dag


@dataclass(frozen=True)
class Levertabel:
    """One table of deliveries before it is written.

    Attributes
    ----------
    bron, naam, levering
        As in the delivery contract.
    kennis
        Day on which each row became known (rows sorted by the key of the table).
    gewijzigd
        Day on which a known row changed for the last time before the second delivery; NaT
        where it did not. Only for ``aanvulling``.
    build
        Gives the columns of the asked rows as they stood on a day. ``kennisdatum`` is added
        by the writer where the table is an ``aanvulling``.
    heeft_tekst
        Whether free text occurs (then strings are quoted).
    """

    bron: str
    naam: str
    levering: Literal["volledig", "aanvulling"]
    kennis: Dag
    build: Build
    gewijzigd: Dag | None = None
    heeft_tekst: bool = False


def write_tabel(tabel: Levertabel, uit: Path, kalender: Kalender) -> dict[str, int]:
    """Write both deliveries of a table.

    Returns
    -------
    dict
        Rows per written file name (``bron/bestand``).
    """
    geschreven: dict[str, int] = {}
    for dag, rijen, kennis in _deliver(tabel, kalender):
        kolommen = dict(tabel.build(dag, rijen))
        if kennis is not None:
            kolommen = {"kennisdatum": kennis, **kolommen}
        bestand = f"{tabel.naam}_{dag}.csv"
        write_csv(kolommen, uit / tabel.bron / bestand, heeft_tekst=tabel.heeft_tekst)
        geschreven[f"{tabel.bron}/{bestand}"] = int(rijen.size)
    return geschreven


def _deliver(
    tabel: Levertabel, kalender: Kalender
) -> Iterator[tuple[np.datetime64, Geheel, Dag | None]]:
    eerste, tweede = kalender.eerste, kalender.tweede
    if tabel.levering == "volledig":
        for dag in (eerste, tweede):
            yield dag, np.flatnonzero(tabel.kennis < dag), None
        return
    oud: Vlag = tabel.kennis < eerste
    rijen = np.flatnonzero(oud)
    yield eerste, rijen, tabel.kennis[rijen]
    nieuw = (tabel.kennis >= eerste) & (tabel.kennis < tweede)
    kennis = tabel.kennis
    if tabel.gewijzigd is not None:
        anders = oud & (tabel.gewijzigd >= eerste) & (tabel.gewijzigd < tweede)
        kennis = np.where(anders, tabel.gewijzigd, kennis)
        nieuw = nieuw | anders
    rijen = np.flatnonzero(nieuw)
    if rijen.size:  # a source without news delivers nothing, not an empty file
        yield tweede, rijen, kennis[rijen]


def write_csv(kolommen: Kolommen, pad: Path, *, heeft_tekst: bool = False) -> None:
    """Write columns as CSV: ``;``, UTF-8, decimal point, ISO dates, empty = missing."""
    tabel = pa.table({naam: to_arrow(waarde) for naam, waarde in kolommen.items()})
    pad.parent.mkdir(parents=True, exist_ok=True)
    with pad.open("wb") as bestand:
        bestand.write((";".join(tabel.column_names) + "\n").encode("utf-8"))
        pacsv.write_csv(
            tabel,
            bestand,
            pacsv.WriteOptions(
                include_header=False,
                delimiter=";",
                quoting_style="needed" if heeft_tekst else "none",
                batch_size=64 * 1024,
            ),
        )


def to_arrow(waarde: Any) -> pa.Array | pa.ChunkedArray:
    """Return a column for Arrow; NaN and NaT become missing."""
    if isinstance(waarde, pa.Array | pa.ChunkedArray):
        return waarde
    kolom = np.asarray(waarde)
    if kolom.dtype.kind == "M":
        return pa.array(kolom.astype("datetime64[D]"))
    return pa.array(kolom, from_pandas=True)


def make_id(voor: str, nummer: npt.ArrayLike, breedte: int) -> pa.Array:
    """Return ids such as ``Z0000042`` for non-negative numbers."""
    getal = pc.cast(pa.array(np.asarray(nummer)), pa.string())
    return pc.binary_join_element_wise(voor, pc.utf8_lpad(getal, breedte, "0"), "")


def choose(waarden: pa.Array, index: Geheel) -> pa.Array:
    """Take values by index; a negative index gives a missing value."""
    plek = pa.array(index, mask=index < 0) if index.size and index.min() < 0 else pa.array(index)
    return waarden.take(plek)


def choose_code(codes: tuple[str, ...], index: npt.NDArray[Any]) -> pa.Array:
    """Take codes by index; a negative index gives a missing value."""
    return choose(pa.array(codes, pa.string()), np.asarray(index, dtype=np.int64))


def hide(dag: Dag, peil: np.datetime64) -> Dag:
    """Return the days that had come before ``peil``; later ones become NaT."""
    uitkomst: Dag = np.where(dag < peil, dag, np.datetime64("NaT", "D"))
    return uitkomst
