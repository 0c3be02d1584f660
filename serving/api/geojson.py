"""Areas and complexes with their labels as GeoJSON, and which files there are for who asks.

Buurten and wijken are for everybody, with the labels of their themes and counts on fives; the
complexes, as points, are for who may have files with everything. Made of what this reader may
see and of nothing else. Coordinates are WGS84, longitude first (RFC 7946).
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from collections.abc import Callable, Collection, Coroutine, Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from serving.api import invoer
from serving.api.antwoord import VARY, Objectniveau, make_etag, matches_etag
from serving.api.modellen import Labelwaarde, Model, Release
from serving.api.toegang import lezer_of, vraagt
from serving.release import schema
from serving.release.json_kolom import encode
from serving.release.winkel import Uitgave
from serving.toegang.inzage import GEBIEDEN, Labelinzage, round_aantal
from vera.toegang import Bereik, Lezer

MEDIATYPE: Final = "application/geo+json"
CRS: Final = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
_BEREIKEN: Final[dict[Objectniveau, Bereik]] = {
    "complex": "export",
    "buurt": "openbaar",
    "wijk": "openbaar",
}
_MEERVOUD: Final = {"complex": "complexen", "buurt": "buurten", "wijk": "wijken"}


class Bestand(Model):
    """Een bestand dat u kunt ophalen."""

    adres: str = Field(description="Pad onder `/v1`.")
    mediatype: str
    omschrijving: str
    bytes: int | None = Field(description="Leeg als het bestand bij opvragen wordt gemaakt.")
    rijen: int | None


class Bestandenlijst(Model):
    """De bestanden die bij uw rol horen."""

    bestanden: list[Bestand]
    release: Release


class Kaartthema(Model):
    """Label van een thema."""

    code: str
    waarde: Labelwaarde | None


class Kaarteigenschappen(Model):
    """Wat er van een plek op de kaart staat."""

    niveau: Literal["complex", "buurt", "wijk"]
    naam: str
    grondslag: Literal["eigen", "openbaar"] | None
    peildatum: date | None
    waarde: Labelwaarde | None = Field(description="Leeg = onbekend.")
    themas: list[Kaartthema]
    aantal_verhuureenheden: int | None = Field(description="Van buurten en wijken op vijftallen.")


class Kaartplek(Model):
    """Een Feature."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None = Field(description="Leeg als de plek niet is geleverd.")
    properties: Kaarteigenschappen


class Kaart(Model):
    """Een FeatureCollection, in WGS84."""

    type: Literal["FeatureCollection"]
    features: list[Kaartplek]
    release: Release


def build_geojson(get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]]) -> APIRouter:
    """Return the routes; they must stand before that of a file by its name.

    Parameters
    ----------
    get_uitgave
        Gives the current release as who asks sees it.
    """
    router = APIRouter(tags=["Bestanden"], redirect_slashes=False)
    uitgave_nu = Annotated[Uitgave, Depends(get_uitgave)]

    @vraagt("openbaar")
    def list_exports(
        aanvraag: Request, uitgave: uitgave_nu, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        bestanden = list(iter_bestanden(uitgave, lezer_of(aanvraag)))
        inhoud = encode({"bestanden": bestanden}).encode()
        # What is listed hangs on the role and not on the release alone.
        return Response(
            inhoud[:-1] + uitgave.staart,
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    router.add_api_route(
        "/exports",
        list_exports,
        methods=["GET", "HEAD"],
        summary="Welke bestanden er zijn",
        description="Geeft de bestanden die bij uw rol horen, met hun adres.",
        operation_id="lijst_exports",
        response_model=None,
        responses={200: {"model": Bestandenlijst, "description": "De bestanden."}},
    )
    for niveau in schema.NIVEAUS:
        _add(router, niveau, get_uitgave)
    return router


def _add(
    router: APIRouter,
    niveau: Any,
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]],
) -> None:
    @vraagt(_BEREIKEN[niveau])
    def get_kaart(
        aanvraag: Request,
        uitgave: Annotated[Uitgave, Depends(get_uitgave)],
        vraag: Annotated[invoer.Invoer, Query()],
    ) -> Response:
        koppen = {
            "content-type": MEDIATYPE,
            "content-crs": CRS,
            "content-disposition": f'attachment; filename="{uitgave.release_id}_{niveau}.geojson"',
            "cache-control": "private, no-cache",
            "vary": VARY.decode(),
            "etag": make_etag(uitgave),
        }
        voorwaarde = aanvraag.headers.get("if-none-match")
        if voorwaarde is not None and matches_etag(voorwaarde, koppen["etag"]):
            return Response(status_code=304, headers=koppen)
        themas = lezer_of(aanvraag).themas
        return Response(render_kaart(uitgave, niveau, themas), headers=koppen)

    wie = "punten" if niveau == "complex" else "vlakken"
    router.add_api_route(
        f"/exports/{niveau}.geojson",
        get_kaart,
        methods=["GET", "HEAD"],
        summary=f"{_MEERVOUD[niveau].capitalize()} met hun label als GeoJSON",
        description=(
            f"Geeft {_MEERVOUD[niveau]} als {wie} met het label van de thema's die bij uw rol "
            "horen, voor een kaart of GIS. Coördinaten in WGS84."
        ),
        operation_id=f"download_kaart_{niveau}",
        response_class=Response,
        response_model=None,
        responses={
            200: {
                "description": "De kaart.",
                "content": {
                    MEDIATYPE: {"schema": {"$ref": "#/components/schemas/Kaart"}},
                },
            }
        },
    )


def iter_bestanden(uitgave: Uitgave, lezer: Lezer) -> Iterator[dict[str, Any]]:
    """Yield the files that a reader may have."""
    for niveau in schema.NIVEAUS:
        if lezer.may(_BEREIKEN[niveau]):
            yield {
                "adres": f"/exports/{niveau}.geojson",
                "mediatype": MEDIATYPE,
                "omschrijving": f"{_MEERVOUD[niveau].capitalize()} met hun label op de kaart",
                "bytes": None,
                "rijen": None,
            }
    if lezer.may("gebied"):
        yield {
            "adres": "/exports/gebiedslabels",
            "mediatype": "text/csv",
            "omschrijving": "Labels van buurten en wijken",
            "bytes": None,
            "rijen": None,
        }
    if not lezer.may("export"):
        return
    korrel = {tabel.export: tabel.korrel for tabel in schema.TABELLEN.values()}
    for naam, feiten in sorted(uitgave.manifest["bestanden"].items()):
        map_, _, bestand = naam.rpartition("/")
        if map_ == schema.MAP_EXPORTS:
            stam, _, soort = bestand.rpartition(".")
            yield {
                "adres": f"/exports/{bestand}",
                "mediatype": "text/csv" if soort == "csv" else "application/vnd.apache.parquet",
                "omschrijving": korrel.get(stam, stam).capitalize(),
                "bytes": feiten["bytes"],
                "rijen": feiten["rijen"],
            }


def render_kaart(uitgave: Uitgave, niveau: Objectniveau, themas: Collection[str]) -> bytes:
    """Return a FeatureCollection with the release beside it.

    Parameters
    ----------
    uitgave
        Release as the reader sees it.
    niveau
        Which objects.
    themas
        Themes of the reader; TOT is the total.
    """
    vormen = dict(
        uitgave.query("select beheerobject_id, geojson from vorm where niveau = ?", (niveau,))
    )
    rijen = uitgave.query(
        "select beheerobject_id, lengtegraad, breedtegraad, body from lijst where niveau = ? "
        "order by beheerobject_id",
        (niveau,),
    )
    delen = []
    for id_, lengte, breedte, body in rijen:
        vorm = vormen.get(id_)
        if vorm is None and lengte is not None and breedte is not None:
            vorm = encode({"type": "Point", "coordinates": [lengte, breedte]})
        eigenschappen = encode(_describe(uitgave, niveau, json.loads(body), themas))
        # A shape is JSON already, and long: it goes in as it is.
        delen.append(
            f'{{"type":"Feature","id":{encode(id_)},"geometry":{vorm or "null"},'
            f'"properties":{eigenschappen}}}'
        )
    kop = f'{{"type":"FeatureCollection","features":[{",".join(delen)}]'
    return kop.encode() + uitgave.staart


def _describe(
    uitgave: Uitgave, niveau: str, rij: dict[str, Any], themas: Collection[str]
) -> dict[str, Any]:
    label, woningen = rij["sociaalBeheerLabel"], rij["aantalVerhuureenheden"]
    if niveau in GEBIEDEN and not isinstance(uitgave, Labelinzage):
        # In a file counts of areas are on fives for everybody.
        woningen = round_aantal(woningen, niveau, rij["id"], "verhuureenheden_aantal")
    return {
        "niveau": niveau,
        "naam": rij["naam"],
        "grondslag": label["grondslag"],
        "peildatum": label["peildatum"],
        "waarde": label["waarde"] if schema.THEMA_TOTAAL in themas else None,
        "themas": [
            {"code": thema["code"], "waarde": thema["waarde"]}
            for thema in label["themas"]
            if thema["code"] in themas
        ],
        "aantalVerhuureenheden": woningen,
    }
