"""Holiday lettings: a count per neighbourhood, and no advertisement."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.uitgever import UitgeverFout
from sources.uitgever.airbnb import read_airbnb
from vera.contract import Contract

LIJST = (
    "id,host_name,neighbourhood_cleansed,room_type,price\n"
    "1,Jan Geheim,Cool,Entire home/apt,$1.00\n"
    '2,"Geheim, Piet",Cool,Private room,$2.00\n'
    "3,Els,Noord,Entire home/apt,$3.00\n"
)


def test_advertisements_are_counted_per_neighbourhood_and_left_behind(
    tmp_path: Path, contract: Contract
) -> None:
    (tmp_path / "listings.csv").write_text(LIJST)
    (gelezen,) = read_airbnb(tmp_path / "listings.csv", contract.bron("airbnb"))
    assert gelezen.rijen.select(
        ["buurtnaam", "advertenties_aantal", "hele_woning_aantal"]
    ).to_pylist() == [
        {"buurtnaam": "Cool", "advertenties_aantal": 2, "hele_woning_aantal": 1},
        {"buurtnaam": "Noord", "advertenties_aantal": 1, "hele_woning_aantal": 1},
    ]
    assert "Geheim" not in repr(gelezen)
    assert "host_name" in gelezen.geweigerde_kolommen


def test_whole_dwellings_are_unknown_where_the_list_does_not_say(
    tmp_path: Path, contract: Contract
) -> None:
    (tmp_path / "listings.csv").write_text("neighbourhood_cleansed\nCool\n")
    (gelezen,) = read_airbnb(tmp_path / "listings.csv", contract.bron("airbnb"))
    assert gelezen.rijen["hele_woning_aantal"].to_pylist() == [None]


def test_rows_without_a_neighbourhood_are_reported(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "listings.csv").write_text(LIJST + "4,Els,,Private room,$1\nte,kort\n")
    (gelezen,) = read_airbnb(tmp_path / "listings.csv", contract.bron("airbnb"))
    assert [(a.regel, a.reden) for a in gelezen.afkeuringen] == [
        (5, "geen buurtnaam"), (6, "ander aantal kolommen dan de kop")
    ]


def test_list_without_neighbourhoods_is_refused(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "listings.csv").write_text("id,price\n1,2\n")
    with pytest.raises(UitgeverFout, match="neighbourhood_cleansed"):
        read_airbnb(tmp_path / "listings.csv", contract.bron("airbnb"))
