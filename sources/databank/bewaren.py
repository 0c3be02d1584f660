"""Fetched files follow their landing: a row that went there because its term was over goes here.

Belongs here: that, and files of tables that the contract no longer has. Does not belong here: which
rows are past their term (:mod:`sources.bewaren`).

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sources.landing import Geland
from sources.opgehaald import (
    INLEESFOUT,
    REGEL,
    is_opgehaald,
    read_kop,
    remove_vreemd,
    shrink_partij,
)
from sources.stand import read_stand
from vera.contract import Contract


def purge_opgehaald(contract: Contract, landing_map: Path, opgehaald: Path, tot: date) -> int:
    """Remove from fetched files the rows that their landing has no more; return how many went.

    It may be done at any moment after the landing was purged, and again: what a killed purge left
    goes with the next one. A file that was not landed yet, or that landing refused, stays whole.

    Parameters
    ----------
    contract
        The delivery contract.
    landing_map
        The landings.
    opgehaald
        The fetched files.
    tot
        The peildatum of the purge.
    """
    if not opgehaald.is_dir():
        return 0
    remove_vreemd(contract, opgehaald)
    weg = 0
    for bron in contract.bronnen:
        for geland in read_stand(bron.naam, landing_map).bestanden:
            pad = opgehaald / geland.verslag.bestand
            if is_opgehaald(geland.verslag.bestand) and _is_zelfde(pad, geland):
                weg += shrink_partij(pad, _list_behoud(geland), tot)
    return weg


def _is_zelfde(pad: Path, geland: Geland) -> bool:
    """Tell whether a landing is that of the fetched file as it lies there, and a sound one."""
    if geland.verslag.leesfout is not None or not pad.is_file() or not geland.pad.is_file():
        return False
    try:
        return read_kop(pad).sha256 == geland.verslag.sha256
    except INLEESFOUT:
        return False


def _list_behoud(geland: Geland) -> pa.Array:
    """Return the numbers of rows that are landed, or rejected and still listed."""
    rijen = pq.read_table(geland.pad, columns=[REGEL])[REGEL]
    afgekeurd = pa.array([afkeuring.regel for afkeuring in geland.afkeuringen], pa.int64())
    return pa.concat_arrays([*rijen.chunks, afgekeurd])
