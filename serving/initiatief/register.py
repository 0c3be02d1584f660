"""The register: initiatives added, changed and listed; their earlier states stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from serving.initiatief.regels import (
    BEWAARTERMIJN,
    Gegevens,
    Herkomst,
    Initiatief,
    InitiatiefKanNiet,
    OnbekendInitiatief,
    admit,
    find_einde,
)
from serving.initiatief.tabellen import INITIATIEF, STAND
from serving.opslag import Opslag, Soort, url_of_file
from vera.bewaren import Verwijdering
from vera.errors import BuurtpeilError

__all__ = ["BESTAND", "Initiatiefregister", "InitiatievenFout", "url_of_file"]

BESTAND: Final = "initiatieven.sqlite"
PLEK: Final = "initiatieven"
_LEVERING: Final = "levering"


class InitiatievenFout(BuurtpeilError):
    """The register cannot be reached or read."""


@dataclass(frozen=True)
class Geleverd:
    """An initiative that a delivery brings, with its number there."""

    bron_id: str
    gegevens: Gegevens


@dataclass(frozen=True)
class Stand:
    """One state of an initiative of the register, for the delivery that is made of it."""

    initiatief_id: int
    gegevens: Gegevens
    vastgelegd_op: datetime


class Initiatiefregister(Opslag):
    """The door to the initiatives."""

    soort: ClassVar[Soort] = Soort(
        naam="bewonersinitiatieven",
        instelling="BUURTPEIL_BESLUITEN_URL",
        migraties=Path(__file__).parent / "migraties",
        slot=7_205_762,
        fout=InitiatievenFout,
    )

    def list_initiatieven(self) -> tuple[Initiatief, ...]:
        """Return every initiative as it is now, the latest beginning first.

        Raises
        ------
        InitiatievenFout
            When the register cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read(verbinding)

    def list_hier(self, niveau: str, beheerobject_id: str, buurt_id: str) -> tuple[Initiatief, ...]:
        """Return those of a place, as :func:`list_place` has it, without reading all others.

        Raises
        ------
        InitiatievenFout
            When the register cannot be reached.
        """
        with self._look() as verbinding:
            if verbinding is None:
                return ()
            plek = STAND.c.beheerobject_id.in_({beheerobject_id, buurt_id})
            # Any state of theirs: a delivery may have moved one since.
            ids = select(STAND.c.initiatief_id).where(
                or_(plek, STAND.c.buurt_id == beheerobject_id)
            )
            gevonden = _read(verbinding, STAND.c.initiatief_id.in_(ids))
        return list_place(gevonden, niveau, beheerobject_id, buurt_id)

    def add(self, gegevens: Gegevens, door: str) -> Initiatief:
        """Record an initiative.

        Raises
        ------
        OngeldigInitiatief
            When the rules refuse it; nothing is recorded then.
        """
        netjes = admit(gegevens, door)
        with self._write() as verbinding:
            id_ = _insert(verbinding, "register", _next_bron_id(verbinding))
            self._add_stand(verbinding, id_, netjes, door)
            return _find(verbinding, id_)

    def change(
        self,
        id_: int,
        door: str,
        *,
        status_code: str | None = None,
        bedrag_eur: Decimal | None = None,
        einddatum: date | None = None,
    ) -> Initiatief:
        """Record another status, amount or last day; what is None stays as it is.

        Raises
        ------
        OnbekendInitiatief, InitiatiefKanNiet, OngeldigInitiatief
            When there is none, it came with a delivery, or the rules refuse it.
        """
        with self._write() as verbinding:
            nu = _find(verbinding, id_)
            if nu.herkomst == _LEVERING:
                raise InitiatiefKanNiet(
                    "Dit initiatief komt uit een levering.",
                    remedie="verander het in het systeem waar het vandaan komt",
                )
            nieuw = replace(
                nu.gegevens,
                status_code=status_code or nu.gegevens.status_code,
                bedrag_eur=nu.gegevens.bedrag_eur if bedrag_eur is None else bedrag_eur,
                einddatum=einddatum or nu.gegevens.einddatum,
            )
            self._add_stand(verbinding, id_, admit(nieuw, door), door)
            return _find(verbinding, id_)

    def take_levering(self, geleverd: Iterable[Geleverd], door: str) -> int:
        """Take over what deliveries say; return how many were new or changed."""
        aantal = 0
        with self._write() as verbinding:
            bekend = {i.bron_id: i for i in _read(verbinding) if i.herkomst == _LEVERING}
            for rij in geleverd:
                oud = bekend.get(rij.bron_id)
                if oud is not None and oud.gegevens == rij.gegevens:
                    continue
                id_ = oud.id if oud else _insert(verbinding, "levering", rij.bron_id)
                self._add_stand(verbinding, id_, rij.gegevens, door)
                aantal += 1
        return aantal

    def list_standen(self) -> tuple[Stand, ...]:
        """Return every state of the initiatives of the register itself, the oldest first."""
        with self._look() as verbinding:
            if verbinding is None:
                return ()
            vraag = (
                select(STAND)
                .join(INITIATIEF)
                .where(INITIATIEF.c.herkomst == "register")
                .order_by(STAND.c.id)
            )
            return tuple(
                Stand(rij.initiatief_id, _read_gegevens(rij), rij.vastgelegd_op)
                for rij in verbinding.execute(vraag)
            )

    def purge(self, peildatum: date, *, dry_run: bool = False) -> tuple[Verwijdering, ...]:
        """Remove what is past its term on a day, with all its states, or say what would be."""
        grens = BEWAARTERMIJN.find_grens(peildatum)
        if grens is None or (self._bestand is not None and not self._bestand.exists()):
            return ()
        with self._erase(dry_run=dry_run) as verbinding:
            weg = [
                initiatief
                for initiatief in _read(verbinding)
                if (einde := find_einde(initiatief)) is not None and einde < grens
            ]
            if not dry_run:
                for initiatief in weg:
                    verbinding.execute(STAND.delete().where(STAND.c.initiatief_id == initiatief.id))
                    verbinding.execute(INITIATIEF.delete().where(INITIATIEF.c.id == initiatief.id))
        if not weg:
            return ()
        sleutels = tuple(
            sorted(
                hashlib.sha256(f"{i.herkomst} {i.bron_id}".encode()).hexdigest()[:16] for i in weg
            )
        )
        return (Verwijdering(PLEK, "initiatief", BEWAARTERMIJN.regel, "", sleutels),)

    def _add_stand(self, verbinding: Connection, id_: int, gegevens: Gegevens, door: str) -> None:
        verbinding.execute(
            STAND.insert(),
            {
                **_write_gegevens(gegevens),
                "initiatief_id": id_,
                "door": " ".join(door.split()),
                "vastgelegd_op": self._nu(),
            },
        )


def list_place(
    initiatieven: Sequence[Initiatief], niveau: str, beheerobject_id: str, buurt_id: str
) -> tuple[Initiatief, ...]:
    """Return those of a place: of a complex also those of its whole buurt; of a buurt all in it."""
    if niveau == "complex":
        return tuple(
            i
            for i in initiatieven
            if (i.gegevens.niveau, i.gegevens.beheerobject_id)
            in {("complex", beheerobject_id), ("buurt", buurt_id)}
        )
    return tuple(i for i in initiatieven if i.gegevens.buurt_id == beheerobject_id)


def _next_bron_id(verbinding: Connection) -> str:
    gegeven: list[str] = [
        *verbinding.scalars(select(INITIATIEF.c.bron_id).where(INITIATIEF.c.herkomst == "register"))
    ]
    return f"{max((int(nummer) for nummer in gegeven), default=0) + 1:06d}"


def _insert(verbinding: Connection, herkomst: Herkomst, bron_id: str) -> int:
    id_: int = verbinding.execute(
        INITIATIEF.insert().returning(INITIATIEF.c.id),
        {"herkomst": herkomst, "bron_id": bron_id},
    ).scalar_one()
    return id_


def _read(
    verbinding: Connection, waar: ColumnElement[bool] | None = None
) -> tuple[Initiatief, ...]:
    vraag = select(STAND, INITIATIEF.c.herkomst, INITIATIEF.c.bron_id).join(INITIATIEF)
    if waar is not None:
        vraag = vraag.where(waar)
    laatste: dict[int, Row[Any]] = {}
    for rij in verbinding.execute(vraag.order_by(STAND.c.id)):
        laatste[rij.initiatief_id] = rij
    gevonden = [
        Initiatief(
            rij.initiatief_id, rij.herkomst, rij.bron_id, _read_gegevens(rij), rij.vastgelegd_op
        )
        for rij in laatste.values()
    ]
    return tuple(sorted(gevonden, key=lambda i: (i.gegevens.begindatum, i.id), reverse=True))


def _find(verbinding: Connection, id_: int) -> Initiatief:
    for initiatief in _read(verbinding):
        if initiatief.id == id_:
            return initiatief
    raise OnbekendInitiatief


def _read_gegevens(rij: Row[Any]) -> Gegevens:
    return Gegevens(
        naam=rij.naam,
        thema_code=rij.thema_code,
        niveau=rij.niveau,
        beheerobject_id=rij.beheerobject_id,
        buurt_id=rij.buurt_id,
        bedrag_eur=None if rij.bedrag_cent is None else Decimal(rij.bedrag_cent) / 100,
        status_code=rij.status_code,
        begindatum=rij.begindatum,
        einddatum=rij.einddatum,
    )


def _write_gegevens(gegevens: Gegevens) -> dict[str, Any]:
    kolommen = dict(vars(gegevens))
    bedrag = kolommen.pop("bedrag_eur")
    return {**kolommen, "bedrag_cent": None if bedrag is None else int(bedrag * 100)}
