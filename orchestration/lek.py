"""Leaks in what is delivered: columns of cases and inspections that know how it ended.

Belongs here: which delivered tables are looked at, what came of each row, and the check that
warns. Does not belong here: when a column gives an outcome away (``models.risico.lek``), which
columns a model may reach at all (``doelbinding``).

A column that is only filled in once it went wrong looks splendid in training and is empty on the
day of prediction. Nothing stops: a model reads few of these columns, and the features count from
the month in which a row became known. It tells people what to ask of who delivers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import dagster as dg
import duckdb
import numpy as np

from models.risico.lek import Lek, find_lekken
from orchestration.assets.leveringen import key_of
from orchestration.resources import Werkplaats, load_contract
from orchestration.warehouse import open_warehouse

LEK_IN_LEVERING: Final = "lek_in_levering"
_FORMEEL: Final = "('waarschuwing', 'bemiddeling', 'juridisch')"
"""Steps that make a dossier an escalation, as in ``int_overlast__feit``."""


@dataclass(frozen=True)
class Vraag:
    """What is asked of one delivered table.

    Attributes
    ----------
    uitkomst
        In Dutch, what came of a row: "In kolom … staat al dat …".
    sql
        Gives the newest version of each row with ``is_uitkomst``, and leaves out rows of which
        nothing is known yet.
    niet
        Columns that are the outcome itself.
    """

    uitkomst: str
    sql: str
    niet: frozenset[str] = frozenset()


VRAGEN: Final[Mapping[str, Vraag]] = MappingProxyType(
    {
        "vera.zaak": Vraag(
            "er later een officiële stap kwam",
            f"""
            select
                *,
                zaak_id in (
                    select zaak_id from zaakverloop.zaak_stap where stap_code in {_FORMEEL}
                ) as is_uitkomst
            from vera.zaak
            qualify row_number() over (
                partition by zaak_id order by _leveringsdatum desc, _volgnummer desc, _regel desc
            ) = 1
            """,
        ),
        "zaakverloop.zaak_stap": Vraag(
            "er in die zaak een officiële stap kwam",
            f"""
            select
                *,
                zaak_id in (
                    select zaak_id from zaakverloop.zaak_stap where stap_code in {_FORMEEL}
                ) as is_uitkomst
            from zaakverloop.zaak_stap
            where stap_code not in {_FORMEEL}
            qualify row_number() over (
                partition by zaak_id, stap_code, begindatum
                order by _leveringsdatum desc, _volgnummer desc, _regel desc
            ) = 1
            """,
        ),
        "woonfraude.onderzoek": Vraag(
            "het onderzoek iets bevestigde",
            """
            select *, uitkomst_code = 'bevestigd' as is_uitkomst
            from woonfraude.onderzoek
            where uitkomst_code in ('bevestigd', 'niets_gevonden')
            qualify row_number() over (
                partition by onderzoek_id
                order by _leveringsdatum desc, _volgnummer desc, _regel desc
            ) = 1
            """,
            frozenset({"uitkomst_code"}),
        ),
    }
)


def find_lekken_in_levering(warehouse: duckdb.DuckDBPyConnection, tabel: str) -> list[Lek]:
    """Return the columns of a delivered table that give away what came of its rows.

    Parameters
    ----------
    warehouse
        With the delivered tables.
    tabel
        Key of :data:`VRAGEN`.
    """
    vraag = VRAGEN[tabel]
    rijen = warehouse.execute(vraag.sql).df()
    kolommen = {
        naam: rijen[naam].to_numpy()
        for naam in rijen.columns
        # What landing adds says where a row came from, and nothing of the row.
        if naam != "is_uitkomst" and not naam.startswith("_") and naam not in vraag.niet
    }
    return find_lekken(kolommen, rijen["is_uitkomst"].to_numpy().astype(np.float64))


def say_lekken(tabel: str, lekken: list[Lek]) -> str:
    """Return in Dutch which columns of a table give an outcome away, and what to do."""
    if not lekken:
        return "Geen kolom verraadt hoe het afliep."
    namen = ", ".join(lek.kolom for lek in lekken)
    return (
        f"{tabel}: aan {namen} is te zien of {VRAGEN[tabel].uitkomst}. Vraag wie levert wanneer "
        "zo'n kolom wordt ingevuld. Is dat pas na afloop, gebruik de kolom dan nergens om te "
        "voorspellen."
    )


def build_lek_in_levering() -> dg.AssetChecksDefinition:
    """Return the check of delivered columns that know the outcome; it warns and stops nothing."""
    sleutels = {tabel.id: key_of(tabel) for tabel in load_contract().tabellen if tabel.id in VRAGEN}

    @dg.multi_asset_check(
        name=LEK_IN_LEVERING,
        specs=[
            dg.AssetCheckSpec(
                LEK_IN_LEVERING,
                asset=sleutel,
                additional_deps=[ander for ander in sleutels.values() if ander != sleutel],
                description=f"Of aan een kolom van {naam} te zien is of {VRAGEN[naam].uitkomst}.",
            )
            for naam, sleutel in sleutels.items()
        ],
    )
    def check(werkplaats: Werkplaats) -> Iterator[dg.AssetCheckResult]:
        for naam, sleutel in sleutels.items():
            with open_warehouse(werkplaats.map.warehouse) as warehouse:
                lekken = find_lekken_in_levering(warehouse, naam)
            yield dg.AssetCheckResult(
                asset_key=sleutel,
                check_name=LEK_IN_LEVERING,
                passed=not lekken,
                severity=dg.AssetCheckSeverity.WARN,
                description=say_lekken(naam, lekken),
                metadata={
                    lek.kolom: f"{lek.soort}: {lek.aandeel:.0%} van {lek.rijen} rijen, "
                    f"{lek.informatie:.0%} van de informatie"
                    for lek in lekken
                },
            )

    return check
