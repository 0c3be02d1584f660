"""The effect of maatregelen as an asset: estimated anew at each run, in seconds; stops nothing."""

import base64
from typing import Any

import dagster as dg

from models.maatregel.effect import EffectFout
from orchestration.assets.leveringen import EIGENAAR
from orchestration.maatregel import (
    COMPLEXMAAND,
    PER_SOORT,
    GeenMaatregelgegevens,
    compute_effect,
    plot_verloop,
    read_gegevens,
)
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang

MAATREGEL_EFFECT = dg.AssetKey("maatregel_effect")


def build_maatregel_effect() -> dg.AssetsDefinition:
    """Return the estimate. Without maatregelen it says why there is none."""

    @dg.asset(
        key=MAATREGEL_EFFECT,
        group_name="maatregel",
        owners=[EIGENAAR],
        kinds={"python"},
        deps=[dg.AssetKey(["intermediate", naam]) for naam in (COMPLEXMAAND, PER_SOORT)],
        description=(
            "Eén rij per run: wat maatregelen met het aantal meldingen deden, tegenover "
            "vergelijkbare complexen, met interval, aanloop en oordeel. Staat alleen hier en in "
            "`buurtpeil maatregel effect`; geen label of score leest het."
        ),
    )
    def build(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.MaterializeResult[None]:
        with voortgang.stap("maatregelen"):
            try:
                return dg.MaterializeResult(metadata=describe_effect(werkplaats))
            except (GeenMaatregelgegevens, EffectFout) as reden:
                return dg.MaterializeResult(metadata={"niet gerekend": str(reden)})

    return build


def describe_effect(werkplaats: Werkplaats) -> dict[str, Any]:
    """Return what the asset shows.

    Raises
    ------
    GeenMaatregelgegevens
        When there is nothing to estimate on.
    EffectFout
        When there are too few months.
    """
    gegevens = read_gegevens(werkplaats.map.warehouse)
    effect = compute_effect(gegevens)
    is_synthetisch = werkplaats.read_organisatie().synthetisch
    metadata: dict[str, Any] = {
        "oordeel": effect.oordeel,
        "uitleg": effect.zin,
        "synthetisch": is_synthetisch,
        "maatregelen begonnen": gegevens.begonnen,
        "maatregelen vergeleken": effect.starts,
        "looptijd in maanden": gegevens.looptijd,
    }
    if effect.verloop:
        beeld = base64.b64encode(
            plot_verloop(effect, gegevens.looptijd, is_synthetisch=is_synthetisch)
        ).decode()
        metadata |= {
            "verandering": effect.relatief,
            "verandering, onder": effect.relatief_onder,
            "verandering, boven": effect.relatief_boven,
            "ervoor tegen erna": effect.naief_relatief,
            "aanloop gelijk": effect.is_aanloop_gelijk,
            "verloop": dg.MetadataValue.md(
                f"![Meldingen rond een maatregel](data:image/png;base64,{beeld})"
            ),
        }
    return metadata
