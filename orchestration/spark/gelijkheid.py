"""Whether two targets made the same tables: row for row, numbers to a tolerance.

Belongs here: the comparison of one table and its verdict. What is compared is for
:mod:`orchestration.spark.vergelijking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import duckdb

RELATIEF = 1e-9
ABSOLUUT = 1e-12
"""What counts as the same number. The second is what the warehouse itself keeps of a number
that is added up over rows (macro ``vast12``): below it, a relative difference says nothing."""

_SOORTEN = {
    "geheel getal": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    "getal": ("FLOAT", "DOUBLE", "DECIMAL"),
    "tekst": ("VARCHAR",),
    "dag": ("DATE",),
    "ja of nee": ("BOOLEAN",),
}


@dataclass(frozen=True)
class Vergelijking:
    """How one table compares.

    Attributes
    ----------
    naam
        ``schema.tabel``.
    rijen, rijen_ander
        Rows of the one and of the other target.
    zonder_paar
        Rows of either that the other lacks: they differ in something other than a number with
        decimals.
    kolommen
        Columns that only one has, that are of another kind, or whose numbers differ too much.
    afwijking
        Largest relative difference of a number in rows that have a pair; infinite where one is
        empty and the other is not.
    """

    naam: str
    rijen: int
    rijen_ander: int
    zonder_paar: int
    kolommen: tuple[str, ...]
    afwijking: float

    @property
    def is_gelijk(self) -> bool:
        """Whether both targets say the same."""
        return self.rijen == self.rijen_ander and not self.zonder_paar and not self.kolommen


def compare_tabel(
    verbinding: duckdb.DuckDBPyConnection, naam: str, een: str, ander: str
) -> Vergelijking:
    """Compare two relations that should be the same table, whatever the order of their rows.

    Rows are paired on everything but numbers with decimals; of rows that are the same in all of
    that, in the order of those numbers.

    Parameters
    ----------
    verbinding
        DuckDB in which both can be read.
    naam
        Name in the verdict.
    een, ander
        SQL of the two relations, as it may stand after ``from``.
    """
    soorten, soorten_ander = (_read_soorten(verbinding, bron) for bron in (een, ander))
    samen = [kolom for kolom in soorten if soorten_ander.get(kolom) == soorten[kolom]]
    anders = sorted(set(soorten) ^ set(soorten_ander) | (set(soorten) - set(samen)))
    breuken = [kolom for kolom in samen if soorten[kolom] == "getal"]
    vast = [kolom for kolom in samen if soorten[kolom] != "getal"]
    verschillen = [_verschil(plek) for plek in range(len(breuken))]
    te_groot = [
        f"count(*) filter (where verschil_{plek} > {RELATIEF})" for plek in range(len(breuken))
    ]
    grootste = [f"coalesce(max(verschil_{plek}), 0)" for plek in range(len(breuken))]
    rij = verbinding.execute(
        f"""
        with een as ({_genummerd(een, vast, breuken)}),
        ander as ({_genummerd(ander, vast, breuken)}),
        paar as (
            select een.nummer is null or ander.nummer is null as is_los,
                een.nummer is not null as in_een, ander.nummer is not null as in_ander
                {"".join(f", {verschil} as verschil_{i}" for i, verschil in enumerate(verschillen))}
            from een full join ander on een.nummer = ander.nummer
            {"".join(f" and een.v_{i} is not distinct from ander.v_{i}" for i in range(len(vast)))}
        )
        select count(*) filter (where in_een), count(*) filter (where in_ander),
            count(*) filter (where is_los)
            {"".join(f", {sql}" for sql in [*te_groot, *grootste])}
        from paar
        """
    ).fetchone()
    if rij is None:  # pragma: no cover - an aggregate has a row
        raise RuntimeError(naam)
    fout, afwijkingen = rij[3 : 3 + len(breuken)], rij[3 + len(breuken) :]
    return Vergelijking(
        naam=naam,
        rijen=rij[0],
        rijen_ander=rij[1],
        zonder_paar=rij[2],
        kolommen=(*anders, *(k for k, aantal in zip(breuken, fout, strict=True) if aantal)),
        afwijking=max(map(float, afwijkingen), default=0.0),
    )


def _read_soorten(verbinding: duckdb.DuckDBPyConnection, bron: str) -> dict[str, str]:
    """Return the kind of each column: engines name the same type differently."""
    kolommen = verbinding.execute(f"describe select * from {bron}").fetchall()
    return {kolom: _soort(str(soort)) for kolom, soort, *_ in kolommen}


def _soort(duckdb_type: str) -> str:
    kaal = duckdb_type.split("(", maxsplit=1)[0]
    return next((naam for naam, typen in _SOORTEN.items() if kaal in typen), kaal)


def _genummerd(bron: str, vast: list[str], breuken: list[str]) -> str:
    velden = [f'"{kolom}" as v_{i}' for i, kolom in enumerate(vast)]
    velden += [f'cast("{kolom}" as double) as b_{i}' for i, kolom in enumerate(breuken)]
    groep = ", ".join(f'"{kolom}"' for kolom in vast)
    volgorde = ", ".join(f'"{kolom}"' for kolom in breuken)
    venster = f"partition by {groep} " if groep else ""
    venster += f"order by {volgorde}" if volgorde else ""
    return f"select {', '.join([*velden, f'row_number() over ({venster}) as nummer'])} from {bron}"


def _verschil(plek: int) -> str:
    """Return SQL for the relative difference of a number in a pair; null where there is no pair."""
    a, b = f"een.b_{plek}", f"ander.b_{plek}"
    return (
        f"case when een.nummer is null or ander.nummer is null then null "
        f"when {a} is null and {b} is null then 0 "
        f"when {a} is null or {b} is null then '{inf}'::double "
        f"when {a} = {b} or abs({a} - {b}) <= {ABSOLUUT} then 0 "
        f"else abs({a} - {b}) / greatest(abs({a}), abs({b})) end"
    )
