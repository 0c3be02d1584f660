"""Whether a request that changes something comes from this site, or from a page elsewhere.

A page anywhere can let a browser post to ``127.0.0.1``, and a name that is pointed at this
machine afterwards (DNS rebinding) passes for the same site. So a change is taken only under a
name of our own, and from a page of our own. A program sends no ``Origin`` and is let through.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_HIER: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_own_request(koppen: Headers, basis_url: str) -> bool:
    """Tell whether ``Host``, ``Origin`` and ``Sec-Fetch-Site`` all name this site.

    Parameters
    ----------
    koppen
        Headers of the request.
    basis_url
        Address under which people reach the application.
    """
    basis = urlsplit(basis_url)
    namen = {basis.hostname, *(_HIER if basis.hostname in _HIER else ())}
    host = koppen.get("host", "")
    if _find_hostname(host) not in namen:
        return False
    if koppen.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    oorsprong = koppen.get("origin")
    return oorsprong is None or oorsprong == f"{basis.scheme}://{host}"


def _find_hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
