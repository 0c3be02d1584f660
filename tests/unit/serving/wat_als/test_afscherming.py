"""What is not published does not come out through a what-if either, however often it is asked.

The attacker below knows everything that a release shows and asks what he likes. On exact scores
he would find a banded score to a hundredth of a point; on the release he finds what he knew.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release import schema
from serving.release.winkel import open_release
from serving.wat_als.afscherming import Gepubliceerd, approximate_scores
from serving.wat_als.bestand import build_tabel
from serving.wat_als.rekening import (
    MACHTEN,
    THEMAS,
    Keuze,
    assign_labels,
    compute_scores,
    estimate_knippen,
)
from tests.unit.serving.voorbeeld_release import build_tables, publish_example

GELIJK = Keuze((1.0,) * 5)
KNIPPEN = np.array([15.0, 35, 65, 85])
KNIPPEN_TOTAAL = np.array([25.0, 42, 62, 78])
FIN, SOC = THEMAS.index("FIN"), THEMAS.index("SOC")


def make_cellen(
    scores: npt.NDArray[np.float64], dicht: npt.NDArray[np.bool_], keuze: Keuze = GELIJK
) -> Gepubliceerd:
    totaal = compute_scores(scores, keuze)
    labels = np.stack([assign_labels(scores[:, k], KNIPPEN) for k in range(5)], axis=1)
    return Gepubliceerd(
        scores=scores,
        is_gebandeerd=dicht,
        labels=labels,
        knippen=np.broadcast_to(KNIPPEN, (*scores.shape, 4)),
        totaal=totaal,
        totaal_label=assign_labels(totaal, KNIPPEN_TOTAAL),
        totaal_knippen=np.broadcast_to(KNIPPEN_TOTAAL, (len(scores), 4)),
    )


score = st.integers(1, 99_999).map(lambda s: s / 1000)
rijen = st.lists(
    st.tuples(st.tuples(*[score] * 5), st.booleans(), st.booleans()), min_size=1, max_size=20
)
keuzes = st.builds(
    Keuze, st.tuples(*[st.sampled_from([0.5, 1.0, 2.0])] * 5), st.sampled_from(MACHTEN)
)


@given(rijen, keuzes)
def test_total_and_themes_keep_their_labels_and_the_shown_total(waarden, keuze) -> None:  # type: ignore[no-untyped-def]
    scores = np.array([rij[0] for rij in waarden])
    dicht = np.zeros(scores.shape, dtype=np.bool_)
    dicht[:, FIN], dicht[:, SOC] = [rij[1] for rij in waarden], [rij[2] for rij in waarden]
    cellen = make_cellen(scores, dicht, keuze)
    benaderd = approximate_scores(cellen, keuze)
    totaal = compute_scores(benaderd, keuze)
    np.testing.assert_array_equal(benaderd[~dicht], scores[~dicht])
    np.testing.assert_array_equal(assign_labels(totaal, KNIPPEN_TOTAAL), cellen.totaal_label)
    assert (np.abs(totaal - np.round(cellen.totaal / 5) * 5) <= 2.5 + 1e-6).all()
    lager = np.concatenate([np.zeros(1), KNIPPEN])[cellen.labels - 1]
    hoger = np.concatenate([KNIPPEN, np.full(1, 100.0)])[cellen.labels - 1]
    assert ((benaderd >= lager - 1e-9) & (benaderd <= hoger + 1e-9)).all()


def test_scores_that_are_published_alike_give_the_same_stand_in() -> None:
    """Two worlds that differ only in what is not shown cannot be told apart."""
    basis = np.array([[40.0, 55, 50, 30, 62]])
    dicht = np.zeros((1, 5), dtype=np.bool_)
    dicht[:, FIN] = True
    uitkomsten = set()
    for fin in np.linspace(46, 56, 41):
        scores = basis.copy()
        scores[:, FIN] = fin
        cellen = make_cellen(scores, dicht)
        assert cellen.totaal_label[0] == 3
        assert np.round(cellen.totaal[0] / 5) * 5 == 50
        uitkomsten.add(approximate_scores(cellen, GELIJK).tobytes())
    assert len(uitkomsten) == 1


def test_theme_is_in_the_middle_of_its_label_where_the_total_is_unknown() -> None:
    scores = np.array([[40.0, np.nan, 50, 30, np.nan]])
    dicht = np.zeros((1, 5), dtype=np.bool_)
    dicht[:, FIN] = True
    cellen = replace(
        make_cellen(scores, dicht), totaal=np.array([np.nan]), totaal_label=np.array([0])
    )
    assert approximate_scores(cellen, GELIJK)[0, FIN] == 50


# --- the attacker


def _bracket_fin(echt: npt.NDArray[np.float64], gebruikt: npt.NDArray[np.float64]) -> float:
    """Return how narrowly questions about one complex bracket what the release holds of its FIN.

    ``echt`` are the attacker's own figures of the reference, ``gebruikt`` the complex's scores
    that the answers are computed from. He knows the other themes and computes the cuts himself.
    """
    laag, hoog = 35.0, 65.0  # FIN has label 3, which is published
    woningen = np.ones(len(echt), dtype=np.int64)
    for gewichten in product((0, 1, 2), (0, 0.5, 1), (2, 2.5, 3), (0, 0.25), (0, 0.75, 1)):
        for macht in MACHTEN:
            keuze = Keuze(tuple(float(g) for g in gewichten), macht)
            knippen = estimate_knippen(compute_scores(echt, keuze), woningen)
            (label,) = assign_labels(compute_scores(gebruikt[None], keuze), knippen)
            som = sum(
                deel * gebruikt[k] ** macht for k, deel in enumerate(keuze.verhouding) if k != FIN
            )
            for nummer, knip in enumerate(knippen, start=1):
                macht_fin = (knip**macht * sum(keuze.verhouding) - som) / keuze.verhouding[FIN]
                grens = max(macht_fin, 0.0) ** (1 / macht)
                if label > nummer:
                    laag = max(laag, grens)
                else:
                    hoog = min(hoog, grens)
    return hoog - laag


def test_exact_scores_would_be_found_to_less_than_a_step_of_five() -> None:
    """Why the exact score is not in the release: a few hundred questions are enough."""
    loting = np.random.default_rng(3)
    referentie = loting.uniform(0, 100, (800, 5))
    assert _bracket_fin(referentie, np.array([40.0, 55, 51.234, 30, 62])) < 0.5


def test_whole_release_is_the_same_for_every_score_that_is_published_alike() -> None:
    """Same bytes, so the same answer to every question: the attacker learns nothing new."""
    tabellen = build_tables()
    rijen = tabellen[schema.WAT_ALS.naam].to_pylist()
    dicht = {
        (rij["beheerobject_id"], rij["peildatum"])
        for rij in rijen
        if rij["is_gebandeerd"] and rij["score"] is not None
    }
    assert len(dicht) > 5
    varianten = [build_tabel(_move(rijen, dicht, erbij), GELIJK) for erbij in (0.0, 0.4, -0.7)]
    assert varianten[0].equals(varianten[1])
    assert varianten[0].equals(varianten[2])
    assert any(varianten[0]["is_benaderd"].to_pylist())


def _move(rijen: list[dict[str, object]], dicht: set[tuple[object, ...]], erbij: float) -> pa.Table:
    """Return the rows with other exact scores of banded themes, and the totals that they give."""
    anders = [dict(rij) for rij in rijen]
    per_cel: dict[tuple[object, ...], dict[object, dict[str, object]]] = {}
    for rij in anders:
        cel = (rij["niveau"], rij["beheerobject_id"], rij["peildatum"])
        per_cel.setdefault(cel, {})[rij["thema_code"]] = rij
    for cel, themas in per_cel.items():
        if cel[1:] in dicht:
            themas["FIN"]["score"] = float(str(themas["FIN"]["score"])) + erbij
            scores = np.array([[themas[thema]["score"] for thema in THEMAS]], dtype=np.float64)
            (themas["TOT"]["score"],) = compute_scores(scores, GELIJK).tolist()
    return pa.Table.from_pylist(anders, schema=schema.WAT_ALS.kolommen)


def test_exact_score_of_a_small_cell_is_in_no_file_of_the_release(tmp_path: Path) -> None:
    tabellen = build_tables()
    release = publish_example(tmp_path, tabellen)
    bestand = pq.read_table(release / schema.BESTAND_WAT_ALS)
    precies = {
        (rij["beheerobject_id"], rij["score"])
        for rij in tabellen[schema.WAT_ALS.naam].to_pylist()
        if rij["is_gebandeerd"] and rij["is_actueel"] and rij["score"] is not None
    }
    assert precies
    geschat = dict(
        zip(bestand["beheerobject_id"].to_pylist(), bestand["score_fin"].to_pylist(), strict=True)
    )
    assert all(geschat[id_] != pytest.approx(score, abs=1e-6) for id_, score in precies)
    assert not list((release / schema.MAP_EXPORTS).glob("wat_als*"))
    with open_release(release) as uitgave:
        assert schema.BESTAND_WAT_ALS in uitgave.manifest["bestanden"]
