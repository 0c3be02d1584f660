"""A publisher on this machine, and who asks it without ever sleeping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.opendata.klant import Geduld, Klant
from sources.opendata.levering import Legger
from sources.opendata.ophalen import Uitslag, Vraag, fetch_open_data
from sources.opendata.regio import Regio
from sources.opendata.voorraad import Voorraad
from tests.unit.sources.opendata.nepuitgever import Nepuitgever
from tests.unit.sources.opendata.wereld import serve_stad
from vera.contract import Contract

NU = datetime(2026, 11, 2, 6, tzinfo=UTC)
STAD = Regio(frozenset({"GM9999"}))
KORT = Geduld(stilte=5.0)


@dataclass
class Plek:
    """A folder of deliveries, a stock, and a client that notes how long it would have slept."""

    map: Path
    contract: Contract
    geslapen: list[float] = field(default_factory=list)
    nu: datetime = NU

    @property
    def leveringen(self) -> Path:
        return self.map / "leveringen"

    @property
    def legger(self) -> Legger:
        return Legger(self.leveringen, self.map / "openbaar")

    def open_klant(self, geduld: Geduld = KORT, *, opnieuw: bool = False) -> Klant:
        return Klant(
            Voorraad(self.map / "openbaar"),
            geduld,
            slaap=self.geslapen.append,
            nu=lambda: self.nu,
            opnieuw=opnieuw,
        )

    def fetch(self, vraag: Vraag, geduld: Geduld = KORT, *, opnieuw: bool = False) -> Uitslag:
        with self.open_klant(geduld, opnieuw=opnieuw) as klant:
            return fetch_open_data(vraag, self.contract, self.legger, klant)

    def list_bestanden(self) -> dict[str, bytes]:
        """Everything in the folder of deliveries, hidden or not."""
        return {
            str(pad.relative_to(self.leveringen)): pad.read_bytes()
            for pad in sorted(self.leveringen.rglob("*"))
            if pad.is_file()
        }


@pytest.fixture
def nep() -> Iterator[Nepuitgever]:
    with Nepuitgever() as nep:
        serve_stad(nep)
        yield nep


@pytest.fixture
def make_plek(tmp_path: Path, contract: Contract) -> Callable[[str], Plek]:
    def make(naam: str) -> Plek:
        return Plek(tmp_path / naam, contract)

    return make


@pytest.fixture
def plek(make_plek: Callable[[str], Plek]) -> Plek:
    return make_plek("plek")
