"""Addresses of databases, and what fetched files are to a run, a purge and another key."""

# No `from __future__ import annotations`: Dagster reads the types of what it calls.
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from orchestration import ophalen
from orchestration.assets.ophalen import build_ophalen
from orchestration.bewaren import Opschoner
from orchestration.cli.opdrachten import app
from orchestration.instellingen import Instellingen
from orchestration.ophalen import (
    Databanken,
    GeenDatabanken,
    Keuze,
    OphaalFout,
    check_uitkomst,
    forget_ongebruikt,
    lend_opgehaald,
    read_urls,
)
from orchestration.reproductie import BronVoorbij, lay_out_opgehaald
from orchestration.resources import Werkplaats, load_contract
from orchestration.sleutelrotatie import rotate
from orchestration.uitvoering import list_waarschuwingen
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.adresindex.sleutel import load_sleutel as load_dienstsleutel
from sources.bewaren import purge_landing
from sources.databank.bewaren import _waits, land_nieuwe, purge_opgehaald
from sources.databank.bronnen import read_bronnen
from sources.databank.ophalen import Uitkomst
from sources.landing import land_bron
from sources.opgehaald import is_opgehaald, name_partij, read_kop, read_partij
from sources.sleutels import BESTAND as SLEUTEL
from sources.sleutels import Sleutel, load_sleutel
from sources.stand import read_stand, write_stand
from vera.errors import BuurtpeilError, GebruikFout

DAG = date(2025, 4, 1)
BRONNEN = (
    "databases:\n  primair:\n    tabellen:\n      vera.zaak: {uit: zaak, cursor: gewijzigd_op}\n"
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with two cases: one long closed, one open; and one that breaks the contract."""
    adres = f"sqlite:///{tmp_path / 'bron.sqlite'}"
    motor = create_engine(adres)
    with motor.begin() as verbinding:
        verbinding.execute(
            text(
                "create table zaak (zaak_id, zaaktype_soort_code, zaaktype_detail_soort_code, "
                "eenheid_id, cluster_id, registratiedatum, begindatum, einddatum, gewijzigd_op)"
            )
        )
        for id_, soort, einde in (
            ("Z1", "SOC", "2015-02-01"),
            ("Z2", "SOC", None),
            ("Z3", "XXX", None),
        ):
            verbinding.execute(
                text(
                    "insert into zaak values (:id, :soort, 'GEL', 'E1', 'C1', '2015-01-02', "
                    "'2015-01-01', :einde, '2025-03-01')"
                ),
                {"id": id_, "soort": soort, "einde": einde},
            )
    motor.dispose()
    return adres


@pytest.fixture
def instellingen(tmp_path: Path, url: str) -> Instellingen:
    leveringen = tmp_path / "leveringen"
    leveringen.mkdir()
    (leveringen / "bronnen.yml").write_text(BRONNEN, encoding="utf-8")
    return Instellingen(data=tmp_path / "data", leveringen=leveringen, bron_urls=f"primair={url}")


@pytest.fixture
def databanken(instellingen: Instellingen) -> Databanken:
    return Databanken(instellingen, load_contract(), slaap=lambda _: None, vandaag=lambda: DAG)


def land(instellingen: Instellingen) -> Path:
    """Land what was fetched, as a run does; return the landed rows."""
    map_ = Werkmap.of(instellingen.data)
    vera = load_contract().bron("vera")
    landing = land_bron(
        vera,
        instellingen.leveringen_map,
        map_.landing,
        load_sleutel(map_.sleutels),
        load_dienstsleutel(map_.sleutels),
        map_.opgehaald,
    )
    write_stand(landing, map_.landing)
    return landing.bestanden[0].pad


def list_opgehaald(instellingen: Instellingen) -> list[Path]:
    return sorted(Werkmap.of(instellingen.data).opgehaald.rglob("*.parquet"))


def test_addresses_come_from_the_setting_and_from_a_file_of_the_owner_alone(tmp_path: Path) -> None:
    pad = tmp_path / "adressen"
    pad.write_text("# van ICT\nander=postgresql+psycopg://u:p%20w@h/db\n\n", encoding="utf-8")
    pad.chmod(0o600)
    beide = Instellingen(bron_urls="een=sqlite:///x twee=sqlite:///y?a=b", bron_urls_bestand=pad)
    assert read_urls(beide) == {
        "een": "sqlite:///x",
        "twee": "sqlite:///y?a=b",
        "ander": "postgresql+psycopg://u:p%20w@h/db",
    }
    pad.chmod(0o640)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        read_urls(beide)
    with pytest.raises(GebruikFout, match="niet te lezen"):
        read_urls(Instellingen(bron_urls_bestand=tmp_path / "weg"))


@pytest.mark.parametrize(
    "tekst", ["sqlite:///x", "een=geheim-9", "een=a://b een=c://d", "E!=a://b"]
)
def test_address_that_is_malformed_or_double_is_refused_and_not_repeated(tekst: str) -> None:
    with pytest.raises(GebruikFout) as fout:
        read_urls(Instellingen(bron_urls=tekst))
    assert "geheim-9" not in str(fout.value)


def test_settings_never_show_an_address(instellingen: Instellingen, url: str) -> None:
    assert url not in repr(instellingen)
    assert url not in repr(Databanken(instellingen, load_contract()))


def test_without_bronnen_or_when_asked_not_to_nothing_is_read(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    assert GeenDatabanken().fetch().tabellen == ()
    (instellingen.leveringen_map / "bronnen.yml").unlink()
    assert databanken.fetch().tabellen == ()
    assert not Werkmap.of(instellingen.data).opgehaald.exists()


def test_database_without_an_address_is_named(databanken: Databanken) -> None:
    zonder = replace(databanken, instellingen=replace(databanken.instellingen, bron_urls=None))
    with pytest.raises(GebruikFout, match="geen adres van database primair"):
        zonder.fetch()


def test_what_could_not_be_read_is_raised_with_what_stays(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    (instellingen.leveringen_map / "bronnen.yml").write_text(
        BRONNEN + "      vera.buurt: {uit: buurten}\n", encoding="utf-8"
    )
    uitkomst = databanken.fetch()
    with pytest.raises(OphaalFout, match="van 1 tabellen is nieuws binnen"):
        check_uitkomst(uitkomst)
    assert [pad.name for pad in list_opgehaald(instellingen)] == [
        "zaak_2025-04-01.opgehaald.parquet"
    ]
    check_uitkomst(databanken.fetch(Keuze(tabel="vera.zaak")))


@pytest.mark.parametrize("gezegd", [(), ("Het account van database x mag daar ook schrijven.",)])
def test_account_that_may_do_more_than_read_is_said_at_the_end_of_a_run(
    instellingen: Instellingen, gezegd: tuple[str, ...]
) -> None:
    class Lezer(Databanken):
        def fetch(self, *_: object, **__: object) -> Uitkomst:
            return Uitkomst(waarschuwingen=gezegd)

    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = dg.materialize(
            [build_ophalen()],
            resources={
                "werkplaats": Werkplaats(
                    data=str(instellingen.data), leveringen=str(instellingen.leveringen_map)
                ),
                "databanken": Lezer(instellingen, load_contract()),
                "voortgang": Voortgang(),
            },
            instance=instance,
        )
    assert list_waarschuwingen(uitkomst.get_asset_check_evaluations()) == gezegd


def test_purge_takes_the_same_rows_from_the_fetched_file_as_from_its_landing(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    databanken.fetch()
    (pad,) = list_opgehaald(instellingen)
    map_, contract, tot = Werkmap.of(instellingen.data), load_contract(), date(2025, 5, 1)
    # Not landed yet: nobody knows what is past its term.
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, tot) == 0
    landing = land(instellingen)
    purge_landing(contract, map_.landing, tot)
    voor = read_kop(pad)
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, tot) == 1
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, tot) == 0
    over = read_partij(pad).to_pylist()
    assert [(rij["_regel"], rij["_reden"] is None) for rij in over] == [(2, True), (3, False)]
    na = read_kop(pad)
    assert replace(na, opgeschoond=()) == voor
    assert na.count_na(None) == na.count_na(date(2025, 4, 30)) == 1
    assert na.count_na(tot) == 0
    # Landed anew, from what is left, it is the same rows.
    was = pq.read_table(landing).to_pylist()
    landing.unlink()
    assert pq.read_table(land(instellingen)).to_pylist() == was


def test_purge_reaches_what_was_fetched_and_no_run_has_read(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    databanken.fetch()
    (pad,) = list_opgehaald(instellingen)
    opschoner = Opschoner(instellingen, load_contract(), lambda: datetime(2025, 5, 1, tzinfo=UTC))
    dag = date(2025, 5, 1)
    assert opschoner.purge(dag, dry_run=True).verwijderd == ()
    weg = opschoner.purge(dag).verwijderd
    assert [rij["_regel"] for rij in read_partij(pad).to_pylist()] == [2, 3]
    assert [(d.plek, d.tabel, d.batch, d.aantal) for d in weg] == [
        ("landing", "vera.zaak", f"vera/{pad.name}", 1)
    ]
    # A run lands the same, and there is nothing left for the next night.
    land(instellingen)
    assert opschoner.purge(dag).verwijderd == ()


def test_purge_leaves_to_a_run_what_counts_from_a_table_that_is_not_landed_yet(
    tmp_path: Path,
) -> None:
    """A dwelling that is not there would be taken for one that went long ago, with its address."""
    vera = load_contract().bron("vera")
    adres, eenheid = vera.tabel("eenheidadres"), vera.tabel("eenheid")
    map_ = tmp_path / "vera"
    map_.mkdir()
    (map_ / name_partij(adres.naam, DAG, 1)).touch()
    assert _waits(vera, adres, tmp_path)
    (map_ / name_partij(eenheid.naam, DAG - timedelta(days=1), 1)).touch()
    assert _waits(vera, adres, tmp_path)
    (map_ / name_partij(eenheid.naam, DAG, 1)).touch()
    assert not _waits(vera, adres, tmp_path)
    assert not _waits(vera, eenheid, tmp_path)


def test_purge_lands_nothing_of_another_key_and_leaves_landings_of_files_as_they_are(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    map_, contract = Werkmap.of(instellingen.data), load_contract()
    eigen = instellingen.leveringen_map / "vera" / "zaak_2025-05-01.csv"
    eigen.parent.mkdir()
    kop = "zaak_id;zaaktype_soort_code;eenheid_id;registratiedatum;begindatum;einddatum"
    eigen.write_text(f"{kop}\nZ1;SOC;E1;2015-01-02;2015-01-01;\n", encoding="utf-8")
    land(instellingen)
    eigen.unlink()
    databanken.fetch()
    ander = Sleutel(b"x" * 32)
    dienst = load_dienstsleutel(map_.sleutels)
    assert land_nieuwe(contract, map_.landing, map_.opgehaald, ander, dienst) == 0
    sleutel = load_sleutel(map_.sleutels)
    assert land_nieuwe(contract, map_.landing, map_.opgehaald, sleutel, dienst) == 1
    assert land_nieuwe(contract, map_.landing, map_.opgehaald, sleutel, dienst) == 0
    verslagen = [g.verslag for g in read_stand("vera", map_.landing).bestanden]
    assert [(v.bestand, v.volgnummer) for v in verslagen] == [
        ("vera/zaak_2025-04-01.opgehaald.parquet", 1),
        ("vera/zaak_2025-05-01.csv", 2),
    ]
    # The case was opened again in the file that came later: its past stays.
    purge_landing(contract, map_.landing, date(2025, 5, 2))
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, date(2025, 5, 2)) == 0


def test_purge_leaves_a_fetched_file_that_landing_refused_or_that_came_after_it(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    databanken.fetch()
    map_, contract = Werkmap.of(instellingen.data), load_contract()
    echt = (map_.sleutels / SLEUTEL).read_text()
    (map_.sleutels / SLEUTEL).write_text("ab" * 32)
    land(instellingen)
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, DAG) == 0
    (map_.sleutels / SLEUTEL).write_text(echt)
    land(instellingen)
    (pad,) = list_opgehaald(instellingen)
    tabel = pq.read_table(pad)
    kop = json.loads(tabel.schema.metadata[b"buurtpeil"])
    nieuw = {b"buurtpeil": json.dumps({**kop, "sha256": "0" * 64}).encode()}
    pq.write_table(tabel.replace_schema_metadata(nieuw), pad)
    assert purge_opgehaald(contract, map_.landing, map_.opgehaald, DAG) == 0
    assert read_partij(pad).num_rows == 3


def test_purge_removes_half_written_files_and_those_of_no_table(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    databanken.fetch()
    (pad,) = list_opgehaald(instellingen)
    half = pad.with_name(f"{pad.name}.99.deel")
    vreemd = pad.with_name("oud_2020-01-01.opgehaald.parquet")
    eigen = pad.with_name("zaak.csv")
    for ander in (half, vreemd, eigen):
        ander.write_bytes(b"x")
    map_ = Werkmap.of(instellingen.data)
    purge_opgehaald(load_contract(), map_.landing, map_.opgehaald, DAG)
    assert sorted(p.name for p in pad.parent.iterdir()) == ["zaak.csv", pad.name]


def test_opnieuw_forgets_what_no_release_was_made_from(
    instellingen: Instellingen, databanken: Databanken, monkeypatch: pytest.MonkeyPatch
) -> None:
    databanken.fetch()
    map_ = Werkmap.of(instellingen.data)
    delen = read_bronnen(instellingen.leveringen_map, load_contract())

    class Regel:
        map = Path()

    gebruikt = {"leveringen": [{"bestand": "vera/zaak_2025-04-01.opgehaald.parquet"}]}
    monkeypatch.setattr(ophalen, "list_releases", lambda _: [Regel()])
    monkeypatch.setattr(ophalen, "read_manifest", lambda _: gebruikt)
    assert forget_ongebruikt(map_, delen) == 0
    monkeypatch.setattr(ophalen, "list_releases", lambda _: [])
    (uit,) = databanken.fetch(Keuze(opnieuw=True)).tabellen
    assert (uit.bestand, uit.rijen) == ("vera/zaak_2025-04-01.opgehaald.parquet", 2)


def test_release_is_made_again_from_fetched_files_unless_rows_went_since(
    instellingen: Instellingen, databanken: Databanken, tmp_path: Path
) -> None:
    databanken.fetch()
    (pad,) = list_opgehaald(instellingen)
    map_ = Werkmap.of(instellingen.data)
    bestand = f"vera/{pad.name}"
    geleverd: list[dict[str, Any]] = [
        {"bestand": bestand, "tabel": "vera.zaak", "sha256": read_kop(pad).sha256}
    ]
    assert is_opgehaald(bestand)
    werk = Werkmap.of(tmp_path / "werk")
    werk.data.mkdir()
    lay_out_opgehaald(geleverd, map_, werk, None)
    assert (werk.opgehaald / bestand).read_bytes() == pad.read_bytes()
    assert (werk.sleutels / SLEUTEL).read_text() == (map_.sleutels / SLEUTEL).read_text()
    with pytest.raises(BronVoorbij, match="er niet meer"):
        lay_out_opgehaald([{**geleverd[0], "sha256": "0" * 64}], map_, werk, None)

    land(instellingen)
    purge_landing(load_contract(), map_.landing, date(2025, 5, 1))
    purge_opgehaald(load_contract(), map_.landing, map_.opgehaald, date(2025, 5, 1))
    with pytest.raises(BronVoorbij, match="rijen uit verwijderd"):
        lay_out_opgehaald(geleverd, map_, werk, date(2025, 4, 1))
    ander = Werkmap.of(tmp_path / "ander")
    ander.data.mkdir()
    lay_out_opgehaald(geleverd, map_, ander, date(2025, 5, 1))


def test_run_in_a_folder_of_its_own_reads_the_same_rows_under_the_same_key(
    instellingen: Instellingen, databanken: Databanken, tmp_path: Path
) -> None:
    map_, werk = Werkmap.of(instellingen.data), Werkmap.of(tmp_path / "werk")
    werk.data.mkdir()
    lend_opgehaald(map_, werk)
    assert not werk.opgehaald.exists()
    databanken.fetch()
    lend_opgehaald(map_, werk)
    eigen = replace(instellingen, data=werk.data)
    assert pq.read_table(land(eigen)).num_rows == 2


def test_another_key_is_refused_while_there_are_fetched_files(
    instellingen: Instellingen, databanken: Databanken
) -> None:
    databanken.fetch()
    oud = load_sleutel(Werkmap.of(instellingen.data).sleutels)
    with pytest.raises(BuurtpeilError, match="alleen onder de oude sleutel"):
        rotate(instellingen, load_contract())
    assert load_sleutel(Werkmap.of(instellingen.data).sleutels) == oud


def test_command_reads_and_says_what_came(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUURTPEIL_BRON_URLS", str(instellingen.bron_urls))
    argumenten = [
        "ophalen", "--data", str(instellingen.data), "--leveringen", str(instellingen.leveringen)
    ]  # fmt: skip
    uit = CliRunner().invoke(app, argumenten)
    assert uit.exit_code == 0, uit.output
    assert "vera.zaak" in uit.output
    assert len(list_opgehaald(instellingen)) == 1
    uit = CliRunner().invoke(app, [*argumenten, "--tabel", "vera.zaak", "--alles"])
    assert "niets nieuws" in uit.output
    (instellingen.leveringen_map / "bronnen.yml").unlink()
    uit = CliRunner().invoke(app, argumenten)
    assert isinstance(uit.exception, GebruikFout)
