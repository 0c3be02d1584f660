"""The Wijkprofiel as the city publishes it: by position, Latin-1, decimal comma."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.uitgever import UitgeverFout
from sources.uitgever.wijkprofiel import read_wijkprofiel
from vera.contract import Bron

Schrijf = Callable[..., Path]


def test_edition_is_read_by_position_and_bears_the_year_of_its_name(
    write_editie: Schrijf, wijkprofiel: Bron
) -> None:
    (gelezen,) = read_wijkprofiel(write_editie(2016), wijkprofiel)
    assert (gelezen.tabel, gelezen.editie) == ("vi", 2016)
    assert gelezen.rijen["jaar"].to_pylist() == [2016, 2016]
    assert gelezen.rijen["naam"].to_pylist() == ["Tärwewijk", "Stad"]
    assert gelezen.rijen["_regel"].to_pylist() == [2, 3]
    assert gelezen.afkeuringen == []


def test_column_outside_the_contract_is_refused_and_never_read(
    write_editie: Schrijf, wijkprofiel: Bron
) -> None:
    (gelezen,) = read_wijkprofiel(write_editie(), wijkprofiel)
    assert set(gelezen.geweigerde_kolommen) == {"% bewoners, niet in contract"}
    tabel = wijkprofiel.tabel("vi")
    assert gelezen.rijen.column_names == [*(k.naam for k in tabel.kolommen), "_regel"]


@pytest.mark.parametrize(
    ("cel", "waarde"), [("33%", 33.0), ("1,60%", 1.6), ("x.", None), ("", None), ("7,5", 7.5)]
)
def test_cell_is_a_figure_with_a_comma_or_missing(
    write_editie: Schrijf, wijkprofiel: Bron, cel: str, waarde: float | None
) -> None:
    rij = {"gebied_naam": "G", "wijknr": "1", "naam": "N", "veiligheidsindex": cel}
    (gelezen,) = read_wijkprofiel(write_editie(2014, rij), wijkprofiel)
    assert gelezen.rijen["veiligheidsindex"].to_pylist() == [waarde]
    assert gelezen.afkeuringen == []


def test_cell_that_is_no_figure_is_missing_and_reported_without_its_value(
    write_editie: Schrijf, wijkprofiel: Bron
) -> None:
    rij = {"gebied_naam": "G", "wijknr": "1", "naam": "N", "veiligheidsindex": "1.234"}
    (gelezen,) = read_wijkprofiel(write_editie(2014, rij), wijkprofiel)
    assert gelezen.rijen["veiligheidsindex"].to_pylist() == [None]
    (afkeuring,) = gelezen.afkeuringen
    assert (afkeuring.regel, afkeuring.kolom) == (2, "veiligheidsindex")
    assert "1.234" not in repr(afkeuring)


def test_area_without_its_number_is_left_out_and_reported(
    write_editie: Schrijf, wijkprofiel: Bron
) -> None:
    rijen = ({"gebied_naam": "G", "wijknr": "", "naam": "N"},
             {"gebied_naam": "G", "wijknr": "99999999999", "naam": "M"})
    (gelezen,) = read_wijkprofiel(write_editie(2014, *rijen), wijkprofiel)
    assert gelezen.rijen.num_rows == 0
    assert {(a.regel, a.kolom) for a in gelezen.afkeuringen} == {(2, "wijknr"), (3, "wijknr")}


def test_head_at_another_place_is_refused_by_position_and_never_by_what_stands_there(
    write_editie: Schrijf, wijkprofiel: Bron
) -> None:
    pad = write_editie()
    tekst = pad.read_text(encoding="latin-1")
    pad.write_text(tekst.replace("wijknr", "Jan Geheim", 1), encoding="latin-1")
    with pytest.raises(UitgeverFout, match="op plaats 2 staat een andere kop") as fout:
        read_wijkprofiel(pad, wijkprofiel)
    assert "Geheim" not in str(fout.value)
    pad.write_text(tekst.replace("wijknr", "BUURT", 1), encoding="latin-1")
    with pytest.raises(UitgeverFout, match="op plaats 2 staat de kop 'BUURT'"):
        read_wijkprofiel(pad, wijkprofiel)
    pad.write_text("naam gebied (voormalig deelgemeente)\nx\n", encoding="latin-1")
    with pytest.raises(UitgeverFout, match="op plaats 2 staat geen kolom"):
        read_wijkprofiel(pad, wijkprofiel)


def test_row_of_another_width_is_reported(write_editie: Schrijf, wijkprofiel: Bron) -> None:
    pad = write_editie()
    pad.write_text(pad.read_text(encoding="latin-1") + "te;kort\n\n", encoding="latin-1")
    (gelezen,) = read_wijkprofiel(pad, wijkprofiel)
    assert gelezen.rijen.num_rows == 2
    assert [a.reden for a in gelezen.afkeuringen] == ["ander aantal kolommen dan de kop"]


def test_file_without_a_year_or_of_another_name_is_no_edition(
    tmp_path: Path, wijkprofiel: Bron
) -> None:
    pad = tmp_path / "wijkprofiel_0001_vi.csv"
    pad.write_text("a;b\n")
    with pytest.raises(UitgeverFout, match="noemt geen jaar"):
        read_wijkprofiel(pad, wijkprofiel)
    assert read_wijkprofiel(tmp_path / "iets_anders.csv", wijkprofiel) == []


@pytest.mark.parametrize("scheidingsteken", [",", ";"])
def test_crosswalk_may_use_either_separator(
    tmp_path: Path, wijkprofiel: Bron, scheidingsteken: str
) -> None:
    pad = tmp_path / "crosswalk_wijkprofiel_cbs.csv"
    rijen = ["wijknr,naam,cbs_buurtcodes,inwoners", "71,Wijk,BU05991571|BU05991572,4200",
             "4009,Gebied,,", "72,Fout,BU1,"]
    pad.write_text("\n".join(rijen).replace(",", scheidingsteken), encoding="utf-8")
    (gelezen,) = read_wijkprofiel(pad, wijkprofiel)
    assert gelezen.rijen["cbs_buurtcodes"].to_pylist() == [
        "BU05991571|BU05991572", None, None
    ]
    assert gelezen.rijen["inwoners_aantal"].to_pylist() == [4200, None, None]
    assert [(a.regel, a.kolom) for a in gelezen.afkeuringen] == [(4, "cbs_buurtcodes")]


def test_crosswalk_without_codes_is_refused(tmp_path: Path, wijkprofiel: Bron) -> None:
    pad = tmp_path / "crosswalk.csv"
    pad.write_text("wijknr,naam\n1,x\n")
    with pytest.raises(UitgeverFout, match="geen kolom cbs_buurtcodes"):
        read_wijkprofiel(pad, wijkprofiel)
