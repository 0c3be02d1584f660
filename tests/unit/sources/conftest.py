"""The real contract, a small delivery of it to break one thing at a time, and a demo world."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from sources.contract import read_contract
from sources.demo.genereer import GeneratieVerslag, generate
from sources.landing import BronLanding, land_bron
from sources.sleutels import Sleutel
from vera.contract import Bron, Contract

# Seeded: the same examples every time, and no database of earlier ones.

WORTEL = Path(__file__).parents[3]
Schrijf = Callable[..., Path]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return read_contract(WORTEL / "dbt_project")


@pytest.fixture(scope="session")
def sleutel() -> Sleutel:
    return Sleutel(b"een-sleutel-van-32-bytes-lengte!")


@pytest.fixture(scope="session")
def rotterdam() -> Path:
    """The publishers' own files; they are no part of the repository."""
    standaard = WORTEL.parent / "shared" / "data" / "rotterdam"
    pad = Path(os.environ.get("BUURTPEIL_ROTTERDAM", standaard))
    if not pad.is_dir():
        pytest.skip("zonder de map ../shared: geen leveringen van Rotterdam (BUURTPEIL_ROTTERDAM)")
    return pad


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> GeneratieVerslag:
    """A world of 3,000 dwellings and 9 years: its events fall on their own months."""
    return generate(tmp_path_factory.mktemp("demo") / "leveringen", 3_000, 9, seed=7)


@pytest.fixture(scope="session")
def demo_landing(
    demo: GeneratieVerslag,
    contract: Contract,
    sleutel: Sleutel,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, BronLanding]:
    landing_map = tmp_path_factory.mktemp("landing")
    return {bron.naam: land_bron(bron, demo.uit, landing_map, sleutel) for bron in contract.bronnen}


@pytest.fixture
def leveringen(tmp_path: Path) -> Path:
    pad = tmp_path / "leveringen"
    pad.mkdir()
    return pad


@pytest.fixture
def write_zaken(leveringen: Path) -> Schrijf:
    """Write ``vera/zaak.csv``: a sound row per dict, the given cells in place of its own."""

    def write(
        *rijen: Mapping[str, str],
        naam: str = "zaak_2025-12-01.csv",
        kop: Sequence[str] | None = None,
        einde: str = "\n",
    ) -> Path:
        goed = {
            "zaak_id": "Z1",
            "zaaktype_soort_code": "SOC",
            "zaaktype_detail_soort_code": "GEL",
            "eenheid_id": "E1",
            "cluster_id": "C1",
            "registratiedatum": "2025-03-02",
            "begindatum": "2025-03-01",
            "einddatum": "",
            "omschrijving": "",
        }
        velden = list(kop or goed)
        regels = [";".join(velden)]
        for nummer, rij in enumerate(rijen, start=1):
            cellen = {**goed, "zaak_id": f"Z{nummer}", **rij}
            regels.append(";".join(cellen[veld] for veld in velden))
        pad = leveringen / "vera" / naam
        pad.parent.mkdir(exist_ok=True)
        pad.write_bytes((einde.join(regels) + einde).encode())
        return pad

    return write


@pytest.fixture
def land(
    contract: Contract, leveringen: Path, tmp_path: Path, sleutel: Sleutel
) -> Callable[..., BronLanding]:
    """Land one source of the deliveries folder."""

    def land_een(naam: str = "vera", bron: Bron | None = None) -> BronLanding:
        return land_bron(bron or contract.bron(naam), leveringen, tmp_path / "landing", sleutel)

    return land_een
