"""The service key of the address index: a file of its own, readable by its owner alone.

Taking it away is how it is replaced: the next run makes another one and a new index, and every
index under the old key is dead from then on (docs/runbooks/sleutel-roteren.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from serving.geheimbestand import Geheimbestand

BESTAND: Final = "adresindex.sleutel"
_SLEUTEL: Final = Geheimbestand(
    BESTAND,
    "verwijder het en draai `buurtpeil run`: dat maakt een nieuwe sleutel en index",
    soort="sleutelbestand",
)


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
    return _SLEUTEL.load(sleutelmap)


def read_sleutel(sleutelmap: Path) -> bytes | None:
    """Return the service key; None when there is none: who serves makes no key.

    Raises
    ------
    GebruikFout
        As ``load_sleutel``.
    """
    return _SLEUTEL.read(sleutelmap)
