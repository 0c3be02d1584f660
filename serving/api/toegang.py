"""The one place where it is decided whether a request may be answered.

Login comes with issue 6: then ``Toegang`` gets a second implementation (bearer tokens, API
keys) and nothing else changes, because both the quick path and the documented routes ask here.
"""

from __future__ import annotations

from typing import Protocol

from starlette.types import Scope


class Toegang(Protocol):
    """Decides on the connection's scope alone: headers, path, client."""

    def allows(self, scope: Scope, rol: str) -> bool:
        """Return whether this request may be answered for role ``rol``."""
        ...


class OpenToegang:
    """Everybody is ``lezer``; no other role is given out."""

    def allows(self, scope: Scope, rol: str) -> bool:
        """Return True for the role ``lezer`` only."""
        return rol == ROL_LEZER


ROL_LEZER = "lezer"
