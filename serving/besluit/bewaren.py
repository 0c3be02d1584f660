"""How long decisions are kept: every term of this store in one place, and carrying them out.

What hangs on a row (a confirmation, a decision about a row of a worklist, its outcome) goes with
that row. Who decided what is kept as long as one may be asked about it. A decision that names a
release keeps that name when the release itself is gone.

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Date, Table, and_, delete, func, select

from serving.besluit.opslag import Besluitopslag
from serving.besluit.tabellen import metadata
from serving.opslag import Moment
from vera.bewaren import Termijn, Verwijdering, parse_termijn

PLEK: Final = "besluiten"

TERMIJNEN: Final[Mapping[str, Termijn]] = MappingProxyType(
    {
        # A duiding counts for two quarters; a claim about a label can be made for five years.
        "duiding": parse_termijn("5 jaar na vervalt_na"),
        # As the log of inspections: with it the part by score is compared with the part by lot.
        "werklijst": parse_termijn("7 jaar na peildatum"),
        "modelstand": parse_termijn("7 jaar na vastgelegd_op"),
        "modeltekening": parse_termijn("7 jaar na vastgelegd_op"),
        # As delivered maatregelen; from the first day, because the last may be open.
        "preventiemaatregel": parse_termijn("7 jaar na begindatum"),
    }
)
"""Term per table that hangs on no other one."""

JONGSTE_BLIJFT: Final[Mapping[str, str]] = MappingProxyType(
    {"modelstand": "model", "modeltekening": "model"}
)
"""Tables whose last row per value of a column still holds, however old it is."""

MODELVERSIES: Final = ("scoreversie", "modelversie", "kampioen")
"""Columns that name a version of a model."""


def list_wortels() -> tuple[Table, ...]:
    """Return the tables that hang on no other one."""
    return tuple(tabel for tabel in metadata.sorted_tables if not tabel.foreign_keys)


class Besluitbewaring(Besluitopslag):
    """The door for removing what is past its term."""

    def list_modelversies(self) -> frozenset[str]:
        """Return every version of a model that a decision names: it must stay with it.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            if verbinding is None:
                return frozenset()
            versies: set[str] = set()
            for tabel in metadata.sorted_tables:
                for naam in MODELVERSIES:
                    if naam in tabel.c:
                        versies.update(verbinding.scalars(select(tabel.c[naam]).distinct()))
            return frozenset(versies)

    def purge(self, peildatum: date, *, dry_run: bool = False) -> tuple[Verwijdering, ...]:
        """Remove what is past its term on a day, or say what would be.

        Nothing of a removed row stays in the file of the store, or of its table in PostgreSQL.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        if self._bestand is not None and not self._bestand.exists():
            return ()
        weg: list[Verwijdering] = []
        with self._erase(dry_run=dry_run) as verbinding:
            for tabel in list_wortels():
                termijn = TERMIJNEN.get(tabel.name)
                if termijn is not None:
                    ids = _find_voorbij(verbinding, tabel, termijn, peildatum)
                    weg += _remove(verbinding, tabel, ids, termijn.regel, dry_run=dry_run)
        return tuple(weg)


def _find_voorbij(
    verbinding: Connection, tabel: Table, termijn: Termijn, peildatum: date
) -> tuple[int, ...]:
    grens = termijn.find_grens(peildatum)
    if grens is None or termijn.kolom is None:
        return ()
    kolom = tabel.c[termijn.kolom]
    moment = isinstance(kolom.type, Moment) or not isinstance(kolom.type, Date)
    waarde = datetime.combine(grens, time(), UTC) if moment else grens
    voorwaarde = kolom < waarde
    if tabel.name in JONGSTE_BLIJFT:
        per = tabel.c[JONGSTE_BLIJFT[tabel.name]]
        jongste = select(func.max(tabel.c.id)).group_by(per)
        voorwaarde = and_(voorwaarde, tabel.c.id.not_in(jongste))
    vraag = select(tabel.c.id).where(voorwaarde).order_by(tabel.c.id)
    return tuple(verbinding.execute(vraag).scalars())


def _remove(
    verbinding: Connection, tabel: Table, ids: tuple[int, ...], regel: str, *, dry_run: bool
) -> list[Verwijdering]:
    """Remove rows and all that hangs on them, the farthest first."""
    if not ids:
        return []
    weg: list[Verwijdering] = []
    for ander in metadata.sorted_tables:
        for sleutel in ander.foreign_keys:
            if sleutel.column.table is tabel:
                onder = select(ander.c.id).where(sleutel.parent.in_(ids)).order_by(ander.c.id)
                gevonden: tuple[int, ...] = tuple(verbinding.execute(onder).scalars())
                weg += _remove(verbinding, ander, gevonden, regel, dry_run=dry_run)
    if not dry_run:
        verbinding.execute(delete(tabel).where(tabel.c.id.in_(ids)))
    hashes = tuple(_hash_sleutel(tabel.name, id_) for id_ in ids)
    return [*weg, Verwijdering(PLEK, tabel.name, regel, "", hashes)]


def _hash_sleutel(tabel: str, id_: int) -> str:
    return hashlib.blake2b(
        f"{tabel}\x1e{id_}".encode(), digest_size=12, person=b"verwijderd"
    ).hexdigest()
