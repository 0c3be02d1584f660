"""Purging every night: what is past its term goes, and the counts are kept."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.assets.leveringen import EIGENAAR, TIJDZONE
from orchestration.bewaren import Opschoner
from orchestration.herkansing import try_again
from orchestration.resources import Werkplaats

BEWAARTERMIJN = dg.AssetKey("bewaartermijn")


def build_bewaartermijn() -> dg.AssetsDefinition:
    """Return the step that purges the data folder; no other step waits for it."""

    @dg.asset(
        key=BEWAARTERMIJN,
        freshness_policy=dg.FreshnessPolicy.cron(
            deadline_cron="0 6 * * *",
            lower_bound_delta=timedelta(hours=6),
            timezone=TIJDZONE,
        ),
        group_name="bewaren",
        owners=[EIGENAAR],
        kinds={"python"},
        description=(
            "Eén rij per nacht: hoeveel er is verwijderd omdat de bewaartermijn voorbij is, per "
            "plek en tabel. Telt van de dag van vandaag terug, niet van de klok van een run. "
            "Originelen in de leveringenmap blijven staan en worden geteld."
        ),
    )
    def build(
        # The run lock comes with it: a refresh and a purge never meet.
        werkplaats: Werkplaats,
        opschoner: dg.ResourceParam[Opschoner],
    ) -> dg.MaterializeResult[None]:
        with try_again():
            uit = opschoner.purge_met_slot(datetime.now(UTC).date())
        telling = Counter[str]()
        for deel in uit.verwijderd:
            telling[f"{deel.plek}: {deel.tabel}"] += deel.aantal
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(telling.values()),
                "geteld vanaf": uit.peildatum.isoformat(),
                "rijen voorbij de termijn in originelen": sum(o.rijen for o in uit.originelen),
                **dict(sorted(telling.items())),
            }
        )

    return build
