"""What runs in a place, as its card shows it; what finds that is given to the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Initiatiefregel:
    """One initiative in words. ``kan_wijzigen`` is for who may, where it is our own."""

    id: int
    naam: str
    thema: str
    complex: Mapping[str, str] | None
    buurt: Mapping[str, str] | None
    bedrag: str
    periode: str
    status: str
    status_code: str
    is_lopend: bool
    is_geleverd: bool
    kan_wijzigen: bool


@dataclass(frozen=True)
class Maatregelregel:
    """One maatregel in words: what it is, whether it runs, from when until when."""

    naam: str
    stand: str
    periode: str


@dataclass(frozen=True)
class Hierdeel:
    """What a card shows of what runs in its place, and how many more initiatives there are."""

    regels: tuple[Initiatiefregel, ...]
    meer: int
    melding: str | None = None
    maatregelen: tuple[Maatregelregel, ...] = ()

    @property
    def kenmerk(self) -> str:
        """Changes when what is shown changes; for the entity tag of the page."""
        alles = (self.regels, self.meer, self.melding, self.maatregelen)
        return hashlib.sha256(repr(alles).encode()).hexdigest()[:8]
