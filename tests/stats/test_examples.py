"""Scores taken apart: their sum is the score, to the last digits, for every metric."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import toy
from xstilts.errors import XstiltsError
from xstilts.metrics import METRICS, metric
from xstilts.metrics.squad2 import answered, best_thresholds
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.stats.examples import _BY_EXAMPLE, ExampleScores, example_scores
from xstilts.stats.panels import make_panels
from xstilts.store import Store, write_json
from xstilts.study_file import load_study

TAGS = ("O", "B-PER", "I-PER", "E-PER", "B-O", "NOUN", "SYM", "X-O", ".", "S-LOC", "I-O")


@dataclass
class Score:
    """Stands for the results of a store with one score, of the rows given (and those that chose its threshold)."""

    folder: Path
    name: str

    @property
    def plan(self) -> Any:
        return SimpleNamespace(stages={"key": SimpleNamespace(value={"metric": self.name}, kind="score", key="key")})

    @property
    def store(self) -> Any:
        return SimpleNamespace(folder=lambda _: self.folder)

    def predictions(self, key: str) -> list[Path]:
        assert key == "key"
        return sorted(self.folder.glob("*.parquet"))


@pytest.fixture
def taken_apart(tmp_path: Path) -> Any:
    """Return a function: metric, lists of rows, language, names of values -> example scores by variant."""

    def take(name: str, *files: list[dict[str, Any]], language: str = "eng_Latn", values: tuple[str, ...] = ()) -> Any:
        for number, rows in enumerate(files):
            parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / f"{number}.parquet")
        results: Any = Score(tmp_path, name)
        return example_scores(results, "key", language, values)

    return take


def rows(gold: list[Any], predicted: list[Any], **more: Any) -> list[dict[str, Any]]:
    pairs = enumerate(zip(gold, predicted, strict=True))
    return [{"example_id": str(i), "gold": g, "prediction": p, **{k: v[i] for k, v in more.items()}} for i, (g, p) in pairs]


def test_a_finished_store_s_scores_are_the_sums_of_their_examples(toy_run: toy.Run) -> None:
    results = Results(make_plan(load_study(toy_run.study)), Store(toy_run.out))
    headline = {"xnli": "accuracy", "udpos": "f1", "tatoeba": "accuracy"}
    wanted = {
        (row["target"], row["variant"], row["intermediate"], row["language"]): row["value"]
        for row in results.rows()
        if row["metric"] == headline[row["target"]] and row["intermediate"] in results.plan.study.intermediates
    }
    found = {
        (panel.target, panel.variant, intermediate, language): panel.scores()[i, j, 0]
        for panel in make_panels(results)
        for i, intermediate in enumerate(panel.intermediates)
        for j, language in enumerate(panel.languages)
    }
    assert found.keys() == wanted.keys()
    assert all(abs(found[place] - wanted[place]) < 1e-9 for place in wanted)
    assert len({round(value, 3) for value in found.values()}) > 5  # they differ, so the order matters


@pytest.mark.parametrize(("name", "language"), [("squad", "tha_Thai"), ("mlqa", "zho_Hans"), ("mlqa", "deu_Latn")])
def test_questions_are_scored_one_by_one(taken_apart: Any, name: str, language: str) -> None:
    gold = [["the red house", "house"], ["Das Haus"], ["在 1848 年"], ["nothing alike"]]
    predicted = ["red house", "ein Haus", "1848 年", "else"]
    whole = metric(name).compute(gold, predicted, language=language)
    for values in (("f1",), ("exact_match",), ()):
        (found,) = taken_apart(name, rows(gold, predicted), language=language, values=values).values()
        assert found.value == pytest.approx(whole[values[0] if values else "f1"], abs=1e-9)
        assert (found.ids, found.possible.tolist()) == (("0", "1", "2", "3"), [1.0] * 4)
    (both,) = taken_apart(name, rows(gold, predicted), language=language, values=("exact_match", "f1")).values()
    assert both.value == pytest.approx((whole["f1"] + whole["exact_match"]) / 2, abs=1e-9)


def test_questions_without_answers_keep_their_threshold(taken_apart: Any, tmp_path: Path) -> None:
    gold, predicted, null = [["a b"], [], ["c"], []], ["a", "x", "c", "y"], [-3.0, 1.0, 0.5, -1.0]
    threshold = best_thresholds(gold, predicted, null)["best_f1_thresh"]
    write_json(tmp_path / "scores.json", {"threshold": threshold})
    (found,) = taken_apart("squad2", rows(gold, predicted, null_difference=null)).values()
    assert found.value == pytest.approx(metric("squad2").compute(gold, answered(predicted, null, threshold))["f1"], abs=1e-9)


sentences = st.lists(
    st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=6), min_size=1, max_size=6
)


@given(sentences)
def test_spans_are_counted_by_sentence(pairs: list[list[tuple[str, str]]]) -> None:
    from xstilts.stats.examples import _tagging

    gold, predicted = ([[pair[side] for pair in sentence] for sentence in pairs] for side in (0, 1))
    found = ExampleScores(tuple(map(str, range(len(gold)))), *_tagging(rows(gold, predicted), "eng_Latn")["f1"])
    assert found.value == pytest.approx(metric("span_f1").compute(gold, predicted)["f1"], abs=1e-9)
    assert (
        found.right.sum()
        == sum(  # an own sentence after an own "O" has the spans that it has among others
            _tagging(rows([["O"], g], [["O"], p]), "eng_Latn")["f1"][0].sum()
            for g, p in zip(gold[1:], predicted[1:], strict=True)
        )
        + _tagging(rows(gold[:1], predicted[:1]), "eng_Latn")["f1"][0].sum()
    )


def test_mined_pairs_are_counted_by_foreign_sentence_at_the_threshold_of_the_dev_set(taken_apart: Any) -> None:
    gold, predicted, margin = ["a", "b", None, "d", None], ["a", "x", "q", None, "r"], [1.2, 1.1, 1.05, None, 0.9]
    tuned = rows(["a", "b", "c"], ["a", "b", "z"], similarity=[1.3, 1.0, 0.8], variant=["v"] * 3)
    test = rows(gold, predicted, similarity=margin, variant=["v"] * 5)
    (found,) = taken_apart("bucc_f1", test, tuned).values()
    above = [("0", "a"), ("1", "x"), ("2", "q")]  # the threshold lies at 0.9, and 0.9 is mined too
    whole = metric("bucc_f1").compute([("0", "a"), ("1", "b"), ("3", "d")], [*above, ("4", "r")])
    assert found.value == pytest.approx(whole["f1"], abs=1e-9)
    assert (found.right.tolist(), found.possible.tolist()) == ([2, 0, 0, 0, 0], [2, 2, 1, 1, 1])


def test_each_variant_is_a_score_of_its_own(taken_apart: Any) -> None:
    found = taken_apart("accuracy", rows(["a", "b", "a", "b"], ["a", "a", "a", "b"], variant=["v", "v", "w", "w"]))
    assert {variant: one.value for variant, one in found.items()} == {"v": 50.0, "w": 100.0}


def test_values_that_examples_do_not_have_are_refused(taken_apart: Any) -> None:
    with pytest.raises(XstiltsError, match=r"the metric 'accuracy' has no value 'f1' of single examples. Allowed: accuracy"):
        taken_apart("accuracy", rows(["a"], ["a"]), values=("f1",))


def test_words_are_counted_by_sentence(taken_apart: Any) -> None:
    gold, predicted = [["A", "B"], ["A"], ["B", "B", "B"]], [["A", "A"], ["A"], ["B", "A", "B"]]
    found = taken_apart("token_accuracy", rows(gold, predicted))[""]
    assert found.right.tolist() == [1, 1, 2]
    assert found.possible.tolist() == [2, 1, 3]
    assert found.value == pytest.approx(metric("token_accuracy").compute(gold, predicted)["accuracy"])


def test_queries_are_scored_one_by_one(taken_apart: Any) -> None:
    gold = [["a"], ["b", "c"], ["d"]]
    predicted = [["x", "a"], ["b", "x", "c"], None]
    found = taken_apart("map_at_20", rows(gold, predicted))[""]
    assert found.right.tolist() == pytest.approx([1 / 2, (1 + 2 / 3) / 2, 0])
    assert found.value == pytest.approx(metric("map_at_20").compute(gold, predicted)["map@20"])


def test_every_metric_can_be_taken_apart() -> None:
    assert METRICS.keys() == {*_BY_EXAMPLE, "bucc_f1", "squad2"}


def test_nothing_possible_is_a_score_of_0() -> None:
    assert ExampleScores(("0",), np.zeros(1), np.zeros(1)).value == 0.0
