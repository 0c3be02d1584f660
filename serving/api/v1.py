"""The routes of ``/v1``. Each takes the current release once and answers from it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import modellen
from serving.api.antwoord import Antwoord, look_up
from serving.api.document import build_document
from serving.api.lijst import (
    MAXIMUM_PER_PAGINA,
    MAXIMUM_ZOEKTEKST,
    Sorteer,
    Themacode,
    Vraag,
    build_links,
    find_objects,
    render_list,
)
from serving.api.probleem import OngeldigeAanvraag, add_handlers
from serving.api.toegang import ROL_LEZER, Toegang
from serving.api.versie import API_VERSIE
from serving.release.winkel import Uitgave, Winkel

VEROUDERD_NA_DAGEN: Final = 124
"""A quarter and a month: then the next quarter's label should have been there."""

_BESTAAT_NIET: Final = "In de huidige release bestaat dit niet. Zoek het op in de lijst."


class _LeesRoute(APIRoute):
    """A route that answers HEAD wherever it answers GET, and refuses unknown parameters."""

    def __init__(self, *plaats: Any, **opties: Any) -> None:
        super().__init__(*plaats, **opties)
        if "GET" in self.methods:
            self.methods.add("HEAD")

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return FastAPI's handler behind the check of the parameters' names."""
        handler = super().get_route_handler()
        bekend = {veld.alias for veld in self.dependant.query_params}

        async def check_names(aanvraag: Request) -> Response:
            vreemd = sorted(set(aanvraag.query_params) - bekend)
            if vreemd:
                raise OngeldigeAanvraag(
                    [
                        {
                            "plaats": "query",
                            "naam": naam[:40],
                            "melding": "is geen parameter van dit adres",
                        }
                        for naam in vreemd[:20]
                    ]
                )
            antwoord: Response = await handler(aanvraag)
            return antwoord

        return check_names


def _parse_date(waarde: object) -> object:
    """Take ``jjjj-mm-dd`` only; pydantic itself would take a moment or a number as well."""
    if isinstance(waarde, str) and len(waarde) == len("2026-10-01"):
        try:
            return date.fromisoformat(waarde)
        except ValueError:
            pass
    raise PydanticCustomError("geen_datum", "geen datum")


Peildatum = Annotated[
    date | None,
    BeforeValidator(_parse_date),
    Query(
        description="Geef alleen het label dat op deze dag gold (jjjj-mm-dd).",
        examples=["2026-10-01"],
    ),
]
Labels = Annotated[
    list[modellen.Labelwaarde],
    Query(max_length=5, description="Alleen deze labels (1 tot 5); mag vaker voorkomen."),
]
Thema = Annotated[
    Themacode,
    Query(description="Thema waarop `label` en sorteren op `score` slaan; TOT is het totaal."),
]
Zoek = Annotated[
    str,
    Query(
        max_length=MAXIMUM_ZOEKTEKST,
        description="Woorden in naam, code, straat, buurt of wijk. Geen huisnummer of postcode.",
    ),
]
Sortering = Annotated[Sorteer, Query(description="Volgorde; een minteken keert hem om.")]
Pagina = Annotated[int, Query(ge=1, le=1_000_000, description="Nummer van de pagina, vanaf 1.")]
PerPagina = Annotated[
    int,
    Query(alias="aantalPerPagina", ge=1, le=MAXIMUM_PER_PAGINA, description="Rijen per pagina."),
]


def build_v1(winkel: Winkel, toegang: Toegang, adres: str) -> FastAPI:
    """Return the application that is mounted at ``/v1``.

    Parameters
    ----------
    winkel
        Door to the current release.
    toegang
        Decides who may read.
    adres
        Absolute address of the API, ``/v1`` included, without a last slash.
    """
    app = FastAPI(
        title="Buurtpeil",
        version=API_VERSIE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,
    )
    app.router.route_class = _LeesRoute
    add_handlers(app)
    document: list[bytes] = []

    def get_uitgave(aanvraag: Request) -> Uitgave:
        if not toegang.allows(aanvraag.scope, ROL_LEZER):
            raise HTTPException(401, "Meld u aan om dit te lezen.")
        return winkel.current()

    @app.api_route("/openapi.json", methods=["GET", "HEAD"], include_in_schema=False)
    async def get_openapi_document(aanvraag: Request) -> Response:
        if not document:
            tekst = json.dumps(build_document(app, adres), ensure_ascii=False)
            document.append(tekst.encode())
        return Response(
            document[0],
            media_type="application/json",
            headers={"access-control-allow-origin": "*", "cache-control": "no-cache"},
        )

    _add_collection(
        app, get_uitgave, adres, ("complexen", "complex", "Complexen"), modellen.Complex
    )
    _add_collection(app, get_uitgave, adres, ("buurten", "buurt", "Buurten"), modellen.Buurt)
    _add_collection(app, get_uitgave, adres, ("wijken", "wijk", "Wijken"), modellen.Wijk)
    _add_service(app, winkel)
    return app


def _add_collection(
    app: FastAPI,
    get_uitgave: Callable[[Request], Uitgave],
    adres: str,
    namen: tuple[str, str, str],
    model: type[modellen.Object],
) -> None:
    """Add list, single object and history of one kind of object."""
    pad, niveau, tag = namen
    router = APIRouter(route_class=_LeesRoute, tags=[tag], redirect_slashes=False)
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]
    sleutel = f"{niveau}Id"
    objectsleutel = Annotated[
        str, Path(alias=sleutel, max_length=64, description=f"Id van de of het {niveau}.")
    ]

    def answer_list(aanvraag: Request, uitgave: Uitgave, vraag: Vraag) -> Response:
        pagina = find_objects(uitgave, vraag)
        koppen = {"link": build_links(pagina, f"{adres}/{pad}")}
        return Antwoord(uitgave, aanvraag, render_list(uitgave, pagina), koppen)

    lijst_opties: dict[str, Any] = {
        "summary": f"Lijst van {pad}",
        "description": f"Geeft {pad} met hun label, gefilterd, gesorteerd en per pagina.",
        "operation_id": f"lijst_{pad}",
        "response_model": None,
        "responses": {
            200: {
                "model": modellen.Lijst,
                "description": "Eén pagina van de lijst.",
                "headers": {"Link": {"$ref": "#/components/headers/Link"}},
            },
            400: {"model": modellen.Probleem},
        },
    }
    gebied = Annotated[
        str | None, Query(alias="buurtId", max_length=64, description="Alleen in deze buurt.")
    ]
    groter_gebied = Annotated[
        str | None, Query(alias="wijkId", max_length=64, description="Alleen in deze wijk.")
    ]

    if niveau == "complex":

        def list_complexen(
            aanvraag: Request,
            uitgave: uitgave_nu,  # type: ignore[valid-type]
            buurt_id: gebied = None,  # type: ignore[valid-type]
            wijk_id: groter_gebied = None,  # type: ignore[valid-type]
            label: Labels = [],  # noqa: B006 - FastAPI copies it
            thema: Thema = "TOT",
            zoek: Zoek = "",
            sorteer: Sortering = "naam",
            pagina: Pagina = 1,
            per_pagina: PerPagina = 20,
        ) -> Response:
            vraag = Vraag(
                niveau, label, thema, zoek, buurt_id, wijk_id, sorteer, pagina, per_pagina
            )
            return answer_list(aanvraag, uitgave, vraag)

        router.add_api_route(f"/{pad}", list_complexen, **lijst_opties)
    elif niveau == "buurt":

        def list_buurten(
            aanvraag: Request,
            uitgave: uitgave_nu,  # type: ignore[valid-type]
            wijk_id: groter_gebied = None,  # type: ignore[valid-type]
            label: Labels = [],  # noqa: B006
            thema: Thema = "TOT",
            zoek: Zoek = "",
            sorteer: Sortering = "naam",
            pagina: Pagina = 1,
            per_pagina: PerPagina = 20,
        ) -> Response:
            vraag = Vraag(niveau, label, thema, zoek, None, wijk_id, sorteer, pagina, per_pagina)
            return answer_list(aanvraag, uitgave, vraag)

        router.add_api_route(f"/{pad}", list_buurten, **lijst_opties)
    else:

        def list_wijken(
            aanvraag: Request,
            uitgave: uitgave_nu,  # type: ignore[valid-type]
            label: Labels = [],  # noqa: B006
            thema: Thema = "TOT",
            zoek: Zoek = "",
            sorteer: Sortering = "naam",
            pagina: Pagina = 1,
            per_pagina: PerPagina = 20,
        ) -> Response:
            vraag = Vraag(niveau, label, thema, zoek, None, None, sorteer, pagina, per_pagina)
            return answer_list(aanvraag, uitgave, vraag)

        router.add_api_route(f"/{pad}", list_wijken, **lijst_opties)

    async def get_object(
        aanvraag: Request,
        uitgave: uitgave_nu,  # type: ignore[valid-type]
        beheerobject_id: objectsleutel,  # type: ignore[valid-type]
    ) -> Response:
        gevonden = look_up(uitgave, niveau, beheerobject_id, None)
        if gevonden is None:
            raise HTTPException(404, _BESTAAT_NIET)
        return Antwoord(uitgave, aanvraag, gevonden[1])

    router.add_api_route(
        f"/{pad}/{{{sleutel}}}",
        get_object,
        summary=f"Eén {niveau} met het huidige label",
        description=(
            f"Geeft de gegevens van één {niveau}: het label, de thema's, drie redenen die de "
            "opgave groter maken en drie die hem kleiner maken, en de dekking."
        ),
        operation_id=f"toon_{niveau}",
        response_model=None,
        responses={200: {"model": model, "description": f"Gegevens van de of het {niveau}."}},
    )

    def get_history(
        aanvraag: Request,
        uitgave: uitgave_nu,  # type: ignore[valid-type]
        beheerobject_id: objectsleutel,  # type: ignore[valid-type]
        peildatum: Peildatum = None,
    ) -> Response:
        labels = uitgave.history(niveau, beheerobject_id)
        if labels is None:
            raise HTTPException(404, _BESTAAT_NIET)
        if peildatum is not None:
            labels = select_as_of(labels, peildatum)
        inhoud = json.dumps(
            {"id": beheerobject_id, "labels": labels}, ensure_ascii=False, separators=(",", ":")
        )
        return Antwoord(uitgave, aanvraag, inhoud[:-1].encode() + uitgave.staart)

    router.add_api_route(
        f"/{pad}/{{{sleutel}}}/sociaal-beheer-labels",
        get_history,
        summary=f"Labels van één {niveau} door de tijd",
        description=(
            "Geeft elk label zoals het is gepubliceerd, de oudste eerst. Met `peildatum` alleen "
            "het label dat op die dag gold, per grondslag; een lege lijst als er toen geen was."
        ),
        operation_id=f"lijst_labels_{niveau}",
        response_model=None,
        responses={200: {"model": modellen.Labelhistorie, "description": "De labels."}},
    )
    app.include_router(router)


def select_as_of(labels: list[dict[str, Any]], peildatum: date) -> list[dict[str, Any]]:
    """Return, per ground, the last label that was published for ``peildatum`` or before.

    Examples
    --------
    >>> labels = [{"grondslag": "eigen", "peildatum": "2026-07-01"}]
    >>> select_as_of(labels, date(2026, 6, 30))
    []
    """
    grens = peildatum.isoformat()
    laatste: dict[str, dict[str, Any]] = {}
    for label in labels:
        if label["peildatum"] <= grens:
            laatste[label["grondslag"]] = label
    return list(laatste.values())


def _add_service(app: FastAPI, winkel: Winkel) -> None:
    """Add what is public: health and the description of the current release."""
    router = APIRouter(route_class=_LeesRoute, tags=["Dienst"], redirect_slashes=False)

    def get_gezondheid(aanvraag: Request) -> Response:
        uitgave = winkel.current()
        leeftijd = (datetime.now(UTC).date() - date.fromisoformat(uitgave.peildatum)).days
        inhoud = {
            "status": "verouderd" if leeftijd > VEROUDERD_NA_DAGEN else "in orde",
            "leeftijdDagen": leeftijd,
            "melding": winkel.melding,
        }
        # The age changes while the release does not, so there is no ETag here.
        tekst = json.dumps(inhoud, ensure_ascii=False, separators=(",", ":"))
        return Response(
            tekst[:-1].encode() + uitgave.staart,
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    router.add_api_route(
        "/gezondheid",
        get_gezondheid,
        summary="Of de dienst werkt en hoe vers de gegevens zijn",
        description=(
            "Geeft 200 als er een release wordt getoond en 503 als er nog geen is. De status is "
            f"*verouderd* als de peildatum meer dan {VEROUDERD_NA_DAGEN} dagen geleden is."
        ),
        operation_id="toon_gezondheid",
        response_model=None,
        responses={200: {"model": modellen.Gezondheid, "description": "De dienst werkt."}},
    )

    def get_release(aanvraag: Request) -> Response:
        uitgave = winkel.current()
        return Antwoord(
            uitgave, aanvraag, uitgave.remember("release", lambda: _describe_release(uitgave))
        )

    router.add_api_route(
        "/releases/actueel",
        get_release,
        summary="De release die nu wordt getoond",
        description="Geeft waar de getoonde cijfers uit komen: methode, peildata en leveringen.",
        operation_id="toon_actuele_release",
        response_model=None,
        responses={200: {"model": modellen.ActueleRelease, "description": "De release."}},
    )
    app.include_router(router)


def _describe_release(uitgave: Uitgave) -> bytes:
    manifest = uitgave.manifest
    leveringen = cast("list[dict[str, Any]]", manifest.get("leveringen") or [])
    aantallen = uitgave.query("select niveau, count(*) from lijst group by niveau order by niveau")
    inhoud = {
        "id": uitgave.release_id,
        "peildatum": uitgave.peildatum,
        "isSynthetisch": uitgave.synthetisch,
        "organisatie": manifest["organisatie"],
        "methodeversie": manifest.get("methodeversie"),
        "referentieId": manifest.get("referentie_id"),
        "publicatietijdstip": uitgave.run.get("geschreven_op"),
        "peildata": manifest["peildata"],
        "aantallen": {niveau: aantal for niveau, aantal in aantallen},
        "leveringen": [
            {naam: levering.get(naam) for naam in ("tabel", "sha256", "rijen")}
            for levering in leveringen
        ],
    }
    return json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
