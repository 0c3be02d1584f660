"""What starts a refresh, a delivery that was not there before; and what tells of a failure."""

import hashlib
from pathlib import Path

import dagster as dg

from orchestration.jobs import VERVERSING
from orchestration.melding import Melder, Melding, describe_gebeurtenis, describe_poort
from orchestration.resources import Werkplaats
from orchestration.uitvoering import LABEL_OPDRACHTREGEL, find_geweigerd

RUSTTIJD_SECONDEN = 60


def fingerprint_leveringen(leveringen: Path) -> tuple[str, float]:
    """Return a fingerprint of the deliveries (names, sizes, change times) and the newest time."""
    som = hashlib.sha256()
    nieuwste = 0.0
    for pad in sorted(leveringen.rglob("*")):
        if pad.is_file() and not pad.name.startswith("."):
            stand = pad.stat()
            regel = f"{pad.relative_to(leveringen)}|{stand.st_size}|{stand.st_mtime_ns}\n"
            som.update(regel.encode())
            nieuwste = max(nieuwste, stand.st_mtime)
    return som.hexdigest()[:16], nieuwste


def build_sensors() -> list[dg.SensorDefinition]:
    """Return the sensor on the deliveries folder, and the one on failed runs."""

    @dg.sensor(
        name="nieuwe_levering",
        job_name=VERVERSING,
        minimum_interval_seconds=RUSTTIJD_SECONDEN,
        description="Start de verversing zodra er in de leveringenmap iets is veranderd.",
    )
    def nieuwe_levering(
        context: dg.SensorEvaluationContext, werkplaats: Werkplaats
    ) -> dg.RunRequest | dg.SkipReason:
        pad = Path(werkplaats.leveringen)
        if not pad.is_dir():
            return dg.SkipReason(f"Er is geen leveringenmap {pad.name}.")
        vingerafdruk, _ = fingerprint_leveringen(pad)
        gezien, _, bevestigd = (context.cursor or "").partition("|")
        if vingerafdruk == bevestigd:
            return dg.SkipReason("Geen nieuwe levering.")
        if vingerafdruk != gezien:
            # A file may still be on its way: start when nothing moved for one interval.
            context.update_cursor(f"{vingerafdruk}|{bevestigd}")
            return dg.SkipReason("Er komt een levering binnen; wachten tot die stil ligt.")
        context.update_cursor(f"{vingerafdruk}|{vingerafdruk}")
        return dg.RunRequest(run_key=vingerafdruk)

    @dg.run_failure_sensor(
        name="mislukte_run",
        minimum_interval_seconds=RUSTTIJD_SECONDEN,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Stuurt een bericht als een run mislukt: webhook, e-mail of beide.",
    )
    def mislukte_run(
        context: dg.RunFailureSensorContext, melder: dg.ResourceParam[Melder]
    ) -> dg.SkipReason | None:
        if LABEL_OPDRACHTREGEL in context.dagster_run.tags:
            return dg.SkipReason("De opdrachtregel meldt haar eigen runs.")
        for regel in melder.send(describe_run(context)):
            context.log.warning(regel)
        return None

    return [nieuwe_levering, mislukte_run]


def describe_run(context: dg.RunFailureSensorContext) -> Melding:
    """Return the notice of a failed run: the gate that refused it, or the step that broke."""
    job = context.dagster_run.job_name
    oordelen = [
        oordeel
        for regel in context.instance.all_logs(
            context.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
        )
        if (oordeel := regel.asset_check_evaluation) is not None
    ]
    geweigerd = find_geweigerd(oordelen)
    if geweigerd is not None:
        poort, soort, tekst = geweigerd
        return describe_poort(job, poort, soort, tekst)
    for gebeurtenis in context.get_step_failure_events():
        fout = gebeurtenis.step_failure_data.error
        if fout is not None:
            diepst = fout.cause or fout
            return describe_gebeurtenis(
                job, gebeurtenis.step_key or "", diepst.cls_name, diepst.message
            )
    fout = context.failure_event.job_failure_data.error
    return describe_gebeurtenis(job, "", fout.cls_name if fout else None, "")
