"""Columns that know the outcome beforehand are found, and honest ones are left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico.lek import LekDrempels, LekFout, compute_informatie, find_lekken

RIJEN = 2000


def make_zaken(seed: int) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.float64]]:
    """Dossiers with columns as they are delivered; 4 in 100 escalate."""
    rng = np.random.default_rng(seed)
    y = (rng.random(RIJEN) < 0.04).astype(float)
    dag = np.datetime64("2023-01-01", "D") + rng.integers(0, 700, RIJEN)
    return {
        "zaak_id": np.array([f"Z{i}" for i in range(RIJEN)], dtype=object),
        "categorie": rng.choice(np.array(["GEL", "RUZ", "VUI"], dtype=object), RIJEN),
        "begindatum": dag,
        "cluster_id": np.where(rng.random(RIJEN) < 0.1, "C1", None).astype(object),
        # ernst goes along with the outcome, as a good feature does
        "is_ernstig": rng.random(RIJEN) < np.where(y == 1, 0.6, 0.1),
    }, y


def test_honest_columns_are_no_leak() -> None:
    kolommen, y = make_zaken(1)
    assert find_lekken(kolommen, y) == []


def test_column_that_is_filled_only_after_an_escalation_is_found() -> None:
    kolommen, y = make_zaken(2)
    # not for every dossier: half of the lawyers are never written down
    rng = np.random.default_rng(22)
    kolommen["advocaat"] = np.where((y == 1) & (rng.random(RIJEN) < 0.5), "Mr. X", None)
    (lek,) = find_lekken(kolommen, y)
    assert (lek.kolom, lek.soort, lek.aandeel) == ("advocaat", "alleen_gevuld", 1.0)
    assert 0.2 < lek.informatie < 0.9


def test_day_that_is_known_only_of_confirmed_inspections_is_found() -> None:
    kolommen, y = make_zaken(3)
    kolommen["vonnisdatum"] = np.where(y == 1, kolommen["begindatum"], np.datetime64("NaT", "D"))
    (lek,) = find_lekken(kolommen, y)
    assert (lek.kolom, lek.informatie) == ("vonnisdatum", pytest.approx(1.0))


def test_column_that_is_emptied_after_an_escalation_is_found() -> None:
    kolommen, y = make_zaken(4)
    kolommen["behandelgroep"] = np.where(y == 1, "", "wijkteam").astype(object)
    (lek,) = find_lekken(kolommen, y)
    assert (lek.kolom, lek.soort) == ("behandelgroep", "alleen_leeg")


def test_code_that_is_another_name_of_the_outcome_is_found() -> None:
    kolommen, y = make_zaken(5)
    kolommen["afloop_code"] = np.where(y == 1, "JUR", "AFG").astype(object)
    kolommen["kosten_eur"] = np.where(y == 1, 900.0, 10.0) + np.arange(RIJEN) / RIJEN
    gevonden = {lek.kolom: lek for lek in find_lekken(kolommen, y)}
    assert gevonden["afloop_code"].soort == "waarde"
    assert gevonden["afloop_code"].informatie == pytest.approx(1.0)


def test_amount_that_is_high_only_where_the_outcome_came_is_found() -> None:
    kolommen, _ = make_zaken(6)
    y = (np.arange(RIJEN) < RIJEN // 2).astype(float)
    bedragen = {**kolommen, "kosten_eur": np.where(y == 1, 900.0, 10.0) + np.arange(RIJEN) / RIJEN}
    (lek,) = find_lekken(bedragen, y)
    assert (lek.kolom, lek.soort) == ("kosten_eur", "waarde")


def test_column_that_is_almost_always_filled_where_nearly_all_have_the_outcome_is_no_leak() -> None:
    rng = np.random.default_rng(7)
    y = (rng.random(RIJEN) < 0.97).astype(float)
    assert find_lekken({"cluster_id": np.where(rng.random(RIJEN) < 0.9, "C1", None)}, y) == []


def test_too_few_outcomes_say_nothing() -> None:
    y = np.zeros(RIJEN)
    y[:9] = 1.0
    kolom = np.where(y == 1, "Mr. X", None)
    assert find_lekken({"advocaat": kolom}, y) == []
    assert len(find_lekken({"advocaat": kolom}, y, LekDrempels(minimum_rijen=9))) == 1


def test_column_that_is_empty_everywhere_is_no_leak() -> None:
    _, y = make_zaken(8)
    assert find_lekken({"niets": np.full(RIJEN, np.nan)}, y) == []


@pytest.mark.parametrize(
    ("kolom", "y"),
    [
        pytest.param(np.zeros(3), np.zeros(4), id="other-length"),
        pytest.param(np.zeros(4), np.full(4, np.nan), id="unknown-outcome"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    kolom: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> None:
    if not np.isnan(y).any():
        y = np.r_[np.ones(2), np.zeros(2)]
    with pytest.raises(LekFout):
        find_lekken({"kolom": kolom}, y, LekDrempels(minimum_rijen=1))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=2, max_size=60).filter(
        lambda paren: 0 < sum(y for _, y in paren) < len(paren)
    )
)
def test_information_is_a_share_and_does_not_hang_on_names_or_order(
    paren: list[tuple[int, bool]],
) -> None:
    groep = np.array([g for g, _ in paren], dtype=np.int64)
    y = np.array([u for _, u in paren])
    informatie = compute_informatie(groep, y)
    assert -1e-12 <= informatie <= 1.0 + 1e-12
    assert compute_informatie(7 - groep[::-1], y[::-1]) == pytest.approx(informatie, abs=1e-9)
    assert compute_informatie(y.astype(np.int64), y) == pytest.approx(1.0)
    assert compute_informatie(np.zeros_like(groep), y) == pytest.approx(0.0, abs=1e-12)
