"""Weighted sums of scores: the same numbers as the table of gains, paired, and only what is there."""

from dataclasses import replace

import numpy as np
import pytest

from gain_world import panel_of
from xstilts.stats import averages
from xstilts.stats.contrasts import Contrast, Part, contrast_table
from xstilts.stats.gains import gain_table
from xstilts.stats.inference import redrawn
from xstilts.stats.panels import Panel

RNG = np.random.default_rng(0)
GAINS = RNG.normal(2, 20, (4, 3, 60))  # [L, S, n]
EVERY = (0, 1, 2, 3)


def one(*parts: Part, resamples: int = 4000) -> Contrast:
    (found,) = contrast_table([parts], resamples=resamples)
    assert found is not None
    return found


def gain(panel: Panel, weight: float = 1.0, languages: tuple[int, ...] = EVERY) -> tuple[Part, Part]:
    return Part(weight, panel, languages, "nli"), Part(-weight, panel, languages, "baseline")


def with_third(panel: Panel, right: np.ndarray) -> Panel:
    """Add a third system, [L, S, n]."""
    return replace(
        panel,
        intermediates=(*panel.intermediates, "third"),
        right=tuple(
            np.concatenate([old, new[np.newaxis].astype(np.float32)]) for old, new in zip(panel.right, right, strict=True)
        ),
        present=np.concatenate([panel.present, panel.present[:1]]),
        flagged=np.concatenate([panel.flagged, panel.flagged[:1]]),
    )


@pytest.mark.parametrize(("seeds", "parallel", "error"), [(1, True, 1e-4), (1, False, 1e-4), (3, True, 0.03), (3, False, 0.03)])
def test_a_gain_is_that_of_the_table(seeds: int, parallel: bool, error: float) -> None:
    """With one seed the intervals are the same; else their random parts are other draws (`error` of the width)."""
    panels = [panel_of(GAINS[:, :seeds], parallel=parallel), panel_of(3 * GAINS[:2, :seeds], target="pawsx")]
    parts = [part for panel in panels for part in gain(panel, 0.5, tuple(range(len(panel.languages))))]
    found = one(*parts, resamples=30_000)
    members = tuple(averages.Member(panel, tuple(range(len(panel.languages)))) for panel in panels)
    (row,) = gain_table([averages.Average("group", "all targets", "", members)], resamples=30_000)
    assert row.estimate is not None
    assert found.value == pytest.approx(row.estimate.gain, abs=1e-4)
    width = row.estimate.interval.high - row.estimate.interval.low
    assert found.interval.low == pytest.approx(row.estimate.interval.low, abs=error * width)
    assert found.interval.high == pytest.approx(row.estimate.interval.high, abs=error * width)
    assert (found.n_seeds, found.n_examples, found.n_missing) == (row.n_seeds, row.n_examples, row.n_missing)
    assert found.n_languages == 4  # two of pawsx are two of xnli
    assert len(found.used) == 2 * (4 + 2) * seeds


def test_a_score_is_the_mean_of_its_examples() -> None:
    found = one(Part(1.0, panel_of(GAINS), (1, 2), "nli"))
    assert found.value == pytest.approx(GAINS[1:3].mean(), abs=1e-4)
    assert {place.language for place in found.used} == {"l1_Latn", "l2_Latn"}


def test_effects_are_compared_on_the_same_draws() -> None:
    """Two systems that differ by 1 point on every example: their gains vary, the difference does not."""
    panel = with_third(panel_of(GAINS), GAINS / 100 + 0.01)
    difference = (Part(1.0, panel, EVERY, "third"), Part(-1.0, panel, EVERY, "baseline"), *gain(panel, -1.0))
    found = one(*difference)
    assert found.value == pytest.approx(1.0, abs=1e-4)
    assert found.interval.high - found.interval.low < 0.01
    alone = one(*gain(panel)).interval
    assert alone.high - alone.low > 2


def test_what_one_effect_lacks_the_other_does_without() -> None:
    panel = with_third(panel_of(GAINS), np.zeros_like(GAINS))
    panel.present[2, 3] = False  # the third system has no score in one language
    panel.present[1, 0, 2] = False  # the second none with one seed in another
    found = one(Part(1.0, panel, EVERY, "nli"), Part(-1.0, panel, EVERY, "third"))
    assert found.value == pytest.approx(GAINS[:3, :2].mean(), abs=1e-4)
    assert (found.n_seeds, found.n_languages, found.n_missing) == (2, 3, 4)
    assert {place.seed for place in found.used} == {0, 1}


def test_nothing_is_measured_without_scores() -> None:
    panel = panel_of(GAINS)
    panel.present[1] = False
    other = panel_of(GAINS, target="pawsx")
    parts = [(*gain(panel, 0.5), *gain(other, 0.5)), gain(other), (Part(1.0, panel, (0,), "nli"),)]
    first, second, third = contrast_table(parts, resamples=200)
    assert (first, third) == (None, None)
    assert second is not None
    empty = replace(panel, present=np.zeros_like(panel.present))
    assert contrast_table([gain(empty)], resamples=200) == (None,)


def test_flagged_scores_are_counted() -> None:
    panel = panel_of(GAINS)
    panel.flagged[1, 0, 1] = True
    assert one(*gain(panel)).n_flagged == 1
    assert one(*gain(panel, languages=(1, 2))).n_flagged == 0


def test_redrawn_values_of_one_seed_are_the_bootstrap() -> None:
    bootstrap = RNG.normal(5, 1, (1, 300))
    drawn = redrawn(np.array([5.0]), bootstrap, np.random.default_rng(1))
    assert drawn == pytest.approx(bootstrap[0], abs=1e-9)
