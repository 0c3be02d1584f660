"""Delivered bewonersinitiatieven into the register, so that a card shows them without a command."""

from collections.abc import Iterator
from contextlib import closing

import dagster as dg

from orchestration.assets.leveringen import EIGENAAR
from orchestration.assets.release import RELEASE
from orchestration.initiatief import Overname, take_over
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from serving.initiatief.register import Initiatiefregister
from vera.errors import BuurtpeilError

BEWONERSINITIATIEVEN = dg.AssetKey("bewonersinitiatieven")
OVERGENOMEN = "initiatieven_overgenomen"


def build_bewonersinitiatieven() -> dg.AssetsDefinition:
    """Return the step that takes delivered initiatives over; nothing waits for it."""

    @dg.asset(
        key=BEWONERSINITIATIEVEN,
        group_name="release",
        owners=[EIGENAAR],
        kinds={"python"},
        deps=[
            # Places are those of the release: what is not in it has no card.
            RELEASE,
            dg.AssetKey(["staging", "stg_wijkbeheer__bewonersinitiatief"]),
            dg.AssetKey(["staging", "stg_vera__buurt"]),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                OVERGENOMEN,
                asset=BEWONERSINITIATIEVEN,
                description="Geleverde bewonersinitiatieven staan in het register. Waarschuwt.",
            )
        ],
        description=(
            "Eén rij per geleverd bewonersinitiatief: wat er geleverd is, staat daarna in het "
            "register en op de kaart. Eigen initiatieven blijven zoals ze zijn. Lukt het niet, "
            "dan staat de release er wel."
        ),
    )
    def build(
        werkplaats: Werkplaats,
        initiatieven: dg.ResourceParam[Initiatiefregister],
        voortgang: dg.ResourceParam[Voortgang],
    ) -> Iterator[dg.MaterializeResult[None]]:
        over, gemist = Overname(0, 0), ""
        with voortgang.stap("bewonersinitiatieven"), closing(initiatieven) as register:
            try:
                over = take_over(register, werkplaats.map)
            except BuurtpeilError as fout:
                # The release is there already, and the label does not look at the register.
                gemist = f"Bewonersinitiatieven zijn niet overgenomen. {fout}"
        yield dg.MaterializeResult(
            metadata={"dagster/row_count": over.geleverd, "nieuw of veranderd": over.nieuw},
            check_results=[
                dg.AssetCheckResult(
                    check_name=OVERGENOMEN,
                    passed=not gemist,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=gemist or "Overgenomen.",
                )
            ],
        )

    return build
