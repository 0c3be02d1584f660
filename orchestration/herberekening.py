"""The label of a past peildatum computed again, to lie beside what was published, never over it.

The line decides every peildatum from what was known before it, so one run without a published past
gives all of them: with the deliveries, the code, the method, the reference and the duidingen of
today. It works in a data folder of its own that goes afterwards; nothing that is served changes.

Belongs here: that run, and the comparison. Does not belong here: making a release again byte for
byte from what it was made of then (``orchestration.reproductie``).

Source: design paper on architecture, "Time": a recomputed past label may be shown beside the
published one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.archief import LABELS, find_archief
from orchestration.instellingen import Instellingen, check_leveringen_map
from orchestration.melding import Melder
from orchestration.ophalen import GeenDatabanken, lend_opgehaald
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.besluit.register import Besluitregister
from sources.bewaren import read_opgeschoond, write_opgeschoond
from vera.errors import GebruikFout

_SLEUTEL: Final = "niveau, beheerobject_id, grondslag, thema_code"


@dataclass(frozen=True)
class Vergelijking:
    """How labels of one peildatum lie beside those that were published.

    Parameters
    ----------
    peildatum
        The first day of a quarter.
    niveau
        ``complex``, ``buurt`` or ``wijk``; the label over all themes.
    gepubliceerd
        Objects with a published label.
    gelijk
        How many of these get the same label now.
    een
        How many get one that differs by one.
    meer
        How many get one that differs by more, or none at all.
    """

    peildatum: date
    niveau: str
    gepubliceerd: int
    gelijk: int
    een: int
    meer: int


def recompute(
    instellingen: Instellingen, peildata: Sequence[date], voortgang: Voortgang
) -> tuple[Vergelijking, ...]:
    """Compute labels of past peildata again, keep them beside, and compare.

    For each peildatum ``herberekend/<peildatum>.parquet`` in the data folder gets a row per
    object and theme: the published label and the one of now. Whoever calls this holds the run
    lock, or is content with what is published when it ends.

    Raises
    ------
    GebruikFout
        When nothing is published, or nothing on one of the days.
    """
    map_ = Werkmap.of(instellingen.data)
    archief = find_archief(map_.archief, map_.releases)
    if archief is None:
        raise GebruikFout(
            "Er is nog niets gepubliceerd om naast te leggen.",
            verwacht="een datamap met een release",
            remedie="draai eerst `buurtpeil run`",
        )
    _check_peildata(archief / LABELS, peildata)
    with _lay_out(instellingen, map_) as nieuw:
        gereed = run_job(
            "verversing",
            nieuw,
            voortgang,
            bewaar=False,
            resources={
                "besluiten": Besluitregister(instellingen.besluiten_adres),
                "melder": Melder(),
                "databanken": GeenDatabanken(),
            },
        )
        werk = Werkmap.of(nieuw.data)
        herberekend = werk.archief / str(gereed.release_id) / LABELS
        return compare_labels(archief / LABELS, herberekend, peildata, map_.herberekend)


@contextmanager
def _lay_out(instellingen: Instellingen, map_: Werkmap) -> Iterator[Instellingen]:
    """Give settings of a data folder with references and models, and nothing published."""
    # In the data folder: what a killed run leaves of rows and keys is found there, and goes.
    werk = Werkmap.of(map_.herberekening)
    shutil.rmtree(werk.data, ignore_errors=True)
    werk.data.mkdir(mode=0o700)
    try:
        for bron in (map_.referentie, map_.robuustheid, map_.dbt, map_.data / "modellen"):
            if bron.is_dir():
                shutil.copytree(bron, werk.data / bron.name)
        if (map_.data / "mlflow.sqlite").exists():
            shutil.copyfile(map_.data / "mlflow.sqlite", werk.data / "mlflow.sqlite")
        # What was purged does not come back with an original that is read anew.
        tot = read_opgeschoond(map_.bewaren)
        if tot is not None:
            write_opgeschoond(werk.bewaren, tot)
        lend_opgehaald(map_, werk)
        yield replace(
            instellingen,
            data=werk.data,
            leveringen=check_leveringen_map(instellingen.leveringen_map).expanduser().resolve(),
            besluiten_url=None,
            toegang_url=None,
            signalen_url=None,
            mlflow_url=None,
            dagster_url=None,
            open_data=None,  # on what was delivered then, not on what a publisher has now
            pseudoniem_sleutel=(
                instellingen.pseudoniem_sleutel if werk.opgehaald.exists() else None
            ),
        )
    finally:
        shutil.rmtree(werk.data, ignore_errors=True)


def _check_peildata(labels: Path, peildata: Sequence[date]) -> None:
    with duckdb.connect(":memory:") as db:
        rijen = db.execute(
            "select distinct peildatum from read_parquet(?) order by all", [str(labels)]
        ).fetchall()
    bekend = [rij[0] for rij in rijen]
    vreemd = sorted(set(peildata) - set(bekend))
    if vreemd or not peildata:
        raise GebruikFout(
            f"Op {', '.join(map(str, vreemd)) or 'geen dag'} is niets gepubliceerd.",
            verwacht=f"een eerste dag van een kwartaal, van {bekend[0]} tot en met {bekend[-1]}",
            remedie="geef een andere --peildatum",
        )


def compare_labels(
    oud: Path, nieuw: Path, peildata: Sequence[date], naar: Path
) -> tuple[Vergelijking, ...]:
    """Lay labels beside each other, write them per peildatum to ``naar``, and count.

    Parameters
    ----------
    oud, nieuw
        Exact labels (Parquet) of the published release and of the run of now.
    peildata
        First days of quarters.
    naar
        Folder for a file per peildatum. Only the last comparison is kept: what is there of an
        earlier one goes.
    """
    shutil.rmtree(naar, ignore_errors=True)
    naar.mkdir(parents=True)
    with duckdb.connect(":memory:") as db:
        db.read_parquet(str(oud)).create_view("oud")
        db.read_parquet(str(nieuw)).create_view("nieuw")
        return tuple(
            vergelijking for dag in peildata for vergelijking in _compare_dag(db, dag, naar)
        )


def _compare_dag(db: duckdb.DuckDBPyConnection, dag: date, naar: Path) -> Iterator[Vergelijking]:
    db.execute(
        f"create or replace table beide as select {_SLEUTEL}, "
        "oud.sociaal_beheer_label as gepubliceerd_label, "
        "nieuw.sociaal_beheer_label as herberekend_label "
        f"from (from oud where peildatum = $1) as oud "
        f"full join (from nieuw where peildatum = $1) as nieuw using ({_SLEUTEL}) "
        "order by all",
        [dag],
    )
    pad = naar / f"{dag}.parquet"
    tijdelijk = pad.with_suffix(".deel")
    db.table("beide").order(_SLEUTEL).write_parquet(str(tijdelijk))
    tijdelijk.replace(pad)
    rijen: list[Any] = db.execute(
        """
        select niveau, count(*),
            count(*) filter (where herberekend_label = gepubliceerd_label),
            count(*) filter (where abs(herberekend_label - gepubliceerd_label) = 1)
        from beide where thema_code = 'TOT' and gepubliceerd_label is not null
        group by niveau order by niveau
        """
    ).fetchall()
    for niveau, alle, gelijk, een in rijen:
        yield Vergelijking(dag, niveau, alle, gelijk, een, alle - gelijk - een)
