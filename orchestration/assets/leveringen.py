"""Deliveries: one step per source that lands every file and gives every table as an asset."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.assets.opendata import find_eerst
from orchestration.assets.ophalen import OPGEHAALD
from orchestration.herkansing import try_again
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.sleutelbron import Sleutelbron
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from sources.bewaren import purge_bron, read_opgeschoond
from sources.landing import BronLanding, create_views, land_bron
from sources.stand import write_stand
from vera.contract import Bron, Tabel

EIGENAAR = "team:datateam"
TIJDZONE = "Europe/Amsterdam"


def key_of(tabel: Tabel) -> dg.AssetKey:
    """Return the asset key of a delivered table, the one dbt's sources have as well."""
    return dg.AssetKey([tabel.bron, tabel.naam])


def build_levering_assets(
    instellingen: Instellingen | None = None,
) -> list[dg.AssetsDefinition]:
    """Return one definition per source of the contract; settings say what a source waits for."""
    return [_build_bron(bron, instellingen) for bron in load_contract().bronnen]


def _build_bron(bron: Bron, instellingen: Instellingen | None) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"levering_{bron.naam}",
        specs=[
            dg.AssetSpec(
                key_of(tabel),
                description=tabel.omschrijving,
                group_name=bron.naam,
                owners=[EIGENAAR],
                kinds={"file", "duckdb"},
                deps=[OPGEHAALD] if bron.formaat == "tabel" else find_eerst(bron, instellingen),
                metadata={"ritme": bron.ritme, "bewaartermijn": tabel.bewaartermijn},
            )
            for tabel in bron.tabellen
        ],
        description=f"Leest de leveringen van {bron.naam}. {bron.omschrijving}",
    )
    def land(
        werkplaats: Werkplaats,
        sleutelbron: dg.ResourceParam[Sleutelbron],
        voortgang: dg.ResourceParam[Voortgang],
    ) -> Iterator[dg.MaterializeResult[None]]:
        with try_again(), voortgang.stap("leveringen inlezen", bron.naam):
            landing = land_bron(
                bron,
                werkplaats.leveringen_map,
                werkplaats.map.landing,
                sleutelbron.load(),
                sleutelbron.load_dienst(),
                werkplaats.map.opgehaald,
            )
            # What was purged before does not come back with an original that is read anew.
            opgeschoond_tot = read_opgeschoond(werkplaats.map.bewaren)
            if opgeschoond_tot is not None:
                landing, _ = purge_bron(bron, landing, opgeschoond_tot)
            write_stand(landing, werkplaats.map.landing)
            with open_warehouse(werkplaats.map.warehouse, schrijf=True) as warehouse:
                create_views(warehouse, bron, landing)
        for tabel in bron.tabellen:
            yield _report(tabel, landing)

    return land


def _report(tabel: Tabel, landing: BronLanding) -> dg.MaterializeResult[None]:
    verslagen = [geland.verslag for geland in landing.van_tabel(tabel.id)]
    regels = [
        dg.TableRecord(
            {
                "bestand": verslag.bestand,
                "rijen": verslag.rijen,
                "afgekeurd": verslag.afgekeurd,
                "leveringsdatum": str(verslag.leveringsdatum or ""),
                "leesfout": verslag.leesfout or "",
            }
        )
        for verslag in verslagen
    ]
    metadata: dict[str, Any] = {
        "dagster/row_count": sum(verslag.rijen for verslag in verslagen),
        "afgekeurde rijen": sum(verslag.afgekeurd for verslag in verslagen),
        "geleverd": bool(verslagen),
    }
    if regels:
        metadata["bestanden"] = dg.MetadataValue.table(regels)
    if landing.overgeslagen:
        metadata["overgeslagen bestanden"] = ", ".join(landing.overgeslagen)
    return dg.MaterializeResult(asset_key=key_of(tabel), metadata=metadata)
