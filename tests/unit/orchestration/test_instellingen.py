from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from orchestration.instellingen import Instellingen, read_instellingen
from vera.errors import GebruikFout

WORTEL = Path(__file__).parents[3]


def test_settings_have_defaults_that_work_without_any_environment() -> None:
    instellingen = read_instellingen({})
    assert instellingen.data == Path("data")
    assert instellingen.leveringen_map == Path("data/leveringen")


def test_setting_from_the_environment_wins() -> None:
    instellingen = read_instellingen({"BUURTPEIL_DATA": "/elders", "BUURTPEIL_LEVERINGEN": "x"})
    assert instellingen.data == Path("/elders")
    assert instellingen.leveringen_map == Path("x")


def test_decisions_are_a_file_in_the_data_folder_unless_a_database_is_named(
    tmp_path: Path,
) -> None:
    standaard = read_instellingen({"BUURTPEIL_DATA": str(tmp_path)})
    elders = read_instellingen({"BUURTPEIL_BESLUITEN_URL": "postgresql+psycopg://u:geheim@h/d"})

    assert standaard.besluiten_adres == f"sqlite:///{tmp_path}/besluiten.sqlite"
    assert elders.besluiten_adres == "postgresql+psycopg://u:geheim@h/d"
    assert "geheim" not in repr(elders)


def test_models_are_registered_in_the_data_folder_unless_a_database_is_named(
    tmp_path: Path,
) -> None:
    standaard = read_instellingen({"BUURTPEIL_DATA": str(tmp_path)})
    elders = read_instellingen({"BUURTPEIL_MLFLOW_URL": "postgresql+psycopg://u:geheim@h/d"})

    assert standaard.mlflow_adres == f"sqlite:///{tmp_path}/mlflow.sqlite"
    assert standaard.modellen_map == tmp_path / "modellen"
    assert elders.mlflow_adres == "postgresql+psycopg://u:geheim@h/d"
    assert "geheim" not in repr(elders)


def test_misspelt_setting_is_refused_and_named() -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_DATTA"):
        read_instellingen({"BUURTPEIL_DATTA": "x"})


def test_every_setting_stands_in_the_documented_table() -> None:
    tekst = (WORTEL / "docs" / "instellingen.md").read_text(encoding="utf-8")
    for veld in fields(Instellingen):
        assert f"`{veld.metadata['naam']}` | {veld.metadata['uitleg']}" in tekst
