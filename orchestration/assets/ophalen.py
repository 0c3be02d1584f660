"""What is read from databases before deliveries are landed; nothing when none is named."""

from collections.abc import Iterator

import dagster as dg

from orchestration.ophalen import Databanken, check_uitkomst
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang

OPGEHAALD = dg.AssetKey("opgehaald")
ALLEEN_LEZEN = "databases_alleen_lezen"


def build_ophalen() -> dg.AssetsDefinition:
    """Return the step that every delivery waits for."""

    @dg.asset(
        key=OPGEHAALD,
        group_name="run",
        owners=["team:datateam"],
        kinds={"sql"},
        check_specs=[
            dg.AssetCheckSpec(
                ALLEEN_LEZEN,
                asset=OPGEHAALD,
                description=(
                    "Of het account van elke database alleen mag lezen. Waarschuwt, en houdt niets "
                    "tegen."
                ),
            )
        ],
        description=(
            "Eén rij per rij die nieuw is in een database van bronnen.yml, onder pseudoniem. "
            "Zonder dat bestand gebeurt er niets."
        ),
    )
    def opgehaald(
        context: dg.AssetExecutionContext,
        werkplaats: Werkplaats,  # for its lock
        databanken: dg.ResourceParam[Databanken],
        voortgang: dg.ResourceParam[Voortgang],
    ) -> Iterator[dg.MaterializeResult[None]]:
        with voortgang.stap("ophalen uit databases"):
            uitkomst = databanken.fetch(meld=lambda tabel: voortgang.meld(0, 1, tabel))
            for waarschuwing in uitkomst.waarschuwingen:
                context.log.warning(waarschuwing)
            check_uitkomst(uitkomst)
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(deel.rijen for deel in uitkomst.tabellen),
                "afgekeurde rijen": sum(deel.afgekeurd for deel in uitkomst.tabellen),
                "tabellen met nieuws": ", ".join(
                    deel.tabel for deel in uitkomst.tabellen if deel.bestand
                ),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=ALLEEN_LEZEN,
                    passed=not uitkomst.waarschuwingen,
                    severity=dg.AssetCheckSeverity.WARN,
                    description="\n".join(uitkomst.waarschuwingen)
                    or "Geen account mag meer dan lezen.",
                )
            ],
        )

    return opgehaald
