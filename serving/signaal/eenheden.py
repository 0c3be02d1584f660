"""The social team's own list of dwellings, where it wants to be told which one.

The platform knows dwellings by pseudonym, so it cannot offer them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vera.errors import GebruikFout

_KOLOMMEN: Final = ("eenheid_id", "complex_id")


def read_eenheden(pad: Path) -> Mapping[str, str]:
    """Read the social team's own list of dwellings: a CSV file with two columns.

    Returns
    -------
    Mapping of str to str
        Own number of a dwelling to the id of its complex.

    Raises
    ------
    GebruikFout
        When there is no such file, or it has other columns.
    """
    try:
        tekst = pad.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fout:
        raise _wrong_file(f"is niet te lezen ({type(fout).__name__})") from fout
    scheiding = ";" if ";" in tekst.partition("\n")[0] else ","
    rijen = csv.DictReader(tekst.splitlines(), delimiter=scheiding)
    if not set(_KOLOMMEN) <= set(rijen.fieldnames or ()):
        raise _wrong_file("heeft andere kolommen")
    return {
        eenheid: complex_id
        for rij in rijen
        if (eenheid := (rij["eenheid_id"] or "").strip())
        and (complex_id := (rij["complex_id"] or "").strip())
    }


def _wrong_file(wat: str) -> GebruikFout:
    return GebruikFout(
        f"De lijst met woningen voor Sociaal Signaal {wat}.",
        verwacht=f"een CSV-bestand met de kolommen {' en '.join(_KOLOMMEN)}",
        remedie="verbeter BUURTPEIL_SIGNAAL_EENHEDEN of laat haar leeg",
    )
