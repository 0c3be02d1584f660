"""The secret of this installation by which keys, sessions and the read log are sealed.

Without it the hashes in the store of keys say nothing, and nobody can make an anchor of the read
log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from serving.geheimbestand import Geheimbestand

BESTAND: Final = "toegang.geheim"
_GEHEIM: Final = Geheimbestand(
    BESTAND, "zet het terug uit een back-up; zonder gelden uitgegeven sleutels niet meer"
)


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
    return _GEHEIM.load(sleutelmap)
