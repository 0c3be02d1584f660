"""Labels of landed deliveries in seconds: dbt's own SQL, compiled once and run on tables in memory.

Belongs here: compiling the part of the dbt project that ends in the label, running it on landings,
and what a delivered table can change. Does not belong here: mutations, and judging what became of
labels (:mod:`orchestration.beproeving_keten`); only trials build in this way.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration import archief, duiding, preventie, referentie, trekkingen
from orchestration.assets import run_invoer
from orchestration.dbt_step import CATALOGUS, MANIFEST, DbtFout, Uitkomst, run_dbt
from orchestration.methode import compute_methodeversie
from orchestration.referentie import VOORLOPIG, Referentie
from orchestration.voortgang import Voortgang
from orchestration.warehouse import RELATIES
from serving.release import schema
from sources.landing import BronLanding, create_views
from vera.contract import Contract
from vera.errors import BuurtpeilError
from vera.levering import LeveringVerslag

MARTS = (schema.LABEL.naam, schema.BEHEEROBJECT.naam, schema.INDICATORWAARDE.naam)
"""What the gate out holds against the release before."""
ARCHIEFBESTANDEN = (archief.LABELS, archief.BEHEEROBJECTEN, archief.INDICATOREN)
_TREKKING = "source.buurtpeil.buurtpeil.onzekerheid"
_INDICATOR = "model.buurtpeil.int_indicator__"
SLEUTEL = ("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code")
KLASSEN = ("sociaal_beheer_label", "model_sociaal_beheer_label", "is_gepubliceerde_grondslag")
GETALLEN = ("score", "standaardfout")
TOTAAL = trekkingen.TOTAAL


class BouwFout(BuurtpeilError):
    """A model broke down on deliveries that the gate let through."""


@dataclass(frozen=True)
class Stap:
    """One model: what it is called, where it stands, and its SQL."""

    naam: str
    relatie: str
    soort: str
    code: str


@dataclass(frozen=True)
class Bouwplan:
    """The models up to the label, compiled.

    Attributes
    ----------
    catalogus
        Name of the database in the compiled SQL.
    zaden
        DuckDB file with the seeds.
    zaadrelaties
        Of the seeds that are read.
    voor, na
        Models before the draws and after them, each after what it reads.
    toetsen
        dbt tests on these models and what they read; a row is a failure.
    voedt
        Themes that a delivered table (``bron.tabel``) can change; empty when it reaches no label.
    """

    catalogus: str
    zaden: Path
    zaadrelaties: tuple[str, ...]
    voor: tuple[Stap, ...]
    na: tuple[Stap, ...]
    toetsen: tuple[Stap, ...]
    voedt: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Verleden:
    """What was published before.

    Attributes
    ----------
    archief
        Folder with the published labels, or None.
    bevroren
        Frozen references by ground.
    verslagen
        Reports of what was delivered then.
    """

    archief: Path | None = None
    bevroren: Mapping[str, Referentie] = field(default_factory=dict)
    verslagen: tuple[LeveringVerslag, ...] = ()


@dataclass(frozen=True)
class Bouw:
    """What a build came to.

    Attributes
    ----------
    labels : DataFrame
        A row per key (``SLEUTEL``, the index) with ``KLASSEN`` and ``GETALLEN``.
    release
        The marts as the gate out reads them, by name.
    gezakt
        Names of the dbt tests with failing rows; only when they were run.
    """

    labels: pd.DataFrame
    release: Mapping[str, pd.DataFrame]
    gezakt: tuple[str, ...] = ()


def compile_plan(map_: Path) -> Bouwplan:
    """Seed and compile with dbt, once.

    Parameters
    ----------
    map_
        Folder for dbt and the seeds.

    Raises
    ------
    DbtFout
        When the project does not compile.
    """
    zaden, doel = map_ / "warehouse.duckdb", map_ / "dbt"
    map_.mkdir(parents=True, exist_ok=True)
    _check(run_dbt(["seed"], zaden, doel))
    # dbt prints what it compiled, however quiet it is told to be.
    with contextlib.redirect_stdout(io.StringIO()):
        _check(
            run_dbt(
                [
                    "compile",
                    "--select",
                    *(f"+{mart}" for mart in MARTS),
                    "--exclude",
                    "resource_type:unit_test",
                ],
                zaden,
                doel,
            )
        )
    return read_plan(json.loads((doel / MANIFEST).read_text(encoding="utf-8")), zaden)


def _check(uitkomsten: Sequence[Uitkomst]) -> None:
    fout = [u for u in uitkomsten if not u.geslaagd]
    if fout:
        raise DbtFout(f"{fout[0].unique_id} is niet om te zetten: {fout[0].bericht}")


def read_plan(manifest: Mapping[str, Any], zaden: Path) -> Bouwplan:
    """Read the models up to the label out of a compiled manifest."""
    knopen, ouders, kinderen = manifest["nodes"], manifest["parent_map"], manifest["child_map"]
    mart, *_ = marten = [f"model.buurtpeil.{naam}" for naam in MARTS]
    nodig = set().union(*(_walk(naam, ouders) for naam in marten))
    modellen = {naam for naam in nodig if naam.startswith("model.")}
    na = _walk(_TREKKING, kinderen)
    hangt_aan = {naam: sorted(set(ouders[naam]) & modellen) for naam in sorted(modellen)}
    volgorde = list(TopologicalSorter(hangt_aan).static_order())
    stappen = {naam: _read_stap(knopen[naam]) for naam in volgorde}
    toetsen = [
        _read_stap(knoop)
        for naam, knoop in sorted(knopen.items())
        if knoop["resource_type"] == "test"
        and knoop.get("compiled_code")
        and set(ouders[naam]) <= nodig
    ]
    catalogus = pd.read_csv(CATALOGUS, dtype=str)
    themas: dict[str, str] = dict(
        zip(
            _INDICATOR + catalogus["indicator_code"].str.lower(),
            catalogus["thema_code"],
            strict=True,
        )
    )
    return Bouwplan(
        catalogus=knopen[mart]["database"],
        zaden=zaden,
        zaadrelaties=tuple(
            _name_relatie(knopen[naam]) for naam in sorted(nodig) if naam.startswith("seed.")
        ),
        voor=tuple(stappen[naam] for naam in volgorde if naam not in na),
        na=tuple(stappen[naam] for naam in volgorde if naam in na),
        toetsen=tuple(toetsen),
        voedt={
            f"{bron['source_name']}.{bron['name']}": _find_themas(naam, mart, kinderen, themas)
            for naam, bron in manifest["sources"].items()
            if bron["source_name"] != run_invoer.BRON
        },
    )


def _walk(
    begin: str, buren: Mapping[str, Sequence[str]], stop: frozenset[str] = frozenset()
) -> set[str]:
    """Return everything that is reached from ``begin``, not beyond the nodes in ``stop``."""
    gezien: set[str] = set()
    rij = [begin]
    while rij:
        naam = rij.pop()
        if naam not in gezien:
            gezien.add(naam)
            rij += [] if naam in stop else buren.get(naam, [])
    return gezien


def _find_themas(
    bron: str, mart: str, kinderen: Mapping[str, Sequence[str]], themas: Mapping[str, str]
) -> frozenset[str]:
    """Return the themes of the indicators below a table; every theme when it goes round them."""
    bereikt = _walk(bron, kinderen, frozenset(themas))
    if mart in bereikt:
        return frozenset({*themas.values(), TOTAAL})
    eigen = {themas[naam] for naam in bereikt & themas.keys()}
    return frozenset({*eigen, TOTAAL} if eigen else ())


def _read_stap(knoop: Mapping[str, Any]) -> Stap:
    return Stap(
        naam=knoop["name"],
        relatie="" if knoop["resource_type"] == "test" else _name_relatie(knoop),
        soort=knoop["config"]["materialized"],
        code=knoop["compiled_code"],
    )


def _name_relatie(knoop: Mapping[str, Any]) -> str:
    return f'"{knoop["schema"]}"."{knoop["alias"]}"'


def build_labels(
    plan: Bouwplan,
    contract: Contract,
    landingen: Mapping[str, BronLanding],
    klok: date,
    clustersoort: str,
    verleden: Verleden,
    *,
    with_toetsen: bool = False,
    bewaar: Path | None = None,
) -> tuple[Bouw, dict[str, Referentie]]:
    """Build the labels of what was landed.

    Parameters
    ----------
    plan
        From :func:`compile_plan`.
    contract, landingen
        What was delivered, per source.
    klok
        The run's clock.
    clustersoort
        What the association calls a complex.
    verleden
        What was published before.
    with_toetsen
        Run dbt's tests on the models as well.
    bewaar
        Folder to publish the labels to, as a later build's ``Verleden.archief``.

    Returns
    -------
    Bouw
        The labels.
    dict
        The reference per ground that they were set against.

    Raises
    ------
    BouwFout
        When a model breaks down.
    """
    with _open(plan) as warehouse:
        write_invoer(warehouse, contract, landingen, klok, clustersoort, verleden)
        _run(warehouse, plan.voor)
        trekkingen.write_onzekerheid(warehouse, Voortgang())
        _run(warehouse, plan.na)
        gezakt = tuple(find_gezakt(warehouse, plan)) if with_toetsen else ()
        gebruikt = {
            **referentie.read_geschat(warehouse, compute_methodeversie()),
            **verleden.bevroren,
        }
        if bewaar is not None:
            _publish(warehouse, bewaar, gebruikt)
        release = {
            naam: warehouse.execute(f"select * from {RELATIES[naam]}").df()
            for naam in (*MARTS, schema.THEMA.naam, schema.INDICATOR.naam)
        }
        return Bouw(index_labels(release[MARTS[0]]), release, gezakt), gebruikt


@contextmanager
def _open(plan: Bouwplan) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in memory with the seeds in it, under the name that the SQL knows."""
    with contextlib.closing(
        duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                # Several builds stand side by side, and sums come out the same every time.
                "threads": 1,
            },
        )
    ) as warehouse:
        warehouse.execute("set enable_progress_bar = false")
        zaden = str(plan.zaden).replace("'", "''")
        warehouse.execute(f"attach '{zaden}' as zaad (read_only)")
        warehouse.execute(f"attach ':memory:' as \"{plan.catalogus}\"")
        warehouse.execute(f'use "{plan.catalogus}"')
        for relatie in plan.zaadrelaties:
            warehouse.execute(f"create schema if not exists {relatie.partition('.')[0]}")
            warehouse.execute(f"create table {relatie} as from zaad.{relatie}")
        yield warehouse


def write_invoer(
    warehouse: duckdb.DuckDBPyConnection,
    contract: Contract,
    landingen: Mapping[str, BronLanding],
    klok: date,
    clustersoort: str,
    verleden: Verleden,
) -> None:
    """Write what the models read, as the assets of deliveries and run input do.

    Parameters are those of :func:`build_labels`.
    """
    for bron in contract.bronnen:
        create_views(warehouse, bron, landingen[bron.naam])
    warehouse.execute(f"create schema if not exists {run_invoer.BRON}")
    bevroren = dict(verleden.bevroren)
    run_invoer.write_run(
        warehouse,
        klok,
        clustersoort,
        compute_methodeversie(),
        bevroren[referentie.EIGEN].id if referentie.EIGEN in bevroren else "",
    )
    warehouse.execute(
        f"create table {run_invoer.BRON}.levering (tabel varchar, bestand varchar, "
        "leveringsdatum date, jongste_datum date, bewaargrens date)"
    )
    warehouse.executemany(
        f"insert into {run_invoer.BRON}.levering values (?, ?, ?, ?, null)",
        [
            (v.tabel, v.bestand, v.leveringsdatum, v.jongste_datum)
            for landing in landingen.values()
            for v in (geland.verslag for geland in landing.bestanden)
        ],
    )
    referentie.create_tables(warehouse, bevroren)
    archief.create_tables(warehouse, verleden.archief)
    duiding.create_table(warehouse, ())
    preventie.create_table(warehouse, ())
    trekkingen.create_tables(warehouse)


def _run(warehouse: duckdb.DuckDBPyConnection, stappen: Sequence[Stap]) -> None:
    for stap in stappen:
        soort = "view" if stap.soort == "view" else "table"
        warehouse.execute(f"create schema if not exists {stap.relatie.partition('.')[0]}")
        try:
            warehouse.execute(f"create {soort} {stap.relatie} as {stap.code}")
        except duckdb.Error as fout:
            raise BouwFout(f"{stap.naam} is niet te bouwen: {fout}") from fout


def find_gezakt(warehouse: duckdb.DuckDBPyConnection, plan: Bouwplan) -> Iterator[str]:
    """Yield the dbt tests that have failing rows."""
    for toets in plan.toetsen:
        if warehouse.execute(f"select 1 from ({toets.code}) limit 1").fetchone():
            yield toets.naam


def _publish(
    warehouse: duckdb.DuckDBPyConnection, map_: Path, gebruikt: Mapping[str, Referentie]
) -> None:
    ids = {g: VOORLOPIG if ref.is_voorlopig else ref.id for g, ref in gebruikt.items()}
    map_.mkdir(parents=True)
    for naam, bestand in zip(MARTS, ARCHIEFBESTANDEN, strict=True):
        pad = str(map_ / bestand).replace("'", "''")
        bron = archief.select_gepubliceerd(naam, ids)
        warehouse.execute(f"copy ({bron}) to '{pad}' (format parquet)")


def index_labels(mart: pd.DataFrame) -> pd.DataFrame:
    """Return the mart of labels as ``Bouw.labels``."""
    frame = mart[[*SLEUTEL, *KLASSEN, *GETALLEN]].copy()
    frame["peildatum"] = pd.to_datetime(frame["peildatum"])
    maten = [*KLASSEN, *GETALLEN]
    frame[maten] = frame[maten].astype("Float64").astype("float64")
    return frame.set_index(list(SLEUTEL)).sort_index()
