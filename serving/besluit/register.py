"""The duidingen in the decisions store: set, confirmed, withdrawn, and never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from serving.besluit.duiding import (
    Duiding,
    OnbekendeDuiding,
    Publicatie,
    Stap,
    Voorstel,
    admit,
    check_confirm,
    check_withdraw,
    select_regels,
)
from serving.besluit.opslag import BESTAND, BesluitenFout, url_of_file
from serving.besluit.preventie import Preventieregister, as_regels
from serving.besluit.tabellen import DUIDING, STAP
from vera.duiding import Regel
from vera.maatregel import Preventieregel

__all__ = ["BESTAND", "BesluitenFout", "Besluitregister", "url_of_file"]


class Besluitregister(Preventieregister):
    """The door to the duidingen, and to all else that a run starts from."""

    def list_duidingen(self, beheerobject_id: str | None = None) -> tuple[Duiding, ...]:
        """Return every duiding (of one complex), the oldest first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read(verbinding, beheerobject_id)

    def list_regels(self) -> tuple[Regel, ...]:
        """Return what counts per object and peildatum, without names: what a run starts from.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        return select_regels(self.list_duidingen())

    def list_preventieregels(self) -> tuple[Preventieregel, ...]:
        """Return the preventiemaatregelen, without names: what a run starts from.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        return as_regels(self.list_maatregelen())

    def add_duiding(
        self,
        voorstel: Voorstel,
        publicatie: Publicatie,
        model_label: int | None,
        *,
        tweede: str | None = None,
    ) -> Duiding:
        """Record a duiding, and at once the second person's confirmation when there is one.

        Raises
        ------
        OngeldigeDuiding, DuidingKanNiet
            When the rules refuse it; nothing is recorded then.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            eerdere = _read(verbinding, voorstel.beheerobject_id)
            goed = admit(voorstel, publicatie, model_label, eerdere)
            id_: int = verbinding.execute(
                DUIDING.insert().returning(DUIDING.c.id),
                {
                    **vars(goed.voorstel),
                    "ingaand_peildatum": goed.ingaand_peildatum,
                    "vervalt_na": goed.vervalt_na,
                    "is_tweede_nodig": goed.is_tweede_nodig,
                    "vastgelegd_op": self._nu(),
                    "model_label": model_label,
                    "release_id": publicatie.release_id,
                    "gepubliceerd_peildatum": publicatie.peildatum,
                },
            ).scalar_one()
            if tweede is not None:
                self._confirm(verbinding, id_, tweede, publicatie)
            return _find(_read(verbinding, voorstel.beheerobject_id), id_)

    def confirm_duiding(self, id_: int, door: str, publicatie: Publicatie) -> Duiding:
        """Record that a second person stands behind a duiding.

        Raises
        ------
        OnbekendeDuiding, OngeldigeDuiding, DuidingKanNiet
            When there is none, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            self._confirm(verbinding, id_, door, publicatie)
            return _find(_read(verbinding), id_)

    def _confirm(self, verbinding: Connection, id_: int, door: str, publicatie: Publicatie) -> None:
        alle = _read(verbinding)
        duiding = _find(alle, id_)
        zelfde = [d for d in alle if d.voorstel.beheerobject_id == duiding.voorstel.beheerobject_id]
        naam = check_confirm(duiding, door, publicatie, zelfde)
        self._add_stap(verbinding, id_, "bevestigd", naam, publicatie)

    def withdraw_duiding(self, id_: int, door: str, publicatie: Publicatie) -> Duiding:
        """Record that a duiding is withdrawn: it counts on no peildatum that is yet to come.

        Raises
        ------
        OnbekendeDuiding, OngeldigeDuiding, DuidingKanNiet
            When there is none, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            naam = check_withdraw(_find(_read(verbinding), id_), door, publicatie)
            self._add_stap(verbinding, id_, "ingetrokken", naam, publicatie)
            return _find(_read(verbinding), id_)

    def _add_stap(
        self, verbinding: Connection, id_: int, soort: str, door: str, publicatie: Publicatie
    ) -> None:
        verbinding.execute(
            STAP.insert(),
            {
                "duiding_id": id_,
                "soort": soort,
                "door": door,
                "vastgelegd_op": self._nu(),
                "release_id": publicatie.release_id,
                "gepubliceerd_peildatum": publicatie.peildatum,
            },
        )


def _read(verbinding: Connection, beheerobject_id: str | None = None) -> tuple[Duiding, ...]:
    vraag = select(DUIDING).order_by(DUIDING.c.id)
    stappen = select(STAP)
    if beheerobject_id is not None:
        vraag = vraag.where(DUIDING.c.beheerobject_id == beheerobject_id)
        stappen = stappen.join(DUIDING).where(DUIDING.c.beheerobject_id == beheerobject_id)
    per_duiding = {
        (rij.duiding_id, rij.soort): Stap(rij.door, rij.vastgelegd_op, _read_publicatie(rij))
        for rij in verbinding.execute(stappen)
    }
    return tuple(
        Duiding(
            id=rij.id,
            voorstel=Voorstel(
                beheerobject_id=rij.beheerobject_id,
                delta=rij.delta,
                reden_code=rij.reden_code,
                toelichting=rij.toelichting,
                door=rij.door,
                niveau=rij.niveau,
            ),
            ingaand_peildatum=rij.ingaand_peildatum,
            vervalt_na=rij.vervalt_na,
            is_tweede_nodig=rij.is_tweede_nodig,
            vastgelegd_op=rij.vastgelegd_op,
            publicatie=_read_publicatie(rij),
            model_label=rij.model_label,
            bevestiging=per_duiding.get((rij.id, "bevestigd")),
            intrekking=per_duiding.get((rij.id, "ingetrokken")),
        )
        for rij in verbinding.execute(vraag)
    )


def _read_publicatie(rij: Row[Any]) -> Publicatie:
    return Publicatie(rij.release_id, rij.gepubliceerd_peildatum)


def _find(duidingen: tuple[Duiding, ...], id_: int) -> Duiding:
    for duiding in duidingen:
        if duiding.id == id_:
            return duiding
    raise OnbekendeDuiding(
        f"Er is geen duiding {id_}.", remedie="`buurtpeil duiding list` toont ze alle"
    )
