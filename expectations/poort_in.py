"""The gate in: what deliveries are refused, before anything is transformed or published.

Composes the rules on files (:mod:`expectations.poort_in_verslag`), on landed rows
(:mod:`expectations.poort_in_rij`) and on two tables together
(:mod:`expectations.poort_in_aannemelijk`). Whether the run stops is decided by the caller, on
``Bevinding.blokkeert``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import duckdb
import pandas as pd

from expectations import poort_in_aannemelijk, poort_in_rij, poort_in_verslag
from expectations.poort import Gemeten, Toetsbank
from expectations.poort_in_aannemelijk import CLUSTER, CLUSTER_EENHEID
from expectations.relatie import PLEK, Meter, put_frame, quote, quote_tekst
from vera.bevinding import Bevinding
from vera.contract import Contract
from vera.levering import LeveringVerslag

POORT = "poort in"


def check_leveringen(
    contract: Contract,
    verslagen: Sequence[LeveringVerslag],
    lees_tabel: Callable[[str], pd.DataFrame],
    klok: date,
    eerdere: Sequence[LeveringVerslag] = (),
    toetsbank: Toetsbank | None = None,
) -> list[Bevinding]:
    """Judge everything that was delivered, of which the rows are frames.

    Parameters
    ----------
    contract
        The delivery contract.
    verslagen
        Reports of landing, one per delivered file and table.
    lees_tabel
        Gives the landed rows of ``bron.tabel``: what is kept of its columns, ``_bestand`` and
        ``_regel``. Called once per delivered table, parents before children.
    klok
        The run's clock: the youngest date any delivery speaks of.
    eerdere
        Reports of the last published run. A delivery that is among them is compared with,
        and not judged again on its size.
    toetsbank
        Judges the measurements; Great Expectations when absent.

    Returns
    -------
    list of Bevinding
        One per rule per table (some per source) that was delivered, also of rules that hold.

    Raises
    ------
    KeyError
        When a report names a table that is not in the contract.
    """
    with duckdb.connect() as verbinding:
        return check_relaties(
            verbinding,
            contract,
            verslagen,
            lambda naam: put_frame(verbinding, f"frame {naam}", lees_tabel(naam)),
            klok,
            eerdere,
            toetsbank,
        )


def check_relaties(
    verbinding: duckdb.DuckDBPyConnection,
    contract: Contract,
    verslagen: Sequence[LeveringVerslag],
    find_tabel: Callable[[str], str],
    klok: date,
    eerdere: Sequence[LeveringVerslag] = (),
    toetsbank: Toetsbank | None = None,
) -> list[Bevinding]:
    """Judge everything that was delivered, where its rows are.

    Parameters
    ----------
    verbinding
        Connection that knows the tables; what is made in it goes with it.
    contract, verslagen, klok, eerdere, toetsbank
        As of :func:`check_leveringen`.
    find_tabel
        Gives SQL of the landed rows of ``bron.tabel``, numbered (:mod:`expectations.relatie`).
        Called once per delivered table, parents before children.
    """
    meter = Meter(verbinding)
    verwijzingen = poort_in_rij.list_verwijzingen(contract)
    ouder_tabellen = {ouder for per_tabel in verwijzingen.values() for ouder in per_tabel.values()}
    geleverd = {verslag.tabel for verslag in verslagen}
    ouders: set[str] = set()
    rijen = {
        tabel.id: poort_in_rij.measure_tabel(
            meter,
            tabel,
            verwijzingen=verwijzingen.get(tabel.id, {}),
            ouders=ouders,
            is_ouder=tabel.id in ouder_tabellen,
            relatie=find_tabel(tabel.id),
            klok=klok,
            vergelijk=poort_in_verslag.list_vergelijkingen(tabel, verslagen, eerdere),
        )
        for tabel in poort_in_rij.iter_ouders_eerst(contract, verwijzingen)
        if tabel.id in geleverd
    }
    veranderdagen = {naam: meting.veranderdagen_per_jaar for naam, meting in rijen.items()}
    return (toetsbank or Toetsbank()).judge_metingen(
        POORT,
        [
            *poort_in_verslag.REGELS,
            poort_in_aannemelijk.EEN_CLUSTER,
            *(regel for meting in rijen.values() for regel in meting.regels),
        ],
        [
            *poort_in_verslag.measure_bestanden(contract, verslagen, eerdere, klok, veranderdagen),
            *(meting.gemeten for meting in rijen.values()),
            *_measure_over_tabellen(meter, verslagen, eerdere, klok),
            *poort_in_verslag.measure_bronnen(contract, verslagen, eerdere, klok),
            *poort_in_verslag.measure_kern(contract, verslagen),
        ],
    )


def _measure_over_tabellen(
    meter: Meter,
    verslagen: Sequence[LeveringVerslag],
    eerdere: Sequence[LeveringVerslag],
    klok: date,
) -> list[Gemeten]:
    """Measure how dwellings lie over the last clusters, when either table is new."""
    laatste = {
        naam: verslag
        for naam in (CLUSTER, CLUSTER_EENHEID)
        if (verslag := poort_in_verslag.find_laatste(naam, verslagen))
    }
    if len(laatste) < 2 or all(
        poort_in_verslag.is_gepubliceerd(v, eerdere) for v in laatste.values()
    ):
        return []
    clusters, woningen = (
        _read_laatste(meter, naam, laatste[naam].bestand, kolommen)
        for naam, kolommen in (
            (CLUSTER, ("cluster_id", "soort_code")),
            (CLUSTER_EENHEID, ("cluster_id", "eenheid_id", "einddatum")),
        )
    )
    meting = poort_in_aannemelijk.measure_een_cluster(
        clusters, woningen, laatste[CLUSTER].bestand, klok
    )
    if meting is None:
        return []
    return [Gemeten(CLUSTER, {poort_in_aannemelijk.EEN_CLUSTER.naam: meting})]


def _read_laatste(meter: Meter, naam: str, bestand: str, kolommen: Sequence[str]) -> pd.DataFrame:
    """Return of one file the columns that are there."""
    view = poort_in_rij.name_view(naam)
    eigen = [quote(k) for k in meter.list_kolommen(view) if k in kolommen]
    waar = f"_bestand = {quote_tekst(bestand)}"
    return meter.read_gedeeld(
        f"select {', '.join(eigen)} from {view} where {waar} order by {PLEK}"
    )
