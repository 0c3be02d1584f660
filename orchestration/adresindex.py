"""From the warehouse to the address index beside a release.

Belongs here: reading the keys that were made at ingest, in order. Does not belong here: making
them (``sources.adresindex``), the file (``serving.adresindex``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from serving.adresindex.bestand import write_adresindex
from serving.release import schema
from vera.errors import BuurtpeilError

RELATIE: Final = "intermediate.int_complex__adres"
_PER_KEER: Final = 50_000
_SLEUTELS: Final = f"""
select unhex(sleutel) as sleutel, complex_id
from (
    select adres_sleutel as sleutel, complex_id from {RELATIE}
    union all
    select nummer_sleutel, complex_id from {RELATIE}
    union all
    select eenheid_sleutel, complex_id from {RELATIE}
)
where
    sleutel is not null
    and complex_id in (
        select beheerobject_id from mart.mart_beheerobject__beheerobject where niveau = 'complex'
    )
group by all
order by all
"""


def publish_adresindex(warehouse: duckdb.DuckDBPyConnection, release: Path) -> int:
    """Put the index beside a release, under the key that its deliveries were landed with.

    Returns
    -------
    int
        Number of keys; 0 = no addresses were delivered, and there is no index.

    Raises
    ------
    BuurtpeilError
        When the deliveries were landed under more than one service key.
    """
    afdrukken = warehouse.execute(
        f"select distinct index_vingerafdruk from {RELATIE}"
    ).fetchall()
    if len(afdrukken) > 1:
        raise BuurtpeilError(
            "De adressen zijn onder meer dan een dienstsleutel ingelezen.",
            verwacht="één sleutel voor alle leveringen van eenheidadres",
            remedie="draai `buurtpeil run` opnieuw; vervang de sleutel niet tijdens een run",
        )
    if not afdrukken:
        (release / schema.BESTAND_ADRESINDEX).unlink(missing_ok=True)
        return 0
    ((vingerafdruk,),) = afdrukken
    return write_adresindex(release, _iter_sleutels(warehouse), vingerafdruk)


def _iter_sleutels(warehouse: duckdb.DuckDBPyConnection) -> Iterator[tuple[bytes, str]]:
    rijen = warehouse.execute(_SLEUTELS)
    while deel := rijen.fetchmany(_PER_KEER):
        yield from deel
