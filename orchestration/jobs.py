"""Jobs: the refresh of everything, the estimation of the reference alone, and purging."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.bewaartermijn import BEWAARTERMIJN
from orchestration.assets.initiatief import BEWONERSINITIATIEVEN
from orchestration.assets.release import RELEASE

VERVERSING = "verversing"
REFERENTIE_SCHATTEN = "referentie_schatten"
OPSCHONEN = "opschonen"


def build_jobs() -> list[dg.UnresolvedAssetJobDefinition]:
    """Return the jobs. Steps run one after the other: the warehouse has one writer."""
    bewaren = dg.AssetSelection.assets(BEWAARTERMIJN)
    return [
        dg.define_asset_job(
            VERVERSING,
            selection=dg.AssetSelection.all() - bewaren,
            executor_def=dg.in_process_executor,
            description="Leest de leveringen, bouwt het warehouse en publiceert een release.",
        ),
        dg.define_asset_job(
            REFERENTIE_SCHATTEN,
            selection=dg.AssetSelection.all()
            - dg.AssetSelection.assets(RELEASE, BEWONERSINITIATIEVEN)
            - bewaren,
            executor_def=dg.in_process_executor,
            description="Bouwt het warehouse en schat de referentie, zonder te publiceren.",
        ),
        dg.define_asset_job(
            OPSCHONEN,
            selection=bewaren,
            executor_def=dg.in_process_executor,
            description="Verwijdert wat voorbij zijn bewaartermijn is. Blokkeert niets.",
        ),
    ]
