"""The scan finds what leaked, wherever and in whatever kind of file, and never shows the value."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.cli.scan import list_buiten
from orchestration.instellingen import Instellingen
from orchestration.scan import UITZONDERINGEN, scan_data
from orchestration.scan_lezers import ONLEESBAAR, TERM, Vondst
from vera.persoonsgegeven import is_bsn

BSN, IBAN = "123456782", "NL91ABNA0417164300"
MAIL, TELEFOON, ADRES = "jan@voorbeeld.nl", "06-12345678", "3011 AB 12"
SOORTEN = {
    BSN: "BSN",
    IBAN: "IBAN",
    MAIL: "e-mailadres",
    TELEFOON: "telefoonnummer",
    ADRES: "postcode met huisnummer",
}


def write_duckdb(pad: Path, waarde: str) -> None:
    with closing(duckdb.connect(str(pad))) as verbinding:
        verbinding.execute("create schema mart")
        verbinding.execute(
            "create table mart.m as select 'niets' as tekst union all select ?", [waarde]
        )


def write_parquet(pad: Path, waarde: str) -> None:
    pq.write_table(pa.table({"tekst": ["niets", waarde]}), pad)


def write_sqlite(pad: Path, waarde: object) -> None:
    with closing(sqlite3.connect(pad)) as verbinding:
        verbinding.execute("create table event (id integer primary key, body)")
        verbinding.executemany("insert into event (body) values (?)", [("niets",), (waarde,)])
        verbinding.commit()


def write_zip(pad: Path, waarde: str) -> None:
    with zipfile.ZipFile(pad, "w") as archief:
        archief.writestr("schema.json", json.dumps({"naam": waarde}))


@pytest.mark.parametrize("waarde", [pytest.param(w, id=s) for w, s in SOORTEN.items()])
@pytest.mark.parametrize(
    ("naam", "schrijf", "plaats", "eerste"),
    [
        pytest.param("warehouse.duckdb", write_duckdb, "warehouse.duckdb: mart.m.tekst", "rij 2",
                     id="warehouse"),
        pytest.param("landing/a.parquet", write_parquet, "landing/a.parquet.tekst", "rij 2",
                     id="parquet"),
        pytest.param("releases/a/exports/a.csv",
                     lambda pad, w: pad.write_text(f"id,tekst\n1,niets\n2,{w}\n", "utf-8"),
                     "releases/a/exports/a.csv.tekst", "rij 2", id="csv"),
        pytest.param("dagster/history/a.db", write_sqlite, "dagster/history/a.db: event.body",
                     "rij 2", id="sqlite"),
        pytest.param("releases/a/opzoek.sqlite",
                     lambda pad, w: write_sqlite(pad, zlib.compress(f'{{"n": "{w}"}}'.encode())),
                     "releases/a/opzoek.sqlite: event.body", "rij 2", id="compressed-in-sqlite"),
        pytest.param("run.log", lambda pad, w: pad.write_text(f"begin\nfout bij {w}\n", "utf-8"),
                     "run.log", None, id="log"),
        pytest.param("manifest.json",
                     lambda pad, w: pad.write_text(json.dumps({"a": {"b": [w]}}), "utf-8"),
                     "manifest.json", None, id="json"),
        pytest.param("dbt/graph.gpickle",
                     lambda pad, w: pad.write_bytes(b"\x80\x00\xff" + pickle.dumps({"veld": w})),
                     "dbt/graph.gpickle", None, id="binary"),
        pytest.param("modellen/model.skops", write_zip, "modellen/model.skops: schema.json", None,
                     id="zip"),
        pytest.param("oud.log.gz", lambda pad, w: pad.write_bytes(gzip.compress(w.encode())),
                     "oud.log.gz", None, id="gzip"),
    ],
)  # fmt: skip
def test_planted_value_is_found_where_it_stands_and_is_not_repeated(
    tmp_path: Path,
    waarde: str,
    naam: str,
    schrijf: Callable[[Path, str], None],
    plaats: str,
    eerste: str | None,
) -> None:
    pad = tmp_path / naam
    pad.parent.mkdir(parents=True, exist_ok=True)
    schrijf(pad, waarde)
    (vondst,) = scan_data(tmp_path).vondsten
    assert (vondst.plaats, vondst.soort, vondst.aantal) == (plaats, SOORTEN[waarde], 1)
    assert eerste in {None, vondst.eerste}
    assert waarde not in f"{vondst} {vondst!r}"


def test_log_line_and_byte_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"een\ntwee\nzie {BSN}", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00" + f"zie maar {BSN}".encode() + b"\x00")
    vondsten = scan_data(tmp_path).vondsten
    assert [v.eerste for v in vondsten] == ["regel 3, teken 5", "byte 12"]


def test_clean_folder_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text(
        "release 0f1a2b3c4d5e in 12.123456782 s, 123456789 rijen, C00012, BU99990106\n"
        f"hash {'1' * 4}{BSN}{'a' * 3} en 2026-01-01T00:00:00.123456782",
        encoding="utf-8",
    )
    uitslag = scan_data(tmp_path)
    assert uitslag.vondsten == ()
    assert uitslag.bekeken == 1


@pytest.mark.parametrize("uitzondering", UITZONDERINGEN, ids=lambda u: u.patroon)
def test_place_that_is_left_out_is_counted_with_its_reason(
    tmp_path: Path, uitzondering: object
) -> None:
    patroon = uitzondering.patroon  # type: ignore[attr-defined]
    pad = tmp_path / patroon.replace("*", "a")
    pad.parent.mkdir(parents=True, exist_ok=True)
    pad.write_text(MAIL, encoding="utf-8")
    uitslag = scan_data(tmp_path)
    assert uitslag.vondsten == ()
    assert uitslag.overgeslagen == {patroon: 1}


def test_picture_in_a_text_is_no_text_and_what_stands_beside_it_is(tmp_path: Path) -> None:
    beeld = f"data:image/png;base64,iVBOR/3011AB12/{BSN}/+="
    (tmp_path / "a.json").write_text(json.dumps({"md": f"![x]({beeld})"}), encoding="utf-8")
    assert scan_data(tmp_path).vondsten == ()
    (tmp_path / "a.json").write_text(json.dumps({"md": f"![{BSN}]({beeld})"}), encoding="utf-8")
    assert [v.soort for v in scan_data(tmp_path).vondsten] == ["BSN"]


def _make_nummers(aantal: int) -> list[int]:
    return [200_000_000 + 7_919 * i for i in range(aantal)]


def test_column_of_other_numbers_of_nine_digits_is_known_by_chance(tmp_path: Path) -> None:
    nummers = _make_nummers(200)
    assert any(is_bsn(str(n)) for n in nummers)
    pad = tmp_path / "a.csv"
    pad.write_text("id,n\n" + "".join(f"x{n},{n}\n" for n in nummers), encoding="utf-8")
    assert scan_data(tmp_path).vondsten == ()
    # the same numbers, and words around one that passes
    goed = next(n for n in nummers if is_bsn(str(n)))
    pad.write_text(pad.read_text("utf-8") + f"y,nr {goed}\n", encoding="utf-8")
    assert [v.eerste for v in scan_data(tmp_path).vondsten] == ["rij 201"]


@pytest.mark.parametrize("soort", ["varchar", "bigint"])
def test_column_of_bsns_is_found_as_text_and_as_number(tmp_path: Path, soort: str) -> None:
    bsns = [n for n in _make_nummers(900) if is_bsn(str(n))]
    assert len(bsns) > 60
    with closing(duckdb.connect(str(tmp_path / "warehouse.duckdb"))) as verbinding:
        verbinding.execute("create schema intermediate")
        verbinding.execute(
            f"create table intermediate.t as select cast(unnest(?) as {soort}) as nummer", [bsns]
        )
    assert scan_data(tmp_path).vondsten == (
        Vondst("warehouse.duckdb: intermediate.t.nummer", "BSN", "rij 1", len(bsns)),
    )


def test_name_that_was_given_is_found_as_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("Voorbeeldcomplex A. Voorbeelden", encoding="utf-8")
    termen = ["A. Voorbeeld", "A. Voorbeeldman", "B. (Test)", " "]
    assert scan_data(tmp_path, termen).vondsten == ()
    (tmp_path / "a.log").write_text("volgens A. Voorbeeld en B. (Test)", encoding="utf-8")
    (vondst,) = scan_data(tmp_path, termen).vondsten
    assert (vondst.soort, vondst.aantal) == (TERM, 2)


def test_address_for_questions_of_the_association_may_stand_anywhere(tmp_path: Path) -> None:
    (tmp_path / "papier.json").write_text(json.dumps([MAIL, f"x{MAIL}"]), encoding="utf-8")
    (vondst,) = scan_data(tmp_path, toegestaan=[f"contact_email: {MAIL}"]).vondsten
    assert vondst.aantal == 1


def test_file_that_is_no_csv_at_heart_is_read_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a;b\n\xff\xfe\x00;" + BSN.encode() + b"\n")
    assert [v.soort for v in scan_data(tmp_path).vondsten] == ["BSN"]


def test_zip_in_a_zip_is_opened(tmp_path: Path) -> None:
    binnen = io.BytesIO()
    with zipfile.ZipFile(binnen, "w") as archief:
        archief.writestr("a.txt", BSN)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archief:
        archief.writestr("b.zip", binnen.getvalue())
    (vondst,) = scan_data(tmp_path).vondsten
    assert vondst.plaats == "a.zip: b.zip: a.txt"


def test_what_cannot_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1kapot")
    (tmp_path / "b.db").write_bytes(b"SQLite format 3\0kapot")
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04kapot")
    (tmp_path / "d.log").write_text(BSN, encoding="utf-8")
    with closing(duckdb.connect(str(tmp_path / "warehouse.duckdb"))) as verbinding:
        verbinding.execute("create schema mart")
        pq.write_table(pa.table({"a": [1]}), tmp_path / "weg.parquet")
        verbinding.execute(
            f"create view mart.v as select * from read_parquet('{tmp_path}/weg.parquet')"
        )
        (tmp_path / "weg.parquet").unlink()
    assert [(v.plaats, v.soort) for v in scan_data(tmp_path).vondsten] == [
        ("a.parquet", ONLEESBAAR),
        ("b.db", ONLEESBAAR),
        ("c.zip", ONLEESBAAR),
        ("d.log", "BSN"),
        ("warehouse.duckdb: mart.v", ONLEESBAAR),
    ]


def test_every_database_outside_the_data_folder_is_told_as_not_looked_through() -> None:
    """A new setting for a database turns this red until the scan names it, or is here."""
    eigen = Instellingen()
    assert list_buiten(eigen) == []
    adressen = {veld.name for veld in fields(Instellingen) if veld.name.endswith("_url")}
    waarden: dict[str, Any] = dict.fromkeys(adressen, "postgresql+psycopg://u:geheim@h/d")

    genoemd = list_buiten(replace(eigen, **waarden))

    # The address of the site itself; where deliveries come from is read and not written.
    geen_opslag = {"basis_url"}
    assert genoemd == [
        f"BUURTPEIL_{veld.name.upper()}"
        for veld in fields(Instellingen)
        if veld.name in adressen - geen_opslag
    ]


@pytest.mark.parametrize("keer", [1, 100])
def test_value_that_repeats_is_found_once_and_counted_as_often(tmp_path: Path, keer: int) -> None:
    waarde = ["x", BSN, "x"] * keer
    pq.write_table(pa.table({"waarde": waarde}), tmp_path / "tabel.parquet")

    [vondst] = scan_data(tmp_path).vondsten

    assert (vondst.plaats, vondst.soort) == ("tabel.parquet.waarde", "BSN")
    assert (vondst.eerste, vondst.aantal) == ("rij 2", keer)


@pytest.mark.parametrize(
    "bytes_",
    [
        zlib.compress(b"mail " + MAIL.encode()),
        zlib.compress(b"mail " + MAIL.encode(), 0),
        gzip.compress(b"mail " + MAIL.encode()),
        b"\xff\x00mail " + MAIL.encode(),
        b"x\x9cmail " + MAIL.encode(),  # begins as if it were compressed, and is not
    ],
    ids=["zlib", "zlib without compression", "gzip", "bytes", "looks like zlib"],
)
def test_bytes_in_a_table_are_looked_through_as_they_were_before(
    tmp_path: Path, bytes_: bytes
) -> None:
    with closing(sqlite3.connect(tmp_path / "winkel.sqlite")) as winkel:
        winkel.execute("create table kaart (nummer integer, leeg text, body)")
        winkel.execute("insert into kaart values (1, null, 5), (2, null, ?)", [bytes_])
        winkel.commit()

    [vondst] = scan_data(tmp_path).vondsten

    assert (vondst.plaats, vondst.soort) == ("winkel.sqlite: kaart.body", "e-mailadres")
    assert vondst.eerste == "rij 2"


def test_random_key_is_not_text_because_a_piece_of_it_reads_so(tmp_path: Path) -> None:
    sleutel = b"\xff\x00\x9d\x81a.b@cde.nl\xfe\x80"
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as index:
        index.execute("create table adres (sleutel blob)")
        index.execute("insert into adres values (?)", [sleutel])
        index.commit()
    assert scan_data(tmp_path).vondsten == ()

    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as index:
        index.execute("insert into adres values (?), (?)", [b"a.b@cd.nl", sleutel + b"\xff"])
        index.commit()
    [vondst] = scan_data(tmp_path).vondsten
    assert (vondst.soort, vondst.aantal) == ("e-mailadres", 2)
