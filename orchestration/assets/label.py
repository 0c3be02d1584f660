"""The steps of the label that are not SQL: draws (step 7) and the chance of a signal (step 9).

They stand between two parts of the dbt build: they read the first, and the second reads what
they write (``orchestration.trekkingen``).
"""

import dagster as dg

from orchestration.assets.leveringen import EIGENAAR
from orchestration.resources import Werkplaats
from orchestration.trekkingen import write_onzekerheid, write_themasignaal
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse

ONZEKERHEID = dg.AssetKey(["buurtpeil", "onzekerheid"])
THEMASIGNAAL = dg.AssetKey(["buurtpeil", "themasignaal"])


def build_label_stappen() -> list[dg.AssetsDefinition]:
    """Return the draws and the theme signal."""

    @dg.asset(
        key=ONZEKERHEID,
        group_name="label",
        owners=[EIGENAAR],
        kinds={"python", "duckdb"},
        deps=[
            *_intermediate("int_label__gestandaardiseerd", "int_label__label"),
            *_intermediate(
                "int_referentie__ligging", "int_referentie__schaal", "int_referentie__knip"
            ),
            dg.AssetKey(["buurtpeil", "gepubliceerd_label"]),
        ],
        description=(
            "Eén rij per niveau, object, peildatum en thema (en TOT) met een score op eigen "
            "gegevens: standaardfout, kans op elk label en bereik, uit 500 trekkingen. Alleen "
            "voor peildata die nog niet gepubliceerd zijn."
        ),
    )
    def build_onzekerheid(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.MaterializeResult[None]:
        with (
            voortgang.stap("trekkingen"),
            open_warehouse(werkplaats.map.warehouse, schrijf=True) as warehouse,
        ):
            rijen = write_onzekerheid(warehouse, voortgang)
        return dg.MaterializeResult(metadata={"dagster/row_count": rijen})

    @dg.asset(
        key=THEMASIGNAAL,
        group_name="signaal",
        owners=[EIGENAAR],
        kinds={"python", "duckdb"},
        deps=_intermediate("int_signaal__telling"),
        description=(
            "Eén rij per beheereenheid, maand en thema met meldingen in het laatste half jaar: de "
            "kans dat het tempo met ten minste de helft toenam. Los van het label."
        ),
    )
    def build_themasignaal(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.MaterializeResult[None]:
        with (
            voortgang.stap("trekkingen", "themasignaal"),
            open_warehouse(werkplaats.map.warehouse, schrijf=True) as warehouse,
        ):
            rijen = write_themasignaal(warehouse)
        return dg.MaterializeResult(metadata={"dagster/row_count": rijen})

    return [build_onzekerheid, build_themasignaal]


def _intermediate(*namen: str) -> list[dg.AssetKey]:
    return [dg.AssetKey(["intermediate", naam]) for naam in namen]
