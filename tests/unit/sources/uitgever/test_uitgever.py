"""Publishers' folders as a whole: rubbish is refused by name, copies do not become editions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.poort_in import check_leveringen
from sources.landing import BronLanding, create_views, determine_klok, land_bron
from sources.sleutels import Sleutel
from sources.uitgever import LEZERS, UitgeverFout, find_tabel, read_uitgever
from sources.uitgever.bestand import read_tekst
from vera.bevinding import Bevinding
from vera.contract import Contract

Land = Callable[..., BronLanding]
Schrijf = Callable[..., Path]


def judge(contract: Contract, landing: BronLanding) -> list[Bevinding]:
    """Return what the gate in refuses."""
    import datetime

    import duckdb

    tabellen = {tabel.id: tabel for tabel in contract.tabellen}
    verslagen = [geland.verslag for geland in landing.bestanden]
    klok = determine_klok(verslagen, datetime.date(2030, 1, 1)) or datetime.date(2030, 1, 1)
    with duckdb.connect() as warehouse:
        create_views(warehouse, contract.bron(landing.bron), landing)

        def read(naam: str) -> object:
            tabel = tabellen[naam]
            return warehouse.sql(f'select * from "{tabel.schema}"."{tabel.naam}"').df()

        bevindingen = check_leveringen(contract, verslagen, read, klok)  # type: ignore[arg-type]
    return [b for b in bevindingen if b.blokkeert and not b.geslaagd]


def test_every_publisher_in_the_contract_has_a_reader(contract: Contract) -> None:
    assert set(LEZERS) == {b.naam for b in contract.bronnen if b.formaat == "uitgever"}


@pytest.mark.parametrize(
    ("naam", "tabel"),
    [("wijkprofiel_2014_fi_obj.csv", "fi_obj"), ("wijkprofiel_2014_vi.csv.gz", "vi"),
     ("crosswalk_x.csv", "crosswalk"), ("iets.csv", "vi")],
)
def test_unreadable_file_is_reported_under_the_table_of_its_name(
    contract: Contract, naam: str, tabel: str
) -> None:
    assert find_tabel(contract.bron("wijkprofiel"), Path(naam)).naam == tabel


def test_unreadable_edition_is_refused_by_name_and_the_others_go_on(
    contract: Contract, write_editie: Schrijf, tmp_path: Path, sleutel: Sleutel
) -> None:
    write_editie(2014)
    (tmp_path / "wijkprofiel" / "wijkprofiel_2016_vi.csv").write_text("Jan Geheim;2\n")
    (tmp_path / "wijkprofiel" / "notitie.txt").write_text("x")
    (tmp_path / "wijkprofiel" / "README.md").write_text("x")
    (tmp_path / "wijkprofiel" / "oud").mkdir()
    landing = land_bron(contract.bron("wijkprofiel"), tmp_path, tmp_path / "landing", sleutel)
    goed, fout = (geland.verslag for geland in landing.bestanden)
    assert (goed.rijen, goed.leesfout) == (2, None)
    assert (fout.bestand, fout.rijen) == ("wijkprofiel/wijkprofiel_2016_vi.csv", 0)
    assert "op plaats 1" in (fout.leesfout or "")
    assert "Geheim" not in repr(fout)
    assert landing.overgeslagen == ("wijkprofiel/notitie.txt", "wijkprofiel/oud")
    (bevinding,) = judge(contract, landing)
    assert bevinding.regel == "bestand_leesbaar"
    assert "wijkprofiel_2016_vi.csv" in bevinding.voorbeeld


def test_copy_of_an_edition_under_a_later_year_is_refused_by_name(
    contract: Contract, write_editie: Schrijf, tmp_path: Path, sleutel: Sleutel
) -> None:
    pad = write_editie(2014)
    shutil.copy(pad, pad.with_name("wijkprofiel_2016_vi.csv"))
    landing = land_bron(contract.bron("wijkprofiel"), tmp_path, tmp_path / "landing", sleutel)
    assert [pq.read_table(g.pad)["jaar"].to_pylist() for g in landing.bestanden] == [
        [2014, 2014], [2016, 2016]
    ]
    (bevinding,) = judge(contract, landing)
    assert bevinding.regel == "inhoud_is_nieuw"
    assert "wijkprofiel_2016_vi.csv" in bevinding.gevonden
    assert "wijkprofiel_2014_vi.csv" in bevinding.gevonden


def test_copy_in_another_order_of_rows_is_still_a_copy(
    contract: Contract, write_editie: Schrijf, tmp_path: Path, sleutel: Sleutel
) -> None:
    regels = write_editie(2014).read_bytes().splitlines(keepends=True)
    (tmp_path / "wijkprofiel" / "wijkprofiel_2018_vi.csv").write_bytes(
        b"".join([regels[0], regels[2], regels[1]])
    )
    landing = land_bron(contract.bron("wijkprofiel"), tmp_path, tmp_path / "landing", sleutel)
    assert [b.regel for b in judge(contract, landing)] == ["inhoud_is_nieuw"]


def test_copy_of_kerncijfers_with_its_title_and_year_cells_changed_is_refused(
    contract: Contract, build_kwb: Callable[..., bytes], leveringen: Path, land: Land
) -> None:
    (leveringen / "cbs_kwb").mkdir()
    (leveringen / "cbs_kwb" / "kwb_stad_2016.csv").write_bytes(build_kwb(2016))
    (leveringen / "cbs_kwb" / "kwb_stad_2017.csv").write_bytes(build_kwb(2017))
    bevindingen = judge(contract, land("cbs_kwb"))
    assert {(b.tabel, b.regel) for b in bevindingen} == {
        ("cbs_kwb.kerncijfers", "inhoud_is_nieuw"), ("cbs_kwb.samenstelling", "inhoud_is_nieuw")
    }
    (leveringen / "cbs_kwb" / "kwb_stad_2017.csv").write_bytes(build_kwb(2016))
    (bevinding,) = judge(contract, land("cbs_kwb"))
    assert bevinding.regel == "bestand_leesbaar"
    assert "kwb_stad_2017.csv" in bevinding.voorbeeld


def test_without_a_listener_the_first_unreadable_file_is_an_error(
    contract: Contract, tmp_path: Path
) -> None:
    (tmp_path / "listings.csv").write_text("x\n")
    with pytest.raises(UitgeverFout, match=r"listings\.csv"):
        list(read_uitgever(tmp_path, contract.bron("airbnb")))


NAMEN = {
    "airbnb": "listings.csv",
    "cbs_kwb": "kwb_x_2017.csv",
    "geo": "x_buurten.geojson",
    "politie": "misdrijven_x_2024.csv",
    "wijkprofiel": "wijkprofiel_2014_vi.csv",
}
BEGIN = (
    b"", b"\xef\xbb\xbf", b"\x1f\x8b", b'{"type":"FeatureCollection","features":',
    b"WijkenEnBuurten,buurt_naam,geregistreerde_misdrijven_som\n",
    b"neighbourhood_cleansed,room_type\n",
    b"Kerncijfers wijken en buurten 2017\n;Codering\n;code\n",
)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    bron=st.sampled_from(sorted(NAMEN)),
    begin=st.sampled_from(BEGIN),
    rommel=st.binary(max_size=120),
    ingepakt=st.booleans(),
)
def test_rubbish_is_rows_rejections_or_a_refusal(
    contract: Contract, tmp_path: Path, bron: str, begin: bytes, rommel: bytes, ingepakt: bool
) -> None:
    bron_map = tmp_path / bron
    shutil.rmtree(bron_map, ignore_errors=True)
    bron_map.mkdir()
    naam = NAMEN[bron] + (".gz" if ingepakt else "")
    (bron_map / naam).write_bytes(begin + rommel)
    fouten: list[str] = []
    gelezen = list(
        read_uitgever(
            bron_map, contract.bron(bron), bij_fout=lambda pad, fout: fouten.append(str(fout))
        )
    )
    assert len(gelezen) + len(fouten) == 1
    assert all(naam in fout for fout in fouten)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cellen=st.lists(
        st.tuples(
            st.sampled_from(["BU05990110", "", "BU00000000"]),
            st.sampled_from(["12.0", "-1", "drie", "", "1e9", "99999999999"]),
        ),
        max_size=6,
    )
)
def test_every_row_of_a_list_is_landed_or_reported(
    contract: Contract, tmp_path: Path, cellen: list[tuple[str, str]]
) -> None:
    pad = tmp_path / "misdrijven_x_2024.csv"
    pad.write_text(
        "WijkenEnBuurten,buurt_naam,geregistreerde_misdrijven_som\n"
        + "".join(f"{code},naam,{som}\n" for code, som in cellen)
    )
    (gelezen,) = LEZERS["politie"](pad, contract.bron("politie"))
    regels = set(gelezen.rijen["_regel"].to_pylist()) | {a.regel for a in gelezen.afkeuringen}
    assert regels == set(range(2, len(cellen) + 2))


def test_nul_bytes_are_named_whatever_they_would_have_broken(tmp_path: Path) -> None:
    """One in the year of a row looks like another year."""
    pad = tmp_path / "kwb_2025.csv"
    pad.write_bytes(b"Buurt;20\x0025;1\n")
    with pytest.raises(UitgeverFout, match="NUL"):
        read_tekst(pad, "utf-8")
