"""The service key of the address index: a file of its own, readable by its owner alone.

Taking it away is how it is replaced: the next run makes another one and a new index, and every
index under the old key is dead from then on (docs/runbooks/sleutel-roteren.md).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from vera.errors import GebruikFout

BESTAND: Final = "adresindex.sleutel"
_LENGTE: Final = 32


def load_sleutel(sleutelmap: Path) -> bytes:
    """Return the service key, and make it when it is not there.

    Parameters
    ----------
    sleutelmap
        Folder of keys; made with mode 0700.

    Raises
    ------
    GebruikFout
        When the file is malformed, or others than its owner may read it.
    """
    pad = sleutelmap / BESTAND
    if not pad.exists():
        sleutelmap.mkdir(parents=True, exist_ok=True, mode=0o700)
        tijdelijk = pad.with_name(f"{pad.name}.{secrets.token_hex(6)}")
        # O_EXCL and the mode in one call: there is no moment at which others can read it.
        with os.fdopen(os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(secrets.token_hex(_LENGTE) + "\n")
            f.flush()
            os.fsync(f.fileno())
        # Two first runs at once must end with one key: a link never replaces.
        with contextlib.suppress(FileExistsError):
            os.link(tijdelijk, pad)
        tijdelijk.unlink()
    return _read(pad)


def read_sleutel(sleutelmap: Path) -> bytes | None:
    """Return the service key; None when there is none: who serves makes no key.

    Raises
    ------
    GebruikFout
        As ``load_sleutel``.
    """
    pad = sleutelmap / BESTAND
    return _read(pad) if pad.exists() else None


def _read(pad: Path) -> bytes:
    if stat.S_IMODE(pad.stat().st_mode) & 0o077:
        raise GebruikFout(
            f"Het sleutelbestand {pad.name} is leesbaar voor anderen.",
            verwacht="rechten 600 (alleen de eigenaar)",
            remedie=f"chmod 600 op {pad.name} in de map sleutels van de datamap",
        )
    try:
        geheim = bytes.fromhex(pad.read_text(encoding="ascii").strip())
    except ValueError:
        geheim = b""
    if len(geheim) != _LENGTE:
        raise GebruikFout(
            f"Het sleutelbestand {pad.name} is beschadigd.",
            verwacht=f"{2 * _LENGTE} hexadecimale cijfers",
            remedie="verwijder het en draai `buurtpeil run`: dat maakt een nieuwe sleutel en index",
        )
    return geheim
