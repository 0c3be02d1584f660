"""Landing: every delivered file has a report, is landed once, and leaves no personal value."""

from __future__ import annotations

import errno
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from sources.adresindex import ADRESSLEUTEL, EENHEIDSLEUTEL, INDEXKOLOMMEN, NUMMERSLEUTEL
from sources.landing import (
    BronLanding,
    create_views,
    determine_klok,
    iter_afkeuringen,
    land_bron,
    landed_kolommen,
    list_onbekend,
)
from sources.pseudonimisering import hash_waarde
from sources.sleutels import Sleutel
from vera.adressleutel import make_adressleutel, make_eenheidsleutel, make_nummersleutel
from vera.contract import Contract
from vera.levering import LeveringVerslag

Land = Callable[..., BronLanding]
Schrijf = Callable[..., Path]
GEHEIM = "mevrouw Geheim 06-12345678"


def only(landing: BronLanding) -> LeveringVerslag:
    (geland,) = landing.bestanden
    return geland.verslag


def test_source_that_delivered_nothing_has_no_landing(land: Land) -> None:
    assert land("vera") == BronLanding("vera", ())


def test_report_counts_landed_and_rejected_rows(land: Land, write_zaken: Schrijf) -> None:
    write_zaken({}, {"zaaktype_soort_code": "???"}, {"einddatum": "2020-01-01"})
    verslag = only(land())
    assert verslag.bestand == "vera/zaak_2025-12-01.csv"
    assert verslag.leveringsdatum == date(2025, 12, 1)
    assert (verslag.rijen, verslag.afgekeurd) == (1, 2)
    assert verslag.afgekeurd_per_reden == {
        "onbekende code in lijst ZAAKTYPESOORT": 1,
        "einddatum ligt voor begindatum": 1,
    }
    assert verslag.jongste_datum == date(2025, 3, 2)
    assert verslag.leesfout is None


def test_personal_data_stays_behind(
    land: Land, write_zaken: Schrijf, sleutel: Sleutel, tmp_path: Path
) -> None:
    write_zaken({"omschrijving": GEHEIM}, {"omschrijving": GEHEIM, "einddatum": "1999-01-01"})
    (geland,) = land().bestanden
    rijen = pq.read_table(geland.pad)
    assert "omschrijving" not in rijen.column_names
    assert rijen["eenheid_id"].to_pylist() == [hash_waarde(sleutel, "eenheid_id", "E1")]
    assert rijen["zaak_id"].to_pylist() == [hash_waarde(sleutel, "zaak_id", "Z1")]
    for pad in (tmp_path / "landing").rglob("*"):
        if pad.is_file():
            assert b"Geheim" not in pad.read_bytes()
            assert b"06-12345678" not in pad.read_bytes()


ADRESSEN = (
    "eenheid_id;straatnaam;huisnummer;huisletter;huisnummer_toevoeging;postcode;buurt_id\n"
    "E1;Kade;7;;;9999AB;B1\nE2;Kade;;;;9999AB;B1\nE3;Kade;7;a;-2;9999 ab;B1\n"
)
DIENST = b"d" * 32


def land_adressen(
    contract: Contract, pad: Path, sleutel: Sleutel, dienst: bytes | None
) -> dict[str, list[object]]:
    (pad / "in" / "vera").mkdir(parents=True, exist_ok=True)
    (pad / "in" / "vera" / "eenheidadres.csv").write_text(ADRESSEN)
    (geland,) = land_bron(
        contract.bron("vera"), pad / "in", pad / "landing", sleutel, dienst
    ).bestanden
    inhoud: dict[str, list[object]] = pq.read_table(geland.pad).to_pydict()
    return inhoud


def test_address_goes_over_into_keys_under_the_service_key(
    contract: Contract, tmp_path: Path, sleutel: Sleutel
) -> None:
    rijen = land_adressen(contract, tmp_path, sleutel, DIENST)

    assert set(rijen) == {"eenheid_id", "straatnaam", "buurt_id", *INDEXKOLOMMEN, "_regel"}
    assert rijen[ADRESSLEUTEL] == [
        make_adressleutel(DIENST, "9999AB", "7", "").hex(),
        None,
        make_adressleutel(DIENST, "9999AB", "7", "A2").hex(),
    ]
    assert rijen[NUMMERSLEUTEL] == [None, None, make_nummersleutel(DIENST, "9999AB", "7").hex()]
    assert rijen[EENHEIDSLEUTEL] == [make_eenheidsleutel(DIENST, f"E{n}").hex() for n in (1, 2, 3)]
    for pad in (tmp_path / "landing").rglob("*.*"):
        assert b"9999" not in pad.read_bytes()


def test_another_pseudonym_key_leaves_the_index_and_another_service_key_the_pseudonyms(
    contract: Contract, tmp_path: Path, sleutel: Sleutel
) -> None:
    eerst = land_adressen(contract, tmp_path, sleutel, DIENST)
    pseudoniem = land_adressen(contract, tmp_path, Sleutel(b"2" * 32), DIENST)
    dienst = land_adressen(contract, tmp_path, sleutel, b"e" * 32)

    assert [pseudoniem[naam] for naam in INDEXKOLOMMEN] == [eerst[naam] for naam in INDEXKOLOMMEN]
    assert pseudoniem["eenheid_id"] != eerst["eenheid_id"]
    assert dienst["eenheid_id"] == eerst["eenheid_id"]
    for naam in INDEXKOLOMMEN:
        assert set(filter(None, dienst[naam])).isdisjoint(filter(None, eerst[naam])), naam


def test_without_a_service_key_there_are_no_keys_of_addresses(
    contract: Contract, tmp_path: Path, sleutel: Sleutel
) -> None:
    rijen = land_adressen(contract, tmp_path, sleutel, None)

    assert [rijen[naam] for naam in INDEXKOLOMMEN] == [[None] * 3] * 4


def test_deliveries_are_numbered_by_date_and_an_undated_file_is_the_first(
    land: Land, write_zaken: Schrijf
) -> None:
    for naam in ("zaak_2026-01-01.csv", "zaak.csv", "zaak_2025-12-01.csv"):
        write_zaken({"cluster_id": naam}, naam=naam)
    assert [(g.verslag.volgnummer, g.verslag.bestand) for g in land().van_tabel("vera.zaak")] == [
        (1, "vera/zaak.csv"),
        (2, "vera/zaak_2025-12-01.csv"),
        (3, "vera/zaak_2026-01-01.csv"),
    ]


@pytest.mark.parametrize(
    ("naam", "inhoud", "woorden"),
    [
        ("zaak_2025-13-01.csv", b"zaak_id\n", "datum 2025-13-01 in de bestandsnaam bestaat niet"),
        ("zaak_2025-02-30.csv.gz", b"", "2025-02-30"),
        ("zaak.csv", b"", "leeg"),
        ("zaak.csv.gz", b"\x1f\x8b\x08\x00", "gzip"),
        ("zaak.parquet", GEHEIM.encode(), "Parquet"),
        ("zaak.csv", GEHEIM.encode().replace(b" ", b","), "komma"),
    ],
)
def test_file_that_cannot_be_read_has_a_report_that_says_so(
    land: Land, leveringen: Path, naam: str, inhoud: bytes, woorden: str
) -> None:
    (leveringen / "vera").mkdir()
    (leveringen / "vera" / naam).write_bytes(inhoud)
    for _ in range(2):
        verslag = only(land())
        assert verslag.bestand == f"vera/{naam}"
        assert woorden in (verslag.leesfout or "")
        assert verslag.rijen == 0
        assert "Geheim" not in repr(verslag)


def test_one_bad_file_does_not_keep_the_others_out(
    land: Land, leveringen: Path, write_zaken: Schrijf
) -> None:
    write_zaken({})
    (leveringen / "vera" / "zaak_2026-01-01.csv").write_bytes(b"\xff\xfeQ\0")
    (leveringen / "vera" / "buurt.csv").write_text("buurt_id;naam\nB1;Zilverkade\n")
    assert [(g.verslag.bestand, g.verslag.leesfout is None) for g in land().bestanden] == [
        ("vera/buurt.csv", True),
        ("vera/zaak_2025-12-01.csv", True),
        ("vera/zaak_2026-01-01.csv", False),
    ]


def test_file_that_may_not_be_opened_has_a_report(
    land: Land, write_zaken: Schrijf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pad: Path) -> str:
        raise PermissionError(pad)

    write_zaken({})
    monkeypatch.setattr("sources.landing.hash_bestand", refuse)
    monkeypatch.setattr("sources.landing._store", lambda basis, rijen, verslag, fouten: verslag)
    (verslag,) = land().bestanden
    assert verslag.leesfout == "het bestand is niet te openen"  # type: ignore[attr-defined]


@pytest.mark.parametrize("plek", ["hash_bestand", "read_tabel"])
def test_disk_that_was_away_is_no_fault_of_the_file(
    land: Land, write_zaken: Schrijf, monkeypatch: pytest.MonkeyPatch, plek: str
) -> None:
    def fail(*_: object) -> str:
        raise OSError(errno.EIO, "away")

    write_zaken({})
    monkeypatch.setattr(f"sources.landing.{plek}", fail)
    with pytest.raises(OSError, match="away"):
        land()


def test_headerless_file_repeats_no_value_in_its_report(land: Land, leveringen: Path) -> None:
    (leveringen / "vera").mkdir()
    (leveringen / "vera" / "zaak.csv").write_text(f"Z1;SOC;{GEHEIM};E1;jan_smit\n")
    verslag = only(land())
    assert "zaak_id" in verslag.ontbrekende_kolommen
    assert verslag.onbekende_kolommen == tuple(f"kolom {i}" for i in range(1, 6))


def test_folders_and_unknown_files_are_named_and_readmes_and_hidden_ones_are_not(
    land: Land, leveringen: Path, write_zaken: Schrijf
) -> None:
    write_zaken({})
    for naam in (
        "README.md",
        "LEESMIJ.txt",
        ".zaak.csv.swp",
        "zaak.xlsx",
        "klant.csv",
        "ZAAK.csv",
        "zaak_2025-1-1.csv",
    ):
        (leveringen / "vera" / naam).write_text("x")
    (leveringen / "vera" / "zaak_2026-01-01.csv").mkdir()
    landing = land()
    assert len(landing.bestanden) == 1
    assert set(landing.overgeslagen) == {
        "vera/zaak.xlsx",
        "vera/klant.csv",
        "vera/ZAAK.csv",
        "vera/zaak_2025-1-1.csv",
        "vera/zaak_2026-01-01.csv",
    }


def test_what_belongs_to_no_source_is_named_at_the_root(
    contract: Contract, leveringen: Path
) -> None:
    for naam in ("vera", "waarheid", "oud", ".git"):
        (leveringen / naam).mkdir()
    for naam in ("organisatie.yml", "README.md", "LEESMIJ.md", "notities.txt"):
        (leveringen / naam).write_text("")
    assert list_onbekend(contract, leveringen) == ("notities.txt", "oud/")


def count_lezingen(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    from sources import landing

    gelezen: list[Path] = []
    echt = landing.read_tabel

    def read(pad: Path, *rest: object) -> object:
        gelezen.append(pad)
        return echt(pad, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(landing, "read_tabel", read)
    return gelezen


def test_file_is_read_once(
    land: Land, write_zaken: Schrijf, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_zaken({}, {"zaaktype_detail_soort_code": "???"})
    gelezen = count_lezingen(monkeypatch)
    eerste, tweede = land(), land()
    assert eerste == tweede
    assert len(gelezen) == 1


def test_renamed_file_is_not_read_again_and_bears_its_new_name(
    land: Land, write_zaken: Schrijf, monkeypatch: pytest.MonkeyPatch
) -> None:
    pad = write_zaken({}, {"zaaktype_detail_soort_code": "???"})
    gelezen = count_lezingen(monkeypatch)
    land()
    pad.rename(pad.with_name("zaak_2026-02-01.csv"))
    (geland,) = land().bestanden
    assert len(gelezen) == 1
    assert geland.verslag.leveringsdatum == date(2026, 2, 1)
    assert geland.verslag.bestand == "vera/zaak_2026-02-01.csv"
    assert geland.afkeuringen[0].bestand == "zaak_2026-02-01.csv"
    assert set(geland.verslag.voorbeeld_onbekende_code.values()) == {"zaak_2026-02-01.csv regel 3"}


@pytest.mark.parametrize("soort", ["parquet", "json"])
@pytest.mark.parametrize("schade", [b"", b"{}", b"kapot", None])
def test_damaged_landing_is_made_anew(
    land: Land, write_zaken: Schrijf, soort: str, schade: bytes | None
) -> None:
    write_zaken({})
    (geland,) = land().bestanden
    goed = pq.read_table(geland.pad)
    kapot = geland.pad.with_suffix(f".{soort}")
    if schade is None:
        kapot.unlink()
    else:
        kapot.write_bytes(schade)
    (opnieuw,) = land().bestanden
    assert opnieuw == geland
    assert pq.read_table(opnieuw.pad).equals(goed)


def test_landing_of_another_contract_key_or_reader_is_not_used(
    land: Land,
    contract: Contract,
    leveringen: Path,
    tmp_path: Path,
    write_zaken: Schrijf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_zaken({})
    paden = {land().bestanden[0].pad}
    bron = contract.bron("vera")
    tabellen = tuple(replace(tabel, bewaartermijn="1 dag") for tabel in bron.tabellen)
    paden.add(land(bron=replace(bron, tabellen=tabellen)).bestanden[0].pad)
    ander = land_bron(bron, leveringen, tmp_path / "landing", Sleutel(b"2" * 32)).bestanden[0]
    paden.add(ander.pad)
    assert pq.read_table(ander.pad)["zaak_id"] != pq.read_table(land().bestanden[0].pad)["zaak_id"]
    monkeypatch.setattr("sources.landing.LEESVERSIE", "volgende")
    paden.add(land().bestanden[0].pad)
    assert len(paden) == 4


def test_same_rows_zipped_or_under_another_date_are_the_same_content(
    land: Land, write_zaken: Schrijf
) -> None:
    pad = write_zaken({})
    pad.with_name("zaak_2026-01-01.csv.gz").write_bytes(gzip.compress(pad.read_bytes()))
    een, ander = (g.verslag for g in land().bestanden)
    assert een.inhoud_hash == ander.inhoud_hash
    assert een.sha256 != ander.sha256


def test_report_on_disk_holds_no_value(land: Land, write_zaken: Schrijf) -> None:
    write_zaken({"zaaktype_detail_soort_code": "jan.smit@x.nl"}, {"begindatum": "9999 AB 7"})
    (geland,) = land().bestanden
    rapport = json.loads(geland.pad.with_suffix(".json").read_text())
    assert "jan.smit" not in json.dumps(rapport)
    assert "9999 AB" not in json.dumps(rapport)
    assert len(rapport["afkeuringen"]) == 2


def test_every_table_is_a_view_also_when_it_was_never_delivered(
    land: Land, contract: Contract, write_zaken: Schrijf
) -> None:
    write_zaken({}, {})
    write_zaken(
        {},
        naam="zaak_2026-01-01.csv",
        kop=("zaak_id", "zaaktype_soort_code", "registratiedatum", "begindatum"),
    )
    with duckdb.connect() as warehouse:
        create_views(warehouse, contract.bron("vera"), land())
        rijen = warehouse.execute(
            "select _volgnummer, _leveringsdatum, _bestand, _regel from vera.zaak order by all"
        ).fetchall()
        assert rijen == [
            (1, date(2025, 12, 1), "vera/zaak_2025-12-01.csv", 2),
            (1, date(2025, 12, 1), "vera/zaak_2025-12-01.csv", 3),
            (2, date(2026, 1, 1), "vera/zaak_2026-01-01.csv", 2),
        ]
        for tabel in contract.bron("vera").tabellen:
            kolommen = warehouse.execute(f"describe vera.{tabel.naam}").fetchall()
            assert [(naam, soort.lower()) for naam, soort, *_ in kolommen[:-4]] == landed_kolommen(
                tabel
            )


def test_view_of_a_refused_file_has_the_columns_of_its_table(
    land: Land, contract: Contract, leveringen: Path
) -> None:
    (leveringen / "vera").mkdir()
    (leveringen / "vera" / "eenheidadres.csv").write_bytes(b"")
    with duckdb.connect() as warehouse:
        create_views(warehouse, contract.bron("vera"), land())
        assert warehouse.execute(f"select {ADRESSLEUTEL} from vera.eenheidadres").fetchall() == []


def test_clock_is_the_youngest_date_that_is_not_after_today(
    land: Land, write_zaken: Schrijf
) -> None:
    write_zaken({})
    write_zaken({"cluster_id": "C2"}, naam="zaak_2999-01-01.csv")
    verslagen = [geland.verslag for geland in land().bestanden]
    assert determine_klok(verslagen, date(2026, 11, 1)) == date(2025, 12, 1)
    assert determine_klok(verslagen, date(2025, 6, 1)) == date(2025, 3, 2)
    assert determine_klok([], date(2026, 1, 1)) is None


def test_rejections_come_in_order_of_table_file_and_line(
    land: Land, leveringen: Path, write_zaken: Schrijf
) -> None:
    write_zaken({}, {"zaaktype_soort_code": "?"}, {"begindatum": ""})
    (leveringen / "vera" / "buurt.csv").write_text("buurt_id;naam\nB1;\n")
    assert [(a.tabel, a.regel) for a in iter_afkeuringen([land()])] == [
        ("vera.buurt", 2),
        ("vera.zaak", 3),
        ("vera.zaak", 4),
    ]


def test_row_long_after_its_own_delivery_does_not_move_the_clock(
    land: Land, write_zaken: Schrijf
) -> None:
    write_zaken({}, {"registratiedatum": "2026-06-14"}, naam="zaak_2025-12-01.csv")
    verslagen = [geland.verslag for geland in land().bestanden]
    assert verslagen[0].jongste_datum == date(2026, 6, 14)
    assert determine_klok(verslagen, date(2026, 11, 1)) == date(2025, 12, 1)


def test_rows_of_the_days_after_the_date_in_the_name_do_move_the_clock(
    land: Land, write_zaken: Schrijf
) -> None:
    write_zaken({"registratiedatum": "2025-12-03"}, naam="zaak_2025-12-01.csv")
    verslagen = [geland.verslag for geland in land().bestanden]
    assert determine_klok(verslagen, date(2026, 11, 1)) == date(2025, 12, 3)


@pytest.mark.parametrize("einde", ["\r\n", "\n\n"], ids=["CRLF", "witregels"])
def test_same_rows_written_otherwise_are_the_same_content(
    land: Land, write_zaken: Schrijf, einde: str
) -> None:
    een = {"zaak_id": "A"}
    ander = {"zaak_id": "B"}
    write_zaken(een, ander, naam="zaak_2025-12-01.csv")
    write_zaken(ander, een, naam="zaak_2026-01-01.csv", einde=einde)
    write_zaken(een, naam="zaak_2026-02-01.csv")
    hashes = [geland.verslag.inhoud_hash for geland in land().bestanden]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    "naam",
    ["=1+1 buurten.geojson", "x\nERROR buurten.geojson", "jan@voorbeeld.nl buurten.geojson"],
    ids=["formule", "regeleinde", "e-mailadres"],
)
def test_file_name_that_is_code_or_personal_is_not_read_and_not_repeated(
    land: Land, leveringen: Path, naam: str
) -> None:
    (leveringen / "geo").mkdir()
    (leveringen / "geo" / naam).write_text("{}", encoding="utf-8")
    landing = land("geo")
    assert landing.bestanden == ()
    assert len(landing.overgeslagen) == 1
    assert "\n" not in landing.overgeslagen[0]
    assert "@" not in landing.overgeslagen[0]
