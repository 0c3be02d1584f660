"""The values of the indicators of one object, beside those of its stratum and the portfolio.

Values of the last peildatum alone: a release keeps earlier ones in its exports, not in its store.
What is small is banded or absent here as it is on the page (``serving.release.afscherming``).
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import invoer
from serving.api.antwoord import COLLECTIES, Antwoord, Objectniveau
from serving.api.modellen import Indicatorwaarde, Model, Release
from serving.api.toegang import vraagt
from serving.release.json_kolom import encode
from serving.release.winkel import Uitgave

_BESTAAT_NIET = "In de huidige release bestaat dit niet. Zoek het op in de lijst."


class Indicatorwaarden(Model):
    """Alle indicatoren van één complex, buurt of wijk op de laatste peildatum."""

    id: str
    indicatorwaarden: list[Indicatorwaarde]
    release: Release


def build_indicatorwaarden(
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]],
) -> APIRouter:
    """Return the routes; they must stand before those of a single object, whose id may hold a /.

    Parameters
    ----------
    get_uitgave
        Gives the current release as who asks sees it.
    """
    router = APIRouter(redirect_slashes=False)
    for collectie, niveau in COLLECTIES.items():
        _add(router, collectie, niveau, get_uitgave)
    return router


def _add(
    router: APIRouter,
    collectie: str,
    niveau: Objectniveau,
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]],
) -> None:
    sleutel = f"{niveau}Id"

    @vraagt("indicator", niveau=niveau, sleutel=sleutel)
    def get_values(
        aanvraag: Request,
        uitgave: Annotated[Uitgave, Depends(get_uitgave)],
        beheerobject_id: Annotated[
            str,
            Path(alias=sleutel, max_length=invoer.MAXIMUM_ID, description=f"Id van één {niveau}."),
        ],
        vraag: Annotated[invoer.Invoer, Query()],
    ) -> Response:
        waarden = uitgave.explanation(niveau, beheerobject_id)
        if waarden is None:
            raise HTTPException(404, _BESTAAT_NIET)
        inhoud = encode({"id": beheerobject_id, "indicatorwaarden": waarden}).encode()
        return Antwoord(uitgave, aanvraag, inhoud[:-1] + uitgave.staart)

    router.add_api_route(
        f"/{collectie}/{{{sleutel}:path}}/indicatorwaarden",
        get_values,
        methods=["GET", "HEAD"],
        tags=[collectie.capitalize()],
        summary=f"Waarden van de indicatoren van één {niveau}",
        description=(
            "Geeft per indicator de waarde, die van vergelijkbare complexen, die van het totale "
            "bezit, en of er gegevens over zijn. Alleen op de laatste peildatum; eerdere waarden "
            "staan in het bestand `indicatorwaarde`. Wat over weinig gevallen gaat, is afgerond "
            "of leeg."
        ),
        operation_id=f"lijst_indicatorwaarden_{niveau}",
        response_model=None,
        responses={200: {"model": Indicatorwaarden, "description": "De waarden."}},
    )
