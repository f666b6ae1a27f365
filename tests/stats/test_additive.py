"""The split of a matrix of gains into main effects and the rest."""

import numpy as np
import pytest

from xstilts.errors import XstiltsError
from xstilts.stats.additive import additive

EFFECTS = np.array([2.0, -1.0, -1.0]), np.array([3.0, 0.0, -1.0, -2.0])
SUM = 5 + EFFECTS[0][:, np.newaxis] + EFFECTS[1]


def test_a_sum_of_effects_is_explained_whole() -> None:
    fit = additive(SUM)
    assert (fit.mean, fit.n) == (pytest.approx(5.0), 12)
    assert fit.intermediates == pytest.approx(tuple(EFFECTS[0]))
    assert fit.targets == pytest.approx(tuple(EFFECTS[1]))
    assert (fit.share_main, fit.share_predicted) == (pytest.approx(1.0), pytest.approx(1.0))
    assert fit.share_intermediates == pytest.approx(6 * 4 / (6 * 4 + 14 * 3))
    assert np.abs(fit.residuals).max() < 1e-9


def test_shares_are_sums_of_squares() -> None:
    gains = np.random.default_rng(0).normal(size=(5, 7)) + np.arange(7)
    rest = gains - gains.mean(1, keepdims=True) - gains.mean(0) + gains.mean()
    fit, total = additive(gains), ((gains - gains.mean()) ** 2).sum()
    np.testing.assert_allclose(fit.residuals, rest, atol=1e-9)
    assert fit.share_main == pytest.approx(1 - (rest**2).sum() / total)
    assert fit.share_intermediates + fit.share_targets == pytest.approx(fit.share_main)
    assert fit.share_targets == pytest.approx(5 * ((gains.mean(0) - gains.mean()) ** 2).sum() / total)


def test_prediction_leaves_each_gain_out() -> None:
    gains = np.random.default_rng(1).normal(size=(4, 5))
    gains[1, 2] = np.nan
    left_out = 0.0
    for place in np.argwhere(np.isfinite(gains)):
        others = gains.copy()
        others[tuple(place)] = np.nan
        fit = additive(others)
        left_out += (gains[tuple(place)] - fit.mean - fit.intermediates[place[0]] - fit.targets[place[1]]) ** 2
    there = gains[np.isfinite(gains)]
    fit = additive(gains)
    assert fit.share_predicted == pytest.approx(1 - left_out / ((there - there.mean()) ** 2).sum())
    assert fit.share_predicted < fit.share_main
    assert fit.n == 19


def test_missing_gains_leave_the_effects_as_they_are() -> None:
    gains = SUM.copy()
    gains[0, 1] = gains[2, 3] = np.nan
    fit = additive(gains)
    assert fit.intermediates == pytest.approx(tuple(EFFECTS[0]))
    assert fit.share_main == pytest.approx(1.0)
    assert np.isnan(fit.residuals[0, 1])


def test_an_intermediate_without_gains_has_no_effect() -> None:
    fit = additive(np.vstack([SUM, np.full(4, np.nan)]))
    assert np.isnan(fit.intermediates[3])
    assert fit.intermediates[:3] == pytest.approx(tuple(EFFECTS[0]))
    assert fit.mean == pytest.approx(5.0)


def test_a_gain_that_no_other_foretells_is_not_predicted() -> None:
    gains = SUM.copy()
    gains[0, 1:] = np.nan
    assert np.isnan(additive(gains).share_predicted)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(XstiltsError, match="of 1 intermediates on 4 targets"):
        additive(SUM[:1])
    with pytest.raises(XstiltsError, match="all gains are equal"):
        additive(np.ones((2, 2)))
