"""Fetched files follow their landing: a row that went there because its term was over goes here.

Belongs here: that, landing what was fetched since the last run so that it has a landing to follow,
and files of tables that the contract no longer has. Does not belong here: which rows are past their
term (:mod:`sources.bewaren`).

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sources.landing import BronLanding, Geland, land_bron
from sources.opgehaald import (
    INLEESFOUT,
    REGEL,
    is_opgehaald,
    list_partijen,
    read_kop,
    remove_vreemd,
    shrink_partij,
)
from sources.sleutels import Sleutel
from sources.stand import read_stand, write_stand
from vera.bewaren import parse_termijn
from vera.contract import Bron, Contract, Tabel
from vera.errors import may_pass


def land_nieuwe(
    contract: Contract,
    landing_map: Path,
    opgehaald: Path,
    sleutel: Sleutel,
    dienstsleutel: bytes,
) -> int:
    """Land what was fetched after the last run, so that a purge knows what is past its term.

    What lies in the deliveries folder is not looked at: its landings stay as they are.

    Parameters
    ----------
    contract
        The delivery contract.
    landing_map
        The landings.
    opgehaald
        The fetched files; those of another key than ``sleutel`` are left alone.
    sleutel, dienstsleutel
        Keys of the pseudonyms and of the address index.

    Returns
    -------
    int
        How many files were landed.
    """
    nieuw = 0
    for bron in contract.bronnen:
        stand = read_stand(bron.naam, landing_map)
        deel = replace(
            bron, tabellen=tuple(t for t in bron.tabellen if not _waits(bron, t, opgehaald))
        )
        aantal = _count_nieuwe(deel, stand, opgehaald, sleutel)
        if aantal:
            # A folder that is not there: nothing but what was fetched is read.
            geen = opgehaald / bron.naam
            uit = land_bron(deel, geen, landing_map, sleutel, dienstsleutel, opgehaald)
            write_stand(_join(stand, uit, {tabel.id for tabel in deel.tabellen}), landing_map)
            nieuw += aantal
    return nieuw


def _count_nieuwe(bron: Bron, stand: BronLanding, opgehaald: Path, sleutel: Sleutel) -> int:
    bekend = {(geland.verslag.bestand, geland.verslag.sha256) for geland in stand.bestanden}
    aantal = 0
    for tabel in bron.tabellen:
        for partij in list_partijen(opgehaald, bron.naam, tabel.naam):
            try:
                kop = read_kop(partij.pad)
            except INLEESFOUT as fout:
                if may_pass(fout):
                    raise
                continue  # damaged: the next run refuses it and says so
            is_eigen = kop.vingerafdruk == sleutel.vingerafdruk
            aantal += is_eigen and (f"{bron.naam}/{partij.pad.name}", kop.sha256) not in bekend
    return aantal


def _waits(bron: Bron, tabel: Tabel, opgehaald: Path) -> bool:
    """Tell whether its term counts from a table of which later news may not be landed yet.

    A row whose counterpart is not there would be taken for one whose counterpart was purged.
    """
    ander = parse_termijn(tabel.bewaartermijn).tabel
    if ander is None:
        return False
    van, eigen = (list_partijen(opgehaald, bron.naam, naam) for naam in (ander, tabel.naam))
    return bool(eigen) and (not van or van[-1].datum < eigen[-1].datum)


def _join(stand: BronLanding, opgehaald: BronLanding, tabellen: Collection[str]) -> BronLanding:
    """Return what was delivered as files and what was fetched, numbered as a landing of both is.

    Of what was fetched, that of ``tabellen`` is in ``opgehaald``.
    """
    bestanden = [
        g
        for g in stand.bestanden
        if not is_opgehaald(g.verslag.bestand) or g.verslag.tabel not in tabellen
    ]
    bestanden += opgehaald.bestanden
    bestanden.sort(key=lambda g: (g.verslag.leveringsdatum or date.min, g.verslag.bestand))
    nummer = Counter[str]()
    genummerd = []
    for geland in bestanden:
        nummer[geland.verslag.tabel] += 1
        verslag = replace(geland.verslag, volgnummer=nummer[geland.verslag.tabel])
        genummerd.append(replace(geland, verslag=verslag))
    return replace(stand, bestanden=tuple(genummerd))


def purge_opgehaald(contract: Contract, landing_map: Path, opgehaald: Path, tot: date) -> int:
    """Remove from fetched files the rows that their landing has no more; return how many went.

    It may be done at any moment after the landing was purged, and again: what a killed purge left
    goes with the next one. A file that landing refused stays whole; one that was not landed
    yet as well (:func:`land_nieuwe`).

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
