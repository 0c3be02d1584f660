"""The command line as a user meets it: help, usage errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMANDO = [sys.executable, "-c", "from orchestration.cli import main; main()"]
OPDRACHTEN = (
    "demo",
    "generate",
    "run",
    "label",
    "release",
    "methode",
    "duiding",
    "werklijst",
    "modellen",
    "contract",
    "serve",
    "dev",
)


def call(
    *argumenten: str, omgeving: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [*COMMANDO, *argumenten],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **(omgeving or {})},
    )


def test_help_lists_every_command_without_loading_a_heavy_library() -> None:
    uit = call("--help")
    assert uit.returncode == 0
    for opdracht in OPDRACHTEN:
        assert opdracht in uit.stdout
    geladen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\nfrom orchestration.cli.opdrachten import app\n"
            "print([m for m in ('dagster','dbt','duckdb','pandas','numpy','pyarrow','fastapi')"
            " if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert geladen.stdout.strip() == "[]"


def test_service_starts_without_what_only_a_run_needs(tmp_path: Path) -> None:
    geladen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\nfrom pathlib import Path\n"
            "from orchestration.cli.diensten import build_service\n"
            "from orchestration.instellingen import Instellingen\n"
            "build_service(Instellingen(data=Path(sys.argv[1])), host='127.0.0.1',"
            " adres='http://127.0.0.1:8000')\n"
            "print([m for m in ('dagster','dbt','duckdb','pandas','sklearn','mlflow')"
            " if m in sys.modules])",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert geladen.stdout.strip() == "[]"


def test_help_answers_in_half_a_second_measured_against_a_bare_interpreter() -> None:
    def best_of(*opdracht: str) -> float:
        tijden = []
        for _ in range(5):
            begin = time.perf_counter()
            subprocess.run(opdracht, capture_output=True, check=True)
            tijden.append(time.perf_counter() - begin)
        return min(tijden)

    kaal = best_of(sys.executable, "-c", "pass")
    assert best_of(*COMMANDO, "--help") < max(0.5, 12 * kaal)


@pytest.mark.parametrize(
    ("argumenten", "tekst"),
    [
        (("onzin",), "onzin"),
        (("demo", "--eenheden", "3"), "eenheden"),
        (("run", "--leveringen", "bestaat-niet"), "geen leveringenmap"),
        (("contract", "vera.onzin"), "geen bron of tabel"),
        (("werklijst", "huurachterstand"), "huurachterstand"),
        (("modellen", "stop", "label", "--reden", "x", "--door", "A"), "Er is geen model label"),
        (("label", "C1", "--peildatum", "gisteren"), "peildatum"),
    ],
)
def test_wrong_use_ends_with_two_and_says_what_was_expected(
    argumenten: tuple[str, ...], tekst: str, tmp_path: Path
) -> None:
    uit = call(*argumenten, omgeving={"BUURTPEIL_DATA": str(tmp_path)})
    assert uit.returncode == 2, uit.stderr
    assert tekst in uit.stderr
    assert "Traceback" not in uit.stderr


def test_look_up_without_a_release_says_what_to_run(tmp_path: Path) -> None:
    uit = call("label", "C1", "--data", str(tmp_path))
    assert uit.returncode == 1
    assert "buurtpeil demo" in uit.stderr


def test_contract_of_a_table_names_columns_codes_and_gives_an_example() -> None:
    uit = call("contract", "vera.zaak")
    assert uit.returncode == 0
    for deel in ("zaaktype_soort_code", "ZAAKTYPESOORT", "bewaartermijn", "Voorbeeld"):
        assert deel in uit.stdout
    assert "…" not in uit.stdout, "a name that is cut off makes no file"
    assert "│ zaaktype_detail_soort_code │" in uit.stdout
    assert ";zaak-1;SOC;AGR;" in uit.stdout, "two codes that count together as something"
