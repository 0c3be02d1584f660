"""The scores of a month: rows for ``buurtpeil.risicoscore`` and ``buurtpeil.risicomodel``.

Belongs here: who is scored, chance and rank and reasons per complex, by a model, by the rule or
by nothing at all. Does not belong here: which of them scores (``risico_inzet``), worklists
(``werklijst``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from models.overlast import cohort as overlast_cohort
from models.overlast import keuring as overlast_keuring
from models.overlast import regel as overlast_regel
from models.risico.onzekerheid import HERTRAININGEN, OnzekerheidFout, estimate_onzekerheid
from models.risico.paneel import Getal, Paneel
from models.risico.uitleg import explain_kampioen
from models.risico.werklijst import compute_rang
from models.woonfraude import cohort as woonfraude_cohort
from models.woonfraude import keuring as woonfraude_keuring
from models.woonfraude import regel as woonfraude_regel
from orchestration.risico import Gegevens, as_known, find_trainingsmaand, make_rng, to_peildatum
from orchestration.risico_inzet import Inzet, train_piek


def score_overlast(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return the scores of month ``nu``, a row per complex of the cohort.

    A complex whose dossier is running needs no early warning, and has no row.
    """
    frame = _score_overlast(gegevens, inzet, nu)
    hoofd = inzet.piekhoofd or train_piek(gegevens, nu)
    if hoofd is not None and hoofd.is_bruikbaar and len(frame):
        dag = _select_dag(gegevens, nu)
        frame["kans_piek"] = _round(hoofd.training.predict(dag))
    return frame


def _select_dag(gegevens: Gegevens, nu: int) -> Paneel:
    p = gegevens.paneel
    telt = (p.peilmaand == nu) & (p.eenheden >= overlast_cohort.Cohort().minimum_eenheden)
    return p.select(telt if gegevens.in_cohort is None else telt & gegevens.in_cohort)


def _score_overlast(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    c = overlast_cohort.Cohort()
    alles = gegevens.paneel
    dag = _select_dag(gegevens, nu)
    if inzet.schatter is None:
        invoer = overlast_regel.build_invoer(dag)
        punten = overlast_regel.OverlastRegel().decision_function(invoer)
        redenen = [
            [{"zin": zin} for zin in overlast_regel.explain_punten(rij)] for rij in invoer.tolist()
        ]
        return _frame_regel(inzet, dag, punten, redenen, nu)
    t = find_trainingsmaand("overlast", nu)
    leer = overlast_keuring.select_leerbaar(as_known(alles, t, c.horizon), t)
    return _frame_model(
        inzet,
        dag.select_kenmerken(inzet.kenmerken),
        leer.select_kenmerken(inzet.kenmerken),
        nu,
    )


def score_woonfraude(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return the scores of month ``nu``, a row per complex that is large enough."""
    dag = woonfraude_keuring.select_lijst(gegevens.paneel, nu)
    if inzet.schatter is None or gegevens.log is None:
        invoer = woonfraude_regel.build_invoer(dag)
        score = woonfraude_regel.WoonfraudeRegel().decision_function(invoer)
        tekst = {k.naam: k.tekst_hoog for k in dag.kenmerken}
        redenen = [
            [
                {"zin": tekst[naam]}
                for naam, waarde in zip(woonfraude_regel.KOLOMMEN, rij, strict=True)
                if np.isfinite(waarde) and waarde > 0
            ]
            for rij in invoer.tolist()
        ]
        return _frame_regel(inzet, dag, score, redenen, nu)
    t = find_trainingsmaand("woonfraude", nu)
    geleerd = woonfraude_cohort.build_trainingset(gegevens.paneel, gegevens.log, t)
    leer = replace(gegevens.paneel.select(geleerd.paneelrij), y=geleerd.y)
    return _frame_model(
        inzet,
        dag.select_kenmerken(inzet.kenmerken),
        leer.select_kenmerken(inzet.kenmerken),
        nu,
        extra=woonfraude_cohort.add_reden,
        train_x=woonfraude_cohort.add_reden(
            leer.select_kenmerken(inzet.kenmerken).x, geleerd.log.reden
        ),
    )


def score_gestopt(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return rows without a score for a model that a person stopped: the lot goes on.

    The rank says nothing: it follows from a hash of the complex.
    """
    p = gegevens.paneel
    dag = p.select((p.peilmaand == nu) & (p.eenheden >= overlast_cohort.Cohort().minimum_eenheden))
    return _frame_regel(inzet, dag, np.zeros(len(dag)), [[]] * len(dag), nu)


def _frame_regel(
    inzet: Inzet,
    dag: Paneel,
    score: Getal,
    redenen: Sequence[Sequence[Mapping[str, str]]],
    nu: int,
) -> pd.DataFrame:
    n = len(dag)
    return pd.DataFrame(
        {
            "model": inzet.model,
            "complex_id": dag.complex_id,
            "peildatum": to_peildatum(nu),
            "scoreversie": inzet.scoreversie,
            "is_regel": True,
            "kans": np.full(n, np.nan),
            "kans_laag": np.full(n, np.nan),
            "kans_hoog": np.full(n, np.nan),
            "rang": compute_rang(dag.complex_id, score) if n else np.zeros(0, dtype=np.int64),
            "kans_top_k": np.full(n, np.nan),
            "band": "",
            "redenen": [json.dumps(list(r), ensure_ascii=False) for r in redenen],
            "kans_piek": np.full(n, np.nan),
        }
    )


def _frame_model(
    inzet: Inzet,
    dag: Paneel,
    leer: Paneel,
    nu: int,
    *,
    extra: Callable[[Getal], Getal] = lambda x: x,
    train_x: Getal | None = None,
) -> pd.DataFrame:
    if inzet.schatter is None:
        raise TypeError("a model is needed to score with")
    x = extra(dag.x)
    kans = inzet.schatter.predict_proba(x)[:, 1]
    k = min(inzet.k, len(dag))
    laag = hoog = top = np.full(len(dag), np.nan)
    band = np.full(len(dag), "")
    try:
        onzeker = estimate_onzekerheid(
            inzet.schatter,
            leer,
            x,
            k,
            make_rng("onzekerheid", inzet.scoreversie, nu),
            hertrainingen=HERTRAININGEN,
            train_x=train_x,
        )
        laag, hoog, top, band = onzeker.onder, onzeker.boven, onzeker.kans_top_k, onzeker.band
    except OnzekerheidFout:
        pass  # the score stands; how sure it is, is not known, and nothing is shown of it
    uitleg = explain_kampioen(
        inzet.schatter, dag, extra=x[:, dag.x.shape[1] :] if x.shape[1] > dag.x.shape[1] else None
    )
    return pd.DataFrame(
        {
            "model": inzet.model,
            "complex_id": dag.complex_id,
            "peildatum": to_peildatum(nu),
            "scoreversie": inzet.scoreversie,
            "is_regel": False,
            "kans": _round(kans),
            "kans_laag": _round(laag),
            "kans_hoog": _round(hoog),
            "rang": compute_rang(dag.complex_id, _round(kans)),
            "kans_top_k": _round(top),
            "band": band,
            "redenen": [
                json.dumps(
                    [
                        {"familie": r.familie, "kenmerk": r.kenmerk, "zin": r.zin,
                         "bijdrage": round(r.bijdrage, 4)}
                        for r in u.redenen
                    ],
                    ensure_ascii=False,
                )
                for u in uitleg
            ],
            "kans_piek": np.full(len(dag), np.nan),
        }
    )  # fmt: skip


def _round(x: Getal) -> Getal:
    """Round to nine digits: more of a fitted chance is the order in which a sum was taken."""
    return np.round(x, 9)


def describe_inzetten(
    inzetten: Sequence[Inzet], scores: Sequence[pd.DataFrame], nu: int
) -> pd.DataFrame:
    """Return the rows of ``buurtpeil.risicomodel``."""
    aantal = {str(deel["model"].iloc[0]): len(deel) for deel in scores if len(deel)}
    return pd.DataFrame(
        [
            {
                "model": inzet.model,
                "peildatum": to_peildatum(nu),
                "stand": inzet.stand,
                "scoreversie": inzet.scoreversie,
                "soort": inzet.soort,
                "k": inzet.k,
                "getraind_op": inzet.getraind_op,
                "aantal_complexen": aantal.get(inzet.model, 0),
                "zin": inzet.zin,
                "gezakt": json.dumps(list(inzet.gezakt), ensure_ascii=False),
                "kaart": inzet.kaart,
            }
            for inzet in inzetten
        ]
    )
