"""What made the figures that are served: the version of the method, and of the risk models.

Everybody may know. No score of a complex is told here, and of a model nothing that a page does
not say (``/methode/modellen``).
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from serving.api import invoer
from serving.api.antwoord import Antwoord
from serving.api.modellen import Model, Release
from serving.api.toegang import vraagt
from serving.release.json_kolom import encode
from serving.release.winkel import Uitgave

_UITLEG: Final = "/methode"


class Referentie(Model):
    """De bevroren cijfers waar labels tegen worden afgezet."""

    grondslag: Literal["eigen", "openbaar"]
    id: str
    vanaf_peildatum: date
    tot_en_met_peildatum: date


class Methodeversie(Model):
    """De methode van het label die nu geldt."""

    code: str = Field(description="Naam van de methode met het kenmerk van haar instellingen.")
    is_voorlopig: bool = Field(description="Waar als een referentie nog niet is bevroren.")
    codeversie: str | None
    referenties: list[Referentie]
    uitleg: str = Field(description="Pagina die de methode uitlegt.")


class Methodeversies(Model):
    """De methoden waarmee labels worden getoond; nu altijd één."""

    methodeversies: list[Methodeversie]
    release: Release


class Modelversie(Model):
    """Wat er kiest voor één voorspelling, en waarom."""

    model: Literal["overlast", "woonfraude"]
    versie: str | None = Field(description="Versie van het model of van de vaste regel.")
    soort: str | None
    stand: Literal["kampioen", "regel", "gestopt", "storing"] = Field(
        description="kampioen: een getraind model; regel: een vaste regel; gestopt: stilgezet, "
        "alleen de loting kiest; storing: er kiest nu niets."
    )
    zin: str | None = Field(description="Waarom, in een zin.")
    gezakt: list[str] = Field(description="Voorwaarden waar het model niet aan voldeed.")
    getraind_op: date | None = Field(description="Tot wanneer het model leerde; leeg: een regel.")
    peildatum: date | None
    heeft_modelkaart: bool
    uitleg: str = Field(description="Pagina met uitleg en modelkaart.")


class Modelversies(Model):
    """Wat er kiest per voorspelling; leeg als er geen modellen zijn."""

    modelversies: list[Modelversie]
    release: Release


def build_versies(get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]]) -> APIRouter:
    """Return the routes.

    Parameters
    ----------
    get_uitgave
        Gives the current release as who asks sees it.
    """
    router = APIRouter(tags=["Dienst"], redirect_slashes=False)
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]

    @vraagt("openbaar")
    def get_methodeversies(
        aanvraag: Request, uitgave: uitgave_nu, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        inhoud = encode({"methodeversies": [describe_methode(uitgave.manifest)]}).encode()
        return Antwoord(uitgave, aanvraag, inhoud[:-1] + uitgave.staart)

    @vraagt("openbaar")
    def get_modelversies(
        aanvraag: Request, uitgave: uitgave_nu, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        inhoud = encode({"modelversies": uitgave.attachment("modelversies")}).encode()
        return Antwoord(uitgave, aanvraag, inhoud[:-1] + uitgave.staart)

    router.add_api_route(
        "/methodeversies",
        get_methodeversies,
        methods=["GET", "HEAD"],
        summary="De methode waarmee labels worden bepaald",
        description="Geeft de versie van de methode en de referenties waar zij op rust.",
        operation_id="lijst_methodeversies",
        response_model=None,
        responses={200: {"model": Methodeversies, "description": "De methode."}},
    )
    router.add_api_route(
        "/modelversies",
        get_modelversies,
        methods=["GET", "HEAD"],
        summary="De modellen die voorspellen",
        description=(
            "Geeft per voorspelling wat er kiest (een model of een vaste regel), waarom, en waar "
            "de modelkaart staat. Geen scores."
        ),
        operation_id="lijst_modelversies",
        response_model=None,
        responses={200: {"model": Modelversies, "description": "De modellen."}},
    )
    return router


def describe_methode(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a release says of its method."""
    return {
        "code": manifest["methodeversie"],
        "isVoorlopig": bool(manifest.get("is_voorlopig", False)),
        "codeversie": manifest.get("codeversie"),
        "referenties": [
            {
                "grondslag": grondslag,
                "id": ref["id"],
                "vanafPeildatum": ref["periode"][0],
                "totEnMetPeildatum": ref["periode"][1],
            }
            for grondslag, ref in sorted((manifest.get("referenties") or {}).items())
        ],
        "uitleg": _UITLEG,
    }
