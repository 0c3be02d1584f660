"""The noise ceiling: its posterior against one that can be integrated, its regression."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.label import plafond
from models.label.plafond import build_prior, choose_beste_label
from models.label.wereld import WereldParameters

PARAMETERS = replace(WereldParameters(), themas=1, sd_complex=0.3, sd_thema=0.4, sd_beweging=0.0)


def test_prior_ties_quarters_of_a_theme_more_than_themes_of_a_complex() -> None:
    prior = build_prior(replace(WereldParameters(), themas=2), 3)
    assert prior.shape == (6, 6)
    assert prior[0, 0] > prior[0, 1] > prior[0, 2] > prior[0, 3] > 0
    assert np.linalg.eigvalsh(prior).min() > -1e-12


def test_posterior_of_a_single_rate_is_that_of_numerical_integration() -> None:
    prior = build_prior(PARAMETERS, 1)
    y, log_e = np.array([14.0]), np.log(np.array([6.0]))
    midden, variantie = plafond._fit_laplace(y, log_e, prior, np.array([0]))
    f = np.linspace(-3, 4, 20001)
    log_dichtheid = y * (f + log_e) - np.exp(f + log_e) - f**2 / (2 * prior[0, 0])
    w = np.exp(log_dichtheid - log_dichtheid.max())
    verwacht = np.average(f, weights=w)
    assert midden[0] == pytest.approx(verwacht, abs=0.03)
    assert variantie[0, 0] == pytest.approx(np.average((f - verwacht) ** 2, weights=w), rel=0.1)


def test_best_weighting_finds_the_one_indicator_that_tells_the_truth() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 3))
    score = 50 + 10 * x[:, 1]
    knippen = np.quantile(score, [0.1, 0.3, 0.7, 0.9])
    waar = 1 + (score[:, None] > knippen).sum(axis=1)
    x[:10, 1] = np.nan
    score[10:20] = np.nan
    label = choose_beste_label(x, np.full(400, 30.0), score, knippen, (25,))
    assert (label[10:20] == 0).all()
    assert (label[20:] == waar[20:]).mean() > 0.95
