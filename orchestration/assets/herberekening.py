"""Labels of a past peildatum computed again, a partition per quarter, for a backfill by hand."""

from datetime import date

import dagster as dg

from orchestration.assets.leveringen import EIGENAAR, TIJDZONE
from orchestration.herberekening import Vergelijking, recompute
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang

HERBEREKENING = dg.AssetKey("herberekening")
KWARTALEN = dg.TimeWindowPartitionsDefinition(
    start="2005-01-01",
    cron_schedule="0 0 1 */3 *",
    fmt="%Y-%m-%d",
    timezone=TIJDZONE,
    end_offset=1,
)
"""A quarter that has begun has a peildatum already: its first day."""


def build_herberekening(instellingen: Instellingen) -> dg.AssetsDefinition:
    """Return the step; nothing waits for it and no schedule starts it.

    Parameters
    ----------
    instellingen
        Where everything is.
    """

    @dg.asset(
        key=HERBEREKENING,
        group_name="release",
        owners=[EIGENAAR],
        kinds={"parquet"},
        partitions_def=KWARTALEN,
        # However many quarters are asked for: one run of the line gives all of them.
        backfill_policy=dg.BackfillPolicy.single_run(),
        description=(
            "Eén rij per complex, buurt of wijk, thema en peildatum: het gepubliceerde label en "
            "het label zoals het nu zou worden berekend. Wat gepubliceerd is, verandert niet."
        ),
    )
    def build(
        context: dg.AssetExecutionContext,
        # The run lock comes with it.
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
    ) -> dg.MaterializeResult[None]:
        dagen = [date.fromisoformat(sleutel) for sleutel in context.partition_keys]
        uit = recompute(instellingen, dagen, voortgang)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(deel.gepubliceerd for deel in uit),
                "vergelijking": dg.MetadataValue.table([_as_record(deel) for deel in uit]),
            }
        )

    return build


def _as_record(deel: Vergelijking) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "peildatum": deel.peildatum.isoformat(),
            "niveau": deel.niveau,
            "gepubliceerd": deel.gepubliceerd,
            "gelijk": deel.gelijk,
            "een verschil": deel.een,
            "meer verschil": deel.meer,
        }
    )
