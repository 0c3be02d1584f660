"""The publishers' real files of Rotterdam, by the road of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.landing import land_bron
from sources.opendata.ophalen import Vraag
from sources.opendata.regio import Regio
from sources.sleutels import Sleutel
from tests.unit.sources.opendata.conftest import Plek
from tests.unit.sources.opendata.nepuitgever import Nepuitgever
from tests.unit.sources.opendata.test_ophalen import CIJFERS, land, list_rijen
from tests.unit.sources.opendata.wereld import read_kwb, read_misdrijven
from tests.unit.sources.uitgever.test_uitgever import judge
from vera.contract import Contract

pytestmark = pytest.mark.rotterdam


def test_rotterdam_by_the_api_lands_as_the_same_rows_as_its_files(
    rotterdam: Path, plek: Plek, contract: Contract, sleutel: Sleutel
) -> None:
    """Two years of either version of OData, the Wijkprofiel as a file."""
    with Nepuitgever() as nep:
        nep.per_pagina = 1_000
        for jaar, tabellen in ((2014, nep.v3), (2015, nep.v3), (2016, nep.v4), (2017, nep.v4)):
            tabel = read_kwb(rotterdam / "cbs_kwb" / f"kwb_rotterdam_{jaar}.csv", jaar)
            tabellen[tabel.naam] = tabel
        nep.politie = read_misdrijven(rotterdam / "politie" / "misdrijven_rotterdam_2024.csv", 2024)
        for pad in (rotterdam / "wijkprofiel").glob("wijkprofiel_*.csv"):
            _, jaar_, soort = pad.stem.split("_", 2)
            nep.bestanden[f"/wijkprofiel/{jaar_}/{soort}.csv"] = pad.read_bytes()
        uitslag = plek.fetch(
            Vraag(
                nep.adressen,
                Regio(frozenset({"GM0599"})),
                frozenset({2014, 2015, 2016, 2017, 2024}),
                (*CIJFERS, "wijkprofiel"),
            )
        )
    assert uitslag.make_fout() is None
    opgehaald = land(contract, plek.leveringen, plek.map / "l2", sleutel)
    geleverd = {
        naam: land_bron(contract.bron(naam), rotterdam, plek.map / "l1", sleutel)
        for naam in (*CIJFERS, "wijkprofiel")
    }
    verwacht = list_rijen(geleverd)
    # The list that lies there is of the whole country; the crosswalk is the association's own.
    verwacht["politie.misdrijf"] = [
        rij for rij in verwacht["politie.misdrijf"] if str(rij["buurtcode"]).startswith("BU0599")
    ]
    del verwacht["wijkprofiel.crosswalk"]
    assert list_rijen(opgehaald) == verwacht
    assert len(verwacht["cbs_kwb.kerncijfers"]) == 460
    assert len(verwacht["politie.misdrijf"]) == 91
    assert [judge(contract, landing) for landing in opgehaald.values()] == [[], [], []]
