"""A release is made again with the model that chose then, and with what was stopped then."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.registry import Modelregister, RegisterFout
from orchestration.reproductie_invoer import Invoer, Modelstaat, read_invoer, write_invoer
from orchestration.reproductie_modellen import VasteStanden, describe_modellen, rewind_modellen
from orchestration.werklijst import read_gestopt
from serving.besluit.werklijstregister import Werklijstregister
from serving.opslag import url_of_file
from tests.unit.models.test_registry import (
    crown,
    lege_database,  # noqa: F401 - a registry's tables, made once
    log_versie,
    make_run,
    op_schijf,  # noqa: F401 - a registry in a folder of its own
)

NU = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


def train_kampioen(register: Modelregister, alpha: float) -> str:
    run = make_run(alpha=alpha)
    crown(register, run)
    return run.modelversie


def make_werklijsten(pad: Path) -> Werklijstregister:
    return Werklijstregister(url_of_file(pad), nu=lambda: NU)


def test_model_that_chose_then_chooses_again_and_what_came_after_is_gone(
    op_schijf: Modelregister,  # noqa: F811
    tmp_path: Path,
) -> None:
    toen_kampioen = train_kampioen(op_schijf, 10.0)
    with closing(make_werklijsten(tmp_path / "besluiten.sqlite")) as werklijsten:
        toen = describe_modellen(op_schijf, werklijsten)
        train_kampioen(op_schijf, 20.0)
        log_versie(op_schijf, alpha=30.0)
        op_schijf.drop_kampioen("overlast", ["Het model deed het slechter dan de regel."])
        assert describe_modellen(op_schijf, werklijsten) != toen
        assert toen is not None
        rewind_modellen(op_schijf, toen)

        assert describe_modellen(op_schijf, werklijsten) == toen
    assert toen["overlast"].kampioen == toen_kampioen
    geladen = op_schijf.load_kampioen("overlast")
    assert geladen is not None
    assert geladen.versie.modelversie == toen_kampioen


def test_rule_that_chose_then_chooses_again(
    op_schijf: Modelregister,  # noqa: F811
    tmp_path: Path,
) -> None:
    kampioen = train_kampioen(op_schijf, 10.0)
    op_schijf.drop_kampioen("overlast", ["Het model deed het slechter dan de regel."])
    with closing(make_werklijsten(tmp_path / "besluiten.sqlite")) as werklijsten:
        toen = describe_modellen(op_schijf, werklijsten)
    op_schijf.set_kampioen("overlast", kampioen)
    assert toen is not None

    rewind_modellen(op_schijf, toen)

    assert op_schijf.load_kampioen("overlast") is None
    assert op_schijf.list_versies("overlast")[0].gestopt_omdat


def test_champion_that_is_gone_is_said_and_not_replaced(
    op_schijf: Modelregister,  # noqa: F811
) -> None:
    train_kampioen(op_schijf, 10.0)
    with pytest.raises(RegisterFout, match="Er is geen modelversie"):
        rewind_modellen(op_schijf, {"overlast": Modelstaat("weg", {"weg": ()}, None, ())})


def test_stop_and_signature_of_then_count_and_those_of_now_do_not(tmp_path: Path) -> None:
    pad = tmp_path / "besluiten.sqlite"
    with closing(make_werklijsten(pad)) as nu:
        nu.set_modelstand("overlast", "gestopt", "Pas sinds gisteren", "Anna")
        nu.add_tekening("woonfraude", "later", "eerder", "Lijst is nagelopen", "Anna")
    toen = {
        "overlast": Modelstaat(None, {}, None, (("nieuw", "oud"),)),
        "woonfraude": Modelstaat(None, {}, (NU, "De lijst klopte niet"), ()),
    }
    with closing(VasteStanden(url_of_file(pad), toen)) as vast:
        assert read_gestopt(vast, "overlast") is None
        assert [(t.modelversie, t.kampioen) for t in vast.list_tekeningen("overlast")] == [
            ("nieuw", "oud")
        ]
        gestopt = read_gestopt(vast, "woonfraude")
        assert gestopt is not None
        assert (gestopt.vastgelegd_op, gestopt.reden) == (NU, "De lijst klopte niet")
        assert "Anna" not in str(gestopt)
        assert vast.list_tekeningen("woonfraude") == ()


@pytest.mark.parametrize("modellen", [
    None,
    {
        "overlast": Modelstaat("a", {"a": (), "b": ("Slechter",)}, None, (("b", "a"),)),
        "woonfraude": Modelstaat(None, {}, (NU, "De lijst klopte niet"), ()),
    },
], ids=["niet bewaard", "bewaard"])  # fmt: skip
def test_state_of_the_models_comes_back_as_it_was_kept(
    tmp_path: Path, modellen: dict[str, Modelstaat] | None
) -> None:
    invoer = Invoer(None, {}, (), date(2026, 6, 1), "som", modellen)
    write_invoer(tmp_path, invoer)
    assert read_invoer(tmp_path) == invoer
