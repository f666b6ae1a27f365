"""The table of gains: what counts in an average, what is missing, what is adjusted."""

from dataclasses import replace

import numpy as np
import pytest

from gain_world import panel_of
from xstilts.benchmarks import benchmark
from xstilts.stats import averages
from xstilts.stats.averages import Average, Member
from xstilts.stats.gains import Gain, gain_table, gain_tables
from xstilts.stats.multiplicity import benjamini_hochberg, holm
from xstilts.stats.panels import Panel

RNG = np.random.default_rng(0)
GAINS = RNG.normal(2, 20, (4, 3, 60))  # [L, S, n]


def xnli(**changes: object) -> Panel:
    """Return a panel of English and three other languages."""
    tags = ("eng_Latn", "deu_Latn", "swh_Latn", "rus_Cyrl")
    zero_shot = np.array([False, True, True, True])
    return replace(panel_of(GAINS, parallel=True), **{"languages": tags, "zero_shot": zero_shot, **changes})


def table(*wanted: Average, **how: float) -> tuple[Gain, ...]:
    return gain_table(wanted, resamples=400, **how)  # type: ignore[arg-type]


def gain(row: Gain) -> float:
    assert row.estimate is not None
    return row.estimate.gain


def test_a_target_s_gain_is_the_mean_over_zero_shot_languages_and_seeds() -> None:
    (row,) = table(*averages.targets([xnli()]))
    assert gain(row) == pytest.approx(GAINS[1:].mean(), abs=1e-4)
    assert (row.n_seeds, row.n_languages, row.n_examples, row.n_missing, row.n_flagged) == (3, 3, 180, 0, 0)
    assert (row.scope, row.encoder, row.intermediate, row.target, row.group) == ("target", "e", "nli", "xnli", "")


def test_each_language_is_a_row_the_source_too() -> None:
    found = table(*averages.languages([xnli()]))
    assert [row.group for row in found] == ["eng_Latn", "deu_Latn", "swh_Latn", "rus_Cyrl"]
    for row, gains in zip(found, GAINS, strict=True):
        assert gain(row) == pytest.approx(gains.mean(), abs=1e-4)
        assert row.estimate is not None
        assert row.estimate.elsewhere is None


def test_groups_are_of_one_target_and_of_all() -> None:
    other = xnli(target="pawsx", right=tuple(2 * array for array in xnli().right))
    wanted = averages.groups([xnli(), other], lambda tag: "l" if tag.endswith("Latn") else "")
    found = {(row.target, row.group): gain(row) for row in table(*wanted)}
    latin = GAINS[1:3].mean()
    assert found == {
        ("xnli", "l"): pytest.approx(latin, abs=1e-4),
        ("pawsx", "l"): pytest.approx(2 * latin, abs=1e-4),
        ("all targets", "l"): pytest.approx(1.5 * latin, abs=1e-4),
    }


def test_two_variants_are_not_two_targets() -> None:
    panels = [xnli(), xnli(target="tatoeba", variant="layer=1"), xnli(target="tatoeba", variant="layer=2")]
    found = averages.groups(panels, lambda tag: tag[-4:])
    assert [one.target for one in found if one.group == "Cyrl"] == ["xnli", "tatoeba layer=1", "tatoeba layer=2"]
    assert [one.target for one in averages.benchmark_averages(panels, benchmark("xtreme"))] == [
        "xtreme (1 of 9 tasks)",
        "xtreme without retrieval (1 of 7 tasks)",
        "xtreme without retrieval and TyDiQA (1 of 6 tasks)",
    ]


def test_a_seed_counts_where_both_systems_have_all_languages() -> None:
    panel = xnli(present=np.ones((2, 4, 3), bool))
    panel.present[1, 2, 0] = False
    (row,) = table(*averages.targets([panel]))
    assert gain(row) == pytest.approx(GAINS[1:, 1:].mean(), abs=1e-4)
    assert (row.n_seeds, row.n_languages, row.n_missing) == (2, 3, 1)
    panel.present[0, 1, 2] = False  # the baseline's
    (row,) = table(*averages.targets([panel]))
    assert (row.n_seeds, row.n_missing) == (1, 2)
    assert row.estimate is not None
    assert row.estimate.df == np.inf


def test_a_language_without_any_score_is_left_out_and_counted() -> None:
    panel = xnli(present=np.ones((2, 4, 3), bool))
    panel.present[1, 3] = False
    (row,) = table(*averages.targets([panel]))
    assert gain(row) == pytest.approx(GAINS[1:3].mean(), abs=1e-4)
    assert (row.n_seeds, row.n_languages, row.n_examples, row.n_missing) == (3, 2, 120, 3)


def test_an_average_without_a_whole_seed_is_not_measured() -> None:
    panel = xnli(present=np.ones((2, 4, 3), bool))
    panel.present[1, 1, 0] = panel.present[1, 2, 1] = panel.present[1, 3, 2] = False
    whole, missing = table(*averages.languages([panel])[:1], *averages.targets([panel]))
    assert missing.estimate is None
    assert (missing.n_seeds, missing.n_missing, missing.p_holm, missing.p_bh) == (0, 3, None, None)
    assert whole.estimate is not None
    assert whole.p_holm == whole.estimate.p  # what is not measured is no test


def test_a_benchmark_with_a_target_that_failed_is_not_measured() -> None:
    failed = xnli(target="pawsx", present=np.zeros((2, 4, 3), bool))
    everything = Average("benchmark", "both", "", (Member(failed, (1, 2)), Member(xnli(), (1, 2))))
    (row,) = table(everything)
    assert (row.estimate, row.n_missing) == (None, 6)


def test_runs_that_learnt_nothing_are_counted() -> None:
    panel = xnli(flagged=np.zeros((2, 4, 3), bool))
    panel.flagged[0, 0] = True  # the source language, which does not count
    panel.flagged[0, 1, 0] = panel.flagged[1, 1, 0] = panel.flagged[1, 2, 1] = True
    (row,) = table(*averages.targets([panel]))
    assert row.n_flagged == 2  # pairs, not scores
    assert gain(row) == pytest.approx(GAINS[1:].mean(), abs=1e-4)


def test_a_benchmark_s_average_weighs_targets_alike_and_counts_the_source() -> None:
    two = replace(panel_of(GAINS[:2], target="tatoeba"), languages=("deu_Latn", "cmn_Hans"))
    found = {row.target: row for row in table(*averages.benchmark_averages([xnli(), two], benchmark("xtreme")))}
    both = (GAINS.mean() + GAINS[0].mean()) / 2  # XTREME's tatoeba has no cmn_Hans
    assert gain(found["xtreme (2 of 9 tasks)"]) == pytest.approx(both, abs=1e-4)
    assert gain(found["xtreme without retrieval (1 of 7 tasks)"]) == pytest.approx(GAINS.mean(), abs=1e-4)
    assert found["xtreme (2 of 9 tasks)"].n_languages == 4  # German is in both


def test_question_answering_has_two_values_in_a_benchmark() -> None:
    assert averages.benchmark_values(benchmark("xtreme"))["xquad"] == ("exact_match", "f1")


def test_seeds_vary_together_in_all_targets() -> None:
    """One seed's intermediate serves all targets, so what it does to them does not cancel out."""
    by_seed = np.array([-4.0, 0.0, 4.0])[:, np.newaxis] + np.zeros((1, 3, 40))
    panels = [panel_of(by_seed, target=name) for name in ("xnli", "pawsx", "udpos")]
    (row,) = table(Average("benchmark", "all", "", tuple(Member(panel, (0,)) for panel in panels)))
    assert row.estimate is not None
    assert row.estimate.se == pytest.approx(4 / np.sqrt(3), rel=1e-3)


def test_examples_of_parallel_languages_vary_together() -> None:
    gains = np.repeat(np.random.default_rng(1).normal(0, 20, (1, 1, 200)), 5, axis=0)
    se = {
        parallel: row.estimate.se
        for parallel in (True, False)
        for row in table(*averages.targets([panel_of(gains, parallel=parallel)]))
        if row.estimate
    }
    assert se[True] == pytest.approx(20 / np.sqrt(200), rel=0.15)
    assert se[False] == pytest.approx(20 / np.sqrt(1000), rel=0.15)


def test_languages_that_differ_widen_the_interval_elsewhere() -> None:
    by_language = np.array([-6.0, -2.0, 0.0, 2.0, 6.0])[:, np.newaxis, np.newaxis] + np.zeros((5, 3, 40))
    (row,) = gain_table(averages.targets([panel_of(by_language)]), resamples=20_000)
    assert row.estimate is not None
    assert row.estimate.elsewhere is not None
    half = (row.estimate.elsewhere.high - row.estimate.elsewhere.low) / 2
    assert half == pytest.approx(2.776 * by_language[:, 0, 0].std(ddof=1) / np.sqrt(5), rel=0.06)
    assert row.estimate.interval.high - row.estimate.interval.low < 0.01


def test_p_values_are_adjusted_over_the_table() -> None:
    found = table(*averages.languages([xnli()]), *averages.targets([xnli()]))
    p_values = [row.estimate.p for row in found if row.estimate]
    assert [row.p_holm for row in found] == list(holm(p_values))
    assert [row.p_bh for row in found] == list(benjamini_hochberg(p_values))


def test_rows_keep_the_order_of_the_averages_and_the_same_seed_gives_the_same_table() -> None:
    one, other = xnli(), xnli(target="pawsx", encoder="e")
    wanted = [*averages.targets([other]), *averages.targets([one]), *averages.languages([other])[:1]]
    found = table(*wanted)
    assert [(row.scope, row.target) for row in found] == [("target", "pawsx"), ("target", "xnli"), ("language", "pawsx")]
    assert found == table(*wanted)
    assert found != table(*wanted, seed=1)
    assert [row.estimate and row.estimate.p_equivalent for row in found] != [
        row.estimate and row.estimate.p_equivalent for row in table(*wanted, margin=5.0)
    ]


def test_what_examples_make_of_languages_is_not_counted_twice() -> None:
    """Languages differ by 3 points, and by 30 / sqrt(50) more because their examples do: 9 parts of 27 are the languages'."""
    rng = np.random.default_rng(2)
    gains = 3 * rng.standard_normal((300, 1, 1)) + 30 * rng.standard_normal((300, 1, 50))
    (row,) = gain_table(averages.targets([panel_of(gains)]), resamples=4000)
    assert row.estimate is not None
    assert row.estimate.elsewhere is not None
    here, elsewhere = (one.high - one.low for one in (row.estimate.interval, row.estimate.elsewhere))
    assert 1.3 < (elsewhere / here) ** 2 < 1.8  # 27 / 18; 1 without the languages' part, 2.5 with the examples' part twice


def test_tables_that_share_draws_are_those_that_each_makes_alone() -> None:
    panels = [xnli(), replace(panel_of(GAINS + 3, target="panx"), languages=tuple("abcd"))]
    wanted = averages.targets(panels), averages.languages(panels)
    assert gain_tables(wanted, resamples=400) == tuple(gain_table(each, resamples=400) for each in wanted)
