"""What the dbt project reads, as Parquet files that another engine can read too.

Landed deliveries are Parquet already. What a run brings in itself (schema ``buurtpeil``: clock,
reference, what was published, the draws) stands in DuckDB and is written beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.assets.run_invoer import BRON as EIGEN_SCHEMA
from orchestration.warehouse import list_kolommen
from orchestration.werkmap import Werkmap
from sources.landing import Geland, landed_kolommen
from sources.stand import read_stand
from vera.contract import Bron, Contract, Tabel

VAST = (
    ("_leveringsdatum", "date"),
    ("_volgnummer", "integer"),
    ("_bestand", "varchar"),
)
"""What the view of a delivered table adds to each file: the same for all of its rows."""


@dataclass(frozen=True)
class Deel:
    """One Parquet file of a table; ``constanten`` is SQL per column that the file lacks."""

    pad: str
    constanten: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BronTabel:
    """One table that dbt reads, as macro ``leg_bronnen`` wants it."""

    schema: str
    naam: str
    kolommen: tuple[tuple[str, str], ...]
    delen: tuple[Deel, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the argument for dbt."""
        return asdict(self)


def list_bronnen(
    contract: Contract, map_: Werkmap, warehouse: duckdb.DuckDBPyConnection, doel: Path
) -> tuple[BronTabel, ...]:
    """Return every table that dbt reads; write those of a run itself to ``doel``.

    Parameters
    ----------
    contract
        The delivery contract.
    map_
        A data folder in which a run has been.
    warehouse
        Its warehouse.
    doel
        Folder for the Parquet files of what stands in DuckDB alone.
    """
    geleverd = [tabel for bron in contract.bronnen for tabel in _list_geleverd(bron, map_.landing)]
    eigen = [
        (EIGEN_SCHEMA, naam)
        for schema, naam in sorted(list_kolommen(warehouse))
        if schema == EIGEN_SCHEMA
    ]
    return (*geleverd, *write_tabellen(warehouse, eigen, doel))


def write_tabellen(
    warehouse: duckdb.DuckDBPyConnection, namen: Iterable[tuple[str, str]], doel: Path
) -> Iterator[BronTabel]:
    """Write tables and views of the warehouse as Parquet, a file each, and say what they are."""
    doel.mkdir(parents=True, exist_ok=True)
    for schema, naam in namen:
        pad = doel / f"{schema}.{naam}.parquet"
        relatie = f'"{schema}"."{naam}"'
        warehouse.execute(
            "copy (select * from {}) to '{}' (format parquet)".format(
                relatie, str(pad).replace("'", "''")
            )
        )
        kolommen = warehouse.execute(f"describe select * from {relatie}").fetchall()
        yield BronTabel(
            schema, naam, tuple((str(k[0]), str(k[1])) for k in kolommen), (Deel(str(pad)),)
        )


def _list_geleverd(bron: Bron, landing_map: Path) -> Iterator[BronTabel]:
    landing = read_stand(bron.naam, landing_map)
    for tabel in bron.tabellen:
        yield BronTabel(
            tabel.schema,
            tabel.naam,
            _list_kolommen(tabel),
            tuple(_deel(geland) for geland in landing.van_tabel(tabel.id)),
        )


def _list_kolommen(tabel: Tabel) -> tuple[tuple[str, str], ...]:
    return (*landed_kolommen(tabel), ("_regel", "bigint"), *VAST)


def _deel(geland: Geland) -> Deel:
    verslag = geland.verslag
    bestand = verslag.bestand.replace("'", "''")
    datum = f"date '{verslag.leveringsdatum}'" if verslag.leveringsdatum else "null"
    return Deel(
        str(geland.pad),
        {
            "_leveringsdatum": datum,
            "_volgnummer": str(verslag.volgnummer),
            "_bestand": f"'{bestand}'",
        },
    )
