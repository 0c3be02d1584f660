"""The settings of Dagster itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from orchestration.dagster_yaml import OMGEVING, open_instance, prepare_dagster_home
from vera.errors import BuurtpeilError, GebruikFout

URL = "postgresql+psycopg://ik:geheim@host/dagster"


@pytest.fixture(autouse=True)
def omgeving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OMGEVING, "")


def read(home: Path) -> dict[str, object]:
    inhoud: dict[str, object] = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    return inhoud


def test_one_run_works_at_a_time_and_nothing_is_sent_anywhere(tmp_path: Path) -> None:
    inhoud = read(prepare_dagster_home(tmp_path / "dagster"))
    assert inhoud["concurrency"] == {"runs": {"max_concurrent_runs": 1}}
    assert inhoud["telemetry"] == {"enabled": False}
    assert "storage" not in inhoud


def test_password_of_the_database_is_in_no_file(tmp_path: Path) -> None:
    home = prepare_dagster_home(tmp_path / "dagster", URL)
    assert read(home)["storage"] == {"postgres": {"postgres_url": {"env": OMGEVING}}}
    assert "geheim" not in (home / "dagster.yaml").read_text(encoding="utf-8")
    assert os.environ[OMGEVING] == "postgresql+psycopg2://ik:geheim@host/dagster"


def test_settings_follow_when_the_database_changes_and_back(tmp_path: Path) -> None:
    home = tmp_path / "dagster"
    for url in (None, URL, None):
        prepare_dagster_home(home, url)
        assert ("storage" in read(home)) is (url is not None)


def test_settings_that_someone_wrote_are_left_and_never_passed_over_in_silence(
    tmp_path: Path,
) -> None:
    eigen = "telemetry:\n  enabled: false\n"
    (tmp_path / "dagster.yaml").write_text(eigen, encoding="utf-8")
    prepare_dagster_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_text(encoding="utf-8") == eigen
    with pytest.raises(GebruikFout, match="BUURTPEIL_DAGSTER_URL"):
        prepare_dagster_home(tmp_path, URL)


@pytest.mark.parametrize(
    "url", ["mysql://ik:geheim@host/x", "niets", "postgresql://ik:geheim@host"]
)
def test_address_that_is_not_of_postgresql_is_refused_without_repeating_it(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(GebruikFout) as fout:
        prepare_dagster_home(tmp_path, url)
    assert "geheim" not in str(fout.value)


def test_database_that_is_not_there_is_told_without_its_address(tmp_path: Path) -> None:
    url = f"postgresql://ik:geheim@/dagster?host={tmp_path}"
    home = prepare_dagster_home(tmp_path / "dagster", url)
    with pytest.raises(BuurtpeilError) as fout:
        open_instance(home)
    assert "niet te bereiken" in str(fout.value)
    assert "geheim" not in str(fout.value)


def test_settings_are_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file would be taken for settings that someone wrote, and be left for ever."""
    home = prepare_dagster_home(tmp_path / "dagster")
    voor = (home / "dagster.yaml").read_bytes()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as kapot:
        kapot.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            prepare_dagster_home(home, URL)
    assert (home / "dagster.yaml").read_bytes() == voor
    prepare_dagster_home(home, URL)
    assert "storage" in read(home)
    assert [pad.name for pad in home.iterdir()] == ["dagster.yaml"]
