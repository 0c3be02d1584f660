"""A new reference beside the old one, and what the labels would be under each.

The warehouse is built once more in a copy, with an empty past and R at another place; nothing of
what is published changes. Which reference is in use is a choice of its own
(``referentie.activate``).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from orchestration import archief, referentie, trekkingen
from orchestration.assets import run_invoer
from orchestration.assets.warehouse import NA_TREKKING
from orchestration.dbt_step import DbtFout, run_dbt
from orchestration.methode import compute_methodeversie
from orchestration.referentie import Referentie
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from vera.errors import BuurtpeilError

KWARTALEN_OVERLAP = 4


@dataclass(frozen=True)
class Herijking:
    """A new reference and how labels go over into it.

    Attributes
    ----------
    oud, nieuw
        The reference in use and the new one, of the same ground.
    concordantie
        One row per niveau, theme, old and new raw label with ``aantal``: objects × peildata of
        the overlap. Empty labels (unknown) are 0.
    pad
        The CSV file of it, beside the references.
    """

    oud: Referentie
    nieuw: Referentie
    concordantie: pd.DataFrame
    pad: Path


def rebase(
    werkplaats: Werkplaats, voortgang: Voortgang, grondslag: str, vanaf: date | None = None
) -> Herijking:
    """Estimate a new reference with R from ``vanaf`` on and write it beside the old one.

    Parameters
    ----------
    werkplaats
        Where the last run stands. The caller holds its lock.
    voortgang
        Told how far it is.
    grondslag
        ``eigen`` or ``openbaar``.
    vanaf
        First peildatum of the new R; the last 8 quarters (the last edition) when left out.

    Raises
    ------
    BuurtpeilError
        When there is no frozen reference or warehouse yet, or too little after ``vanaf``.
    """
    map_ = werkplaats.map
    oud = referentie.read_bevroren(map_.referentie).get(grondslag)
    if oud is None or not map_.warehouse.exists():
        raise BuurtpeilError(
            f"Er is nog geen bevroren referentie op grondslag {grondslag} om te herijken.",
            verwacht="een eerdere run, met ten minste 8 volledige kwartalen",
            remedie="draai eerst `buurtpeil run`; de eerste run bevriest zelf",
        )
    werk = map_.herijking
    shutil.rmtree(werk, ignore_errors=True)
    werk.mkdir()
    try:
        kopie = werk / map_.warehouse.name
        shutil.copyfile(map_.warehouse, kopie)
        with voortgang.stap("herijken"):
            _build(werkplaats, kopie, werk, voortgang, grondslag, vanaf or _last(kopie, grondslag))
        with open_warehouse(kopie) as warehouse:
            nieuw = referentie.read_geschat(warehouse, compute_methodeversie()).get(grondslag)
            if nieuw is None or nieuw.is_voorlopig:
                raise BuurtpeilError(
                    "Na die peildatum is er te weinig voor een nieuwe referentie.",
                    verwacht="ten minste 8 volledige kwartalen, of één editie van het Wijkprofiel",
                    remedie="kies een vroegere peildatum met --vanaf",
                )
            tabel = _compare(warehouse, map_.warehouse, grondslag)
    finally:
        shutil.rmtree(werk, ignore_errors=True)
    # First which one holds, then a second one beside it: never two without a choice.
    referentie.activate(oud, map_.referentie)
    referentie.write_bevroren(nieuw, map_.referentie)
    pad = map_.referentie / f"concordantie-{oud.id}-{nieuw.id}.csv"
    tabel.to_csv(pad, sep=";", index=False)
    return Herijking(oud, nieuw, tabel, pad)


def _last(warehouse_pad: Path, grondslag: str) -> date:
    """Return where the last possible R begins: 8 quarters, or one edition, before the end."""
    with open_warehouse(warehouse_pad) as warehouse:
        [(vanaf,)] = warehouse.execute(
            """
            select min(peildatum) from (
                select distinct peildatum, max(parameter.referentie_kwartalen) as kwartalen
                from intermediate.int_label__label
                cross join intermediate.int_methode__parameter as parameter
                where grondslag = ? group by peildatum
                qualify row_number() over (order by peildatum desc)
                    <= case when ? = 'eigen' then kwartalen else 1 end
            )
            """,
            [grondslag, grondslag],
        ).fetchall()
    return date.fromisoformat(str(vanaf)[:10])


def _build(
    werkplaats: Werkplaats,
    kopie: Path,
    werk: Path,
    voortgang: Voortgang,
    grondslag: str,
    vanaf: date,
) -> None:
    """Build the copy as a first run would, with R from ``vanaf`` on."""
    bevroren = referentie.read_bevroren(werkplaats.map.referentie)
    with open_warehouse(kopie, schrijf=True) as warehouse:
        referentie.create_tables(warehouse, {g: r for g, r in bevroren.items() if g != grondslag})
        archief.create_tables(warehouse, None)
        run_invoer.write_run(
            warehouse,
            werkplaats.compute_klok(),
            werkplaats.read_organisatie().clustersoort,
            compute_methodeversie(),
            referentie_vanaf=vanaf,
        )
    alles = ["run", "--select", "path:models", "--exclude", "path:models/marts", *NA_TREKKING]
    _run(["seed"], kopie, werk, voortgang)
    _run(alles, kopie, werk, voortgang)
    with open_warehouse(kopie, schrijf=True) as warehouse:
        trekkingen.write_onzekerheid(warehouse, voortgang)
    _run(["run", "--select", "int_label__beslissing"], kopie, werk, voortgang)


def _run(opdracht: list[str], kopie: Path, werk: Path, voortgang: Voortgang) -> None:
    mislukt = [u for u in run_dbt(opdracht, kopie, werk / "dbt", voortgang.meld) if not u.geslaagd]
    if mislukt:
        raise DbtFout(
            "Het warehouse voor de nieuwe referentie is niet te bouwen:\n  "
            + "\n  ".join(f"{u.unique_id}: {u.bericht}" for u in mislukt),
            remedie="er is niets veranderd aan wat gepubliceerd is; verbeter het model",
        )


def _compare(warehouse: duckdb.DuckDBPyConnection, huidig: Path, grondslag: str) -> pd.DataFrame:
    """Count the old raw label against the new one over the last peildata they share."""
    warehouse.execute(f"attach '{str(huidig).replace(chr(39), chr(39) * 2)}' as huidig (read_only)")
    frame: pd.DataFrame = warehouse.execute(
        """
        with oud as (
            select niveau, beheerobject_id, peildatum, thema_code, ruw_sociaal_beheer_label
            from huidig.mart.mart_label__sociaal_beheer_label where grondslag = $grondslag
        ),
        nieuw as (
            select niveau, beheerobject_id, peildatum, thema_code, ruw_sociaal_beheer_label
            from intermediate.int_label__beslissing where grondslag = $grondslag
        ),
        overlap as (
            select distinct peildatum from oud semi join nieuw using (peildatum)
            order by peildatum desc limit $kwartalen
        )
        select
            niveau, thema_code,
            coalesce(oud.ruw_sociaal_beheer_label, 0) as oud_label,
            coalesce(nieuw.ruw_sociaal_beheer_label, 0) as nieuw_label,
            count(*) as aantal,
            (select min(peildatum)::date::varchar from overlap) as eerste_peildatum,
            (select max(peildatum)::date::varchar from overlap) as laatste_peildatum
        from oud
        inner join nieuw using (niveau, beheerobject_id, peildatum, thema_code)
        semi join overlap using (peildatum)
        group by all order by all
        """,
        {"grondslag": grondslag, "kwartalen": KWARTALEN_OVERLAP},
    ).df()
    warehouse.execute("detach huidig")
    return frame
