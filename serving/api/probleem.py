"""Errors on the wire: ``application/problem+json`` (RFC 9457), in Dutch, without inner detail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from serving.api.versie import KOPPEN_API, as_text
from serving.release.wijzer import BeschadigdeRelease, GeenRelease

_log = logging.getLogger(__name__)

MEDIATYPE: Final = "application/problem+json"
MAXIMUM_FOUTEN: Final = 20
MAXIMUM_NAAM: Final = 40

_TITELS: Final[Mapping[int, str]] = {
    400: "Ongeldige aanvraag",
    401: "Niet aangemeld",
    403: "Geen toegang",
    404: "Niet gevonden",
    405: "Methode niet toegestaan",
    408: "Te traag",
    409: "Kan nu niet",
    413: "Te groot",
    415: "Verkeerd soort inhoud",
    429: "Te vaak",
    500: "Interne fout",
    503: "Tijdelijk niet beschikbaar",
}

_DETAILS: Final[Mapping[int, str]] = {
    404: "Dit adres bestaat niet. Een adres eindigt niet op een schuine streep.",
    405: "Deze bron kent deze methode niet; zie de kop Allow.",
    500: "Er ging iets mis bij ons. Probeer het later opnieuw.",
}

_MELDINGEN: Final[Mapping[str, str]] = {
    "missing": "is verplicht",
    "int_parsing": "is geen geheel getal",
    "int_from_float": "is geen geheel getal",
    "float_parsing": "is geen getal",
    "finite_number": "is geen getal",
    "multiple_of": "is geen veelvoud van {multiple_of}",
    "greater_than_equal": "is te klein; het minimum is {ge}",
    "less_than_equal": "is te groot; het maximum is {le}",
    "literal_error": "is geen bekende waarde; kies uit {expected}",
    "enum": "is geen bekende waarde; kies uit {expected}",
    "string_too_long": "is te lang; het maximum is {max_length} tekens",
    "string_too_short": "is te kort; het minimum is {min_length} tekens",
    "too_long": "komt te vaak voor; het maximum is {max_length}",
    "value_error": "{error}",  # raised by our own checks, in Dutch and without the value
    "extra_forbidden": "is geen parameter van dit adres",
}


class JsonProbleem(JSONResponse):
    """A response with media type ``application/problem+json``."""

    media_type = MEDIATYPE


def make_problem(
    status: int,
    detail: str | None = None,
    *,
    koppen: Mapping[str, str] | None = None,
    fouten: list[dict[str, str]] | None = None,
) -> JsonProbleem:
    """Return a complete error response, with every header that a response needs.

    Parameters
    ----------
    status
        HTTP status, 400 or higher.
    detail
        What went wrong and what to do, in Dutch; a text by status when left out.
    koppen
        More headers (``Allow``, ``Retry-After``).
    fouten
        Every wrong place of the input.
    """
    titel = _TITELS.get(status, HTTPStatus(status).phrase)
    inhoud: dict[str, Any] = {
        "status": status,
        "title": titel,
        "detail": detail or _DETAILS.get(status, titel),
    }
    if fouten:
        inhoud["fouten"] = fouten
    alle = {**as_text(KOPPEN_API), "cache-control": "no-store", **(koppen or {})}
    if status == 503:
        alle = {"Retry-After": "60", **alle}
    return JsonProbleem(inhoud, status_code=status, headers=alle)


def describe_validation(fouten: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Translate the findings of the input check; repeats names of parameters, never values."""
    uitkomst = []
    for fout in fouten[:MAXIMUM_FOUTEN]:
        plaats = [str(deel) for deel in fout.get("loc", ())]
        sjabloon = _MELDINGEN.get(str(fout.get("type")), "is geen geldige waarde")
        uitkomst.append(
            {
                "plaats": plaats[0] if plaats else "aanvraag",
                "naam": plaats[1][:MAXIMUM_NAAM] if len(plaats) > 1 else "",
                "melding": sjabloon.format_map(_Context(fout.get("ctx") or {})),
            }
        )
    return uitkomst


class _Context(dict[str, Any]):
    def __missing__(self, sleutel: str) -> str:
        return sleutel

    def __getitem__(self, sleutel: str) -> str:
        # pydantic joins a list of choices in English
        return str(super().__getitem__(sleutel)).replace(" or ", " of ")


def add_handlers(app: FastAPI) -> None:
    """Let every error of ``app`` end as problem+json, the unforeseen ones included."""
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_exception_handler(RequestValidationError, _handle_validation)
    app.add_exception_handler(GeenRelease, _handle_no_release)
    app.add_exception_handler(Exception, _handle_unforeseen)


async def _handle_http(aanvraag: Request, fout: Exception) -> Response:
    if not isinstance(fout, HTTPException):
        raise fout
    koppen = dict(fout.headers or {})
    if "Allow" in koppen:
        koppen["Allow"] = ", ".join(sorted(koppen["Allow"].split(", ")))
    eigen_tekst = fout.detail != HTTPStatus(fout.status_code).phrase
    return make_problem(fout.status_code, fout.detail if eigen_tekst else None, koppen=koppen)


async def _handle_validation(aanvraag: Request, fout: Exception) -> Response:
    if not isinstance(fout, RequestValidationError):
        raise fout
    fouten = describe_validation(list(fout.errors()))
    regels = "; ".join(f"{fout['naam'] or fout['plaats']} {fout['melding']}" for fout in fouten)
    return make_problem(400, f"De aanvraag klopt niet: {regels}.", fouten=fouten)


async def _handle_no_release(aanvraag: Request, fout: Exception) -> Response:
    is_kapot = isinstance(fout, BeschadigdeRelease)
    return make_problem(
        503,
        "De gepubliceerde labels zijn beschadigd en worden niet getoond. De beheerder moet ze "
        "herstellen."
        if is_kapot
        else "Er is nog geen release gepubliceerd. Probeer het later opnieuw.",
        koppen={"Retry-After": "60"},
    )


async def _handle_unforeseen(aanvraag: Request, fout: Exception) -> Response:
    _log.error("unforeseen error: %s", type(fout).__name__, exc_info=fout)
    return make_problem(500)
