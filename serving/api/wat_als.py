"""``/v1/wat-als``: the labels that other weights would give, marked as not published."""

# No ``from __future__ import annotations``: FastAPI reads the annotations of the function below.

import json
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import modellen
from serving.api.antwoord import Antwoord
from serving.api.invoer import Invoer
from serving.api.lijst import MAXIMUM_PER_PAGINA, join_links
from serving.api.toegang import vraagt
from serving.release.winkel import Uitgave
from serving.wat_als.rekening import MACHT_GEPUBLICEERD
from serving.wat_als.vraag import (
    GEEN_GEWICHT,
    GEWICHT_MAXIMUM,
    GEWICHT_STAP,
    THEMAS,
    GeenWatAls,
    WatAlsAntwoord,
    ask_wat_als,
    list_veranderingen,
)

STATUS: Final = "niet gepubliceerd"


class Macht(IntEnum):
    """Power of the mean of the themes."""

    EEN = 1
    TWEE = 2
    VIER = 4


def _gewicht(thema: str, voorbeeld: float) -> Any:
    return Field(
        None,
        ge=0,
        le=GEWICHT_MAXIMUM,
        multiple_of=GEWICHT_STAP,
        allow_inf_nan=False,
        description=(
            f"Gewicht van {thema}, van 0 tot en met {GEWICHT_MAXIMUM} in stappen van "
            f"{GEWICHT_STAP}. Weggelaten: het gepubliceerde gewicht."
        ),
        examples=[voorbeeld],
    )


class WatAlsInvoer(Invoer):
    """Which weights, of which kind of object."""

    niveau: Literal["complex", "buurt", "wijk"] = Field(
        "complex", description="Soort object.", examples=["complex"]
    )
    gewicht_shv: float | None = _gewicht("schoon, heel en veilig", 1)
    gewicht_ovl: float | None = _gewicht("overlast", 1.5)
    gewicht_fin: float | None = _gewicht("financiële draagkracht", 0.5)
    gewicht_soc: float | None = _gewicht("sociale draagkracht", 1)
    gewicht_lfb: float | None = _gewicht("leefbaarheid algemeen", 1)
    macht: Macht = Field(
        Macht(MACHT_GEPUBLICEERD),
        description=(
            "1 = gewoon gemiddelde van de thema's, 2 = zoals gepubliceerd, 4 = een slecht thema "
            "telt nog zwaarder."
        ),
        examples=[2],
    )
    pagina: int = Field(1, ge=1, le=1_000_000, description="Nummer van de pagina, vanaf 1.")
    per_pagina: int = Field(
        20,
        alias="aantalPerPagina",
        ge=1,
        le=MAXIMUM_PER_PAGINA,
        description="Rijen per pagina.",
    )

    def list_gewichten(self) -> list[float | None]:
        """Return the weights in the order of the themes."""
        return [getattr(self, f"gewicht_{thema.lower()}") for thema in THEMAS]

    def build_query(self, pagina: int) -> str:
        """Return this question for another page, as it stands in an address."""
        delen = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return urlencode({**delen, "pagina": pagina})


def build_wat_als(
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]], adres: str
) -> APIRouter:
    """Return the route that answers a what-if.

    Parameters
    ----------
    get_uitgave
        Gives the current release to who may read it.
    adres
        Absolute address of this route.
    """
    router = APIRouter(tags=["Wat als"], redirect_slashes=False)

    @vraagt("wat_als", toont=("complex",))
    def get_wat_als(
        aanvraag: Request,
        uitgave: Annotated[Uitgave, Depends(get_uitgave)],
        vraag: Annotated[WatAlsInvoer, Query()],
    ) -> Response:
        try:
            antwoord = ask_wat_als(uitgave, vraag.niveau, vraag.list_gewichten(), int(vraag.macht))
        except GeenWatAls as fout:
            raise HTTPException(503, fout.gevonden) from fout
        except ValueError as fout:
            raise HTTPException(400, GEEN_GEWICHT) from fout
        laatste = max(1, -(-len(antwoord.uitkomst.veranderd) // vraag.per_pagina))
        links = join_links(
            vraag.pagina, laatste, lambda nummer: f"{adres}?{vraag.build_query(nummer)}"
        )
        inhoud = json.dumps(
            render_wat_als(uitgave, antwoord, vraag.pagina, vraag.per_pagina),
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        return Antwoord(uitgave, aanvraag, inhoud[:-1] + uitgave.staart, {"link": links})

    router.add_api_route(
        "/wat-als",
        get_wat_als,
        methods=["GET", "HEAD"],
        summary="Labels met andere gewichten, niet gepubliceerd",
        description=(
            "Rekent uit welk ruw label elk complex, elke buurt of elke wijk op eigen gegevens zou "
            "hebben als de thema's anders meetelden. De grenzen tussen de labels worden opnieuw "
            "bepaald op dezelfde referentie. Geeft labels en aantallen, geen scores. Waar een "
            "score over weinig gevallen gaat, wordt zij geschat uit wat is gepubliceerd. **Aan wat "
            "is gepubliceerd verandert niets.**"
        ),
        operation_id="toon_wat_als",
        response_model=None,
        responses={
            200: {
                "model": modellen.WatAls,
                "description": "De labels zoals ze zouden zijn.",
                "headers": {"Link": {"$ref": "#/components/headers/Link"}},
            }
        },
    )
    return router


def render_wat_als(
    uitgave: Uitgave, antwoord: WatAlsAntwoord, pagina: int, per_pagina: int
) -> dict[str, Any]:
    """Return the body of an answer, without its release."""
    uitkomst = antwoord.uitkomst
    aantallen, woningen = uitkomst.overgangen, uitkomst.overgangen_woningen
    return {
        "status": STATUS,
        "niveau": antwoord.niveau,
        "gewichten": [
            {"themaCode": thema, "gewicht": gewicht}
            for thema, gewicht in zip(THEMAS, antwoord.keuze.gewichten, strict=True)
        ],
        "macht": antwoord.keuze.macht,
        "isGepubliceerdeMethode": antwoord.keuze.is_same(antwoord.gepubliceerd),
        "aantalObjecten": len(uitkomst.oud),
        "aantalBenaderd": int(uitkomst.portefeuille.is_benaderd.sum()),
        "verdeling": [
            {
                "waarde": label or None,
                "aantalInRelease": int(aantallen[label].sum()),
                "aantalWatAls": int(aantallen[:, label].sum()),
                "verhuureenhedenInRelease": int(woningen[label].sum()),
                "verhuureenhedenWatAls": int(woningen[:, label].sum()),
            }
            for label in (1, 2, 3, 4, 5, 0)
        ],
        "overgangen": [
            {"van": van or None, "naar": naar or None, "aantal": int(aantallen[van, naar])}
            for van in range(len(aantallen))
            for naar in range(len(aantallen))
            if aantallen[van, naar]
        ],
        "aantal": len(uitkomst.veranderd),
        "pagina": pagina,
        "aantalPerPagina": per_pagina,
        "resultaten": [
            {
                "id": rij.beheerobject_id,
                "naam": rij.naam,
                "aantalVerhuureenheden": rij.verhuureenheden,
                "ruweWaarde": rij.oud or None,
                "watAlsWaarde": rij.nieuw or None,
                "isBenaderd": rij.is_benaderd,
            }
            for rij in list_veranderingen(uitgave, antwoord, pagina, per_pagina)
        ],
    }
