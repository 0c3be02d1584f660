"""Counts in DuckDB the rows of a table that break a rule of a gate, and says where the first is.

A gate asks a question per rule and gets two numbers, however many rows a table has. Belongs here:
how a table is numbered and asked. Does not belong here: any rule (:mod:`expectations.poort_in`,
:mod:`expectations.poort_uit`), judging what was measured (:mod:`expectations.poort`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.poort import Meting

PLEK: Final = "_plek"
"""Column that every relation here has: a number that orders rows and is of one row alone."""


def number_tabel(naam: str) -> str:
    """Return SQL of a table of DuckDB (no view), its rows numbered."""
    return f"(select rowid as {PLEK}, * from {naam})"


def number_parquet(pad: Path) -> str:
    """Return SQL of a Parquet file, its rows numbered."""
    return (
        f"(select file_row_number as {PLEK}, * exclude (file_row_number) "
        f"from read_parquet({quote_tekst(str(pad))}, file_row_number = true))"
    )


def put_frame(verbinding: duckdb.DuckDBPyConnection, naam: str, frame: pd.DataFrame) -> str:
    """Make a table of a frame; return SQL of it, its rows numbered as in the frame."""
    verbinding.register("_frame", frame)
    verbinding.execute(f"create or replace table {quote(naam)} as select * from _frame")
    verbinding.unregister("_frame")
    return number_tabel(quote(naam))


class Meter:
    """Asks a database what breaks a rule.

    Parameters
    ----------
    verbinding
        Connection with the tables; only views and tables that go with it are made.
    """

    def __init__(self, verbinding: duckdb.DuckDBPyConnection) -> None:
        self._verbinding = verbinding

    def ask(self, vraag: str, waarden: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        return self._verbinding.execute(vraag, waarden).fetchall()

    def read(self, vraag: str) -> pd.DataFrame:
        """Return the rows of a question as a frame."""
        return self._verbinding.execute(vraag).df()

    def read_gedeeld(self, vraag: str) -> pd.DataFrame:
        """Return many rows as a frame; text stays in Arrow."""
        rijen = self._verbinding.sql(vraag).to_arrow_table()
        frame: pd.DataFrame = rijen.to_pandas(date_as_object=False)
        return frame

    def create_tabel(self, naam: str, vraag: str) -> None:
        """Keep the rows of a question for as long as the connection lasts."""
        self._verbinding.execute(f"create or replace temp table {naam} as {vraag}")

    def create_view(self, naam: str, vraag: str) -> None:
        """Give a question a name for as long as the connection lasts."""
        self._verbinding.execute(f"create or replace temp view {naam} as {vraag}")

    def list_kolommen(self, relatie: str) -> dict[str, str]:
        """Return the columns of a relation and their types, the position left out."""
        kolommen = self.ask(f"describe select * from {relatie}")
        return {str(naam): str(soort) for naam, soort, *_ in kolommen if naam != PLEK}

    def measure(
        self,
        vraag: str,
        gevonden: str,
        plaats: Callable[[int], str],
        *,
        toegestaan: float = 0.0,
    ) -> Meting:
        """Measure the rows that break a rule.

        Parameters
        ----------
        vraag
            SQL with a row per breach, or per group of them: ``aantal`` rows, the first of them at
            position ``eerste``.
        gevonden
            Sentence with ``{aantal}`` in it.
        plaats
            Says where the row at a position is, without personal values.
        toegestaan
            So many rows may break the rule.
        """
        [(aantal, eerste)] = self.ask(f"select sum(aantal), min(eerste) from ({vraag})")
        if not aantal:
            return Meting()
        return Meting(
            aantal - toegestaan, int(aantal), gevonden.format(aantal=aantal), plaats(int(eerste))
        )

    def measure_waar(
        self, relatie: str, voorwaarde: str, gevonden: str, plaats: Callable[[int], str]
    ) -> Meting:
        """Measure the rows of which a condition is true."""
        vraag = f"select count(*) as aantal, min({PLEK}) as eerste from {relatie} where "
        return self.measure(vraag + f"({voorwaarde})", gevonden, plaats)

    def measure_dubbel(
        self,
        relatie: str,
        sleutel: Sequence[str],
        gevonden: str,
        plaats: Callable[[int], str],
    ) -> Meting:
        """Measure the rows that share their key with another row.

        Equal keys have equal hashes, so hashes that all differ are proof enough; sorting them
        takes a tenth of the time and memory of grouping by the key.
        """
        hashes = np.sort(self.read_hashes(relatie, sleutel))
        if not (hashes[1:] == hashes[:-1]).any():
            return Meting()
        kolommen = ", ".join(map(quote, sleutel))
        return self.measure(
            f"select count(*) as aantal, min({PLEK}) as eerste from {relatie} "
            f"group by {kolommen} having count(*) > 1",
            gevonden,
            plaats,
        )

    def read_hashes(self, relatie: str, kolommen: Sequence[str]) -> npt.NDArray[np.uint64]:
        """Return a number of 64 bits per row; equal rows have the same one, null is a value."""
        vraag = f"select hash({', '.join(map(quote, kolommen))}) as h from {relatie}"
        return np.asarray(self._verbinding.execute(vraag).fetchnumpy()["h"], dtype=np.uint64)

    def is_bevat(self, deel: str, geheel: str, kolommen: Sequence[str]) -> bool:
        """Whether every row of one relation is in another, by these columns.

        By hash: that one row is not, and nobody sees it, has a chance of one in 10^11 at a hundred
        million rows. When it says no, some may be there all the same.
        """
        gezocht = self.read_hashes(deel, kolommen)
        bekend = np.sort(self.read_hashes(geheel, kolommen))
        if not len(bekend):
            return not len(gezocht)
        gezocht.sort()
        plek = np.searchsorted(bekend, gezocht)
        return bool((bekend[np.minimum(plek, len(bekend) - 1)] == gezocht).all())


def quote(kolom: str) -> str:
    """Return the name of a column or a table as SQL has it."""
    return '"' + kolom.replace('"', '""') + '"'


def quote_tekst(tekst: str) -> str:
    """Return a text as SQL has it."""
    return "'" + tekst.replace("'", "''") + "'"
