"""The OpenAPI document, made to hold the NLGov REST API Design Rules 2.2.1."""

from __future__ import annotations

import warnings
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.api.bewaking import list_deuren
from serving.api.geojson import Kaart
from serving.api.modellen import Probleem
from serving.api.probleem import MEDIATYPE
from serving.api.toegang import Vraag
from serving.api.versie import API_VERSIE
from serving.api.zoek import Zoekopdracht
from vera.toegang import BEREIKEN

_OMSCHRIJVING: Final = """\
Zoek het Sociaal Beheer Label van een complex, buurt of wijk op: het totaal, vijf thema's en de \
redenen. **1 is een kleine beheeropgave, 5 een grote.** Een label gaat over een plek, nooit over \
een persoon, huishouden of woning.

Met *complex* bedoelt deze API een VERA-cluster van de soort die de corporatie heeft gekozen. \
Elk antwoord noemt de release en de peildatum waar het uit komt. Een leeg label betekent \
*onbekend*; het is nooit een nul.

Wat u ziet, hangt af van uw rol. Zonder sleutel zijn er labels van buurten en wijken voor het \
totaal en de leefbaarheid, met afgeronde aantallen. Wat u over een complex opvraagt, wordt \
vastgelegd.

Wie te vaak vraagt, krijgt 429 en in `Retry-After` hoe lang wachten genoeg is. De grenzen stelt \
de beheerder in; gewoonlijk 60.000 per minuut met een sleutel of token, en 600 zonder.\
"""

_SLEUTEL: Final = "sleutel"

_KOPPEN: Final[dict[str, Any]] = {
    "API-Version": {"$ref": "#/components/headers/ApiVersion"},
    "ETag": {"$ref": "#/components/headers/ETag"},
}

_BIJ_REGEL: Final = (
    *(f"leg_{wat}_{lijst}_vast" for wat in ("oordeel", "besluit", "uitkomst")
      for lijst in ("overlast", "woonfraude")),
    "leg_preventiemaatregel_vast",
)  # fmt: skip
"""What is recorded of a row that the body names; there may be no such row."""
_MAAKT: Final = (
    "leg_duiding_vast",
    "meld_sociaal_signaal",
    "leg_bewonersinitiatief_vast",
    *_BIJ_REGEL,
)
_WIJZIGT: Final = ("volg_sociaal_signaal_op", "werk_bewonersinitiatief_bij")
_ZONDER_ETAG: Final = (
    *_MAAKT,
    *_WIJZIGT,
    "toon_gezondheid",
    "lijst_duidingen",
    "toon_sociaal_signaal",
    "lijst_signaaltellingen",
    "lijst_bewonersinitiatieven",
    "toon_bewonersinitiatief",
    *(
        f"toon_{wat}_{lijst}"
        for wat in ("werklijst", "risicoscores")
        for lijst in ("overlast", "woonfraude")
    ),
)
_LEEST_INHOUD: Final = ("zoek_complexen",)
"""What reads, and is asked with a body."""
_COMPONENT_KOPPEN: Final[dict[str, Any]] = {
    "ApiVersion": {
        "description": "Volledige versie van deze API.",
        "schema": {"type": "string", "examples": [API_VERSIE]},
    },
    "ETag": {
        "description": "Kenmerk van de release; stuur het terug in If-None-Match.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Na hoeveel seconden het opnieuw kan.",
        "schema": {"type": "integer", "minimum": 1, "examples": [7]},
    },
    "WWW-Authenticate": {
        "description": "Hoe u zich aanmeldt, en of wat u stuurde niet gold (RFC 6750).",
        "schema": {"type": "string", "examples": ['Bearer error="invalid_token"']},
    },
    "Link": {
        "description": "Eerste, vorige, volgende en laatste pagina (RFC 8288).",
        "schema": {"type": "string"},
    },
}

_KOP_BIJ: Final = {
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_FOUTEN: Final[dict[str, str]] = {
    "400": "De aanvraag klopt niet; alle fouten staan erin.",
    "401": "U bent niet aangemeld, of uw sleutel of token geldt niet.",
    "403": "Dit hoort niet bij uw rol, of de aanvraag komt van een andere site.",
    "404": "Niet gevonden.",
    "409": "Dit kan nu niet; de reden staat erbij.",
    "413": "De inhoud is te groot.",
    "415": "De inhoud is geen application/json.",
    "429": "Te vaak in korte tijd; wacht zo lang als Retry-After zegt.",
    "500": "Er ging iets mis bij ons.",
    "503": "Er is nog geen release gepubliceerd, of dit kan nu even niet.",
}


def build_document(app: FastAPI, adres: str, contact: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API that is served at ``adres``.

    Parameters
    ----------
    app
        The application under ``/v1``.
    adres
        Absolute address of the API, ``/v1`` included.
    contact
        E-mail address of who runs the API.
    """
    with warnings.catch_warnings():
        # Every GET answers HEAD as well; FastAPI counts that as one operation id used twice.
        warnings.filterwarnings("ignore", message="Duplicate Operation ID")
        document = get_openapi(
            title="Buurtpeil",
            version=API_VERSIE,
            openapi_version="3.1.0",
            summary="Het Sociaal Beheer Label van complexen, buurten en wijken.",
            description=_OMSCHRIJVING,
            routes=app.routes,
            servers=[{"url": adres, "description": "Deze installatie"}],
            tags=[
                {"name": "Complexen", "description": "Complexen en hun label."},
                {"name": "Buurten", "description": "Buurten en hun label."},
                {"name": "Wijken", "description": "Wijken en hun label."},
                {"name": "Wat als", "description": "Labels met andere gewichten."},
                {"name": "Bestanden", "description": "Alles wat bij uw rol hoort, als bestand."},
                {"name": "Werklijsten", "description": "Oordelen, besluiten en uitkomsten."},
                {"name": "Sociaal Signaal", "description": "Melden, opvolgen en aantallen."},
                {"name": "Bewonersinitiatieven", "description": "Plannen van bewoners."},
                {"name": "Budget", "description": "Een voorstel om een budget te verdelen."},
                {"name": "Dienst", "description": "Wat er wordt getoond en hoe vers het is."},
            ],
            license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        )
    # Given to FastAPI, the e-mail address would ask for one more package to check it with.
    document["info"]["contact"] = {
        "name": "Beheer van Buurtpeil",
        "url": adres.removesuffix("/v1"),
        "email": contact,
    }
    vragen = {getattr(deur.route, "operation_id", None): deur.vraag for deur in list_deuren(app)}
    for bewerkingen in document["paths"].values():
        bewerkingen.pop("head", None)
        for bewerking in bewerkingen.values():
            _complete(bewerking, vragen[bewerking["operationId"]])
    onderdelen = document["components"]
    for naam in ("HTTPValidationError", "ValidationError"):
        onderdelen["schemas"].pop(naam, None)
    probleem = Probleem.model_json_schema(ref_template="#/components/schemas/{model}")
    onderdelen["schemas"] |= {**probleem.pop("$defs"), "Probleem": probleem}
    # The body of a batch is checked by hand and a map is no JSON to FastAPI: it knows neither.
    for model in (Zoekopdracht, Kaart):
        vorm = model.model_json_schema(ref_template="#/components/schemas/{model}")
        onderdelen["schemas"] |= {**vorm.pop("$defs"), model.__name__: vorm}
    onderdelen["headers"] = _COMPONENT_KOPPEN
    onderdelen["securitySchemes"] = {
        _SLEUTEL: {
            "type": "http",
            "scheme": "bearer",
            "description": "Een sleutel die de beheerder uitgaf (`bp_…`), of een access token "
            "(JWT) van de OpenID-aanbieder van de organisatie.",
        }
    }
    return document


def _complete(bewerking: dict[str, Any], vraag: Vraag) -> None:
    is_dicht = vraag.bereik != "openbaar"
    bewerking["security"] = [{_SLEUTEL: []}] if is_dicht else [{}, {_SLEUTEL: []}]
    bewerking["description"] += f" Nodig: {BEREIKEN[vraag.bereik]} (`{vraag.bereik}`)."
    kiest_thema = any(p["name"] == "thema" for p in bewerking.get("parameters", ()))
    antwoorden = bewerking["responses"]
    antwoorden.pop("422", None)
    naam = bewerking["operationId"]
    schrijft = naam in (*_MAAKT, *_WIJZIGT)
    goed = antwoorden["201" if naam in _MAAKT else "200"]
    koppen = {"API-Version": _KOPPEN["API-Version"]}
    if naam not in _ZONDER_ETAG:
        koppen = _KOPPEN
        antwoorden["304"] = {
            "description": "Niet veranderd sinds de meegestuurde ETag.",
            "headers": dict(koppen),
        }
    goed["headers"] = {**goed.get("headers", {}), **koppen}
    for status, tekst in _FOUTEN.items():
        if status in {"413", "415"} and not (schrijft or naam in _LEEST_INHOUD):
            continue
        if status == "409" and not schrijft:
            continue
        if (status == "401" and not is_dicht) or (
            status == "403" and not (is_dicht or kiest_thema)
        ):
            continue
        if (
            status == "404"
            and naam not in _BIJ_REGEL
            and not any(parameter["in"] == "path" for parameter in bewerking.get("parameters", ()))
        ):
            continue
        antwoorden[status] = {
            "description": tekst,
            "headers": {"API-Version": _KOPPEN["API-Version"], **_find_headers(status)},
            "content": {MEDIATYPE: {"schema": {"$ref": "#/components/schemas/Probleem"}}},
        }
    bewerking["responses"] = dict(sorted(antwoorden.items()))


def _find_headers(status: str) -> dict[str, Any]:
    return {kop: {"$ref": f"#/components/headers/{kop}"} for kop in _KOP_BIJ.get(status, ())}
