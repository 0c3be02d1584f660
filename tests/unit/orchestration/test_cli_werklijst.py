"""The worklist on the command line: what is shown to whom, and when."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from models.registry import Modelregister
from models.risico.poort import Poortbesluit, Voorwaarde
from orchestration.cli import modellen, werklijst
from orchestration.instellingen import Instellingen
from orchestration.werklijst import BESTAND, Opdracht
from serving.besluit.cijfers import Aandeel, count_cijfers
from serving.besluit.werklijst import OnbekendeRegel, WerklijstKanNiet
from serving.besluit.werklijstregister import Werklijstregister
from tests.unit.models.test_registry import (
    crown,
    lege_database,  # noqa: F401 - a registry's tables, made once
    make_poort,
    make_run,
)
from tests.unit.orchestration.test_werklijst import make_rij, to_table
from tests.unit.serving.besluit.test_cijfers import make_uitkomsten
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import GebruikFout
from vera.werklijst import Regel, Samenstelling

REDENEN = '[{"zin": "Er komen meer meldingen dan vorig jaar"}]'
REGELS = (
    Regel("C001", "model", 0.9, 2, rang=1, kans=0.412, band="zeker", redenen=REDENEN),
    Regel("C002", "aselect", 0.1, 1, rang=4, kans=0.021),
    Regel("C003", "model", 0.9, None, rang=2, kans=0.333, is_onthouden=True),
)


@pytest.fixture
def instellingen(tmp_path: Path) -> Instellingen:
    publish_example(tmp_path / "releases")
    return Instellingen(data=tmp_path)


@pytest.fixture
def met_lijst(instellingen: Instellingen) -> Instellingen:
    register = Werklijstregister(instellingen.besluiten_adres)
    register.add_werklijst(
        Samenstelling("overlast", date(2026, 10, 1), "r1", "abc123", 2, 3, REGELS)
    )
    register.close()
    return instellingen


def find_nummer(instellingen: Instellingen, complex_id: str) -> int:
    register = Werklijstregister(instellingen.besluiten_adres)
    (nummer,) = [o.nummer for o in register.list_open("overlast") if o.complex_id == complex_id]
    register.close()
    return nummer


def read_json(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str], door: str | None = None
) -> dict[str, Any]:
    capsys.readouterr()
    werklijst.show(met_lijst, "overlast", door, als_json=True)
    inhoud: dict[str, Any] = json.loads(capsys.readouterr().out)
    return inhoud


def test_list_shows_names_in_its_own_order_marked_synthetic_without_lane_or_score(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    werklijst.show(met_lijst, "overlast", None, als_json=False)

    uit = capsys.readouterr().out
    assert "SYNTHETISCHE GEGEVENS" in uit
    assert uit.index("De Populier") < uit.index("Eikenhof")
    for verborgen in ("C003", "Havenzicht", "loting", "kans ", "plaats", "meldingen", "zeker"):
        assert verborgen not in uit


def test_only_who_gave_an_own_view_sees_why_a_complex_is_on_the_list(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    nummer = find_nummer(met_lijst, "C001")
    werklijst.assess(met_lijst, "overlast", nummer, "actie_nodig", "Anna")
    uit = capsys.readouterr().out
    assert "gekozen op score" in uit
    assert "plaats 1, kans 41,2%, zeker" in uit
    assert "Er komen meer meldingen dan vorig jaar" in uit
    assert "steekproef" not in uit

    anna = {r["complexId"]: r for r in read_json(met_lijst, capsys, "anna")["regels"]}
    bert = {r["complexId"]: r for r in read_json(met_lijst, capsys, "Bert")["regels"]}

    assert anna["C001"]["banen"] == ["model"]
    assert anna["C001"]["kans"] == 0.412
    for regel in (anna["C002"], bert["C001"], *read_json(met_lijst, capsys)["regels"]):
        assert set(regel) == {"nummer", "complexId", "naam", "peildatum"}
    werklijst.show(met_lijst, "overlast", "Anna", als_json=False)
    assert "gekozen op" in capsys.readouterr().out


def test_decision_takes_the_row_off_and_stays_listed_with_the_score_of_then(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    nummer = find_nummer(met_lijst, "C001")
    with pytest.raises(WerklijstKanNiet, match="nog geen eigen oordeel"):
        werklijst.decide(met_lijst, "overlast", nummer, "lokale_kennis", "", "Anna")
    werklijst.assess(met_lijst, "overlast", nummer, "geen_actie", "Anna")
    werklijst.decide(met_lijst, "overlast", nummer, "lokale_kennis", "", "Anna")

    assert "In andere systemen verandert er niets." in capsys.readouterr().out
    assert [r["complexId"] for r in read_json(met_lijst, capsys)["regels"]] == ["C002"]
    werklijst.list_decisions(met_lijst, "overlast", "abc123", als_json=True)
    (besluit,) = json.loads(capsys.readouterr().out)
    assert (besluit["complexId"], besluit["rang"], besluit["kans"]) == ("C001", 1, 0.412)
    assert (besluit["door"], besluit["redenCode"]) == ("Anna", "lokale_kennis")
    werklijst.list_decisions(met_lijst, "overlast", "def456", als_json=False)
    assert "geen besluiten" in capsys.readouterr().out
    werklijst.list_decisions(met_lijst, "overlast", None, als_json=False)
    assert "C001" in capsys.readouterr().out


def test_outcome_of_a_row_that_is_off_the_list_can_be_recorded(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    nummer = find_nummer(met_lijst, "C002")
    werklijst.assess(met_lijst, "overlast", nummer, "twijfel", "Anna")
    werklijst.decide(met_lijst, "overlast", nummer, "steekproef", "", "Anna")
    werklijst.add_outcome(met_lijst, "overlast", nummer, "geen_escalatie", "Anna", 1)

    assert "geen dossier met een zware stap" in capsys.readouterr().out
    with pytest.raises(OnbekendeRegel):
        werklijst.add_outcome(met_lijst, "overlast", 999, "escalatie", "Anna", 1)


def test_figures_say_when_there_are_too_few(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    nummer = find_nummer(met_lijst, "C001")
    werklijst.assess(met_lijst, "overlast", nummer, "actie_nodig", "Anna")
    capsys.readouterr()
    werklijst.show_figures(met_lijst, "overlast", als_json=False)
    uit = capsys.readouterr().out
    assert "Werklijst overlast: 2 open, 0 besloten" in uit
    assert "te weinig gegevens (1 van 1)" in uit
    assert "Of de lijst meer vindt dan de loting: te weinig gegevens." in uit

    werklijst.show_figures(met_lijst, "overlast", als_json=True)
    inhoud = json.loads(capsys.readouterr().out)
    assert inhoud["overeenstemming"]["model"] == {
        "aantal": 1, "totaal": 1, "aandeel": None, "interval": None,
    }  # fmt: skip
    assert inhoud["isSynthetisch"] is True


def test_list_against_lottery_is_called_chance_unless_the_interval_is_above_one() -> None:
    veel = count_cijfers(
        make_uitkomsten("model", 24, 60) + make_uitkomsten("aselect", 4, 40, vanaf=100)
    )
    gelijk = count_cijfers(
        make_uitkomsten("model", 6, 60) + make_uitkomsten("aselect", 4, 40, vanaf=100)
    )
    assert werklijst.say_verhouding(veel).startswith("De lijst vindt 4,0 keer zoveel")
    assert werklijst.say_verhouding(veel).endswith("meer dan toeval.")
    assert werklijst.say_verhouding(gelijk).endswith("dat kan toeval zijn.")
    assert werklijst.say_aandeel(Aandeel(5, 20)) == "25% (5 van 20; tussen 11% en 47%)"


def test_empty_list_says_so(instellingen: Instellingen, capsys: pytest.CaptureFixture[str]) -> None:
    werklijst.show(instellingen, "woonfraude", None, als_json=False)
    assert "Er wacht niets op de werklijst woonfraude." in capsys.readouterr().out
    assert not (instellingen.data / "besluiten.sqlite").exists()


def test_list_is_composed_from_the_scores_of_the_release_and_stays_as_it_is(
    instellingen: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    (release,) = [p for p in (instellingen.data / "releases").iterdir() if p.is_dir()]
    archief = instellingen.data / "archief" / release.name
    archief.mkdir(parents=True)
    rijen = [make_rij(f"C00{k}", k) for k in range(1, 7)]
    pq.write_table(to_table(rijen), archief / BESTAND)

    for _ in range(2):
        werklijst.compose(instellingen, "overlast", Opdracht(k=2, capaciteit=5))

    eerst, weer = capsys.readouterr().out.splitlines()
    assert eerst == "De werklijst overlast van 2026-11-01 is samengesteld."
    assert weer == "De werklijst overlast van 2026-11-01 is er al; zij blijft zoals zij is."


def test_stopped_model_says_who_and_why_and_shows_the_lottery_without_scores(
    met_lijst: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    modellen.set_stand(met_lijst, "overlast", "gestopt", "De cijfers kloppen niet.", "Carla")
    werklijst.show(met_lijst, "overlast", None, als_json=False)
    uit = " ".join(capsys.readouterr().out.split())
    assert "stilgezet door Carla" in uit
    assert "De cijfers kloppen niet." in uit
    assert "De Populier" in uit
    assert "Eikenhof" not in uit

    nummer = find_nummer(met_lijst, "C002")
    werklijst.assess(met_lijst, "overlast", nummer, "geen_actie", "Anna")
    assert "kans 2,1%" not in capsys.readouterr().out
    (regel,) = read_json(met_lijst, capsys, "Anna")["regels"]
    assert regel["banen"] == ["aselect"]
    assert "kans" not in regel

    modellen.set_stand(met_lijst, "overlast", "in_gebruik", "De cijfers kloppen weer.", "Carla")
    assert len(read_json(met_lijst, capsys)["regels"]) == 2


def test_models_are_listed_with_the_rule_where_there_is_none(
    instellingen: Instellingen, capsys: pytest.CaptureFixture[str]
) -> None:
    modellen.set_stand(instellingen, "woonfraude", "gestopt", "De cijfers kloppen niet.", "Carla")
    capsys.readouterr()

    modellen.list_versions(instellingen, als_json=False)

    uit = capsys.readouterr().out
    assert "overlast: in gebruik, met de vaste regel" in uit
    assert "woonfraude: stilgezet door Carla" in uit
    modellen.list_versions(instellingen, als_json=True)
    assert json.loads(capsys.readouterr().out)["woonfraude"] == {
        "isGestopt": True, "versies": [], "tekeningen": [],
    }  # fmt: skip
    assert not (instellingen.data / "mlflow.sqlite").exists()


def test_versions_are_listed_with_the_champion_and_what_the_gate_said(
    instellingen: Instellingen,
    lege_database: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(lege_database, instellingen.data / "mlflow.sqlite")
    register = Modelregister(instellingen.mlflow_adres, instellingen.modellen_map)
    kampioen, gezakt = make_run(), make_run(alpha=50.0)
    crown(register, kampioen)
    register.log_run(gezakt)
    register.register_versie("overlast", gezakt.modelversie, make_poort("regel_blijft"))

    modellen.list_versions(instellingen, als_json=False)
    uit = capsys.readouterr().out
    assert "overlast: in gebruik, met een model" in uit
    assert "woonfraude: in gebruik, met de vaste regel" in uit
    modellen.list_versions(instellingen, als_json=True)
    versies = json.loads(capsys.readouterr().out)["overlast"]["versies"]

    assert [(v["modelversie"], v["isKampioen"], v["poort"], v["nietVoldaan"]) for v in versies] == [
        (gezakt.modelversie, False, "regel_blijft", ["Scheef."]),
        (kampioen.modelversie, True, "uitdager_wordt_kampioen", []),
    ]


def test_somebody_signs_for_a_list_that_changes_much_and_for_nothing_else(
    instellingen: Instellingen,
    lege_database: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(lege_database, instellingen.data / "mlflow.sqlite")
    register = Modelregister(instellingen.mlflow_adres, instellingen.modellen_map)
    kampioen, wacht, scheef = make_run(), make_run(alpha=50.0), make_run(alpha=70.0)
    crown(register, kampioen)
    lijst = Voorwaarde("e", "lijst", "0,10", "0,60", False, "Van de lijst blijft 0,10 staan.")
    for run, voorwaarden in ((wacht, (lijst,)), (scheef, make_poort("regel_blijft").voorwaarden)):
        register.log_run(run)
        besluit = Poortbesluit("kampioen_blijft", voorwaarden)
        register.register_versie("overlast", run.modelversie, besluit)

    for versie, woord in (
        (scheef.modelversie, "valt niets te tekenen"),
        (kampioen.modelversie, "valt niets te tekenen"),
        ("0123456789ab", "Er is geen versie"),
    ):
        with pytest.raises(GebruikFout, match=woord):
            modellen.sign_list(instellingen, "overlast", versie, "Nieuwe wijk erbij.", "Carla")
    modellen.sign_list(instellingen, "overlast", wacht.modelversie, "Nieuwe wijk erbij.", "Carla")

    assert "Carla tekende voor de lijst" in capsys.readouterr().out
    modellen.list_versions(instellingen, als_json=True)
    (tekening,) = json.loads(capsys.readouterr().out)["overlast"]["tekeningen"]
    assert (tekening["modelversie"], tekening["naKampioen"], tekening["door"]) == (
        wacht.modelversie, kampioen.modelversie, "Carla",
    )  # fmt: skip
    modellen.list_versions(instellingen, als_json=False)
    assert "Nieuwe wijk erbij." in capsys.readouterr().out


def test_page_of_mlflow_is_started_without_calling_home_and_without_a_password_to_read(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    gestart: dict[str, Any] = {}

    class Proces:
        def __init__(self, opdracht: list[str], **anders: Any) -> None:
            gestart.update(anders, opdracht=opdracht)

        def wait(self) -> int:
            return 7

    monkeypatch.setattr(modellen.subprocess, "Popen", Proces)
    monkeypatch.setattr(modellen.signal, "signal", lambda *_: None)
    monkeypatch.setattr(Modelregister, "prepare", lambda _: None)
    met_wachtwoord = replace(instellingen, mlflow_url="postgresql+psycopg://u:geheim@h/d")

    with pytest.raises(SystemExit) as einde:
        modellen.serve_registry(met_wachtwoord, port=5123)

    assert einde.value.code == 7
    assert "geheim" not in " ".join(gestart["opdracht"])
    assert gestart["opdracht"][-6:] == ["--host", "127.0.0.1", "--port", "5123", "--workers", "1"]
    assert gestart["env"]["MLFLOW_BACKEND_STORE_URI"].endswith("geheim@h/d")
    assert gestart["env"]["MLFLOW_DISABLE_TELEMETRY"] == "true"
