"""The secret of this installation by which worklists are drawn and scores are kept out of sight.

Complexes and dates are known to whoever reads a release, and so is this code: a draw by them
alone could be done again by anybody. Lists that are kept do not hang on it any more; another
secret draws what comes after.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from serving.geheimbestand import Geheimbestand

BESTAND: Final = "werklijst.geheim"
_GEHEIM: Final = Geheimbestand(
    BESTAND,
    "zet het terug uit een back-up, of verwijder het: dan komt er een ander, en blijven lijsten "
    "die er al zijn zoals zij zijn",
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
