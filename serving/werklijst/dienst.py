"""What API and page share: the rows that somebody sees, and how much of each.

A row is shown with facts. Lane, score and reasons come with it once this reader gave an own view,
by the name they have from logging in (or typed, where there is no login).

Belongs here: bringing together store, release and rules. Does not belong here: the rules
(``serving.besluit.werklijst``), HTTP (``api``, ``loket``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from serving.besluit.preventie import Preventiemaatregel, Preventieregister
from serving.besluit.werklijst import (
    Modelstand,
    OnbekendeRegel,
    Openstaand,
    Rij,
    find_open,
)
from serving.besluit.werklijstregister import Werklijstregister
from serving.release.voor_rollen import read_redenen, read_score, read_stand
from serving.release.winkel import Uitgave, Winkel
from serving.werklijst.feiten import Feiten, gather_feiten
from serving.werklijst.loopt import list_loopt
from serving.werklijst.score import Zicht, look_at_score
from vera.toegang import Bereik
from vera.werklijst import REDENEN, Baan, Model, Oordeel, Reden

BEREIKEN: Final[Mapping[Model, Bereik]] = {
    "overlast": "werklijst_overlast",
    "woonfraude": "werklijst_woonfraude",
}
BEREIKEN_SCORE: Final[Mapping[Model, Bereik]] = {
    "overlast": "overlast",
    "woonfraude": "woonfraude",
}
NAMEN: Final[Mapping[Model, str]] = {
    "overlast": "Werklijst overlast",
    "woonfraude": "Werklijst woonfraude",
}


@dataclass(frozen=True)
class Uitleg:
    """Why a complex is on the list, for who gave an own view of it.

    Parameters
    ----------
    banen
        Lanes that it came through.
    rang, kans, band, redenen
        The newest score; empty while the model is stopped.
    aantal_adressen
        How many addresses are looked at here (woonfraude).
    """

    banen: tuple[Baan, ...]
    rang: int | None
    kans: float | None
    band: str | None
    redenen: tuple[str, ...]
    scoreversie: str
    aantal_adressen: int
    is_gestopt: bool

    @property
    def reden_keuzes(self) -> Mapping[str, Reden]:
        """The reasons that a decision here may have."""
        return {c: r for c, r in REDENEN.items() if set(r.banen) & set(self.banen)}


@dataclass(frozen=True)
class Werkregel:
    """A row as somebody sees it. ``uitleg`` is None until they gave an own view."""

    nummer: int
    complex_id: str
    naam: str
    aantal_woningen: int | None
    peildatum: date
    feiten: Feiten
    oordeel: Oordeel | None = None
    uitleg: Uitleg | None = None


@dataclass(frozen=True)
class Werklijst:
    """What waits for a decision, in the one order that everybody sees."""

    model: Model
    uitgave: Uitgave
    regels: tuple[Werkregel, ...]
    gestopt: Modelstand | None


@dataclass(frozen=True)
class Besloten:
    """A complex that left the list to be followed up, or of overlast that left it at all."""

    nummer: int
    complex_id: str
    naam: str
    keuze: str
    peildatum: date
    besloten_op: date
    aantal_adressen: int
    uitkomsten: Mapping[int, str]

    @property
    def is_klaar(self) -> bool:
        """Whether each address has an outcome."""
        return len(self.uitkomsten) >= self.aantal_adressen


class Werklijstdienst:
    """The worklists for who may see them.

    Parameters
    ----------
    winkel
        Door to the current release.
    register
        The worklists.
    preventie
        The preventiemaatregelen.
    vandaag
        Gives today's date.
    vind_geheim
        Gives the secret by which scores are kept out of sight (``geheim``).
    """

    def __init__(
        self,
        winkel: Winkel,
        register: Werklijstregister,
        preventie: Preventieregister,
        vandaag: Callable[[], date],
        vind_geheim: Callable[[], bytes],
    ) -> None:
        self._winkel = winkel
        self._register = register
        self._preventie = preventie
        self.vandaag = vandaag
        self._vind_geheim = vind_geheim

    def current(self) -> Uitgave:
        """Return the whole current release; who may see what of it is decided here."""
        return self._winkel.current()

    def read_lijst(self, model: Model, naam: str | None) -> Werklijst:
        """Return what waits, as somebody sees it.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        uitgave = self.current()
        gestopt = self._read_gestopt(model)
        per_complex: dict[str, list[Preventiemaatregel]] = defaultdict(list)
        for maatregel in self._preventie.list_maatregelen():
            per_complex[maatregel.complex_id].append(maatregel)
        regels = [
            self._show(uitgave, model, staand, naam, gestopt, per_complex[staand.complex_id])
            for staand in self._register.list_open(model)
        ]
        return Werklijst(model, uitgave, tuple(regels), gestopt)

    def find_regel(self, model: Model, nummer: int, naam: str | None) -> Werkregel:
        """Return one row that waits.

        Raises
        ------
        OnbekendeRegel
            When there is none: unknown, decided, withheld and hidden look the same.
        BesluitenFout
            When the store cannot be reached.
        """
        staand = find_open(self._register.list_open(model), nummer)
        return self._show_one(model, staand, naam)

    def assess(self, model: Model, nummer: int, oordeel: str, naam: str) -> Werkregel:
        """Record an own view; return the row, now with lane, score and reasons.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet, BesluitenFout
            When there is no such row, the rules refuse it, or the store cannot be reached.
        """
        staand = self._register.add_beoordeling(model, nummer, oordeel, naam)
        return self._show_one(model, staand, naam)

    def decide(
        self, model: Model, nummer: int, reden_code: str, toelichting: str, naam: str
    ) -> tuple[Rij, ...]:
        """Record a decision; return the rows that left with it.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet, BesluitenFout
            When there is no such row, the rules refuse it, or the store cannot be reached.
        """
        return self._register.add_besluit(
            model,
            nummer,
            reden_code,
            naam,
            release_id=self.current().release_id,
            toelichting=toelichting,
        )

    def add_uitkomst(
        self, model: Model, nummer: int, uitkomst_code: str, adresnummer: int, naam: str
    ) -> Rij:
        """Record what came of a row that was decided.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet, BesluitenFout
            When there is no such row, the rules refuse it, or the store cannot be reached.
        """
        # A row that still waits looks the same as none: what came of it is not to be told yet.
        self.find_besloten(model, nummer)
        return self._register.add_uitkomst(
            model, nummer, uitkomst_code, naam, adresnummer=adresnummer
        )

    def list_besloten(self, model: Model) -> tuple[Besloten, ...]:
        """Return what was decided to be followed up, the latest first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        namen = self._read_namen(self.current())
        besloten = [
            self._describe_besloten(rij, namen)
            for rij in self._register.list_rijen(model)
            if rij.besluit is not None and not rij.regel.is_onthouden
            and rij.besluit.keuze == "opvolgen"
        ]  # fmt: skip
        return tuple(sorted(besloten, key=lambda b: (b.besloten_op, b.nummer), reverse=True))

    def find_besloten(self, model: Model, nummer: int) -> Besloten:
        """Return a row that was decided.

        Raises
        ------
        OnbekendeRegel
            When there is none.
        BesluitenFout
            When the store cannot be reached.
        """
        for rij in self._register.list_rijen(model):
            if rij.id == nummer and rij.besluit is not None and not rij.regel.is_onthouden:
                return self._describe_besloten(rij, self._read_namen(self.current()))
        raise OnbekendeRegel(
            f"Er is geen besloten regel {nummer}.", remedie="de nummers staan in de werklijst"
        )

    def add_preventie(
        self,
        nummer: int,
        soort_code: str,
        begindatum: date | None,
        einddatum: date | None,
        naam: str,
    ) -> Preventiemaatregel:
        """Record prevention in the complex of a row of the worklist woonfraude.

        Raises
        ------
        OnbekendeRegel, OngeldigeInvoer, BesluitenFout
            When there is no such row, a field is wrong, or the store cannot be reached.
        """
        complex_id = self.find_complex("woonfraude", nummer)
        return self._preventie.add_maatregel(complex_id, soort_code, begindatum, einddatum, naam)

    def find_complex(self, model: Model, nummer: int) -> str:
        """Return the complex of a row that people may see, waiting or decided.

        Raises
        ------
        OnbekendeRegel
            When there is none.
        """
        try:
            return find_open(self._register.list_open(model), nummer).complex_id
        except OnbekendeRegel:
            pass
        try:
            return self.find_besloten(model, nummer).complex_id
        except OnbekendeRegel as fout:
            raise OnbekendeRegel(
                f"Er is geen regel {nummer}.", remedie="de nummers staan in de werklijst"
            ) from fout

    def look_at_score(self, model: Model, complex_id: str, naam: str | None) -> Zicht:
        """Return what somebody sees of the score of a complex, outside the worklist.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached: then it is not known who gave an own view.
        """
        uitgave = self.current()
        lijsten = self._register.list_lijsten(model)
        return look_at_score(
            read_stand(uitgave, model),
            read_score(uitgave, model, complex_id),
            self._register.list_rijen(model),
            complex_id,
            naam,
            model=model,
            laatste=lijsten[-1].peildatum if lijsten else None,
            is_gestopt=self._read_gestopt(model) is not None,
            geheim=self._vind_geheim(),
        )

    def count_open(self, model: Model) -> int:
        """Return how many complexes wait.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        return len(self._register.list_open(model))

    def _read_gestopt(self, model: Model) -> Modelstand | None:
        stand = self._register.read_modelstand(model)
        return stand if stand is not None and stand.stand == "gestopt" else None

    def _read_namen(self, uitgave: Uitgave) -> Mapping[str, tuple[str, int | None]]:
        namen: Mapping[str, tuple[str, int | None]] = uitgave.remember(
            "namen_werklijst",
            lambda: {
                id_: (naam, aantal)
                for id_, naam, aantal in uitgave.query(
                    "select beheerobject_id, naam, verhuureenheden_aantal from lijst "
                    "where niveau = 'complex'"
                )
            },
        )
        return namen

    def _show_one(self, model: Model, staand: Openstaand, naam: str | None) -> Werkregel:
        hier = self._preventie.list_maatregelen(staand.complex_id)
        return self._show(self.current(), model, staand, naam, self._read_gestopt(model), hier)

    def _show(
        self,
        uitgave: Uitgave,
        model: Model,
        staand: Openstaand,
        naam: str | None,
        gestopt: Modelstand | None,
        preventie: Sequence[Preventiemaatregel],
    ) -> Werkregel:
        complex_id = staand.complex_id
        loopt = list_loopt(uitgave, preventie, model, complex_id, self.vandaag())
        wie, aantal = self._read_namen(uitgave).get(complex_id, (complex_id, None))
        regel = Werkregel(
            staand.nummer,
            complex_id,
            wie,
            aantal,
            staand.rijen[-1].lijst.peildatum,
            gather_feiten(uitgave, model, complex_id, loopt),
        )
        eigen = staand.find_beoordeling(naam) if naam else None
        if eigen is None:
            return regel
        return replace(regel, oordeel=eigen.oordeel, uitleg=_explain(staand, gestopt is not None))

    def _describe_besloten(self, rij: Rij, namen: Mapping[str, tuple[str, int | None]]) -> Besloten:
        if rij.besluit is None:
            raise TypeError("a decided row is needed")
        return Besloten(
            nummer=rij.id,
            complex_id=rij.regel.complex_id,
            naam=namen.get(rij.regel.complex_id, (rij.regel.complex_id, None))[0],
            keuze=rij.besluit.keuze,
            peildatum=rij.lijst.peildatum,
            besloten_op=rij.besluit.vastgelegd_op.date(),
            aantal_adressen=rij.regel.aantal_adressen,
            uitkomsten={u.adresnummer: u.uitkomst_code for u in rij.uitkomsten},
        )


def _explain(staand: Openstaand, is_gestopt: bool) -> Uitleg:
    rij = staand.rijen[0]
    regel = rij.regel
    return Uitleg(
        banen=staand.banen,
        rang=None if is_gestopt else regel.rang,
        kans=None if is_gestopt else regel.kans,
        band=None if is_gestopt else regel.band or None,
        redenen=() if is_gestopt else read_redenen(regel.redenen),
        scoreversie=rij.lijst.scoreversie,
        aantal_adressen=regel.aantal_adressen,
        is_gestopt=is_gestopt,
    )
