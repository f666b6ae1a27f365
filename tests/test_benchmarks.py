"""The named sets: what belongs to them, and their averages, against XTREME's own check values."""

import json
import math
import os
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.benchmarks import BENCHMARKS, averages, benchmark, task_averages
from xstilts.errors import XstiltsError
from xstilts.languages import resolve
from xstilts.metrics import METRICS
from xstilts.tasks import TASKS

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[1] / "../shared"))
EXPECTED = SHARED / "golden" / "xtreme" / "expected.json"

LANGUAGES = (
    "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta te th tl tr ur vi yo zh"
)
ADDED = "ht qu pl uk az lt pa gu ro wo"
# as the two papers count them; Tatoeba as the script does, the paper prints 33
NUMBER_OF_LANGUAGES = {
    "xtreme": {
        "pawsx": 7, "xnli": 15, "panx": 40, "udpos": 33, "bucc2018": 4, "tatoeba": 36, "xquad": 11, "mlqa": 7, "tydiqa": 9,
    },
    "xtreme-r": {
        "xnli": 15, "xcopa": 11, "udpos": 38, "panx": 48, "xquad": 12, "mlqa": 7, "tydiqa": 9, "tatoeba": 41,
        "lareqa": 11, "mewslix": 11,
    },
}  # fmt: skip
SCORES = st.floats(0, 100)


def task(suite, name):
    return next(one for one in benchmark(suite).tasks if one.name == name)


@pytest.mark.parametrize("suite", NUMBER_OF_LANGUAGES)
def test_tasks_and_languages_are_those_of_the_paper(suite):
    counts = {one.folder: len(one.languages) for one in benchmark(suite).tasks}
    assert counts == NUMBER_OF_LANGUAGES[suite]
    for one in benchmark(suite).tasks:
        assert len(set(one.languages)) == len(one.languages)


def test_the_languages_together_are_40_and_50():
    together = {suite: {code for one in benchmark(suite).tasks for code in one.languages} for suite in NUMBER_OF_LANGUAGES}
    assert together == {"xtreme": set(LANGUAGES.split()), "xtreme-r": {*LANGUAGES.split(), *ADDED.split()}}


@pytest.mark.parametrize("suite", BENCHMARKS)
def test_metrics_exist_and_have_the_values_that_enter(suite):
    examples = {
        "accuracy": (["a"], ["a"]), "tagging_f1": ([["X"]], [["X"]]), "span_f1": ([["B-X"]], [["B-X"]]),
        "bucc_f1": ([("a", "b")], [("a", "b")]), "squad": ([("a b",)], ["a b"]), "mlqa": ([("a b",)], ["a b"]),
        "map_at_20": ([("a",)], [["a"]]), "xsim": (["a"], [("a", "a")]),
    }  # fmt: skip
    for one in benchmark(suite).tasks:
        values = METRICS[one.metric].compute(*examples[one.metric], language="en")
        assert set(one.values) <= set(values)


@pytest.mark.parametrize("suite", BENCHMARKS)
def test_built_in_tasks_have_the_same_metric(suite):
    known = [one for one in benchmark(suite).tasks if one.name in TASKS]
    assert known
    assert {one.name: one.metric for one in known} == {one.name: TASKS[one.name].metric for one in known}


@pytest.mark.parametrize(
    "one", [*benchmark("xtreme").tasks, *benchmark("xtreme-r").tasks], ids=lambda one: f"{one.name} {len(one.languages)}"
)
def test_built_in_tasks_have_the_languages_of_the_benchmarks(one):
    if one.name not in TASKS:
        pytest.skip(f"no task {one.name} yet")
    for code in one.languages:
        resolve(code, TASKS[one.name].languages)  # raises where the task has no such language


def test_groups_hold_every_task_once():
    for suite in BENCHMARKS.values():
        assert sorted(one.name for tasks in suite.groups.values() for one in tasks) == sorted(one.name for one in suite.tasks)
    assert list(benchmark("xtreme").groups) == ["classification", "tagging", "retrieval", "qa"]
    assert [one.name for one in benchmark("xtreme-r").groups["retrieval"]] == ["tatoeba", "lareqa", "mewslix"]


def test_task_averages():
    found = task_averages(
        task("xtreme", "xquad"), {"en": {"f1": 90.0, "exact_match": 80.0}, "th": {"f1": 70.0, "exact_match": 20.0}}
    )
    assert found == {"avg_f1": 80.0, "avg_exact_match": 50.0, "avg_metric": 65.0}
    found = task_averages(
        task("xtreme", "panx"), {"en": {"f1": 90.0, "precision": 80.0}, "th": {"f1": 70.0, "precision": 20.0}}
    )
    assert found == {"avg_f1": 80.0, "avg_precision": 50.0, "avg_metric": 80.0}


@pytest.mark.skipif(not EXPECTED.is_file(), reason=f"XTREME's check values are not at {EXPECTED}")
def test_xtreme_means_equal_the_official_ones_to_the_last_digit():
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))["xtreme"]
    scores = {}
    for one in benchmark("xtreme").tasks:
        values = [expected[one.folder][name] for name in one.values]
        scores[one.name] = sum(values) / len(values)
    found = averages(benchmark("xtreme"), scores)
    assert {"all_task": found.overall, **found.groups} == expected["overall"]


def test_means_of_hand_made_scores():
    names = [one.name for one in benchmark("xtreme").tasks]
    assert names == ["pawsx", "xnli", "panx", "udpos", "bucc", "tatoeba", "xquad", "mlqa", "tydiqa"]
    scores = dict(zip(names, range(10, 100, 10), strict=True))
    found = averages(benchmark("xtreme"), scores)
    assert dict(found.groups) == {"classification": 15.0, "tagging": 35.0, "retrieval": 55.0, "qa": 80.0}
    assert found.overall == 50.0
    assert found.without_retrieval == pytest.approx((450 - 110) / 7)
    assert found.without_retrieval_and_tydiqa == pytest.approx((450 - 110 - 90) / 6)


@pytest.mark.parametrize("suite", BENCHMARKS)
@pytest.mark.parametrize("missing", range(3))
def test_a_missing_task_leaves_out_every_mean_that_needs_it(suite, missing):
    chosen = benchmark(suite)
    lacking = chosen.tasks[missing]
    found = averages(chosen, {one.name: 50.0 for one in chosen.tasks if one != lacking})
    assert found.overall is None
    assert set(found.groups) == set(chosen.groups) - {lacking.group}
    assert (found.without_retrieval is None) == (lacking.group != "retrieval")
    assert (found.without_retrieval_and_tydiqa is None) == (lacking.group != "retrieval" and lacking.name != "tydiqa")


@given(st.tuples(*[SCORES] * 3))
def test_means_do_not_depend_on_the_order_of_tasks(values):
    chosen = benchmark("flores-200")
    means = {
        averages(chosen, dict(order)).overall
        for order in permutations(zip(["sib200", "belebele", "flores200"], values, strict=True))
    }
    assert means == {math.fsum(values) / 3}


def test_the_definition_of_the_overall_says_where_it_is_ours():
    assert "cannot output one" in benchmark("xtreme-r").overall
    assert "no official one" in benchmark("flores-200").overall


def test_unknown_name_gets_the_nearest_one():
    with pytest.raises(XstiltsError, match=r"unknown benchmark 'xtremer'\. Did you mean 'xtreme-r'"):
        benchmark("xtremer")
