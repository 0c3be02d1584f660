"""The papers: made anew in every run, and part of the release."""

import json

import dagster as dg

from orchestration.assets.leveringen import EIGENAAR
from orchestration.papieren import read_feiten, write_papieren
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN, render_papieren

PAPIEREN = dg.AssetKey("papieren")


def build_papieren() -> dg.AssetsDefinition:
    """Return the step that writes the papers."""

    @dg.asset(
        key=PAPIEREN,
        group_name="release",
        owners=[EIGENAAR],
        kinds={"json", "markdown"},
        deps=[
            dg.AssetKey(["mart", "mart_risico__model"]),
            dg.AssetKey(["mart", "mart_label__sociaal_beheer_label"]),
            dg.AssetKey(["intermediate", "int_methode__indicator"]),
            dg.AssetKey(["intermediate", "int_methode__parameter"]),
            dg.AssetKey(["seeds", "thema"]),
            dg.AssetKey(["seeds", "risico_kenmerk"]),
        ],
        description=(
            "Eén rij per papier: Algoritmeregister, invoer voor de DPIA, verwerkingsregister en "
            "'waarom dit label', gemaakt uit contract, catalogus en modellen van deze run. Een "
            "release met oudere papieren wordt geweigerd."
        ),
    )
    def build(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.MaterializeResult[None]:
        with voortgang.stap("papieren"):
            with open_warehouse(werkplaats.map.warehouse) as warehouse:
                feiten = read_feiten(
                    warehouse,
                    werkplaats.contract,
                    werkplaats.read_organisatie(),
                    werkplaats.compute_klok(),
                )
            papieren = render_papieren(feiten)
            write_papieren(papieren, werkplaats.map.papieren)
        ontbreekt = json.loads(papieren[BESTAND_BASIS])["ontbreekt"]
        return dg.MaterializeResult(
            metadata={
                "kenmerkenlijst": feiten.basis,
                "ontbreekt voor het Algoritmeregister": ontbreekt,
                **{
                    titel: len(papieren[bestand].decode().splitlines())
                    for bestand, titel in BESTANDEN.items()
                },
            }
        )

    return build
