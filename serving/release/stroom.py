"""Tables as streams in key order, so that a release of any size is written in bounded memory.

Belongs here: taking a table or a reader to its declared shape, sorting, cutting at objects.
Does not belong here: what the rows mean (``afscherming``, ``weergave``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serving.release.schema import Tabel
from vera.errors import BuurtpeilError

Bron: TypeAlias = pa.Table | pa.RecordBatchReader | Path
"""A table in memory, or a reader or Parquet file whose rows are sorted by the table's key."""

_SCHEIDING = "\x1f"
_BATCH_RIJEN = 262_144


class ReleaseFout(BuurtpeilError):
    """A release cannot be made, read or switched as asked."""


def build_key(tabel: pa.Table, kolommen: tuple[str, ...]) -> pa.Array:
    """Return one text per row that sorts and compares as the ``kolommen`` together."""
    delen = [pc.cast(tabel[kolom], pa.string()).combine_chunks() for kolom in kolommen]
    if len(delen) == 1:
        return delen[0]
    return pc.binary_join_element_wise(*delen, _SCHEIDING)


def object_key(niveau: str, beheerobject_id: str) -> str:
    """Return the key that ``build_key`` gives a row of this object."""
    return f"{niveau}{_SCHEIDING}{beheerobject_id}"


def _cast(rijen: pa.Table, vorm: pa.Schema, tabel: Tabel) -> pa.Table:
    try:
        return rijen.cast(vorm)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fout:
        raise ReleaseFout(
            f"{tabel.naam}: de typen passen niet.",
            verwacht=str(tabel.kolommen).replace("\n", ", "),
            remedie="Zet het type van de kolom in de mart goed.",
        ) from fout


def shape_table(bron: pa.Table, tabel: Tabel) -> pa.Table:
    """Take ``bron`` to the columns and types that ``tabel`` declares.

    Raises
    ------
    ReleaseFout
        When a column is missing, has another kind of values or a key is empty.
    """
    ontbreekt = [naam for naam in tabel.kolommen.names if naam not in bron.column_names]
    if ontbreekt:
        raise ReleaseFout(
            f"{tabel.naam}: kolom {', '.join(ontbreekt)} ontbreekt.",
            verwacht=f"de kolommen {', '.join(tabel.kolommen.names)}",
            remedie="Vul de kolom aan in de mart of seed met deze naam.",
        )
    vorm = _cast(bron.select(tabel.kolommen.names), tabel.kolommen, tabel)
    _check_sleutel(vorm, tabel)
    return vorm.replace_schema_metadata(None)


def _check_sleutel(rijen: pa.Table, tabel: Tabel) -> None:
    for kolom in tabel.sleutel:
        if rijen[kolom].null_count:
            raise ReleaseFout(
                f"{tabel.naam}: {rijen[kolom].null_count} rijen zonder {kolom}.",
                verwacht=f"{tabel.korrel}; {kolom} is deel van de sleutel",
                remedie="Laat rijen zonder sleutel weg in de mart.",
            )


class _Sleutelwacht:
    """Checks that rows keep coming in strictly ascending key order."""

    def __init__(self, tabel: Tabel) -> None:
        self._sleutel = list(tabel.sleutel)
        self._laatste: pa.Table | None = None

    def is_ascending(self, deel: pa.Table) -> bool:
        """Return whether ``deel`` continues the order; repeated keys break it."""
        rijen = deel.select(self._sleutel)
        if self._laatste is not None:
            rijen = pa.concat_tables([self._laatste, rijen])
        self._laatste = rijen.slice(max(0, rijen.num_rows - 1))
        eerder, later = rijen.slice(0, max(0, rijen.num_rows - 1)), rijen.slice(1)
        stijgt: pa.Array | pa.Scalar = pa.scalar(False)
        for kolom in reversed(self._sleutel):
            gelijk = pc.and_(pc.equal(eerder[kolom], later[kolom]), stijgt)
            stijgt = pc.or_(pc.less(eerder[kolom], later[kolom]), gelijk)
        return bool(pc.all(stijgt, min_count=0).as_py())


class Stroom:
    """One table of a release that can be read any number of times, in key order.

    A table in memory is sorted when it has to be; a file must be sorted already and is read where
    it is. So must a reader be, which is kept in a temporary Parquet file under ``werkmap``, because
    it can be read only once.
    """

    def __init__(self, tabel: Tabel, bron: Bron, werkmap: Path) -> None:
        self.tabel = tabel
        self._in_geheugen: pa.Table | None = None
        self._bestand: Path | None = None
        self._tijdelijk: Path | None = None
        if isinstance(bron, pa.Table):
            self._in_geheugen = self._sort(shape_table(bron, tabel))
            self.rijen = int(self._in_geheugen.num_rows)
        elif isinstance(bron, Path):
            self._bestand = bron
            self.rijen = self._check(bron)
        else:
            self._bestand = self._tijdelijk = werkmap / f"{tabel.export}.stroom.parquet"
            self.rijen = self._keep(bron, self._bestand)

    def batches(self, kolommen: list[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows in key order, a few hundred thousand at a time."""
        if self._in_geheugen is not None:
            bron = self._in_geheugen if kolommen is None else self._in_geheugen.select(kolommen)
            for begin in range(0, self.rijen, _BATCH_RIJEN):
                yield bron.slice(begin, _BATCH_RIJEN)
        elif self._bestand is not None:
            vorm = self.tabel.kolommen
            if kolommen is not None:
                vorm = pa.schema([vorm.field(kolom) for kolom in kolommen])
            with pq.ParquetFile(self._bestand) as bestand:
                for batch in bestand.iter_batches(batch_size=_BATCH_RIJEN, columns=vorm.names):
                    yield _cast(pa.Table.from_batches([batch]).select(vorm.names), vorm, self.tabel)

    def read(self) -> pa.Table:
        """Return all rows at once, in one piece each column (small tables only)."""
        return pa.concat_tables(
            [self.tabel.kolommen.empty_table(), *self.batches()]
        ).combine_chunks()

    def close(self) -> None:
        """Let go of the rows and remove the temporary file, if there is one."""
        self._in_geheugen = None
        if self._tijdelijk is not None:
            self._tijdelijk.unlink(missing_ok=True)

    def _sort(self, inhoud: pa.Table) -> pa.Table:
        if self._is_sorted(inhoud):
            return inhoud
        gesorteerd = inhoud.sort_by([(kolom, "ascending") for kolom in self.tabel.sleutel])
        if not self._is_sorted(gesorteerd):
            raise self._dubbel()
        return gesorteerd

    def _is_sorted(self, inhoud: pa.Table) -> bool:
        wacht = _Sleutelwacht(self.tabel)
        return all(
            wacht.is_ascending(inhoud.slice(begin, _BATCH_RIJEN))
            for begin in range(0, inhoud.num_rows, _BATCH_RIJEN)
        )

    def _check(self, pad: Path) -> int:
        shape_table(pq.read_schema(pad).empty_table(), self.tabel)
        wacht = _Sleutelwacht(self.tabel)
        rijen = 0
        for deel in self.batches(list(self.tabel.sleutel)):
            _check_sleutel(deel, self.tabel)
            if not wacht.is_ascending(deel):
                raise self._dubbel()
            rijen += deel.num_rows
        return rijen

    def _keep(self, lezer: pa.RecordBatchReader, pad: Path) -> int:
        wacht = _Sleutelwacht(self.tabel)
        rijen = 0
        with pq.ParquetWriter(pad, self.tabel.kolommen, compression="lz4") as schrijver:
            for batch in lezer:
                deel = shape_table(pa.Table.from_batches([batch]), self.tabel)
                if not wacht.is_ascending(deel):
                    raise self._dubbel()
                schrijver.write_table(deel)
                rijen += deel.num_rows
        return rijen

    def _dubbel(self) -> ReleaseFout:
        return ReleaseFout(
            f"{self.tabel.naam}: een sleutel komt dubbel voor of de stroom is niet gesorteerd.",
            verwacht=f"{self.tabel.korrel}, op volgorde van {', '.join(self.tabel.sleutel)}",
            remedie="Ontdubbel de mart; geef een lezer alleen rijen op volgorde van de sleutel.",
        )


class Snijder:
    """Cuts a stream at object borders: everything up to and with a given object."""

    def __init__(self, stroom: Stroom) -> None:
        self._batches = stroom.batches()
        self._leeg = stroom.tabel.kolommen.empty_table()
        self._rest: pa.Table | None = None
        self._sleutels: pa.Array | None = None

    def take_through(self, grens: str) -> pa.Table:
        """Return the rows, not yet taken, whose object key is at most ``grens``."""
        delen: list[pa.Table] = []
        while True:
            if self._rest is None and not self._pull():
                break
            rest, sleutels = self._rest, self._sleutels
            if rest is None or sleutels is None:
                break
            aantal = int(pc.sum(pc.less_equal(sleutels, grens)).as_py() or 0)
            if aantal:
                delen.append(rest.slice(0, aantal))
            if aantal < rest.num_rows:
                self._rest, self._sleutels = rest.slice(aantal), sleutels[aantal:]
                break
            self._rest = self._sleutels = None
        return pa.concat_tables(delen).combine_chunks() if delen else self._leeg

    def take_remaining(self) -> pa.Table:
        """Return the first rows that belong to no object asked for (empty when all is well)."""
        if self._rest is None and not self._pull():
            return self._leeg
        return self._leeg if self._rest is None else self._rest

    def _pull(self) -> bool:
        for deel in self._batches:
            if deel.num_rows:
                self._rest = deel
                self._sleutels = build_key(deel, ("niveau", "beheerobject_id"))
                return True
        return False
