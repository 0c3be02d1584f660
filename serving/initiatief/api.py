"""``/v1/bewonersinitiatieven``: the register over the API."""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import ConfigDict, Field, WithJsonSchema
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import invoer
from serving.api.herkomst import is_own_request
from serving.api.lijst import MAXIMUM_PER_PAGINA, join_links
from serving.api.modellen import Code, Model, Release, Verwijzing
from serving.api.probleem import make_problem
from serving.api.toegang import lezer_of, vraagt
from serving.initiatief.regels import (
    MAXIMUM_BEDRAG,
    MAXIMUM_DOOR,
    MAXIMUM_NAAM,
    MINIMUM_NAAM,
    STATUSSEN,
    THEMAS,
    Gegevens,
    Initiatief,
    InitiatiefKanNiet,
    OnbekendInitiatief,
    OngeldigInitiatief,
)
from serving.initiatief.register import Initiatiefregister
from serving.initiatief.zicht import Filter, describe_initiatief, select_initiatieven
from serving.pagina.plek import list_plekken
from serving.release.winkel import Uitgave, Winkel
from vera.errors import BuurtpeilError

PAD: Final = "/bewonersinitiatieven"
TAG: Final = "Bewonersinitiatieven"

_VAN_ELDERS: Final = "Deze aanvraag komt niet van deze site."
_VOORBEELD: Final[dict[str, Any]] = {
    "naam": "Geveltuinen in de Eikenlaan",
    "themaCode": "groen",
    "complexId": "C00125",
    "bedragEur": 750.00,
    "statusCode": "toegekend",
    "begindatum": "2026-10-01",
    "einddatum": "2027-03-31",
    "door": "A. de Wit",
}
_VOORBEELD_WIJZIGING: Final[dict[str, Any]] = {"statusCode": "afgerond", "einddatum": "2027-02-28"}

Bedrag = Annotated[
    Decimal,
    Field(ge=0, le=MAXIMUM_BEDRAG, max_digits=9, decimal_places=2),
    WithJsonSchema(
        {"type": "number", "minimum": 0, "maximum": int(MAXIMUM_BEDRAG), "examples": [750.00]}
    ),
]
Statuscode = Literal[*STATUSSEN]  # type: ignore[valid-type]
Themacode = Literal[*THEMAS]  # type: ignore[valid-type]
_THEMATEKST: Final = "; ".join(f"{code}: {naam}" for code, naam in THEMAS.items())


class Initiatieflijstvraag(invoer.Invoer):
    """Which initiatives."""

    complex_id: str | None = Field(
        None, max_length=invoer.MAXIMUM_ID, description="Alleen in dit complex."
    )
    buurt_id: str | None = Field(
        None, max_length=invoer.MAXIMUM_ID, description="Alleen in deze buurt."
    )
    status_code: Statuscode | None = Field(None, description="Alleen met deze status.")
    thema_code: Themacode | None = Field(None, description="Alleen met dit thema.")
    pagina: int = Field(1, ge=1, le=1_000_000, description="Nummer van de pagina, vanaf 1.")
    per_pagina: int = Field(
        20,
        alias="aantalPerPagina",
        ge=1,
        le=MAXIMUM_PER_PAGINA,
        description="Rijen per pagina.",
    )


class Initiatiefverzoek(Model):
    """Een nieuw bewonersinitiatief, in een complex of in een hele buurt."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD]})

    naam: str = Field(
        min_length=MINIMUM_NAAM,
        max_length=MAXIMUM_NAAM,
        description="Hoe het plan heet. Geen namen van personen.",
    )
    thema_code: Themacode = Field(description=f"Waar het over gaat. {_THEMATEKST}.")
    complex_id: str | None = Field(
        None, max_length=invoer.MAXIMUM_ID, description="Het complex; anders `buurtId`."
    )
    buurt_id: str | None = Field(
        None, max_length=invoer.MAXIMUM_ID, description="De hele buurt; anders `complexId`."
    )
    bedrag_eur: Bedrag | None = Field(None, description="Budget in euro's, met centen.")
    status_code: Statuscode = Field("aangevraagd", description="Hoe het ermee staat.")
    begindatum: date = Field(description="Eerste dag.")
    einddatum: date | None = Field(None, description="Laatste dag; leeg als het doorloopt.")
    door: str | None = Field(
        None,
        max_length=MAXIMUM_DOOR,
        description="Wie dit vastlegt; alleen nodig als de aanmelding het niet zegt.",
    )


class Initiatiefwijziging(Model):
    """Wat er verandert; wat ontbreekt, blijft zoals het is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD_WIJZIGING]})

    status_code: Statuscode | None = Field(None, description="Hoe het er nu mee staat.")
    bedrag_eur: Bedrag | None = Field(None, description="Budget in euro's, met centen.")
    einddatum: date | None = Field(None, description="Laatste dag.")
    door: str | None = Field(
        None,
        max_length=MAXIMUM_DOOR,
        description="Wie dit vastlegt; alleen nodig als de aanmelding het niet zegt.",
    )


class Bewonersinitiatief(Model):
    """Een plan van bewoners."""

    id: int
    naam: str
    thema: Code | None = Field(description="Leeg als het niet bekend is.")
    complex: Verwijzing | None = Field(description="Leeg als het voor de hele buurt is.")
    buurt: Verwijzing | None
    bedrag_eur: float | None = Field(description="Leeg als het niet bekend is.")
    status: Code
    begindatum: date
    einddatum: date | None
    is_lopend: bool = Field(description="Waar als het is toegekend en niet voorbij is.")
    herkomst: Literal["register", "levering"] = Field(
        description="Hier vastgelegd, of uit een ander systeem geleverd."
    )


class Initiatieflijst(Model):
    """Eén pagina van de lijst, het laatst begonnen initiatief eerst."""

    aantal: int
    pagina: int
    aantal_per_pagina: int
    resultaten: list[Bewonersinitiatief]
    release: Release


class EenInitiatief(Model):
    """Eén bewonersinitiatief."""

    initiatief: Bewonersinitiatief
    release: Release


def build_initiatieven(
    register: Initiatiefregister, winkel: Winkel, adres: str, vandaag: Callable[[], date]
) -> APIRouter:
    """Return the routes.

    Parameters
    ----------
    register
        The register.
    winkel
        Door to the current release, for places and their names.
    adres
        Absolute address of the API, ``/v1`` included.
    vandaag
        Gives today's date.
    """
    router = APIRouter(tags=[TAG], redirect_slashes=False)
    geen_invoer = Annotated[invoer.Invoer, Query()]
    nummer = Annotated[
        int, Path(alias="initiatiefId", ge=1, le=2**31 - 1, description="Nummer.", examples=[12])
    ]

    async def check_herkomst(aanvraag: Request) -> None:
        if not is_own_request(aanvraag.headers, adres):
            raise HTTPException(403, _VAN_ELDERS)
        soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
        if soort != "application/json":
            raise HTTPException(415, "Stuur het initiatief als application/json.")

    def answer_one(
        aanvraag: Request, uitgave: Uitgave, initiatief: Initiatief, status: int
    ) -> Response:
        inhoud = describe_initiatief(initiatief, uitgave, lezer_of(aanvraag), vandaag())
        return _answer(uitgave, {"initiatief": inhoud}, status)

    @vraagt("initiatief_lezen")
    def list_initiatieven(
        aanvraag: Request, vraag: Annotated[Initiatieflijstvraag, Query()]
    ) -> Response:
        lezer, uitgave = lezer_of(aanvraag), winkel.current()
        if vraag.complex_id is not None and not lezer.may("complex"):
            raise HTTPException(403, "Complexen horen niet bij uw rol.")
        try:
            alle = register.list_initiatieven()
        except BuurtpeilError as fout:
            return _refuse(fout)
        gezocht = Filter(vraag.complex_id, vraag.buurt_id, vraag.status_code, vraag.thema_code)
        gevonden = select_initiatieven(alle, lezer, gezocht)
        begin = (vraag.pagina - 1) * vraag.per_pagina
        inhoud = {
            "aantal": len(gevonden),
            "pagina": vraag.pagina,
            "aantalPerPagina": vraag.per_pagina,
            "resultaten": [
                describe_initiatief(initiatief, uitgave, lezer, vandaag())
                for initiatief in gevonden[begin : begin + vraag.per_pagina]
            ],
        }
        laatste = max(1, -(-len(gevonden) // vraag.per_pagina))
        link = join_links(
            vraag.pagina, laatste, lambda pagina: f"{adres}{PAD}?{_write_query(vraag, pagina)}"
        )
        return _answer(uitgave, inhoud, 200, {"link": link})

    @vraagt("initiatief_lezen")
    def get_initiatief(aanvraag: Request, id_: nummer, vraag: geen_invoer) -> Response:
        try:
            alle = select_initiatieven(register.list_initiatieven(), lezer_of(aanvraag), Filter())
        except BuurtpeilError as fout:
            return _refuse(fout)
        for initiatief in alle:
            if initiatief.id == id_:
                return answer_one(aanvraag, winkel.current(), initiatief, 200)
        return _refuse(OnbekendInitiatief())

    @vraagt("initiatief_vastleggen")
    def add_initiatief(
        aanvraag: Request, verzoek: Initiatiefverzoek, vraag: geen_invoer
    ) -> Response:
        uitgave = winkel.current()
        try:
            gegevens = _read(verzoek, uitgave)
            initiatief = register.add(gegevens, lezer_of(aanvraag).naam or verzoek.door or "")
        except BuurtpeilError as fout:
            return _refuse(fout)
        return answer_one(aanvraag, uitgave, initiatief, 201)

    @vraagt("initiatief_vastleggen")
    def change_initiatief(
        aanvraag: Request, id_: nummer, verzoek: Initiatiefwijziging, vraag: geen_invoer
    ) -> Response:
        try:
            initiatief = register.change(
                id_,
                lezer_of(aanvraag).naam or verzoek.door or "",
                status_code=verzoek.status_code,
                bedrag_eur=verzoek.bedrag_eur,
                einddatum=verzoek.einddatum,
            )
        except BuurtpeilError as fout:
            return _refuse(fout)
        return answer_one(aanvraag, winkel.current(), initiatief, 200)

    schrijver = [Depends(check_herkomst)]
    router.add_api_route(
        PAD,
        list_initiatieven,
        methods=["GET", "HEAD"],
        summary="Lijst van bewonersinitiatieven",
        description=(
            "Geeft plannen van bewoners met plek, thema, budget en status. Wie geen complexen "
            "ziet, krijgt alleen wat is toegekend of afgerond, met de buurt als plek."
        ),
        operation_id="lijst_bewonersinitiatieven",
        response_model=None,
        responses={
            200: {
                "model": Initiatieflijst,
                "description": "Eén pagina van de lijst.",
                "headers": {"Link": {"$ref": "#/components/headers/Link"}},
            }
        },
    )
    router.add_api_route(
        f"{PAD}/{{initiatiefId}}",
        get_initiatief,
        methods=["GET", "HEAD"],
        summary="Eén bewonersinitiatief",
        description="Geeft één plan van bewoners zoals het nu is vastgelegd.",
        operation_id="toon_bewonersinitiatief",
        response_model=None,
        responses={200: {"model": EenInitiatief, "description": "Het initiatief."}},
    )
    router.add_api_route(
        PAD,
        add_initiatief,
        methods=["POST"],
        status_code=201,
        dependencies=schrijver,
        summary="Een bewonersinitiatief vastleggen",
        description="Legt een plan van bewoners vast, zonder namen van personen.",
        operation_id="leg_bewonersinitiatief_vast",
        response_model=None,
        responses={201: {"model": EenInitiatief, "description": "Het is vastgelegd."}},
    )
    router.add_api_route(
        f"{PAD}/{{initiatiefId}}",
        change_initiatief,
        methods=["PATCH"],
        dependencies=schrijver,
        summary="Een bewonersinitiatief bijwerken",
        description=(
            "Verandert status, budget of laatste dag. De vorige stand blijft bewaard. Wat uit een "
            "levering komt, verandert in het systeem waar het vandaan komt."
        ),
        operation_id="werk_bewonersinitiatief_bij",
        response_model=None,
        responses={200: {"model": EenInitiatief, "description": "Het is bijgewerkt."}},
    )
    return router


def _read(verzoek: Initiatiefverzoek, uitgave: Uitgave) -> Gegevens:
    if (verzoek.complex_id is None) == (verzoek.buurt_id is None):
        raise OngeldigInitiatief({"complexId": "of buurtId is verplicht, en niet allebei"})
    niveau: Literal["complex", "buurt"] = "buurt" if verzoek.complex_id is None else "complex"
    id_ = verzoek.complex_id or verzoek.buurt_id or ""
    plek = list_plekken(uitgave, niveau).get(id_)
    if plek is None:
        raise OngeldigInitiatief({f"{niveau}Id": "staat niet in de huidige release"})
    return Gegevens(
        naam=verzoek.naam,
        thema_code=verzoek.thema_code,
        niveau=niveau,
        beheerobject_id=id_,
        buurt_id=plek.buurt_id,
        bedrag_eur=verzoek.bedrag_eur,
        status_code=verzoek.status_code,
        begindatum=verzoek.begindatum,
        einddatum=verzoek.einddatum,
    )


def _write_query(vraag: Initiatieflijstvraag, pagina: int) -> str:
    inhoud = vraag.model_dump(by_alias=True, exclude_none=True)
    return urlencode({**inhoud, "pagina": pagina})


def _answer(
    uitgave: Uitgave, inhoud: dict[str, Any], status: int, koppen: dict[str, str] | None = None
) -> Response:
    tekst = json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
    # The register changes while the release does not, so there is no ETag here.
    return Response(
        tekst[:-1] + uitgave.staart,
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store", **(koppen or {})},
    )


def _refuse(fout: BuurtpeilError) -> Response:
    if isinstance(fout, OngeldigInitiatief):
        fouten = [
            {"plaats": "body", "naam": naam, "melding": melding}
            for naam, melding in fout.fouten.items()
        ]
        return make_problem(400, fout.gevonden, fouten=fouten)
    if isinstance(fout, OnbekendInitiatief):
        return make_problem(404, fout.gevonden)
    return make_problem(409 if isinstance(fout, InitiatiefKanNiet) else 503, fout.gevonden)
