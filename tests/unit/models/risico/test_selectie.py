"""Weighting inspections: what is not seen without it, and when there is too little to weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico import selectie
from models.risico.selectie import Onderzoeklog, SelectieFout

COMPLEXEN = 400


def make_log(maanden: int = 60, aselect_per_maand: int = 6) -> tuple[Onderzoeklog, np.ndarray]:
    """Return inspections where staff look most in a quarter of buurten that hit as often as others.

    Also returns the true chance of a hit per complex. The chance has to do with size, so that
    draws in proportion to size lean as well.
    """
    rng = np.random.default_rng(17)
    n = rng.integers(10, 120, COMPLEXEN)
    buurt = np.arange(COMPLEXEN) % 40
    kans = np.where(n > 60, 0.30, 0.10)
    voorkeur = np.where(buurt < 10, 8.0, 1.0) * np.where(n > 60, 3.0, 1.0)
    rijen = []
    for maand in range(maanden):
        for reden, gewicht, aantal in (
            ("aselect", n, aselect_per_maand),
            ("proactief_medewerker", voorkeur, 15),
            ("tip", np.ones(COMPLEXEN), 5),
        ):
            p = gewicht / gewicht.sum()
            keuze = rng.choice(COMPLEXEN, aantal, p=p)
            pi = 1 - (1 - p[keuze]) ** aantal
            if reden == "tip":
                pi = np.full(aantal, np.nan)
            raak = rng.random(aantal) < (0.9 if reden == "tip" else kans[keuze])
            rijen += [(c, maand, reden, k, r) for c, k, r in zip(keuze, pi, raak, strict=True)]
    c, maand, reden, pi, raak = (np.array(kolom) for kolom in zip(*rijen, strict=True))
    log = Onderzoeklog(
        complex_id=np.array([f"C{i}" for i in c]),
        buurt=buurt[c],
        maand=maand,
        reden=reden,
        selectiekans=pi,
        is_treffer=raak,
    )
    return log, kans


def test_prevalence_is_recovered_from_the_random_draws_alone() -> None:
    log, kans = make_log(maanden=120)
    uit = selectie.compute_prevalentie(log, rng=np.random.default_rng(1))
    assert uit.met.onder < kans.mean() < uit.met.boven
    assert uit.met.waarde == pytest.approx(kans.mean(), abs=0.03)
    # Large complexes hit more and are chosen more: unweighted inspections are sure of too much.
    assert uit.zonder.onder > kans.mean()
    assert "na weging" in uit.zin


def test_hit_rate_of_tips_never_enters_the_prevalence() -> None:
    log, _ = make_log()
    tips = log.reden == "tip"
    zonder = Onderzoeklog(*(getattr(log, veld)[~tips] for veld in log.__dataclass_fields__))
    a, b = (
        selectie.compute_prevalentie(log_, rng=np.random.default_rng(1)) for log_ in (log, zonder)
    )
    assert a == b


def test_yield_of_a_policy_is_recovered_from_inspections_that_others_chose() -> None:
    log, kans = make_log(maanden=120, aselect_per_maand=10)
    nummer = np.array([int(c[1:]) for c in log.complex_id])
    # The policy: any large complex, all alike.
    doel = (kans[nummer] > 0.2) * 0.1
    uit = selectie.compute_opbrengst(log, doel, "grote complexen", rng=np.random.default_rng(1))
    assert uit.met.onder < 0.30 < uit.met.boven
    # And every complex alike has the prevalence as its yield.
    alles = selectie.compute_opbrengst(
        log, np.full(len(log), 0.05), "ieder", rng=np.random.default_rng(1)
    )
    assert alles.met.waarde == pytest.approx(kans.mean(), abs=0.03)
    assert alles.zonder.waarde > alles.met.waarde + 0.03


@given(
    st.lists(
        st.tuples(st.booleans(), st.floats(0.01, 1.0), st.integers(0, 4)), min_size=1, max_size=30
    ),
    st.floats(0.5, 20),
)
def test_weighted_rate_is_a_rate_and_does_not_depend_on_the_scale_of_the_weights(
    rijen: list[tuple[bool, float, int]], schaal: float
) -> None:
    y, kans, buurt = (np.array(kolom) for kolom in zip(*rijen, strict=True))
    een, twee = (
        selectie.compute_hajek(y, w, buurt, rng=np.random.default_rng(1), trekkingen=20)
        for w in (1 / kans, schaal / kans)
    )
    assert 0.0 <= een.waarde <= 1.0
    assert een.waarde == pytest.approx(twee.waarde)
    assert een.ess == pytest.approx(twee.ess)
    assert 1.0 - 1e-9 <= een.ess <= len(y) + 1e-9
    if len(set(buurt)) > 1:
        assert 0.0 <= een.onder <= een.boven <= 1.0


def test_a_few_heavy_inspections_are_not_a_number() -> None:
    rng = np.random.default_rng(1)
    uit = selectie.compute_hajek(
        np.ones(100), np.r_[np.full(95, 0.01), np.full(5, 100.0)], np.arange(100), rng=rng
    )
    assert not uit.is_genoeg
    naast = selectie.Naasteen("Kans", uit, uit)
    assert "te weinig gegevens" in naast.zin


def test_forty_inspections_without_a_hit_leave_room_for_a_few_percent() -> None:
    rng = np.random.default_rng(1)
    uit = selectie.compute_hajek(np.zeros(40), np.ones(40), np.arange(40) % 8, rng=rng)
    assert (uit.waarde, uit.onder) == (0.0, 0.0)
    assert uit.boven == pytest.approx(0.088, abs=0.001)  # Clopper and Pearson of 0 in 40
    alle = selectie.compute_hajek(np.ones(40), np.ones(40), np.arange(40) % 8, rng=rng)
    assert (alle.onder, alle.boven) == (pytest.approx(1 - uit.boven), 1.0)


def test_no_inspections_is_unknown_and_not_zero() -> None:
    leeg = np.zeros(0)
    uit = selectie.compute_hajek(leeg, leeg, leeg.astype(int), rng=np.random.default_rng(1))
    assert np.isnan(uit.waarde)
    assert not uit.is_genoeg


@pytest.mark.parametrize("kans", [0.0, -0.1, 1.01])
def test_chance_outside_its_range_is_refused(kans: float) -> None:
    een = np.array([1])
    with pytest.raises(SelectieFout, match="kansen"):
        Onderzoeklog(np.array(["C1"]), een, een, np.array(["aselect"]), np.array([kans]), een == 1)


def test_reason_that_is_not_on_the_list_is_refused() -> None:
    een = np.array([1])
    with pytest.raises(SelectieFout, match="gevoel"):
        Onderzoeklog(np.array(["C1"]), een, een, np.array(["gevoel"]), np.array([0.5]), een == 1)


def test_random_share_is_larger_until_three_hundred_inspections_are_logged() -> None:
    log, _ = make_log(maanden=60, aselect_per_maand=4)  # 4 of 19 a month are random
    begin = selectie.check_loting(log, vanaf=0)
    assert (begin.norm, begin.is_voldoende, begin.is_op_norm) == (0.30, True, False)
    later = selectie.check_loting(log, vanaf=30)  # 570 logged before
    assert (later.norm, later.is_op_norm) == (0.20, True)
    assert later.aandeel == pytest.approx(4 / 19)


def test_too_small_a_random_share_is_said() -> None:
    log, _ = make_log(maanden=30, aselect_per_maand=1)
    toets = selectie.check_loting(log, vanaf=20)
    assert not toets.is_voldoende
    assert "niet te zien wat het model mist" in toets.zin


def test_random_draws_without_their_chance_do_not_count_as_random() -> None:
    log, _ = make_log(maanden=30, aselect_per_maand=6)
    zonder = Onderzoeklog(
        log.complex_id, log.buurt, log.maand, log.reden, np.full(len(log), np.nan), log.is_treffer
    )
    assert selectie.check_loting(zonder, vanaf=0).aandeel == 0.0
