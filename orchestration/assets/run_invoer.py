"""What a run itself brings into the warehouse: clock, reports, frozen reference, the past."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import dagster as dg
import duckdb

from orchestration import archief, duiding, preventie, referentie
from orchestration.assets.leveringen import EIGENAAR, key_of
from orchestration.herkansing import try_again
from orchestration.methode import compute_methodeversie
from orchestration.resources import Werkplaats, load_contract
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from serving.besluit.register import Besluitregister
from sources.bewaren import find_grenzen, read_opgeschoond
from sources.landing import iter_afkeuringen
from sources.quarantaine import write_quarantaine
from sources.stand import list_verslagen, read_standen
from vera.levering import LeveringVerslag

BRON = "buurtpeil"
TABELLEN = {
    "levering": "Eén rij per geleverd bestand per tabel.",
    "run": "Eén rij: de klok van de run, wat hier complex heet en de methodeversie.",
    "referentie_periode": "Eén rij per grondslag: de peildata van de bevroren referentie.",
    "referentie_stratum": "Eén rij per indicator en stratum: bevroren verwachting.",
    "referentie_spreiding": "Eén rij per indicator: bevroren spreiding.",
    "referentie_samenhang": "Eén rij per thema: bevroren samenhang van zijn indicatoren.",
    "referentie_ligging": "Eén rij per grondslag en indicator: bevroren mediaan en schaal.",
    "referentie_schaal": "Eén rij per niveau, grondslag en thema: bevroren kappa.",
    "referentie_knip": "Eén rij per niveau, grondslag en thema: bevroren knippen.",
    "gepubliceerd_beheerobject": "Eén rij per complex, buurt of wijk die al gepubliceerd is.",
    "gepubliceerd_label": "Eén rij per label dat al gepubliceerd is.",
    "gepubliceerde_indicatorwaarde": "Eén rij per indicatorwaarde die al gepubliceerd is.",
    "gepubliceerd_themasignaal": "Eén rij per themasignaal dat al gepubliceerd is.",
    "gepubliceerde_risicoscore": "Eén rij per risicoscore die al gepubliceerd is.",
    "duiding": "Eén rij per beheerobject en peildatum waarop een duiding telt; geen namen.",
    preventie.TABEL: "Eén rij per preventiemaatregel tegen woonfraude in een complex; geen namen.",
}


# Only these two come from the deliveries; the rest is what earlier runs left.
_DEPS: dict[str, Callable[[], list[dg.AssetKey]]] = {
    "levering": lambda: [key_of(tabel) for tabel in load_contract().tabellen],
    "run": lambda: [dg.AssetKey([BRON, "levering"])],
}


def build_run_invoer() -> dg.AssetsDefinition:
    """Return the step that writes the tables of schema ``buurtpeil``."""

    @dg.multi_asset(
        name="run_invoer",
        specs=[
            dg.AssetSpec(
                dg.AssetKey([BRON, naam]),
                description=omschrijving,
                group_name="run",
                owners=[EIGENAAR],
                kinds={"duckdb"},
                deps=_DEPS.get(naam, list)(),
            )
            for naam, omschrijving in TABELLEN.items()
        ],
        description="Zet klaar wat een run zelf meegeeft: klok, bevroren referentie en verleden.",
    )
    def run_invoer(
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
        besluiten: dg.ResourceParam[Besluitregister],
    ) -> Iterator[dg.MaterializeResult[None]]:
        with try_again(), voortgang.stap("klaarzetten"):
            aantallen = _write(werkplaats, besluiten)
        for naam in TABELLEN:
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey([BRON, naam]),
                metadata={"dagster/row_count": aantallen[naam]},
            )

    return run_invoer


def _write(werkplaats: Werkplaats, besluiten: Besluitregister) -> dict[str, int]:
    standen = read_standen(werkplaats.contract.bronnen, werkplaats.map.landing)
    write_quarantaine(iter_afkeuringen(standen), werkplaats.map.quarantaine)
    verslagen = list_verslagen(standen)
    bevroren = referentie.read_bevroren(werkplaats.map.referentie)
    verleden = archief.find_archief(werkplaats.map.archief, werkplaats.map.releases)
    duidingen = besluiten.list_regels()
    preventieregels = besluiten.list_preventieregels()
    with open_warehouse(werkplaats.map.warehouse, schrijf=True) as warehouse:
        warehouse.execute(f"create schema if not exists {BRON}")
        write_run(
            warehouse,
            werkplaats.compute_klok(),
            werkplaats.read_organisatie().clustersoort,
            compute_methodeversie(),
            bevroren[referentie.EIGEN].id if referentie.EIGEN in bevroren else "",
        )
        return {
            "run": 1,
            "levering": _write_levering(
                warehouse,
                verslagen,
                find_grenzen(werkplaats.contract, read_opgeschoond(werkplaats.map.bewaren)),
            ),
            **referentie.create_tables(warehouse, bevroren),
            **archief.create_tables(warehouse, verleden),
            **duiding.create_table(warehouse, duidingen),
            **preventie.create_table(warehouse, preventieregels),
        }


def write_run(
    warehouse: duckdb.DuckDBPyConnection,
    klok: date,
    clustersoort: str,
    methodeversie: str,
    referentie_id: str = "",
    referentie_vanaf: date | None = None,
) -> None:
    """Write the one row of ``buurtpeil.run``; the columns are described in the sources YAML."""
    warehouse.execute(
        f"create or replace table {BRON}.run as select ?::date as klok, ? as clustersoort_code, "
        "? as methodeversie, ? as referentie_id, ?::date as referentie_vanaf",
        [klok, clustersoort, methodeversie, referentie_id, referentie_vanaf],
    )


def _write_levering(
    warehouse: duckdb.DuckDBPyConnection,
    verslagen: tuple[LeveringVerslag, ...],
    grenzen: Mapping[str, date],
) -> int:
    warehouse.execute(
        f"create or replace table {BRON}.levering "
        "(tabel varchar, bestand varchar, leveringsdatum date, jongste_datum date, "
        "bewaargrens date)"
    )
    rijen = [
        (v.tabel, v.bestand, v.leveringsdatum, v.jongste_datum, grenzen.get(v.tabel))
        for v in verslagen
    ]
    if rijen:
        warehouse.executemany(f"insert into {BRON}.levering values (?, ?, ?, ?, ?)", rijen)
    return len(rijen)
