"""What is watched of a risk model that scores: its list from month to month, and what came true.

Belongs here: this month's scores and outcomes against what was published. Does not belong here:
the limits (``models.risico.drift``), who takes a model away (``assets.risico``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from models.overlast import regel as overlast_regel
from models.overlast import training as overlast_training
from models.risico.drift import (
    Signaal,
    Toetsvenster,
    check_stopregel,
    compare_gemiddelde,
    compare_ontbreken,
    compute_verloop,
)
from models.risico.maten import compute_ap, compute_oe
from models.woonfraude import training as woonfraude_training
from orchestration.risico import (
    MAANDEN_GELDIG,
    Gegevens,
    find_trainingsmaand,
    to_peildatum,
)
from vera.werklijst import Model

_MAANDEN_TERUG = 12
_MAANDEN_ONTBREKEN = 24
_GEWENST: Final[Mapping[Model, Sequence[str]]] = {
    "overlast": overlast_training.KENMERKEN,
    "woonfraude": woonfraude_training.KENMERKEN,
}


def describe_verloop(
    frame: pd.DataFrame, gepubliceerd: pd.DataFrame, k: int
) -> tuple[Signaal, ...]:
    """Return the monthly signals of one model's scores against what was published before.

    Parameters
    ----------
    frame
        Scores of this month.
    gepubliceerd
        Published rows of the model: ``complex_id``, ``peildatum``, ``kans``, ``rang``.
    k
        Length of the list.
    """
    nu = frame["peildatum"].max()
    eerder = gepubliceerd[pd.to_datetime(gepubliceerd["peildatum"]) < pd.Timestamp(nu)]
    if not len(eerder):
        return ()
    laatste = eerder["peildatum"].max()
    vorige = eerder.loc[(eerder["peildatum"] == laatste) & (eerder["rang"] <= k), "complex_id"]
    gemiddelden = eerder.groupby("peildatum")["kans"].mean().dropna().tail(_MAANDEN_TERUG)
    signalen = [
        compute_verloop(set(vorige), set(frame.loc[frame["rang"] <= k, "complex_id"])),
    ]
    if frame["kans"].notna().any():
        signalen.append(
            compare_gemiddelde(frame["kans"].to_numpy(dtype=np.float64), gemiddelden.tolist())
        )
    return tuple(signalen)


def describe_ontbreken(gegevens: Gegevens, model: Model, nu: int) -> tuple[Signaal, ...]:
    """Return per feature that a model wants how much of it is unknown this month.

    Held against the months before the training month, two years of them at most: what the model
    that scores now could learn from. The rule reads of the same sources, so that this is asked
    whoever scores.

    Parameters
    ----------
    gegevens
        Panel with all features of the allow-list.
    nu
        Peilmaand of the scores.

    Returns
    -------
    tuple of Signaal
        In the order of the features; empty where there is no month to compare.
    """
    p = gegevens.paneel
    t = find_trainingsmaand(model, nu)
    dag = p.peilmaand == nu
    toen = (p.peilmaand < t) & (p.peilmaand >= t - _MAANDEN_ONTBREKEN)
    namen = [naam for naam in _GEWENST[model] if naam in p.namen]
    if not dag.any() or not toen.any():
        return ()
    x = p.select_kenmerken(namen).x
    return compare_ontbreken(x[dag], x[toen], namen)


def check_gepubliceerd(
    gegevens: Gegevens, gepubliceerd: pd.DataFrame, blokkades: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return why the model of overlast must make room, from its own published scores.

    Parameters
    ----------
    gegevens
        With outcomes as they are known now.
    gepubliceerd
        Published rows of the version that scores: ``complex_id``, ``peildatum``, ``kans``.
    blokkades
        What the fairness report of this run blocks on; empty where none was made.

    Notes
    -----
    Every half year from the month in which the version first scored is a window, once its outcome
    is complete: windows do not share an outcome, and a version that began in March waits for no
    January. What was said beforehand is held against what followed, and against the rule.
    """
    p = gegevens.paneel
    vensters = []
    for maand in _list_vensters(gepubliceerd, set(p.peilmaand[p.is_bekend].tolist())):
        dag = gepubliceerd[_to_maanden(gepubliceerd["peildatum"]) == maand]
        kans = dict(zip(dag["complex_id"], dag["kans"], strict=True))
        toen = p.select((p.peilmaand == maand) & p.is_bekend & np.isin(p.complex_id, list(kans)))
        if not len(toen):
            continue
        score = np.array([kans[c] for c in toen.complex_id], dtype=np.float64)
        regel = overlast_regel.OverlastRegel().decision_function(overlast_regel.build_invoer(toen))
        oe = compute_oe(toen.y, score)
        is_gebeurd = bool(toen.y.any())
        vensters.append(
            Toetsvenster(
                naam=to_peildatum(maand).isoformat(),
                waarde=compute_ap(toen.y, score) if is_gebeurd else np.nan,
                waarde_regel=compute_ap(toen.y, regel) if is_gebeurd else np.nan,
                oe=oe.verhouding,
                oe_onder=oe.onder,
                oe_boven=oe.boven,
            )
        )
    return check_stopregel(vensters, blokkades).redenen


def _to_maanden(peildata: pd.Series[Any]) -> pd.Series[Any]:
    dagen = pd.to_datetime(peildata).dt
    return (dagen.year - 1970) * 12 + dagen.month - 1


def _list_vensters(gepubliceerd: pd.DataFrame, bekend: Collection[int]) -> list[int]:
    """Return the months of windows: the first that was published, and each half year after it."""
    uit: list[int] = []
    for maand in sorted(set(_to_maanden(gepubliceerd["peildatum"]).tolist())):
        if not uit or maand >= uit[-1] + MAANDEN_GELDIG["overlast"]:
            uit.append(int(maand))
    return [maand for maand in uit if maand in bekend]
