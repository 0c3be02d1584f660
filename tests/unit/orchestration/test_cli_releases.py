"""What ``release list`` says is what the other commands ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli.releases import list_all
from orchestration.instellingen import Instellingen
from serving.release.winkel import current_path
from tests.unit.serving.voorbeeld_release import publish_example


def test_id_of_a_release_is_whole_on_a_narrow_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_example(tmp_path / "releases")
    monkeypatch.setenv("COLUMNS", "72")
    list_all(Instellingen(data=tmp_path), als_json=False)
    uit = capsys.readouterr().out
    assert current_path(tmp_path / "releases").name in uit
    assert "…" not in uit
