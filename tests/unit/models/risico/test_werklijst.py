"""Composing a worklist: who is on it by score, who by lot, and with which chance."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico import werklijst
from models.risico.werklijst import Kandidaten, WerklijstFout
from vera.werklijst import Samenstelling

PEILDATUM = date(2026, 1, 1)
AANTAL = 300
ONTHOUDEN = [0, 7, 10, 11, 12, 21, 22, 29, 39]


def make_kandidaten(**anders: Any) -> Kandidaten:
    rng = np.random.default_rng(31)
    velden: dict[str, Any] = {
        "complex_id": np.array([f"C{i:03d}" for i in range(AANTAL)]),
        "eenheden": rng.integers(10, 200, AANTAL),
        "score": rng.permutation(AANTAL) / AANTAL,
        "groep": rng.integers(0, 3, AANTAL),
        **anders,
    }
    return Kandidaten(**velden)


def compose(kandidaten: Kandidaten | None = None, seed: int = 1, **anders: Any) -> Samenstelling:
    velden: dict[str, Any] = {
        "model": "overlast",
        "peildatum": PEILDATUM,
        "k": 40,
        "capaciteit": 40,
        "epsilon": 0.10,
        "vorige": {},
        "onthouden": (),
        "geheim": werklijst.ZONDER_GEHEIM,
        "is_eerste_jaar": False,
        "rng": np.random.default_rng(seed),
        "release_id": "r1",
        "scoreversie": "v1",
        **anders,
    }
    return werklijst.compose_werklijst(kandidaten or make_kandidaten(), **velden)


def lane(lijst: Samenstelling, baan: str) -> list[str]:
    return [regel.complex_id for regel in lijst.regels if regel.baan == baan]


def test_list_has_the_first_by_score_and_the_rest_by_lot() -> None:
    k = make_kandidaten()
    lijst = compose(k)
    assert len(lane(lijst, "aselect")) == 4
    top = set(k.complex_id[np.argsort(-k.score)[:36]])
    assert set(lane(lijst, "model")) == top - set(lane(lijst, "aselect"))
    assert all(regel.rang is not None for regel in lijst.regels)


def test_model_lane_is_no_longer_than_the_evaluation_allows() -> None:
    lijst = compose(k=10)
    assert len(lane(lijst, "model")) <= 10
    assert len(lane(lijst, "aselect")) == 4


def test_stopped_model_leaves_the_lot_alone() -> None:
    lijst = compose(k=0)
    assert [regel.baan for regel in lijst.regels] == ["aselect"] * 4


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=40),
    st.integers(0, 45),
    st.integers(0, 1000),
)
def test_lot_draws_as_many_as_asked_with_chances_that_add_up(
    gewichten: list[int], aantal: int, seed: int
) -> None:
    gewicht = np.array(gewichten, dtype=float)
    strata = np.arange(len(gewicht)) % 3
    gekozen, kans = werklijst.draw_loting(gewicht, strata, aantal, np.random.default_rng(seed))
    verwacht = min(aantal, int((gewicht > 0).sum()))
    assert len(gekozen) == len(set(gekozen.tolist())) == verwacht
    assert kans.sum() == pytest.approx(verwacht)
    assert ((kans >= 0) & (kans <= 1)).all()
    assert (kans[gekozen] > 0).all()


def test_chance_that_is_logged_is_the_chance_with_which_complexes_are_drawn() -> None:
    gewicht = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 60.0, 10.0, 15.0])
    strata = np.array([0, 0, 1, 1, 0, 1, 2, 2])
    rng = np.random.default_rng(5)
    telling: Counter[int] = Counter()
    for _ in range(4000):
        gekozen, kans = werklijst.draw_loting(gewicht, strata, 3, rng)
        telling.update(gekozen.tolist())
    vaak = np.array([telling[i] / 4000 for i in range(8)])
    np.testing.assert_allclose(vaak, kans, atol=0.03)
    assert kans[5] == 1.0  # too large to be left out: drawn for certain
    np.testing.assert_allclose(kans[:5] / gewicht[:5], kans[0])


def test_every_stratum_gets_its_share_of_the_lot() -> None:
    rng = np.random.default_rng(2)
    gewicht = np.ones(90)
    strata = np.repeat([0, 1, 2], 30)
    for _ in range(50):
        gekozen, _ = werklijst.draw_loting(gewicht, strata, 9, rng)
        assert Counter(strata[gekozen].tolist()) == {0: 3, 1: 3, 2: 3}


def test_complex_without_room_is_never_drawn() -> None:
    gekozen, kans = werklijst.draw_loting(
        np.array([0.0, 1.0, 1.0]), np.zeros(3, dtype=int), 2, np.random.default_rng(1)
    )
    assert gekozen.tolist() == [1, 2]
    assert kans[0] == 0


def test_audit_group_does_not_change_who_is_chosen_by_score() -> None:
    """Chances of the lot depend on size alone; the group only spreads the draws."""
    een, twee = (compose(make_kandidaten(groep=np.full(AANTAL, groep)), seed=4) for groep in (0, 2))
    assert een == twee
    ander = compose(make_kandidaten(groep=np.arange(AANTAL) % 3), seed=4)
    kans = {regel.complex_id: regel.selectiekans for regel in een.regels}
    for regel in ander.regels:
        if regel.complex_id in kans:
            assert regel.selectiekans == pytest.approx(kans[regel.complex_id])


def by_rank(k: Kandidaten, rang: int) -> str:
    return str(k.complex_id[np.argsort(-k.score)[rang - 1]])


def test_complex_stays_until_its_rank_is_over_one_and_a_half_k() -> None:
    k = make_kandidaten()
    vorige = {by_rank(k, rang): PEILDATUM for rang in (30, 31)}
    lijst = compose(k, k=20, epsilon=0.0, vorige=vorige)
    assert by_rank(k, 30) in lane(lijst, "model")
    assert by_rank(k, 31) not in lane(lijst, "model")
    assert len(lijst.regels) == 20
    assert by_rank(k, 20) not in lane(lijst, "model")  # made room for who stayed
    assert by_rank(k, 30) not in lane(compose(k, k=20, epsilon=0.0), "model")


def test_tenth_of_the_model_lane_is_withheld_in_the_first_year() -> None:
    k = make_kandidaten()
    lijst = compose(k, k=200, capaciteit=200, epsilon=0.10, is_eerste_jaar=True)
    onthouden = [regel for regel in lijst.regels if regel.is_onthouden]
    assert 0.05 < len(onthouden) / len(lane(lijst, "model")) < 0.16
    assert {regel.baan for regel in onthouden} == {"model"}
    assert all(regel.volgorde is None for regel in onthouden)
    assert not any(r.is_onthouden for r in compose(k, k=200, capaciteit=200).regels)


def test_withheld_complex_stays_withheld_until_it_leaves_the_list() -> None:
    k = make_kandidaten()
    eerst = compose(k, k=200, capaciteit=200, epsilon=0.0, is_eerste_jaar=True)
    vorige = dict.fromkeys(lane(eerst, "model"), PEILDATUM)
    onthouden = {regel.complex_id for regel in eerst.regels if regel.is_onthouden}
    later = compose(
        k, k=200, capaciteit=200, epsilon=0.0, is_eerste_jaar=True, vorige=vorige,
        onthouden=onthouden, geheim=b"een ander geheim",
        peildatum=date(2026, 2, 1), seed=9,
    )  # fmt: skip
    fris = compose(
        k, k=200, capaciteit=200, epsilon=0.0, is_eerste_jaar=True, peildatum=date(2026, 2, 1)
    )
    van_eerst, van_later, van_fris = (
        {regel.complex_id for regel in lijst.regels if regel.is_onthouden}
        for lijst in (eerst, later, fris)
    )
    assert van_eerst == van_later
    assert van_fris != van_later


def test_withholding_is_the_same_on_every_machine() -> None:
    gekozen = [i for i in range(40) if werklijst.is_onthouden(f"C{i}", PEILDATUM, 0.10, b"")]
    assert gekozen == ONTHOUDEN


def test_nobody_without_the_secret_can_tell_what_is_withheld() -> None:
    """Complexes and dates are public, and so is the code."""
    namen = [f"C{i}" for i in range(2000)]

    def draw(geheim: bytes) -> set[str]:
        return {c for c in namen if werklijst.is_onthouden(c, PEILDATUM, 0.10, geheim)}

    zonder, een, ander = draw(werklijst.ZONDER_GEHEIM), draw(b"een geheim"), draw(b"een ander")
    for eerste, tweede in ((zonder, een), (een, ander)):
        # As many in common as two draws that know nothing of each other: a tenth of a tenth.
        assert 0.07 < len(eerste) / len(namen) < 0.13
        assert len(eerste & tweede) < 45


def test_order_of_display_tells_nothing_of_lane_or_rank() -> None:
    lijst = compose(k=100, capaciteit=100, epsilon=0.3)
    getoond = [regel for regel in lijst.regels if not regel.is_onthouden]
    assert sorted(r.volgorde for r in getoond if r.volgorde) == list(range(1, len(getoond) + 1))
    plaats = np.array([r.volgorde for r in getoond], dtype=float)
    for kenmerk in ([r.baan == "model" for r in getoond], [r.rang for r in getoond]):
        assert abs(np.corrcoef(plaats, np.array(kenmerk, dtype=float))[0, 1]) < 0.3


def test_same_seed_gives_the_same_list_and_another_seed_another_lot() -> None:
    assert compose(seed=1) == compose(seed=1)
    assert set(lane(compose(seed=1), "aselect")) != set(lane(compose(seed=2), "aselect"))


def test_equal_scores_are_not_ordered_by_name() -> None:
    k = make_kandidaten(score=np.zeros(AANTAL))
    rang = werklijst.compute_rang(k.complex_id, k.score)
    assert sorted(rang.tolist()) == list(range(1, AANTAL + 1))
    assert abs(np.corrcoef(rang, np.arange(AANTAL))[0, 1]) < 0.15
    omgekeerd = werklijst.compute_rang(k.complex_id[::-1], k.score)
    assert omgekeerd[::-1].tolist() == rang.tolist()


def test_woonfraude_takes_at_most_two_addresses_and_six_percent_in_half_a_year() -> None:
    eenheden = np.full(AANTAL, 100)
    eenheden[:3] = (12, 33, 34)
    gedaan = np.zeros(AANTAL, dtype=int)
    gedaan[3:6] = (4, 5, 6)
    score = np.linspace(1, 0, AANTAL)
    lijst = compose(
        make_kandidaten(eenheden=eenheden, score=score, onderzocht_halfjaar=gedaan),
        model="woonfraude", capaciteit=20, k=20, epsilon=0.0,
    )  # fmt: skip
    adressen = {regel.complex_id: regel.aantal_adressen for regel in lijst.regels}
    # 12 dwellings: one at least; 33: one; 34: two; 100 with 4, 5 and 6 done: two, one and none.
    assert [adressen.get(f"C00{i}", 0) for i in range(7)] == [1, 1, 2, 2, 1, 0, 2]
    assert sum(adressen.values()) == 20


def test_woonfraude_complex_of_both_lanes_gets_an_address_in_each() -> None:
    lijst = compose(
        make_kandidaten(eenheden=np.full(AANTAL, 100)),
        model="woonfraude", capaciteit=200, k=200, epsilon=0.3,
    )  # fmt: skip
    per_complex: Counter[str] = Counter()
    for regel in lijst.regels:
        per_complex[regel.complex_id] += regel.aantal_adressen
    assert max(per_complex.values()) == 2
    beide = set(lane(lijst, "model")) & set(lane(lijst, "aselect"))
    assert beide
    assert {r.selectiekans for r in lijst.regels if r.baan == "model"} == {1.0}


def test_woonfraude_never_withholds_and_last_month_gives_no_right_to_stay() -> None:
    k = make_kandidaten()
    vorige = {by_rank(k, rang): PEILDATUM for rang in range(1, 60)}
    kw: dict[str, Any] = {"model": "woonfraude", "is_eerste_jaar": True}
    assert compose(k, vorige=vorige, **kw) == compose(k, **kw)
    assert not any(regel.is_onthouden for regel in compose(k, **kw).regels)


def test_rule_ranks_and_three_in_ten_are_drawn_until_three_hundred_are_logged() -> None:
    assert werklijst.must_use_regel("woonfraude", 299)
    assert werklijst.choose_aselect_aandeel("woonfraude", 299) == 0.30
    assert not werklijst.must_use_regel("woonfraude", 300)
    assert werklijst.choose_aselect_aandeel("woonfraude", 300) == 0.20
    assert not werklijst.must_use_regel("overlast", 0)


def test_rows_keep_score_band_and_reasons_of_that_moment() -> None:
    k = make_kandidaten(
        kans=np.linspace(0, 1, AANTAL),
        band=np.full(AANTAL, "zeker"),
        redenen=np.array([f'["{i}"]' for i in range(AANTAL)]),
    )
    for regel in compose(k).regels:
        nummer = int(regel.complex_id[1:])
        assert regel.kans == pytest.approx(nummer / (AANTAL - 1))
        assert (regel.band, regel.redenen) == ("zeker", f'["{nummer}"]')


@pytest.mark.parametrize(
    "anders",
    [
        {"score": np.full(AANTAL, np.nan)},
        {"complex_id": np.full(AANTAL, "C1")},
        {"eenheden": np.zeros(AANTAL, dtype=int)},
        {"groep": np.zeros(3, dtype=int)},
    ],
)
def test_candidates_that_do_not_belong_together_are_refused(anders: dict[str, Any]) -> None:
    with pytest.raises(WerklijstFout, match="één rij per complex"):
        make_kandidaten(**anders)


def test_list_of_nothing_but_lot_or_without_room_is_refused() -> None:
    for anders in ({"epsilon": 1.0}, {"capaciteit": 0}):
        with pytest.raises(WerklijstFout, match="capaciteit"):
            compose(**anders)
