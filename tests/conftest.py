"""What all tests share: the peildatum, the guard on skips, and the demo that is built once."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings

from orchestration.cli import use_one_thread

# Property tests try the same examples on every machine, however slow it is.
settings.register_profile("vast", derandomize=True, deadline=None, database=None)
settings.load_profile("vast")

# Bytecode halves the time of every process that the tests start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("DO_NOT_TRACK", "true")
use_one_thread()

ZONDER_GEDEELD = "zonder de map ../shared"
"""How the reason of a skip begins when real deliveries or rulesets are not on this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--geen-skip",
        action="store_true",
        help="fail when a test is skipped, unless for want of the shared real data",
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config):  # type: ignore[no-untyped-def]
    yield
    if not config.getoption("--geen-skip"):
        return
    redenen = [_reason(rapport) for rapport in terminalreporter.stats.get("skipped", [])]
    fout = sorted({reden for reden in redenen if not reden.startswith(ZONDER_GEDEELD)})
    if redenen:
        terminalreporter.write_line(f"overgeslagen: {len(redenen)}")
    for reden in fout:
        terminalreporter.write_line(f"niet toegestaan om over te slaan: {reden}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn the exit status red when something was skipped that may not be."""
    if not session.config.getoption("--geen-skip"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    overgeslagen = reporter.stats.get("skipped", []) if reporter else []
    if any(not _reason(rapport).startswith(ZONDER_GEDEELD) for rapport in overgeslagen):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(rapport: pytest.TestReport) -> str:
    tekst = rapport.longrepr[2] if isinstance(rapport.longrepr, tuple) else str(rapport.longrepr)
    return tekst.removeprefix("Skipped: ")
