"""A small system of record with cases and dwellings, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from sources.databank.bronnen import Brontabel, Databank
from sources.databank.ophalen import Ophaler, Sleutels, Uitkomst
from sources.landing import BronLanding, land_bron
from sources.opgehaald import list_partijen, read_partij
from sources.sleutels import Sleutel
from tests.unit.conftest import make_database
from vera.contract import Contract

DIENST = b"d" * 32
EERSTE_DAG = date(2025, 4, 1)
ZAAK = {
    "zaak_id": "Z1",
    "zaaktype_soort_code": "SOC",
    "zaaktype_detail_soort_code": "GEL",
    "eenheid_id": "E1",
    "cluster_id": "C1",
    "registratiedatum": date(2025, 3, 2),
    "begindatum": date(2025, 3, 1),
    "einddatum": None,
    "omschrijving": "Jan de Vries belt over geluid",
    "gewijzigd_op": datetime.fromisoformat("2025-03-02 10:00"),
}


@dataclass
class Bronsysteem:
    """The association's own database: it writes there, Buurtpeil never does."""

    url: str

    def execute(self, sql: str, rijen: Any = None) -> None:
        """Do something as the association."""
        motor = create_engine(self.url)
        with motor.begin() as verbinding:
            verbinding.execute(text(sql), rijen or {})
        motor.dispose()

    def create(self, kolommen: str | None = None) -> None:
        """Make the table of cases."""
        self.execute(
            "create table zaak ("
            + (
                kolommen
                or "zaak_id varchar(20), zaaktype_soort_code varchar(10), "
                "zaaktype_detail_soort_code varchar(10), eenheid_id varchar(20), "
                "cluster_id varchar(20), registratiedatum date, begindatum date, einddatum date, "
                "omschrijving text, gewijzigd_op timestamp"
            )
            + ")"
        )

    def add(self, *zaken: Mapping[str, Any]) -> None:
        """Add cases; what is not said is as in ``ZAAK``."""
        rijen = [
            {naam: _as_sqlite(w) if "sqlite" in self.url else w for naam, w in rij.items()}
            for rij in ({**ZAAK, **zaak} for zaak in zaken)
        ]
        namen = list(rijen[0])
        self.execute(
            f"insert into zaak ({', '.join(namen)}) values ({', '.join(f':{n}' for n in namen)})",
            rijen,
        )


def _as_sqlite(waarde: Any) -> Any:
    if isinstance(waarde, datetime):
        return waarde.isoformat(sep=" ")
    return waarde.isoformat() if isinstance(waarde, date) else waarde


@dataclass(frozen=True)
class Lezer:
    """Reads the cases into a folder, on a day."""

    contract: Contract
    url: str
    map: Path
    sleutel: Sleutel
    deel: Brontabel
    slaap: Callable[[float], object] = lambda _: None
    wachten: list[float] = field(default_factory=list)

    def fetch(self, dag: date = EERSTE_DAG, *, alles: bool = False, **anders: Any) -> Uitkomst:
        """Read what is new."""
        deel = replace(self.deel, **anders)
        ophaler = Ophaler(
            self.contract,
            self.map / "opgehaald",
            Sleutels(self.sleutel, DIENST),
            dag,
            alles=alles,
            slaap=self.slaap,
            blok=2,
        )
        return ophaler.fetch([(Databank("primair", (deel,)), make_url(self.url))])

    def land(self, sleutel: Sleutel | None = None, contract: Contract | None = None) -> BronLanding:
        """Land what was read, as a run does."""
        return land_bron(
            (contract or self.contract).bron("vera"),
            self.map / "leveringen",
            self.map / "landing",
            sleutel or self.sleutel,
            DIENST,
            self.map / "opgehaald",
        )

    def list_bestanden(self, tabel: str = "zaak") -> list[Path]:
        """Return the fetched files."""
        return [p.pad for p in list_partijen(self.map / "opgehaald", "vera", tabel)]

    def list_rijen(self) -> list[list[dict[str, Any]]]:
        """Return the rows of every fetched file."""
        return [read_partij(pad).to_pylist() for pad in self.list_bestanden()]


@pytest.fixture(params=["sqlite", "postgresql"])
def bronsysteem(request: pytest.FixtureRequest, tmp_path: Path) -> Bronsysteem:
    """An empty database with the table of cases."""
    if request.param == "sqlite":
        systeem = Bronsysteem(f"sqlite:///{tmp_path / 'bron.sqlite'}")
    else:
        systeem = Bronsysteem(make_database(request.getfixturevalue("postgres"), "bron"))
    systeem.create()
    return systeem


@pytest.fixture
def lezer(bronsysteem: Bronsysteem, contract: Contract, sleutel: Sleutel, tmp_path: Path) -> Lezer:
    """What reads the cases of it by their moment of change."""
    (tmp_path / "leveringen").mkdir()
    zaak = contract.bron("vera").tabel("zaak")
    return Lezer(
        contract, bronsysteem.url, tmp_path, sleutel, Brontabel(zaak, "zaak", cursor="gewijzigd_op")
    )
