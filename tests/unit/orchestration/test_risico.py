"""Risk models in the line: when one is trained, who scores, what is said of it, when it stops."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.overlast import keuring as overlast_keuring
from models.registry import Modelregister, RegisterFout
from models.risico.maten import compute_ap
from models.risico.werklijst import ZONDER_GEHEIM
from models.woonfraude import keuring as woonfraude_keuring
from orchestration import risico, risico_inzet, risico_kaart, risico_score
from orchestration.assets import risico as assets
from orchestration.cli import werklijst
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.risico import Gegevens, to_peildatum, to_peilmaand
from orchestration.risico_bewaking import (
    check_gepubliceerd,
    describe_ontbreken,
    describe_verloop,
)
from orchestration.risico_inzet import Inzet, deploy_overlast, deploy_woonfraude, revert_to_regel
from orchestration.risico_paneel import RUW_OVERLAST, read_toegestaan
from orchestration.risico_score import score_overlast, score_woonfraude
from orchestration.voortgang import Voortgang
from orchestration.werklijst import (
    BESTAND,
    STANDBESTAND,
    Opdracht,
    compose_lijst,
    read_lengte,
)
from orchestration.werkmap import Werkmap
from serving.besluit.opslag import url_of_file
from serving.besluit.werklijstregister import Werklijstregister
from sources.organisatie import Beleidswijziging, Organisatie, Verantwoording
from tests.unit.models.overlast.test_keuring import BUURTEN, SAMENSTELLING, make_paneel
from tests.unit.models.test_registry import lege_database  # noqa: F401 - tables, made once
from tests.unit.models.woonfraude.test_keuring import make_log
from tests.unit.models.woonfraude.test_keuring import make_paneel as make_paneel_woonfraude
from tests.unit.orchestration.test_werklijst import make_rij, to_table
from tests.unit.serving.voorbeeld_release import publish_example
from vera.werklijst import Model

NU = 672  # January 2026
BUURTNAMEN = tuple(f"BU{b:02d}" for b in range(BUURTEN))
VERANTWOORDING = tuple(
    Verantwoording(model, "manager sociaal beheer", "AVG art. 6 lid 1 f", "DPIA 1", "de balie")
    for model in ("overlast", "woonfraude")
)
ORGANISATIE = Organisatie("Voorbeeldwonen", synthetisch=True, verantwoording=VERANTWOORDING)
NAAM = re.compile(r"\b(meneer|mevrouw|bewoner|huurder|fraudeur|C\d{3}|BU\d\d)\b", re.IGNORECASE)


WIJKEN = tuple(f"Wijk {'ABC'[b % 3]}" for b in range(BUURTEN))


def make_overlast(**anders: Any) -> Gegevens:
    return Gegevens(make_paneel(**anders), BUURTNAMEN, SAMENSTELLING, wijken=WIJKEN)


def make_woonfraude() -> Gegevens:
    """Return inspections up to January 2026."""
    paneel = make_paneel_woonfraude()
    log = make_log(paneel)
    eerder = 696 - NU
    paneel = replace(paneel, peilmaand=paneel.peilmaand - eerder)
    log = replace(log, maand=log.maand - eerder, bekend=log.bekend - eerder)
    return Gegevens(paneel, BUURTNAMEN, SAMENSTELLING, log, wijken=WIJKEN)


MAAK: dict[Model, Callable[[], Gegevens]] = {
    "overlast": make_overlast,
    "woonfraude": make_woonfraude,
}
ZET_IN = {"overlast": deploy_overlast, "woonfraude": deploy_woonfraude}
SCOOR = {"overlast": score_overlast, "woonfraude": score_woonfraude}


@pytest.fixture(scope="module")
def maak_register(
    lege_database: Path,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Modelregister]:
    """Give a function that makes a registry in a data folder of its own."""

    def make() -> Modelregister:
        map_ = tmp_path_factory.mktemp("data")
        shutil.copy(lege_database, map_ / "mlflow.sqlite")
        return Modelregister(f"sqlite:///{map_ / 'mlflow.sqlite'}", map_ / "modellen")

    return make


def deploy(
    model: Model,
    gegevens: Gegevens,
    register: Modelregister,
    *,
    organisatie: Organisatie = ORGANISATIE,
    nu: int = NU,
    is_alles: bool = False,
    getekend: frozenset[tuple[str, str]] = frozenset(),
) -> Inzet:
    """Deploy a model; of overlast the linear one alone, and without pictures, unless asked."""
    with pytest.MonkeyPatch.context() as anders:
        if not is_alles:
            lineair = {"lineair": overlast_keuring.KANDIDATEN["lineair"]}
            anders.setattr(overlast_keuring, "KANDIDATEN", lineair)
            anders.setattr(risico_inzet, "draw_overlast", lambda *_: {})
            anders.setattr(risico_inzet, "draw_woonfraude", lambda *_: {})
        return ZET_IN[model](gegevens, register, organisatie, nu, lambda *_: None, getekend)


@pytest.fixture
def niet_trainen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a model is examined."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a model was trained again")

    monkeypatch.setattr(overlast_keuring, "examine", refuse)
    monkeypatch.setattr(woonfraude_keuring, "examine", refuse)


@dataclass(frozen=True)
class Ingezet:
    """A champion, the data it learned from and its scores of January."""

    model: Model
    gegevens: Gegevens
    register: Modelregister
    inzet: Inzet
    scores: pd.DataFrame


@pytest.fixture(scope="module", params=["overlast", "woonfraude"])
def ingezet(request: pytest.FixtureRequest, maak_register: Callable[[], Modelregister]) -> Ingezet:
    model: Model = request.param
    gegevens, register = MAAK[model](), maak_register()
    inzet = deploy(model, gegevens, register)
    return Ingezet(model, gegevens, register, inzet, SCOOR[model](gegevens, inzet, NU))


def read_redenen(scores: pd.DataFrame) -> list[str]:
    return [reden["zin"] for tekst in scores["redenen"] for reden in json.loads(tekst)]


# --- when a model is trained, and who scores


def test_model_that_foretells_scores_after_the_gate_with_a_card_of_its_own(
    ingezet: Ingezet,
) -> None:
    inzet = ingezet.inzet
    assert (inzet.stand, inzet.soort) == ("kampioen", "lineair")
    assert inzet.is_nieuw_getraind
    assert inzet.getraind_op == date(2026, 1, 1)
    assert inzet.gezakt == ()
    assert f"`{inzet.scoreversie}`" in inzet.kaart
    assert "**Synthetisch.**" in inzet.kaart
    # every wijk is compared with the others, and the card says how many comparisons that makes
    assert all(f"| wijk | {naam} | aandeel op de lijst |" in inzet.kaart for naam in set(WIJKEN))
    assert "Een wijk houdt het model niet vanzelf tegen" in inzet.kaart
    n = int((ingezet.gegevens.paneel.peilmaand == NU).sum())
    assert 1 <= inzet.k <= round(0.1 * n)


def test_same_deliveries_train_nothing_anew_and_give_the_same_scores(
    ingezet: Ingezet, niet_trainen: None
) -> None:
    opnieuw = deploy(ingezet.model, ingezet.gegevens, ingezet.register)
    assert not opnieuw.is_nieuw_getraind
    assert opnieuw.scoreversie == ingezet.inzet.scoreversie
    pd.testing.assert_frame_equal(
        SCOOR[ingezet.model](ingezet.gegevens, opnieuw, NU), ingezet.scores, check_exact=True
    )


def test_two_data_folders_with_the_same_deliveries_give_the_same_version_and_scores(
    ingezet: Ingezet, maak_register: Callable[[], Modelregister]
) -> None:
    gegevens = ingezet.gegevens
    volgorde = np.random.default_rng(1).permutation(len(gegevens.paneel))
    anders = replace(gegevens, paneel=gegevens.paneel.select(volgorde))
    for zelfde in (gegevens, anders) if ingezet.model == "overlast" else (gegevens,):
        inzet = deploy(ingezet.model, zelfde, maak_register())
        assert inzet.scoreversie == ingezet.inzet.scoreversie
        assert inzet.kaart == ingezet.inzet.kaart or zelfde is anders
        if zelfde is gegevens:
            pd.testing.assert_frame_equal(
                SCOOR[ingezet.model](zelfde, inzet, NU), ingezet.scores, check_exact=True
            )


def grow(gegevens: Gegevens, maanden: int) -> Gegevens:
    """Return the data as they are some months later: new rows, and outcomes known by then."""
    oud = gegevens.paneel
    laatste = np.flatnonzero(oud.peilmaand == oud.peilmaand.max())
    rij = np.r_[np.arange(len(oud)), np.tile(laatste, maanden)]
    later = oud.select(rij)
    stap = np.r_[
        np.zeros(len(oud), dtype=np.int64), np.repeat(np.arange(maanden) + 1, len(laatste))
    ]
    peilmaand = later.peilmaand + stap
    y = later.y.copy()
    if gegevens.log is None:
        nu_bekend = np.isnan(y) & (peilmaand <= NU + maanden - 6)
        y[nu_bekend] = 1.0
    log = gegevens.log
    if log is not None:
        nieuw = log.select(np.arange(30))
        nieuw = replace(nieuw, maand=np.full(30, NU), bekend=np.full(30, NU + 1))
        log = replace(
            log,
            **{
                naam: np.r_[getattr(log, naam), getattr(nieuw, naam)]
                for naam in log.__dataclass_fields__
            },
        )
    x = later.x + 0.1 * stap[:, None]
    return replace(gegevens, paneel=replace(later, peilmaand=peilmaand, y=y, x=x), log=log)


def test_months_of_the_same_half_year_score_with_the_same_model_whatever_came_in(
    ingezet: Ingezet, niet_trainen: None
) -> None:
    later = grow(ingezet.gegevens, 3)
    inzet = deploy(ingezet.model, later, ingezet.register, nu=NU + 3)
    assert inzet.scoreversie == ingezet.inzet.scoreversie
    assert not inzet.is_nieuw_getraind
    scores = SCOOR[ingezet.model](later, inzet, NU + 3)
    assert set(scores["peildatum"]) == {date(2026, 4, 1)}
    assert set(scores["complex_id"]) == set(ingezet.scores["complex_id"])
    # January as it is seen from April: nothing that came later changes it
    pd.testing.assert_frame_equal(
        SCOOR[ingezet.model](later, inzet, NU), ingezet.scores, check_exact=True
    )


def test_next_half_year_learns_anew_and_is_held_against_the_champion(
    maak_register: Callable[[], Modelregister],
) -> None:
    register = maak_register()
    oud = deploy("overlast", make_overlast(), register)
    jong = grow(make_overlast(nu=NU + 6, van=618), 0)
    nieuw = deploy("overlast", jong, register, nu=NU + 6)
    assert nieuw.is_nieuw_getraind
    versies = {v.modelversie: v for v in register.list_versies("overlast")}
    assert len(versies) == 2
    (jongste,) = set(versies) - {oud.scoreversie}
    assert versies[jongste].conclusie is not None
    assert versies[nieuw.scoreversie].is_kampioen


def test_older_champion_that_stays_keeps_the_day_on_which_it_learned(
    maak_register: Callable[[], Modelregister],
) -> None:
    """The challenger of July is no better and no simpler: the model of January scores on."""
    register = maak_register()
    deploy("overlast", make_overlast(), register)
    in_juli = make_overlast(nu=NU + 6, van=618)
    with pytest.MonkeyPatch.context() as anders:
        # A challenger that overturns the list does not come through without a signature.
        anders.setattr(overlast_keuring, "compute_overlap", lambda *_: 0.1)
        inzet = deploy("overlast", in_juli, register, nu=NU + 6)
    assert inzet.stand == "kampioen"
    assert [v.conclusie for v in register.list_versies("overlast") if not v.is_kampioen] == [
        "kampioen_blijft"
    ]
    assert inzet.getraind_op == date(2026, 1, 1)
    # when it must stop, a rerun says why it did, and not what was wrong with the challenger
    register.drop_kampioen("overlast", ["Het ging niet goed."])
    opnieuw = deploy("overlast", in_juli, register, nu=NU + 6)
    gestopt = revert_to_regel(inzet, ["Het ging niet goed."])
    assert (opnieuw.stand, opnieuw.zin, opnieuw.gezakt) == ("regel", gestopt.zin, gestopt.gezakt)


def test_list_that_changes_much_waits_for_a_signature_and_comes_with_it(
    maak_register: Callable[[], Modelregister],
) -> None:
    """The gate judges the same version anew, once; a signature for another change says nothing."""
    register = maak_register()
    oud = deploy("overlast", make_overlast(), register)
    in_juli = make_overlast(nu=NU + 6, van=618)
    with pytest.MonkeyPatch.context() as anders:
        anders.setattr(overlast_keuring, "compute_overlap", lambda *_: 0.1)
        deploy("overlast", in_juli, register, nu=NU + 6)
        (nieuw,) = (v for v in register.list_versies("overlast") if not v.is_kampioen)
        assert nieuw.gezakt_onderdelen == ("e",)

        ander = frozenset({(nieuw.modelversie, "0123456789ab"), ("x", oud.scoreversie)})
        zonder = deploy("overlast", in_juli, register, nu=NU + 6, getekend=ander)
        assert (zonder.scoreversie, zonder.is_nieuw_getraind) == (oud.scoreversie, False)

        getekend = frozenset({(nieuw.modelversie, oud.scoreversie)})
        met = deploy("overlast", in_juli, register, nu=NU + 6, getekend=getekend)
        assert (met.stand, met.scoreversie) == ("kampioen", nieuw.modelversie)
        weer = deploy("overlast", in_juli, register, nu=NU + 6, getekend=getekend)
        assert (weer.scoreversie, weer.is_nieuw_getraind) == (nieuw.modelversie, False)


def test_next_year_of_woonfraude_is_held_against_the_champion_which_may_stay(
    maak_register: Callable[[], Modelregister], monkeypatch: pytest.MonkeyPatch
) -> None:
    register, gegevens = maak_register(), make_woonfraude()
    oud = deploy("woonfraude", gegevens, register)
    # a year later, and what is known of it: the same years again, moved on
    p, log = gegevens.paneel, gegevens.log
    assert log is not None
    later = replace(
        gegevens,
        paneel=replace(p, peilmaand=p.peilmaand + 12),
        log=replace(log, maand=log.maand + 12, bekend=log.bekend + 12),
    )
    monkeypatch.setattr(woonfraude_keuring, "compute_overlap", lambda *_: 0.1)
    blijft = deploy("woonfraude", later, register, nu=NU + 12)
    assert (blijft.stand, blijft.scoreversie) == ("kampioen", oud.scoreversie)
    assert blijft.getraind_op == date(2026, 1, 1)
    (nieuw,) = (v for v in register.list_versies("woonfraude") if not v.is_kampioen)
    assert (nieuw.conclusie, nieuw.gezakt_onderdelen) == ("kampioen_blijft", ("e",))
    getekend = frozenset({(nieuw.modelversie, oud.scoreversie)})
    komt = deploy("woonfraude", later, register, nu=NU + 12, getekend=getekend)
    assert (komt.stand, komt.scoreversie) == ("kampioen", nieuw.modelversie)


def test_champion_of_woonfraude_with_other_features_is_examined_with_its_own(
    maak_register: Callable[[], Modelregister], monkeypatch: pytest.MonkeyPatch
) -> None:
    register, gegevens = maak_register(), make_woonfraude()
    p = gegevens.paneel
    x = p.x.copy()
    x[:, p.namen.index("huurkloof")] = np.nan
    oud = deploy("woonfraude", replace(gegevens, paneel=replace(p, x=x)), register)
    assert "huurkloof" not in oud.kenmerken
    gevraagd: list[tuple[str, ...]] = []
    examine = woonfraude_keuring.examine

    def keep(*delen: Any, **anders: Any) -> woonfraude_keuring.Keuring:
        gevraagd.append(tuple(anders.get("namen", ())))
        return examine(*delen, **anders)

    monkeypatch.setattr(woonfraude_keuring, "examine", keep)
    deploy("woonfraude", gegevens, register)
    assert gevraagd == [(), oud.kenmerken]


def test_all_kinds_compete_and_the_one_that_can_be_explained_scores_with_its_pictures(
    maak_register: Callable[[], Modelregister],
) -> None:
    register = maak_register()
    in_juli = make_overlast(nu=NU + 6, van=618)
    inzet = deploy("overlast", in_juli, register, nu=NU + 6, is_alles=True)
    assert inzet.soort == "lineair"
    versies = register.list_versies("overlast")
    assert len(versies) == 3
    assert [v.modelversie for v in versies if v.is_kampioen] == [inzet.scoreversie]
    assert set(inzet.beelden) == {
        "precisie_recall.png", "ijking.png", "kcurve.png", "eerlijkheid.png",
        "eerlijkheid_wijk.png", "gewichten.png",
    }  # fmt: skip
    assert all(beeld.startswith(b"\x89PNG") for beeld in inzet.beelden.values())


def test_kinds_that_may_never_score_are_measured_in_july_alone() -> None:
    assert risico_inzet._list_soorten(to_peilmaand(date(2026, 7, 1))) == (
        "lineair", "gam", "boosting",
    )  # fmt: skip
    assert risico_inzet._list_soorten(to_peilmaand(date(2026, 1, 1))) == ("lineair",)


def test_outcomes_that_are_chance_leave_the_work_to_the_rule_which_says_why(
    maak_register: Callable[[], Modelregister],
) -> None:
    register = maak_register()
    gegevens = make_overlast(is_signaal=False)
    inzet = deploy("overlast", gegevens, register)
    assert (inzet.stand, inzet.scoreversie, inzet.kaart) == ("regel", "regel-1", "")
    assert inzet.gezakt
    assert inzet.zin.startswith("De vaste regel doet het werk.")
    assert register.load_kampioen("overlast") is None
    scores = score_overlast(gegevens, inzet, NU)
    assert scores["is_regel"].all()
    assert scores["kans"].isna().all()
    # a rerun says the same, without training
    opnieuw = deploy("overlast", gegevens, register)
    assert (opnieuw.stand, opnieuw.gezakt, opnieuw.zin) == ("regel", inzet.gezakt, inzet.zin)


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
@pytest.mark.parametrize(
    ("wat", "ontbreekt"),
    [
        ("verantwoording", ("eigenaar", "grondslag", "dpia_id", "bezwaar")),
        ("samenstelling", ("voorspelbaarheid", "helling_samenstelling")),
    ],
)
def test_without_who_answers_or_without_composition_the_card_is_incomplete_and_the_rule_stays(
    maak_register: Callable[[], Modelregister], model: Model, wat: str, ontbreekt: tuple[str, ...]
) -> None:
    register, gegevens, organisatie = maak_register(), MAAK[model](), ORGANISATIE
    if wat == "verantwoording":
        ander = tuple(v for v in VERANTWOORDING if v.model != model)
        organisatie = replace(organisatie, verantwoording=ander)
    else:
        gegevens = replace(gegevens, samenstelling=np.full(BUURTEN, np.nan))
    inzet = deploy(model, gegevens, register, organisatie=organisatie)
    assert inzet.stand == "regel"
    assert inzet.gezakt == ("Op de modelkaart ontbreekt iets.",)
    (versie,) = register.list_versies(model)
    kaart = register.load_versie(model, versie.modelversie).kaart
    assert "niet compleet" in kaart
    assert all(naam in kaart for naam in ontbreekt)


def test_who_answers_is_filled_in_later_and_the_model_comes_through_after_all(
    maak_register: Callable[[], Modelregister],
) -> None:
    register, gegevens = maak_register(), make_overlast()
    zonder = replace(ORGANISATIE, verantwoording=())
    assert deploy("overlast", gegevens, register, organisatie=zonder).stand == "regel"
    assert deploy("overlast", gegevens, register).stand == "kampioen"


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
def test_model_for_which_nobody_answers_any_more_makes_room_and_comes_back_with_who_does(
    maak_register: Callable[[], Modelregister], model: Model
) -> None:
    """Also when the registry has seen both before, so that nothing is trained."""
    register, gegevens = maak_register(), MAAK[model]()
    zonder = replace(ORGANISATIE, verantwoording=())
    standen = [
        deploy(model, gegevens, register, organisatie=organisatie).stand
        for organisatie in (zonder, ORGANISATIE, zonder, ORGANISATIE)
    ]
    assert standen == ["regel", "kampioen", "regel", "kampioen"]


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
def test_run_that_died_before_the_champion_was_named_names_it_the_next_time(
    maak_register: Callable[[], Modelregister], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, gegevens = maak_register(), MAAK[model]()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as even:
        even.setattr(register, "set_kampioen", die)
        with pytest.raises(KeyboardInterrupt):
            deploy(model, gegevens, register)
    inzet = deploy(model, gegevens, register)
    assert (inzet.stand, inzet.is_nieuw_getraind) == ("kampioen", False)


def test_champion_that_reads_what_is_no_longer_allowed_makes_room(
    maak_register: Callable[[], Modelregister],
) -> None:
    register, gegevens = maak_register(), make_overlast()
    eerst = deploy("overlast", gegevens, register)
    weg = eerst.kenmerken[-1]
    p = gegevens.paneel
    zonder = replace(gegevens, paneel=p.select_kenmerken([naam for naam in p.namen if naam != weg]))
    inzet = deploy("overlast", zonder, register)
    assert weg not in inzet.kenmerken
    (oud,) = (v for v in register.list_versies("overlast") if v.modelversie == eerst.scoreversie)
    assert not oud.is_kampioen
    assert weg in oud.gestopt_omdat[0]


def test_longest_list_follows_from_the_month_of_training_whatever_month_the_run_is_in(
    maak_register: Callable[[], Modelregister], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risico_kaart, "choose_lengte", lambda n, _=None: n)
    gegevens = make_overlast()
    p = gegevens.paneel
    toen = p.select(p.peilmaand == NU)
    half = toen.select(np.arange(len(toen)) < len(toen) // 2)
    later = replace(
        p,
        complex_id=np.r_[p.complex_id, half.complex_id],
        peilmaand=np.r_[p.peilmaand, half.peilmaand + 1],
        buurt=np.r_[p.buurt, half.buurt],
        eenheden=np.r_[p.eenheden, half.eenheden],
        x=np.r_[p.x, half.x],
        y=np.r_[p.y, np.full(len(half), np.nan)],
        ruw={naam: np.r_[w, half.ruw[naam]] for naam, w in p.ruw.items()},
    )
    in_januari = deploy("overlast", gegevens, maak_register())
    in_februari = deploy("overlast", replace(gegevens, paneel=later), maak_register(), nu=NU + 1)
    assert in_januari.k == len(toen)
    assert (in_februari.scoreversie, in_februari.k, in_februari.kaart) == (
        in_januari.scoreversie, in_januari.k, in_januari.kaart
    )  # fmt: skip


def test_composition_that_is_delivered_later_lets_the_model_through_after_all(
    maak_register: Callable[[], Modelregister],
) -> None:
    register, gegevens = maak_register(), make_overlast()
    zonder = replace(gegevens, samenstelling=np.full(BUURTEN, np.nan))
    assert deploy("overlast", zonder, register).stand == "regel"
    assert deploy("overlast", gegevens, register).stand == "kampioen"


def test_too_little_history_is_the_rule_and_trains_nothing(
    maak_register: Callable[[], Modelregister], niet_trainen: None
) -> None:
    register = maak_register()
    inzet = deploy("overlast", make_overlast(complexen=20, van=640), register)
    assert "te weinig om van te leren" in inzet.zin
    assert "\n" not in inzet.zin
    woonfraude = make_woonfraude()
    log = woonfraude.log
    assert log is not None
    kort = replace(woonfraude, log=log.select(log.maand > NU - 24))
    assert "te weinig onderzocht" in deploy("woonfraude", kort, register).zin
    leeg = replace(woonfraude, log=None)
    assert "geen onderzoeken geleverd" in deploy("woonfraude", leeg, register).zin
    assert register.list_versies("overlast") == register.list_versies("woonfraude")


def make_zonder_escalatie() -> Gegevens:
    gegevens = make_overlast()
    p = gegevens.paneel
    return replace(gegevens, paneel=replace(p, y=np.where(np.isnan(p.y), np.nan, 0.0)))


def make_met_kans(gehouden: int) -> Gegevens:
    """Return inspections of which so many per year have the chance of selection kept."""
    gegevens = make_woonfraude()
    log = gegevens.log
    assert log is not None
    kans = log.selectiekans.copy()
    for jaar in np.unique(log.maand // 12):
        bekend = np.flatnonzero((log.maand // 12 == jaar) & ~np.isnan(kans))
        kans[bekend[gehouden:]] = np.nan
    return replace(gegevens, log=replace(log, selectiekans=kans))


@pytest.mark.parametrize(
    ("model", "maak", "woord"),
    [
        ("overlast", lambda: make_overlast(complexen=20), "kleinste toetsvenster"),
        ("overlast", make_zonder_escalatie, "0 escalaties"),
        ("woonfraude", lambda: make_met_kans(0), "waren er 0 eigen onderzoeken"),
        ("woonfraude", lambda: make_met_kans(10), "onderzoeken met een bekende kans"),
    ],
    ids=["few complexes", "no escalation", "no chance kept", "few chances kept"],
)
def test_association_on_which_no_model_can_be_tested_is_the_rule_and_its_run_goes_on(
    maak_register: Callable[[], Modelregister],
    niet_trainen: None,
    model: Model,
    maak: Callable[[], Gegevens],
    woord: str,
) -> None:
    gegevens = maak()
    inzet = deploy(model, gegevens, maak_register())
    assert inzet.stand == "regel"
    assert woord in inzet.zin
    scores = SCOOR[model](gegevens, inzet, NU)
    assert len(scores)
    assert scores["is_regel"].all()


def test_history_that_is_gone_and_comes_back_brings_the_champion_back_untrained(
    maak_register: Callable[[], Modelregister],
) -> None:
    register, gegevens = maak_register(), make_overlast()
    eerst = deploy("overlast", gegevens, register)
    kort = replace(gegevens, paneel=gegevens.paneel.select(gegevens.paneel.peilmaand > 640))
    assert deploy("overlast", kort, register).stand == "regel"
    weer = deploy("overlast", gegevens, register)
    assert (weer.scoreversie, weer.is_nieuw_getraind) == (eerst.scoreversie, False)


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
def test_deliveries_without_any_feature_give_the_rule_and_no_score(
    maak_register: Callable[[], Modelregister], model: Model
) -> None:
    gegevens = MAAK[model]()
    leeg = replace(
        gegevens,
        paneel=gegevens.paneel.select(np.zeros(len(gegevens.paneel), dtype=bool)),
        log=None,
    )
    inzet = deploy(model, leeg, maak_register())
    assert inzet.stand == "regel"
    assert "\n" not in inzet.zin
    assert len(SCOOR[model](leeg, inzet, NU)) == 0


def test_outcomes_that_were_not_known_when_the_half_year_began_are_no_part_of_it() -> None:
    gegevens = make_overlast()
    p = gegevens.paneel
    bekend = risico.as_known(replace(p, y=np.where(np.isnan(p.y), 1.0, p.y)), 660, 6)
    assert int(bekend.peilmaand.max()) == 660
    assert np.isnan(bekend.y[bekend.peilmaand > 654]).all()
    assert bekend.is_bekend[bekend.peilmaand <= 654].all()


@pytest.mark.parametrize(
    ("model", "nu", "verwacht"),
    [
        ("overlast", date(2026, 6, 1), date(2026, 1, 1)),
        ("overlast", date(2026, 7, 1), date(2026, 7, 1)),
        ("woonfraude", date(2026, 12, 1), date(2026, 1, 1)),
        ("woonfraude", date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_training_month_is_the_first_of_the_half_year_or_year(
    model: Model, nu: date, verwacht: date
) -> None:
    assert to_peildatum(risico.find_trainingsmaand(model, to_peilmaand(nu))) == verwacht


# --- a known change of policy


def test_known_change_of_policy_is_a_version_of_its_own_and_stands_on_the_card(
    maak_register: Callable[[], Modelregister],
) -> None:
    register, gegevens = maak_register(), make_overlast()
    zonder = deploy("overlast", gegevens, register)
    wijziging = Beleidswijziging("overlast", date(2024, 6, 1), "Nieuw formulier", "teamleider")
    van_ander = replace(wijziging, model="woonfraude")
    organisatie = replace(ORGANISATIE, beleidswijzigingen=(van_ander,))
    assert deploy("overlast", gegevens, register, organisatie=organisatie).scoreversie == (
        zonder.scoreversie
    )
    organisatie = replace(ORGANISATIE, beleidswijzigingen=(wijziging,))
    leeg = maak_register()
    met = deploy("overlast", gegevens, leeg, organisatie=organisatie)
    (versie,) = leeg.list_versies("overlast")
    assert versie.modelversie != zonder.scoreversie
    kaart = met.kaart or leeg.load_versie("overlast", versie.modelversie).kaart
    assert "01-06-2024: Nieuw formulier (vastgesteld door teamleider)" in kaart
    assert zonder.schatter is not None
    coef = leeg.load_versie("overlast", versie.modelversie).schatter.named_steps["model"].coef_
    assert np.array_equal(zonder.schatter.named_steps["model"].coef_, coef)


def test_change_of_policy_after_the_half_year_began_waits_for_the_next(
    ingezet: Ingezet, niet_trainen: None
) -> None:
    later = Beleidswijziging("overlast", date(2026, 2, 1), "Nieuw formulier", "teamleider")
    organisatie = replace(ORGANISATIE, beleidswijzigingen=(later,))
    inzet = deploy(ingezet.model, ingezet.gegevens, ingezet.register, organisatie=organisatie)
    assert inzet.scoreversie == ingezet.inzet.scoreversie


# --- what was not delivered


def test_sources_that_were_not_delivered_drop_their_features_and_the_card_names_them(
    maak_register: Callable[[], Modelregister],
) -> None:
    gegevens = make_overlast()
    p = gegevens.paneel
    weg = {k.naam for k in p.kenmerken if {"schouw", "onderhoud"} & set(k.bronnen)}
    x = p.x.copy()
    x[:, [j for j, k in enumerate(p.kenmerken) if k.naam in weg]] = np.nan
    zonder = replace(gegevens, paneel=replace(p, x=x))
    inzet = deploy("overlast", zonder, maak_register())
    assert inzet.stand == "kampioen"
    gewild = {"schouw_laatste", "schouw_12m", "vandalisme_6m"}
    assert gewild <= weg
    assert not weg & set(inzet.kenmerken)
    assert all(naam in inzet.kaart for naam in gewild)
    assert len(score_overlast(zonder, inzet, NU)) == len(np.unique(p.complex_id[p.eenheden >= 10]))


def test_who_inspected_is_not_asked_for_and_on_no_list() -> None:
    """Who looked foretells what was found (elsewhere .584 became .727), and not where it is."""
    wie = re.compile(r"inspect|medewerker|onderzoeker|uitvoerder|controleur|behandelaar")
    gevraagd = [
        kolom.naam
        for tabel in load_contract().tabellen
        if tabel.id.startswith("woonfraude.")
        for kolom in tabel.kolommen
    ]
    lijst = [k.naam for model in MAAK for k in read_toegestaan(model)]
    assert "reden_code" in gevraagd
    assert "trefkans_36m" in lijst
    assert not [naam for naam in (*gevraagd, *lijst) if wie.search(naam)]


# --- what is read of the warehouse


def make_wijken(db: duckdb.DuckDBPyConnection) -> None:
    """Deliver two buurten with a wijk and one without."""
    db.execute("create schema staging")
    db.execute(
        "create table staging.stg_vera__wijk as from (values ('W1', 'WK01', 'Oost')) "
        "as w (wijk_id, id_gegevensbeheerder, naam)"
    )
    db.execute(
        "create table staging.stg_vera__buurt as from (values ('B1', 'BU01', 'W1'), "
        "('B2', null, 'W2'), ('B3', 'BU03', null)) as b (buurt_id, id_gegevensbeheerder, wijk_id)"
    )


def test_wijk_of_a_buurt_is_its_name_or_its_number_and_may_be_unknown() -> None:
    with duckdb.connect() as db:
        make_wijken(db)
        assert risico.read_wijken(db, ["BU01", "B2", "BU03", "BU99"]) == ("Oost", "W2", "", "")


def test_composition_that_nobody_may_read_here_is_unknown_and_no_error() -> None:
    with duckdb.connect() as db:
        assert np.isnan(risico.read_samenstelling(db, ["BU01", "BU02"])).all()
        make_wijken(db)
        db.execute("create schema toetsing")
        assert np.isnan(risico.read_samenstelling(db, ["BU01"])).all()


def make_warehouse(geleden: dict[str, float | None]) -> duckdb.DuckDBPyConnection:
    """Return one month of complexes, by how long ago a dossier of theirs had a formal step.

    Nothing says of any complex that all nine months before are covered.
    """
    db = duckdb.connect()
    make_wijken(db)
    db.execute("create schema intermediate; create schema toetsing")
    db.execute(
        "create table toetsing.samenstelling (regio_code varchar, soort_regio varchar, "
        "jaar integer, niet_westers_pct double, niet_westers_aantal integer, "
        "inwoners_aantal integer)"
    )
    ruw = [naam for naam in RUW_OVERLAST if naam not in {"schouw_laatste"}]
    namen = [k.naam for k in read_toegestaan("overlast")]
    kenmerk = pd.DataFrame({naam: [1.0] * len(geleden) for naam in (*namen, *ruw)})
    kenmerk = kenmerk.assign(
        complex_id=list(geleden),
        peildatum=to_peildatum(NU),
        buurt_id="BU01",
        aantal_eenheden=20,
        escalatie_maanden_geleden=pd.array(list(geleden.values()), dtype="Float64"),
    )
    uitkomst = kenmerk[["complex_id", "peildatum"]].assign(
        is_in_cohort=False,
        escalatie=pd.array([None] * len(geleden), dtype="Int64"),
        piek=pd.array([None] * len(geleden), dtype="Int64"),
    )
    db.register("kenmerk", kenmerk)
    db.register("uitkomst", uitkomst)
    db.execute("create table intermediate.int_overlast__kenmerk as from kenmerk")
    db.execute("create table intermediate.int_overlast__uitkomst as from uitkomst")
    return db


def test_complex_whose_dossier_runs_is_not_scored_and_one_of_which_nobody_knows_is() -> None:
    """A month of dossiers that is not delivered yet takes no complex off the list."""
    with make_warehouse({"C1": 1.0, "C2": 9.0, "C3": 10.0, "C4": 36.0, "C5": None}) as db:
        gegevens = risico.read_overlast(db)
    regel = Inzet("overlast", "regel", "regel-1", "regel", 0, "De vaste regel doet het werk.")
    scores = score_overlast(gegevens, regel, NU)
    assert sorted(scores["complex_id"]) == ["C3", "C4", "C5"]


def test_chance_of_selection_of_zero_is_one_that_was_not_kept() -> None:
    with duckdb.connect() as db:
        make_wijken(db)
        db.execute("create schema intermediate; create schema woonfraude; create schema toetsing")
        db.execute(
            "create table toetsing.samenstelling (regio_code varchar, soort_regio varchar, "
            "jaar integer, niet_westers_pct double, niet_westers_aantal integer, "
            "inwoners_aantal integer)"
        )
        namen = [k.naam for k in read_toegestaan("woonfraude")]
        kenmerk = pd.DataFrame({naam: [1.0] for naam in namen}).assign(  # noqa: F841
            complex_id="C1", peildatum=to_peildatum(NU), aantal_eenheden=20
        )
        db.execute("create table woonfraude.int_woonfraude__kenmerk as from kenmerk")
        db.execute(
            "create table intermediate.int_overlast__complexmaand as "
            "select 'C1' as complex_id, 'BU01' as buurt_id"
        )
        db.execute(
            "create table woonfraude.int_woonfraude__onderzoek as "
            "select 'O' || i as onderzoek_id, 'C1' as complex_id, date '2025-01-01' as maand, "
            "date '2025-02-01' as bekend_vanaf, 'aselect' as reden_code, "
            "[0.0, 0.25, null][i] as selectiekans, 0 as is_treffer from range(1, 4) as t(i)"
        )
        gegevens = risico.read_woonfraude(db)
    assert gegevens.log is not None
    assert str(gegevens.log.selectiekans.tolist()) == "[nan, 0.25, nan]"


# --- what a score says


def test_scores_are_of_complexes_of_ten_dwellings_and_more_and_rank_them_by_chance(
    ingezet: Ingezet,
) -> None:
    p, scores = ingezet.gegevens.paneel, ingezet.scores
    groot = p.complex_id[(p.peilmaand == NU) & (p.eenheden >= 10)]
    assert (p.eenheden < 10).any()
    assert sorted(scores["complex_id"]) == sorted(groot)
    op_rang = scores.sort_values("rang")
    assert op_rang["rang"].tolist() == list(range(1, len(groot) + 1))
    assert op_rang["kans"].is_monotonic_decreasing
    assert (scores["kans_laag"] <= scores["kans"]).all()
    assert (scores["kans"] <= scores["kans_hoog"]).all()
    assert scores["kans_top_k"].sum() == pytest.approx(ingezet.inzet.k)
    assert set(scores["band"]) <= {"zeker", "waarschijnlijk", "grensgeval"}


def test_reasons_are_dutch_sentences_without_a_name_or_a_place(ingezet: Ingezet) -> None:
    zinnen = read_redenen(ingezet.scores)
    assert len(zinnen) > len(ingezet.scores)
    teksten = {k.tekst_hoog for k in ingezet.gegevens.paneel.kenmerken} | {
        k.tekst_laag for k in ingezet.gegevens.paneel.kenmerken
    }
    stammen = {t.lower()[:12] for t in teksten if t}
    for zin in zinnen:
        assert not NAAM.search(zin), zin
        assert "_" not in zin, zin
        assert any(stam in zin.lower() for stam in stammen), zin
    assert all(
        sum(reden["bijdrage"] > 0 for reden in json.loads(tekst)) <= 3
        for tekst in ingezet.scores["redenen"]
    )


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
def test_reasons_of_the_rule_are_sentences_too_and_no_small_complex_has_any(model: Model) -> None:
    gegevens = MAAK[model]()
    regel = Inzet(model, "regel", "regel-1", "regel", 0, "De vaste regel doet het werk.")
    scores = SCOOR[model](gegevens, regel, NU)
    zinnen = read_redenen(scores)
    assert zinnen
    assert not [zin for zin in zinnen if NAAM.search(zin) or "_" in zin]
    p = gegevens.paneel
    klein = set(p.complex_id[p.eenheden < 10].tolist())
    assert klein
    assert not klein & set(scores["complex_id"])


def test_scores_of_a_model_become_a_worklist_with_chances_reasons_and_a_lottery(
    ingezet: Ingezet, tmp_path: Path
) -> None:
    tabel = pa.Table.from_pandas(ingezet.scores, preserve_index=False)
    p = ingezet.gegevens.paneel
    eenheden = dict(zip(p.complex_id.tolist(), p.eenheden.tolist(), strict=True))
    werklijsten = Werklijstregister(url_of_file(tmp_path / "besluiten.sqlite"))
    opdracht = Opdracht(k=ingezet.inzet.k, capaciteit=20, gelogde_onderzoeken=1000)
    lijst = compose_lijst(
        tabel, eenheden, ingezet.model, opdracht, werklijsten, "r1", ZONDER_GEHEIM
    )
    werklijsten.close()
    assert lijst.scoreversie == ingezet.inzet.scoreversie
    assert {regel.baan for regel in lijst.regels} == {"model", "aselect"}
    op_kans = [regel for regel in lijst.regels if regel.baan == "model"]
    kans = dict(zip(ingezet.scores["complex_id"], ingezet.scores["kans"], strict=True))
    assert all(regel.kans == kans[regel.complex_id] for regel in op_kans)
    assert any(json.loads(regel.redenen) for regel in op_kans)


@pytest.mark.parametrize(
    ("stand", "k", "verwacht"), [("kampioen", 2, 2), ("kampioen", 9, 4), ("regel", 0, 4)]
)
def test_part_by_score_is_never_longer_than_the_evaluation_of_the_model_allows(
    tmp_path: Path, stand: str, k: int, verwacht: int
) -> None:
    """Asked is four; the evaluation of a champion says two or nine, of the rule nothing."""
    release = publish_example(tmp_path / "releases")
    pq.write_table(
        pa.table({"model": ["overlast"], "stand": [stand], "k": [k]}), release / STANDBESTAND
    )
    archief = tmp_path / "archief" / release.name
    archief.mkdir(parents=True)
    rijen = [make_rij(f"C00{c}", c, is_regel=stand == "regel") for c in range(1, 7)]
    pq.write_table(to_table(rijen), archief / BESTAND)
    assert read_lengte(tmp_path / "releases", "woonfraude") is None
    instellingen = Instellingen(data=tmp_path)
    werklijst.compose(instellingen, "overlast", Opdracht(k=4, capaciteit=6))
    register = Werklijstregister(instellingen.besluiten_adres)
    (lijst,) = register.list_lijsten("overlast")
    register.close()
    assert lijst.k == verwacht


# --- when a model stops


def plant(gegevens: Gegevens, peildata: tuple[date, ...], soort: str) -> pd.DataFrame:
    """Return published scores that were right, beside the truth, or far too high."""
    p = gegevens.paneel
    delen = []
    for dag in peildata:
        rij = np.flatnonzero((p.peilmaand == to_peilmaand(dag)) & (p.eenheden >= 10))
        y = p.y[rij]
        goed = np.where(y == 1, 0.6, 0.1)
        omgekeerd = np.where(y == 1, 0.01, 0.2)
        if not np.isnan(y).all():
            goed *= np.nansum(y) / goed[~np.isnan(y)].sum()
            omgekeerd *= np.nansum(y) / omgekeerd[~np.isnan(y)].sum()
        kans = {"goed": goed, "omgekeerd": omgekeerd, "te hoog": np.clip(2.5 * goed, 0, 1)}[soort]
        delen.append(
            pd.DataFrame({"complex_id": p.complex_id[rij], "peildatum": dag, "kans": kans})
        )
    return pd.concat(delen, ignore_index=True)


JANUARI, JULI, APRIL = date(2025, 1, 1), date(2025, 7, 1), date(2025, 4, 1)


@pytest.mark.parametrize(
    ("peildata", "soort", "woord"),
    [
        ((JANUARI, JULI), "goed", None),
        ((JANUARI, JULI), "omgekeerd", "niet beter dan de vaste regel"),
        ((JULI,), "omgekeerd", None),  # once is no reason
        ((JULI,), "te hoog", "veel minder dan het model voorspelde"),
        ((JANUARI,), "te hoog", "veel minder dan het model voorspelde"),
        # from the month in which it began, and then every half year
        ((APRIL,), "te hoog", "in 2025-04-01 veel minder dan het model voorspelde"),
        ((JANUARI, APRIL), "omgekeerd", None),  # half of their outcome is the same
        ((APRIL, date(2025, 7, 1)), "omgekeerd", None),
        ((date(2024, 9, 1), date(2025, 3, 1)), "omgekeerd", "niet beter dan de vaste regel"),
        ((date(2026, 1, 1),), "te hoog", None),  # nobody knows yet
    ],
)
def test_published_scores_that_did_not_come_true_make_the_model_stop(
    peildata: tuple[date, ...], soort: str, woord: str | None
) -> None:
    gegevens = make_overlast()
    redenen = check_gepubliceerd(gegevens, plant(gegevens, peildata, soort))
    assert bool(redenen) == (woord is not None)
    assert woord is None or woord in redenen[0]


def test_window_with_a_handful_of_events_does_not_stop_a_model_for_its_number() -> None:
    """Twice as many as foretold: of two foretold that is chance, of forty it is not."""
    gegevens = make_overlast()
    p = gegevens.paneel
    for complexen, is_stop in ((40, False), (300, True)):
        klein = replace(gegevens, paneel=p.select(np.isin(p.complex_id, p.complex_id[:complexen])))
        kans = plant(klein, (JULI,), "goed")
        assert bool(check_gepubliceerd(klein, kans.assign(kans=kans["kans"] / 2))) is is_stop


def test_half_year_without_any_event_stops_a_model_that_foretold_many() -> None:
    gegevens = make_zonder_escalatie()
    kans = plant(make_overlast(), (JULI,), "goed")
    (reden,) = check_gepubliceerd(gegevens, kans)
    assert "veel minder dan het model voorspelde (0,00 keer)" in reden


def test_fairness_block_of_this_run_stops_the_model() -> None:
    gegevens = make_overlast()
    kans = plant(gegevens, (JULI,), "goed")
    (reden,) = check_gepubliceerd(gegevens, kans, ("kenmerk x is een omweg",))
    assert reden == "De toets op eerlijkheid houdt het model tegen: kenmerk x is een omweg."


def test_order_of_planted_scores_is_as_the_stop_rule_wants_it() -> None:
    gegevens = make_overlast()
    for soort, is_beter in (("goed", True), ("omgekeerd", False)):
        kans = plant(gegevens, (JULI,), soort)
        p = gegevens.paneel
        rij = p.select((p.peilmaand == to_peilmaand(JULI)) & (p.eenheden >= 10))
        toeval = compute_ap(rij.y, np.zeros(len(rij)))
        assert (compute_ap(rij.y, kans["kans"].to_numpy()) > toeval) == is_beter


def test_rule_takes_over_from_a_model_that_stops_and_says_why(ingezet: Ingezet) -> None:
    inzet = revert_to_regel(ingezet.inzet, ("Het ging niet goed.",))
    assert (inzet.stand, inzet.scoreversie, inzet.schatter) == ("regel", "regel-1", None)
    assert "Het ging niet goed." in inzet.zin
    assert inzet.gezakt == ("Het ging niet goed.",)


# --- from warehouse to warehouse


@dataclass(frozen=True)
class Lijn:
    """A data folder without dbt: what the step reads is handed to it, what it writes is real."""

    map: Werkmap
    register: Modelregister
    werklijsten: Werklijstregister
    gegevens: dict[Model, Gegevens]

    def write(self, monkeypatch: pytest.MonkeyPatch, klok: date = date(2026, 1, 1)) -> list[Inzet]:
        werkplaats = cast(
            Werkplaats,
            SimpleNamespace(
                map=self.map,
                compute_klok=lambda: klok,
            ),
        )
        monkeypatch.setattr(
            assets, "_LEES", {m: lambda _, m=m: self.gegevens[m] for m in self.gegevens}
        )
        lineair = {"lineair": overlast_keuring.KANDIDATEN["lineair"]}
        monkeypatch.setattr(overlast_keuring, "KANDIDATEN", lineair)
        monkeypatch.setattr(risico_inzet, "draw_overlast", lambda *_: {})
        monkeypatch.setattr(risico_inzet, "draw_woonfraude", lambda *_: {})
        inzetten, _, _ = assets.write_risico(
            werkplaats, ORGANISATIE, self.register, self.werklijsten, Voortgang()
        )
        return inzetten

    def read(self, vraag: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.map.warehouse), read_only=True) as db:
            return db.execute(vraag).fetchall()

    def publish(
        self, scores: pd.DataFrame, scoreversie: str = "abc", *, is_regel: bool = False
    ) -> None:
        """Put scores of overlast among the published ones."""
        rijen = scores.assign(model="overlast", scoreversie=scoreversie, is_regel=is_regel)  # noqa: F841
        with duckdb.connect(str(self.map.warehouse)) as db:
            db.execute("insert into buurtpeil.gepubliceerde_risicoscore by name from rijen")


@pytest.fixture
def lijn(maak_register: Callable[[], Modelregister], tmp_path: Path) -> Iterator[Lijn]:
    map_ = Werkmap.of(tmp_path)
    with duckdb.connect(str(map_.warehouse)) as db:
        db.execute("create schema buurtpeil")
        db.execute(
            f"create table buurtpeil.gepubliceerde_risicoscore ({risico.KOLOMMEN[risico.SCORE]})"
        )
    werklijsten = Werklijstregister(url_of_file(tmp_path / "besluiten.sqlite"))
    gegevens: dict[Model, Gegevens] = {model: maak() for model, maak in MAAK.items()}
    yield Lijn(map_, maak_register(), werklijsten, gegevens)
    werklijsten.close()


STANDEN = "select model, stand from buurtpeil.risicomodel order by model"


def test_stopped_model_has_rows_for_the_lot_alone_and_says_that_it_is_stopped(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lijn.werklijsten.set_modelstand("woonfraude", "gestopt", "Eerst een gesprek", "Anna")
    lijn.write(monkeypatch)
    assert lijn.read(STANDEN) == [("overlast", "kampioen"), ("woonfraude", "gestopt")]
    zonder_score = lijn.read(
        "select distinct is_regel, kans, redenen, scoreversie from buurtpeil.risicoscore "
        "where model = 'woonfraude'"
    )
    assert zonder_score == [(True, None, "[]", "gestopt")]
    ((zin, aantal, k, kaart),) = lijn.read(
        "select zin, aantal_complexen, k, kaart from buurtpeil.risicomodel "
        "where model = 'woonfraude'"
    )
    assert "Eerst een gesprek" in zin
    assert "Anna" not in zin
    assert aantal > 0
    assert (k, kaart) == (0, "")
    assert not lijn.register.list_versies("woonfraude")
    lijn.werklijsten.set_modelstand("woonfraude", "in_gebruik", "Gesprek gehad", "Anna")
    lijn.write(monkeypatch)
    assert ("woonfraude", "kampioen") in lijn.read(STANDEN)


def test_run_reads_who_signed_from_the_decisions(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lijn.werklijsten.add_tekening("overlast", "nieuw", "oud", "Nieuwe wijk erbij.", "Anna")
    gelezen: dict[str, object] = {}

    def keep(model: str) -> Callable[..., Inzet]:
        def zet_in(*delen: Any) -> Inzet:
            gelezen[model] = delen[-1]
            raise RegisterFout("Genoeg gezien.")

        return zet_in

    for model in ("overlast", "woonfraude"):
        monkeypatch.setitem(assets._ZET_IN, model, keep(model))
    lijn.write(monkeypatch)
    assert gelezen == {"overlast": {("nieuw", "oud")}, "woonfraude": frozenset()}


def test_both_models_stopped_leave_no_chance_and_no_reason_at_all(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch, niet_trainen: None
) -> None:
    for model in ("overlast", "woonfraude"):
        lijn.werklijsten.set_modelstand(model, "gestopt", "Eerst een gesprek", "Anna")
    lijn.write(monkeypatch)
    assert lijn.read("select distinct kans, redenen from buurtpeil.risicoscore") == [(None, "[]")]
    assert lijn.read(STANDEN) == [("overlast", "gestopt"), ("woonfraude", "gestopt")]


def test_place_of_a_complex_in_a_stopped_model_follows_from_no_feature(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch, niet_trainen: None
) -> None:
    for model in ("overlast", "woonfraude"):
        lijn.werklijsten.set_modelstand(model, "gestopt", "Eerst een gesprek", "Anna")
    vraag = "select model, complex_id, rang from buurtpeil.risicoscore order by all"
    lijn.write(monkeypatch)
    eerst = lijn.read(vraag)
    for model, gegevens in lijn.gegevens.items():
        x = -3.0 * gegevens.paneel.x
        lijn.gegevens[model] = replace(gegevens, paneel=replace(gegevens.paneel, x=x))
    lijn.write(monkeypatch)
    assert lijn.read(vraag) == eerst


def test_month_in_which_the_model_was_stopped_gives_a_list_by_lot_alone(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is in use again by the time that the list is made."""
    lijn.werklijsten.set_modelstand("overlast", "gestopt", "Eerst een gesprek", "Anna")
    lijn.write(monkeypatch)
    lijn.werklijsten.set_modelstand("overlast", "in_gebruik", "Gesprek gehad", "Anna")
    with duckdb.connect(str(lijn.map.warehouse), read_only=True) as db:
        tabel = db.sql("from buurtpeil.risicoscore where model = 'overlast'").to_arrow_table()
    p = lijn.gegevens["overlast"].paneel
    eenheden = dict(zip(p.complex_id.tolist(), p.eenheden.tolist(), strict=True))
    opdracht = Opdracht(k=10, capaciteit=20)
    lijst = compose_lijst(
        tabel, eenheden, "overlast", opdracht, lijn.werklijsten, "r1", ZONDER_GEHEIM
    )
    assert {regel.baan for regel in lijst.regels} == {"aselect"}


def test_second_run_writes_the_same_rows(lijn: Lijn, monkeypatch: pytest.MonkeyPatch) -> None:
    vraag = "select * from buurtpeil.{} order by all"
    assert all(i.is_nieuw_getraind for i in lijn.write(monkeypatch))
    eerst = [lijn.read(vraag.format(naam)) for naam in risico.KOLOMMEN]
    assert not any(i.is_nieuw_getraind for i in lijn.write(monkeypatch))
    assert [lijn.read(vraag.format(naam)) for naam in risico.KOLOMMEN] == eerst


def begin(lijn: Lijn, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the model of overlast come through the gate; return its version."""
    (inzet, _) = lijn.write(monkeypatch)
    assert inzet.stand == "kampioen"
    return inzet.scoreversie


def test_champion_whose_published_scores_were_wrong_makes_room_and_stays_away(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    versie = begin(lijn, monkeypatch)
    lijn.publish(plant(lijn.gegevens["overlast"], (JANUARI, JULI), "omgekeerd"), versie)
    lijn.write(monkeypatch)
    assert ("overlast", "regel") in lijn.read(STANDEN)
    ((zin,),) = lijn.read("select zin from buurtpeil.risicomodel where model = 'overlast'")
    assert "niet beter dan de vaste regel" in zin
    assert lijn.register.load_kampioen("overlast") is None
    assert lijn.read(
        "select distinct is_regel from buurtpeil.risicoscore where model = 'overlast'"
    ) == [(True,)]
    lijn.write(monkeypatch)
    assert ("overlast", "regel") in lijn.read(STANDEN)
    assert lijn.read("select zin from buurtpeil.risicomodel where model = 'overlast'") == [(zin,)]


def test_stop_by_a_person_does_not_wipe_out_what_the_model_said_before_it(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    versie = begin(lijn, monkeypatch)
    gegevens = lijn.gegevens["overlast"]
    lijn.publish(plant(gegevens, (JANUARI, JULI), "omgekeerd"), versie)
    in_augustus = plant(gegevens, (date(2025, 8, 1),), "goed").assign(kans=None)
    lijn.publish(in_augustus, "gestopt", is_regel=True)
    lijn.write(monkeypatch)
    assert ("overlast", "regel") in lijn.read(STANDEN)


def test_successor_is_held_to_what_it_said_itself_and_not_to_what_another_said(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    versie = begin(lijn, monkeypatch)
    lijn.publish(plant(lijn.gegevens["overlast"], (JANUARI, JULI), "omgekeerd"), "0123456789ab")
    lijn.write(monkeypatch)
    assert ("overlast", "kampioen") in lijn.read(STANDEN)
    assert lijn.register.load_kampioen("overlast") is not None
    assert {v.modelversie for v in lijn.register.list_versies("overlast")} == {versie}


def test_model_that_comes_back_after_the_rule_is_not_held_to_what_it_said_before(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went wrong and made room; the rule chose; from then on it is judged anew."""
    versie = begin(lijn, monkeypatch)
    gegevens = lijn.gegevens["overlast"]
    lijn.publish(plant(gegevens, (date(2024, 1, 1), date(2024, 7, 1)), "omgekeerd"), versie)
    lijn.publish(plant(gegevens, (JULI,), "goed").assign(kans=None), "regel-1", is_regel=True)
    lijn.write(monkeypatch)
    assert ("overlast", "kampioen") in lijn.read(STANDEN)


def make_gat(gegevens: Gegevens, kenmerk: str) -> Gegevens:
    """Return the data with one feature unknown of half of the complexes this month."""
    p = gegevens.paneel
    x = p.x.copy()
    weg = (p.peilmaand == NU) & (np.arange(len(p)) % 2 == 0)
    x[weg, p.namen.index(kenmerk)] = np.nan
    return replace(gegevens, paneel=replace(p, x=x))


@pytest.mark.parametrize(
    ("model", "kenmerk"), [("overlast", "schouw_12m"), ("woonfraude", "huurkloof")]
)
def test_feature_that_is_suddenly_unknown_is_a_warning_with_a_table_and_stops_nothing(
    model: Model, kenmerk: str
) -> None:
    gegevens = MAAK[model]()
    rustig = describe_ontbreken(gegevens, model, NU)
    assert len(rustig) > 5
    assert assets.check_ontbreken({model: rustig}).passed

    alarm = describe_ontbreken(make_gat(gegevens, kenmerk), model, NU)
    uit = assets.check_ontbreken({model: alarm})
    assert not uit.passed
    assert uit.severity == dg.AssetCheckSeverity.WARN
    assert uit.description == f"{model}: Van {kenmerk} ontbreekt 50 % (bij het leren 0 %)."
    tabel = uit.metadata[model].value
    assert isinstance(tabel, str)
    assert f"| ontbreekt: {kenmerk} | 0,50 | hoogstens 10 % | **ja** |" in tabel


def test_features_of_an_association_without_history_are_compared_with_nothing() -> None:
    gegevens = make_overlast()
    kort = replace(gegevens, paneel=gegevens.paneel.select(gegevens.paneel.peilmaand == NU))
    assert describe_ontbreken(kort, "overlast", NU) == ()
    uit = assets.check_ontbreken({"overlast": ()})
    assert (uit.passed, uit.metadata) == (True, {})


def test_card_that_goes_out_says_what_is_unknown_this_month_and_the_kept_one_does_not(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inzet, _) = lijn.write(monkeypatch)
    vraag = "select kaart from buurtpeil.risicomodel where model = 'overlast'"
    ((kaart,),) = lijn.read(vraag)
    assert "## De maand van 01-01-2026" in kaart
    assert "Van schouw_12m ontbreekt 0 % (bij het leren 0 %)." in kaart
    bewaard = lijn.register.load_versie("overlast", inzet.scoreversie).kaart
    assert kaart.startswith(bewaard.rstrip())
    assert "De maand van" not in bewaard


def make_scores(dag: str, rang: list[int], kans: float) -> pd.DataFrame:
    ids = [f"C{i}" for i in range(len(rang))]
    return pd.DataFrame({"complex_id": ids, "peildatum": dag, "kans": kans, "rang": rang})


def test_list_that_turns_over_and_a_mean_that_jumps_are_alarms() -> None:
    vorige = make_scores("2025-12-01", [1, 2, 3, 4, 5, 6], 0.1)
    zelfde = describe_verloop(make_scores("2026-01-01", [2, 1, 3, 4, 6, 5], 0.1), vorige, 3)
    assert [s.is_alarm for s in zelfde] == [False, False]
    anders = describe_verloop(make_scores("2026-01-01", [4, 5, 6, 1, 2, 3], 0.3), vorige, 3)
    assert [s.is_alarm for s in anders] == [True, True]


def test_first_month_has_nothing_to_compare_with() -> None:
    nu = make_scores("2026-01-01", [1, 2], 0.1)
    assert describe_verloop(nu, nu.iloc[:0], 1) == ()
    # What was published of this very month is no month before.
    assert describe_verloop(nu, nu, 1) == ()


def test_registry_that_cannot_be_used_gives_no_scores_and_does_not_stop_the_run(
    lijn: Lijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kapot(*_: object) -> Inzet:
        raise RegisterFout("Het modelregister is niet te bereiken.")

    monkeypatch.setitem(assets._ZET_IN, "overlast", kapot)
    lijn.write(monkeypatch)
    assert lijn.read(STANDEN)[0] == ("overlast", "storing")
    assert lijn.read("select count(*) from buurtpeil.risicoscore where model = 'overlast'") == [
        (0,)
    ]
    ((zin,),) = lijn.read("select zin from buurtpeil.risicomodel where model = 'overlast'")
    assert "niet te bereiken" in zin


def test_second_head_stands_on_the_card_and_its_chance_beside_the_score(
    maak_register: Callable[[], Modelregister],
) -> None:
    gegevens = make_overlast()
    inzet = deploy("overlast", replace(gegevens, piek=gegevens.paneel.y), maak_register())
    assert "Tweede uitkomst" in inzet.kaart
    assert "De kans wordt getoond" in inzet.kaart
    met_piek = replace(gegevens, piek=gegevens.paneel.y)
    with pytest.MonkeyPatch.context() as anders:
        # The run that wrote the card has the head: it is not made a second time.
        anders.setattr(risico_score, "train_piek", lambda *_: pytest.fail("made twice"))
        frame = score_overlast(met_piek, inzet, NU)
    assert frame["kans_piek"].between(0, 1).all()
    # and a month in which nothing trains makes the same one
    later = score_overlast(met_piek, replace(inzet, piekhoofd=None), NU)
    pd.testing.assert_frame_equal(later, frame, check_exact=True)
    zonder = score_overlast(gegevens, replace(inzet, piekhoofd=None), NU)
    assert zonder["kans_piek"].isna().all()
