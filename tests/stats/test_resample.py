"""Resampled gains against the plain way: repeat the examples, exchange the systems, compute the score again."""

from dataclasses import replace

import numpy as np
import pytest

from gain_world import World, panel_of
from xstilts.stats.panels import Panel
from xstilts.stats.resample import _POISSON, draw


def f1_panel(rng: np.random.Generator, sizes: tuple[int, ...] = (30, 50), parallel: bool = False) -> Panel:
    """Return a panel of two intermediates and the baseline, 2 seeds, whose scores are F1 values of counts."""
    plain = panel_of(np.zeros((len(sizes), 2, 1)), parallel=parallel)
    right = [2 * rng.integers(0, 3, (3, 2, n)).astype(np.float32) for n in sizes]
    possible = tuple(array + rng.integers(0, 4, array.shape).astype(np.float32) for array in right)
    present = np.ones((3, len(sizes), 2), bool)
    return replace(
        plain,
        intermediates=("baseline", "nli", "qqp"),
        right=tuple(right),
        possible=possible,
        present=present,
        flagged=~present,
    )


def test_weights_are_poisson() -> None:
    for count, share in ((0, np.exp(-1)), (1, np.exp(-1)), (2, np.exp(-1) / 2), (3, np.exp(-1) / 6)):
        assert (count == _POISSON).mean() == pytest.approx(share, abs=1e-4)
    assert (_POISSON.mean(), _POISSON.var()) == (pytest.approx(1.0, abs=1e-4), pytest.approx(1.0, abs=1e-4))


def test_the_point_is_the_difference_of_scores() -> None:
    panel = f1_panel(np.random.default_rng(0))
    gains = draw(panel, 100, 0).point
    for language, (right, possible) in enumerate(zip(panel.right, panel.possible, strict=True)):
        score = 100 * right.sum(-1, dtype=float) / possible.sum(-1, dtype=float)
        np.testing.assert_allclose(gains[:, language], score[1:] - score[:1], atol=1e-9)


def test_scores_that_are_missing_have_no_gain() -> None:
    panel = f1_panel(np.random.default_rng(0))
    panel.present[1, 0, 1] = False
    gains = draw(panel, 100, 0).point
    assert np.isnan(gains[0, 0]).tolist() == [False, True]
    assert np.isfinite(gains[1]).all()


def test_a_resample_is_the_score_of_repeated_examples() -> None:
    """With one example per seed of its own value, the drawn gain tells the weights; they must explain all other gains."""
    rng = np.random.default_rng(1)
    n = 6
    gains = np.concatenate([100 * np.eye(n)[:, np.newaxis], rng.normal(size=(1, 1, n))])  # a language that shows each weight
    drawn = draw(panel_of(gains, parallel=True), 500, 3).bootstrap[0, :, 0]
    shares = drawn[:n] / 100  # weight of example x over the sum of all weights
    some = shares.sum(0) > 0.5  # all weights may be 0
    np.testing.assert_allclose(shares.sum(0)[some], 1, atol=1e-5)
    np.testing.assert_allclose(drawn[n][some], (gains[n, 0] @ shares)[some], atol=1e-5)
    totals = np.arange(1, 30)[:, np.newaxis, np.newaxis]
    apart = np.abs(shares * totals - np.round(shares * totals)).max(1)  # weights are whole numbers of a whole total
    assert apart.min(0).max() < 1e-3


def test_an_exchange_swaps_the_systems_of_some_examples_in_all_seeds() -> None:
    """Every exchanged gain must be one of the 2^n that can be made by hand, the same swap in both seeds."""
    rng = np.random.default_rng(2)
    panel = f1_panel(rng, sizes=(5,))
    right, possible = panel.right[0].astype(float), panel.possible[0].astype(float)
    made = []
    for code in range(2**5):
        swap = np.array([(code >> bit) & 1 for bit in range(5)], bool)
        mine = np.where(swap, right[0], right[1]).sum(-1) / np.where(swap, possible[0], possible[1]).sum(-1)
        other = np.where(swap, right[1], right[0]).sum(-1) / np.where(swap, possible[1], possible[0]).sum(-1)
        made.append(100 * (mine - other))
    found = draw(panel, 400, 1).exchanged[0, 0].T  # [B, S]
    distance = np.abs(found[:, np.newaxis] - np.array(made)).max(-1)
    assert distance.min(1).max() < 1e-3
    assert len(set(distance.argmin(1))) > 20  # and many of them occur


@pytest.mark.parametrize("parallel", [True, False])
def test_languages_share_draws_where_they_share_examples(parallel: bool) -> None:
    gains = np.repeat(np.random.default_rng(3).normal(size=(1, 1, 300)), 2, axis=0)
    draws = draw(panel_of(gains, parallel=parallel), 4000, 0)
    for drawn in (draws.bootstrap, draws.exchanged):
        correlation = np.corrcoef(drawn[0, 0, 0], drawn[0, 1, 0])[0, 1]
        assert correlation == pytest.approx(1.0 if parallel else 0.0, abs=0.05)


def test_a_bootstrap_has_the_variance_of_a_mean() -> None:
    gains = np.random.default_rng(4).exponential(10, (1, 1, 400))
    draws = draw(panel_of(gains), 20_000, 0)
    assert draws.bootstrap[0, 0, 0].var() == pytest.approx(gains.var() / 400, rel=0.05)
    assert draws.exchanged[0, 0, 0].var() == pytest.approx((gains**2).mean() / 400, rel=0.05)
    assert draws.bootstrap[0, 0, 0].mean() == pytest.approx(gains.mean(), abs=0.02)
    assert draws.exchanged[0, 0, 0].mean() == pytest.approx(0, abs=0.03)


def test_the_same_seed_draws_the_same_and_targets_draw_their_own() -> None:
    panel = World(1, 10, 10, examples=50).panel(3, np.random.default_rng(5))
    first, again, other = (draw(panel, 1500, seed).bootstrap for seed in (1, 1, 2))
    assert (first == again).all()
    assert not np.allclose(first, other)
    assert not np.allclose(first, draw(replace(panel, target="pawsx"), 1500, 1).bootstrap)
    assert np.allclose(first, draw(replace(panel, encoder="another"), 1500, 1).bootstrap)


def test_sets_of_unlike_sizes_are_drawn_as_if_alone() -> None:
    panel = f1_panel(np.random.default_rng(6), sizes=(40, 70, 40), parallel=True)
    together = draw(panel, 300, 0)
    for some in ([0, 1], [2, 1]):  # the longest set is in both: it decides how many weights are drawn
        pair = replace(
            panel, languages=panel.languages[:2], right=tuple(panel.right[i] for i in some),
            possible=tuple(panel.possible[i] for i in some), present=panel.present[:, :2], flagged=panel.flagged[:, :2],
        )  # fmt: skip
        found = draw(pair, 300, 0)
        np.testing.assert_allclose(found.bootstrap, together.bootstrap[:, some], atol=1e-3)
        np.testing.assert_allclose(found.exchanged, together.exchanged[:, some], atol=1e-3)
