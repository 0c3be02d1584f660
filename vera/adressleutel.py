"""Keys of an address index: what an address or a dwelling's id becomes under a service key.

The one form in which an address crosses a border: what is delivered and what is asked for become
the same 16 bytes, and nobody without the key can tell which address they are. The key is another
one than that of the pseudonyms, so that who answers questions need not hold that.

Belongs here: writing an address in one way, and its key. Does not belong here: where the service
key is kept (``serving.adresindex.sleutel``).

Source: design paper on trust, "Minimisation" (the address index of a release).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

LENGTE_BYTES: Final = 16
_POSTCODE: Final = re.compile(r"[1-9][0-9]{3}[A-Z]{2}", re.ASCII)
_HUISNUMMER: Final = re.compile(r"0*([1-9][0-9]{0,4})(.*)", re.ASCII | re.DOTALL)


def normalise_postcode(postcode: str) -> str | None:
    """Return a postcode without spaces, in capitals; None when it is none.

    Examples
    --------
    >>> normalise_postcode("3011 ab")
    '3011AB'
    """
    tekst = "".join(postcode.split()).upper()
    return tekst if _POSTCODE.fullmatch(tekst) else None


def split_huisnummer(huisnummer: str, *toevoeging: str | None) -> tuple[str, str] | None:
    """Return a house number and all that is added to it, each in one way of writing.

    Whoever delivers "12 A-2" as one text, as number and letter, or as number and addition means
    the same door.

    Parameters
    ----------
    huisnummer
        Number, with or without what follows it.
    *toevoeging
        Letter and addition, in that order; None = nothing.

    Returns
    -------
    tuple of str, or None
        Number and addition (may be empty); None when there is no number.

    Examples
    --------
    >>> split_huisnummer("012", "a", "-2")
    ('12', 'A2')
    >>> split_huisnummer("12a-2") == split_huisnummer("12", None, "A 2")
    True
    """
    deel = _HUISNUMMER.fullmatch("".join(huisnummer.split()))
    if deel is None:
        return None
    rest = "".join((deel[2], *(tekst or "" for tekst in toevoeging)))
    return deel[1], "".join(teken for teken in rest.upper() if teken.isalnum())


def make_adressleutel(geheim: bytes, postcode: str, nummer: str, toevoeging: str) -> bytes:
    """Return the key of one front door.

    Parameters
    ----------
    geheim
        The service key.
    postcode, nummer, toevoeging
        As ``normalise_postcode`` and ``split_huisnummer`` write them.
    """
    return _seal(geheim, "adres", f"{postcode}|{nummer}|{toevoeging}")


def make_nummersleutel(geheim: bytes, postcode: str, nummer: str) -> bytes:
    """Return the key of a number with all that is added to it: a portiek, a flat."""
    return _seal(geheim, "nummer", f"{postcode}|{nummer}")


def make_eenheidsleutel(geheim: bytes, eenheid_id: str) -> bytes:
    """Return the key of the association's own id of a dwelling."""
    return _seal(geheim, "eenheid", eenheid_id)


def compute_vingerafdruk(geheim: bytes) -> str:
    """Return sixteen hex digits that tell two service keys apart and say nothing about them."""
    return hashlib.blake2b(geheim, digest_size=8, person=b"adresindex").hexdigest()


def _seal(geheim: bytes, domein: str, waarde: str) -> bytes:
    # One-shot C: a million in about a second.
    return hmac.digest(geheim, f"{domein}:{waarde}".encode(), "sha256")[:LENGTE_BYTES]
