"""The gate in: what deliveries are refused, before anything is transformed or published.

Composes the rules on files (:mod:`expectations.poort_in_verslag`), on landed rows
(:mod:`expectations.poort_in_rij`) and on two tables together
(:mod:`expectations.poort_in_aannemelijk`). Whether the run stops is decided by the caller, on
``Bevinding.blokkeert``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd

from expectations import poort_in_aannemelijk, poort_in_rij, poort_in_verslag
from expectations.poort import Gemeten, Toetsbank
from expectations.poort_in_aannemelijk import CLUSTER, CLUSTER_EENHEID
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
    """Judge everything that was delivered.

    Parameters
    ----------
    contract
        The delivery contract.
    verslagen
        Reports of landing, one per delivered file and table.
    lees_tabel
        Gives the landed rows of ``bron.tabel``: the columns of :func:`list_kolommen` at least,
        ``_bestand`` and ``_regel``. Called once per delivered table, parents before children.
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
    verwijzingen = poort_in_rij.list_verwijzingen(contract)
    ouder_tabellen = {ouder for per_tabel in verwijzingen.values() for ouder in per_tabel.values()}
    geleverd = {verslag.tabel for verslag in verslagen}
    ouders = poort_in_rij.Ouders()
    over_tabellen = _OverTabellen(verslagen, lees_tabel)
    rijen = {
        tabel.id: poort_in_rij.measure_tabel(
            tabel,
            verwijzingen=verwijzingen.get(tabel.id, {}),
            ouders=ouders,
            is_ouder=tabel.id in ouder_tabellen,
            lees_tabel=over_tabellen.read,
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
            *over_tabellen.measure(eerdere, klok),
            *poort_in_verslag.measure_bronnen(contract, verslagen, eerdere, klok),
            *poort_in_verslag.measure_kern(contract, verslagen),
        ],
    )


def list_kolommen(contract: Contract) -> dict[str, list[str]]:
    """Return per table (``bron.tabel``) the landed columns that any rule reads, in order."""
    verwijzingen = poort_in_rij.list_verwijzingen(contract)
    return {
        tabel.id: poort_in_rij.list_kolommen(tabel, verwijzingen.get(tabel.id, {}))
        for tabel in contract.tabellen
    }


class _OverTabellen:
    """Reads tables once, and keeps of the last clusters and their dwellings what is compared."""

    def __init__(
        self,
        verslagen: Sequence[LeveringVerslag],
        lees_tabel: Callable[[str], pd.DataFrame],
    ) -> None:
        laatste = {
            naam: poort_in_verslag.find_laatste(naam, verslagen)
            for naam in (CLUSTER, CLUSTER_EENHEID)
        }
        self._laatste = {naam: verslag for naam, verslag in laatste.items() if verslag}
        self._lees = lees_tabel
        self._rijen: dict[str, pd.DataFrame] = {}

    def read(self, naam: str) -> pd.DataFrame:
        """Return the landed rows of a table."""
        rijen = self._lees(naam)
        if naam in self._laatste:
            self._rijen[naam] = rijen[rijen["_bestand"] == self._laatste[naam].bestand]
        return rijen

    def measure(self, eerdere: Sequence[LeveringVerslag], klok: date) -> list[Gemeten]:
        """Measure how dwellings lie over clusters, when either table is new."""
        if len(self._rijen) < 2 or all(
            poort_in_verslag.is_gepubliceerd(v, eerdere) for v in self._laatste.values()
        ):
            return []
        meting = poort_in_aannemelijk.measure_een_cluster(
            self._rijen[CLUSTER],
            self._rijen[CLUSTER_EENHEID],
            self._laatste[CLUSTER].bestand,
            klok,
        )
        if meting is None:
            return []
        return [Gemeten(CLUSTER, {poort_in_aannemelijk.EEN_CLUSTER.naam: meting})]
