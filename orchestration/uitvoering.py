"""Running a job in this process and telling how it went: the headless way."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from orchestration.dagster_yaml import open_instance, prepare_dagster_home
from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.opslag import Opslag
from vera.errors import BuurtpeilError, PoortInFout, PoortUitFout

if TYPE_CHECKING:
    import dagster as dg

AL_BEVROREN = "al bevroren"
WACHT: Final = "wacht op goedkeuring"
"""Under which the release step says why its release is not served yet."""
LABEL_OPDRACHTREGEL: Final = "buurtpeil/opdrachtregel"
"""Tag of a run that the command line started; it tells of its own failures."""


@dataclass(frozen=True)
class Gereed:
    """A run that came to its end.

    Attributes
    ----------
    release_id
        What is published now, or None when the job publishes nothing.
    is_nieuw
        False when this release was published already.
    bevroren
        Ids of the references that this run froze, or ``AL_BEVROREN``.
    waarschuwingen
        What the gates found and did not stop for.
    seconden
        Time per step.
    wacht
        Why the release is written and not served; empty when it is served.
    """

    release_id: str | None
    is_nieuw: bool
    bevroren: str
    waarschuwingen: tuple[str, ...]
    seconden: dict[str, float]
    wacht: tuple[str, ...] = ()


def run_job(
    naam: str,
    instellingen: Instellingen,
    voortgang: Voortgang,
    *,
    bewaar: bool = True,
    resources: Mapping[str, Any] | None = None,
) -> Gereed:
    """Run a job to its end.

    Parameters
    ----------
    naam
        Name of the job.
    instellingen
        Where to read and write.
    voortgang
        Told how far the run is.
    bewaar
        Keep the events in the data folder, so that Dagster's pages show this run.
    resources
        Resources that replace the standard ones, by name.

    Raises
    ------
    PoortInFout, PoortUitFout
        When a gate refused.
    RunBezig
        When another run is at work in the data folder.
    BuurtpeilError
        When a step ended with one.
    """
    _quiet()
    # Refused before the start-up, which takes seconds; the run itself holds the lock again.
    with hold_slot(Werkmap.of(instellingen.data).slot):
        pass
    with voortgang.stap("opstarten"):
        from orchestration.definitions import build_definitions

        definities = build_definitions(
            {**(resources or {}), "voortgang": voortgang}, instellingen=instellingen
        )
        job = definities.resolve_job_def(naam)
    try:
        with _open_instance(instellingen, bewaar=bewaar) as instance:
            uitkomst = _execute(job, instance)
    finally:
        close_opslag(definities)
    waarschuwingen = _judge(uitkomst)
    if not uitkomst.success:
        raise voortgang.fout or _make_fout(uitkomst)
    release = _find_release(uitkomst)
    return Gereed(
        release_id=release.get("release"),
        is_nieuw=bool(release.get("is nieuw")),
        bevroren=release.get("bevroren referentie", AL_BEVROREN),
        waarschuwingen=waarschuwingen,
        seconden=dict(voortgang.seconden),
        wacht=tuple(str(release.get(WACHT, "")).splitlines()),
    )


def _execute(job: dg.JobDefinition, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    from dagster import DagsterError

    try:
        return job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={LABEL_OPDRACHTREGEL: "ja"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except DagsterError as fout:
        # A resource that could not be had, such as the run lock, is no failure of a step.
        if isinstance(fout.__cause__, BuurtpeilError):
            raise fout.__cause__ from None
        raise


def close_opslag(definities: dg.Definitions) -> None:
    """Let go of the databases that the resources of a run hold open."""
    for middel in (definities.resources or {}).values():
        if isinstance(middel, Opslag):
            middel.close()


def _quiet() -> None:
    """Keep libraries from filling the terminal and from calling home."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    for naam in ("dagster", "dbt", "great_expectations"):
        logging.getLogger(naam).setLevel(logging.ERROR)


@contextmanager
def _open_instance(instellingen: Instellingen, *, bewaar: bool) -> Iterator[dg.DagsterInstance]:
    from dagster import DagsterInstance

    if bewaar:
        home = prepare_dagster_home(Werkmap.of(instellingen.data).dagster, instellingen.dagster_url)
        with _write_lazily(), open_instance(home) as instance:
            yield instance
    else:
        with DagsterInstance.ephemeral() as instance:
            yield instance


@contextmanager
def _write_lazily() -> Iterator[None]:
    """Let SQLite hand Dagster's events to the system without waiting for the disk.

    A run writes some three thousand of them, one commit each. They survive a killed process;
    after a power cut the history of the last run may be lost, never a label.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def set_pragma(verbinding: Any, _: object) -> None:
        if isinstance(verbinding, sqlite3.Connection):
            verbinding.execute("pragma synchronous = off")

    event.listen(Engine, "connect", set_pragma)
    try:
        yield
    finally:
        event.remove(Engine, "connect", set_pragma)


def _judge(uitkomst: dg.ExecuteInProcessResult) -> tuple[str, ...]:
    """Raise what a gate refused; return what it only warned for."""
    oordelen = uitkomst.get_asset_check_evaluations()
    geweigerd = find_geweigerd(oordelen)
    if geweigerd is not None:
        _, fout, tekst = geweigerd
        raise fout(tekst)
    return list_waarschuwingen(oordelen)


def list_waarschuwingen(oordelen: Iterable[dg.AssetCheckEvaluation]) -> tuple[str, ...]:
    """Return what was found and stops nothing: it is said at the end of a run."""
    from orchestration.checks import WAARSCHUWEND

    return tuple(
        oordeel.description or ""
        for oordeel in oordelen
        if not oordeel.passed and oordeel.check_name in {*WAARSCHUWEND, *_POORTEN}
    )


_POORTEN: Final = {
    "poort_in": (
        PoortInFout,
        "De poort in weigert deze leveringen; er is niets gepubliceerd.",
    ),
    "doelbinding": (
        PoortUitFout,
        "Een product leest gegevens die er niet voor bedoeld zijn; de vorige release blijft "
        "staan. `buurtpeil doelbinding` toont de hele weg.",
    ),
    "poort_uit": (PoortUitFout, "De poort uit weigert deze release; de vorige blijft staan."),
}
"""The gates in the order in which they are judged, by the name of their check."""


def find_geweigerd(
    oordelen: Iterable[dg.AssetCheckEvaluation],
) -> tuple[str, type[BuurtpeilError], str] | None:
    """Return the first gate that refused, its error and what it found; None when none did."""
    from dagster import AssetCheckSeverity

    gevonden: dict[str, list[str]] = {}
    for oordeel in oordelen:
        if not oordeel.passed and oordeel.severity == AssetCheckSeverity.ERROR:
            gevonden.setdefault(oordeel.check_name, []).append(oordeel.description or "")
    for poort, (fout, wat) in _POORTEN.items():
        if poort in gevonden:
            return poort, fout, "\n\n".join([wat, *gevonden[poort]])
    return None


def _make_fout(uitkomst: dg.ExecuteInProcessResult) -> BuurtpeilError:
    """Return an error that names the step and what went wrong there."""
    regels = [
        f"{gebeurtenis.step_key}: {(fout.cause or fout).message.strip()}"
        for gebeurtenis in uitkomst.all_events
        if gebeurtenis.is_step_failure and (fout := gebeurtenis.step_failure_data.error)
    ]
    return BuurtpeilError(
        "De run is gestopt.\n  " + "\n  ".join(regels),
        remedie="`buurtpeil dev` toont de stap met alles eromheen",
    )


def _find_release(uitkomst: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return what the release step reported; nothing when the job publishes nothing."""
    from orchestration.assets.release import RELEASE

    for gebeurtenis in uitkomst.get_asset_materialization_events():
        if gebeurtenis.asset_key == RELEASE:
            metadata = gebeurtenis.materialization.metadata
            return {naam: waarde.value for naam, waarde in metadata.items()}
    return {}
