"""The areas of the association, as it delivers them: ``vera.buurt`` and ``vera.wijk``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from sources.leesfout import LeesFout
from sources.opendata.regio import Regio, collect_regio
from sources.tabel import EXTENSIES, read_tabel
from vera.contract import Bron

_TABELLEN: Final = ("buurt", "wijk")
_KOLOM: Final = "id_gegevensbeheerder"


def read_regio(leveringen: Path, vera: Bron) -> Regio | None:
    """Return the areas that were delivered; None when no code of CBS is among them.

    Parameters
    ----------
    leveringen
        The deliveries folder.
    vera
        The contract of ``vera``.

    Notes
    -----
    A file that cannot be read is passed over: the gate says so, and stops the run for it.
    """
    codes: set[str] = set()
    for naam in _TABELLEN:
        tabel = vera.tabel(naam)
        patroon = re.compile(
            rf"{naam}(_[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})?({'|'.join(map(re.escape, EXTENSIES))})"
        )
        plek = leveringen / vera.naam
        for pad in sorted(plek.iterdir()) if plek.is_dir() else ():
            if not (pad.is_file() and patroon.fullmatch(pad.name)):
                continue
            try:
                rijen = read_tabel(pad, vera, tabel).rijen
            except (LeesFout, OSError, ValueError, pa.ArrowException, duckdb.Error):
                continue
            codes |= {str(code) for code in rijen[_KOLOM].to_pylist() if code}
    return collect_regio(codes)
