"""The one place where it is decided whether a request may be answered, and who asks.

Login comes with issue 6: then ``Toegang`` gets a second implementation (bearer tokens, API
keys) and nothing else changes, because both the quick path and the documented routes ask here.
"""

from __future__ import annotations

from typing import Final, Protocol

from starlette.types import Scope

ROL_LEZER: Final = "lezer"
ROL_WIJKBEHEER: Final = "wijkbeheer"

_DEZE_MACHINE: Final = frozenset({"127.0.0.1", "::1"})


class Toegang(Protocol):
    """Decides on the connection's scope alone: headers, path, client."""

    def allows(self, scope: Scope, rol: str) -> bool:
        """Return whether this request may be answered for role ``rol``."""
        ...

    def find_naam(self, scope: Scope) -> str | None:
        """Return the name of who asks; None when nobody logged in, so that they must say it."""
        ...


class OpenToegang:
    """Everybody is ``lezer``; who sits at this machine is ``wijkbeheer`` as well (ADR 0009)."""

    def allows(self, scope: Scope, rol: str) -> bool:
        """Return True for ``lezer``, and for ``wijkbeheer`` from this machine."""
        if rol == ROL_WIJKBEHEER:
            return (scope.get("client") or ("",))[0] in _DEZE_MACHINE
        return rol == ROL_LEZER

    def find_naam(self, scope: Scope) -> str | None:
        """Return None: there is no login yet."""
        return None
