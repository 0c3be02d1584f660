"""A page over HTTP: entity tag, ``304``, ``HEAD`` and the cache, as the API does it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from serving.api.antwoord import VARY, matches_etag
from serving.release.winkel import Uitgave

_CACHE: Final = {"cache-control": "private, no-cache", "vary": VARY.decode()}
_MEDIATYPE: Final = "text/html; charset=utf-8"


class Releasetekenaar(Protocol):
    """Makes pages of a release with the head and the foot of this site."""

    def answer_with(
        self,
        aanvraag: Request,
        uitgave: Uitgave,
        sjabloon: str,
        make_inhoud: Callable[[], Mapping[str, Any]],
        *,
        kenmerk: str = "",
        koppen: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a page that is made of a release, and of what ``kenmerk`` tells of."""
        ...


def hash_feiten(*feiten: object) -> str:
    """Return a short text that is another one when facts outside the release are others.

    Parameters
    ----------
    *feiten
        Values whose ``repr`` says all of them.
    """
    return hashlib.sha256(repr(feiten).encode()).hexdigest()[:12]


def answer_page(
    aanvraag: Request,
    etag: str,
    render: Callable[[], str],
    koppen: Mapping[str, str] | None = None,
) -> Response:
    """Return a page, or ``304`` without making it when the reader has it already.

    Parameters
    ----------
    aanvraag
        The request.
    etag
        Entity tag, in quotes, of everything the page is made of.
    render
        Makes the HTML.
    koppen
        Headers beside the usual ones; with a ``304`` as well, as a browser takes them over.
    """
    koppen = {**_CACHE, **(koppen or {}), "etag": etag}
    voorwaarde = aanvraag.headers.get("if-none-match")
    if voorwaarde is not None and matches_etag(voorwaarde, etag):
        return Response(status_code=304, headers=koppen)
    return answer_html(aanvraag, 200, render(), koppen)


def answer_html(
    aanvraag: Request, status: int, html: str, koppen: Mapping[str, str] | None = None
) -> Response:
    """Return HTML; ``HEAD`` gets the headers of it only."""
    return answer_bytes(aanvraag, status, html.encode(), _MEDIATYPE, koppen)


def answer_bytes(
    aanvraag: Request,
    status: int,
    inhoud: bytes,
    mediatype: str,
    koppen: Mapping[str, str] | None = None,
) -> Response:
    """Return a body with its length; ``HEAD`` gets the headers only."""
    return Response(
        b"" if aanvraag.method == "HEAD" else inhoud,
        status_code=status,
        headers={
            "content-type": mediatype,
            "content-length": str(len(inhoud)),
            **(koppen or {"cache-control": "no-store"}),
        },
    )
