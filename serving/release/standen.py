"""The labels of every peildatum, small: one digit per object, for a map of an earlier day.

A row is one niveau, ground, peildatum and theme; its digits stand in the order of the objects'
ids. Belongs here: packing and unpacking. Does not belong here: which label an object has, or who
may see it (``serving.toegang.inzage`` packs what others may see anew).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serving.release import schema
from serving.release.winkel import Uitgave

Sleutel: TypeAlias = tuple[str, str, str, str]
"""Niveau, ground, peildatum (ISO) and theme."""

GEEN_RIJ: Final = "."
"""Nothing was published about the object on this ground; an unknown label is ``0``."""

_NIVEAU_ZLIB: Final = 6
_CIJFERS: Final = np.frombuffer(b"012345", dtype=np.uint8)
_KOLOMMEN: Final = ("grondslag", "peildatum", "thema_code")


class Standen:
    """Collects the published labels while a release is written.

    Parameters
    ----------
    aantallen
        Number of objects by niveau.
    """

    def __init__(self, aantallen: Mapping[str, int]) -> None:
        self._aantallen = aantallen
        self._gezien = dict.fromkeys(aantallen, 0)
        self._rijen: dict[Sleutel, npt.NDArray[np.uint8]] = {}

    def add(self, objecten: pa.Table, labels: pa.Table) -> None:
        """Take a run of objects with all their labels; runs come in the order of the ids."""
        labels = labels.filter(pc.fill_null(labels["is_gepubliceerde_grondslag"], False))
        for niveau in pc.unique(objecten["niveau"]).to_pylist():
            van_niveau = objecten.filter(pc.equal(objecten["niveau"], niveau))
            self._add_niveau(niveau, van_niveau["beheerobject_id"], labels)

    def _add_niveau(self, niveau: str, ids: pa.ChunkedArray, labels: pa.Table) -> None:
        begin = self._gezien[niveau]
        self._gezien[niveau] = begin + len(ids)
        eigen = labels.filter(pc.equal(labels["niveau"], niveau))
        if not eigen.num_rows:
            return
        plek = pc.index_in(eigen["beheerobject_id"], value_set=ids.combine_chunks())
        waar = np.asarray(plek, dtype=np.int64) + begin
        cijfer = _CIJFERS[np.asarray(pc.fill_null(eigen["sociaal_beheer_label"], 0))]
        nummers = _number_groups(eigen)
        volgorde = np.argsort(nummers, kind="stable")
        grenzen = np.flatnonzero(np.diff(nummers[volgorde], prepend=-1))
        for rijen in np.split(volgorde, grenzen[1:]):
            eerste = int(rijen[0])
            sleutel = (niveau, *(str(eigen[kolom][eerste].as_py()) for kolom in _KOLOMMEN))
            self._find(sleutel)[waar[rijen]] = cijfer[rijen]  # type: ignore[arg-type]

    def _find(self, sleutel: Sleutel) -> npt.NDArray[np.uint8]:
        if sleutel not in self._rijen:
            lengte = self._aantallen[sleutel[0]]
            self._rijen[sleutel] = np.full(lengte, ord(GEEN_RIJ), dtype=np.uint8)
        return self._rijen[sleutel]

    def list_rows(self) -> list[tuple[str, str, str, str, bytes]]:
        """Return the rows of the table ``stand``, in order."""
        return [
            (*sleutel, zlib.compress(cijfers.tobytes(), _NIVEAU_ZLIB))
            for sleutel, cijfers in sorted(self._rijen.items())
        ]


def _number_groups(rijen: pa.Table) -> npt.NDArray[np.int64]:
    """Return one number per row, the same for rows of one ground, peildatum and theme."""
    nummers = np.zeros(rijen.num_rows, dtype=np.int64)
    for kolom in _KOLOMMEN:
        gecodeerd = rijen[kolom].combine_chunks().dictionary_encode()
        nummers = nummers * len(gecodeerd.dictionary) + np.asarray(gecodeerd.indices)
    return nummers


def pack_labels(
    labels: Mapping[Sleutel, Mapping[str, int | None]], ids: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, str, str, bytes]]:
    """Return the rows of the table ``stand`` for labels by id.

    Parameters
    ----------
    labels
        By key the labels of those that have a row; None = unknown.
    ids
        By niveau all ids, in order.
    """
    return [
        (
            *sleutel,
            zlib.compress(
                "".join(
                    str(van_id[id_] or 0) if id_ in van_id else GEEN_RIJ for id_ in ids[sleutel[0]]
                ).encode(),
                _NIVEAU_ZLIB,
            ),
        )
        for sleutel, van_id in sorted(labels.items())
    ]


def list_peildata(uitgave: Uitgave, niveau: str) -> list[str]:
    """Return the days of which a map can be drawn, the latest first: those of our own figures.

    Where there are no own figures at all they are the days of the public ones.
    """

    def make() -> list[str]:
        for grondslag in schema.GRONDSLAGEN:
            rijen = uitgave.query(
                "select distinct peildatum from stand where niveau = ? and grondslag = ? "
                "order by peildatum desc",
                (niveau, grondslag),
            )
            if rijen:
                return [rij[0] for rij in rijen]
        return []

    return uitgave.remember(("standdata", niveau), make)


def read_stand(
    uitgave: Uitgave, niveau: str, peildatum: str, thema: str, ids: Iterable[str]
) -> dict[str, int | None]:
    """Return the labels that held on a day: on own figures, else the last on public ones.

    Parameters
    ----------
    uitgave
        The release.
    niveau, peildatum, thema
        Which labels; the day is one of :func:`list_peildata`.
    ids
        Of which objects; those that are not in the release are left out.
    """
    plekken = uitgave.remember(("standplekken", niveau), lambda: _list_plekken(uitgave, niveau))
    lagen = [
        zlib.decompress(rij[0]).decode()
        for rij in uitgave.query(
            "select body from stand where niveau = ? and thema_code = ? "
            "and (grondslag = 'eigen' and peildatum = ? "
            "or grondslag = 'openbaar' and peildatum = (select max(peildatum) from stand "
            "where niveau = ? and thema_code = ? and grondslag = 'openbaar' and peildatum <= ?)) "
            "order by grondslag",
            (niveau, thema, peildatum, niveau, thema, peildatum),
        )
    ]
    uit: dict[str, int | None] = {}
    for id_ in ids:
        plek = plekken.get(id_)
        if plek is None:
            continue
        cijfer = next((laag[plek] for laag in lagen if laag[plek] != GEEN_RIJ), "0")
        uit[id_] = int(cijfer) or None
    return uit


def _list_plekken(uitgave: Uitgave, niveau: str) -> dict[str, int]:
    rijen = uitgave.query(
        "select beheerobject_id from lijst where niveau = ? order by beheerobject_id", (niveau,)
    )
    return {rij[0]: plek for plek, rij in enumerate(rijen)}
