"""Publishers' own files, as they are downloaded: one reader per open-data source.

Belongs here: recognising a publisher's file by its name, reading its official format into
the contract's columns, refusing every other column.
Does not belong here: landing and hashing (:mod:`sources.landing`), deciding whether too much
was rejected (``expectations``), joining areas or computing anything (``dbt_project``).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from sources.bestand import is_naam, is_stil
from sources.uitgever.airbnb import read_airbnb
from sources.uitgever.cbs_kwb import read_cbs_kwb
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from sources.uitgever.geo import read_geo
from sources.uitgever.overlap import drop_overlap
from sources.uitgever.politie import read_politie
from sources.uitgever.wijkprofiel import read_wijkprofiel
from vera.contract import Bron, Tabel
from vera.errors import BuurtpeilError

__all__ = [
    "LEZERS",
    "Gelezen",
    "UitgeverFout",
    "build_gelezen",
    "find_tabel",
    "read_uitgever",
]

LEZERS: dict[str, Callable[[Path, Bron], list[Gelezen]]] = {
    "airbnb": read_airbnb,
    "cbs_kwb": read_cbs_kwb,
    "geo": read_geo,
    "politie": read_politie,
    "wijkprofiel": read_wijkprofiel,
}


def read_uitgever(
    bron_map: Path,
    bron: Bron,
    *,
    bij_fout: Callable[[Path, BuurtpeilError], None] | None = None,
) -> Iterator[tuple[Path, list[Gelezen]]]:
    """Read every file of a publisher's folder, in the order of the file names.

    Where two files hold the same rows of the same edition (the police's national list and an
    extract of one city), each row is taken once, from the file with the most rows.

    Parameters
    ----------
    bron_map
        The folder of one source. READMEs, hidden files and folders are passed over.
    bron
        The source's contract.
    bij_fout
        Called with the file and the error when a file cannot be read; reading goes on with
        the next file. Without it the first error is raised.

    Yields
    ------
    tuple of Path and list of Gelezen
        One item per file. The list is empty for a file that is not one of this source's, whose
        name holds other signs than people use, or that adds nothing to another file of its edition.

    Raises
    ------
    UitgeverFout
        When a file is not what its name says and ``bij_fout`` is not given.
    """
    read = LEZERS.get(bron.naam)
    if read is None:
        raise UitgeverFout(
            f"Bron {bron.naam} heeft formaat uitgever, maar geen lezer.",
            verwacht=f"een van {', '.join(LEZERS)}",
        )
    per_bestand: list[tuple[Path, list[Gelezen]]] = []
    for pad in sorted(bron_map.iterdir()):
        if not pad.is_file() or is_stil(pad):
            continue
        if not is_naam(pad.name):
            per_bestand.append((pad, []))
            continue
        try:
            per_bestand.append((pad, _read_bestand(read, pad, bron)))
        except BuurtpeilError as fout:
            if bij_fout is None:
                raise
            bij_fout(pad, fout)
    yield from drop_overlap(bron, per_bestand)


def find_tabel(bron: Bron, pad: Path) -> Tabel:
    """Return the table that a file's name speaks of, else the source's first.

    Examples
    --------
    ``wijkprofiel_2014_fi_obj.csv`` is of table ``fi_obj``.
    """
    stam = pad.name.split(".")[0].lower()
    for tabel in bron.tabellen:
        if stam.startswith(tabel.naam) or stam.endswith(f"_{tabel.naam}"):
            return tabel
    return bron.tabellen[0]


def _read_bestand(
    read: Callable[[Path, Bron], list[Gelezen]], pad: Path, bron: Bron
) -> list[Gelezen]:
    """Read one file; whatever rubbish it holds, the error names the file and no value."""
    try:
        return read(pad, bron)
    except (
        OSError,
        ValueError,
        ArithmeticError,
        RecursionError,
        csv.Error,
        pa.ArrowException,
    ) as fout:
        raise UitgeverFout(
            f"{pad.name} is niet te lezen ({type(fout).__name__}).",
            remedie="Haal het bestand opnieuw op bij de uitgever.",
        ) from None
