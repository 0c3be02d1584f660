"""Jobs: the refresh, the estimation of the reference alone, purging, and approving a release."""

import dagster as dg

from orchestration.assets.bewaartermijn import BEWAARTERMIJN
from orchestration.assets.herberekening import HERBEREKENING
from orchestration.assets.initiatief import BEWONERSINITIATIEVEN
from orchestration.assets.opendata import GROEP as OPEN_DATA
from orchestration.assets.release import RELEASE
from orchestration.goedkeuring import approve, turn_down
from orchestration.resources import Werkplaats

VERVERSING = "verversing"
REFERENTIE_SCHATTEN = "referentie_schatten"
OPSCHONEN = "opschonen"
HERBEREKENEN = "herberekenen"
GOEDKEURING = "goedkeuring"


class Goedkeuring(dg.Config):
    """What somebody decides of a release that waits.

    Parameters
    ----------
    release_id
        The release.
    door
        Who decides; it goes in the read log.
    reden
        Why; nothing about persons.
    afwijzen
        Turn it down instead.
    """

    release_id: str
    door: str
    reden: str
    afwijzen: bool = False


@dg.op(description="Toont een release die wacht, of wijst haar af.")
def besluit_over_release(
    context: dg.OpExecutionContext, config: Goedkeuring, werkplaats: Werkplaats
) -> None:
    """Approve a release, or turn it down; the run lock comes with the resource."""
    doe = turn_down if config.afwijzen else approve
    besluit = doe(werkplaats.map, config.release_id, door=config.door, toelichting=config.reden)
    context.log.info(f"Release {besluit.release_id}: {besluit.stand}.")


@dg.job(
    name=GOEDKEURING,
    executor_def=dg.in_process_executor,
    description=(
        "Een ongewone release wacht. Vul in het Launchpad in welke, wie u bent en waarom; daarna "
        "wordt zij getoond. Hetzelfde als `buurtpeil release goedkeuren`."
    ),
)
def goedkeuring() -> None:
    """One step, started by hand."""
    besluit_over_release()


def build_jobs() -> list["dg.UnresolvedAssetJobDefinition | dg.JobDefinition"]:
    """Return the jobs. Steps run one after the other: the warehouse has one writer."""
    bewaren = dg.AssetSelection.assets(BEWAARTERMIJN)
    # Of another time: no run of the line makes these.
    apart = bewaren | dg.AssetSelection.assets(HERBEREKENING)
    return [
        dg.define_asset_job(
            VERVERSING,
            selection=dg.AssetSelection.all() - apart,
            executor_def=dg.in_process_executor,
            description="Leest de leveringen, bouwt het warehouse en publiceert een release.",
        ),
        dg.define_asset_job(
            REFERENTIE_SCHATTEN,
            selection=dg.AssetSelection.all()
            - dg.AssetSelection.assets(RELEASE, BEWONERSINITIATIEVEN)
            - dg.AssetSelection.groups(OPEN_DATA)
            - apart,
            executor_def=dg.in_process_executor,
            description="Bouwt het warehouse en schat de referentie, zonder te publiceren.",
        ),
        dg.define_asset_job(
            OPSCHONEN,
            selection=bewaren,
            executor_def=dg.in_process_executor,
            description="Verwijdert wat voorbij zijn bewaartermijn is. Blokkeert niets.",
        ),
        dg.define_asset_job(
            HERBEREKENEN,
            selection=dg.AssetSelection.assets(HERBEREKENING),
            executor_def=dg.in_process_executor,
            description=(
                "Legt labels van voorbije kwartalen zoals ze nu zouden worden berekend naast wat "
                "is gepubliceerd. Kies kwartalen; er verandert niets aan wat wordt getoond."
            ),
        ),
        goedkeuring,
    ]
