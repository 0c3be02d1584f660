"""A small demo association, delivered and published once, and the command line to work on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.instellingen import Instellingen
from orchestration.uitvoering import Gereed, run_job
from orchestration.voortgang import Voortgang
from serving.release.winkel import current
from sources.demo.genereer import generate

COMMANDO = [sys.executable, "-c", "from orchestration.cli import main; main()"]
EENHEDEN, JAREN, SEED = 1500, 5, 1


@dataclass(frozen=True)
class Bedrijf:
    """A data folder with its deliveries.

    ``run`` runs the main job in this process, ``call`` the command line in one of its own.
    """

    data: Path
    leveringen: Path

    @property
    def huidig(self) -> str | None:
        """The release that is served."""
        return current(self.data / "releases")

    def run(self) -> Gereed:
        """Run the main job here; the second in a process needs no imports."""
        return run_job(
            "verversing",
            Instellingen(data=self.data, leveringen=self.leveringen),
            Voortgang(),
            bewaar=False,
        )

    def call(self, *argumenten: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own."""
        return subprocess.run(
            [*COMMANDO, *argumenten, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, "BUURTPEIL_LEVERINGEN": str(self.leveringen)},
        )

    def hold_back(self, dag: str, naar: Path) -> Callable[[], None]:
        """Take away what was delivered on ``dag``; what is returned delivers it after all."""
        paren = [
            (pad, naar / pad.relative_to(self.leveringen))
            for pad in sorted(self.leveringen.rglob(f"*_{dag}.csv"))
        ]
        for pad, apart in paren:
            apart.parent.mkdir(parents=True, exist_ok=True)
            pad.rename(apart)

        def deliver() -> None:
            for pad, apart in paren:
                apart.rename(pad)

        return deliver

    def copy(self, naar: Path) -> Bedrijf:
        """Return a copy of everything, to break."""
        shutil.copytree(self.data, naar / "data")
        shutil.copytree(self.leveringen, naar / "leveringen")
        return Bedrijf(naar / "data", naar / "leveringen")

    def start(self, naar: Path) -> Bedrijf:
        """Return a new association with the same deliveries and nothing published.

        dbt's manifest is taken along: parsing the project is not what is tested.
        """
        shutil.copytree(self.leveringen, naar / "leveringen")
        (naar / "data").mkdir(parents=True)
        if (self.data / "dbt").exists():
            shutil.copytree(self.data / "dbt", naar / "data" / "dbt")
        return Bedrijf(naar / "data", naar / "leveringen")


@pytest.fixture(scope="session")
def gepubliceerd(tmp_path_factory: pytest.TempPathFactory) -> Bedrijf:
    """The small demo association after its first run."""
    map_ = tmp_path_factory.mktemp("voorbeeldwonen")
    bedrijf = Bedrijf(map_ / "data", map_ / "leveringen")
    generate(bedrijf.leveringen, eenheden=EENHEDEN, jaren=JAREN, seed=SEED)
    bedrijf.run()
    return bedrijf


@pytest.fixture
def kopie(gepubliceerd: Bedrijf, tmp_path: Path) -> Bedrijf:
    """A copy of the published association."""
    return gepubliceerd.copy(tmp_path)


@pytest.fixture
def nieuw(gepubliceerd: Bedrijf, tmp_path: Path) -> Bedrijf:
    """The same deliveries with nothing published yet."""
    return gepubliceerd.start(tmp_path)


Verander = Callable[[Path, Callable[[list[str]], list[str]]], None]


@pytest.fixture
def verander() -> Verander:
    """Give a function that changes the lines of a delivered file."""

    def change(pad: Path, doe: Callable[[list[str]], list[str]]) -> None:
        regels = pad.read_text(encoding="utf-8").splitlines()
        pad.write_text("\n".join(doe(regels)) + "\n", encoding="utf-8")

    return change
