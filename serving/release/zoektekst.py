"""One way to fold text for search, used when a release is written and when it is asked."""

from __future__ import annotations

import unicodedata


def normalize_zoektekst(tekst: str) -> str:
    """Fold ``tekst`` so that accents, capitals and spacing do not matter.

    Examples
    --------
    >>> normalize_zoektekst("  Curaçao-  STRAAT ")
    'curacao- straat'
    """
    # Taking a sign apart may bring a capital back, so folding goes around it (Unicode, D146).
    ontleed = unicodedata.normalize("NFKD", tekst.casefold()).casefold()
    ontleed = unicodedata.normalize("NFKD", ontleed)
    zonder = "".join(teken for teken in ontleed if not unicodedata.combining(teken))
    return " ".join(zonder.split())
