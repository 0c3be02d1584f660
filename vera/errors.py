"""Errors that a user meets. Each says what was expected, what was found and what to do."""

from __future__ import annotations

import errno


class BuurtpeilError(Exception):
    """Base of every error that ends a command with a message and no traceback.

    Parameters
    ----------
    gevonden
        What went wrong, in Dutch, without personal data.
    verwacht
        What was expected instead.
    remedie
        What the reader can do about it.
    """

    exit_code = 1
    gaat_over = False
    """Whether it may be gone a minute later by itself."""

    def __init__(self, gevonden: str, *, verwacht: str = "", remedie: str = "") -> None:
        self.gevonden = gevonden
        self.verwacht = verwacht
        self.remedie = remedie
        super().__init__(self.__str__())

    def __str__(self) -> str:
        delen = [self.gevonden]
        if self.verwacht:
            delen.append(f"Verwacht: {self.verwacht}")
        if self.remedie:
            delen.append(f"Wat te doen: {self.remedie}")
        return "\n".join(delen)


class GebruikFout(BuurtpeilError):
    """The command was used wrongly (a folder that is not there, an id that does not exist)."""

    exit_code = 2


class PoortInFout(BuurtpeilError):
    """The gate in refused the deliveries; nothing was published."""

    exit_code = 3


class PoortUitFout(BuurtpeilError):
    """The gate out refused the release; the previous one is still served."""

    exit_code = 4


_GAAT_OVER = {
    getattr(errno, naam)
    for naam in (
        "EIO", "ESTALE", "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH",
        "ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "ENOTCONN", "EAGAIN", "EBUSY", "EREMOTEIO",
    )
    if hasattr(errno, naam)
}  # fmt: skip


_VOL = {getattr(errno, naam) for naam in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, naam)}
_VOL_TEKST = ("No space left on device", "database or disk is full", "File too large")
"""How databases say it, whose errors have no number."""


def explain_schijf(fout: BaseException) -> BuurtpeilError | None:
    """Return what to tell of a failure that comes of a full disk; None for any other."""
    gezien: BaseException | None = fout
    while gezien is not None:
        if getattr(gezien, "errno", None) in _VOL or any(t in str(gezien) for t in _VOL_TEKST):
            return BuurtpeilError(
                "De schijf is vol; wat gepubliceerd was, staat er nog.",
                verwacht="ruimte op de schijf van de datamap en op die voor tijdelijke bestanden",
                remedie="maak ruimte vrij en geef de opdracht opnieuw",
            )
        gezien = gezien.__cause__ or gezien.__context__
    return None


def may_pass(fout: BaseException) -> bool:
    """Tell whether a disk, a network or a database that failed may be back a minute later."""
    if isinstance(fout, BuurtpeilError):
        return fout.gaat_over
    return isinstance(fout, OSError) and fout.errno in _GAAT_OVER
