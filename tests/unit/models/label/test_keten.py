"""Steps 2 to 6 on arrays: the arithmetic, and what must hold whatever the numbers are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.label import keten
from models.label.keten import Catalogus, Methode, Meting
from vera.errors import BuurtpeilError

METHODE = Methode()
CATALOGUS = Catalogus(
    soort=("telling", "aandeel", "gemiddelde", "telling"),
    richting=np.array([1.0, 1.0, -1.0, 1.0]),
    thema=np.array([0, 0, 1, 1]),
    gewicht=np.array([2.0, 1.0, 1.0, 1.0]),
    omega=np.array([1.0, 1.0]),
    verplicht=np.array([True, False]),
)


def make_wereld(seed: int = 20240101, *, eenheden: int = 60, kwartalen: int = 10) -> Meting:
    """Draw units of two building types and two sizes; the first eight quarters are R."""
    rng = np.random.default_rng(seed)
    eenheid, kwartaal = (
        a.ravel() for a in np.meshgrid(np.arange(eenheden), np.arange(kwartalen), indexing="ij")
    )
    n = rng.integers(10, 60, eenheden)[eenheid].astype(float)
    niveau = rng.normal(0, 0.7, (eenheden, 4))[eenheid]
    telling = rng.poisson(n[:, None] * 4 * 0.03 * np.exp(niveau[:, [0, 3]]))
    aandeel = rng.binomial(n.astype(int), 1 / (1 + np.exp(2 - niveau[:, 1])))
    scores = 7 + niveau[:, [2]] + rng.normal(0, 1, (len(n), 3))
    teller = np.column_stack([telling[:, 0], aandeel, scores.sum(axis=1), telling[:, 1]])
    noemer = np.column_stack([4 * n, n, np.full(len(n), 3.0), 4 * n])
    teller = np.where(rng.random(teller.shape) < 0.05, np.nan, teller.astype(float))
    return Meting(
        eenheid=eenheid,
        kwartaal=kwartaal,
        in_r=kwartaal < 8,
        woningen=n,
        groepen=(
            eenheid % 2 * 2 + (n >= 30),
            eenheid % 2,
            np.zeros(len(n), dtype=np.int64),
        ),
        teller=teller,
        noemer=np.where(np.isnan(teller), np.nan, noemer),
        kwadraat=np.where(np.arange(4) == 2, (scores**2).sum(axis=1, keepdims=True), np.nan)
        + 0 * teller,
        leeftijd=np.zeros_like(teller),
        vastgelegd=np.ones(teller.shape, dtype=bool),
    )


METHODE_TWEE = dataclasses.replace(METHODE, minimum_themas_eigen=2.0)


def test_method_is_read_from_the_rows_of_the_seed_and_passes_over_other_steps() -> None:
    methode = Methode.from_waarden({"knip_4": "0.95", "kans_direct": "0.8", "afkap_u": 2})
    assert methode.knippen == (0.1, 0.3, 0.7, 0.95)
    assert methode.afkap_u == 2.0


def test_catalogue_that_does_not_fit_itself_is_refused() -> None:
    with pytest.raises(BuurtpeilError, match="past niet bij zichzelf"):
        dataclasses.replace(CATALOGUS, thema=np.array([0, 0, 1, 2]))


def test_labels_split_the_dwellings_of_r_10_20_40_20_10() -> None:
    meting = make_wereld()
    uitslag = keten.compute_labels(meting, CATALOGUS, METHODE_TWEE)
    r = meting.in_r & (uitslag.label[:, -1] > 0)
    deel = np.bincount(uitslag.label[r, -1], meting.woningen[r], 6) / meting.woningen[r].sum()
    assert deel[1:] == pytest.approx([0.1, 0.2, 0.4, 0.2, 0.1], abs=0.01)


def test_labels_find_back_the_units_that_were_made_bad() -> None:
    meting = make_wereld()
    uitslag = keten.compute_labels(meting, CATALOGUS, METHODE_TWEE)
    tempo = meting.teller[:, 0] / meting.noemer[:, 0]
    telt = np.isfinite(tempo) & np.isfinite(uitslag.score[:, 0])
    assert np.corrcoef(tempo[telt], uitslag.score[telt, 0])[0, 1] > 0.6


def test_unknown_theme_stays_unknown_and_is_no_zero() -> None:
    meting = make_wereld()
    uitslag = keten.compute_labels(meting, CATALOGUS, METHODE_TWEE)
    # Half of theme 1's weight is too little; two thirds of theme 0's is just enough
    zonder = np.isnan(meting.teller[:, 2]) | np.isnan(meting.teller[:, 3])
    assert (uitslag.label[zonder, 1] == 0).all()
    assert (uitslag.label[zonder, 2] == 0).all()
    net_genoeg = np.isnan(meting.teller[:, 1]) & np.isfinite(meting.teller[:, 0])
    assert net_genoeg.any()
    assert (uitslag.label[net_genoeg, 0] > 0).all()


def test_source_that_the_association_lacks_leaves_the_weight() -> None:
    bekend = np.array([[True, False, False], [True, True, False]])
    gewicht = np.array([2.0, 1.0, 1.0])
    overal = np.ones((2, 3), dtype=bool)
    zonder = np.array([[True, True, False]] * 2)
    assert keten.has_theme(bekend, gewicht, 2 / 3, overal).tolist() == [False, True]
    assert keten.has_theme(bekend, gewicht, 2 / 3, zonder).tolist() == [True, True]


def test_small_stratum_leans_on_the_one_above() -> None:
    eenheid = np.arange(100)
    fijn = np.where(eenheid < 4, 0, 1)
    verwacht, waarde, onzeker = keten.expect_stratum(
        "telling",
        np.where(eenheid < 4, 100.0, 10.0),
        np.full(100, 100.0),
        groepen=(fijn, np.zeros(100, dtype=np.int64)),
        eenheid=eenheid,
        in_r=np.ones(100, dtype=bool),
        peildata=1,
        methode=METHODE,
    )
    assert verwacht[:4] == pytest.approx(1360 / 10_000)
    assert verwacht[4:] == pytest.approx(0.1)
    assert waarde == pytest.approx(verwacht)
    # The large one is alike throughout, so certain; of the small one nobody knows how it differs.
    assert onzeker[4:] == pytest.approx(0.0)
    assert (onzeker[:4] > 0).all()


@pytest.mark.parametrize("soort", ["telling", "aandeel", "gemiddelde"])
def test_strata_that_differ_by_chance_alone_fall_together(soort: keten.Soort) -> None:
    rng = np.random.default_rng(8)
    c, strata = 2000, 20
    verschil = np.repeat(rng.normal(0.0, 0.6, strata), c // strata)

    def expect(verschil: keten.Getal) -> keten.Getal:
        n = np.full(c, 40.0)
        if soort == "telling":
            teller = rng.poisson(n * 0.1 * np.exp(verschil)).astype(float)
        elif soort == "aandeel":
            teller = rng.binomial(40, 1 / (1 + np.exp(1.0 - verschil))).astype(float)
        else:
            teller = n * (7.0 + verschil) + rng.normal(0.0, 6.0, c)
        verwacht, _, onzeker = keten.expect_stratum(
            soort,
            teller,
            n,
            groepen=(np.repeat(np.arange(strata), c // strata), np.zeros(c, dtype=np.int64)),
            eenheid=np.arange(c),
            in_r=np.ones(c, dtype=bool),
            peildata=1,
            methode=METHODE,
        )
        assert (onzeker >= 0).all()
        return np.log(verwacht) if soort == "telling" else verwacht

    def spread(x: keten.Getal) -> float:
        return float(x.reshape(strata, -1)[:, 0].std())

    # A hundred complexes each: where strata do differ they keep it, and what is chance goes.
    assert spread(expect(verschil)) == pytest.approx(float(verschil.std()), rel=0.15)
    assert spread(expect(np.zeros(c))) < 0.03


@pytest.mark.parametrize("soort", ["telling", "aandeel"])
def test_nothing_counted_anywhere_is_expected_to_stay_nothing(soort: keten.Soort) -> None:
    verwacht, waarde, _ = keten.expect_stratum(
        soort,
        np.zeros(100),
        np.full(100, 40.0),
        groepen=(np.arange(100) % 2, np.zeros(100, dtype=np.int64)),
        eenheid=np.arange(100),
        in_r=np.ones(100, dtype=bool),
        peildata=1,
        methode=METHODE,
    )
    assert waarde == pytest.approx(0.0)
    assert (verwacht == verwacht[0]).all()


def test_stratum_of_a_count_needs_ten_events_per_window() -> None:
    eenheid = np.arange(100)

    def expect(teller: float) -> float:
        return float(
            keten.expect_stratum(
                "telling",
                np.where(eenheid < 50, teller, 5.0),
                np.full(100, 100.0),
                groepen=((eenheid >= 50).astype(np.int64), np.zeros(100, dtype=np.int64)),
                eenheid=eenheid,
                in_r=np.ones(100, dtype=bool),
                peildata=1,
                methode=METHODE,
            )[0][0]
        )

    assert expect(0.25) == pytest.approx(0.0025)
    assert expect(0.1875) == pytest.approx((0.1875 + 5) / 200)


def test_indicator_on_which_units_do_not_differ_gives_no_u() -> None:
    meting = make_wereld()
    rng = np.random.default_rng(3)
    # Every unit the same rate: only chance is left
    meting.teller[:, 0] = rng.poisson(meting.woningen * 0.12)
    meting.noemer[:, 0] = 4 * meting.woningen
    post = keten.compute_posterior(meting, CATALOGUS, METHODE)
    assert np.isnan(post.schaal[0])
    u = keten.standardise(post.x, post.mediaan, post.schaal, 3.0)
    assert (u[:, 0] == 0).all()
    assert np.nanmax(np.abs(u[:, 3])) > 1


def test_posterior_recovers_the_spread_that_the_world_was_made_with() -> None:
    meting = make_wereld(eenheden=800)
    k, n = meting.teller[:, 1], meting.noemer[:, 1]
    telt = np.isfinite(k)
    p = np.full(telt.sum(), k[telt].sum() / n[telt].sum())
    tau2 = keten.estimate_aandeel(k[telt], n[telt], p, 8, METHODE)
    assert tau2 == pytest.approx(0.49, rel=0.25)
    post = keten.compute_posterior(meting, CATALOGUS, METHODE)
    assert np.nanvar(post.x[:, 2]) == pytest.approx(0.49 * 0.6, rel=0.25)


def test_mean_that_is_measured_once_a_window_takes_its_noise_from_two_windows() -> None:
    som = np.array([7.0, 9.0, 5.0, 6.0])
    een = np.ones(4)
    paren = np.array([[0, 1], [2, 3]])
    verwacht = np.full(4, 6.75)
    # Half of the squared difference: (2² / 2 + 1² / 2) / 2
    assert keten.estimate_sigma2(som, een, som**2, verwacht, paren) == pytest.approx(1.25)
    zonder = keten.estimate_sigma2(som, een, som**2, verwacht, paren[:0])
    assert zonder == pytest.approx(np.var(som) / 2)


def test_carried_measurement_has_more_variance_and_less_weight() -> None:
    som, m, verwacht = np.array([9.0, 9.0]), np.array([1.0, 1.0]), np.array([7.0, 7.0])
    x, var = keten.shrink_gemiddelde(som, m, verwacht, 1.0, 1.0, np.array([0.0, 4.0]))
    assert x.tolist() == pytest.approx([8.0, 7.0 + 2 / 3])
    assert var.tolist() == pytest.approx([0.5, 2 / 3])


def test_trigamma_is_within_two_thousandths_of_scipys() -> None:
    from scipy.special import polygamma

    a = np.geomspace(0.05, 1000, 200)
    assert keten.trigamma(a) == pytest.approx(polygamma(1, a), rel=2e-3)


def test_score_on_the_cut_belongs_below_it() -> None:
    knippen = np.array([10.0, 30.0, 70.0, 90.0])
    score = np.array([10.0, 30.0, 70.0, 90.0, 90.001, np.nan])
    assert keten.label_from_knippen(score, knippen).tolist() == [1, 2, 3, 4, 5, 0]
    assert keten.label_from_knippen(score, np.full(4, np.nan)).tolist() == [0] * 6


def test_one_bad_theme_cannot_be_bought_off() -> None:
    s = np.array([[90.0, 10.0], [50.0, 50.0]])
    omega = np.ones(2)
    gelijk = keten.power_mean(s, omega, 1.0, 2)
    slecht, gewoon = keten.power_mean(s, omega, 2.0, 2)
    assert gelijk[0] == pytest.approx(gelijk[1])
    assert slecht > gewoon + 10


def test_scale_falls_back_on_the_deviation_where_most_lie_on_one_point() -> None:
    x = np.array([0.0] * 8 + [1.0, 2.0])
    mediaan, schaal = keten.fit_ligging(x, np.ones(10), METHODE)
    assert mediaan == 0
    assert schaal == pytest.approx(np.sqrt(0.5))
    assert np.isnan(keten.fit_ligging(np.zeros(5), np.ones(5), METHODE)[1])
    assert np.isnan(keten.fit_ligging(np.array([np.nan]), np.ones(1), METHODE)).all()


@given(st.integers(0, 10_000), st.integers(0, 3))
def test_row_order_does_not_matter(seed: int, kolom: int) -> None:
    meting = make_wereld(eenheden=40)
    orde = np.random.default_rng(seed).permutation(len(meting.eenheid))
    door_elkaar = dataclasses.replace(
        meting,
        **{
            veld.name: getattr(meting, veld.name)[orde]
            for veld in dataclasses.fields(meting)
            if veld.name != "groepen"
        },
        groepen=tuple(g[orde] for g in meting.groepen),
    )
    recht = keten.compute_posterior(meting, CATALOGUS, METHODE)
    krom = keten.compute_posterior(door_elkaar, CATALOGUS, METHODE)
    assert krom.x[:, kolom] == pytest.approx(recht.x[orde, kolom], nan_ok=True)
    assert krom.schaal == pytest.approx(recht.schaal, nan_ok=True)


@given(
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    st.integers(0, 3),
    st.floats(0, 3),
    st.sampled_from([1.0, 2.0, 4.0]),
)
def test_worse_indicator_never_lowers_the_total(
    u: list[float], kolom: int, erbij: float, p: float
) -> None:
    slechter = list(u)
    slechter[kolom] += erbij

    def total(rij: list[float]) -> float:
        z = np.array(rij)[None, :]
        s = np.column_stack(
            [
                keten.score_theme(
                    keten.mean_theme(
                        z[:, CATALOGUS.thema == t], CATALOGUS.gewicht[CATALOGUS.thema == t], 2 / 3
                    ),
                    0.7,
                )
                for t in (0, 1)
            ]
        )
        return float(keten.power_mean(s, CATALOGUS.omega, p, 2)[0])

    assert total(slechter) >= total(u) * (1 - 1e-12)


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.integers(1, 200)), min_size=1, max_size=40),
    st.floats(0.01, 1),
)
def test_quantile_is_the_smallest_value_that_reaches_the_share(
    paren: list[tuple[float, int]], deel: float
) -> None:
    x, w = (np.array(a, dtype=float) for a in zip(*paren, strict=True))
    q = float(keten.weighted_quantile(x, w, [deel])[0])
    assert w[x <= q].sum() >= deel * w.sum() * (1 - 1e-9)
    assert w[x < q].sum() < deel * w.sum()


@given(
    st.integers(0, 40), st.integers(1, 400), st.floats(0.001, 0.5), st.floats(1, 4),
    st.floats(0.001, 3),
)  # fmt: skip
def test_more_events_never_lower_x_and_it_lies_between_stratum_and_own_rate(
    y: int, n: int, m: float, phi: float, a: float
) -> None:
    meer, minder = (
        keten.shrink_telling(np.array([float(k)]), np.array([float(n)]), np.array([m]), phi, a)
        for k in (y + 1, y)
    )
    assert meer[0][0] > minder[0][0]
    assert meer[1][0] < minder[1][0]
    laag, hoog = sorted([y / n, m])
    assert laag * (1 - 1e-9) <= np.exp(minder[0][0]) <= hoog * (1 + 1e-9)


@given(
    st.integers(4, 400).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(0, n // 2 - 1), st.floats(0.01, 0.5))
    ),
    st.floats(0.001, 5),
    st.integers(0, 4),
)
def test_one_more_case_never_lowers_x_of_a_share_from_what_is_expected_up_to_half(
    kn: tuple[int, int, float], tau2: float, leeftijd: int
) -> None:
    """Outside that stretch it can: few of very many has more noise than its neighbour."""
    n, k, p = kn
    k = max(k, int(np.ceil(p * n)))
    k = min(k, n // 2 - 1)
    verwacht = keten.logit_empirisch(np.array([min(p * n, float(k))]), np.array([float(n)]))
    meer, minder = (
        keten.shrink_aandeel(
            np.array([float(cases)]), np.array([float(n)]), verwacht, np.array([p]), tau2, leeftijd
        )[0][0]
        for cases in (k + 1, k)
    )
    assert meer > minder


def test_share_far_below_its_stratum_is_where_more_cases_can_lower_x() -> None:
    """The one place where a worse figure can be a smaller task: 1 of 300 where 30 are expected."""
    n, p, tau2 = np.full(40, 300.0), np.full(40, 0.1), 0.1
    k = np.arange(40.0)
    x, _ = keten.shrink_aandeel(k, n, keten.logit_aandeel(p), p, tau2)
    daalt = np.flatnonzero(np.diff(x) < 0)
    assert daalt.tolist() == list(range(len(daalt)))
    assert 0 < len(daalt) < 10, "never where a third of what is expected was counted"


@given(
    st.floats(1, 10), st.integers(1, 40), st.floats(1, 10), st.floats(0.001, 3),
    st.floats(0.01, 5), st.floats(0.01, 2),
)  # fmt: skip
def test_higher_mean_never_lowers_x_of_a_mean(
    midden: float, m: int, verwacht: float, tau2: float, sigma2: float, erbij: float
) -> None:
    def shrink(gemiddeld: float) -> float:
        return float(
            keten.shrink_gemiddelde(
                np.array([gemiddeld * m]), np.array([float(m)]), np.array([verwacht]), tau2, sigma2
            )[0][0]
        )

    assert shrink(midden + erbij) > shrink(midden)


# --- indicators of a theme that lean on each other (ADR 0037)


def make_alleen(
    afwijking: list[float], deel: list[float], vooraf: list[float], onzeker: float = 0.0
) -> keten.Alleen:
    """What the indicators of one unit say by themselves; all normal, the stratum at 0."""
    d, w, t2 = np.array([afwijking]), np.array([deel]), np.array(vooraf)
    return keten.Alleen(
        x=d,
        var=t2 * (1 - w),
        afwijking=d,
        leunt=1 - w,
        deel=w,
        onzeker=np.full_like(d, onzeker),
        vooraf=t2,
        verschilt=np.ones(len(t2), dtype=bool),
    )


def lean(
    alleen: keten.Alleen, rho: float, bron: list[int] | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    alle = np.arange(len(alleen.vooraf))
    x, var, lading = keten.lean_thema(
        alleen, alle, rho, alle if bron is None else np.array(bron, dtype=np.int64)
    )
    return x[0], var[0], lading[0]


theme = st.integers(2, 5).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-2, 2), min_size=k, max_size=k),
        st.lists(st.floats(0.01, 0.99), min_size=k, max_size=k),
        st.lists(st.floats(0.01, 2), min_size=k, max_size=k),
        st.lists(st.integers(0, 2), min_size=k, max_size=k),
    )
)


@given(theme, st.floats(0, 0.95))
def test_leaning_is_the_joint_normal_posterior_of_a_theme(
    thema: tuple[list[float], list[float], list[float], list[int]], rho: float
) -> None:
    afwijking, deel, vooraf, _ = thema
    x, var, lading = lean(make_alleen(afwijking, deel, vooraf), rho)
    t, w = np.sqrt(vooraf), np.array(deel)
    eerst = np.outer(t, t) * (rho + (1 - rho) * np.eye(len(t)))
    gemeten, ruis = np.array(afwijking) / w, np.diag(t**2 * (1 - w) / w)
    winst = eerst @ np.linalg.inv(eerst + ruis)
    samen = eerst - winst @ eerst
    assert x == pytest.approx(winst @ gemeten, rel=1e-6, abs=1e-8)
    assert var == pytest.approx(np.diag(samen), rel=1e-6, abs=1e-9)
    buiten = ~np.eye(len(t), dtype=bool)
    assert np.outer(lading, lading)[buiten] == pytest.approx(samen[buiten], rel=1e-6, abs=1e-9)


@given(theme)
def test_themes_that_do_not_go_together_stay_what_each_indicator_says(
    thema: tuple[list[float], list[float], list[float], list[int]],
) -> None:
    afwijking, deel, vooraf, bron = thema
    alleen = make_alleen(afwijking, deel, vooraf, onzeker=0.1)
    x, var, lading = lean(alleen, 0.0, bron)
    assert np.array_equal(x, alleen.x[0])
    assert var == pytest.approx((alleen.var + alleen.leunt**2 * 0.1)[0], rel=1e-12)
    assert not lading.any()


@given(theme, st.floats(0, 0.95), st.integers(0, 4), st.floats(0, 2))
def test_worse_indicator_raises_all_of_its_theme_and_lowers_none(
    thema: tuple[list[float], list[float], list[float], list[int]],
    rho: float,
    welke: int,
    erbij: float,
) -> None:
    afwijking, deel, vooraf, bron = thema
    slechter = list(afwijking)
    slechter[welke % len(slechter)] += erbij
    eerst, _, _ = lean(make_alleen(afwijking, deel, vooraf), rho, bron)
    daarna, _, _ = lean(make_alleen(slechter, deel, vooraf), rho, bron)
    assert (daarna >= eerst - 1e-12).all()


@given(theme, st.floats(0.05, 0.95))
def test_indicator_that_is_unknown_stays_so_and_says_nothing_of_the_others(
    thema: tuple[list[float], list[float], list[float], list[int]], rho: float
) -> None:
    afwijking, deel, vooraf, bron = thema
    alleen = make_alleen(afwijking, deel, vooraf)
    velden = ("x", "var", "afwijking", "leunt", "deel")
    gat = {naam: getattr(alleen, naam).copy() for naam in velden}
    for waarde in gat.values():
        waarde[0, 0] = np.nan
    x, var, _ = lean(dataclasses.replace(alleen, **gat), rho, bron)
    zonder, var_zonder, _ = lean(make_alleen(afwijking[1:], deel[1:], vooraf[1:]), rho, bron[1:])
    assert np.isnan([x[0], var[0]]).all()
    assert x[1:] == pytest.approx(zonder)
    assert var[1:] == pytest.approx(var_zonder)


def test_second_figure_of_the_same_source_is_no_second_witness() -> None:
    """Two answers of the same people share their error: the third indicator hears them once."""
    een = lean(make_alleen([0.8, 0.0], [0.5, 0.1], [1.0, 1.0]), 0.8, [0, 1])
    twee = lean(make_alleen([0.8, 0.8, 0.0], [0.5, 0.5, 0.1], [1.0, 1.0, 1.0]), 0.8, [0, 0, 1])
    los = lean(make_alleen([0.8, 0.8, 0.0], [0.5, 0.5, 0.1], [1.0, 1.0, 1.0]), 0.8, [0, 2, 1])
    for a, b in zip(een, twee, strict=True):
        assert b[2] == pytest.approx(a[1])
    assert los[0][2] > twee[0][2]
    assert los[1][2] < twee[1][2]


def make_thema(gedeeld: float, *, eenheden: int = 400, seed: int = 5) -> Meting:
    """Draw units of which ``gedeeld`` of the variance between them is common to four counts."""
    rng = np.random.default_rng(seed)
    n = rng.integers(10, 60, eenheden).astype(float)
    eigen = rng.normal(size=(eenheden, 4))
    niveau = 0.6 * (
        np.sqrt(gedeeld) * rng.normal(size=(eenheden, 1)) + np.sqrt(1 - gedeeld) * eigen
    )
    rij, kwartaal = (
        a.ravel() for a in np.meshgrid(np.arange(eenheden), np.arange(8), indexing="ij")
    )
    teller = rng.poisson(n[rij, None] * 0.2 * np.exp(niveau[rij])).astype(float)
    leeg = np.zeros_like(teller)
    return Meting(
        eenheid=rij,
        kwartaal=kwartaal,
        in_r=np.ones(len(rij), dtype=bool),
        woningen=n[rij],
        groepen=(np.zeros(len(rij), dtype=np.int64),),
        teller=teller,
        noemer=np.repeat(n[rij, None], 4, axis=1),
        kwadraat=leeg,
        leeftijd=leeg,
        vastgelegd=np.ones(teller.shape, dtype=bool),
    )


VIER = Catalogus(
    soort=("telling",) * 4,
    richting=np.ones(4),
    thema=np.array([0, 0, 0, 1]),
    gewicht=np.ones(4),
    omega=np.ones(2),
    verplicht=np.ones(2, dtype=bool),
)


def test_coherence_follows_what_units_share_within_a_theme() -> None:
    rho = [
        float(keten.compute_posterior(make_thema(deel), VIER, METHODE).samenhang[0])
        for deel in (0.0, 0.5, 1.0)
    ]
    assert rho[0] < 0.1
    assert 0.25 < rho[1] < 0.6
    assert rho[2] > 0.6


def test_theme_leans_only_where_it_may_and_where_two_sources_and_enough_units_say_so() -> None:
    meting = make_thema(1.0)
    los = keten.compute_posterior(
        meting, dataclasses.replace(VIER, leunt=np.array([False, True])), METHODE
    )
    gevallen = (
        (meting, dataclasses.replace(VIER, bron=np.array([7, 7, 7, 1])), METHODE),
        (meting, VIER, dataclasses.replace(METHODE, minimum_complexen_samenhang=401.0)),
    )
    for geval in gevallen:
        post = keten.compute_posterior(*geval)
        assert not post.samenhang.any()
        assert np.array_equal(post.x, los.x)
        assert np.array_equal(post.var_x, los.var_x)
    samen = keten.compute_posterior(meting, VIER, METHODE)
    assert np.array_equal(samen.x[:, 3], los.x[:, 3])  # alone in its theme
    assert (samen.x[:, :3] != los.x[:, :3]).any()
    assert samen.var_x[:, :3].mean() < los.var_x[:, :3].mean()


def test_variance_that_indicators_share_does_not_average_out() -> None:
    """Of three alike, wholly shared, the mean is as uncertain as one."""
    meting = make_thema(0.5, eenheden=40)
    u = np.random.default_rng(2).normal(size=meting.teller.shape)
    var = np.full_like(u, 0.3)
    kappa = {
        naam: keten.compute_uitslag(u, meting, VIER, METHODE, var, lading).kappa[0]
        for naam, lading in (("los", None), ("geen", 0 * var), ("alles", np.sqrt(var)))
    }
    assert kappa["geen"] == kappa["los"]
    assert kappa["alles"] ** 2 - kappa["los"] ** 2 == pytest.approx(0.3 - 0.1)
