"""The door to MLflow, on SQLite and on a real PostgreSQL server; a registry for each test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sqlalchemy import create_engine, text

from models import registry
from models.registry import (
    Geladen,
    Herkomst,
    Modelregister,
    Modelrun,
    RegisterFout,
    Venstermaten,
    compute_modelversie,
    hash_code,
    hash_data,
    hash_paneel,
)
from models.risico import tekenlogistiek
from models.risico.ijking import Ijking, Verschuiving
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.poort import Conclusie, Poortbesluit, Voorwaarde
from models.risico.schatters import make_boosting, make_gam, make_kampioen

WORTEL = Path(__file__).parents[3]
NU = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
KENMERKEN = tuple(
    Kenmerk(naam, "omvang", teken, "aantal", "Omschrijving", "veel", "weinig", ("melding",))
    for naam, teken in (("ln_eenheden", 1), ("meldingen_6m", 1), ("schouw_laatste", -1))
)


def make_invoer() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(600, len(KENMERKEN)))
    y = (rng.random(600) < 1 / (1 + np.exp(2 - x[:, 1]))).astype(float)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, y


def make_run(
    maak: Callable[..., Pipeline] = make_kampioen, *, alpha: float = 100.0, **anders: Any
) -> Modelrun:
    x, y = make_invoer()
    herkomst = Herkomst(
        hash_data({"x": x, "y": y}), "c" * 64, KENMERKEN, {"schatter": "kampioen", "alpha": alpha}
    )
    velden: dict[str, Any] = {
        "model": "overlast",
        "schatter": maak(KENMERKEN).fit(x, y),
        "proef": x,
        "herkomst": herkomst,
        "vensters": (
            Venstermaten(date(2025, 10, 1), {"ap": 0.21, "auc": float("nan")}),
            Venstermaten(date(2026, 4, 1), {"ap": 0.25, "auc": 0.8}),
        ),
        "totalen": {"ece": 0.004},
        "kaart": "# Modelkaart\nWat het model wel en niet doet.\n",
        "bestanden": {"k_curve.png": b"\x89PNG"},
    }
    return Modelrun(**(velden | anders))


def make_poort(conclusie: Conclusie = "uitdager_wordt_kampioen") -> Poortbesluit:
    return Poortbesluit(
        conclusie,
        (
            Voorwaarde("a", "boven de regel", "1,4", "1,25", True, "Beter dan de vaste regel."),
            Voorwaarde("c", "ijking", "0,02", "0,008", conclusie != "regel_blijft", "Scheef."),
        ),
    )


@pytest.fixture(scope="session")
def lege_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's own tables take seconds to make: once, and a copy per test."""
    map_ = tmp_path_factory.mktemp("mlflow")
    pad = map_ / "leeg.sqlite"
    Modelregister(f"sqlite:///{pad}", map_ / "artefacten").drop_kampioen("overlast")
    return pad


@pytest.fixture(scope="session")
def lege_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with MLflow's tables, for others to be made after."""
    naam = "mlflow_leeg"
    motor = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with motor.connect() as verbinding:
        verbinding.execute(text(f"create database {naam}"))
        url = postgres.replace("/postgres?", f"/{naam}?")
        Modelregister(url, tmp_path_factory.mktemp("artefacten")).drop_kampioen("overlast")
    motor.dispose()
    return naam


_nummers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def mlflow_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty registry of its own, on each engine."""
    if request.param == "sqlite":
        leeg: Path = request.getfixturevalue("lege_database")
        shutil.copy(leeg, tmp_path / "mlflow.sqlite")
        yield f"sqlite:///{tmp_path / 'mlflow.sqlite'}"
        return
    server: str = request.getfixturevalue("postgres")
    sjabloon: str = request.getfixturevalue("lege_postgres")
    naam = f"mlflow_{next(_nummers)}"
    motor = create_engine(server, isolation_level="AUTOCOMMIT")
    with motor.connect() as verbinding:
        verbinding.execute(text(f"create database {naam} template {sjabloon}"))
    yield server.replace("/postgres?", f"/{naam}?")
    motor.dispose()


@pytest.fixture
def register(mlflow_url: str, tmp_path: Path) -> Modelregister:
    return Modelregister(mlflow_url, tmp_path / "artefacten", nu=NU)


@pytest.fixture
def op_schijf(lege_database: Path, tmp_path: Path) -> Modelregister:
    """One on SQLite, where the engine makes no difference."""
    shutil.copy(lege_database, tmp_path / "mlflow.sqlite")
    return Modelregister(f"sqlite:///{tmp_path / 'mlflow.sqlite'}", tmp_path / "artefacten", nu=NU)


def crown(register: Modelregister, run: Modelrun) -> None:
    register.log_run(run)
    register.register_versie(run.model, run.modelversie, make_poort())
    register.set_kampioen(run.model, run.modelversie)


def test_champion_scores_after_loading_exactly_as_it_did(register: Modelregister) -> None:
    run = make_run()
    crown(register, run)

    geladen = register.load_kampioen("overlast")

    assert geladen is not None
    assert geladen.kenmerken == ("ln_eenheden", "meldingen_6m", "schouw_laatste")
    assert geladen.versie.modelversie == run.modelversie
    assert geladen.versie.is_kampioen
    assert geladen.versie.kampioen_sinds == NU
    x, _ = make_invoer()
    assert np.array_equal(geladen.schatter.predict_proba(x), run.schatter.predict_proba(x))


def test_without_a_champion_the_rule_does_the_work(register: Modelregister) -> None:
    assert register.load_kampioen("overlast") is None
    run = make_run()
    register.log_run(run)
    register.register_versie("overlast", run.modelversie)

    assert register.load_kampioen("overlast") is None
    (versie,) = register.list_versies("overlast")
    assert (versie.is_kampioen, versie.conclusie) == (False, None)


def test_same_training_twice_is_one_run_and_one_version(register: Modelregister) -> None:
    for _ in range(2):
        crown(register, make_run())

    (versie,) = register.list_versies("overlast")
    assert versie.nummer == 1
    experiment = client_of(register).get_experiment_by_name("overlast")
    assert experiment is not None
    assert len(client_of(register).search_runs([experiment.experiment_id])) == 1


def test_next_champion_takes_over_and_the_one_before_can_still_score(
    register: Modelregister,
) -> None:
    eerste, tweede = make_run(), make_run(alpha=50.0)
    crown(register, eerste)
    crown(register, tweede)

    versies = register.list_versies("overlast")

    assert [(v.modelversie, v.is_kampioen) for v in versies] == [
        (tweede.modelversie, True), (eerste.modelversie, False),
    ]  # fmt: skip
    oud = register.load_versie("overlast", eerste.modelversie)
    assert (oud.versie.is_kampioen, oud.versie.modelversie) == (False, eerste.modelversie)


@pytest.mark.parametrize("conclusie", ["kampioen_blijft", "regel_blijft", None])
def test_version_that_is_not_through_the_gate_cannot_become_champion(
    op_schijf: Modelregister, conclusie: Conclusie | None
) -> None:
    run = make_run()
    op_schijf.log_run(run)
    poort = None if conclusie is None else make_poort(conclusie)
    versie = op_schijf.register_versie("overlast", run.modelversie, poort)

    with pytest.raises(RegisterFout, match="niet door de poort"):
        op_schijf.set_kampioen("overlast", run.modelversie)

    assert versie.conclusie == conclusie
    assert versie.gezakt == (("Scheef.",) if conclusie == "regel_blijft" else ())
    assert op_schijf.load_kampioen("overlast") is None


def test_last_word_of_the_gate_counts(op_schijf: Modelregister) -> None:
    run = make_run()
    op_schijf.log_run(run)
    op_schijf.register_versie("overlast", run.modelversie, make_poort("regel_blijft"))
    op_schijf.register_versie("overlast", run.modelversie, make_poort())

    assert op_schijf.set_kampioen("overlast", run.modelversie).gezakt == ()


def test_champion_that_is_dropped_leaves_the_work_to_the_rule_and_its_version_stays(
    op_schijf: Modelregister,
) -> None:
    crown(op_schijf, make_run())
    for _ in range(2):
        op_schijf.drop_kampioen("overlast")

    assert op_schijf.load_kampioen("overlast") is None
    assert len(op_schijf.list_versies("overlast")) == 1


def log_versie(register: Modelregister, **anders: Any) -> str:
    """Record a training that the gate refused."""
    run = make_run(**anders)
    register.log_run(run)
    register.register_versie(run.model, run.modelversie, make_poort("regel_blijft"))
    return run.modelversie


def list_bestanden(map_: Path) -> set[str]:
    return {str(p.relative_to(map_)) for p in map_.rglob("*") if p.is_file()}


LATER = datetime.now(UTC).date() + timedelta(days=7)
"""MLflow itself says when a training was; in a week all of them are old, midnight or not."""


def test_old_training_that_never_scored_goes_with_its_model_card_and_pictures(
    op_schijf: Modelregister, tmp_path: Path
) -> None:
    map_ = tmp_path / "artefacten" / "overlast"
    crown(op_schijf, make_run(alpha=10.0))
    crown(op_schijf, make_run(alpha=20.0))
    zonder = list_bestanden(map_)
    weg = log_versie(op_schijf, alpha=30.0)
    met_alles = list_bestanden(map_)
    laatste = log_versie(op_schijf, alpha=40.0)

    assert op_schijf.drop_versies(date(2020, 1, 1)) == ()
    proef = op_schijf.drop_versies(LATER, dry_run=True)
    assert list_bestanden(map_) >= met_alles
    assert op_schijf.drop_versies(LATER) == proef

    assert [(v.plek, v.tabel, v.aantal) for v in proef] == [("modellen", "overlast", 1)]
    over = [v.modelversie for v in op_schijf.list_versies("overlast")]
    assert weg not in over
    assert over[0] == laatste
    assert len(over) == 3
    assert not list_bestanden(map_) & (met_alles - zonder)
    assert zonder <= list_bestanden(map_)
    for versie in over:
        op_schijf.load_versie("overlast", versie)
    assert op_schijf.drop_versies(LATER) == ()


def test_training_that_a_decision_names_stays_and_one_that_went_can_come_back(
    op_schijf: Modelregister,
) -> None:
    genoemd = log_versie(op_schijf, alpha=10.0)
    weg = log_versie(op_schijf, alpha=20.0)
    laatste = log_versie(op_schijf, alpha=30.0)
    op_schijf.drop_versies(LATER, behoud={genoemd})
    assert {v.modelversie for v in op_schijf.list_versies("overlast")} == {genoemd, laatste}

    assert log_versie(op_schijf, alpha=20.0) == weg
    op_schijf.load_versie("overlast", weg)


def test_training_that_died_half_way_goes_and_the_one_after_it_stays(
    op_schijf: Modelregister, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as even:
        even.setattr(registry, "_hash_bestanden", die)
        with pytest.raises(KeyboardInterrupt):
            op_schijf.log_run(make_run())
    crown(op_schijf, make_run())

    [weg] = op_schijf.drop_versies(LATER)

    assert weg.aantal == 1
    assert op_schijf.load_kampioen("overlast") is not None
    assert len(op_schijf.list_versies("overlast")) == 1
    modellen = list((tmp_path / "artefacten" / "overlast" / "models").iterdir())
    assert len(modellen) == 1


def test_removing_looks_for_no_registry_that_was_never_there(tmp_path: Path) -> None:
    register = Modelregister(f"sqlite:///{tmp_path / 'geen.sqlite'}", tmp_path / "artefacten")
    assert register.drop_versies(LATER) == ()
    assert list(tmp_path.iterdir()) == []


def test_models_of_the_two_domains_do_not_mix(op_schijf: Modelregister) -> None:
    crown(op_schijf, make_run())
    crown(op_schijf, make_run(model="woonfraude"))
    op_schijf.drop_kampioen("overlast")

    assert op_schijf.load_kampioen("overlast") is None
    geladen = op_schijf.load_kampioen("woonfraude")
    assert geladen is not None
    assert geladen.versie.model == "woonfraude"


def test_unknown_version_is_named(op_schijf: Modelregister) -> None:
    with pytest.raises(RegisterFout, match="geen training van overlast met modelversie abc"):
        op_schijf.register_versie("overlast", "abc")
    with pytest.raises(RegisterFout, match="geen modelversie abc"):
        op_schijf.load_versie("overlast", "abc")
    with pytest.raises(RegisterFout, match="geen modelversie abc"):
        op_schijf.set_kampioen("overlast", "abc")


def test_run_holds_parameters_metrics_per_window_card_pictures_and_the_hash_of_the_data(
    op_schijf: Modelregister, tmp_path: Path
) -> None:
    run = make_run()
    op_schijf.log_run(run)

    client = client_of(op_schijf)
    experiment = client.get_experiment_by_name("overlast")
    assert experiment is not None
    (vastgelegd,) = client.search_runs([experiment.experiment_id])
    assert vastgelegd.data.params == {"alpha": "100.0", "schatter": "kampioen"}
    assert vastgelegd.data.metrics["totaal.ece"] == 0.004
    ap = client.get_metric_history(vastgelegd.info.run_id, "ap")
    assert [(m.step, m.value) for m in ap] == [(1, 0.21), (2, 0.25)]
    assert [datetime.fromtimestamp(m.timestamp / 1000, UTC).month for m in ap] == [10, 4]
    # What is unknown is not recorded as a number.
    auc = client.get_metric_history(vastgelegd.info.run_id, "auc")
    assert [m.step for m in auc] == [2]
    (invoer,) = vastgelegd.inputs.dataset_inputs
    assert json.loads(invoer.dataset.source)["sha256"] == run.herkomst.data_sha256
    bestanden = {pad.name: pad for pad in tmp_path.rglob("*") if pad.is_file()}
    assert "Modelkaart" in bestanden["modelkaart.md"].read_text(encoding="utf-8")
    assert bestanden["k_curve.png"].read_bytes() == b"\x89PNG"
    assert json.loads(bestanden["vensters.json"].read_text())[0]["maten"]["auc"] is None
    assert "scikit-learn==" in bestanden["requirements.txt"].read_text(encoding="utf-8")


def test_no_name_of_a_colleague_or_a_machine_is_recorded_with_a_run(
    op_schijf: Modelregister,
) -> None:
    op_schijf.log_run(make_run())
    client = client_of(op_schijf)
    experiment = client.get_experiment_by_name("overlast")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert not {"mlflow.user", "mlflow.source.name"} & set(run.data.tags)


@pytest.mark.parametrize("maak", [make_kampioen, make_boosting, make_gam])
def test_every_estimator_that_competes_can_be_kept_without_code(
    op_schijf: Modelregister, maak: Callable[..., Pipeline]
) -> None:
    run = make_run(maak)
    crown(op_schijf, run)

    geladen = op_schijf.load_kampioen("overlast")

    assert geladen is not None
    x, _ = make_invoer()
    verschil = geladen.schatter.predict_proba(x) - run.schatter.predict_proba(x)
    assert np.abs(verschil).max() == 0.0


def keep(x: np.ndarray) -> np.ndarray:
    return x


def test_model_of_a_type_that_is_not_trusted_is_refused_before_anything_is_recorded(
    op_schijf: Modelregister,
) -> None:
    x, y = make_invoer()
    schatter = make_pipeline(FunctionTransformer(keep), make_kampioen(KENMERKEN)).fit(x, y)

    with pytest.raises(RegisterFout, match="niet vertrouwd"):
        op_schijf.log_run(make_run(schatter=schatter))

    assert client_of(op_schijf).get_experiment_by_name("overlast") is None


def find_bestand(tmp_path: Path, naam: str) -> Path:
    (gevonden,) = tmp_path.rglob(naam)
    return gevonden


@pytest.mark.parametrize("naam", ["model.skops", "proef.npz", "herkomst.json"])
def test_file_that_was_changed_since_is_not_used(
    op_schijf: Modelregister, tmp_path: Path, naam: str
) -> None:
    crown(op_schijf, make_run())
    pad = find_bestand(tmp_path, naam)
    pad.write_bytes(pad.read_bytes() + b" ")

    with pytest.raises(RegisterFout, match="niet de bestanden die zijn vastgelegd"):
        op_schijf.load_kampioen("overlast")


def test_file_that_is_gone_is_named(op_schijf: Modelregister, tmp_path: Path) -> None:
    crown(op_schijf, make_run())
    find_bestand(tmp_path, "model.skops").unlink()

    with pytest.raises(RegisterFout, match="ontbreken de bestanden"):
        op_schijf.load_kampioen("overlast")


def test_model_that_computes_otherwise_here_is_not_used(
    op_schijf: Modelregister, monkeypatch: pytest.MonkeyPatch
) -> None:
    crown(op_schijf, make_run())
    anders = make_run(alpha=1.0, maak=partial(make_kampioen, alpha=1.0)).schatter
    monkeypatch.setattr(registry, "_load_schatter", lambda _: anders)

    with pytest.raises(RegisterFout, match="rekent hier anders"):
        op_schijf.load_kampioen("overlast")


def test_calibration_goes_with_the_version_shifts_entered_by_hand_included(
    op_schijf: Modelregister,
) -> None:
    ijking = Ijking(
        -0.25, 1.3, "Platt: de helling was 1,30",
        (Verschuiving(680, 0.2, "Meldingen kunnen online", "beleidsadviseur"),),
    )  # fmt: skip
    zonder = make_run()
    met = make_run(herkomst=replace(zonder.herkomst, ijking=ijking))
    crown(op_schijf, met)

    geladen = op_schijf.load_kampioen("overlast")

    assert geladen is not None
    assert geladen.ijking == ijking
    assert met.modelversie != zonder.modelversie
    op_schijf.log_run(zonder)
    op_schijf.register_versie("overlast", zonder.modelversie)
    assert op_schijf.load_versie("overlast", zonder.modelversie).ijking == Ijking()


def test_data_folder_may_be_moved(
    op_schijf: Modelregister, lege_database: Path, tmp_path: Path
) -> None:
    crown(op_schijf, make_run())
    elders = tmp_path / "verhuisd"
    elders.mkdir()
    shutil.move(tmp_path / "mlflow.sqlite", elders / "mlflow.sqlite")
    shutil.move(tmp_path / "artefacten", elders / "artefacten")

    verhuisd = Modelregister(f"sqlite:///{elders / 'mlflow.sqlite'}", elders / "artefacten")

    geladen = verhuisd.load_kampioen("overlast")
    assert isinstance(geladen, Geladen)


def test_data_folder_that_was_copied_keeps_new_trainings_to_itself(
    op_schijf: Modelregister, tmp_path: Path
) -> None:
    eerste, tweede = make_run(), make_run(alpha=50.0)
    crown(op_schijf, eerste)
    oud = sorted((tmp_path / "artefacten").rglob("*"))
    elders = tmp_path / "kopie"
    elders.mkdir()
    shutil.copy(tmp_path / "mlflow.sqlite", elders / "mlflow.sqlite")
    shutil.copytree(tmp_path / "artefacten", elders / "artefacten")
    kopie = Modelregister(f"sqlite:///{elders / 'mlflow.sqlite'}", elders / "artefacten", nu=NU)

    crown(kopie, tweede)

    geladen = kopie.load_kampioen("overlast")
    assert geladen is not None
    assert geladen.versie.modelversie == tweede.modelversie
    assert sorted((tmp_path / "artefacten").rglob("*")) == oud
    # what was recorded before the copy is still known, and not recorded again
    crown(kopie, eerste)
    assert len(kopie.list_versies("overlast")) == 2
    assert len(list((elders / "artefacten").rglob("model.skops"))) == 2


def test_no_row_of_the_trial_is_a_row_of_the_training_set(
    op_schijf: Modelregister, tmp_path: Path
) -> None:
    """Three columns that name the row: together they would say which complex it is."""
    run = make_run()
    nummer = np.arange(300.0)
    run = replace(run, proef=np.column_stack([nummer, nummer, nummer]))
    op_schijf.log_run(run)

    (pad,) = (tmp_path / "artefacten").rglob("proef.npz")
    with np.load(pad) as proef:
        x = proef["x"]
    assert x.shape == (20, 3)
    assert np.isin(x, nummer).all()
    assert not ((x[:, 0] == x[:, 1]) & (x[:, 1] == x[:, 2])).any()


def test_run_that_died_half_way_is_recorded_anew(
    op_schijf: Modelregister, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    run = make_run()
    with monkeypatch.context() as even:
        even.setattr(registry, "_list_bestanden", die)
        with pytest.raises(KeyboardInterrupt):
            op_schijf.log_run(run)
    with pytest.raises(RegisterFout, match="geen training"):
        op_schijf.register_versie("overlast", run.modelversie)

    crown(op_schijf, run)
    assert op_schijf.load_kampioen("overlast") is not None


def test_looking_makes_no_database(tmp_path: Path) -> None:
    pad = tmp_path / "map" / "mlflow.sqlite"
    assert Modelregister(f"sqlite:///{pad}", tmp_path / "a").list_versies("overlast") == ()
    assert list(tmp_path.iterdir()) == []


def test_unreachable_database_says_so_without_the_password(tmp_path: Path) -> None:
    register = Modelregister(f"postgresql+psycopg://u:geheim@/db?host={tmp_path}", tmp_path / "a")

    with pytest.raises(RegisterFout, match="BUURTPEIL_MLFLOW_URL") as fout:
        register.list_versies("overlast")

    assert "geheim" not in str(fout.value)


TEGELIJK = """
import sys
from pathlib import Path
from tests.unit.models.test_registry import crown, make_run
from models.registry import Modelregister
crown(Modelregister(sys.argv[1], Path(sys.argv[2])), make_run())
"""


def test_two_processes_that_open_a_new_registry_at_once_leave_one_version(
    tmp_path: Path,
) -> None:
    url, artefacten = f"sqlite:///{tmp_path / 'mlflow.sqlite'}", tmp_path / "artefacten"
    processen = [
        subprocess.Popen(
            [sys.executable, "-c", TEGELIJK, url, str(artefacten)],
            cwd=WORTEL,
            env={**os.environ, "PYTHONPATH": str(WORTEL)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for proces in processen:
        _, fout = proces.communicate(timeout=180)
        assert proces.returncode == 0, fout

    assert len(Modelregister(url, artefacten).list_versies("overlast")) == 1


def client_of(register: Modelregister) -> Any:
    """MLflow itself, to see what stands in it."""
    import mlflow

    return mlflow.MlflowClient(tracking_uri=register._url, registry_uri=register._url)


def test_version_hangs_on_data_features_parameters_and_code_and_not_on_texts() -> None:
    herkomst = make_run().herkomst
    versie = compute_modelversie("overlast", herkomst)
    teken = replace(KENMERKEN[0], teken=0)
    tekst = replace(KENMERKEN[0], omschrijving="Anders gezegd")

    for anders in (
        replace(herkomst, data_sha256="d" * 64),
        replace(herkomst, code_sha256="d" * 64),
        replace(herkomst, kenmerken=KENMERKEN[1:]),
        replace(herkomst, kenmerken=KENMERKEN[::-1]),
        replace(herkomst, kenmerken=(teken, *KENMERKEN[1:])),
        replace(herkomst, parameters={**herkomst.parameters, "alpha": 99.0}),
    ):
        assert compute_modelversie("overlast", anders) != versie
    assert compute_modelversie("woonfraude", herkomst) != versie
    gelijk = replace(
        herkomst,
        kenmerken=(tekst, *KENMERKEN[1:]),
        parameters=dict(reversed(herkomst.parameters.items())),
    )
    assert compute_modelversie("overlast", gelijk) == versie


def make_paneel(orde: list[int]) -> Paneel:
    x, y = make_invoer()
    return Paneel(
        complex_id=np.array(["A", "B", "B"])[orde],
        peilmaand=np.array([600, 600, 601])[orde],
        buurt=np.array([0, 1, 1])[orde],
        eenheden=np.array([12, 40, 40])[orde],
        x=x[:3][orde],
        kenmerken=KENMERKEN,
        y=y[:3][orde],
        ruw={},
    )


def test_hash_of_a_panel_is_the_same_in_any_order_and_another_with_one_value_changed() -> None:
    hash_ = hash_paneel(make_paneel([0, 1, 2]))
    assert hash_paneel(make_paneel([2, 0, 1])) == hash_
    anders = make_paneel([0, 1, 2])
    anders.x[0, 0] += 1e-12
    assert hash_paneel(anders) != hash_


def test_unknown_is_one_value_and_zero_has_no_sign_in_the_hash_of_data() -> None:
    ander_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert hash_data({"x": ander_nan}) == hash_data({"x": np.array([np.nan])})
    assert hash_data({"x": np.array([-0.0])}) == hash_data({"x": np.array([0.0])})
    assert hash_data({"x": np.array(["a", "b"])}) != hash_data({"x": np.array(["ab", ""])})
    assert hash_data({"x": np.array([True])}) != hash_data({"x": np.array([1])})


def test_hash_of_code_follows_the_source_and_not_the_order() -> None:
    een = hash_code(tekenlogistiek, registry)
    assert hash_code(registry, tekenlogistiek) == een
    assert hash_code(registry) != een
