"""The gate out where the tables are: in the warehouse, and in the archive of what is served now.

Belongs here: which relations are judged. Does not belong here: the rules
(:mod:`expectations.poort_uit`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.poort_uit import BEHEEROBJECT, INDICATORWAARDE, LABEL, check_relaties
from expectations.relatie import number_parquet, number_tabel
from orchestration import archief
from orchestration.warehouse import RELATIES
from vera.bevinding import Bevinding
from vera.contract import Contract


def judge_release(
    warehouse: duckdb.DuckDBPyConnection, verleden: Path | None, contract: Contract
) -> list[Bevinding]:
    """Judge what is about to be published.

    Parameters
    ----------
    warehouse
        With the marts of this run.
    verleden
        Archive of the release that is served now; None when there is none.
    contract
        The delivery contract.
    """
    vorige = None
    if verleden is not None:
        vorige = {
            BEHEEROBJECT: number_parquet(verleden / archief.BEHEEROBJECTEN),
            LABEL: number_parquet(verleden / archief.LABELS),
            INDICATORWAARDE: number_parquet(verleden / archief.INDICATOREN),
        }
    tabellen = {naam: number_tabel(relatie) for naam, relatie in RELATIES.items()}
    return check_relaties(warehouse, tabellen, vorige, contract)
