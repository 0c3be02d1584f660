"""Version of the API and the headers that every response carries.

Source: NLGov REST API Design Rules 2.2.1, /core/version-header and
/core/transport/security-headers.
"""

from __future__ import annotations

from typing import Final

API_VERSIE: Final = "1.1.0"

Koppen = list[tuple[bytes, bytes]]

_ALTIJD: Final[Koppen] = [
    (b"api-version", API_VERSIE.encode()),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]

KOPPEN_API: Final[Koppen] = [
    *_ALTIJD,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""Headers of an answer that holds data only."""

KOPPEN_PAGINA: Final[Koppen] = [
    *_ALTIJD,
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        b"base-uri 'none'; frame-ancestors 'none'",
    ),
]
"""Headers of a page: its own style sheet, forms to itself, nothing from elsewhere."""


def as_text(koppen: Koppen) -> dict[str, str]:
    """Return headers as the texts that Starlette's responses take."""
    return {naam.decode(): waarde.decode() for naam, waarde in koppen}
