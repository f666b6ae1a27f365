"""Intervals and p-values of single gains, against closed forms and enumeration."""

from itertools import product

import numpy as np
import pytest

from gain_world import World, panel_of
from xstilts.stats.inference import Estimate, Level, Resampled, estimate
from xstilts.stats.resample import draw


def of(gains: np.ndarray, *, margin: float = 1.0, languages: Level | None = None, resamples: int = 40_000) -> Estimate:
    """Return the estimate of one comparison, gains [S, n] in points."""
    drawn = draw(panel_of(gains[np.newaxis]), resamples, 0)
    resampled = Resampled(drawn.point[0, 0], drawn.bootstrap[0, 0], drawn.exchanged[0, 0])
    return estimate(resampled, margin, np.random.default_rng(0), languages)


@pytest.mark.parametrize(("seeds", "quantile"), [(2, 12.706), (3, 4.3027), (5, 2.7764)])
def test_where_only_seeds_differ_the_interval_is_student_s(seeds: int, quantile: float) -> None:
    by_seed = np.arange(seeds, dtype=float)
    found = of(np.repeat(by_seed[:, np.newaxis], 50, axis=1))
    half = quantile * by_seed.std(ddof=1) / np.sqrt(seeds)
    assert found.gain == pytest.approx(by_seed.mean(), abs=1e-5)
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(half, rel=0.06)
    assert found.df == pytest.approx(seeds - 1)
    assert found.se == pytest.approx(by_seed.std(ddof=1) / np.sqrt(seeds))


def test_with_one_seed_the_interval_is_the_bootstrap_s() -> None:
    gains = np.random.default_rng(0).exponential(20, (1, 25)) - 10
    found = of(gains)
    drawn = draw(panel_of(gains[np.newaxis]), 40_000, 0).bootstrap[0, 0, 0]
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))), abs=1e-4)
    assert found.df == np.inf
    assert found.elsewhere is None


def test_what_seeds_share_is_counted_once() -> None:
    """Examples that differ in the same way in all seeds: the standard error is that of examples, and the seeds' is 0."""
    gains = np.repeat(np.random.default_rng(1).normal(0, 30, (1, 400)), 3, axis=0)
    assert of(gains).se == pytest.approx(gains[0].std() / 20, rel=0.03)
    by_seed = gains + np.array([[-2.0], [0.0], [2.0]])
    assert of(by_seed).se == pytest.approx(np.hypot(gains[0].std() / 20, 2 / np.sqrt(3)), rel=0.03)


def test_noise_of_seed_on_example_is_counted_once() -> None:
    """Examples that differ in another way in each seed: what the means of seeds tell holds all of it."""
    gains = np.random.default_rng(2).normal(0, 30, (3, 400))
    means = gains.mean(1)
    assert of(gains).se == pytest.approx(means.std(ddof=1) / np.sqrt(3), rel=0.15)


def test_p_is_that_of_the_exact_sign_flips() -> None:
    gains = np.array([[30.0, -10.0, 20.0, 40.0, -5.0, 25.0, 15.0, 10.0, -20.0]])
    means = [abs((gains[0] * signs).mean()) for signs in product((1, -1), repeat=9)]
    exact = np.mean([mean >= gains.mean() - 1e-9 for mean in means])
    assert of(gains).p == pytest.approx(exact, abs=0.01)
    assert of(-gains).p == pytest.approx(exact, abs=0.01)
    assert of(np.zeros((1, 9))).p == 1.0


def test_p_is_never_0() -> None:
    assert of(np.full((1, 200), 5.0), resamples=999).p == pytest.approx(1 / 1000)


def test_equivalence_asks_both_sides() -> None:
    gains = np.random.default_rng(3).normal(0, 10, (1, 400))
    gains -= gains.mean()
    se = gains.std() / 20
    assert of(gains, margin=1.645 * se).p_equivalent == pytest.approx(0.05, abs=0.01)
    for shift in (-se, se):
        assert of(gains + shift, margin=2.645 * se).p_equivalent == pytest.approx(0.05, abs=0.01)
        assert of(gains + 3 * shift, margin=2 * se).p_equivalent > 0.5


def test_languages_widen_the_interval() -> None:
    gains = np.random.default_rng(4).normal(0, 10, (3, 200))
    plain, wide = of(gains), of(gains, languages=Level(25.0, 9))
    assert wide.interval == plain.interval
    assert wide.elsewhere is not None
    half = (wide.elsewhere.high - wide.elsewhere.low) / 2
    assert half == pytest.approx(2.262 * np.hypot(5.0, plain.se), rel=0.1)  # Student's t of 9 degrees of freedom
    same = of(gains, languages=Level(0.0, 9)).elsewhere
    assert same is not None
    assert (same.low, same.high) == pytest.approx((plain.interval.low, plain.interval.high), rel=0.05)


def test_the_minimum_detectable_effect_is_found_four_times_out_of_five() -> None:
    rng = np.random.default_rng(5)
    world = World(0.0, 40.0, 0.0, seeds=1)
    mde = float(np.median([of(gains, resamples=2000).mde for gains in world.gains(20, rng)]))
    assert mde == pytest.approx(2.8 * 40 / np.sqrt(200), rel=0.05)  # 1.96 + 0.84 standard errors
    strong = World(0.0, 40.0, 0.0, gain=mde, seeds=1)
    found = [of(gains, resamples=1000).p < 0.05 for gains in strong.gains(300, rng)]
    assert 0.73 < np.mean(found) < 0.87
