"""The secret of this installation by which keys, sessions and the read log are sealed.

A file readable by its owner alone. Without it the hashes in the store of keys say nothing, and
nobody can make an anchor of the read log.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from vera.errors import GebruikFout

BESTAND: Final = "toegang.geheim"
_LENGTE: Final = 32


def load_geheim(sleutelmap: Path) -> bytes:
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
    pad = sleutelmap / BESTAND
    if not pad.exists():
        sleutelmap.mkdir(parents=True, exist_ok=True, mode=0o700)
        tijdelijk = pad.with_suffix(f".{secrets.token_hex(6)}")
        # O_EXCL and the mode in one call: there is no moment at which others can read it.
        with os.fdopen(os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(secrets.token_hex(_LENGTE) + "\n")
            f.flush()
            os.fsync(f.fileno())
        # Two first starts at once must end with one secret: a link never replaces.
        with contextlib.suppress(FileExistsError):
            os.link(tijdelijk, pad)
        tijdelijk.unlink()
    if stat.S_IMODE(pad.stat().st_mode) & 0o077:
        raise GebruikFout(
            f"Het bestand {pad.name} is leesbaar voor anderen.",
            verwacht="rechten 600 (alleen de eigenaar)",
            remedie=f"chmod 600 op {pad.name} in de map sleutels van de datamap",
        )
    try:
        geheim = bytes.fromhex(pad.read_text(encoding="ascii").strip())
    except ValueError:
        geheim = b""
    if len(geheim) != _LENGTE:
        raise GebruikFout(
            f"Het bestand {pad.name} is beschadigd.",
            verwacht=f"{2 * _LENGTE} hexadecimale cijfers",
            remedie="zet het terug uit een back-up; zonder gelden uitgegeven sleutels niet meer",
        )
    return geheim
