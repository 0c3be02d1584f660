"""Tables of the look-up store for some roles alone: scores, facts of a worklist, maatregelen.

They are not in what a reader of labels alone is handed (``serving.toegang.inzage``): that store
is made with the other tables only.

Belongs here: their shape, filling and reading them. Does not belong here: who may see what and
when (``serving.werklijst``).
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa

from serving.release import schema
from serving.release.json_kolom import encode
from serving.release.winkel import Uitgave
from vera.werklijst import Model

TABELLEN: Final = tuple(tabel.naam for tabel in (*schema.INTERN, *schema.ALLEEN_OPZOEK))

DDL: Final = """
create table risicostand (
    model text primary key,
    body blob not null
);
create table risicoscore (
    model text not null,
    complex_id text not null,
    body blob not null,
    primary key (model, complex_id)
);
create table werklijstfeit (
    model text not null,
    complex_id text not null,
    body blob not null,
    primary key (model, complex_id)
);
create table maatregel (
    beheerobject_id text primary key,
    body blob not null
);
"""
"""``risicoscore`` has the last peildatum alone, and nothing of a model that does not score."""

_SCOREN: Final = frozenset({"kampioen", "regel"})
"""States of a model in which its scores say something (``mart_risico__model``)."""
_FEITEN: Final[Mapping[Model, str]] = {
    "overlast": schema.FEIT_OVERLAST.naam,
    "woonfraude": schema.FEIT_WOONFRAUDE.naam,
}


@dataclass(frozen=True)
class Risicostand:
    """What chooses for a prediction in this release: a model, the rule, or nothing."""

    stand: str
    scoreversie: str
    peildatum: date
    k: int
    zin: str

    @property
    def scoort(self) -> bool:
        """Whether there are scores."""
        return self.stand in _SCOREN


@dataclass(frozen=True)
class Score:
    """What a model, or the rule, says of one complex.

    Parameters
    ----------
    kans, kans_laag, kans_hoog
        Chance with its 80 % interval, 0 to 1; None where the rule ranks.
    rang
        Place among all complexes, 1 = highest.
    band
        How certain that place is; None = not known.
    redenen
        Sentences, the weightiest first.
    kans_piek
        Chance of a surge of reports, 0 to 1; None where it cannot be told.
    """

    is_regel: bool
    kans: float | None
    kans_laag: float | None
    kans_hoog: float | None
    rang: int
    band: str | None
    redenen: tuple[str, ...]
    kans_piek: float | None


def read_redenen(tekst: str) -> tuple[str, ...]:
    """Return the sentences of reasons as scores hold them: a JSON list of texts or objects.

    Examples
    --------
    >>> read_redenen('[{"zin": "Er komen meer meldingen"}, "De schouw is laag"]')
    ('Er komen meer meldingen', 'De schouw is laag')
    """
    return tuple(
        str(reden["zin"]) if isinstance(reden, dict) else str(reden)
        for reden in json.loads(tekst or "[]")
    )


def fill(opzoek: sqlite3.Connection, tabellen: Mapping[str, pa.Table]) -> None:
    """Write the tables; the same rows give the same bytes.

    Parameters
    ----------
    opzoek
        The store, with :data:`DDL`.
    tabellen
        Those of :data:`TABELLEN`, in key order.
    """
    standen = {rij["model"]: rij for rij in tabellen[schema.RISICOMODEL.naam].to_pylist()}
    opzoek.executemany(
        "insert into risicostand values (?, ?)",
        [(model, _encode(rij, "stand", "scoreversie", "peildatum", "k", "zin"))
         for model, rij in standen.items()],
    )  # fmt: skip
    opzoek.executemany(
        "insert into risicoscore values (?, ?, ?)",
        [
            (rij["model"], rij["complex_id"], _encode(
                rij, "is_regel", "kans", "kans_laag", "kans_hoog", "rang", "band", "redenen",
                "kans_piek",
            ))
            for rij in tabellen[schema.RISICOSCORE.naam].to_pylist()
            if _counts(rij, standen.get(rij["model"]))
        ],
    )  # fmt: skip
    for model, naam in _FEITEN.items():
        opzoek.executemany(
            "insert into werklijstfeit values (?, ?, ?)",
            [
                (model, rij.pop("complex_id"), _encode(rij, *rij))
                for rij in tabellen[naam].to_pylist()
            ],
        )
    per_object: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rij in tabellen[schema.MAATREGEL.naam].to_pylist():
        per_object[rij["beheerobject_id"]].append(
            {naam: _plain(rij[naam]) for naam in ("soort_code", "begindatum", "einddatum")}
        )
    opzoek.executemany(
        "insert into maatregel values (?, ?)",
        [(id_, encode(regels).encode()) for id_, regels in per_object.items()],
    )


def _counts(rij: Mapping[str, Any], stand: Mapping[str, Any] | None) -> bool:
    return (
        stand is not None
        and stand["stand"] in _SCOREN
        and rij["peildatum"] == stand["peildatum"]
        and rij["scoreversie"] == stand["scoreversie"]
    )


def _plain(waarde: Any) -> Any:
    if isinstance(waarde, float) and math.isnan(waarde):
        return None
    return waarde.isoformat() if isinstance(waarde, date) else waarde


def _encode(rij: Mapping[str, Any], *velden: str) -> bytes:
    return encode({veld: _plain(rij[veld]) for veld in velden}).encode()


def read_stand(uitgave: Uitgave, model: Model) -> Risicostand | None:
    """Return what chooses for a prediction; None when the release has no such model."""
    rijen = _query(uitgave, "select body from risicostand where model = ?", model)
    if not rijen:
        return None
    inhoud = json.loads(rijen[0][0])
    return Risicostand(**{**inhoud, "peildatum": date.fromisoformat(inhoud["peildatum"])})


def read_score(uitgave: Uitgave, model: Model, complex_id: str) -> Score | None:
    """Return the score of a complex; None when it has none."""
    rijen = _query(
        uitgave, "select body from risicoscore where model = ? and complex_id = ?", model,
        complex_id,
    )  # fmt: skip
    if not rijen:
        return None
    inhoud = json.loads(rijen[0][0])
    return Score(
        **{
            **inhoud,
            "band": inhoud["band"] or None,
            "redenen": read_redenen(inhoud["redenen"]),
        }
    )


def read_feiten(uitgave: Uitgave, model: Model) -> Mapping[str, Mapping[str, Any]]:
    """Return what stands with rows of a worklist, by complex; kept for the release's life."""

    def read() -> dict[str, Mapping[str, Any]]:
        rijen = _query(uitgave, "select complex_id, body from werklijstfeit where model = ?", model)
        return {complex_id: json.loads(body) for complex_id, body in rijen}

    return uitgave.remember(("werklijstfeit", model), read)


def read_maatregelen(uitgave: Uitgave, complex_id: str) -> list[dict[str, Any]]:
    """Return the maatregelen that run in a complex or ran in the last year, the latest first."""
    rijen = _query(uitgave, "select body from maatregel where beheerobject_id = ?", complex_id)
    inhoud: list[dict[str, Any]] = json.loads(rijen[0][0]) if rijen else []
    return inhoud


def _query(uitgave: Uitgave, sql: str, *waarden: str) -> list[Any]:
    try:
        return uitgave.query(sql, waarden)
    except sqlite3.OperationalError:
        # A release from before these tables, or a reader of labels alone: there is nothing.
        return []
