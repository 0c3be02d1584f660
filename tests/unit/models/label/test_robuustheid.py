"""The robustness report: its choices, and what it says of worlds of which we know the answer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.label import keten, robuustheid
from models.label.keten import Catalogus, Methode, Meting
from vera.errors import BuurtpeilError

METHODE = dataclasses.replace(Methode(), minimum_themas_eigen=3.0)
KWARTALEN = 14
REFERENTIE = 8


def make_catalogus(soort: keten.Soort = "gemiddelde") -> Catalogus:
    """Return three themes of two indicators."""
    return Catalogus(
        soort=(soort,) * 6,
        richting=np.ones(6),
        thema=np.array([0, 0, 1, 1, 2, 2]),
        gewicht=np.array([2.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        omega=np.ones(3),
        verplicht=np.array([True, True, False]),
    )


def make_wereld(
    *,
    eenheden: int = 80,
    tussen_types: float = 0.0,
    metingen: int = 400,
    eigen: float = 1.0,
    mist: float = 0.0,
) -> Meting:
    """Draw units of two building types that differ from each other and per unit; 8 quarters are R.

    Every quarter measures the same: only noise of the measurements is left between quarters.
    """
    rng = np.random.default_rng(11)
    eenheid, kwartaal = (
        a.ravel() for a in np.meshgrid(np.arange(eenheden), np.arange(KWARTALEN), indexing="ij")
    )
    gebouwtype = eenheid % 2
    per_eenheid = rng.normal(0, eigen, (eenheden, 6)) + rng.normal(0, eigen, (eenheden, 1))
    niveau = per_eenheid[eenheid] + tussen_types * gebouwtype[:, None]
    gemiddelde = 7 + niveau + rng.normal(0, 2 / np.sqrt(metingen), niveau.shape)
    m = np.full(niveau.shape, float(metingen))
    som = np.where(rng.random(m.shape) < mist, np.nan, gemiddelde * m)
    return Meting(
        eenheid=eenheid,
        kwartaal=kwartaal,
        in_r=kwartaal < REFERENTIE,
        woningen=rng.integers(10, 60, eenheden)[eenheid].astype(float),
        groepen=(
            gebouwtype * 2 + (eenheid < eenheden // 2),
            gebouwtype,
            np.zeros(len(eenheid), dtype=np.int64),
        ),
        teller=som,
        noemer=m,
        kwadraat=som**2 / m + 4.0 * (m - 1),
        leeftijd=np.zeros(niveau.shape),
        vastgelegd=np.ones(niveau.shape, dtype=bool),
    )


GEEN_STAND = np.zeros(6, dtype=bool)


def assess(meting: Meting, catalogus: Catalogus | None = None) -> robuustheid.Robuustheid:
    return robuustheid.assess_robuustheid(
        meting, catalogus or make_catalogus(), METHODE, GEEN_STAND, aantal=64
    )


@pytest.mark.parametrize("mist", [0.0, 0.1])
def test_published_method_is_the_chain_itself(mist: float) -> None:
    meting = make_wereld(mist=mist)
    uitslag = keten.compute_labels(meting, make_catalogus(), METHODE)
    nieuwste = meting.kwartaal == KWARTALEN - 1
    label, score = uitslag.label[nieuwste, -1], uitslag.score[nieuwste, -1]
    gevonden = assess(meting)
    assert ((label == 0).sum() > 5) == (mist > 0)
    assert gevonden.eenheid.tolist() == np.flatnonzero(label).tolist()
    assert gevonden.label.tolist() == label[label > 0].tolist()
    assert np.argsort(gevonden.rang).tolist() == np.argsort(-score[label > 0]).tolist()


def test_same_seed_gives_the_same_report_and_another_order_of_rows_as_well() -> None:
    meting = make_wereld()
    orde = np.random.default_rng(1).permutation(len(meting.eenheid))
    anders = dataclasses.replace(
        meting,
        **{
            veld.name: getattr(meting, veld.name)[orde]
            for veld in dataclasses.fields(meting)
            if veld.name != "groepen"
        },
        groepen=tuple(g[orde] for g in meting.groepen),
    )
    een, twee = assess(meting), assess(anders)
    terug = np.argsort(twee.eenheid)
    assert een.aandeel_zelfde == pytest.approx(twee.aandeel_zelfde[terug], abs=0.02)
    assert een.totaal == pytest.approx(twee.totaal, abs=1e-3)
    nog_eens = assess(meting)
    assert nog_eens.totaal.tobytes() == een.totaal.tobytes()
    assert nog_eens.rang_laag.tobytes() == een.rang_laag.tobytes()


def test_precise_measurements_and_one_kind_of_building_leave_nothing_to_the_stratum() -> None:
    gevonden = assess(make_wereld())
    index = dict(zip(robuustheid.KEUZES, gevonden.totaal, strict=True))
    assert index["stratum"] < 0.1
    assert index["gewichten"] > index["stratum"]
    assert gevonden.poorten[0].geslaagd


def test_few_measurements_and_unlike_building_types_make_the_stratum_decide() -> None:
    gevonden = assess(make_wereld(eenheden=200, tussen_types=1.0, metingen=4, eigen=0.5))
    index = dict(zip(robuustheid.KEUZES, gevonden.totaal, strict=True))
    assert max(index, key=index.__getitem__) == "stratum"
    assert gevonden.verschuiving.mean() > assess(make_wereld()).verschuiving.mean()


def test_world_in_which_no_choice_moves_anything_has_no_indices() -> None:
    meting = make_wereld(eenheden=2)
    # One unit is worse on everything: no choice turns that round.
    slechter = np.where(meting.eenheid == 1, 9.0, 5.0)[:, None] * meting.noemer
    gevonden = assess(dataclasses.replace(meting, teller=slechter))
    assert gevonden.verschuiving.max() == 0
    assert gevonden.totaal.tolist() == [0.0] * 5
    assert gevonden.rang.tolist() == gevonden.rang_hoog.tolist() == [2.0, 1.0]


def test_rank_lies_in_its_range_and_shares_are_shares() -> None:
    gevonden = assess(make_wereld())
    assert (gevonden.rang_laag <= gevonden.rang_hoog).all()
    assert ((gevonden.aandeel_zelfde >= 0) & (gevonden.aandeel_zelfde <= 1)).all()
    assert gevonden.runs == 128
    assert gevonden.doorrekeningen == 64 * 7
    assert len(gevonden.verschuiving) == gevonden.runs


def test_no_label_at_all_is_refused_with_what_to_do() -> None:
    meting = make_wereld()
    with pytest.raises(BuurtpeilError, match="kijk bij de labels waarom"):
        assess(dataclasses.replace(meting, teller=meting.teller * np.nan))


def test_gate_says_no_on_the_wrong_side_of_its_bound() -> None:
    gevonden = assess(make_wereld())
    grens = dataclasses.replace(
        gevonden,
        aandeel_zelfde=np.array([0.75]),
        verschuiving=np.array([0.06]),
        totaal=np.array([0.6]),
    )
    assert [poort.geslaagd for poort in grens.poorten] == [True] * 3
    erover = dataclasses.replace(
        gevonden,
        aandeel_zelfde=np.array([0.749]),
        verschuiving=np.array([0.061]),
        totaal=np.array([0.1, 0.61]),
    )
    assert [poort.geslaagd for poort in erover.poorten] == [False] * 3


# --- weights


@given(
    st.lists(st.floats(0.5, 3), min_size=2, max_size=6),
    st.integers(0, 1000),
)
def test_weights_stay_shares_within_a_quarter_of_the_published_ones(
    gewicht: list[float], seed: int
) -> None:
    w = np.array(gewicht)
    u = np.random.default_rng(seed).random((50, len(w)))
    getrokken = robuustheid.draw_gewichten(u, w)
    assert getrokken.sum(axis=1) == pytest.approx(w.sum())
    assert np.abs(getrokken / w - 1).max() <= 0.25 + 1e-9


def test_weights_vary_and_centre_on_the_published_ones() -> None:
    w = np.array([2.0, 1.0, 1.0, 1.0])
    u = np.random.default_rng(4).random((4000, 4))
    verhouding = robuustheid.draw_gewichten(u, w) / w
    assert verhouding.mean(axis=0) == pytest.approx(np.ones(4), abs=0.01)
    assert verhouding.std() > 0.08
    # A single weight has nothing to share
    assert robuustheid.draw_gewichten(u[:3, :1], np.array([2.0])).tolist() == [[2.0]] * 3


# --- window


def make_vensters(**velden: object) -> Meting:
    """Return one unit with three windows: this year, last year, and the year before."""
    teller = np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    basis = Meting(
        eenheid=np.zeros(3, dtype=np.int64),
        kwartaal=np.array([8, 4, 0]),
        in_r=np.array([False, True, True]),
        woningen=np.ones(3),
        groepen=(np.zeros(3, dtype=np.int64),) * 3,
        teller=teller,
        noemer=teller * 10,
        kwadraat=teller**2,
        leeftijd=np.zeros((3, 2)),
        vastgelegd=np.ones((3, 2), dtype=bool),
    )
    return dataclasses.replace(basis, **velden)  # type: ignore[arg-type]


def test_window_of_24_months_adds_the_year_before_but_not_to_a_state_on_the_day() -> None:
    breed = robuustheid.widen_window(make_vensters(), np.array([False, True]))
    assert breed.teller.tolist() == [[5.0, 3.0], [3.0, 2.0], [1.0, 1.0]]
    assert breed.noemer.tolist() == [[50.0, 30.0], [30.0, 20.0], [10.0, 10.0]]
    assert breed.kwadraat[0].tolist() == [13.0, 9.0]
    # R moves with the window: from the first quarter that has 24 months behind it
    assert breed.in_r.tolist() == [True, True, False]


def test_carried_measurement_stands_alone_in_a_window_of_24_months() -> None:
    leeftijd = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    breed = robuustheid.widen_window(make_vensters(leeftijd=leeftijd), GEEN_STAND[:2])
    assert breed.teller[0].tolist() == [3.0, 3.0]
    assert (breed.leeftijd == 0).all()


def test_what_is_unknown_stays_unknown_in_a_window_of_24_months() -> None:
    teller = np.array([[np.nan, 3.0], [2.0, np.nan], [1.0, 1.0]])
    breed = robuustheid.widen_window(make_vensters(teller=teller), GEEN_STAND[:2])
    assert np.isnan(breed.teller[0, 0])
    assert breed.teller[0, 1] == 3.0


def test_reference_stays_where_no_quarter_has_24_months_behind_it() -> None:
    kort = make_vensters(in_r=np.array([True, False, False]))
    assert robuustheid.widen_window(kort, GEEN_STAND[:2]).in_r.tolist() == [
        True,
        False,
        False,
    ]


# --- normalisation


def test_rank_gives_ties_their_middle_and_is_clipped() -> None:
    x_r = np.array([1.0, 1.0, 1.0, 1.0, 2.0, np.nan])
    u = robuustheid.rank_normal(np.array([1.0, 2.0, 9.0, np.nan]), x_r, np.ones(6), 3.0)
    assert u[0] == pytest.approx(-0.2533, abs=1e-4)  # the normal score of .4
    assert u[1] == pytest.approx(1.2816, abs=1e-4)  # of .9
    assert u[2] == pytest.approx(3.0)
    assert np.isnan(u[3])
    leeg = robuustheid.rank_normal(np.array([1.0, np.nan]), np.array([np.nan]), np.ones(1), 3.0)
    assert leeg[0] == 0
    assert np.isnan(leeg[1])
