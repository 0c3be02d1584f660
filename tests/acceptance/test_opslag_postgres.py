"""Every store that a setting can put in PostgreSQL, there at once, against a real server."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace

import dagster as dg
import pytest
from sqlalchemy import create_engine, inspect

from orchestration.dagster_yaml import open_instance, prepare_dagster_home
from orchestration.definitions import build_definitions
from orchestration.instellingen import Instellingen
from orchestration.jobs import HERBEREKENEN
from orchestration.signaal import open_signalen
from orchestration.uitvoering import close_opslag, run_job
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.besluit.publicatie import read_publicatie
from serving.besluit.register import Besluitregister
from serving.release.wijzer import current
from serving.release.winkel import current_path, open_release
from serving.toegang.register import Toegangsregister
from sources.demo.genereer import generate
from tests.acceptance.conftest import EENHEDEN, JAREN, SEED
from tests.unit.conftest import make_database, postgres  # noqa: F401 - a server of its own
from tests.unit.serving.besluit.conftest import make_voorstel
from tests.unit.serving.signaal.conftest import VOORSTEL

ADRESSEN = sorted(
    veld.name
    for veld in fields(Instellingen)
    if veld.name.endswith("_url") and veld.name != "basis_url"
)
"""Every setting that names a database; a new one is in this test by itself."""


@pytest.fixture(scope="module")
def instellingen(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: str,  # noqa: F811
) -> Instellingen:
    map_ = tmp_path_factory.mktemp("postgres")
    # As small as the other tests of the whole line; of fewer complexes sums run dry.
    generate(map_ / "leveringen", eenheden=EENHEDEN, jaren=JAREN, seed=SEED)
    eigen = Instellingen(data=map_ / "data", leveringen=map_ / "leveringen")
    return replace(eigen, **{naam: make_database(postgres, naam[:-4]) for naam in ADRESSEN})


@pytest.fixture(scope="module")
def release_id(instellingen: Instellingen) -> str | None:
    return run_job("verversing", instellingen, Voortgang()).release_id


@pytest.mark.nacht
def test_past_quarter_is_computed_again_beside_what_was_published_and_changes_nothing(
    instellingen: Instellingen, release_id: str | None
) -> None:
    map_ = Werkmap.of(instellingen.data)
    definities = build_definitions({"voortgang": Voortgang()}, instellingen=instellingen)
    job = definities.resolve_job_def(HERBEREKENEN)
    dagen = ["2025-07-01", "2025-10-01"]
    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = job.execute_in_process(
            instance=instance,
            tags={
                "dagster/asset_partition_range_start": dagen[0],
                "dagster/asset_partition_range_end": dagen[1],
            },
        )
    close_opslag(definities)
    assert uitkomst.success
    assert current(map_.releases) == release_id
    assert sorted(pad.stem for pad in (map_.data / "herberekend").iterdir()) == dagen
    (gebeurtenis, *_) = uitkomst.get_asset_materialization_events()
    tabel = gebeurtenis.materialization.metadata["vergelijking"]
    assert isinstance(tabel, dg.TableMetadataValue)
    complexen = [rij.data for rij in tabel.records if rij.data["niveau"] == "complex"]
    # In a first release everything was computed afterwards as well: by the same rule.
    assert [rij["gepubliceerd"] for rij in complexen] == [rij["gelijk"] for rij in complexen]
    assert all(rij["gepubliceerd"] > 0 for rij in complexen)


def list_tabellen(url: str) -> set[str]:
    motor = create_engine(url)
    try:
        return set(inspect(motor).get_table_names())
    finally:
        motor.dispose()


def test_run_publishes_and_dagster_remembers_it_in_its_own_database(
    instellingen: Instellingen, release_id: str | None
) -> None:
    assert release_id is not None
    home = prepare_dagster_home(Werkmap.of(instellingen.data).dagster, instellingen.dagster_url)
    with open_instance(home) as instance:
        (run,) = instance.get_runs()
        gebeurtenissen = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS)
    assert (run.job_name, run.status) == ("verversing", dg.DagsterRunStatus.SUCCESS)
    assert len(gebeurtenissen) == 1


def test_decisions_keys_and_signals_go_where_the_settings_say_and_leave_no_file(
    instellingen: Instellingen, release_id: str | None
) -> None:
    releases = Werkmap.of(instellingen.data).releases
    with open_release(current_path(releases)) as uitgave:
        publicatie = read_publicatie(uitgave)
        ((complex_id,),) = uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' and label_tot is not null "
            "order by beheerobject_id limit 1"
        )
    with closing(Besluitregister(instellingen.besluiten_adres)) as besluiten:
        besluiten.add_duiding(make_voorstel(complex_id), publicatie, 3)
    with closing(Toegangsregister(instellingen.toegang_adres)) as sleutels:
        sleutels.issue(
            b"peper" * 8, "Bea", ["lezer"], organisatie="Voorbeeld", door="Anna", dagen=30
        )
    with closing(open_signalen(instellingen)) as signalen:
        signalen.add(VOORSTEL, None)

    adressen = {naam: getattr(instellingen, naam) for naam in ADRESSEN}
    assert [naam for naam, url in adressen.items() if not list_tabellen(url)] == []
    # What is in a release is of the release; no store stands beside it.
    map_ = Werkmap.of(instellingen.data)
    assert [p for p in map_.data.rglob("*.sqlite*") if map_.releases not in p.parents] == []
    assert not list(instellingen.data.rglob("*.db"))
