"""The worklists in the decisions store, which models are stopped, and who signed for a list.

Rows are judged by ``serving.besluit.werklijst`` inside the transaction that writes them, so that
two people at once cannot both be first. Nothing here writes to another system.

Belongs here: reading and adding. Does not belong here: rules (``werklijst``), opening the store
(``opslag``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from serving.besluit import tekst
from serving.besluit.modeltekening import Tekening, check_tekening
from serving.besluit.opslag import Besluitopslag
from serving.besluit.tabellen import (
    BEOORDELING,
    BESLUIT,
    MODELSTAND,
    MODELTEKENING,
    UITKOMST,
    WERKLIJST,
    WERKLIJSTREGEL,
)
from serving.besluit.werklijst import (
    Beoordeling,
    Besluit,
    Lijst,
    Modelstand,
    OnbekendeRegel,
    Openstaand,
    Rij,
    Stand,
    Uitkomst,
    WerklijstKanNiet,
    check_beoordeling,
    check_besluit,
    check_modelstand,
    check_uitkomst,
    find_open,
    list_open,
)
from vera.werklijst import Model, Regel, Samenstelling


class Werklijstregister(Besluitopslag):
    """The door to the worklists."""

    @classmethod
    def beside(cls, ander: Besluitopslag) -> Werklijstregister:
        """Return the worklists in the same store, with the same clock."""
        return cls(ander._url.render_as_string(hide_password=False), nu=ander._nu)

    def list_lijsten(self, model: Model) -> tuple[Lijst, ...]:
        """Return the worklists of a model, the oldest first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read_lijsten(verbinding, model)

    def list_rijen(self, model: Model) -> tuple[Rij, ...]:
        """Return every row of a model's worklists, withheld ones included, the oldest first.

        For counting and for composing the next list; what people see is ``list_open``.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read_rijen(verbinding, model)

    def list_open(self, model: Model) -> tuple[Openstaand, ...]:
        """Return what waits for a decision, in the order of showing.

        Of a stopped model only what the lottery chose.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read_open(verbinding, model)

    def add_werklijst(self, samenstelling: Samenstelling) -> tuple[Lijst, bool]:
        """Keep a new worklist; return it, and whether it is new.

        The same model and peildatum again, with the same version of the score, gives the list
        that is there: people are at work on it.

        Raises
        ------
        WerklijstKanNiet
            When there is another list of that peildatum, or a later one.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            lijsten = _read_lijsten(verbinding, samenstelling.model)
            for lijst in lijsten:
                if lijst.peildatum == samenstelling.peildatum:
                    _check_zelfde(lijst, samenstelling)
                    return lijst, False
            if lijsten and lijsten[-1].peildatum > samenstelling.peildatum:
                raise WerklijstKanNiet(
                    f"Er is al een werklijst {samenstelling.model} van een latere peildatum "
                    f"({lijsten[-1].peildatum}).",
                    verwacht="werklijsten in de volgorde van hun peildatum",
                )
            id_ = self._insert_lijst(verbinding, samenstelling)
            return _read_lijsten(verbinding, samenstelling.model, id_)[0], True

    def _insert_lijst(self, verbinding: Connection, samenstelling: Samenstelling) -> int:
        velden = {k: v for k, v in vars(samenstelling).items() if k != "regels"}
        id_: int = verbinding.execute(
            WERKLIJST.insert().returning(WERKLIJST.c.id),
            {**velden, "vastgelegd_op": self._nu()},
        ).scalar_one()
        # Numbers follow the shuffled order, withheld rows last: a number tells no lane.
        regels = sorted(
            samenstelling.regels,
            key=lambda regel: (regel.volgorde is None, regel.volgorde or 0, regel.complex_id),
        )
        if regels:
            verbinding.execute(
                WERKLIJSTREGEL.insert(), [{"werklijst_id": id_, **vars(r)} for r in regels]
            )
        return id_

    def add_beoordeling(self, model: Model, nummer: int, oordeel: str, door: str) -> Openstaand:
        """Record somebody's own view; return the complex, now with lane and score to see.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet
            When there is no such row, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            openstaand = find_open(_read_open(verbinding, model), nummer)
            goed, naam = check_beoordeling(openstaand, oordeel, door)
            verbinding.execute(
                BEOORDELING.insert(),
                {
                    "werklijstregel_id": openstaand.nummer,
                    "oordeel": goed,
                    "door": naam,
                    "vastgelegd_op": self._nu(),
                },
            )
            return find_open(_read_open(verbinding, model), nummer)

    def add_besluit(
        self,
        model: Model,
        nummer: int,
        reden_code: str,
        door: str,
        *,
        release_id: str,
        toelichting: str = "",
    ) -> tuple[Rij, ...]:
        """Record a decision: every waiting row of the complex leaves the list.

        Each row keeps the score that it was shown with.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet
            When there is no such row, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            openstaand = find_open(_read_open(verbinding, model), nummer)
            keuze, uitleg, naam = check_besluit(openstaand, reden_code, toelichting, door)
            verbinding.execute(
                BESLUIT.insert(),
                [
                    {
                        "werklijstregel_id": rij.id,
                        "keuze": keuze,
                        "reden_code": reden_code,
                        "toelichting": uitleg,
                        "door": naam,
                        "vastgelegd_op": self._nu(),
                        "release_id": release_id,
                        "scoreversie": rij.lijst.scoreversie,
                        "rang": rij.regel.rang,
                        "kans": rij.regel.kans,
                    }
                    for rij in openstaand.rijen
                ],
            )
            ids = {rij.id for rij in openstaand.rijen}
            return tuple(rij for rij in _read_rijen(verbinding, model) if rij.id in ids)

    def add_uitkomst(
        self, model: Model, nummer: int, uitkomst_code: str, door: str, *, adresnummer: int = 1
    ) -> Rij:
        """Record what came of a row; a later outcome of the same address takes its place.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet
            When there is no such row, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            rij = _find_getoond(_read_rijen(verbinding, model), nummer)
            naam = check_uitkomst(rij, uitkomst_code, adresnummer, door)
            self._insert_uitkomsten(verbinding, [(rij.id, adresnummer, uitkomst_code)], naam)
            return _find_getoond(_read_rijen(verbinding, model), nummer)

    def add_uitkomsten(
        self, model: Model, peildatum: date, per_complex: Mapping[str, str], door: str
    ) -> int:
        """Record outcomes that follow from the data, withheld rows included; return how many.

        Rows whose last outcome says the same get none, so that a repeat changes nothing.

        Parameters
        ----------
        model, peildatum
            The list.
        per_complex
            Outcome code by complex; complexes that are not on the list are left alone.
        door
            What derived them, e.g. the name of the table.

        Raises
        ------
        OngeldigeInvoer, WerklijstKanNiet
            When a code is unknown, or the rules refuse it; nothing is recorded then.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            nieuw = []
            for rij in _read_rijen(verbinding, model):
                code = per_complex.get(rij.regel.complex_id)
                if rij.lijst.peildatum != peildatum or code is None:
                    continue
                check_uitkomst(rij, code, 1, door)
                bekend = [u.uitkomst_code for u in rij.uitkomsten if u.adresnummer == 1]
                if bekend[-1:] != [code]:
                    nieuw.append((rij.id, 1, code))
            if nieuw:
                self._insert_uitkomsten(verbinding, nieuw, tekst.tidy(door))
            return len(nieuw)

    def _insert_uitkomsten(
        self, verbinding: Connection, uitkomsten: Sequence[tuple[int, int, str]], door: str
    ) -> None:
        nu = self._nu()
        verbinding.execute(
            UITKOMST.insert(),
            [
                {
                    "werklijstregel_id": id_,
                    "adresnummer": adresnummer,
                    "uitkomst_code": code,
                    "door": door,
                    "vastgelegd_op": nu,
                }
                for id_, adresnummer, code in uitkomsten
            ],
        )

    def read_modelstand(self, model: Model) -> Modelstand | None:
        """Return who last stopped or started a model; None when nobody ever did.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached: a run does not go on as if nothing were stopped.
        """
        with self._look() as verbinding:
            return None if verbinding is None else _read_stand(verbinding, model)

    def set_modelstand(self, model: Model, stand: Stand, reden: str, door: str) -> Modelstand:
        """Stop or start a model.

        Raises
        ------
        OngeldigeInvoer, WerklijstKanNiet
            When a field is wrong, or the model is in that state already.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            huidig = _read_stand(verbinding, model)
            waarom, naam = check_modelstand(huidig, model, stand, reden, door)
            nieuw = Modelstand(model, stand, waarom, naam, self._nu())
            verbinding.execute(MODELSTAND.insert(), vars(nieuw))
            return nieuw

    def list_tekeningen(self, model: Model) -> tuple[Tekening, ...]:
        """Return the signatures for changed lists of a model, the oldest first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read_tekeningen(verbinding, model)

    def add_tekening(
        self, model: Model, modelversie: str, kampioen: str, reden: str, door: str
    ) -> Tekening:
        """Record that somebody signs for the list of a version, after that of a champion.

        Raises
        ------
        OngeldigeInvoer, WerklijstKanNiet
            When a field is wrong, or somebody signed for this change already.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            bekend = _read_tekeningen(verbinding, model)
            waarom, naam = check_tekening(bekend, modelversie, kampioen, reden, door)
            nieuw = Tekening(model, modelversie, kampioen, waarom, naam, self._nu())
            verbinding.execute(MODELTEKENING.insert(), vars(nieuw))
            return nieuw


def _check_zelfde(lijst: Lijst, samenstelling: Samenstelling) -> None:
    if lijst.scoreversie != samenstelling.scoreversie:
        raise WerklijstKanNiet(
            f"Er is al een werklijst {lijst.model} van {lijst.peildatum}, met scoreversie "
            f"{lijst.scoreversie}.",
            verwacht="één werklijst per model en peildatum; een lijst wordt niet overschreven",
            remedie="wacht op de volgende peildatum, of zet het model stil met "
            "`buurtpeil modellen stop`",
        )


def _find_getoond(rijen: Sequence[Rij], nummer: int) -> Rij:
    for rij in rijen:
        if rij.id == nummer and not rij.regel.is_onthouden:
            return rij
    raise OnbekendeRegel(f"Er is geen regel {nummer}.", remedie="de nummers staan in de werklijst")


def _read_open(verbinding: Connection, model: Model) -> tuple[Openstaand, ...]:
    stand = _read_stand(verbinding, model)
    is_gestopt = stand is not None and stand.stand == "gestopt"
    return list_open(_read_rijen(verbinding, model), is_gestopt=is_gestopt)


def _read_stand(verbinding: Connection, model: Model) -> Modelstand | None:
    vraag = (
        select(MODELSTAND)
        .where(MODELSTAND.c.model == model)
        .order_by(MODELSTAND.c.id.desc())
        .limit(1)
    )
    rij = verbinding.execute(vraag).first()
    if rij is None:
        return None
    return Modelstand(rij.model, rij.stand, rij.reden, rij.door, rij.vastgelegd_op)


def _read_tekeningen(verbinding: Connection, model: Model) -> tuple[Tekening, ...]:
    vraag = select(MODELTEKENING).where(MODELTEKENING.c.model == model).order_by(MODELTEKENING.c.id)
    return tuple(
        Tekening(r.model, r.modelversie, r.kampioen, r.reden, r.door, r.vastgelegd_op)
        for r in verbinding.execute(vraag)
    )


def _read_lijsten(
    verbinding: Connection, model: Model, id_: int | None = None
) -> tuple[Lijst, ...]:
    vraag = select(WERKLIJST).where(WERKLIJST.c.model == model).order_by(WERKLIJST.c.peildatum)
    if id_ is not None:
        vraag = vraag.where(WERKLIJST.c.id == id_)
    return tuple(Lijst(**rij._mapping) for rij in verbinding.execute(vraag))


def _read_rijen(verbinding: Connection, model: Model) -> tuple[Rij, ...]:
    lijsten = {lijst.id: lijst for lijst in _read_lijsten(verbinding, model)}
    besluiten = {
        id_: Besluit(**velden[0])
        for id_, velden in _read_per_regel(verbinding, BESLUIT, model).items()
    }
    beoordelingen = _read_per_regel(verbinding, BEOORDELING, model)
    uitkomsten = _read_per_regel(verbinding, UITKOMST, model)
    vraag = (
        select(WERKLIJSTREGEL)
        .join(WERKLIJST)
        .where(WERKLIJST.c.model == model)
        .order_by(WERKLIJST.c.peildatum, WERKLIJSTREGEL.c.id)
    )
    return tuple(
        Rij(
            id=rij.id,
            lijst=lijsten[rij.werklijst_id],
            regel=_read_regel(rij),
            beoordelingen=tuple(Beoordeling(**b) for b in beoordelingen.get(rij.id, ())),
            besluit=besluiten.get(rij.id),
            uitkomsten=tuple(Uitkomst(**u) for u in uitkomsten.get(rij.id, ())),
        )
        for rij in verbinding.execute(vraag)
    )


def _read_regel(rij: Row[Any]) -> Regel:
    velden = dict(rij._mapping)
    del velden["id"], velden["werklijst_id"]
    return Regel(**velden)


def _read_per_regel(
    verbinding: Connection, tabel: Table, model: Model
) -> dict[int, list[dict[str, Any]]]:
    """Return the rows of a table by the row of the worklist that they are about."""
    vraag = (
        select(tabel)
        .join(WERKLIJSTREGEL, tabel.c.werklijstregel_id == WERKLIJSTREGEL.c.id)
        .join(WERKLIJST)
        .where(WERKLIJST.c.model == model)
        .order_by(tabel.c.id)
    )
    gevonden: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for rij in verbinding.execute(vraag):
        velden = dict(rij._mapping)
        del velden["id"]
        gevonden[velden.pop("werklijstregel_id")].append(velden)
    return gevonden
