"""The lock: every dependency, every hash, no address."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

WORTEL = Path(__file__).parents[2]
LOCK = (WORTEL / "requirements.lock").read_text(encoding="utf-8")
LOCK_SPARK = (WORTEL / "requirements-spark.lock").read_text(encoding="utf-8")


def _name(regel: str) -> str:
    return re.split(r"[\s<>=!~;\[]", regel, maxsplit=1)[0].lower().replace("_", "-")


def _locked(lock: str) -> set[str]:
    return {_name(regel) for regel in lock.splitlines() if re.match(r"[a-zA-Z]", regel)}


def _versions(lock: str) -> dict[str, str]:
    """Return what is pinned once; what differs per Python has more than one line."""
    regels = [regel for regel in lock.splitlines() if re.match(r"[a-zA-Z]", regel)]
    namen = [_name(regel) for regel in regels]
    return {
        naam: regel.split("==")[1].split(" ")[0]
        for naam, regel in zip(namen, regels, strict=True)
        if namen.count(naam) == 1
    }


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((WORTEL / "pyproject.toml").read_text(encoding="utf-8"))
    extras = dict(project["project"]["optional-dependencies"])
    spark = {_name(regel) for regel in extras.pop("spark")}
    assert spark <= _locked(LOCK_SPARK)
    gevraagd = [
        *project["project"]["dependencies"],
        *chain.from_iterable(extras.values()),
        *project["dependency-groups"]["dev"],
    ]
    assert {_name(regel) for regel in gevraagd} <= _locked(LOCK)


def test_spark_stands_in_a_lock_of_its_own_and_agrees_with_the_other() -> None:
    assert "pyspark" not in _locked(LOCK)
    samen = _versions(LOCK).keys() & _versions(LOCK_SPARK).keys()
    assert "dbt-core" in samen
    assert {naam: _versions(LOCK_SPARK)[naam] for naam in samen} == {
        naam: _versions(LOCK)[naam] for naam in samen
    }


@pytest.mark.parametrize("lock", [LOCK, LOCK_SPARK], ids=["gewoon", "spark"])
def test_every_locked_version_has_a_hash(lock: str) -> None:
    for blok in re.split(r"\n(?=[a-zA-Z])", lock.strip()):
        assert "==" in blok.splitlines()[0], blok.splitlines()[0]
        assert "--hash=sha256:" in blok, blok.splitlines()[0]


@pytest.mark.parametrize("lock", [LOCK, LOCK_SPARK], ids=["gewoon", "spark"])
def test_lock_holds_no_address(lock: str) -> None:
    assert "://" not in lock
    assert "index-url" not in lock
