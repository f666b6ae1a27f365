"""The SQuAD v2.0 scorer: values computed with the official script, and thresholds against a search through all."""

import math

import pytest
from answer_cases import TEXTS, digest, questions
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.squad import normalise, squad
from xstilts.metrics.squad2 import answered, best_thresholds, squad2

# of all values that `evaluate-v2.0.py` gives to the 2,000 cases of `questions`, thresholds included
DIGEST_OF_THE_OFFICIAL_SCRIPT = "8979ff9f6f948c181678371f7acf562e3343bf06a654548db531b130712f644b"

WORDS = st.sampled_from(["", "x", "y", "x y", "x y z"])
ANSWERS = st.lists(st.sampled_from(["x", "y", "x y", "x z"]), max_size=2)
# few values make ties, all floats make neighbours
NULL_SCORES = st.sampled_from([-1.5, 0.0, 0.25, 0.5]) | st.floats(allow_nan=False, allow_infinity=False)
SCORED = st.lists(st.tuples(ANSWERS, WORDS, NULL_SCORES), min_size=1, max_size=8)


def test_values_equal_those_of_the_official_script_to_the_last_digit():
    values = []
    for gold, predicted, null_scores in questions(2000, unanswerable=0.4):
        values += [*squad2(gold, predicted).values(), *best_thresholds(gold, predicted, null_scores).values()]
    assert digest(values) == DIGEST_OF_THE_OFFICIAL_SCRIPT


def test_hand_counts():
    found = squad2([("Denver Broncos",), ("308",), (), ()], ["Broncos", "", "", "1998"])
    assert found == {
        "exact": 25.0,
        "f1": pytest.approx(100 * (2 / 3 + 1) / 4),
        "HasAns_exact": 0.0,
        "HasAns_f1": pytest.approx(100 / 3),
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
    }


def test_a_kind_of_question_that_does_not_occur_has_no_values():
    assert squad2([("a b",)], ["b"]) == {"exact": 100.0, "f1": 100.0, "HasAns_exact": 100.0, "HasAns_f1": 100.0}
    assert squad2([()], [""]) == {"exact": 100.0, "f1": 100.0, "NoAns_exact": 100.0, "NoAns_f1": 100.0}


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_an_identical_answer_scores_100(answers):
    found = squad2([answers], [answers[0]])
    right = 100.0 if normalise(answers[0]) or not any(map(normalise, answers)) else 0.0
    assert found == {"exact": right, "f1": right, "HasAns_exact": right, "HasAns_f1": right}


@given(st.lists(st.tuples(st.lists(TEXTS.filter(normalise), min_size=1, max_size=3), TEXTS), min_size=1, max_size=5))
def test_where_every_question_has_an_answer_it_equals_squad(cases):
    gold, predicted = zip(*cases, strict=True)
    found, v1 = squad2(gold, predicted), squad(gold, predicted)
    assert (found["exact"], found["f1"]) == (v1["exact_match"], v1["f1"])
    assert (found["HasAns_exact"], found["HasAns_f1"]) == (found["exact"], found["f1"])


@given(st.lists(st.tuples(ANSWERS, TEXTS), min_size=1, max_size=6), st.randoms())
def test_bounds_and_order_of_questions(cases, random):
    found = squad2(*zip(*cases, strict=True))
    assert all(0 <= value <= 100 for value in found.values())
    assert squad2(*zip(*random.sample(cases, len(cases)), strict=True)) == pytest.approx(found)


@given(SCORED)
def test_threshold_equals_a_search_through_all(scored):
    gold, predicted, null_scores = (list(side) for side in zip(*scored, strict=True))
    found = best_thresholds(gold, predicted, null_scores)
    nothing = math.nextafter(min(null_scores), -math.inf)
    for name in ("exact", "f1"):
        reached = {
            threshold: squad2(gold, answered(predicted, null_scores, threshold))[name] for threshold in [nothing, *null_scores]
        }
        assert found[f"best_{name}"] == pytest.approx(max(reached.values()))
        threshold = found[f"best_{name}_thresh"]
        assert squad2(gold, answered(predicted, null_scores, threshold))[name] == pytest.approx(found[f"best_{name}"])
        # the strictest of equal thresholds, up to rounding of sums of F1
        assert all(value < found[f"best_{name}"] + 1e-9 for t, value in reached.items() if t < threshold)


def test_threshold_is_the_null_score_of_the_last_question_answered():
    found = best_thresholds([("x",), ("y",), (), ()], ["x", "y", "z", "z"], [0.1, 0.4, 0.7, 0.8])
    assert found == {"best_exact": 100.0, "best_exact_thresh": 0.4, "best_f1": 100.0, "best_f1_thresh": 0.4}


def test_the_threshold_gives_the_score_it_was_chosen_for():
    gold, predicted, null = [["a"], ["b"], [], []], ["a", "x", "c", "d"], [-3.0, 0.5, 0.25, 2.0]
    best = best_thresholds(gold, predicted, null)
    texts = answered(predicted, null, best["best_f1_thresh"])
    assert texts == ["a", "", "", ""]
    assert squad2(gold, texts)["f1"] == best["best_f1"] == 75.0
    assert answered(["a", "b"], [1.0, 1.1], 1.0) == ["a", ""], "greater, not equal"


def test_when_answering_nothing_is_best_the_threshold_answers_nothing():
    probabilities = best_thresholds([(), ("x",)], ["z", "y"], [0.25, 0.5])
    assert (probabilities["best_exact"], probabilities["best_exact_thresh"]) == (50.0, 0.0)
    differences = best_thresholds([(), ("x",)], ["z", "y"], [-3.0, 2.0])
    assert differences["best_exact"] == 50.0
    assert -3.1 < differences["best_exact_thresh"] < -3.0


def test_questions_of_equal_null_score_are_not_cut_apart():
    # between the two equal ones the official script promises 100, which no threshold gives
    found = best_thresholds([("x",), ()], ["x", "z"], [0.5, 0.5])
    assert (found["best_exact"], found["best_exact_thresh"]) == (50.0, 0.0)


def test_any_text_for_a_question_without_an_answer_is_wrong_when_the_threshold_is_chosen():
    # as in the official script, and unlike in its score, where "the" is nothing once it is normalised
    assert squad2([()], ["the"])["exact"] == 100.0
    assert best_thresholds([()], ["the"], [0.5]) == best_thresholds([()], ["wrong"], [0.5])


def test_refuses_what_has_no_score():
    with pytest.raises(DataError, match="0 questions"):
        squad2([], [])
    with pytest.raises(DataError, match="0 questions"):
        best_thresholds([], [], [])
    with pytest.raises(ValueError, match="zip"):
        squad2([()], [])
    with pytest.raises(ValueError, match="zip"):
        best_thresholds([()], [""], [0.1, 0.2])


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_refuses_a_null_score_without_a_place(score):
    with pytest.raises(ValueError, match="question 2 has the null score"):
        best_thresholds([(), ()], ["", ""], [0.1, score])
