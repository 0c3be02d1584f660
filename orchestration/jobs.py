"""Jobs: the refresh of everything, and the estimation of the reference alone."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.release import RELEASE

VERVERSING = "verversing"
REFERENTIE_SCHATTEN = "referentie_schatten"


def build_jobs() -> list[dg.UnresolvedAssetJobDefinition]:
    """Return the jobs. Steps run one after the other: the warehouse has one writer."""
    return [
        dg.define_asset_job(
            VERVERSING,
            selection=dg.AssetSelection.all(),
            executor_def=dg.in_process_executor,
            description="Leest de leveringen, bouwt het warehouse en publiceert een release.",
        ),
        dg.define_asset_job(
            REFERENTIE_SCHATTEN,
            selection=dg.AssetSelection.all() - dg.AssetSelection.assets(RELEASE),
            executor_def=dg.in_process_executor,
            description="Bouwt het warehouse en schat de referentie, zonder te publiceren.",
        ),
    ]
