"""The lock: every dependency, every hash, no address."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

WORTEL = Path(__file__).parents[2]
LOCK = (WORTEL / "requirements.lock").read_text(encoding="utf-8")


def _name(regel: str) -> str:
    return re.split(r"[\s<>=!~;\[]", regel, maxsplit=1)[0].lower().replace("_", "-")


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((WORTEL / "pyproject.toml").read_text(encoding="utf-8"))
    gevraagd = [
        *project["project"]["dependencies"],
        *chain.from_iterable(project["project"]["optional-dependencies"].values()),
        *project["dependency-groups"]["dev"],
    ]
    vast = {_name(regel) for regel in LOCK.splitlines() if re.match(r"[a-zA-Z]", regel)}
    assert {_name(regel) for regel in gevraagd} <= vast


def test_every_locked_version_has_a_hash() -> None:
    for blok in re.split(r"\n(?=[a-zA-Z])", LOCK.strip()):
        assert "==" in blok.splitlines()[0], blok.splitlines()[0]
        assert "--hash=sha256:" in blok, blok.splitlines()[0]


def test_lock_holds_no_address() -> None:
    assert "://" not in LOCK
    assert "index-url" not in LOCK
