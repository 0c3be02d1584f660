"""dbt's ``adapter`` as sqlfluff sees it: a dispatched macro reads as a call of its name."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(macro: str, _pakket: str = "") -> Callable[..., str]:
    """Return something that writes ``macro(arguments)``."""

    def call(*argumenten: object) -> str:
        return f"{macro}({', '.join(str(argument) for argument in argumenten)})"

    return call
