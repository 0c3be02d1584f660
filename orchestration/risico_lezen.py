"""Rows of the warehouse as the columns of a panel, each put in its place as it comes.

Belongs here: which row is where. Does not belong here: what a panel is of (``risico``), tables in
memory (``risico_paneel``).

Tables of the warehouse come in no order. Sorted and as a whole, the months of the sector would be
in memory three times: in DuckDB, as a table, and as arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.overlast.regel import KOLOMMEN
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Geheel, Getal, Paneel, PaneelFout
from orchestration.risico_paneel import RUW_OVERLAST

_RIJEN_PER_KEER = 16_384
"""So that a part of a panel stays near the processor while its columns come in."""
_MAAND = "(12 * (year(peildatum) - 1970) + month(peildatum) - 1)"


@dataclass(frozen=True, eq=False)
class Rijplaats:
    """Where each row of a table with ``complex_id`` and ``peildatum`` stands in a panel.

    Attributes
    ----------
    warehouse, tabel
        Connection, and the name of the table with its schema.
    complexen : ndarray of str, shape (C,)
        In their order.
    nummer, maand : ndarray of int, shape (R,)
        Complex, as place in ``complexen``, and peilmaand of each row, which stand by month and
        then by complex.
    plek : ndarray of int, shape (T, C)
        Row of each month since the first and each complex; -1 where there is none.
    """

    warehouse: duckdb.DuckDBPyConnection
    tabel: str
    complexen: npt.NDArray[np.str_]
    nummer: npt.NDArray[np.int32]
    maand: Geheel
    plek: npt.NDArray[np.int32]

    @classmethod
    def of(cls, warehouse: duckdb.DuckDBPyConnection, tabel: str) -> Rijplaats:
        """Return the place of each row of a table."""
        complexen = _list_waarden(warehouse, tabel, "complex_id")
        rijen = warehouse.sql(
            f"""
            with {_number(tabel, "complex_id")}
            select cast(complex_id_nummer as integer) as nummer, cast({_MAAND} as integer) as maand
            from {tabel}
            inner join complex_id_nummering using (complex_id)
            order by maand, nummer
            """
        ).to_arrow_table()
        nummer, maand = rijen["nummer"].to_numpy(), rijen["maand"].to_numpy().astype(np.int64)
        maanden = int(maand[-1] - maand[0]) + 1 if len(maand) else 0
        plek = np.full((maanden, len(complexen)), -1, dtype=np.int32)
        plek[maand - maand[:1], nummer] = np.arange(len(maand))
        if np.count_nonzero(plek >= 0) != len(maand):
            raise PaneelFout(
                f"{tabel} heeft meer dan één rij voor een complex in een maand.",
                verwacht="één rij per complex en peildatum",
                remedie="`buurtpeil dev` toont welke toets van dbt faalt",
            )
        return cls(warehouse, tabel, complexen, nummer, maand, plek)

    def __len__(self) -> int:
        return len(self.maand)

    def build_paneel(self, kenmerken: Sequence[Kenmerk]) -> tuple[Paneel, tuple[str, ...]]:
        """Return the panel without outcomes, and its buurten by number.

        The table has a column per feature, ``aantal_eenheden``, and of overlast the buurt and the
        counts that the rule reads.
        """
        aanwezig = self.warehouse.sql(f"from {self.tabel} limit 0").columns
        namen = [kenmerk.naam for kenmerk in kenmerken]
        ruw = [naam for naam in RUW_OVERLAST if set(KOLOMMEN) <= set(aanwezig)]
        x = np.empty((len(self), len(namen)))
        eenheden, buurt = np.empty(len(self), dtype=np.int64), np.zeros(len(self), dtype=np.int64)
        tellingen = {naam: np.empty(len(self)) for naam in ruw}
        buurten: tuple[str, ...] = ()
        kolommen = {naam: f"cast({naam} as double)" for naam in (*namen, *ruw)}
        kolommen["aantal_eenheden"] = "cast(aantal_eenheden as bigint)"
        if "buurt_id" in aanwezig:
            buurten = tuple(_list_waarden(self.warehouse, self.tabel, "buurt_id").tolist())
            kolommen["buurt"] = "buurt_id_nummer"
        for rij, deel in self._read(self.tabel, kolommen):
            x[rij] = np.column_stack([_as_array(deel, naam) for naam in namen])
            eenheden[rij] = _as_array(deel, "aantal_eenheden")
            for naam, waarden in tellingen.items():
                waarden[rij] = _as_array(deel, naam)
            if buurten:
                buurt[rij] = _as_array(deel, "buurt")
        paneel = Paneel(
            complex_id=self.complexen[self.nummer],
            peilmaand=self.maand,
            buurt=buurt,
            eenheden=eenheden,
            x=x,
            kenmerken=tuple(kenmerken),
            y=np.full(len(self), np.nan),
            ruw=tellingen,
        )
        return paneel, buurten

    def read_uitkomst(self, tabel: str, namen: Sequence[str]) -> list[Getal]:
        """Return columns of outcomes, each of shape (R,): NaN while open or out of the cohort."""
        uit = {naam: np.full(len(self), np.nan) for naam in namen}
        kolommen = {
            naam: f"case when is_in_cohort then cast({naam} as double) end" for naam in namen
        }
        for rij, deel in self._read(tabel, kolommen):
            for naam, waarden in uit.items():
                waarden[rij] = _as_array(deel, naam)
        return list(uit.values())

    def _read(
        self, tabel: str, kolommen: Mapping[str, str]
    ) -> Iterator[tuple[Geheel, pa.RecordBatch]]:
        """Yield columns of a table a batch at a time, with the row of the panel of each row."""
        nummeringen, joins = [_number(self.tabel, "complex_id")], ""
        if "buurt" in kolommen:
            nummeringen.append(_number(tabel, "buurt_id"))
            joins = (
                "inner join buurt_id_nummering "
                "on coalesce(tabel.buurt_id, 'None') = buurt_id_nummering.buurt_id"
            )
        lezer = self.warehouse.sql(
            f"""
            with {", ".join(nummeringen)}
            select complex_id_nummer as nummer, {_MAAND} - {self.maand[0] if len(self) else 0} as t,
                {", ".join(f"{waarde} as {naam}" for naam, waarde in kolommen.items())}
            from {tabel} as tabel
            inner join complex_id_nummering using (complex_id)
            {joins}
            where t between 0 and {len(self.plek) - 1}
            """
        ).to_arrow_reader(_RIJEN_PER_KEER)
        for deel in lezer:
            rij = self.plek[_as_array(deel, "t"), _as_array(deel, "nummer")]
            er_is = rij >= 0
            yield (rij, deel) if er_is.all() else (rij[er_is], deel.filter(pa.array(er_is)))


def _number(tabel: str, kolom: str) -> str:
    """Return a CTE that numbers the values of a column from 0, in their order."""
    return (
        f"{kolom}_nummering as (select {kolom}, row_number() over (order by {kolom}) - 1 "
        f"as {kolom}_nummer from (select distinct coalesce({kolom}, 'None') as {kolom} "
        f"from {tabel}))"
    )


def _list_waarden(
    warehouse: duckdb.DuckDBPyConnection, tabel: str, kolom: str
) -> npt.NDArray[np.str_]:
    """Return the values of a column in their order; what is unknown is called None."""
    rijen = warehouse.execute(
        f"select distinct coalesce({kolom}, 'None') as {kolom} from {tabel} order by all"
    ).fetchall()
    return np.array([waarde for (waarde,) in rijen], dtype=np.str_)


def _as_array(deel: pa.RecordBatch, naam: str) -> npt.NDArray[np.generic]:
    kolom: npt.NDArray[np.generic] = deel.column(naam).to_numpy(zero_copy_only=False)
    return kolom
