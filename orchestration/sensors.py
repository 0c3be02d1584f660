"""What starts a refresh: a delivery that was not there before."""

import hashlib
from pathlib import Path

import dagster as dg

from orchestration.jobs import VERVERSING
from orchestration.resources import Werkplaats

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
    """Return the sensor on the deliveries folder."""

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

    return [nieuwe_levering]
