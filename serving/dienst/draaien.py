"""Starting the service: one process, or several that share one address.

With several, uvicorn's own supervisor starts another for one that dies or hangs. All of them
accept from one queue, so what waits there when one is killed is answered by the others; what it
was answering itself is lost. A stop lets requests under way finish, then writes the read log.

Belongs here: processes. Does not belong here: how one connection is treated
(``serving.verbinding``), what the application is made of (``serving.app``), settings of the
installation (``orchestration``).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vera.errors import BuurtpeilError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

WERKER_SECONDEN: Final = 20
"""How long a worker may be silent before it is killed and another is started."""

STARTUP_FAILURE: Final = 3
"""Exit code by which uvicorn knows a worker that could not start (``uvicorn.config``)."""

BEURT: Final = 0.0005
"""Seconds after which a thread that works (the read log, a page) must let the others have a turn.
Python's own 5 ms is longer than a hundred look-ups take."""

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


@dataclass(frozen=True)
class Fabriek:
    """Makes the application in a worker; travels there as a whole.

    Parameters
    ----------
    maak
        Makes it, given the folder of counts; something of a module, so that it can travel.
    metingen
        Folder where the workers leave their counts; None = there is one worker.
    """

    maak: Callable[[Path | None], ASGIApp]
    metingen: Path | None = None

    def __call__(self) -> ASGIApp:
        """Return the application."""
        _share_arenas()
        sys.setswitchinterval(BEURT)
        app = self.maak(self.metingen) if self.metingen is None else self._make_or_leave()
        # What is there now stays for good: collecting garbage need not walk over it every time.
        gc.collect()
        gc.freeze()
        # Python waits with a full collection until a quarter of what the last one left has been
        # added: that was everything above, and would let garbage grow to tens of megabytes.
        gc.collect()
        return app

    def _make_or_leave(self) -> ASGIApp:
        # What goes wrong here would go wrong in the next worker as well: uvicorn stops all of them
        # on this exit code, and starts another on any other.
        from serving.dienst.verslag import Verslag

        try:
            return self.maak(self.metingen)
        except BuurtpeilError as fout:
            sys.stderr.write(f"{fout}\n")
        except Exception as fout:
            Verslag().tell_error(fout, nummer="start", adres="(start)")
        sys.exit(STARTUP_FAILURE)


def _share_arenas() -> None:
    """Let threads share glibc's pools of memory.

    By default each thread has one and keeps what it freed: a third more memory for a service whose
    threads take turns anyway. Elsewhere (musl, macOS) there is nothing to set.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def run(maak: Callable[[Path | None], ASGIApp], *, host: str, port: int, werkers: int = 1) -> None:
    """Serve until stopped.

    Parameters
    ----------
    maak
        Makes the application, given the folder of counts.
    host, port
        Where to listen.
    werkers
        Number of processes.
    """
    import uvicorn

    if werkers > 1:
        _run_werkers(maak, host=host, port=port, werkers=werkers)
        return
    server = uvicorn.Server(configure(Fabriek(maak), host=host, port=port))
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def configure(fabriek: Callable[[], ASGIApp], **anders: Any) -> uvicorn.Config:
    """Return uvicorn's settings, the same for every number of workers."""
    from serving.dienst.verslag import build_logging
    from serving.verbinding import make_config

    return make_config(
        fabriek,  # type: ignore[arg-type]  # a factory of one
        factory=True,
        # The read log is written at a stop; a service that cannot do so must not start.
        lifespan="on",
        log_config=dict(build_logging()),
        timeout_worker_healthcheck=WERKER_SECONDEN,
        **anders,
    )


def _run_werkers(
    maak: Callable[[Path | None], ASGIApp], *, host: str, port: int, werkers: int
) -> None:
    from uvicorn.supervisors import Multiprocess

    metingen = Path(tempfile.mkdtemp(prefix="buurtpeil-metingen-"))
    try:
        config = configure(Fabriek(maak, metingen), host=host, port=port, workers=werkers)
        luisteraar = config.bind_socket()
        toezicht = Multiprocess(config, sockets=[luisteraar])
        with luisteraar:
            toezicht.run()
        if any(werker.exitcode == STARTUP_FAILURE for werker in toezicht.processes):
            sys.exit(STARTUP_FAILURE)
    finally:
        shutil.rmtree(metingen, ignore_errors=True)
