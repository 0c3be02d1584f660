"""Kerncijfers of CBS: found by name and unit; composition goes its own way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.uitgever import Gelezen, UitgeverFout
from sources.uitgever.cbs_kwb import read_cbs_kwb
from vera.contract import Bron, Contract

Bouw = Callable[..., bytes]


@pytest.fixture
def kwb(contract: Contract) -> Bron:
    return contract.bron("cbs_kwb")


def read(
    tmp_path: Path, kwb: Bron, inhoud: bytes, naam: str = "kwb_stad_2017.csv"
) -> list[Gelezen]:
    (tmp_path / naam).write_bytes(inhoud)
    return read_cbs_kwb(tmp_path / naam, kwb)


def test_figures_are_found_by_name_and_unit_whatever_their_place(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw
) -> None:
    kerncijfers, _ = read(tmp_path, kwb, build_kwb())
    (rij,) = kerncijfers.rijen.to_pylist()
    assert (rij["jaar"], rij["regio_code"], rij["regio_naam"]) == (2017, "BU05992704", "Rozenburg")
    assert (rij["inwoners_aantal"], rij["bijstand_aantal"]) == (12370, 410)
    assert rij["woningwaarde_keur"] is None
    assert "woningwaarde_keur" in kerncijfers.afwezige_kolommen
    assert rij["_regel"] == 6


def test_composition_goes_to_the_schema_for_the_equality_test_and_nowhere_else(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw
) -> None:
    kerncijfers, samenstelling = read(tmp_path, kwb, build_kwb())
    assert samenstelling.rijen["marokko_aantal"].to_pylist() == [865]
    assert kwb.tabel(samenstelling.tabel).schema == "toetsing"
    assert 865 not in kerncijfers.rijen.to_pylist()[0].values()
    assert not any("marokko" in naam for naam in kerncijfers.rijen.column_names)


def test_column_that_the_contract_does_not_name_is_refused(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw
) -> None:
    inhoud = build_kwb(kolommen={"||Aantal inwoners": "5", "||Gehuwd": "3"})
    kerncijfers, samenstelling = read(tmp_path, kwb, inhoud)
    assert kerncijfers.geweigerde_kolommen == ("Gehuwd [aantal]",)
    assert samenstelling.geweigerde_kolommen == ()


@pytest.mark.parametrize("cel", [".", "", "x"])
def test_figure_that_is_not_published_is_missing(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw, cel: str
) -> None:
    kerncijfers, _ = read(tmp_path, kwb, build_kwb(kolommen={"||Aantal inwoners": cel}))
    assert kerncijfers.rijen["inwoners_aantal"].to_pylist() == [None]
    assert kerncijfers.afkeuringen == []


@pytest.mark.parametrize("anders", [{"titeljaar": 2014}, {"celjaar": 2014}])
def test_edition_that_speaks_of_another_year_is_refused(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw, anders: dict[str, int]
) -> None:
    with pytest.raises(UitgeverFout, match="bevat cijfers over 2014"):
        read(tmp_path, kwb, build_kwb(2017, **anders))


def test_known_column_in_another_unit_is_refused(
    tmp_path: Path, kwb: Bron, build_kwb: Bouw
) -> None:
    inhoud = build_kwb(eenheden={"||Aantal inwoners": "x 1 000"})
    with pytest.raises(UitgeverFout, match="'Aantal inwoners' heeft een andere eenheid"):
        read(tmp_path, kwb, inhoud)


@pytest.mark.parametrize(
    ("inhoud", "woorden"),
    [
        (b"", "is leeg"),
        (b"a;b\n1;2\n", "geen kolom Codering"),
        (b";Codering\n;code\nx;BU1\n", "geen titel met een jaar"),
        (
            b"Kerncijfers wijken en buurten 2017\n;Codering\n;code;te veel\n",
            "2 namen en 3 eenheden",
        ),
        (b"\xff\xfeK\0", "tekens buiten utf-8-sig"),
    ],
)
def test_file_that_is_no_statline_export_is_refused_by_name(
    tmp_path: Path, kwb: Bron, inhoud: bytes, woorden: str
) -> None:
    with pytest.raises(UitgeverFout, match=rf"kwb_stad_2017\.csv.*{woorden}"):
        read(tmp_path, kwb, inhoud)


def test_name_with_two_years_is_refused(tmp_path: Path, kwb: Bron, build_kwb: Bouw) -> None:
    with pytest.raises(UitgeverFout, match="meer dan één jaar"):
        read(tmp_path, kwb, build_kwb(), "kwb_2014_2017.csv")


def test_source_line_is_optional(tmp_path: Path, kwb: Bron, build_kwb: Bouw) -> None:
    zonder, _ = read(tmp_path, kwb, build_kwb(bronregel=False))
    met, _ = read(tmp_path, kwb, build_kwb(bronregel=True))
    assert zonder.rijen.equals(met.rijen)
