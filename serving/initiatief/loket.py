"""The page of bewonersinitiatieven with its form, and the section on the card of a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.api.toegang import lezer_of, vraagt
from serving.initiatief.optelling import sum_buurten
from serving.initiatief.regels import (
    MAXIMUM_DOOR,
    MAXIMUM_NAAM,
    STATUSSEN,
    THEMAS,
    Gegevens,
    Initiatief,
    InitiatiefKanNiet,
    OnbekendInitiatief,
    OngeldigInitiatief,
    admit,
)
from serving.initiatief.register import Initiatiefregister
from serving.initiatief.zicht import Filter, describe_initiatief, select_initiatieven
from serving.pagina.antwoord import answer_html
from serving.pagina.formulier import KOPPEN, make_bewijs, read_vorm, remember_bewijs
from serving.pagina.getal import format_datum, format_getal
from serving.pagina.hier import Hierdeel, Initiatiefregel
from serving.pagina.plek import MAXIMUM_LIJST, Plek, find_plekken, list_plekken
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import look_as
from vera.errors import BuurtpeilError
from vera.toegang import Lezer

PAD: Final = "/bewonersinitiatieven"
PER_BLAD: Final = 25
OP_KAART: Final = 6
_NIVEAUS: Final = ("complex", "buurt")
_VERLOPEN: Final = (
    "Dit formulier komt niet van deze pagina, of is verlopen. Open Bewonersinitiatieven opnieuw "
    "en vul het daar in. Er is niets vastgelegd."
)

_T = TypeVar("_T")


class Tekenaar(Protocol):
    """Makes pages with the head and the foot of this site."""

    def draw(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return the HTML of a template."""
        ...


class Initiatiefloket:
    """The page, and what a card asks.

    Parameters
    ----------
    register
        The register.
    winkel
        Door to the current release, for places and their names.
    basis_url
        Address under which people reach the site.
    vandaag
        Gives today's date.
    """

    def __init__(
        self,
        register: Initiatiefregister,
        winkel: Winkel,
        basis_url: str,
        vandaag: Callable[[], date],
    ) -> None:
        self._register = register
        self._winkel = winkel
        self._basis_url = basis_url
        self._vandaag = vandaag

    def find_hier(
        self, lezer: Lezer, niveau: str, beheerobject_id: str, buurt_id: str
    ) -> Hierdeel | None:
        """Return what runs in a place; None when this reader sees no initiatives, or none is there.

        Parameters
        ----------
        lezer
            Who looks.
        niveau, beheerobject_id
            The place: a complex or a buurt.
        buurt_id
            The buurt of the place; empty where there is none.
        """
        if niveau not in _NIVEAUS or not lezer.may("initiatief_lezen"):
            return None
        try:
            alle = self._register.list_hier(niveau, beheerobject_id, buurt_id)
        except BuurtpeilError:
            # The card itself does not depend on the register.
            return Hierdeel((), 0, "De bewonersinitiatieven zijn nu niet te lezen.")
        dag = self._vandaag()
        hier = [
            initiatief
            for initiatief in select_initiatieven(alle, lezer, Filter())
            if initiatief.runs(dag) or initiatief.gegevens.status_code == "aangevraagd"
        ]
        if not hier:
            return None
        hier.sort(key=lambda initiatief: not initiatief.runs(dag))
        uitgave = self._winkel.current()
        regels = tuple(self._say(i, uitgave, lezer) for i in hier[:OP_KAART])
        return Hierdeel(regels, len(hier) - len(regels))

    def list_routes(self, tekenaar: Tekenaar) -> list[Route]:
        """Return the addresses of the page, drawn by ``tekenaar``."""

        @vraagt("initiatief_lezen")
        def show(aanvraag: Request) -> Response:
            return self._answer(aanvraag, tekenaar, 200)

        @vraagt("initiatief_vastleggen")
        async def add(aanvraag: Request) -> Response:
            vorm = await aanvraag.body()
            return await run_in_threadpool(self._add, aanvraag, tekenaar, vorm)

        @vraagt("initiatief_vastleggen")
        async def change(aanvraag: Request) -> Response:
            vorm = await aanvraag.body()
            return await run_in_threadpool(self._change, aanvraag, tekenaar, vorm)

        return [
            Route(PAD, show),
            Route(PAD, add, methods=["POST"]),
            Route(f"{PAD}/{{initiatief_id}}", change, methods=["POST"]),
        ]

    def _add(self, aanvraag: Request, tekenaar: Tekenaar, vorm: bytes) -> Response:
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        door = lezer_of(aanvraag).naam or velden.get("door", "")
        keuzes = self._find_keuzes(velden)
        try:
            gegevens = _read(velden, keuzes[0] if len(keuzes) == 1 else None, door)
            self._register.add(gegevens, door)
        except OngeldigInitiatief as fout:
            fouten = dict(fout.fouten)
            if "beheerobjectId" in fouten and velden.get("plek", "").strip():
                fouten["beheerobjectId"] = (
                    "kan meer plekken zijn; kies er een"
                    if keuzes
                    else "staat niet in de lijst van complexen en buurten"
                )
            return self._answer(aanvraag, tekenaar, 400, velden, fouten, keuzes)
        except BuurtpeilError as fout:
            return self._answer(aanvraag, tekenaar, 503, velden, {"": fout.gevonden})
        return RedirectResponse(PAD, 303, {"cache-control": "no-store"})

    def _change(self, aanvraag: Request, tekenaar: Tekenaar, vorm: bytes) -> Response:
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        tekst = str(aanvraag.path_params["initiatief_id"])
        id_ = int(tekst) if tekst.isascii() and tekst.isdigit() and len(tekst) < 10 else 0
        try:
            bedrag, einddatum = _read_bedrag(velden), _read_dag(velden, "einddatum")
            self._register.change(
                id_,
                lezer_of(aanvraag).naam or velden.get("door", ""),
                status_code=velden.get("statusCode") or None,
                bedrag_eur=bedrag,
                einddatum=einddatum,
            )
        except OngeldigInitiatief as fout:
            return self._answer(aanvraag, tekenaar, 400, wijziging=(id_, velden, fout.fouten))
        except InitiatiefKanNiet as fout:
            raise HTTPException(409, fout.gevonden) from fout
        except OnbekendInitiatief as fout:
            raise HTTPException(404, fout.gevonden) from fout
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        return RedirectResponse(PAD, 303, {"cache-control": "no-store"})

    def _find_keuzes(self, velden: Mapping[str, str]) -> Sequence[Plek]:
        uitgave = self._winkel.current()
        niveau, _, id_ = velden.get("plekId", "").partition(":")
        gekozen = list_plekken(uitgave, niveau).get(id_) if niveau in _NIVEAUS else None
        if gekozen is not None:
            return (gekozen,)
        return find_plekken(uitgave, velden.get("plek", ""), _NIVEAUS)

    def _answer(
        self,
        aanvraag: Request,
        tekenaar: Tekenaar,
        status: int,
        velden: Mapping[str, str] | None = None,
        fouten: Mapping[str, str] | None = None,
        keuzes: Sequence[Plek] = (),
        wijziging: tuple[int, Mapping[str, str], Mapping[str, str]] | None = None,
    ) -> Response:
        lezer, uitgave = lezer_of(aanvraag), self._winkel.current()
        try:
            alle = select_initiatieven(self._register.list_initiatieven(), lezer, Filter())
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        laatste = max(1, -(-len(alle) // PER_BLAD))
        pagina = _read_pagina(aanvraag.query_params.get("pagina", "1"), laatste)
        mag = lezer.may("initiatief_vastleggen")
        bewijs = make_bewijs(aanvraag) if mag else None
        plekken = [plek for niveau in _NIVEAUS for plek in list_plekken(uitgave, niveau).values()]
        html = tekenaar.draw(
            aanvraag,
            "bewonersinitiatieven.html",
            regels=[
                self._say(i, uitgave, lezer)
                for i in alle[(pagina - 1) * PER_BLAD : pagina * PER_BLAD]
            ],
            aantal=len(alle),
            optelling=sum_buurten(alle, look_as(uitgave, lezer)),
            pagina=pagina,
            laatste=laatste,
            bewijs=bewijs,
            vraagt_naam=lezer.naam is None,
            plekken=plekken if mag and len(plekken) <= MAXIMUM_LIJST else [],
            keuzes=keuzes,
            ingevuld=velden or {},
            fouten=fouten or {},
            wijziging=wijziging,
            themas=THEMAS,
            statussen=STATUSSEN,
            maximum_naam=MAXIMUM_NAAM,
            maximum_door=MAXIMUM_DOOR,
        )
        antwoord = answer_html(aanvraag, status, html, KOPPEN)
        if bewijs is not None:
            remember_bewijs(antwoord, bewijs, self._basis_url)
        return antwoord

    def _say(self, initiatief: Initiatief, uitgave: Uitgave, lezer: Lezer) -> Initiatiefregel:
        feiten = describe_initiatief(initiatief, uitgave, lezer, self._vandaag())
        gegevens = initiatief.gegevens
        return Initiatiefregel(
            id=initiatief.id,
            naam=gegevens.naam,
            thema=THEMAS.get(gegevens.thema_code or "", ""),
            complex=feiten["complex"],
            buurt=feiten["buurt"],
            bedrag=_write_bedrag(gegevens.bedrag_eur),
            periode=_write_periode(gegevens.begindatum, gegevens.einddatum),
            status=STATUSSEN[gegevens.status_code],
            status_code=gegevens.status_code,
            is_lopend=feiten["isLopend"],
            is_geleverd=initiatief.herkomst == "levering",
            kan_wijzigen=(initiatief.herkomst == "register" and lezer.may("initiatief_vastleggen")),
        )


def _read(velden: Mapping[str, str], plek: Plek | None, door: str) -> Gegevens:
    fouten: dict[str, str] = {}

    def read(doe: Callable[[Mapping[str, str]], _T]) -> _T | None:
        try:
            return doe(velden)
        except OngeldigInitiatief as fout:
            fouten.update(fout.fouten)
            return None

    bedrag, begin, eind = read(_read_bedrag), read(_read_begin), read(_read_eind)
    gegevens = Gegevens(
        naam=velden.get("naam", ""),
        thema_code=velden.get("themaCode", ""),
        niveau="buurt" if plek is not None and plek.niveau == "buurt" else "complex",
        beheerobject_id=plek.id if plek else "",
        buurt_id=plek.buurt_id if plek else "",
        bedrag_eur=bedrag,
        status_code=velden.get("statusCode", ""),
        begindatum=begin or date.max,
        einddatum=eind if begin else None,
    )
    if not fouten:
        return gegevens
    try:
        admit(gegevens, door)
    except OngeldigInitiatief as fout:
        fouten = {**fout.fouten, **fouten}
    raise OngeldigInitiatief(fouten)


def _read_begin(velden: Mapping[str, str]) -> date:
    dag = _read_dag(velden, "begindatum")
    if dag is None:
        raise OngeldigInitiatief({"begindatum": "is verplicht"})
    return dag


def _read_eind(velden: Mapping[str, str]) -> date | None:
    return _read_dag(velden, "einddatum")


def _read_dag(velden: Mapping[str, str], veld: str) -> date | None:
    tekst = velden.get(veld, "").strip()
    if not tekst:
        return None
    try:
        return date.fromisoformat(tekst)
    except ValueError as fout:
        raise OngeldigInitiatief({veld: "is geen datum; schrijf jjjj-mm-dd"}) from fout


def _read_bedrag(velden: Mapping[str, str]) -> Decimal | None:
    tekst = velden.get("bedragEur", "").strip().removeprefix("€").strip()
    if not tekst:
        return None
    if "," in tekst:  # 1.250,50 as people write it
        tekst = tekst.replace(".", "").replace(",", ".")
    try:
        return Decimal(tekst)
    except InvalidOperation as fout:
        raise OngeldigInitiatief({"bedragEur": "is geen bedrag, zoals 750 of 750,50"}) from fout


def _read_pagina(tekst: str, laatste: int) -> int:
    pagina = int(tekst) if tekst.isascii() and tekst.isdigit() and len(tekst) < 8 else 0
    if not 1 <= pagina <= laatste:
        raise HTTPException(404, f"De lijst heeft {laatste} pagina{'’s' if laatste > 1 else ''}.")
    return pagina


def _write_bedrag(bedrag: Decimal | None) -> str:
    if bedrag is None:
        return ""
    return f"€ {format_getal(float(bedrag), 0 if bedrag == int(bedrag) else 2)}"


def _write_periode(begin: date, eind: date | None) -> str:
    vanaf = format_datum(begin.isoformat())
    return f"{vanaf} tot en met {format_datum(eind.isoformat())}" if eind else f"vanaf {vanaf}"
