"""The duidingen of a complex: which there are, and setting one.

Names and texts go in and do not come out: an answer tells what was decided, not by whom.
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import invoer
from serving.api.herkomst import is_own_request
from serving.api.modellen import Code, Labelwaarde, Model, Release
from serving.api.probleem import make_problem
from serving.api.toegang import Toegang, vraagt
from serving.besluit.duiding import (
    MAXIMUM_NAAM,
    MAXIMUM_TOELICHTING,
    MINIMUM_TOELICHTING,
    Duiding,
    DuidingKanNiet,
    OngeldigeDuiding,
    Status,
    Voorstel,
    find_status,
    list_peildata,
)
from serving.besluit.publicatie import find_model_label, read_publicatie
from serving.besluit.register import BesluitenFout, Besluitregister
from serving.release.winkel import Uitgave
from vera.duiding import REDENEN

BESTAAT_NIET: Final = "In de huidige release bestaat dit complex niet. Zoek het op in de lijst."
VAN_ELDERS: Final = (
    "Deze aanvraag komt niet van deze site. Gebruik het adres waaronder deze site bekend is "
    "(BUURTPEIL_BASIS_URL)."
)

_VOORBEELD: Final[dict[str, Any]] = {
    "delta": -1,
    "redenCode": "recente_maatregel",
    "toelichting": "De portiekdeuren zijn vervangen en het trappenhuis is verlicht.",
    "door": "A. de Wit",
}


class Duidingsverzoek(Model):
    """Het label van een complex twee kwartalen lang één hoger of lager, met de reden."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD]})

    delta: Literal[-1, 1] = Field(description="1: een grotere opgave dan het label zegt; -1.")
    reden_code: Literal[*REDENEN] = Field(  # type: ignore[valid-type]
        description="; ".join(f"{code}: {naam}" for code, naam in REDENEN.items()) + "."
    )
    toelichting: str = Field(
        min_length=MINIMUM_TOELICHTING,
        max_length=MAXIMUM_TOELICHTING,
        description="Wat er speelt in het complex. Niets over personen; wordt niet getoond.",
    )
    door: str | None = Field(
        None,
        max_length=MAXIMUM_NAAM,
        description="Wie dit vastlegt; alleen nodig zolang er geen aanmelding is.",
    )


class Duidingsbesluit(Model):
    """Een duiding zoals zij is vastgelegd; zonder naam en zonder toelichting."""

    id: int
    delta: Literal[-1, 1]
    reden: Code
    model_waarde: Labelwaarde = Field(description="Modellabel toen de duiding werd vastgelegd.")
    ingaand_peildatum: date = Field(description="Eerste peildatum waarvoor zij is bedoeld.")
    vervalt_na: date = Field(description="Laatste peildatum waarvoor zij is bedoeld.")
    peildata: list[date] = Field(description="Peildata waarop zij telt; leeg = geen.")
    is_tweede_nodig: bool = Field(
        description="Waar als zij op een andere volgt: dan bevestigt een tweede persoon haar."
    )
    status: Status
    vastgelegd_tijdstip: datetime


class Duidinglijst(Model):
    """De duidingen van één complex, de oudste eerst."""

    id: str = Field(description="Id van het complex.")
    duidingen: list[Duidingsbesluit]
    release: Release


class NieuweDuiding(Model):
    """De duiding die is vastgelegd."""

    id: str = Field(description="Id van het complex.")
    duiding: Duidingsbesluit
    release: Release


def build_duidingen(
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]],
    toegang: Toegang,
    register: Besluitregister,
    adres: str,
) -> APIRouter:
    """Return the routes; they must stand before those of a single complex.

    Parameters
    ----------
    get_uitgave
        Gives the current release to who may read.
    toegang
        Decides who may set a duiding, and who that is.
    register
        The decisions.
    adres
        Absolute address of the API, ``/v1`` included.
    """
    router = APIRouter(tags=["Complexen"], redirect_slashes=False)
    pad = "/complexen/{complexId:path}/duidingen"
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]
    complexsleutel = Annotated[
        str,
        Path(alias="complexId", max_length=invoer.MAXIMUM_ID, description="Id van één complex."),
    ]

    async def check_schrijver(aanvraag: Request) -> None:
        if not is_own_request(aanvraag.headers, adres):
            raise HTTPException(403, VAN_ELDERS)
        soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
        if soort != "application/json":
            raise HTTPException(415, "Stuur de duiding als application/json.")

    @vraagt("complex", niveau="complex", sleutel="complexId")
    def list_duidingen(
        uitgave: uitgave_nu, complex_id: complexsleutel, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        _find_label(uitgave, complex_id)
        try:
            peildatum = read_publicatie(uitgave).peildatum
            gevonden = register.list_duidingen(complex_id)
        except BesluitenFout as fout:
            raise HTTPException(503, fout.gevonden) from fout
        inhoud = {
            "id": complex_id,
            "duidingen": [as_besluit(duiding, peildatum) for duiding in gevonden],
        }
        return _answer(uitgave, inhoud, 200)

    @vraagt("duiding", niveau="complex", sleutel="complexId")
    def add_duiding(
        aanvraag: Request,
        uitgave: uitgave_nu,
        complex_id: complexsleutel,
        verzoek: Duidingsverzoek,
        vraag: Annotated[invoer.Invoer, Query()],
    ) -> Response:
        label = _find_label(uitgave, complex_id)
        voorstel = Voorstel(
            complex_id,
            verzoek.delta,
            verzoek.reden_code,
            verzoek.toelichting,
            toegang.find_naam(aanvraag.scope) or verzoek.door or "",
        )
        try:
            publicatie = read_publicatie(uitgave)
            duiding = register.add_duiding(voorstel, publicatie, label)
        except OngeldigeDuiding as fout:
            return make_problem(
                400,
                fout.gevonden,
                fouten=[
                    {"plaats": "body", "naam": naam, "melding": melding}
                    for naam, melding in fout.fouten.items()
                ],
            )
        except BesluitenFout as fout:
            raise HTTPException(503, fout.gevonden) from fout
        except DuidingKanNiet as fout:
            raise HTTPException(409, fout.gevonden) from fout
        inhoud = {"id": complex_id, "duiding": as_besluit(duiding, publicatie.peildatum)}
        return _answer(uitgave, inhoud, 201)

    router.add_api_route(
        pad,
        list_duidingen,
        methods=["GET", "HEAD"],
        summary="Duidingen van één complex",
        description=(
            "Geeft wat medewerkers over het label hebben vastgelegd, zonder namen en zonder "
            "toelichting."
        ),
        operation_id="lijst_duidingen",
        response_model=None,
        responses={200: {"model": Duidinglijst, "description": "De duidingen."}},
    )
    router.add_api_route(
        pad,
        add_duiding,
        methods=["POST"],
        status_code=201,
        dependencies=[Depends(check_schrijver)],
        summary="Een duiding vastleggen",
        description=(
            "Zet het label van een complex één hoger of lager, met een reden. Zij telt op de twee "
            "kwartaalpeildata na de huidige en vervalt dan; het modellabel blijft zichtbaar. Volgt "
            "zij op een andere, dan telt zij pas als een tweede persoon haar bevestigt. Wat al "
            "gepubliceerd is, verandert niet."
        ),
        operation_id="leg_duiding_vast",
        response_model=None,
        responses={201: {"model": NieuweDuiding, "description": "De duiding is vastgelegd."}},
    )
    return router


def as_besluit(duiding: Duiding, peildatum: date) -> dict[str, Any]:
    """Return a duiding as the API tells it while ``peildatum`` is the published one."""
    voorstel = duiding.voorstel
    moment = duiding.vastgelegd_op.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return {
        "id": duiding.id,
        "delta": voorstel.delta,
        "reden": {"code": voorstel.reden_code, "naam": REDENEN[voorstel.reden_code]},
        "modelWaarde": duiding.model_label,
        "ingaandPeildatum": duiding.ingaand_peildatum.isoformat(),
        "vervaltNa": duiding.vervalt_na.isoformat(),
        "peildata": [dag.isoformat() for dag in list_peildata(duiding)],
        "isTweedeNodig": duiding.is_tweede_nodig,
        "status": find_status(duiding, peildatum),
        "vastgelegdTijdstip": f"{moment.isoformat()}Z",
    }


def _find_label(uitgave: Uitgave, complex_id: str) -> int | None:
    try:
        return find_model_label(uitgave, complex_id)
    except KeyError as fout:
        raise HTTPException(404, BESTAAT_NIET) from fout


def _answer(uitgave: Uitgave, inhoud: dict[str, Any], status: int) -> Response:
    tekst = json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
    # Decisions change while the release does not, so there is no ETag here.
    return Response(
        tekst[:-1] + uitgave.staart,
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )
