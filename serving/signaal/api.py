"""``/v1/sociale-signalen`` and the counts: reporting, how it stands, following up.

What was reported goes in and does not come out here: an answer tells how it stands.
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import invoer
from serving.api.herkomst import is_own_request
from serving.api.modellen import Code, Model, Release, Verwijzing
from serving.api.probleem import make_problem
from serving.api.toegang import lezer_of, vraagt
from serving.signaal.dienst import Signaaldienst, TeVaak, name_buurten
from serving.signaal.regels import (
    MAXIMUM_TOELICHTING,
    NuGevaar,
    OnbekendSignaal,
    OngeldigSignaal,
    SignaalKanNiet,
    Voorstel,
)
from serving.signaal.register import Stand
from serving.signaal.telling import AFRONDING, MINIMUM
from serving.signaal.woorden import (
    BENADERINGEN,
    NOOD,
    ORGANISATIES,
    REDENEN,
    SIGNALEN,
    STATUSSEN,
    URGENTIES,
)
from vera.errors import BuurtpeilError

PAD: Final = "/sociale-signalen"
PAD_TELLINGEN: Final = "/signaaltellingen"
TAG: Final = "Sociaal Signaal"
NAAMLOOS: Final = "onbekend"

_VAN_ELDERS: Final = "Deze aanvraag komt niet van deze site."
_VOORBEELD: Final[dict[str, Any]] = {
    "complexId": "C00125",
    "signaalCode": "zorgmijding",
    "urgentieCode": "deze_week",
    "organisatieCode": "onderhoud",
    "benaderingCode": "eerst_overleg",
}
_VOORBEELD_STAND: Final[dict[str, Any]] = {
    "kenmerk": "K7M3-9QXD-2BRP",
    "status": {"code": "opgepakt", "naam": "opgepakt"},
    "gemeldDatum": "2026-11-24",
    "bijgewerktDatum": "2026-11-26",
}


def _say(keuzes: Any) -> str:
    return "; ".join(f"{code}: {getattr(naam, 'naam', naam)}" for code, naam in keuzes.items())


class Signaalverzoek(Model):
    """Een melding van wat iemand zag; zonder namen en zonder adres."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD]})

    complex_id: str = Field(
        max_length=invoer.MAXIMUM_ID, description="Id van het complex waar het over gaat."
    )
    signaal_code: Literal[*SIGNALEN] = Field(  # type: ignore[valid-type]
        description=f"Wat er te zien was. {_say(SIGNALEN)}."
    )
    urgentie_code: Literal[*URGENTIES] = Field(  # type: ignore[valid-type]
        description=f"Hoe snel iemand moet kijken. {_say(URGENTIES)}. Bij {NOOD} wordt niets "
        "vastgelegd: het antwoord zegt wie u moet bellen."
    )
    organisatie_code: Literal[*ORGANISATIES] | None = Field(  # type: ignore[valid-type]
        None,
        description=f"Namens wie; niet nodig als de aanmelding dat zegt. {_say(ORGANISATIES)}.",
    )
    eenheid_id: str | None = Field(
        None,
        max_length=invoer.MAXIMUM_ID,
        description="Nummer van de woning, alleen als het sociaal team daar een lijst van gaf.",
    )
    benadering_code: Literal[*BENADERINGEN] | None = Field(  # type: ignore[valid-type]
        None, description=f"Hoe iemand het best te benaderen is. {_say(BENADERINGEN)}."
    )
    toelichting: str | None = Field(
        None,
        max_length=MAXIMUM_TOELICHTING,
        description="Korte tekst, alleen waar de corporatie dat toestaat. Geen namen of nummers.",
    )


class Opvolging(Model):
    """Een stap van het sociaal team."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"statusCode": "afgesloten", "redenCode": "doorverwezen"}]}
    )

    status_code: Literal["opgepakt", "afgesloten"] = Field(description="Hoe de melding nu staat.")
    reden_code: Literal[*REDENEN] | None = Field(  # type: ignore[valid-type]
        None, description=f"Alleen bij afgesloten, en dan verplicht. {_say(REDENEN)}."
    )


class Signaalstand(Model):
    """Hoe een melding staat; nooit wat erin staat of wat er is gedaan."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD_STAND]})

    kenmerk: str = Field(description="Kenmerk van de melding; bewaar het.")
    status: Code
    gemeld_datum: date
    bijgewerkt_datum: date = Field(description="Dag van de laatste stap.")


class Buurttelling(Model):
    """Hoeveel signalen er in een buurt waren, afgerond."""

    buurt: Verwijzing
    aantal: int = Field(ge=MINIMUM, multiple_of=AFRONDING, examples=[15])


class Kwartaaltelling(Model):
    """De buurten met ten minste tien signalen in een kwartaal."""

    begindatum: date = Field(description="Eerste dag van het kwartaal.")
    buurten: list[Buurttelling] = Field(
        description="Een buurt die hier niet staat, had er nul tot en met negen."
    )


class Signaaltellingen(Model):
    """Aantallen signalen per buurt en kwartaal, het nieuwste kwartaal eerst."""

    minimum: int = Field(description="Een buurt telt pas mee vanaf zoveel signalen.")
    afronding: int = Field(description="Aantallen zijn hierop afgerond.")
    kwartalen: list[Kwartaaltelling]
    release: Release


def build_signalen(dienst: Signaaldienst, adres: str) -> APIRouter:
    """Return the routes.

    Parameters
    ----------
    dienst
        Takes reports.
    adres
        Absolute address of the API, ``/v1`` included.
    """
    router = APIRouter(tags=[TAG], redirect_slashes=False)
    geen_invoer = Annotated[invoer.Invoer, Query()]
    kenmerksleutel = Annotated[
        str, Path(max_length=32, description="Kenmerk van de melding.", examples=["K7M3-9QXD-2BRP"])
    ]

    async def check_herkomst(aanvraag: Request) -> None:
        if not is_own_request(aanvraag.headers, adres):
            raise HTTPException(403, _VAN_ELDERS)
        soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
        if soort != "application/json":
            raise HTTPException(415, "Stuur de melding als application/json.")

    async def check_nood(aanvraag: Request) -> None:
        # Before the rest is judged: who is in danger does not want to hear of a missing field.
        try:
            inhoud = await aanvraag.json()
        except ValueError:
            return
        if isinstance(inhoud, dict) and inhoud.get("urgentieCode") == NOOD:
            raise HTTPException(409, NuGevaar(dienst.beleid.noodnummers).gevonden)

    @vraagt("signaal_melden")
    def add_signaal(aanvraag: Request, verzoek: Signaalverzoek, vraag: geen_invoer) -> Response:
        voorstel = Voorstel(
            complex_id=verzoek.complex_id,
            buurt_id="",
            signaal_code=verzoek.signaal_code,
            urgentie=verzoek.urgentie_code,
            organisatie=verzoek.organisatie_code or "",
            eenheid_id=verzoek.eenheid_id or "",
            benadering=verzoek.benadering_code or "",
            toelichting=verzoek.toelichting or "",
        )
        try:
            return _answer(_describe(dienst.take(aanvraag, voorstel)), 201)
        except TeVaak as fout:
            raise HTTPException(
                429,
                "U heeft in korte tijd veel gemeld. Probeer het later opnieuw.",
                headers={"Retry-After": str(fout.seconden)},
            ) from fout
        except BuurtpeilError as fout:
            return _refuse(fout)

    @vraagt("signaal_melden")
    def get_stand(aanvraag: Request, kenmerk: kenmerksleutel, vraag: geen_invoer) -> Response:
        try:
            return _answer(
                _describe(dienst.register.find_stand(kenmerk, lezer_of(aanvraag).naam)), 200
            )
        except BuurtpeilError as fout:
            return _refuse(fout)

    # Without the reference in the read log: who has it sees how a report stands. The log of the
    # signals itself says which one it was.
    @vraagt("signaal_opvolgen")
    def follow_up(
        aanvraag: Request, kenmerk: kenmerksleutel, verzoek: Opvolging, vraag: geen_invoer
    ) -> Response:
        wie = lezer_of(aanvraag).naam or NAAMLOOS
        try:
            stand = dienst.register.follow_up(
                kenmerk, verzoek.status_code, verzoek.reden_code or "", wie
            )
        except BuurtpeilError as fout:
            return _refuse(fout)
        return _answer(_describe(stand), 200)

    @vraagt("signaal_telling")
    def list_tellingen(aanvraag: Request, vraag: geen_invoer) -> Response:
        uitgave = dienst.winkel.current()
        namen = name_buurten(uitgave)
        try:
            tellingen = dienst.register.read_tellingen(lezer_of(aanvraag).naam or NAAMLOOS)
        except BuurtpeilError as fout:
            return _refuse(fout)
        inhoud = {
            "minimum": MINIMUM,
            "afronding": AFRONDING,
            "kwartalen": [
                {
                    "begindatum": telling.kwartaal.isoformat(),
                    "buurten": [
                        {"buurt": {"id": id_, "naam": namen.get(id_, id_)}, "aantal": aantal}
                        for id_, aantal in telling.aantallen.items()
                    ],
                }
                for telling in tellingen
            ],
        }
        return _answer(inhoud, 200, uitgave.staart)

    router.add_api_route(
        PAD,
        add_signaal,
        methods=["POST"],
        status_code=201,
        dependencies=[Depends(check_herkomst), Depends(check_nood)],
        summary="Een Sociaal Signaal melden",
        description=(
            "Geeft door wat iemand zag die in of bij een woning werkt. Alleen het sociaal team "
            "leest het. Er gaan geen namen in en geen adres. Het antwoord is een kenmerk waarmee "
            "te zien is of de melding is opgepakt."
        ),
        operation_id="meld_sociaal_signaal",
        response_model=None,
        responses={201: {"model": Signaalstand, "description": "De melding is ontvangen."}},
    )
    router.add_api_route(
        f"{PAD}/{{kenmerk}}",
        get_stand,
        methods=["GET", "HEAD"],
        summary="Hoe een eigen melding staat",
        description="Geeft of de melding is ontvangen, opgepakt of afgesloten. Meer niet.",
        operation_id="toon_sociaal_signaal",
        response_model=None,
        responses={200: {"model": Signaalstand, "description": "De stand."}},
    )
    router.add_api_route(
        f"{PAD}/{{kenmerk}}",
        follow_up,
        methods=["PATCH"],
        dependencies=[Depends(check_herkomst)],
        summary="Een melding opvolgen",
        description=(
            "Het sociaal team pakt een melding op, of sluit haar af met een reden. De melder ziet "
            "de status en niet de reden. Een stap terug is er niet."
        ),
        operation_id="volg_sociaal_signaal_op",
        response_model=None,
        responses={200: {"model": Signaalstand, "description": "De stap is vastgelegd."}},
    )
    router.add_api_route(
        PAD_TELLINGEN,
        list_tellingen,
        methods=["GET", "HEAD"],
        summary="Aantallen signalen per buurt",
        description=(
            "Geeft per voorbij kwartaal de buurten met ten minste tien signalen, afgerond op "
            "vijf. Een kwartaal wordt één keer geteld en verandert daarna niet. Er zijn geen "
            "totalen en geen soorten."
        ),
        operation_id="lijst_signaaltellingen",
        response_model=None,
        responses={200: {"model": Signaaltellingen, "description": "De aantallen."}},
    )
    return router


def _describe(stand: Stand) -> dict[str, Any]:
    return {
        "kenmerk": stand.kenmerk,
        "status": {"code": stand.status, "naam": STATUSSEN[stand.status]},
        "gemeldDatum": stand.gemeld_op.isoformat(),
        "bijgewerktDatum": stand.bijgewerkt_op.isoformat(),
    }


def _answer(inhoud: dict[str, Any], status: int, staart: bytes = b"}") -> Response:
    tekst = json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(
        tekst[:-1] + staart,
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


def _refuse(fout: BuurtpeilError) -> Response:
    if isinstance(fout, OngeldigSignaal):
        fouten = [
            {"plaats": "body", "naam": naam, "melding": melding}
            for naam, melding in fout.fouten.items()
        ]
        return make_problem(400, fout.gevonden, fouten=fouten)
    if isinstance(fout, OnbekendSignaal):
        return make_problem(404, fout.gevonden)
    if isinstance(fout, (SignaalKanNiet, NuGevaar)):
        return make_problem(409, fout.gevonden)
    # The key or the store: what to do about it is for who runs the service.
    return make_problem(503, "Sociaal Signaal is nu niet bereikbaar. Bel bij haast het team zelf.")
