"""What a typed text may not hold, whatever it is for: signs that nobody sees, or a person's data.

A sign without a shape hides a number from the check on personal data, turns a line around on the
screen, or breaks off a text in a database. Dashes and digits of every kind count as the plain ones.

Does not belong here: how long a text may be and what it is for (each kind of record).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from vera.persoonsgegeven import find_persoonsgegeven

ONZICHTBAAR: Final = "bevat een teken dat niet te zien is; typ de tekst opnieuw"

_STREEPJES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def check_zichtbaar(tekst: str) -> str | None:
    r"""Return what is wrong with a text on one line that holds a sign that nobody sees, or None.

    Examples
    --------
    >>> check_zichtbaar("Tuin aan de Mélanie–straat") is None
    True
    >>> check_zichtbaar("12\u200b3") == ONZICHTBAAR
    True
    """
    return None if tekst.isprintable() else ONZICHTBAAR


def find_gegeven(tekst: str) -> str | None:
    r"""Return the kind of personal data that a typed text holds, or None.

    Examples
    --------
    >>> find_gegeven("bel 06\u201112345678")
    'telefoonnummer'
    """
    return find_persoonsgegeven(_STREEPJES.sub("-", unicodedata.normalize("NFKC", tekst)))
