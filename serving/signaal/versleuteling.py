"""Encrypting what a row holds: one token per row, of one length, that fits that row alone.

Fernet (AES-128-CBC with HMAC-SHA-256). A token says when it was made; that would tell the minute
of a report, so the time in it is always zero. Short and long contents give tokens of one length,
because there are few possible contents and a length would tell which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.fernet import InvalidToken, MultiFernet

from vera.errors import BuurtpeilError

BLOK: Final = 2048
"""Bytes that every content is filled up to."""


class OnleesbareInhoud(BuurtpeilError):
    """A token that these keys do not open, or that was moved to another row."""

    def __init__(self) -> None:
        super().__init__(
            "Een Sociaal Signaal is niet te ontsleutelen.",
            verwacht="de sleutel waarmee het is vastgelegd, en een rij die niemand heeft veranderd",
            remedie="zet de bewaarde sleutel terug (docs/runbooks/sociaal-signaal.md)",
        )


def seal(sleutels: MultiFernet, rij: str, inhoud: Mapping[str, Any]) -> str:
    """Return the token of a content that belongs to row ``rij``."""
    tekst = json.dumps({"rij": rij, **inhoud}, ensure_ascii=False, separators=(",", ":")).encode()
    if len(tekst) > BLOK:
        raise ValueError(f"content of {len(tekst)} bytes does not fit")
    return sleutels.encrypt_at_time(tekst.ljust(BLOK), 0).decode()


def open_token(sleutels: MultiFernet, rij: str, token: str) -> dict[str, Any]:
    """Return the content of the token of row ``rij``.

    Raises
    ------
    OnleesbareInhoud
        When no key opens it, or it is of another row.
    """
    try:
        inhoud: dict[str, Any] = json.loads(sleutels.decrypt(token.encode()))
    except InvalidToken as fout:
        raise OnleesbareInhoud from fout
    if inhoud.pop("rij", None) != rij:
        raise OnleesbareInhoud
    return inhoud
