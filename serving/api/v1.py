"""The routes of ``/v1``. Each takes the current release once and answers from it alone."""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below, and they differ by collection.

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.adresindex.boek import Adresboek
from serving.api import invoer, modellen
from serving.api.antwoord import COLLECTIES, Antwoord, Objectniveau
from serving.api.document import build_document
from serving.api.duidingen import build_duidingen
from serving.api.exporten import build_exports
from serving.api.geojson import build_geojson
from serving.api.indicatorwaarden import build_indicatorwaarden
from serving.api.lijst import build_links, find_objects, render_list
from serving.api.methodeversies import build_versies
from serving.api.probleem import add_handlers
from serving.api.toegang import Toegang, check_thema, lezer_of, vraagt
from serving.api.versie import API_VERSIE
from serving.api.wat_als import build_wat_als
from serving.api.zoek import build_zoek
from serving.besluit.register import Besluitregister
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import look_as
from vera.toegang import Bereik

VEROUDERD_NA_DAGEN: Final = 124
"""A quarter and a month: then the next quarter's label should have been there."""

_BESTAAT_NIET: Final = "In de huidige release bestaat dit niet. Zoek het op in de lijst."
_METHODEN: Final = ["GET", "HEAD"]

_GeenInvoer = Annotated[invoer.Invoer, Query()]
_Lezer = Callable[[Request], Coroutine[Any, Any, Uitgave]]


@dataclass(frozen=True)
class _Collectie:
    """One kind of object: where it stands, and the shapes of its answer and its list's query."""

    pad: str
    model: type[modellen.Object]
    lijstinvoer: type[invoer.Wijklijst]

    @property
    def niveau(self) -> Objectniveau:
        return COLLECTIES[self.pad]

    @property
    def bereik(self) -> Bereik:
        """Complexes are for some; of areas everybody sees something."""
        return "complex" if self.niveau == "complex" else "openbaar"


_COLLECTIES: Final = (
    _Collectie("complexen", modellen.Complex, invoer.Complexlijst),
    _Collectie("buurten", modellen.Buurt, invoer.Buurtlijst),
    _Collectie("wijken", modellen.Wijk, invoer.Wijklijst),
)


def build_v1(
    winkel: Winkel,
    toegang: Toegang,
    register: Besluitregister,
    adres: str,
    contact: str,
    meer: Sequence[APIRouter] = (),
    eerst: Sequence[APIRouter] = (),
    *,
    boek: Adresboek | None = None,
) -> FastAPI:
    """Return the application that is mounted at ``/v1``.

    Parameters
    ----------
    winkel
        Door to the current release.
    toegang
        Decides who may read, and who may decide.
    register
        The decisions.
    adres
        Absolute address of the API, ``/v1`` included, without a last slash.
    contact
        E-mail address of who runs the API, for the OpenAPI document.
    meer
        Routes of stores that have nothing to do with labels.
    eerst
        Routes under one complex, whose id may hold a slash: they come before it.
    boek
        Knows which complex an address lies in; left out, nothing does.
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
    add_handlers(app)

    async def get_uitgave(aanvraag: Request) -> Uitgave:
        # Whether they may read at all is the guard's; what of it they see is decided here.
        return look_as(winkel.current(), lezer_of(aanvraag))

    # Before the single complex, whose id may hold a slash.
    app.include_router(build_duidingen(get_uitgave, toegang, register, adres))
    for router in eerst:
        app.include_router(router)
    app.include_router(build_zoek(get_uitgave, boek or Adresboek(None)))
    app.include_router(build_indicatorwaarden(get_uitgave))
    for collectie in _COLLECTIES:
        app.include_router(_build_collection(collectie, get_uitgave, adres))
    app.include_router(build_wat_als(get_uitgave, f"{adres}/wat-als"))
    app.include_router(build_geojson(get_uitgave))
    app.include_router(build_exports(get_uitgave))
    for router in meer:
        app.include_router(router)
    app.include_router(build_versies(get_uitgave))
    app.include_router(_build_service(winkel, get_uitgave))

    @cache
    def write_document() -> bytes:
        # When it is asked for: it takes as long as everything else at the start together.
        return json.dumps(build_document(app, adres, contact), ensure_ascii=False).encode()

    @vraagt("openbaar")
    def get_openapi_document(vraag: _GeenInvoer) -> Response:
        return Response(
            write_document(),
            media_type="application/json",
            headers={"access-control-allow-origin": "*", "cache-control": "no-cache"},
        )

    app.add_api_route(
        "/openapi.json", get_openapi_document, methods=_METHODEN, include_in_schema=False
    )
    return app


def _build_collection(collectie: _Collectie, get_uitgave: _Lezer, adres: str) -> APIRouter:
    """Make list, single object and history of one kind of object."""
    pad, niveau = collectie.pad, collectie.niveau
    router = APIRouter(tags=[pad.capitalize()], redirect_slashes=False)
    sleutel = f"{niveau}Id"
    # ":path", because an association's own ids may hold a slash (sent as %2F).
    een = f"/{pad}/{{{sleutel}:path}}"
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]
    objectsleutel = Annotated[
        str,
        Path(alias=sleutel, max_length=invoer.MAXIMUM_ID, description=f"Id van één {niveau}."),
    ]

    vraag_een = vraagt(collectie.bereik, toont=("indicator",), niveau=niveau, sleutel=sleutel)

    @vraagt(collectie.bereik, toont=("indicator",), niveau=niveau)
    def list_objects(
        aanvraag: Request,
        uitgave: uitgave_nu,
        vraag: Annotated[collectie.lijstinvoer, Query()],  # type: ignore[name-defined]
    ) -> Response:
        check_thema(lezer_of(aanvraag), vraag.thema)
        pagina = find_objects(uitgave, vraag.to_vraag(niveau))
        koppen = {"link": build_links(pagina, f"{adres}/{pad}")}
        return Antwoord(uitgave, aanvraag, render_list(uitgave, pagina), koppen)

    @vraag_een
    async def get_object(
        aanvraag: Request,
        uitgave: uitgave_nu,
        beheerobject_id: objectsleutel,
        vraag: _GeenInvoer,
    ) -> Response:
        inhoud = uitgave.answer(niveau, beheerobject_id)
        if inhoud is None:
            raise HTTPException(404, _BESTAAT_NIET)
        return Antwoord(uitgave, aanvraag, inhoud)

    @vraag_een
    def get_history(
        aanvraag: Request,
        uitgave: uitgave_nu,
        beheerobject_id: objectsleutel,
        vraag: Annotated[invoer.Historie, Query()],
    ) -> Response:
        labels = uitgave.history(niveau, beheerobject_id)
        if labels is None:
            raise HTTPException(404, _BESTAAT_NIET)
        if vraag.peildatum is not None:
            labels = select_as_of(labels, vraag.peildatum)
        inhoud = _encode({"id": beheerobject_id, "labels": labels})
        return Antwoord(uitgave, aanvraag, inhoud[:-1] + uitgave.staart)

    router.add_api_route(
        f"/{pad}",
        list_objects,
        methods=_METHODEN,
        summary=f"Lijst van {pad}",
        description=f"Geeft {pad} met hun label, gefilterd, gesorteerd en per pagina.",
        operation_id=f"lijst_{pad}",
        response_model=None,
        responses={
            200: {
                "model": modellen.Lijst,
                "description": "Eén pagina van de lijst.",
                "headers": {"Link": {"$ref": "#/components/headers/Link"}},
            }
        },
    )
    router.add_api_route(
        f"{een}/sociaal-beheer-labels",
        get_history,
        methods=_METHODEN,
        summary=f"Labels van één {niveau} door de tijd",
        description=(
            "Geeft elk label zoals het is gepubliceerd, per grondslag de oudste eerst. Met "
            "`peildatum` alleen het label dat op die dag gold, per grondslag; een lege lijst als "
            "er toen geen was."
        ),
        operation_id=f"lijst_labels_{niveau}",
        response_model=None,
        responses={200: {"model": modellen.Labelhistorie, "description": "De labels."}},
    )
    router.add_api_route(
        een,
        get_object,
        methods=_METHODEN,
        summary=f"Eén {niveau} met het huidige label",
        description=(
            f"Geeft de gegevens van één {niveau}: het label, de thema's, drie redenen die de "
            "opgave groter maken en drie die haar kleiner maken, en de dekking."
        ),
        operation_id=f"toon_{niveau}",
        response_model=None,
        responses={
            200: {"model": collectie.model, "description": "De gegevens, met het huidige label."}
        },
    )
    return router


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


def _build_service(winkel: Winkel, get_uitgave: _Lezer) -> APIRouter:
    """Make what is public: health and the description of the current release."""
    router = APIRouter(tags=["Dienst"], redirect_slashes=False)

    @vraagt("openbaar")
    def get_gezondheid(vraag: _GeenInvoer) -> Response:
        uitgave = winkel.current()
        melding = winkel.melding
        leeftijd = (datetime.now(UTC).date() - date.fromisoformat(uitgave.peildatum)).days
        status = "verouderd" if leeftijd > VEROUDERD_NA_DAGEN else "in orde"
        inhoud = _encode(
            {
                "status": "verstoord" if melding else status,
                "leeftijdDagen": leeftijd,
                "melding": melding,
            }
        )
        # The age changes while the release does not, so there is no ETag here.
        return Response(
            inhoud[:-1] + uitgave.staart,
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    @vraagt("openbaar")
    def get_release(
        aanvraag: Request,
        uitgave: Annotated[Uitgave, Depends(get_uitgave)],
        vraag: _GeenInvoer,
    ) -> Response:
        inhoud = uitgave.remember("release", lambda: _encode(_describe_release(uitgave)))
        return Antwoord(uitgave, aanvraag, inhoud)

    router.add_api_route(
        "/gezondheid",
        get_gezondheid,
        methods=_METHODEN,
        summary="Of de dienst werkt en hoe vers de gegevens zijn",
        description=(
            "Geeft 200 als er een release wordt getoond en 503 als er nog geen is. De status is "
            f"*verouderd* als de peildatum meer dan {VEROUDERD_NA_DAGEN} dagen geleden is, en "
            "*verstoord* als de laatst gepubliceerde release niet te openen is; dan wordt de "
            "vorige getoond."
        ),
        operation_id="toon_gezondheid",
        response_model=None,
        responses={200: {"model": modellen.Gezondheid, "description": "De dienst werkt."}},
    )
    router.add_api_route(
        "/releases/actueel",
        get_release,
        methods=_METHODEN,
        summary="De release die nu wordt getoond",
        description="Geeft waar de getoonde cijfers uit komen: methode, peildata en leveringen.",
        operation_id="toon_actuele_release",
        response_model=None,
        responses={200: {"model": modellen.ActueleRelease, "description": "De release."}},
    )
    return router


def _describe_release(uitgave: Uitgave) -> dict[str, Any]:
    manifest = uitgave.manifest
    aantallen = uitgave.query("select niveau, count(*) from lijst group by niveau order by niveau")
    return {
        "id": uitgave.release_id,
        "peildatum": uitgave.peildatum,
        "isSynthetisch": uitgave.synthetisch,
        "organisatie": manifest["organisatie"],
        "methodeversie": manifest["methodeversie"],
        "referentieId": manifest["referentie_id"],
        "publicatietijdstip": uitgave.run.get("geschreven_op"),
        "peildata": manifest["peildata"],
        "aantallen": dict(aantallen),
        "leveringen": [
            {naam: levering.get(naam) for naam in ("tabel", "sha256", "rijen")}
            for levering in manifest["leveringen"]
        ],
    }


def _encode(inhoud: dict[str, Any]) -> bytes:
    return json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
