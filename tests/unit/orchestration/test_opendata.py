"""Open data by the settings: off unless somebody asks, and never in the way of a run."""

# No `from __future__ import annotations`: Dagster reads the types of what it calls.
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from orchestration import opendata
from orchestration.assets.leveringen import build_levering_assets
from orchestration.assets.opendata import GROEP, OPEN_DATA, build_open_data
from orchestration.checks import WAARSCHUWEND
from orchestration.cli.opdrachten import app
from orchestration.cli.opendata import fetch_openbaar
from orchestration.herkansing import MEESTE
from orchestration.instellingen import Instellingen
from orchestration.jobs import REFERENTIE_SCHATTEN, VERVERSING, build_jobs
from orchestration.opendata import AAN, find_regio, is_aan, parse_jaren, read_adressen
from orchestration.resources import Werkplaats, load_contract
from orchestration.sleutelbron import Sleutelbron
from orchestration.slot import RunBezig, hold_slot
from orchestration.uitvoering import list_waarschuwingen
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from sources.opendata.adres import Adressen
from sources.opendata.fout import Onbereikbaar
from sources.opendata.klant import Geduld, Klant
from tests.unit.sources.opendata.nepuitgever import Nepuitgever, status
from tests.unit.sources.opendata.wereld import serve_stad
from vera.errors import GebruikFout


@pytest.fixture
def nep() -> Iterator[Nepuitgever]:
    with Nepuitgever() as nep:
        serve_stad(nep)
        yield nep


@pytest.fixture
def instellingen(nep: Nepuitgever, tmp_path: Path) -> Instellingen:
    (tmp_path / "leveringen").mkdir()
    return Instellingen(
        data=tmp_path / "data",
        leveringen=tmp_path / "leveringen",
        open_data=AAN,
        open_regio="GM9999",
        open_cbs=nep.adressen.cbs,
        open_cbs_v3=nep.begin,
        open_politie=nep.begin,
        open_leefbaarometer=nep.adressen.leefbaarometer,
    )


@pytest.fixture
def geslapen(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps in a test."""
    keren: list[float] = []
    monkeypatch.setattr(
        "orchestration.opendata.fetch.__kwdefaults__",
        {**opendata.fetch.__kwdefaults__, "maak_klant": partial(Klant, slaap=keren.append)},
    )
    return keren


def test_nothing_is_fetched_unless_somebody_asks() -> None:
    assert not is_aan(Instellingen())
    assert build_open_data(Instellingen()) == []
    (politie,) = [a for a in build_levering_assets(Instellingen()) if a.op.name.endswith("politie")]
    assert politie.dependency_keys == set()


def test_setting_that_is_misspelt_is_refused() -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_OPEN_DATA"):
        is_aan(Instellingen(open_data="ja"))


def test_sources_that_are_fetched_wait_for_it_and_no_others(instellingen: Instellingen) -> None:
    wacht = {
        asset.op.name.removeprefix("levering_")
        for asset in build_levering_assets(instellingen)
        if OPEN_DATA in asset.dependency_keys
    }
    assert wacht == {"cbs_kwb", "politie", "wijkprofiel"}


def test_estimating_the_reference_asks_no_publisher(instellingen: Instellingen) -> None:
    @dg.asset
    def release() -> None:
        """Stand for what is there besides."""

    definities = dg.Definitions(
        assets=[*build_open_data(instellingen), release],
        jobs=[
            dg.define_asset_job(naam, selection=keuze)
            for naam, keuze in {
                "alles": dg.AssetSelection.all(),
                "zonder": dg.AssetSelection.all() - dg.AssetSelection.groups(GROEP),
            }.items()
        ],
        resources={"werkplaats": Werkplaats(data="", leveringen=""), "voortgang": Voortgang()},
    )
    gekozen = {
        naam: OPEN_DATA in definities.resolve_job_def(naam).asset_layer.selected_asset_keys
        for naam in ("alles", "zonder")
    }
    assert gekozen == {"alles": True, "zonder": False}
    keuzes = {job.name: str(job.selection) for job in build_jobs() if hasattr(job, "selection")}
    assert GROEP in keuzes[REFERENTIE_SCHATTEN]
    assert GROEP not in keuzes[VERVERSING]


def run(
    instellingen: Instellingen, slaap: Callable[[float], None], geduld: Geduld | None = None
) -> tuple[dg.ExecuteInProcessResult, Voortgang]:
    def make(voorraad: Any, _: Geduld, **anders: Any) -> Klant:
        return Klant(voorraad, geduld or Geduld(), slaap=slaap, **anders)

    assets = [
        *build_open_data(instellingen, eerste_wacht=0, maak_klant=make),
        *(
            asset
            for asset in build_levering_assets(instellingen)
            if asset.op.name in {"levering_cbs_kwb", "levering_politie"}
        ),
    ]
    voortgang = Voortgang()
    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = dg.materialize(
            assets,
            resources={
                "werkplaats": Werkplaats(
                    data=str(instellingen.data), leveringen=str(instellingen.leveringen_map)
                ),
                "sleutelbron": Sleutelbron(instellingen.data / "sleutels", None),
                "voortgang": voortgang,
            },
            instance=instance,
            raise_on_error=False,
        )
    return uitkomst, voortgang


def count_rijen(uitkomst: dg.ExecuteInProcessResult) -> dict[str, object]:
    return {
        tabel: uitkomst.asset_materializations_for_node(f"levering_{tabel.split('.')[0]}")[0]
        .metadata["dagster/row_count"]
        .value
        for tabel in ("cbs_kwb.kerncijfers", "politie.misdrijf")
    }


def test_run_fetches_first_and_reads_what_came(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    with_jaar = replace(instellingen, open_jaren="2024", open_leefbaarometer=nep.begin + "/weg")
    uitkomst, _ = run(with_jaar, lambda _: None)
    assert uitkomst.success
    assert count_rijen(uitkomst) == {"cbs_kwb.kerncijfers": 6, "politie.misdrijf": 3}
    (oordeel,) = uitkomst.get_asset_check_evaluations()
    # The Leefbaarometer is not there: said, and nothing more.
    assert not oordeel.passed
    assert oordeel.severity == dg.AssetCheckSeverity.WARN
    assert "leefbaarometer" in (oordeel.description or "")
    assert oordeel.check_name in WAARSCHUWEND, "said at the end of a run"


def test_publisher_that_is_away_stops_no_run_and_leaves_what_lay_there(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    instellingen = replace(instellingen, open_jaren="2024")
    run(instellingen, lambda _: None)
    nep.fail("/", *[status(503)] * 400)
    uitkomst, voortgang = run(instellingen, lambda _: None, Geduld(pogingen=1))
    assert uitkomst.success
    assert voortgang.fout is None
    assert count_rijen(uitkomst) == {"cbs_kwb.kerncijfers": 6, "politie.misdrijf": 3}
    (oordeel,) = uitkomst.get_asset_check_evaluations()
    assert "kwb_opgehaald_2024.csv (CBS 82024NED) van" in (oordeel.description or "")
    keren = [e for e in uitkomst.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
    assert len(keren) == MEESTE


def test_run_without_a_line_says_so_at_its_end_and_does_not_wait_for_each_publisher_each_time(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    nep.fail("/", *[status(503)] * 400)
    geduld: list[int] = []
    geslapen: list[float] = []

    def make(voorraad: Any, hoe: Geduld, **anders: Any) -> Klant:
        geduld.append(hoe.pogingen)
        return Klant(voorraad, hoe, slaap=geslapen.append, **anders)

    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = dg.materialize(
            build_open_data(instellingen, eerste_wacht=0, maak_klant=make),
            resources={
                "werkplaats": Werkplaats(
                    data=str(instellingen.data), leveringen=str(instellingen.leveringen_map)
                ),
                "voortgang": Voortgang(),
            },
            instance=instance,
        )
    (gezegd,) = list_waarschuwingen(uitkomst.get_asset_check_evaluations())
    assert gezegd.startswith("Open data: de run ging door met wat er lag. Niet alle open data")
    assert "cbs_kwb, politie, leefbaarometer" in gezegd
    assert "Wat u zelf leverde, telt gewoon mee." in gezegd
    assert geduld == [Geduld().pogingen, *[1] * MEESTE]
    assert geslapen == [1.0, 2.0, 4.0, 8.0] * 3, "three publishers, the first time alone"


def test_publisher_that_is_back_in_time_is_asked_again_by_the_run(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    nep.bestanden["/resources/lbm.zip"] = b"geen zip"
    nep.fail("/odata/v1/CBS/Datasets", status(503))
    uitkomst, _ = run(replace(instellingen, open_jaren="2024"), lambda _: None, Geduld(pogingen=1))
    (oordeel,) = uitkomst.get_asset_check_evaluations()
    assert "cbs_kwb" not in (oordeel.description or "").split("Wat eerder")[0]


def test_synthetic_deliveries_get_no_real_figures(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    (instellingen.leveringen_map / "organisatie.yml").write_text(
        "naam: Voorbeeld\nsynthetisch: true\n", encoding="utf-8"
    )
    with pytest.raises(GebruikFout, match="synthetisch"):
        fetch_openbaar(instellingen)
    uitkomst, voortgang = run(instellingen, lambda _: None)
    assert uitkomst.success
    assert voortgang.fout is None
    assert nep.gevraagd == []


def call(instellingen: Instellingen, *argumenten: str) -> Any:
    omgeving = {
        "BUURTPEIL_DATA": str(instellingen.data),
        "BUURTPEIL_LEVERINGEN": str(instellingen.leveringen_map),
        "BUURTPEIL_OPEN_REGIO": "GM9999",
        "BUURTPEIL_OPEN_CBS": instellingen.open_cbs,
        "BUURTPEIL_OPEN_CBS_V3": instellingen.open_cbs_v3,
        "BUURTPEIL_OPEN_POLITIE": instellingen.open_politie,
        "BUURTPEIL_OPEN_LEEFBAAROMETER": instellingen.open_leefbaarometer,
    }
    return CliRunner().invoke(app, ["ophalen-open", *argumenten], env=omgeving)


def test_command_fetches_without_the_setting_and_shows_what_came(
    instellingen: Instellingen, nep: Nepuitgever
) -> None:
    uit = call(instellingen, "--bron", "cbs_kwb", "--bron", "politie", "--jaar", "2024")
    assert uit.exit_code == 0, uit.output
    assert "kwb_opgehaald_2024.csv" in uit.output
    assert "nieuw" in uit.output
    gevraagd = len(nep.gevraagd)
    toon = call(instellingen, "--toon")
    assert "CBS 82024NED" in toon.output
    assert "politie 47018NED" in toon.output
    assert len(nep.gevraagd) == gevraagd


def test_command_says_offline_what_is_missing_what_is_there_and_what_to_do(
    instellingen: Instellingen, nep: Nepuitgever, geslapen: list[float]
) -> None:
    call(instellingen, "--bron", "cbs_kwb", "--jaar", "2024")
    nep.fail("/", *[status(503)] * 50)
    uit = call(instellingen, "--bron", "cbs_kwb", "--jaar", "2024")
    assert isinstance(uit.exception, Onbereikbaar)
    assert geslapen == [1.0, 2.0, 4.0, 8.0]
    tekst = str(uit.exception)
    assert tekst.startswith("Niet alle open data zijn opgehaald. Het lukte niet voor: cbs_kwb.")
    assert "ligt er nog: cbs_kwb/kwb_opgehaald_2024.csv (CBS 82024NED) van" in tekst
    assert "Verwacht: een verbinding met" in tekst
    assert "Wat te doen: " in tekst


def test_nothing_fetched_yet_is_said(instellingen: Instellingen) -> None:
    assert "nog niets opgehaald" in call(instellingen, "--toon").output


def test_command_does_not_meet_a_run(instellingen: Instellingen) -> None:
    with hold_slot(Werkmap.of(instellingen.data).slot), pytest.raises(RunBezig):
        fetch_openbaar(instellingen)


def test_source_that_does_not_exist_is_refused(instellingen: Instellingen) -> None:
    with pytest.raises(GebruikFout, match="geen open bron kadaster"):
        fetch_openbaar(instellingen, ("kadaster",))


def test_areas_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(GebruikFout, match="welke buurten") as gevonden:
        find_regio(Instellingen(), tmp_path, load_contract())
    assert "BUURTPEIL_OPEN_REGIO=GM0599" in str(gevonden.value)


def test_addresses_are_the_publishers_own_unless_a_setting_says_otherwise() -> None:
    assert read_adressen(Instellingen()) == Adressen()
    anders = read_adressen(Instellingen(open_cbs="https://cbs.example/odata/"))
    assert anders.cbs == "https://cbs.example/odata"


@pytest.mark.parametrize(
    "anders",
    [
        {"open_cbs": "http://cbs.example"},
        {"open_wijkprofiel": "https://stad.example/wijkprofiel.csv"},
        {"open_leefbaarometer": "lbm.zip"},
    ],
    ids=["no TLS", "no year", "no address"],
)
def test_address_that_is_none_is_refused_by_the_name_of_its_setting(
    anders: dict[str, str],
) -> None:
    (naam,) = anders
    with pytest.raises(GebruikFout, match=f"BUURTPEIL_{naam.upper()}"):
        read_adressen(Instellingen(**anders))  # type: ignore[arg-type]


@pytest.mark.parametrize("tekst", ["2024-2014", "24", "2014;2015", "2014,", "1814"])
def test_years_that_are_none_are_refused(tekst: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_OPEN_JAREN"):
        parse_jaren(tekst)


def test_years_are_a_list_with_ranges() -> None:
    assert parse_jaren("2014-2016, 2024") == {2014, 2015, 2016, 2024}
    assert parse_jaren(None) is None
