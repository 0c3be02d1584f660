"""Reading a database: what is new comes once, and nothing personal rests on disk."""

from __future__ import annotations

import errno
import gc
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from sources.databank import ophalen
from sources.databank.fout import DatabankWeg
from sources.databank.verbinding import describe_rechten, open_lezend
from sources.opgehaald import read_kop
from sources.pseudonimisering import hash_waarde
from sources.sleutels import Sleutel
from tests.unit.conftest import make_database, postgres  # noqa: F401 - a server of its own
from tests.unit.sources.databank.conftest import EERSTE_DAG, Bronsysteem, Lezer
from vera.contract import Contract

MAAND_LATER = date(2025, 5, 1)


def list_ids(lezer: Lezer, *ids: str) -> list[str]:
    return sorted(hash_waarde(lezer.sleutel, "zaak_id", id_) for id_ in ids)


def list_gekregen(rijen: list[dict[str, Any]]) -> list[str]:
    return sorted(rij["zaak_id"] for rij in rijen if rij["_reden"] is None)


def test_first_reading_brings_all_and_the_next_one_what_was_added_or_changed(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2"}, {"zaak_id": "Z3"})
    eerste = lezer.fetch()
    assert (eerste.fouten, [(d.gelezen, d.rijen) for d in eerste.tabellen]) == ((), [(3, 3)])

    bronsysteem.execute(
        "update zaak set einddatum = '2025-04-20', gewijzigd_op = '2025-04-20 09:00:00' "
        "where zaak_id = 'Z2'"
    )
    bronsysteem.add({"zaak_id": "Z4", "gewijzigd_op": datetime.fromisoformat("2025-04-21")})
    (tweede,) = lezer.fetch(MAAND_LATER).tabellen
    rijen = lezer.list_rijen()
    assert list_gekregen(rijen[0]) == list_ids(lezer, "Z1", "Z2", "Z3")
    assert list_gekregen(rijen[1]) == list_ids(lezer, "Z2", "Z4")
    assert tweede.bestand == "vera/zaak_2025-05-01.opgehaald.parquet"


def test_row_that_came_late_with_an_earlier_moment_is_read_within_the_margin_and_by_alles(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1", "gewijzigd_op": datetime.fromisoformat("2025-03-30")})
    lezer.fetch()
    bronsysteem.add(
        {
            "zaak_id": "Z2",
            "gewijzigd_op": datetime.fromisoformat("2025-03-28"),
        },  # within three days
        {"zaak_id": "Z3", "gewijzigd_op": datetime.fromisoformat("2025-03-01")},  # a month late
        {"zaak_id": "Z4", "gewijzigd_op": None},
    )
    lezer.fetch(MAAND_LATER)
    assert list_gekregen(lezer.list_rijen()[1]) == list_ids(lezer, "Z2", "Z4")
    lezer.fetch(MAAND_LATER, alles=True)
    assert list_gekregen(lezer.list_rijen()[2]) == list_ids(lezer, "Z3")


def test_row_that_becomes_again_what_it_was_is_news(bronsysteem: Bronsysteem, lezer: Lezer) -> None:
    bronsysteem.add({"zaak_id": "Z1", "gewijzigd_op": datetime.fromisoformat("2025-03-30")})
    lezer.fetch()
    for code in ("DIE", "GEL"):
        bronsysteem.execute(f"update zaak set zaaktype_detail_soort_code = '{code}'")
        lezer.fetch()
    assert [len(rijen) for rijen in lezer.list_rijen()] == [1, 1, 1]


def test_without_news_nothing_is_written_in_the_same_month_and_an_empty_delivery_in_the_next(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"})
    lezer.fetch()
    lezer.fetch(EERSTE_DAG + timedelta(days=20))
    assert len(lezer.list_bestanden()) == 1
    lezer.fetch(MAAND_LATER)
    assert [len(rijen) for rijen in lezer.list_rijen()] == [1, 0]


def test_same_content_is_the_same_bytes_in_whatever_order_the_rows_stand(
    bronsysteem: Bronsysteem, lezer: Lezer, tmp_path: Path
) -> None:
    zaken = [{"zaak_id": f"Z{nummer}"} for nummer in (3, 11, 2, 7)]
    bronsysteem.add(*zaken)
    lezer.fetch()
    bronsysteem.execute("delete from zaak")
    bronsysteem.add(*reversed(zaken))
    ander = replace(lezer, map=tmp_path / "ander")
    ander.fetch()
    assert lezer.list_bestanden()[0].read_bytes() == ander.list_bestanden()[0].read_bytes()


def test_nothing_personal_rests_on_disk_and_others_cannot_read_what_does(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "ZAAK-9"}, {"zaak_id": "ZAAK-8", "zaaktype_soort_code": "Jansen"})
    lezer.fetch()
    (pad,) = lezer.list_bestanden()
    tekst = repr(lezer.list_rijen()) + repr(read_kop(pad))
    for geheim in ("ZAAK-9", "ZAAK-8", "E1", "Jan", "geluid", "omschrijving"):
        assert geheim not in tekst
    assert pad.stat().st_mode & 0o077 == 0
    assert not list(pad.parent.glob("*.deel"))


def test_rejected_row_stands_in_quarantine_by_place_and_reason_and_is_not_read_again(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2", "zaaktype_soort_code": "XXX"})
    (eerste,) = lezer.fetch().tabellen
    assert (eerste.rijen, eerste.afgekeurd) == (1, 1)
    (geland,) = lezer.land().bestanden
    (afkeuring,) = geland.afkeuringen
    assert (afkeuring.regel, afkeuring.kolom) == (2, "zaaktype_soort_code")
    assert geland.verslag.onbekende_codes == {"zaaktype_soort_code": 1}
    lezer.fetch()
    assert len(lezer.list_bestanden()) == 1


def test_landing_is_that_of_a_file_with_the_same_rows(
    bronsysteem: Bronsysteem, lezer: Lezer, tmp_path: Path
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2", "einddatum": date(2025, 3, 20)})
    lezer.fetch()
    (uit_databank,) = lezer.land().bestanden
    als_bestand = replace(lezer, map=tmp_path / "bestand")
    pad = als_bestand.map / "leveringen" / "vera" / "zaak_2025-04-01.csv"
    pad.parent.mkdir(parents=True)
    pad.write_text(
        "zaak_id;zaaktype_soort_code;zaaktype_detail_soort_code;eenheid_id;cluster_id;"
        "registratiedatum;begindatum;einddatum;omschrijving\n"
        "Z1;SOC;GEL;E1;C1;2025-03-02;2025-03-01;;\n"
        "Z2;SOC;GEL;E1;C1;2025-03-02;2025-03-01;2025-03-20;\n"
    )
    (uit_bestand,) = als_bestand.land().bestanden

    def read(pad: Path) -> list[dict[str, Any]]:
        return [{**rij, "_regel": 0} for rij in pq.read_table(pad).to_pylist()]

    assert read(uit_databank.pad) == read(uit_bestand.pad)
    een, ander = uit_databank.verslag, uit_bestand.verslag
    assert een.verdeling == ander.verdeling
    assert (een.jongste_datum, een.leveringsdatum) == (ander.jongste_datum, ander.leveringsdatum)


def test_moment_with_a_time_zone_is_the_day_that_it_was_in_the_netherlands(
    request: pytest.FixtureRequest, contract: Contract, lezer: Lezer
) -> None:
    systeem = Bronsysteem(make_database(request.getfixturevalue("postgres"), "zone"))
    systeem.create(
        "zaak_id text, zaaktype_soort_code text, zaaktype_detail_soort_code text, eenheid_id text, "
        "cluster_id text, registratiedatum timestamptz, begindatum timestamp, einddatum date, "
        "omschrijving text, gewijzigd_op timestamptz"
    )
    systeem.add(
        {
            "registratiedatum": datetime(2025, 3, 1, 23, 30, tzinfo=UTC),
            "begindatum": datetime.fromisoformat("2025-03-01 23:30"),
            "gewijzigd_op": datetime(2025, 3, 30, 23, 30, tzinfo=UTC),
        }
    )
    zone = replace(lezer, url=systeem.url, map=lezer.map / "zone")
    assert zone.fetch().fouten == ()
    ((rij,),) = zone.list_rijen()
    assert (rij["registratiedatum"], rij["begindatum"]) == (date(2025, 3, 2), date(2025, 3, 1))
    kop = read_kop(zone.list_bestanden()[0])
    assert kop.cursor == {
        "kolom": "gewijzigd_op", "soort": "zone", "waarde": "2025-03-30T23:30:00+00:00"
    }  # fmt: skip
    systeem.add({"zaak_id": "Z2", "gewijzigd_op": datetime(2025, 3, 31, tzinfo=UTC)})
    (uit,) = zone.fetch(MAAND_LATER).tabellen
    assert uit.rijen == 1


def test_moment_in_the_future_hides_nothing_that_comes_after(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1", "gewijzigd_op": datetime.fromisoformat("2205-03-30")})
    lezer.fetch()
    bronsysteem.add({"zaak_id": "Z2", "gewijzigd_op": datetime.fromisoformat("2025-04-20")})
    lezer.fetch(MAAND_LATER)
    assert list_gekregen(lezer.list_rijen()[1]) == list_ids(lezer, "Z2")


def test_table_that_is_delivered_whole_is_read_whole_and_only_kept_when_it_changed(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.execute(
        "create table buurt (buurt_id varchar(9), naam varchar(40), wijk_id char(6))"
    )
    bronsysteem.execute("insert into buurt values ('B2', 'Oost', 'W1'), ('B1', 'West', 'W1')")
    buurt = lezer.contract.bron("vera").tabel("buurt")
    assert lezer.fetch(tabel=buurt, uit="buurt", cursor="").fouten == ()
    lezer.fetch(tabel=buurt, uit="buurt", cursor="")
    assert len(lezer.list_bestanden("buurt")) == 1
    bronsysteem.execute("delete from buurt where buurt_id = 'B1'")
    (uit,) = lezer.fetch(tabel=buurt, uit="buurt", cursor="").tabellen
    assert (uit.bestand, uit.rijen) == ("vera/buurt_2025-04-01_02.opgehaald.parquet", 1)
    een, twee = (g.verslag for g in lezer.land().bestanden)
    assert (een.volgnummer, twee.volgnummer, een.rijen, twee.rijen) == (1, 2, 2, 1)


def test_question_reads_what_a_view_would_and_a_colon_in_it_is_a_colon(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2", "omschrijving": "om :tijd 12:30"})
    uit = lezer.fetch(
        uit="", vraag="select * from zaak where omschrijving <> 'om :tijd 12:30' and 1 % 2 = 1"
    )
    assert uit.fouten == ()
    assert list_gekregen(lezer.list_rijen()[0]) == list_ids(lezer, "Z1")


def test_empty_table_is_a_delivery_without_rows(lezer: Lezer) -> None:
    (uit,) = lezer.fetch().tabellen
    assert (uit.rijen, uit.bestand) == (0, "vera/zaak_2025-04-01.opgehaald.parquet")
    (geland,) = lezer.land().bestanden
    assert (geland.verslag.leesfout, geland.verslag.rijen) == (None, 0)


def test_missing_column_is_named_and_another_table_still_comes(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.execute("alter table zaak rename column registratiedatum to registratie_datum")
    (fout,) = lezer.fetch().fouten
    assert "niet gevonden: registratiedatum" in str(fout)
    assert "buurtpeil contract vera.zaak" in str(fout)
    assert lezer.list_bestanden() == []


def test_unknown_column_is_reported_by_name_and_not_read(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.execute("alter table zaak add column bsn varchar(9) default '123456782'")
    bronsysteem.add({"zaak_id": "Z1"})
    lezer.fetch()
    (geland,) = lezer.land().bestanden
    assert geland.verslag.onbekende_kolommen == ("bsn",)
    assert "123456782" not in repr(lezer.list_rijen())


def test_reading_that_is_killed_half_way_leaves_nothing_and_is_done_again(
    bronsysteem: Bronsysteem, lezer: Lezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2"}, {"zaak_id": "Z3"})
    echt = ophalen.write_partij

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ophalen, "write_partij", killed)
    with pytest.raises(KeyboardInterrupt):
        lezer.fetch()
    assert lezer.list_bestanden() == []
    monkeypatch.setattr(ophalen, "write_partij", echt)
    lezer.fetch()
    lezer.fetch()
    assert [len(rijen) for rijen in lezer.list_rijen()] == [3]


@pytest.mark.parametrize("bronsysteem", ["sqlite"], indirect=True)
def test_full_disk_is_said_and_leaves_no_half_file(
    bronsysteem: Bronsysteem, lezer: Lezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bronsysteem.add({"zaak_id": "Z1"})

    def fill(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", fill)
    (fout,) = lezer.fetch().fouten
    assert "niet te bewaren" in str(fout)
    assert list((lezer.map / "opgehaald" / "vera").iterdir()) == []


@pytest.fixture
def verbroken(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    """Let PostgreSQL end our connection while it streams, as often as the list says."""
    keren = [2]

    def end(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "_cursor" in statement and keren[0]:
            keren[0] -= 1
            motor = create_engine(request.getfixturevalue("postgres"), poolclass=NullPool)
            with motor.connect() as baas:
                baas.exec_driver_sql(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where application_name = 'buurtpeil'"
                )

    event.listen(Engine, "after_cursor_execute", end)
    yield keren
    event.remove(Engine, "after_cursor_execute", end)
    # Of a connection that was cut SQLAlchemy closes no cursor, and psycopg says so: here, and not
    # in whatever test comes next.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("bronsysteem", ["postgresql"], indirect=True)
def test_server_that_goes_away_is_tried_again_with_longer_waits(
    bronsysteem: Bronsysteem, lezer: Lezer, verbroken: list[int]
) -> None:
    bronsysteem.add(*({"zaak_id": f"Z{nummer}"} for nummer in range(9)))
    gewacht: list[float] = []
    uit = replace(lezer, slaap=gewacht.append).fetch()
    assert (uit.fouten, gewacht, verbroken) == ((), [5.0, 15.0], [0])
    assert [len(rijen) for rijen in lezer.list_rijen()] == [9]


@pytest.mark.parametrize("bronsysteem", ["postgresql"], indirect=True)
def test_server_that_stays_away_is_named_without_its_address(lezer: Lezer) -> None:
    gewacht: list[float] = []
    weg = make_url(lezer.url).set(query={"host": "/nergens"}, password="geheim-9")
    uit = replace(
        lezer, url=weg.render_as_string(hide_password=False), slaap=gewacht.append
    ).fetch()
    (fout,) = uit.fouten
    assert isinstance(fout, DatabankWeg)
    assert gewacht == [5.0, 15.0, 45.0]
    assert "primair" in str(fout)
    assert "geheim-9" not in str(fout)
    assert "nergens" not in str(fout)


@pytest.mark.parametrize("bronsysteem", ["postgresql"], indirect=True)
def test_account_that_may_write_is_warned_for_and_cannot(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.execute(
        "do $$ begin create role lezer_alleen login; exception when others then null; end $$"
    )
    assert "mag daar ook schrijven" in lezer.fetch().waarschuwingen[0]
    with (
        pytest.raises(SQLAlchemyError, match="read-only transaction"),
        open_lezend(make_url(bronsysteem.url), "primair") as verbinding,
    ):
        verbinding.exec_driver_sql("delete from zaak")
    alleen = make_url(bronsysteem.url).set(username="lezer_alleen")
    uit = replace(lezer, url=alleen.render_as_string(hide_password=False)).fetch()
    assert "mag zaak in database primair niet lezen" in str(uit.fouten[0])
    bronsysteem.execute("grant select on zaak to lezer_alleen")
    with open_lezend(alleen, "primair") as verbinding:
        assert describe_rechten(verbinding, "primair") == ""
    assert replace(lezer, url=alleen.render_as_string(hide_password=False)).fetch().fouten == ()


@pytest.mark.parametrize("bronsysteem", ["sqlite"], indirect=True)
def test_sqlite_file_is_opened_for_reading_alone(bronsysteem: Bronsysteem) -> None:
    with (
        pytest.raises(SQLAlchemyError, match="readonly"),
        open_lezend(make_url(bronsysteem.url), "primair") as verbinding,
    ):
        verbinding.exec_driver_sql("delete from zaak")
    pad = Path(str(make_url(bronsysteem.url).database))
    with closing(sqlite3.connect(pad)) as db:  # nobody holds it locked
        db.execute("delete from zaak")


def test_table_that_is_not_there_is_said_in_words(lezer: Lezer) -> None:
    (fout,) = lezer.fetch(uit="zaken").fouten
    assert "Er is geen tabel of view zaken in database primair" in str(fout)


def test_another_key_or_a_clock_that_went_back_is_refused(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"})
    lezer.fetch()
    (fout,) = lezer.fetch(EERSTE_DAG - timedelta(days=1)).fouten
    assert "later dan vandaag" in str(fout)
    ander = Sleutel(b"z" * 32)
    (fout,) = replace(lezer, sleutel=ander).fetch().fouten
    assert "andere sleutel" in str(fout)
    (geland,) = lezer.land(sleutel=ander).bestanden
    assert "andere sleutel" in (geland.verslag.leesfout or "")
    assert geland.verslag.rijen == 0


def test_damaged_file_is_refused_by_landing_and_by_the_next_reading(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"})
    lezer.fetch()
    (pad,) = lezer.list_bestanden()
    inhoud = bytearray(pad.read_bytes())
    inhoud[len(inhoud) // 10] ^= 0xFF
    pad.write_bytes(inhoud)
    (geland,) = lezer.land().bestanden
    assert "beschadigd" in (geland.verslag.leesfout or "")
    pad.write_bytes(b"niets")
    (fout,) = lezer.fetch().fouten
    assert "beschadigd" in str(fout)


def test_other_contract_judges_again_what_was_fetched_before(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.add({"zaak_id": "Z1"}, {"zaak_id": "Z2", "zaaktype_detail_soort_code": "DIE"})
    lezer.fetch()

    def change(kolom: str, **anders: Any) -> Contract:
        vera = lezer.contract.bron("vera")
        zaak = vera.tabel("zaak")
        kolommen = tuple(replace(k, **anders) if k.naam == kolom else k for k in zaak.kolommen)
        nieuw = replace(zaak, kolommen=kolommen)
        tabellen = tuple(nieuw if t.naam == "zaak" else t for t in vera.tabellen)
        return replace(lezer.contract, bronnen=(replace(vera, tabellen=tabellen),))

    strenger = change("zaaktype_detail_soort_code", waarden=frozenset({"GEL"}))
    (geland,) = lezer.land(contract=strenger).bestanden
    assert (geland.verslag.rijen, geland.verslag.afgekeurd) == (1, 1)
    dicht = change("cluster_id", behandeling="pseudoniem")
    (geland,) = lezer.land(contract=dicht).bestanden
    rijen = pq.read_table(geland.pad).to_pylist()
    assert {rij["cluster_id"] for rij in rijen} == {hash_waarde(lezer.sleutel, "cluster_id", "C1")}
    assert sorted(rij["zaak_id"] for rij in rijen) == list_ids(lezer, "Z1", "Z2")

    open_ = change("eenheid_id", behandeling="behouden")
    (geland,) = lezer.land(contract=open_).bestanden
    assert "eenheid_id" in (geland.verslag.leesfout or "")
