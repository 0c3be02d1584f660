"""The worklist between run and store: scores in, a composed list kept, outcomes back.

Belongs here: reading the scores of a release, handing candidates to the composition, writing
what the data say came of a row, whether a model is stopped. Does not belong here: choosing
complexes (``models.risico.werklijst``), the rules and the store (``serving.besluit``), what a
terminal shows (``orchestration.cli.werklijst``).

Scores come as an Arrow table with the columns of ``SCORES``: what ``mart_risico__score`` has and
what a run puts beside the release in the archive, as ``BESTAND``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serving.besluit.werklijst import Lijst, Modelstand, find_ingetreden, find_onthouden
from serving.besluit.werklijstregister import Werklijstregister
from serving.release import schema, winkel
from vera.errors import BuurtpeilError, GebruikFout
from vera.werklijst import Model, Samenstelling

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BESTAND: Final = "risicoscore.parquet"
STANDBESTAND: Final = f"{schema.RISICOMODEL.export}.parquet"
"""In a release: what chooses, and how long its list may be."""
SCORES: Final[Mapping[str, str]] = {
    "complex_id": "string",
    "peildatum": "date32[day]",
    "model": "string",
    "scoreversie": "string",
    "kans": "double",
    "rang": "int32",
    "kans_top_k": "double",
    "band": "string",
    "redenen": "string",
    "is_regel": "bool",
}
"""Columns of the scores: one row per complex, peildatum and model. ``kans`` is null and
``is_regel`` true where the rule ranks; ``redenen`` is a JSON list of objects with ``zin``."""
AFGELEID: Final = "int_overlast__uitkomst"
"""Who recorded an outcome that follows from the data."""
GESTOPT: Final = "gestopt"
"""Score version of a month in which a person had stopped the model."""
_EERSTE_JAAR: Final = 12


class ScoresFout(BuurtpeilError):
    """The scores are not there, or not of the agreed shape."""


@dataclass(frozen=True)
class Opdracht:
    """What a new list is composed with, besides the scores.

    Parameters
    ----------
    k
        Longest model lane that the evaluation allows.
    capaciteit
        Rows (of woonfraude: addresses) that people can take on, both lanes together.
    gelogde_onderzoeken
        Proactive inspections with a known selection chance so far (woonfraude): they say how
        large the lottery's share is, and whether the rule ranks whatever the model says.
    groep
        Audit division by complex; unknown when left out. It spreads the lottery alone.
    onderzocht_halfjaar
        Addresses looked at in the last six months by complex (woonfraude).
    """

    k: int
    capaciteit: int
    gelogde_onderzoeken: int = 0
    groep: Mapping[str, int] = field(default_factory=dict)
    onderzocht_halfjaar: Mapping[str, int] = field(default_factory=dict)


def read_gestopt(register: Werklijstregister, model: Model) -> Modelstand | None:
    """Return who stopped a model, when and why; None when it is in use.

    Raises
    ------
    BesluitenFout
        When the store cannot be reached: unknown is not "in use".
    """
    stand = register.read_modelstand(model)
    return stand if stand is not None and stand.stand == "gestopt" else None


def read_opdracht(
    warehouse: duckdb.DuckDBPyConnection,
    model: Model,
    k: int,
    capaciteit: int,
    gelogde_onderzoeken: int | None = None,
) -> Opdracht:
    """Return what a list is composed with, as the last run knows it.

    Parameters
    ----------
    warehouse
        Of the last run.
    gelogde_onderzoeken
        Counted from the log of inspections when left out.
    """
    from models.risico.eerlijkheid import make_derden
    from orchestration.risico import read_samenstelling

    plaatsen = warehouse.execute(
        "select complex_id, max(buurt_id) from intermediate.int_overlast__complexmaand "
        "where buurt_id is not null group by complex_id order by complex_id"
    ).fetchall()
    buurten = sorted({buurt for _, buurt in plaatsen})
    derde = dict(
        zip(buurten, make_derden(read_samenstelling(warehouse, buurten)).tolist(), strict=True)
    )
    onderzocht: dict[str, int] = {}
    if model == "woonfraude":
        onderzocht = dict(
            warehouse.execute(
                """
                select complex_id, count(*) from woonfraude.int_woonfraude__onderzoek
                where maand >= (select max(peildatum) from woonfraude.int_woonfraude__kenmerk)
                    - interval 6 month
                group by complex_id
                """
            ).fetchall()
        )
        if gelogde_onderzoeken is None:
            ((gelogde_onderzoeken,),) = warehouse.execute(
                "select count(*) from woonfraude.int_woonfraude__onderzoek "
                "where reden_code != 'tip' and selectiekans is not null"
            ).fetchall()
    return Opdracht(
        k,
        capaciteit,
        gelogde_onderzoeken=gelogde_onderzoeken or 0,
        groep={complex_id: derde[buurt] for complex_id, buurt in plaatsen},
        onderzocht_halfjaar=onderzocht,
    )


def check_scores(scores: pa.Table) -> pa.Table:
    """Return the scores in the agreed columns and types.

    Raises
    ------
    ScoresFout
        When a column is absent, a value does not fit its type, or a key is not unique.
    """
    import pyarrow as pa

    ontbreekt = [naam for naam in SCORES if naam not in scores.column_names]
    if ontbreekt:
        raise ScoresFout(
            f"In de scores ontbreken kolommen: {', '.join(ontbreekt)}.",
            verwacht=", ".join(SCORES),
        )
    try:
        goed = scores.select(list(SCORES)).cast(
            pa.schema([(naam, pa.type_for_alias(soort)) for naam, soort in SCORES.items()])
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fout:
        raise ScoresFout(
            f"De scores hebben een ander type: {fout}",
            verwacht=", ".join(f"{naam} {soort}" for naam, soort in SCORES.items()),
        ) from fout
    sleutel = ["model", "peildatum", "complex_id"]
    leeg = [naam for naam in (*sleutel, "scoreversie", "rang") if goed[naam].null_count]
    if leeg:
        raise ScoresFout(f"De scores hebben lege waarden in {', '.join(leeg)}.")
    if goed.group_by(sleutel).aggregate([]).num_rows != goed.num_rows:
        raise ScoresFout(
            "In de scores komt een complex twee keer voor.",
            verwacht="één rij per model, peildatum en complex",
        )
    return goed


def read_scores(archief_map: Path, releases_map: Path) -> tuple[str, pa.Table]:
    """Return the current release and the scores beside it in the archive.

    Raises
    ------
    GebruikFout
        When nothing is published, or it was published without scores.
    ScoresFout
        When the scores are not of the agreed shape.
    """
    import pyarrow.parquet as pq

    release_id = winkel.current_path(releases_map).name
    pad = archief_map / release_id / BESTAND
    if not pad.exists():
        raise GebruikFout(
            f"Bij release {release_id} horen geen scores.",
            verwacht="een run die de risicomodellen rekent",
            remedie="draai `buurtpeil run` of `buurtpeil demo` opnieuw",
        )
    return release_id, check_scores(pq.read_table(pad))


def read_lengte(releases_map: Path, model: Model) -> int | None:
    """Return the longest model lane that the evaluation allows; None where the rule ranks.

    Raises
    ------
    GebruikFout
        When nothing is published.
    """
    import pyarrow.parquet as pq

    pad = winkel.current_path(releases_map) / STANDBESTAND
    if not pad.exists():
        return None
    lengte = {
        rij["model"]: rij["k"]
        for rij in pq.read_table(pad, columns=["model", "stand", "k"]).to_pylist()
        if rij["stand"] == "kampioen"
    }
    return lengte.get(model)


def compose_lijst(
    scores: pa.Table,
    eenheden: Mapping[str, int],
    model: Model,
    opdracht: Opdracht,
    register: Werklijstregister,
    release_id: str,
    geheim: bytes,
) -> Samenstelling:
    """Return the list of the last peildatum with scores; a stopped model gets the lottery alone.

    The lot and the order follow from model, peildatum and secret: a run that is repeated draws the
    same, and who does not have the secret cannot draw it again to learn which rows are of the lot.

    Parameters
    ----------
    scores
        Columns of ``SCORES``; of any models and peildata.
    eenheden
        Dwellings by complex; a complex without is left out.
    geheim
        Secret of the installation (``serving.werklijst.geheim``).

    Raises
    ------
    ScoresFout
        When there are no scores of this model.
    """
    import numpy as np
    import pyarrow.compute as pc

    from models.risico.werklijst import (
        Kandidaten,
        choose_aselect_aandeel,
        compose_werklijst,
        must_use_regel,
    )

    goed = check_scores(scores)
    goed = goed.filter(pc.equal(goed["model"], model))
    if not goed.num_rows:
        raise ScoresFout(f"Er zijn geen scores van het model {model}.")
    peildatum: date = pc.max(goed["peildatum"]).as_py()
    rijen = [
        rij
        for rij in goed.filter(pc.equal(goed["peildatum"], peildatum)).to_pylist()
        if eenheden.get(rij["complex_id"], 0) >= 1
    ]
    versies = {(rij["scoreversie"], rij["is_regel"]) for rij in rijen}
    if len(versies) != 1:
        raise ScoresFout(
            f"De scores van {model} op {peildatum} zijn van {len(versies)} versies.",
            verwacht="één scoreversie per model en peildatum",
        )
    ((scoreversie, is_regel),) = versies
    # Places of a month in which the model was stopped say nothing, also when it is in use again.
    is_gestopt = scoreversie == GESTOPT or read_gestopt(register, model) is not None
    if not is_regel and not is_gestopt and must_use_regel(model, opdracht.gelogde_onderzoeken):
        raise ScoresFout(
            f"Met {opdracht.gelogde_onderzoeken} gelogde onderzoeken kiest de vaste regel, en de "
            "scores zijn van het model.",
            remedie="reken de scores met de regel",
        )
    rijen.sort(key=lambda rij: rij["complex_id"])
    ids = [rij["complex_id"] for rij in rijen]
    kandidaten = Kandidaten(
        complex_id=np.array(ids),
        eenheden=np.array([eenheden[c] for c in ids], dtype=np.int64),
        # The rank is the release's own; a list does not order complexes anew.
        score=-np.array([rij["rang"] for rij in rijen], dtype=np.float64),
        groep=np.array([opdracht.groep.get(c, -1) for c in ids], dtype=np.int64),
        kans=None if is_regel else np.array([rij["kans"] for rij in rijen], dtype=np.float64),
        onderzocht_halfjaar=np.array(
            [opdracht.onderzocht_halfjaar.get(c, 0) for c in ids], dtype=np.int64
        ),
        band=np.array([rij["band"] or "" for rij in rijen]),
        redenen=np.array([rij["redenen"] or "[]" for rij in rijen]),
    )
    eerder = register.list_rijen(model)
    return compose_werklijst(
        kandidaten,
        model=model,
        peildatum=peildatum,
        k=0 if is_gestopt else opdracht.k,
        capaciteit=opdracht.capaciteit,
        epsilon=choose_aselect_aandeel(model, opdracht.gelogde_onderzoeken),
        vorige={} if is_gestopt else find_ingetreden(eerder),
        onthouden=find_onthouden(eerder),
        is_eerste_jaar=_is_eerste_jaar(register, model, peildatum),
        geheim=geheim,
        rng=np.random.default_rng(_seed(model, peildatum, geheim)),
        release_id=release_id,
        scoreversie=scoreversie,
    )


def keep_lijst(
    scores: pa.Table,
    eenheden: Mapping[str, int],
    model: Model,
    opdracht: Opdracht,
    register: Werklijstregister,
    release_id: str,
    geheim: bytes,
) -> tuple[Lijst, bool]:
    """Compose the list of the last peildatum and keep it; return it, and whether it is new.

    A list that is there stays as it is, also when its model was stopped since.

    Raises
    ------
    ScoresFout, WerklijstKanNiet, BesluitenFout
        When the scores do not fit, or the store refuses the list or cannot be reached.
    """
    samenstelling = compose_lijst(scores, eenheden, model, opdracht, register, release_id, geheim)
    return register.add_werklijst(samenstelling)


def write_uitkomsten(warehouse: duckdb.DuckDBPyConnection, register: Werklijstregister) -> int:
    """Record for each row of overlast what the data say came of it; return how many are new.

    Withheld rows get their outcome here. A horizon that is not complete gives none, nor does a
    complex that had an escalation just before: what happens there is no first one.
    Of woonfraude people record what an inspection found.
    """
    nieuw = 0
    for lijst in register.list_lijsten("overlast"):
        gevonden = warehouse.execute(
            "select complex_id, escalatie from intermediate.int_overlast__uitkomst "
            "where peildatum = ? and escalatie is not null and is_in_cohort",
            [lijst.peildatum],
        ).fetchall()
        codes = {c: "escalatie" if escalatie else "geen_escalatie" for c, escalatie in gevonden}
        nieuw += register.add_uitkomsten("overlast", lijst.peildatum, codes, AFGELEID)
    return nieuw


def _is_eerste_jaar(register: Werklijstregister, model: Model, peildatum: date) -> bool:
    """Tell whether the first list of a model is less than a year ago."""
    lijsten = register.list_lijsten(model)
    if not lijsten:
        return True
    eerste = lijsten[0].peildatum
    return (peildatum.year - eerste.year) * 12 + peildatum.month - eerste.month < _EERSTE_JAAR


def _seed(model: Model, peildatum: date, geheim: bytes) -> int:
    tekst = f"werklijst|{model}|{peildatum.isoformat()}"
    return int.from_bytes(
        hashlib.blake2b(tekst.encode(), digest_size=8, key=geheim).digest(), "big"
    )
