"""The log of the service: lines of JSON on stderr that hold nothing of who or what it was about.

Of a request: the address as documented (its variables by name), method, status, milliseconds,
roles, release and a number of its own, which the answer to an error carries too
(``X-Request-Id``). Never an
id, a name, an address, what was typed, or what came from outside in another way. Of an error: its
type and the places in the code that it came through, never its text, because a text of a store or
a parser repeats the values it fell over. Libraries speak through the same door.

The quick path leaves no line of its own: what it answers is counted (``meting``) and, where it is
restricted, in the read log (``serving.leeslog``).

Belongs here: what a line holds. Does not belong here: who read what (``serving.leeslog``).
"""

from __future__ import annotations

import contextlib
import logging
import sys
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, TextIO

from vera.errors import GebruikFout

Omvang = Literal["alles", "fouten"]
OMVANGEN: Final[tuple[Omvang, ...]] = ("alles", "fouten")

_STANDAARD: Final[Omvang] = "fouten"

_EIGEN: Final = ("serving.", "uvicorn.")
"""Loggers whose texts are fixed: of all others only the name is told."""

_PLEKKEN: Final = 8
_WORTEL: Final = Path(__file__).parents[2]


class Verslag:
    """Writes lines.

    Parameters
    ----------
    omvang
        ``alles`` = every request off the quick path; ``fouten`` = those that went wrong here.
    uit
        Where they go; stderr when left out.
    """

    def __init__(self, omvang: Omvang = _STANDAARD, uit: TextIO | None = None) -> None:
        self._omvang = omvang
        self._uit = uit

    def tell_request(
        self,
        *,
        nummer: str,
        adres: str,
        methode: str,
        status: int,
        ms: float,
        rollen: tuple[str, ...],
        release: str | None,
    ) -> None:
        """Tell of one answer."""
        is_fout = status >= 500
        if not is_fout and self._omvang != "alles":
            return
        self._write(
            "error" if is_fout else "info",
            "verzoek",
            verzoek=nummer,
            adres=adres,
            methode=methode,
            status=status,
            ms=round(ms, 2),
            rol="+".join(rollen) or "openbaar",
            release=release,
        )

    def tell_error(self, fout: BaseException, *, nummer: str, adres: str) -> None:
        """Tell of an error that nobody foresaw."""
        self._write("error", "fout", verzoek=nummer, adres=adres, **describe_fout(fout))

    def _write(self, niveau: str, gebeurtenis: str, **inhoud: Any) -> None:
        # Nobody who reads along any more is no reason to stop answering.
        with contextlib.suppress(OSError, ValueError):
            getattr(_logger(self._uit), niveau)(gebeurtenis, **inhoud)


def read_omvang(tekst: str | None) -> Omvang:
    """Return how much is told, from a setting.

    Raises
    ------
    GebruikFout
        When the text says nothing that there is.
    """
    if tekst is None:
        return _STANDAARD
    for omvang in OMVANGEN:
        if tekst == omvang:
            return omvang
    raise GebruikFout(
        f"BUURTPEIL_VERZOEKLOG kan niet {tekst!r} zijn.",
        verwacht=" of ".join(OMVANGEN),
        remedie="verbeter de instelling of laat haar leeg",
    )


def describe_fout(fout: BaseException) -> dict[str, Any]:
    """Return the type of an error, those it came of, and where; never what it says."""
    soorten: list[str] = []
    oorzaak: BaseException | None = fout
    while oorzaak is not None and len(soorten) < _PLEKKEN:
        soorten.append(f"{type(oorzaak).__module__}.{type(oorzaak).__qualname__}")
        oorzaak = oorzaak.__cause__ or oorzaak.__context__
    return {"soort": soorten[0], "oorzaken": soorten[1:], "plekken": _list_plekken(fout)}


def _list_plekken(fout: BaseException) -> list[str]:
    spoor: TracebackType | None = fout.__traceback__
    stappen = traceback.extract_tb(spoor)[-_PLEKKEN:] if spoor is not None else []
    return [f"{_shorten(stap.filename)}:{stap.lineno} {stap.name}" for stap in stappen]


def _shorten(bestand: str) -> str:
    pad = Path(bestand)
    if pad.is_relative_to(_WORTEL) and "site-packages" not in pad.parts:
        return pad.relative_to(_WORTEL).as_posix()
    return "/".join(pad.parts[-2:])


@cache
def _logger(uit: TextIO | None) -> Any:
    import structlog

    return structlog.wrap_logger(
        structlog.PrintLogger(uit or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="tijd"),
            structlog.processors.EventRenamer("gebeurtenis"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.BoundLogger,
    )


class Regelvorm(logging.Formatter):
    """Makes a line as above of what a library logs, without what it filled in."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        import json

        # The text itself, and none that was put together of an error: uvicorn logs such a one when
        # the service does not start, with the whole of where it came from.
        tekst = record.msg.strip() if isinstance(record.msg, str) else ""
        eigen = record.name.startswith(_EIGEN) and tekst and "\n" not in tekst
        inhoud: dict[str, Any] = {
            "level": record.levelname.lower(),
            "tijd": self.formatTime(record),
            "gebeurtenis": tekst if eigen else "bericht",
            "van": record.name,
        }
        if record.exc_info is not None and isinstance(record.exc_info[1], BaseException):
            inhoud |= describe_fout(record.exc_info[1])
        return json.dumps(inhoud, ensure_ascii=False)


def build_logging(niveau: str = "WARNING") -> Mapping[str, Any]:
    """Return the configuration of the standard library's logging for the service.

    Parameters
    ----------
    niveau
        From what level on a library is heard.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"regel": {"()": f"{__name__}.{Regelvorm.__name__}"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "regel",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": niveau},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }
