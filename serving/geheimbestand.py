"""A secret of this installation in a file of its own, readable by its owner alone.

Belongs here: making such a file once, and reading it. Does not belong here: what a secret is for,
and what to do when it is gone (the modules that call this).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vera.errors import GebruikFout

LENGTE: Final = 32
"""Bytes of a secret; the file has twice as many hexadecimal digits."""


@dataclass(frozen=True)
class Geheimbestand:
    """Which file it is, and what to do about it.

    Attributes
    ----------
    naam
        Name of the file in the folder of keys.
    herstel
        Dutch: what to do when the file is damaged.
    soort
        Dutch: what it is called in an error.
    """

    naam: str
    herstel: str
    soort: str = "bestand"

    def load(self, sleutelmap: Path) -> bytes:
        """Return the secret, and make it when it is not there.

        Parameters
        ----------
        sleutelmap
            Folder of keys; made with mode 0700.

        Raises
        ------
        GebruikFout
            When the file is malformed, or others than its owner may read it.
        """
        pad = sleutelmap / self.naam
        if not pad.exists():
            _make(pad)
        return self._read(pad)

    def read(self, sleutelmap: Path) -> bytes | None:
        """Return the secret; None when there is none.

        Raises
        ------
        GebruikFout
            As ``load``.
        """
        pad = sleutelmap / self.naam
        return self._read(pad) if pad.exists() else None

    def _read(self, pad: Path) -> bytes:
        if stat.S_IMODE(pad.stat().st_mode) & 0o077:
            raise GebruikFout(
                f"Het {self.soort} {pad.name} is leesbaar voor anderen.",
                verwacht="rechten 600 (alleen de eigenaar)",
                remedie=f"chmod 600 op {pad.name} in de map sleutels van de datamap",
            )
        try:
            geheim = bytes.fromhex(pad.read_text(encoding="ascii").strip())
        except ValueError:
            geheim = b""
        if len(geheim) != LENGTE:
            raise GebruikFout(
                f"Het {self.soort} {pad.name} is beschadigd.",
                verwacht=f"{2 * LENGTE} hexadecimale cijfers",
                remedie=self.herstel,
            )
        return geheim


def _make(pad: Path) -> None:
    pad.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    tijdelijk = pad.with_name(f"{pad.name}.{secrets.token_hex(6)}")
    # O_EXCL and the mode in one call: there is no moment at which others can read it.
    with os.fdopen(os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
        f.write(secrets.token_hex(LENGTE) + "\n")
        f.flush()
        os.fsync(f.fileno())
    # Two first starts at once must end with one secret: a link never replaces.
    with contextlib.suppress(FileExistsError):
        os.link(tijdelijk, pad)
    tijdelijk.unlink()
