"""Who asks, in the tests: somebody with given roles, and the application for them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import ASGIApp, Scope

from serving.api.toegang import Openbaar
from serving.app import create_app
from serving.leeslog.regel import Lezing
from vera.toegang import Lezer, find_rollen

T = TypeVar("T")


class Als(Openbaar):
    """Whoever asks has these roles; without a name unless one is given."""

    def __init__(self, *rollen: str, naam: str | None = None) -> None:
        self._lezer = Lezer(naam, find_rollen(rollen))

    def find_lezer(self, scope: Scope) -> Lezer:
        return self._lezer


class Onthoudt:
    """A read log in memory."""

    def __init__(self) -> None:
        self.lezingen: list[Lezing] = []
        self.geschreven = 0

    def note(self, lezing: Lezing) -> None:
        self.lezingen.append(lezing)

    def flush(self) -> None:
        self.geschreven = len(self.lezingen)


def run_alone(belofte: Coroutine[Any, Any, T]) -> T:
    """Run in a thread of its own: where a browser was tested, a loop runs in this one."""
    with ThreadPoolExecutor(1) as draad:
        return draad.submit(asyncio.run, belofte).result()


def make_app(releases_map: Path, *rollen: str, **delen: Any) -> ASGIApp:
    """Return the application for who has these roles; a reader when none is given."""
    return create_app(
        releases_map, **{"toegang": Als(*(rollen or ("lezer",))), "leeslog": Onthoudt(), **delen}
    )
