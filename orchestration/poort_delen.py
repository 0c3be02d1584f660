"""The tables of a release for the gate out, a part at a time: what lies in some wijken.

For the whole sector the values of indicators are tens of millions of rows, more than pandas can
hold; no rule looks further than a wijk, but for a few that need a few columns. Belongs here: how
the tables are cut and read. Does not belong here: the rules (``expectations.poort_uit``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd
import pyarrow as pa

from expectations.kleine_aantallen import VAN_VORIGE
from expectations.poort_uit import (
    BEHEEROBJECT,
    INDICATORWAARDE,
    LABEL,
    PER_OBJECT,
    WAT_ALS,
    Deel,
    Geheel,
    check_delen,
    check_release,
)
from orchestration import archief
from orchestration.warehouse import RELATIES
from vera.bevinding import Bevinding
from vera.contract import Contract

RIJEN_PER_DEEL: Final = 2_000_000
"""Values of indicators that are judged together; an association is judged at once."""
_PEILING: Final = ("niveau", "beheerobject_id", "grondslag", "peildatum")
_GEHEEL: Final = "niveau, grondslag, peildatum, thema_code, sociaal_beheer_label"
_ORDE: Final[Mapping[str, str]] = {
    LABEL: f"{', '.join(_PEILING)}, thema_code",
    INDICATORWAARDE: f"{', '.join(_PEILING)}, indicator_code",
    WAT_ALS: "niveau, beheerobject_id, peildatum, thema_code",
}


def judge_release(
    warehouse: duckdb.DuckDBPyConnection,
    verleden: Path | None,
    contract: Contract,
    *,
    per_deel: int = RIJEN_PER_DEEL,
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
    per_deel
        So many values of indicators are judged together, or somewhat more.
    """
    aantal = max(1, -(-_count(warehouse, RELATIES[INDICATORWAARDE]) // per_deel))
    lang = PER_OBJECT if aantal > 1 else ()
    tabellen = {
        naam: _read(warehouse, f"select * from {relatie}{' limit 0' if naam in lang else ''}")
        for naam, relatie in RELATIES.items()
    }
    vorige = None
    if verleden is not None:
        vorige = {BEHEEROBJECT: pd.read_parquet(verleden / archief.BEHEEROBJECTEN)}
    if aantal == 1:
        if verleden is not None and vorige is not None:
            vorige |= {
                LABEL: pd.read_parquet(verleden / archief.LABELS),
                # By far the largest table; the differences need the key and two columns of it.
                INDICATORWAARDE: pd.read_parquet(
                    verleden / archief.INDICATOREN, columns=list(VAN_VORIGE)
                ),
            }
        return check_release(tabellen, vorige, contract)
    return check_delen(
        tabellen,
        vorige,
        _iter_delen(warehouse, verleden, aantal),
        _read_geheel(warehouse, verleden),
        contract,
    )


def _count(warehouse: duckdb.DuckDBPyConnection, relatie: str) -> int:
    [(aantal,)] = warehouse.execute(f"select count(*) from {relatie}").fetchall()
    return int(aantal)


def _iter_delen(
    warehouse: duckdb.DuckDBPyConnection, verleden: Path | None, aantal: int
) -> Iterator[Deel]:
    """Yield the parts. Tables are sorted by part once, so that a part is read and not sought."""
    warehouse.execute(
        f"""
        create or replace temp table deel_van_object as
        with wijk as (
            select
                niveau,
                beheerobject_id,
                case when niveau = 'wijk' then beheerobject_id else wijk_id end as wijk_id
            from {RELATIES[BEHEEROBJECT]}
        )
        select
            niveau,
            beheerobject_id,
            cast((dense_rank() over (order by wijk_id) - 1) % {aantal} as integer) as deel
        from wijk
        """
    )
    nu = {naam: RELATIES[naam] for naam in PER_OBJECT}
    toen = _list_vorige(verleden)
    for plek, relatie in enumerate([*nu.values(), *(bron for bron, _ in toen.values())]):
        # An object that is no longer on the list goes with the first part.
        warehouse.execute(
            f"create or replace temp table deel_{plek} as "
            "select coalesce(deel, 0) as _deel, tabel.* "
            f"from {relatie} as tabel left join deel_van_object using (niveau, beheerobject_id) "
            "order by _deel"
        )

    def read(plek: int, deel: int, kolommen: Sequence[str], orde: str) -> pd.DataFrame:
        return _read(
            warehouse,
            f"select {', '.join(kolommen) or '* exclude (_deel)'} from deel_{plek} "
            f"where _deel = {deel} order by {orde}",
        )

    for deel in range(aantal):
        vorige = {
            naam: read(plek, deel, kolommen, _ORDE[naam])
            for plek, (naam, (_, kolommen)) in enumerate(toen.items(), start=len(nu))
        }
        yield Deel(
            {naam: read(plek, deel, (), _ORDE[naam]) for plek, naam in enumerate(nu)},
            vorige if verleden is not None else None,
        )


def _list_vorige(verleden: Path | None) -> dict[str, tuple[str, Sequence[str]]]:
    """Return where the long tables of the previous release are, and the columns that are read."""
    if verleden is None:
        return {}
    return {
        LABEL: (_quote(verleden / archief.LABELS), ()),
        INDICATORWAARDE: (_quote(verleden / archief.INDICATOREN), VAN_VORIGE),
    }


def _read_geheel(warehouse: duckdb.DuckDBPyConnection, verleden: Path | None) -> Geheel:
    laatste = warehouse.execute(
        f"select niveau, grondslag, max(peildatum) from {RELATIES[INDICATORWAARDE]} group by all"
    ).fetchall()
    return Geheel(
        labels=_read_labels(warehouse, RELATIES[LABEL]),
        vorige=None
        if verleden is None
        else _read_labels(warehouse, _quote(verleden / archief.LABELS)),
        laatste={(niveau, grond): pd.Timestamp(dag) for niveau, grond, dag in laatste},
    )


def _read_labels(warehouse: duckdb.DuckDBPyConnection, relatie: str) -> pd.DataFrame:
    return _read(
        warehouse, f"select {_GEHEEL} from {relatie}", ("niveau", "grondslag", "thema_code")
    )


def _read(
    warehouse: duckdb.DuckDBPyConnection, vraag: str, codes: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of a query; text stays in Arrow, and as numbers where it is named a code.

    As objects of Python the text of the longest table takes a quarter of the time of the gate.
    """
    rijen = warehouse.sql(vraag).to_arrow_table()
    for plek, veld in enumerate(rijen.schema):
        if veld.name in codes:
            rijen = rijen.set_column(plek, veld.name, rijen[veld.name].dictionary_encode())
        elif pa.types.is_decimal(veld.type):
            rijen = rijen.set_column(plek, veld.name, rijen[veld.name].cast(pa.float64()))
    frame: pd.DataFrame = rijen.to_pandas(date_as_object=False, self_destruct=True)
    return frame


def _quote(pad: Path) -> str:
    tekst = str(pad).replace("'", "''")
    return f"read_parquet('{tekst}')"
