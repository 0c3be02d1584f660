"""What happens when the service starts and stops.

Does not belong here: starting processes (``draaien``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool

from serving.leeslog.schrijver import Leeslog


class Levensloop:
    """Writes the read log when everything under way was answered.

    A signal may end the process before its threads are done, so a stop does not leave that to the
    thread that writes.

    Parameters
    ----------
    leeslog
        The read log.
    """

    def __init__(self, leeslog: Leeslog) -> None:
        self._leeslog = leeslog

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[None]:
        """Run from start to stop."""
        yield
        await run_in_threadpool(self._leeslog.flush)
