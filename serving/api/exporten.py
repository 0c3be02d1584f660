"""Files with everything that a role may see.

The exports of a release hold complexes and are for who has the scope ``export``. Whoever sees
areas gets their labels as one CSV, made of what this reader may see and of nothing else.
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import csv
import io
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from serving.api import invoer
from serving.api.antwoord import VARY, make_etag, matches_etag
from serving.api.toegang import lezer_of, vraagt
from serving.release import schema
from serving.release.winkel import Uitgave
from serving.toegang.inzage import GEBIEDEN, Labelinzage, round_aantal
from vera.rekenblad import disarm

GEBIEDSLABELS: Final = "/exports/gebiedslabels"
_BESTAAT_NIET: Final = "Dit bestand zit niet in de huidige release."
_SOORTEN: Final = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
_VOORAAN: Final = ("niveau", "id", "naam", "wijk_id", "grondslag", "peildatum", "woningen_vijftal")


def build_exports(get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]]) -> APIRouter:
    """Return the routes.

    Parameters
    ----------
    get_uitgave
        Gives the current release as who asks sees it.
    """
    router = APIRouter(tags=["Bestanden"], redirect_slashes=False)
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]

    @vraagt("gebied")
    def get_gebiedslabels(
        aanvraag: Request, uitgave: uitgave_nu, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        koppen = _headers(uitgave, "gebiedslabels.csv")
        if _has_it(aanvraag, koppen):
            return Response(status_code=304, headers=koppen)
        inhoud = render_gebiedslabels(uitgave, lezer_of(aanvraag).themas).encode()
        return Response(inhoud, headers=koppen)

    @vraagt("export")
    def get_export(
        aanvraag: Request,
        uitgave: uitgave_nu,
        bestand: Annotated[
            str,
            Path(
                max_length=invoer.MAXIMUM_ID,
                description="Naam met `.parquet` of `.csv`, bijvoorbeeld "
                "`sociaal_beheer_label.parquet`.",
            ),
        ],
        vraag: Annotated[invoer.Invoer, Query()],
    ) -> Response:
        # The manifest lists what there is, so that no name leads out of the folder.
        pad = f"{schema.MAP_EXPORTS}/{bestand}"
        if pad not in uitgave.manifest["bestanden"]:
            raise HTTPException(404, _BESTAAT_NIET)
        koppen = _headers(uitgave, bestand)
        if _has_it(aanvraag, koppen):
            return Response(status_code=304, headers=koppen)
        vol = uitgave.find_bestand(pad)
        return FileResponse(vol, headers=koppen, media_type=koppen["content-type"])

    router.add_api_route(
        GEBIEDSLABELS,
        get_gebiedslabels,
        methods=["GET", "HEAD"],
        summary="Labels van buurten en wijken als bestand",
        description=(
            "Geeft van elke buurt en wijk het label van de thema's die bij uw rol horen, als CSV "
            "met puntkomma's. Aantallen woningen zijn afgerond op vijftallen."
        ),
        operation_id="download_gebiedslabels",
        response_class=Response,
        response_model=None,
        responses={200: {"description": "Het bestand.", "content": _describe("text/csv")}},
    )
    router.add_api_route(
        "/exports/{bestand}",
        get_export,
        methods=["GET", "HEAD"],
        summary="Een bestand van de release",
        description=(
            "Geeft een tabel van de release als Parquet of, als een rekenblad haar aankan, als CSV."
        ),
        operation_id="download_export",
        response_class=Response,
        response_model=None,
        responses={
            200: {
                "description": "Het bestand.",
                "content": _describe("application/vnd.apache.parquet", "text/csv"),
            }
        },
    )
    return router


def render_gebiedslabels(uitgave: Uitgave, themas: frozenset[str]) -> str:
    """Return the labels of buurten and wijken as CSV.

    Parameters
    ----------
    uitgave
        Release as the reader sees it.
    themas
        Themes of the reader; one column each, in the method's order.
    """
    codes = [code for code in schema.THEMAS if code in themas]
    uit = io.StringIO()
    schrijver = csv.writer(uit, delimiter=";", lineterminator="\n")
    schrijver.writerow([*_VOORAAN, *(f"label_{code.lower()}" for code in codes)])
    rijen = uitgave.query(
        "select niveau, wijk_id, body from lijst where niveau in (?, ?) "
        "order by niveau, beheerobject_id",
        GEBIEDEN,
    )
    for niveau, wijk_id, body in rijen:
        rij = json.loads(body)
        label = rij["sociaalBeheerLabel"]
        # For who sees everything the count is exact here; in the file it is on fives for all.
        woningen = rij["aantalVerhuureenheden"]
        if not isinstance(uitgave, Labelinzage):
            woningen = round_aantal(woningen, niveau, rij["id"], "verhuureenheden_aantal")
        labels = {"TOT": label["waarde"], **{t["code"]: t["waarde"] for t in label["themas"]}}
        schrijver.writerow(
            [
                niveau,
                rij["id"],
                disarm(rij["naam"]),
                wijk_id if niveau == "buurt" else None,
                label["grondslag"],
                label["peildatum"],
                woningen,
                *(labels.get(code) for code in codes),
            ]
        )
    return uit.getvalue()


def _has_it(aanvraag: Request, koppen: dict[str, str]) -> bool:
    voorwaarde = aanvraag.headers.get("if-none-match")
    return voorwaarde is not None and matches_etag(voorwaarde, koppen["etag"])


def _headers(uitgave: Uitgave, bestand: str) -> dict[str, str]:
    return {
        "content-type": _SOORTEN[f".{bestand.rpartition('.')[2]}"],
        "content-disposition": f'attachment; filename="{uitgave.release_id}_{bestand}"',
        "cache-control": "private, no-cache",
        "vary": VARY.decode(),
        "etag": make_etag(uitgave),
    }


def _describe(*soorten: str) -> dict[str, Any]:
    return {soort: {"schema": {"type": "string", "format": "binary"}} for soort in soorten}
