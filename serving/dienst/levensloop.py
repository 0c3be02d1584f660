"""What happens when the service starts and stops.

Does not belong here: starting processes (``draaien``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from anyio import to_thread
from starlette.concurrency import run_in_threadpool

from serving.leeslog.schrijver import Leeslog

DRADEN: Final = 16
"""Requests of a process that are worked on at once, off the quick path. More would not be done
sooner, because they take turns on one core, and each holds memory of its own."""


class Levensloop:
    """Bounds the threads at the start; writes the read log when all under way was answered.

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
        to_thread.current_default_thread_limiter().total_tokens = DRADEN
        yield
        await run_in_threadpool(self._leeslog.flush)
