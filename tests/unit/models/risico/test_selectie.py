"""Weighting inspections: what is not seen without it, and when there is too little to weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico import selectie
from models.risico.selectie import SelectieFout, Weeglog

COMPLEXEN = 400


def make_log(maanden: int = 60, aselect_per_maand: int = 6) -> tuple[Weeglog, np.ndarray]:
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
    log = Weeglog(
        complex_id=np.array([f"C{i}" for i in c]),
        buurt=buurt[c],
        maand=maand,
        bekend=maand,
        reden=reden,
        selectiekans=pi,
        is_treffer=raak.astype(float),
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
    zonder = Weeglog(*(getattr(log, veld)[~tips] for veld in log.__dataclass_fields__))
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


def make_lijstlog(maanden: int = 150) -> tuple[Weeglog, np.ndarray]:
    """Return inspections of a certain list of 40 complexes that hit more, and a lot from all."""
    rng = np.random.default_rng(19)
    kans = np.where(np.arange(COMPLEXEN) < 40, 0.5, 0.1)
    pi = np.full(COMPLEXEN, 0.03)
    rijen = []
    for maand in range(maanden):
        for reden, keuze, kansen in (
            ("proactief_model", np.arange(40), np.ones(COMPLEXEN)),
            ("aselect", np.flatnonzero(rng.random(COMPLEXEN) < pi), pi),
        ):
            rijen += [(c, maand, reden, kansen[c], rng.random() < kans[c]) for c in keuze]
    c, maand, reden, sel, raak = (np.array(kolom) for kolom in zip(*rijen, strict=True))
    namen = np.array([f"C{i}" for i in c])
    return Weeglog(namen, maand, maand, reden, sel, raak.astype(float), c % 40), kans


def test_complex_on_the_list_and_in_the_lot_counts_once() -> None:
    log, kans = make_lijstlog()
    ieder = selectie.compute_opbrengst(
        log, np.ones(len(log)), "ieder", rng=np.random.default_rng(1)
    )
    # Counted twice, the tenth that is on the list would make it .17 instead of .14.
    assert ieder.met.waarde == pytest.approx(kans.mean(), abs=0.01)
    nummer = np.array([int(c[1:]) for c in log.complex_id])
    buiten = selectie.compute_opbrengst(
        log, (nummer >= 40) * 1.0, "buiten de lijst", rng=np.random.default_rng(1)
    )
    assert buiten.met.waarde == pytest.approx(0.1, abs=0.015)


def test_complex_that_the_lot_took_before_the_list_counts_once_when_that_is_known() -> None:
    log, kans = make_lijstlog()
    nummer = np.array([int(c[1:]) for c in log.complex_id])
    # Room for one address: where the lot drew, the list did not inspect.
    geloot = {
        (c, m) for c, m, r in zip(nummer, log.maand, log.reden, strict=True) if r == "aselect"
    }
    weg = np.array(
        [r == "proactief_model" and (c, m) in geloot
         for c, m, r in zip(nummer, log.maand, log.reden, strict=True)]
    )  # fmt: skip
    velden = {naam: getattr(log, naam)[~weg] for naam in log.__dataclass_fields__}
    velden["selectiekans"] = np.where(
        velden["reden"] == "proactief_model", 0.97, velden["selectiekans"]
    )
    zonder = Weeglog(**velden)
    een = np.ones(len(zonder))
    gezegd = selectie.compute_opbrengst(
        zonder, een, "ieder", in_modelbaan=nummer[~weg] < 40, rng=np.random.default_rng(1)
    )
    geraden = selectie.compute_opbrengst(zonder, een, "ieder", rng=np.random.default_rng(1))
    assert gezegd.met.waarde == pytest.approx(kans.mean(), abs=0.01)
    assert geraden.met.waarde > kans.mean() + 0.02


def test_two_inspections_of_a_complex_in_a_month_share_its_weight() -> None:
    log = Weeglog(
        np.array(["C1", "C1", "C2"]), np.array([5, 5, 5]), np.array([5, 5, 5]),
        np.array(["aselect"] * 3), np.array([0.5, 0.5, 0.5]), np.array([1.0, 1.0, 0.0]),
        np.array([1, 1, 2]),
    )  # fmt: skip
    assert log.gewicht.tolist() == [1.0, 1.0, 2.0]


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
        Weeglog(np.array(["C1"]), een, een, np.array(["aselect"]), np.array([kans]), een * 1.0, een)


def test_reason_that_is_not_on_the_list_is_refused() -> None:
    een = np.array([1])
    with pytest.raises(SelectieFout, match="gevoel"):
        Weeglog(np.array(["C1"]), een, een, np.array(["gevoel"]), np.array([0.5]), een * 1.0, een)


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
    zonder = Weeglog(**{**vars(log), "selectiekans": np.full(len(log), np.nan)})
    assert selectie.check_loting(zonder, vanaf=0).aandeel == 0.0
