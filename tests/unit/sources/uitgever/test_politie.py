"""Registered crimes: one row per buurt and year, once, whoever lists it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.landing import BronLanding
from sources.uitgever import UitgeverFout
from sources.uitgever.politie import read_politie
from vera.contract import Contract

KOP = "WijkenEnBuurten,buurt_naam,geregistreerde_misdrijven_som\n"
LANDELIJK = KOP + "BU00000000,,8090.0\nBU05990110,Stadsdriehoek,6595.0\nBU05990111,Westen,1967.0\n"


def test_sum_is_a_whole_number_and_a_nameless_buurt_stays(
    tmp_path: Path, contract: Contract
) -> None:
    pad = tmp_path / "misdrijven_per_buurt_2024.csv.gz"
    pad.write_bytes(gzip.compress(LANDELIJK.encode()))
    (gelezen,) = read_politie(pad, contract.bron("politie"))
    assert gelezen.rijen["misdrijven_som"].to_pylist() == [8090, 6595, 1967]
    assert gelezen.rijen["buurtnaam"].to_pylist()[0] is None
    assert gelezen.editie == 2024


@pytest.mark.parametrize(
    ("naam", "inhoud", "woorden"),
    [
        ("misdrijven_x_2024.csv", "a,b\n", "mist WijkenEnBuurten"),
        ("misdrijven_2023_2024.csv", KOP, "meer dan één jaar"),
        ("misdrijven_x_2024.csv.gz", KOP, "geen geldig gzip"),
    ],
)
def test_list_that_is_not_the_police_own_is_refused(
    tmp_path: Path, contract: Contract, naam: str, inhoud: str, woorden: str
) -> None:
    (tmp_path / naam).write_text(inhoud)
    with pytest.raises(UitgeverFout, match=woorden):
        read_politie(tmp_path / naam, contract.bron("politie"))


def test_extract_of_one_city_adds_nothing_to_the_national_list(
    leveringen: Path, land: Callable[..., BronLanding]
) -> None:
    (leveringen / "politie").mkdir()
    (leveringen / "politie" / "misdrijven_per_buurt_2024.csv").write_text(LANDELIJK)
    (leveringen / "politie" / "misdrijven_stad_2024.csv").write_text(
        KOP + "BU05990110,Stadsdriehoek,6595.0\n"
    )
    landing = land("politie")
    assert [g.verslag.bestand for g in landing.bestanden] == [
        "politie/misdrijven_per_buurt_2024.csv"
    ]
    assert landing.overgeslagen == ("politie/misdrijven_stad_2024.csv",)


def test_row_that_says_something_else_in_two_lists_is_rejected_from_the_smaller(
    leveringen: Path, land: Callable[..., BronLanding]
) -> None:
    (leveringen / "politie").mkdir()
    (leveringen / "politie" / "misdrijven_per_buurt_2024.csv").write_text(LANDELIJK)
    (leveringen / "politie" / "misdrijven_stad_2024.csv").write_text(
        KOP + "BU05990110,Stadsdriehoek,1.0\nBU05990199,Nieuw,3.0\n"
    )
    verslagen = [g.verslag for g in land("politie").bestanden]
    assert [(v.rijen, v.afgekeurd) for v in verslagen] == [(3, 0), (1, 1)]
    assert "andere waarden dan dezelfde rij" in next(iter(verslagen[1].afgekeurd_per_reden))
