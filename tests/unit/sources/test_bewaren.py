"""Retention of what was landed: by the last version, for good, and never the originals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sources.bewaren import (
    LANDING,
    QUARANTAINE,
    VERWEESD,
    find_grenzen,
    hash_sleutel,
    list_originelen,
    purge_bron,
    purge_landing,
    read_opgeschoond,
    write_opgeschoond,
)
from sources.landing import BronLanding, land_bron
from sources.sleutels import Sleutel
from sources.stand import read_stand, write_stand
from vera.bewaren import Verwijdering, parse_termijn
from vera.contract import Contract

Schrijf = Callable[..., Path]
DAG = date(2026, 3, 1)
"""With six years for a zaak: what ended before 2020-03-01 is past its term."""


@pytest.fixture
def landing_map(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def land_vera(
    contract: Contract, leveringen: Path, landing_map: Path, sleutel: Sleutel
) -> Callable[[], BronLanding]:
    def land() -> BronLanding:
        landing = land_bron(contract.bron("vera"), leveringen, landing_map, sleutel)
        write_stand(landing, landing_map)
        return landing

    return land


def zaak(nummer: str, begin: str, einde: str = "") -> dict[str, str]:
    return {
        "zaak_id": nummer,
        "registratiedatum": begin,
        "begindatum": begin,
        "einddatum": einde,
    }


def count_rijen(landing_map: Path, tabel: str) -> int:
    return sum(pq.read_table(p).num_rows for p in sorted((landing_map / tabel).glob("*.parquet")))


def count_weg(weg: tuple[Verwijdering, ...], plek: str = LANDING) -> int:
    return sum(v.aantal for v in weg if v.plek == plek)


def test_row_past_its_term_goes_and_one_on_the_border_stays(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(
        zaak("Z1", "2019-01-01", "2020-02-29"),
        zaak("Z2", "2019-01-01", "2020-03-01"),
        zaak("Z3", "2010-01-01"),
    )
    land_vera()
    weg = purge_landing(contract, landing_map, DAG)
    [verwijderd] = weg
    assert (verwijderd.tabel, verwijderd.regel) == ("vera.zaak", "6 jaar na einddatum")
    assert (verwijderd.batch, verwijderd.aantal) == ("vera/zaak_2025-12-01.csv", 1)
    assert count_rijen(landing_map, "vera/zaak") == 2


def test_case_that_was_opened_again_stays_with_its_past(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), naam="zaak_2019-01-01.csv")
    write_zaken(zaak("Z1", "2018-01-01"), naam="zaak_2025-12-01.csv")
    land_vera()
    assert purge_landing(contract, landing_map, DAG) == ()


def test_every_version_of_a_case_goes_when_its_last_one_is_past_its_term(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01"), naam="zaak_2018-02-01.csv")
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), naam="zaak_2019-01-01.csv")
    land_vera()
    weg = purge_landing(contract, landing_map, DAG)
    assert sorted(v.batch for v in weg) == ["vera/zaak_2018-02-01.csv", "vera/zaak_2019-01-01.csv"]
    assert count_rijen(landing_map, "vera/zaak") == 0


def test_deliveries_with_the_same_bytes_share_a_landing_and_keep_their_names(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    for naam in ("zaak_2025-11-01.csv", "zaak_2025-12-01.csv"):
        write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), zaak("Z2", "2025-01-01"), naam=naam)
    land_vera()
    assert count_weg(purge_landing(contract, landing_map, DAG)) == 1
    gelanden = read_stand("vera", landing_map).bestanden
    assert [g.verslag.bestand for g in gelanden] == [
        "vera/zaak_2025-11-01.csv",
        "vera/zaak_2025-12-01.csv",
    ]
    assert {g.pad for g in gelanden} == {gelanden[0].pad}
    assert count_rijen(landing_map, "vera/zaak") == 1


def test_trial_says_the_same_and_removes_nothing(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"))
    land_vera()
    voor = {pad: pad.read_bytes() for pad in landing_map.rglob("*") if pad.is_file()}
    gezegd = purge_landing(contract, landing_map, DAG, dry_run=True)
    assert {pad: pad.read_bytes() for pad in landing_map.rglob("*") if pad.is_file()} == voor
    assert gezegd == purge_landing(contract, landing_map, DAG)
    assert purge_landing(contract, landing_map, DAG) == ()


def test_purged_landing_is_not_read_again_from_its_original(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), zaak("Z2", "2025-01-01"))
    eerst = land_vera()
    purge_landing(contract, landing_map, DAG)
    opnieuw = land_vera()
    assert opnieuw.bestanden[0].verslag == eerst.bestanden[0].verslag
    assert count_rijen(landing_map, "vera/zaak") == 1


def test_purge_that_was_killed_between_rows_and_report_is_made_good(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), zaak("Z2", "2025-01-01"))
    landing = land_vera()
    verslag = landing.bestanden[0].pad.with_suffix(".json")
    oud = verslag.read_bytes()
    purge_landing(contract, landing_map, DAG)
    verslag.write_bytes(oud)
    opnieuw = land_vera()
    purge_bron(contract.bron("vera"), opnieuw, DAG)
    assert count_rijen(landing_map, "vera/zaak") == 1
    assert len(land_vera().bestanden) == 1


def test_rejected_rows_go_with_a_file_that_is_past_its_term(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    fout = {"zaaktype_soort_code": "???"}
    write_zaken(zaak("Z1", "2018-01-01"), fout, naam="zaak_2018-02-01.csv")
    write_zaken(zaak("Z2", "2025-01-01"), fout, naam="zaak_2025-12-01.csv")
    land_vera()
    weg = purge_landing(contract, landing_map, DAG)
    assert count_weg(weg, QUARANTAINE) == 1
    over = [a.bestand for g in read_stand("vera", landing_map).bestanden for a in g.afkeuringen]
    assert over == ["zaak_2025-12-01.csv"]
    assert [len(g.afkeuringen) for g in land_vera().bestanden] == [0, 1]


def test_landing_of_a_file_that_is_gone_goes_whole(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    pad = write_zaken(zaak("Z1", "2025-01-01"))
    land_vera()
    pad.unlink()
    land_vera()
    [verwijderd] = purge_landing(contract, landing_map, DAG)
    assert verwijderd.regel == VERWEESD
    assert list((landing_map / "vera" / "zaak").iterdir()) == []


def test_link_in_the_landing_leads_to_no_original(
    contract: Contract,
    landing_map: Path,
    tmp_path: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), zaak("Z2", "2025-01-01"))
    [geland] = land_vera().van_tabel("vera.zaak")
    elders = tmp_path / "elders"
    (elders / "zaak").mkdir(parents=True)
    origineel = elders / "zaak" / "zaak_2025-12-01.parquet"
    kopie = elders / "kopie.parquet"
    for pad in (origineel, kopie):
        pad.write_bytes(geland.pad.read_bytes())
    inhoud = kopie.read_bytes()
    geland.pad.unlink()
    geland.pad.symlink_to(kopie)
    (landing_map / "vera" / "los").symlink_to(elders)
    (landing_map / "woonfraude").symlink_to(elders)

    purge_landing(contract, landing_map, DAG)

    assert (origineel.read_bytes(), kopie.read_bytes()) == (inhoud, inhoud)
    assert pq.read_metadata(geland.pad).num_rows == 1


def test_originals_past_their_term_are_listed_and_left_alone(
    contract: Contract,
    landing_map: Path,
    leveringen: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    pad = write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"), zaak("Z2", "2025-01-01"))
    inhoud = pad.read_bytes()
    land_vera()
    gepland = purge_landing(contract, landing_map, DAG, dry_run=True)
    vooraf = list_originelen(contract, landing_map, leveringen, gepland)
    purge_landing(contract, landing_map, DAG)
    assert list_originelen(contract, landing_map, leveringen) == vooraf
    [origineel] = list_originelen(contract, landing_map, leveringen)
    assert (origineel.bestand, origineel.rijen) == ("vera/zaak_2025-12-01.csv", 1)
    assert pad.read_bytes() == inhoud
    pad.unlink()
    assert list_originelen(contract, landing_map, leveringen) == []


def test_log_holds_a_hash_and_never_the_key(
    contract: Contract,
    landing_map: Path,
    land_vera: Callable[[], BronLanding],
    write_zaken: Schrijf,
) -> None:
    write_zaken(zaak("Z1", "2018-01-01", "2018-06-01"))
    landing = land_vera()
    [pseudoniem] = pq.read_table(landing.bestanden[0].pad)["zaak_id"].to_pylist()
    [verwijderd] = purge_landing(contract, landing_map, DAG)
    assert verwijderd.sleutels == (hash_sleutel("vera.zaak", [pseudoniem]),)
    assert pseudoniem not in verwijderd.sleutels[0]


def test_border_that_was_never_set_is_none_and_later_read_back(
    contract: Contract, tmp_path: Path
) -> None:
    assert read_opgeschoond(tmp_path) is None
    assert find_grenzen(contract, None) == {}
    write_opgeschoond(tmp_path, DAG)
    assert read_opgeschoond(tmp_path) == DAG
    assert find_grenzen(contract, DAG)["vera.zaak"] == date(2020, 3, 1)


def test_no_row_of_the_demo_outlives_its_rule(
    contract: Contract, demo_landing: dict[str, BronLanding], tmp_path: Path
) -> None:
    """The contract says which column counts; what is still open has no date to count from."""
    for landing in demo_landing.values():
        for geland in landing.bestanden:
            doel = tmp_path / geland.pad.relative_to(geland.pad.parents[2])
            doel.parent.mkdir(parents=True, exist_ok=True)
            doel.write_bytes(geland.pad.read_bytes())
            doel.with_suffix(".json").write_bytes(geland.pad.with_suffix(".json").read_bytes())
    kopie = [
        BronLanding(
            landing.bron,
            tuple(
                type(g)(tmp_path / g.pad.relative_to(g.pad.parents[2]), g.verslag, g.afkeuringen)
                for g in landing.bestanden
            ),
        )
        for landing in demo_landing.values()
    ]
    for landing in kopie:
        write_stand(landing, tmp_path)
    dag = date(2026, 6, 1)
    assert count_weg(purge_landing(contract, tmp_path, dag)) > 0
    te_oud = []
    for tabel in contract.tabellen:
        termijn = parse_termijn(tabel.bewaartermijn)
        grens = termijn.find_grens(dag)
        if grens is None or termijn.tabel is not None:
            continue
        for landing in kopie:
            for geland in landing.van_tabel(tabel.id):
                kolom = pq.read_table(geland.pad)[str(termijn.kolom)]
                if len(kolom) and (oudste := pc.min(kolom).as_py()) and oudste < grens:
                    te_oud.append((tabel.id, oudste))
    assert te_oud == []
