"""``/v1/budgetvoorstellen``: a division of a budget by the rule, with the rule, not published."""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api.antwoord import VARY, make_etag, matches_etag
from serving.api.invoer import Invoer
from serving.api.modellen import Labelwaarde, Model, Release, Verwijzing
from serving.api.toegang import lezer_of, vraagt
from serving.budget.dienst import FORMULE, STATUS, Budgetdienst, Grondslag, explain_regel
from serving.budget.regel import (
    MAXIMUM_BUDGET,
    MAXIMUM_RESERVE,
    REGELVERSIE,
    Budgetregel,
    Deel,
    VerdelingKanNiet,
    Voorstel,
    list_factoren,
)

PAD = "/budgetvoorstellen"
_STANDAARD = Budgetregel()
_Grens = Literal["bodem", "ondergrens", "bovengrens"]


class Budgetinvoer(Invoer):
    """Which budget, over what, with which limits."""

    budget: int = Field(
        ge=0,
        le=MAXIMUM_BUDGET,
        description="Budget in hele euro's, met de reserve.",
        examples=[1_200_000],
    )
    niveau: Literal["wijk", "buurt"] = Field(
        "wijk", description="Waarover wordt verdeeld.", examples=["wijk"]
    )
    bodem_procent: int = Field(
        _STANDAARD.bodem_procent,
        ge=0,
        le=100,
        description="Elk gebied krijgt ten minste dit deel van een gelijke verdeling per woning.",
        examples=[50],
    )
    band_procent: int = Field(
        _STANDAARD.band_procent,
        ge=0,
        le=100,
        description="Hoeveel een gebied omhoog of omlaag mag ten opzichte van vorig jaar.",
        examples=[20],
    )
    reserve_procent: int = Field(
        _STANDAARD.reserve_procent,
        ge=0,
        le=MAXIMUM_RESERVE,
        description="Deel dat apart blijft voor preventie.",
        examples=[10],
    )


class Labelfactor(Model):
    """Hoeveel een woning telt bij een label."""

    waarde: Labelwaarde
    factor: float


class Regel(Model):
    """De regel waarmee is verdeeld, in woorden, als formule en in getallen."""

    versie: str = Field(examples=[REGELVERSIE])
    uitleg: list[str]
    formule: list[str]
    factoren: list[Labelfactor]
    factor_onbekend: float = Field(description="Voor woningen zonder bekend label.")
    bodem_procent: int
    band_procent: int
    reserve_procent: int
    is_band_toegepast: bool = Field(description="Waar als het budget van vorig jaar bekend is.")


class Budgetdeel(Model):
    """Wat één gebied krijgt."""

    gebied: Verwijzing
    waarde: Labelwaarde | None = Field(description="Label van het gebied; leeg is onbekend.")
    aantal_verhuureenheden: int
    aantal_zonder_label: int = Field(description="Woningen die met het gemiddelde meetellen.")
    gewicht: float
    bedrag_eur: int
    gelijk_verdeeld_eur: int = Field(description="Bij een gelijk bedrag per woning.")
    vorig_jaar_eur: int | None
    verschil_eur: int = Field(
        description="Met vorig jaar; waar dat niet bekend is met de gelijke verdeling."
    )
    grens: _Grens | None = Field(description="De grens die het bedrag bepaalde, als die er was.")


class ComplexZonderLabel(Model):
    """Een complex dat met het gemiddelde meetelt."""

    id: str
    naam: str
    gebied_id: str
    aantal_verhuureenheden: int


class Budgetvoorstel(Model):
    """Een voorstel om een budget te verdelen. Het besluit is aan mensen."""

    model_config = ConfigDict(json_schema_extra={"description": "Een voorstel, geen besluit."})

    status: Literal["niet gepubliceerd"]
    niveau: Literal["wijk", "buurt"]
    budget_eur: int
    reserve_eur: int
    verdeeld_eur: int
    vorig_jaar: int | None = Field(description="Jaar van het budget waarmee is vergeleken.")
    melding: str | None = Field(description="Waarom een budget van vorig jaar niet meetelt.")
    regel: Regel
    resultaten: list[Budgetdeel]
    zonder_label: list[ComplexZonderLabel]
    release: Release


def build_budget(dienst: Budgetdienst) -> APIRouter:
    """Return the route.

    Parameters
    ----------
    dienst
        Opens the release and last year's budget.
    """
    router = APIRouter(tags=["Budget"], redirect_slashes=False)

    @vraagt("budget", toont=("complex",))
    def get_voorstel(aanvraag: Request, vraag: Annotated[Budgetinvoer, Query()]) -> Response:
        grondslag = dienst.open(lezer_of(aanvraag), vraag.niveau)
        regel = Budgetregel(vraag.bodem_procent, vraag.band_procent, vraag.reserve_procent)
        try:
            voorstel = grondslag.propose(vraag.budget, regel)
        except VerdelingKanNiet as fout:
            raise HTTPException(400, f"{fout.gevonden} Wat te doen: {fout.remedie}.") from fout
        tekst = json.dumps(
            describe_voorstel(voorstel, grondslag), ensure_ascii=False, separators=(",", ":")
        ).encode()
        # The file of last year may change while the release does not.
        uitgave = grondslag.uitgave
        etag = f'{make_etag(uitgave)[:-1]}-{grondslag.kenmerk}"'
        koppen = {"cache-control": "private, no-cache", "vary": VARY.decode(), "etag": etag}
        voorwaarde = aanvraag.headers.get("if-none-match")
        if voorwaarde is not None and matches_etag(voorwaarde, etag):
            return Response(status_code=304, headers=koppen)
        return Response(tekst[:-1] + uitgave.staart, media_type="application/json", headers=koppen)

    router.add_api_route(
        PAD,
        get_voorstel,
        methods=["GET", "HEAD"],
        summary="Voorstel om een budget te verdelen",
        description=(
            "Verdeelt een budget over wijken of buurten naar woningen en label. De regel staat in "
            "het antwoord, in woorden en als formule. Alle bedragen samen zijn op de euro het "
            "budget. **Het is een voorstel: er wordt niets vastgelegd.** Kan een verdeling niet "
            "aan alle grenzen voldoen, dan zegt de fout welke grenzen botsen."
        ),
        operation_id="toon_budgetvoorstel",
        response_model=None,
        responses={200: {"model": Budgetvoorstel, "description": "Het voorstel met de regel."}},
    )
    return router


def describe_voorstel(voorstel: Voorstel, grondslag: Grondslag) -> dict[str, Any]:
    """Return the body of an answer, without its release."""
    regel = voorstel.regel
    return {
        "status": STATUS,
        "niveau": grondslag.bezit.niveau,
        "budgetEur": voorstel.budget,
        "reserveEur": voorstel.reserve,
        "verdeeldEur": voorstel.verdeeld,
        "vorigJaar": None if grondslag.vorig is None else grondslag.vorig.jaar,
        "melding": grondslag.melding,
        "regel": {
            "versie": REGELVERSIE,
            "uitleg": list(explain_regel(voorstel, grondslag)),
            "formule": list(FORMULE),
            "factoren": [
                {"waarde": label, "factor": float(factor)}
                for label, factor in list_factoren(regel).items()
            ],
            "factorOnbekend": round(float(voorstel.factor_onbekend), 4),
            "bodemProcent": regel.bodem_procent,
            "bandProcent": regel.band_procent,
            "reserveProcent": regel.reserve_procent,
            "isBandToegepast": voorstel.heeft_band,
        },
        "resultaten": [_describe_deel(deel, grondslag) for deel in voorstel.delen],
        "zonderLabel": [
            {
                "id": rij.id,
                "naam": rij.naam,
                "gebiedId": rij.gebied_id,
                "aantalVerhuureenheden": rij.woningen,
            }
            for rij in grondslag.list_onbekend()
        ],
    }


def _describe_deel(deel: Deel, grondslag: Grondslag) -> dict[str, Any]:
    return {
        "gebied": {"id": deel.id, "naam": grondslag.name(deel.id)},
        "waarde": grondslag.bezit.labels.get(deel.id),
        "aantalVerhuureenheden": deel.woningen,
        "aantalZonderLabel": deel.woningen_onbekend,
        "gewicht": round(float(deel.gewicht), 4),
        "bedragEur": deel.bedrag,
        "gelijkVerdeeldEur": deel.gelijk,
        "vorigJaarEur": deel.vorig,
        "verschilEur": deel.verschil,
        "grens": deel.grens,
    }
