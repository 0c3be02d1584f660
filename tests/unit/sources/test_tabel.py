"""Reading a delivered table: rows or rejections, and never a value in a message."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.bestand import MAXIMUM_VRIJ
from sources.leesfout import LeesFout
from sources.tabel import connect, empty_rijen, read_tabel
from vera.contract import Bron, Contract, Kolom, Tabel

MELDER = "mevrouw Geheim"
Schrijf = Callable[..., Path]


@pytest.fixture
def vera(contract: Contract) -> Bron:
    return contract.bron("vera")


@pytest.fixture
def zaak(vera: Bron) -> Tabel:
    return vera.tabel("zaak")


def test_sound_file_gives_its_rows_with_their_line(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(write_zaken({}, {"einddatum": "2025-04-01"}), vera, zaak)
    assert gelezen.afkeuringen == ()
    assert gelezen.rijen["zaak_id"].to_pylist() == ["Z1", "Z2"]
    assert gelezen.rijen["_regel"].to_pylist() == [2, 3]
    assert gelezen.rijen.schema == empty_rijen(zaak).schema


def test_row_with_unknown_code_is_rejected_by_line_and_never_by_value(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({}, {"zaaktype_detail_soort_code": MELDER}, {})
    gelezen = read_tabel(pad, vera, zaak)
    assert gelezen.rijen["_regel"].to_pylist() == [2, 4]
    (afkeuring,) = gelezen.afkeuringen
    assert afkeuring.regel == 3
    assert afkeuring.kolom == "zaaktype_detail_soort_code"
    assert afkeuring.reden == "onbekende code in lijst ZAAKTYPEDETAILSOORT"
    assert gelezen.onbekende_codes == {"zaaktype_detail_soort_code": 1}
    assert gelezen.voorbeeld_onbekende_code == {
        "zaaktype_detail_soort_code": "zaak_2025-12-01.csv regel 3"
    }
    assert "Geheim" not in repr(gelezen.afkeuringen)


def test_end_before_begin_rejects_the_row_and_the_same_day_does_not(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(
        write_zaken({"einddatum": "2025-02-28"}, {"einddatum": "2025-03-01"}), vera, zaak
    )
    assert [a.reden for a in gelezen.afkeuringen] == ["einddatum ligt voor begindatum"]
    assert gelezen.rijen["zaak_id"].to_pylist() == ["Z2"]


def test_first_fault_of_a_row_is_the_one_reported(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(
        write_zaken({"zaaktype_soort_code": "", "einddatum": "2020-01-01"}), vera, zaak
    )
    assert [(a.kolom, a.reden) for a in gelezen.afkeuringen] == [
        ("zaaktype_soort_code", "verplicht veld is leeg")
    ]


def test_order_of_columns_does_not_matter_and_optional_ones_may_be_absent(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    kop = ["begindatum", "zaak_id", "registratiedatum", "zaaktype_soort_code"]
    gelezen = read_tabel(write_zaken({}, kop=kop), vera, zaak)
    assert gelezen.rijen["zaak_id"].to_pylist() == ["Z1"]
    assert gelezen.rijen["eenheid_id"].to_pylist() == [None]


def test_missing_required_column_gives_no_rows_and_its_name(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    kop = ["zaak_id", "zaaktype_soort_code", "begindatum"]
    gelezen = read_tabel(write_zaken({}, kop=kop), vera, zaak)
    assert gelezen.ontbrekende_kolommen == ("registratiedatum",)
    assert gelezen.rijen.num_rows == 0


def test_extra_column_is_named_and_not_read(
    leveringen: Path, write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({})
    kop, rij = pad.read_text().splitlines()
    pad.write_text(f"{kop};bsn;jan.smit@x.nl\n{rij};999900000;ja\n")
    gelezen = read_tabel(pad, vera, zaak)
    assert gelezen.onbekende_kolommen == ("bsn", "kolom 11")
    assert gelezen.rijen.column_names == [*(k.naam for k in zaak.kolommen), "_regel"]


def test_file_without_a_head_repeats_none_of_its_first_row(
    leveringen: Path, vera: Bron, zaak: Tabel
) -> None:
    pad = leveringen / "zaak.csv"
    pad.write_text(f"Z1;SOC;GEL;E1;C1;2025-03-02;2025-03-01;;{MELDER}\n")
    gelezen = read_tabel(pad, vera, zaak)
    assert "zaak_id" in gelezen.ontbrekende_kolommen
    assert gelezen.onbekende_kolommen == tuple(f"kolom {i}" for i in range(1, 10))


@pytest.mark.parametrize("byte", ["s", ";", "_", " "])
@pytest.mark.parametrize("eerste", ["Jansen", "Z0000001"])
@pytest.mark.parametrize("einde", [1, 3, 7])
def test_first_row_behind_the_head_is_not_repeated_in_the_names_of_columns(
    leveringen: Path, write_zaken: Schrijf, vera: Bron, zaak: Tabel, byte: str, eerste: str,
    einde: int,
) -> None:  # fmt: skip
    """A line end of which one byte fell over; empty cells at the end of a head fall away."""
    pad = write_zaken({"zaak_id": eerste}, {}, {})
    kop, rij, *rest = pad.read_text("utf-8").splitlines()
    waarden = rij.split(";")[:einde]
    pad.write_text("\n".join([kop + byte + ";".join(waarden), *rest, ""]), encoding="utf-8")

    gelezen = read_tabel(pad, vera, zaak)

    gezegd = " ".join(gelezen.onbekende_kolommen)
    assert gelezen.onbekende_kolommen
    assert not [waarde for waarde in waarden if len(waarde) > 2 and waarde in gezegd], gezegd


@pytest.mark.parametrize("naam", ["bsn", "toelichting_2", "Straat", "einddatum_plan"])
def test_name_of_an_extra_column_is_told(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel, naam: str
) -> None:
    pad = write_zaken({})
    kop, rij = pad.read_text("utf-8").splitlines()
    pad.write_text(f"{kop};{naam}\n{rij};x\n", encoding="utf-8")
    assert read_tabel(pad, vera, zaak).onbekende_kolommen == (naam,)


def test_head_alone_is_a_delivery_without_rows(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(write_zaken(), vera, zaak)
    assert gelezen.rijen.num_rows == 0
    assert gelezen.afkeuringen == ()
    assert gelezen.ontbrekende_kolommen == ()


@pytest.mark.parametrize(
    "verander",
    [
        pytest.param(lambda b: b"\xef\xbb\xbf" + b, id="byte order mark"),
        pytest.param(lambda b: b.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda b: b.replace(b"\n", b"\r"), id="CR"),
        pytest.param(lambda b: b.rstrip(b"\n"), id="no last line end"),
        pytest.param(lambda b: b"\n" + b, id="blank line before the head"),
        pytest.param(lambda b: b.replace(b"\n", b"\n\n"), id="blank lines between"),
        pytest.param(lambda b: b.replace(b"zaak_id", b'" zaak_id "'), id="quoted name in the head"),
        pytest.param(lambda b: b.replace(b";Z2", b';"Z2"'), id="quoted cell"),
    ],
)
def test_harmless_spelling_of_a_csv_changes_nothing(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel, verander: Callable[[bytes], bytes]
) -> None:
    pad = write_zaken({"omschrijving": "één"}, {"einddatum": "2025-04-01"})
    verwacht = read_tabel(pad, vera, zaak).rijen.drop_columns(["_regel"])
    pad.write_bytes(verander(pad.read_bytes()))
    gelezen = read_tabel(pad, vera, zaak)
    assert gelezen.rijen.drop_columns(["_regel"]).equals(verwacht)
    assert gelezen.afkeuringen == ()


def test_line_end_inside_quotes_is_part_of_the_cell(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(write_zaken({"omschrijving": '"een\ntwee; ""drie"""'}, {}), vera, zaak)
    assert gelezen.rijen["omschrijving"].to_pylist() == ['een\ntwee; "drie"', None]
    assert gelezen.rijen["_regel"].to_pylist() == [2, 4]


def test_gzipped_file_is_the_same_content(write_zaken: Schrijf, vera: Bron, zaak: Tabel) -> None:
    pad = write_zaken({}, {})
    ingepakt = pad.with_name(pad.name + ".gz")
    ingepakt.write_bytes(gzip.compress(pad.read_bytes()))
    gewoon, uitgepakt = read_tabel(pad, vera, zaak), read_tabel(ingepakt, vera, zaak)
    assert gewoon.rijen.equals(uitgepakt.rijen)
    assert gewoon.inhoud_sha256 == uitgepakt.inhoud_sha256


def test_rows_outside_the_encoding_are_rejected_and_the_others_kept(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({}, {"omschrijving": "XX"}, {"omschrijving": "YY"}, {})
    pad.write_bytes(pad.read_bytes().replace(b"XX", b"caf\xe9").replace(b"YY", b"nul\0"))
    gelezen = read_tabel(pad, vera, zaak)
    assert gelezen.rijen["_regel"].to_pylist() == [2, 5]
    assert [(a.regel, a.reden) for a in gelezen.afkeuringen] == [
        (3, "tekens buiten de afgesproken codering"),
        (4, "tekens buiten de afgesproken codering"),
    ]


def test_line_of_ten_megabytes_costs_its_own_row(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    gelezen = read_tabel(write_zaken({}, {"omschrijving": "x" * 10_000_000}, {}), vera, zaak)
    assert gelezen.rijen["_regel"].to_pylist() == [2, 4]
    assert [a.regel for a in gelezen.afkeuringen] == [3]


KOP = b"zaak_id;zaaktype_soort_code;registratiedatum;begindatum\n"


@pytest.mark.parametrize(
    ("naam", "inhoud", "woorden"),
    [
        ("zaak.csv", b"", "leeg"),
        ("zaak.csv", b"\n \n", "leeg"),
        ("zaak.csv", KOP.replace(b";", b","), "komma"),
        ("zaak.csv", KOP.replace(b";", b"\t"), "tab"),
        ("zaak.csv", KOP.decode().encode("utf-16"), "UTF-16"),
        ("zaak.csv", KOP.replace(b"begin", b"registratie"), "registratiedatum meer dan één keer"),
        ("zaak.csv", b"x" * 2_000_000, "kop is niet te lezen"),
        ("zaak.csv.gz", KOP, "gzip"),
        ("zaak.csv.gz", gzip.compress(KOP * 100, mtime=0)[:-12], "gzip"),
        ("zaak.csv.gz", gzip.compress(KOP * 100, mtime=0)[:40], "gzip"),
        ("zaak.csv.gz", b"", "leeg"),
        ("zaak.parquet", b"", "Parquet"),
        ("zaak.parquet", KOP, "Parquet"),
        ("zaak.parquet", b"PAR1" + b"\0" * 100 + b"PAR1", "Parquet"),
    ],
)
def test_file_that_cannot_be_read_says_why(
    leveringen: Path, vera: Bron, zaak: Tabel, naam: str, inhoud: bytes, woorden: str
) -> None:
    pad = leveringen / naam
    pad.write_bytes(inhoud)
    with pytest.raises(LeesFout, match=woorden):
        read_tabel(pad, vera, zaak)


def test_truncated_parquet_is_refused(
    leveringen: Path, write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    heel = leveringen / "heel.parquet"
    pq.write_table(read_tabel(write_zaken({}, {}), vera, zaak).rijen, heel)
    inhoud = heel.read_bytes()
    for lengte in range(0, len(inhoud), 499):
        pad = leveringen / "zaak.parquet"
        pad.write_bytes(inhoud[:lengte])
        with pytest.raises(LeesFout, match="Parquet"):
            read_tabel(pad, vera, zaak)


def test_parquet_is_read_as_the_csv_would_be(
    leveringen: Path, write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({}, {"einddatum": "2020-01-01"}, {"einddatum": "2025-05-01"})
    uit_csv = read_tabel(pad, vera, zaak)
    tabel = pa.table(
        {
            "zaak_id": pa.array(["Z1", "Z2", "Z3"]).dictionary_encode(),
            "zaaktype_soort_code": ["SOC"] * 3,
            "zaaktype_detail_soort_code": ["GEL"] * 3,
            "eenheid_id": ["E1"] * 3,
            "cluster_id": ["C1"] * 3,
            "registratiedatum": pa.array(["2025-03-02T10:00:00"] * 3).cast(pa.timestamp("ns")),
            "begindatum": pa.array(["2025-03-01"] * 3).cast(pa.date32()),
            "einddatum": pa.array([None, "2020-01-01T12:00Z", "2025-05-01T12:00Z"]).cast(
                pa.timestamp("ms", "Europe/Amsterdam")
            ),
            "omschrijving": pa.array([None] * 3, pa.string()),
        }
    )
    pq.write_table(tabel, leveringen / "zaak.parquet")
    uit_parquet = read_tabel(leveringen / "zaak.parquet", vera, zaak)
    kolommen = [kolom.naam for kolom in zaak.kolommen]
    assert uit_parquet.rijen.select(kolommen).equals(uit_csv.rijen.select(kolommen))
    assert [a.reden for a in uit_parquet.afkeuringen] == [a.reden for a in uit_csv.afkeuringen]


MINI_KOLOMMEN = (
    Kolom("id", "varchar", "", "intern", frozenset(), verplicht=True),
    Kolom("aantal", "integer", "", "intern", frozenset(), minimum=0),
    Kolom("soort", "varchar", "", "intern", frozenset(), waarden=frozenset({"A", "B"})),
    Kolom("tekst", "varchar", "", "persoonsgegeven", frozenset()),
)
MINI = Tabel("mini", "ding", "", ("id",), "volledig", MINI_KOLOMMEN, "", "mini")
MINI_BRON = Bron("mini", "", "tabel", "maand", (MINI,))
cellen = st.one_of(
    st.sampled_from(["", "1", "-1", "A", "C", "x;y", 'zeg "ja"', "a\nb", " ", "geheim!"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rijen=st.lists(st.lists(cellen, min_size=3, max_size=5), max_size=8),
    einde=st.sampled_from(["\n", "\r\n"]),
)
def test_landed_and_rejected_rows_together_are_the_rows_of_the_file(
    tmp_path: Path, rijen: list[list[str]], einde: str
) -> None:
    def quote(cel: str) -> str:
        return '"' + cel.replace('"', '""') + '"' if set(cel) & set(';"\r\n') else cel

    # A row of the wrong width keeps to one line, so that it is one row whoever reads it.
    heel = [
        rij if len(rij) == 4 else [" ".join(cel.replace('"', "").split()) or "-" for cel in rij]
        for rij in rijen
    ]
    regels = [";".join(quote(cel) for cel in rij) for rij in heel]
    pad = tmp_path / "ding.csv"
    pad.write_bytes((einde.join(["id;aantal;soort;tekst", *regels]) + einde).encode())
    gelezen = read_tabel(pad, MINI_BRON, MINI)
    assert gelezen.rijen.num_rows + len(gelezen.afkeuringen) == len(rijen)
    gezien = gelezen.rijen["_regel"].to_pylist() + [a.regel for a in gelezen.afkeuringen]
    assert len(set(gezien)) == len(rijen)
    assert "geheim!" not in repr(gelezen.afkeuringen)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    begin=st.sampled_from([b"", KOP, b"\xef\xbb\xbf" + KOP]),
    rommel=st.binary(max_size=200),
    naam=st.sampled_from(["zaak.csv", "zaak.csv.gz", "zaak.parquet"]),
)
def test_rubbish_ends_in_rows_rejections_or_a_refusal(
    tmp_path: Path, vera: Bron, zaak: Tabel, begin: bytes, rommel: bytes, naam: str
) -> None:
    pad = tmp_path / naam
    inhoud = begin + rommel
    pad.write_bytes(gzip.compress(inhoud) if rommel[:1] > b"\x80" and "gz" in naam else inhoud)
    try:
        gelezen = read_tabel(pad, vera, zaak)
    except LeesFout:
        return
    assert gelezen.rijen.schema == empty_rijen(zaak).schema


def test_column_with_only_another_case_is_another_column(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({})
    kop, rij = pad.read_text().splitlines()
    pad.write_text(f"ZAAK_ID;{kop}\nANDERS;{rij}\n")
    assert read_tabel(pad, vera, zaak).rijen["zaak_id"].to_pylist() == ["Z1"]


def test_other_encoding_is_read_as_the_contract_says(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({"omschrijving": "café"})
    pad.write_bytes(pad.read_text(encoding="utf-8").encode("cp1252"))
    for codering in ("latin-1", "cp1252"):
        gelezen = read_tabel(pad, replace(vera, codering=codering), zaak)
        assert gelezen.rijen["omschrijving"].to_pylist() == ["café"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rommel=st.text(st.sampled_from(list('aA1;;;;""\n\n\r \'\t-é')), max_size=60))
def test_engine_and_record_reader_agree(tmp_path: Path, rommel: str) -> None:
    pad = tmp_path / "ding.csv"
    pad.write_bytes(f"id;aantal;soort;tekst\n{rommel}".encode())
    snel = read_tabel(pad, MINI_BRON, MINI)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sources.tabel._read_csv_snel", lambda *_: None)
        langzaam = read_tabel(pad, MINI_BRON, MINI)
    assert snel.rijen.equals(langzaam.rijen)
    assert snel.afkeuringen == langzaam.afkeuringen


def test_file_in_which_every_line_is_a_row_is_read_by_the_engine(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.tabel._read_csv_per_regel", None)
    for einde in ("\n", "\r\n"):
        pad = write_zaken({"omschrijving": '"zeg ""ja""; of niet"'}, {}, einde=einde)
        assert read_tabel(pad, vera, zaak).rijen.num_rows == 2


def test_separator_at_the_end_of_every_line_is_no_column(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({}, {})
    goed = read_tabel(pad, vera, zaak)
    pad.write_text(pad.read_text("utf-8").replace("\n", ";\n"), encoding="utf-8")
    met_staart = read_tabel(pad, vera, zaak)
    assert met_staart.rijen.equals(goed.rijen)
    assert met_staart.onbekende_kolommen == ()


def test_gzip_bomb_is_refused_before_it_is_unzipped_whole(
    tmp_path: Path, vera: Bron, zaak: Tabel
) -> None:
    pad = tmp_path / "zaak.csv.gz"
    pad.write_bytes(gzip.compress(b"\n" * (MAXIMUM_VRIJ + 2**22), compresslevel=1))
    with pytest.raises(LeesFout, match="keer zo groot"):
        read_tabel(pad, vera, zaak)


@pytest.mark.parametrize("tekst", ["infinity", "25-01-01", "-infinity", "epoch"])
def test_date_has_a_year_of_four_digits(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel, tekst: str
) -> None:
    gelezen = read_tabel(write_zaken({}, {"registratiedatum": tekst}), vera, zaak)
    assert [(a.regel, a.reden) for a in gelezen.afkeuringen] == [(3, "geen date")]


def test_dwelling_is_not_out_of_use_before_it_was_in_use(tmp_path: Path, vera: Bron) -> None:
    pad = tmp_path / "eenheid.csv"
    pad.write_text(
        "eenheid_id;soort_code;in_exploitatiedatum;uit_exploitatiedatum\n"
        "E1;WOO;2001-01-01;2000-01-01\nE2;WOO;2001-01-01;2001-01-01\n",
        encoding="utf-8",
    )
    gelezen = read_tabel(pad, vera, vera.tabel("eenheid"))
    assert gelezen.rijen.num_rows == 1
    assert [a.kolom for a in gelezen.afkeuringen] == ["uit_exploitatiedatum"]


def test_cell_too_many_is_seen_where_every_line_ends_with_a_separator(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({}, {})
    regels = pad.read_text("utf-8").splitlines()
    regels[2] += ";te veel"
    pad.write_text("".join(f"{regel};\n" for regel in regels), encoding="utf-8")
    gelezen = read_tabel(pad, vera, zaak)
    assert [a.regel for a in gelezen.afkeuringen] == [3]
    assert gelezen.rijen.num_rows == 1


def test_head_with_bytes_that_are_no_text_is_refused(
    write_zaken: Schrijf, vera: Bron, zaak: Tabel
) -> None:
    pad = write_zaken({})
    pad.write_bytes(pad.read_bytes().replace(b"einddatum", b"eind\0datum"))
    with pytest.raises(LeesFout, match="geen tekst"):
        read_tabel(pad, vera, zaak)


def test_slow_file_draws_no_bar_in_what_a_command_writes() -> None:
    with connect() as engine:
        waarde = engine.execute("select current_setting('enable_progress_bar')").fetchone()
    assert waarde == (False,)
