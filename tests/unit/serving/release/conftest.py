"""The hand-made association as tables, and published in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tests.unit.serving.voorbeeld_release import build_tables, publish_example


@pytest.fixture
def tabellen() -> dict[str, pa.Table]:
    return build_tables()


@pytest.fixture
def releases_map(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def release(releases_map: Path) -> Path:
    """The example, published."""
    return publish_example(releases_map)
