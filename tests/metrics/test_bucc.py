"""F1 of mined pairs, and the threshold against a search through every cut."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.bucc import best_threshold, bucc_f1

IDS = st.sampled_from("abcdef")
PAIRS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=12)
# few values make ties, all floats make neighbours that have no mean between them
SCORES = st.one_of(st.sampled_from([0.5, 0.75, 1.0, 1.0000000000000002]), st.floats(allow_nan=False, allow_infinity=False))
SCORED = st.lists(st.tuples(IDS, IDS, SCORES), min_size=1, max_size=12)


def mined(scored, threshold):
    return [(source, target) for source, target, score in scored if score >= threshold]


def test_f1_of_sets():
    gold, predicted = [("a", "x"), ("b", "y"), ("c", "z")], [("a", "x"), ("a", "x"), ("b", "z")]
    found = bucc_f1(gold, predicted)
    assert found == {"f1": pytest.approx(40.0), "precision": 50.0, "recall": pytest.approx(100 / 3)}
    assert bucc_f1(gold, []) == {"f1": 0.0, "precision": 0.0, "recall": 0.0}


@given(PAIRS, PAIRS, st.randoms())
def test_f1_depends_on_the_sets_alone(gold, predicted, random):
    shuffled = random.sample(predicted, len(predicted)) + predicted[:1]
    assert bucc_f1(gold, predicted) == bucc_f1(gold, shuffled)
    assert bucc_f1(gold, gold) == {"f1": 100.0, "precision": 100.0, "recall": 100.0}
    assert all(0 <= value <= 100 for value in bucc_f1(gold, predicted).values())


def test_pairs_read_from_json_are_lists():
    assert bucc_f1([["a", "x"]], [("a", "x")])["f1"] == 100.0


def test_threshold_is_halfway_to_the_next_score():
    scored = [("d", "w", 1.0), ("a", "x", 1.5), ("c", "z", 1.125), ("b", "y", 1.25)]
    threshold, f1 = best_threshold(scored, {("a", "x"), ("b", "y")})
    assert (threshold, f1) == (1.1875, 100.0)


def test_threshold_when_the_best_cut_takes_every_pair():
    assert best_threshold([("a", "x", 1.5), ("b", "y", 1.25)], {("a", "x"), ("b", "y")}) == (1.25, 100.0)


def test_pairs_of_equal_score_are_not_cut_apart():
    # cutting within the tie would promise an F1 of 100 that no threshold gives
    threshold, f1 = best_threshold([("a", "x", 1.0), ("b", "y", 1.0), ("c", "z", 0.5)], {("a", "x")})
    assert threshold == 0.75
    assert f1 == pytest.approx(200 / 3)


def test_of_equal_cuts_the_strictest_is_taken():
    # 1 of 1 with 2 gold, and 2 of 4 with 2 gold: both have an F1 of 2/3
    scored = [("a", "x", 0.9), ("p", "q", 0.8), ("r", "s", 0.7), ("b", "y", 0.6)]
    assert best_threshold(scored, {("a", "x"), ("b", "y")})[0] == pytest.approx(0.85)


def test_a_pair_scored_twice_keeps_the_higher_score():
    scored = [("a", "x", 0.25), ("b", "y", 0.5), ("a", "x", 1.0)]
    assert best_threshold(scored, {("a", "x")}) == (0.75, 100.0)


def test_without_a_gold_pair_among_the_scored_the_strictest_cut_has_f1_zero():
    assert best_threshold([("a", "x", 1.0), ("b", "y", 0.5)], {("c", "z")}) == (0.75, 0.0)


@given(SCORED, PAIRS)
def test_threshold_equals_a_search_through_every_cut(scored, gold_pairs):
    gold = set(gold_pairs)
    cuts = {}
    for _, _, score in scored:
        pairs = set(mined(scored, score))
        cuts[score] = Fraction(2 * len(pairs & gold), len(pairs) + len(gold))
    best = max(cuts.values())
    # the highest score of a cut is that of a pair's second, lower score when it adds no pair: compare what is mined
    strictest = set(mined(scored, max(score for score, f1 in cuts.items() if f1 == best)))

    threshold, f1 = best_threshold(scored, gold)
    assert set(mined(scored, threshold)) == strictest
    assert f1 == bucc_f1(list(gold), mined(scored, threshold))["f1"]
    assert f1 == pytest.approx(float(100 * best))


@given(SCORED, PAIRS, st.randoms())
def test_order_of_the_scored_pairs_does_not_matter(scored, gold, random):
    assert best_threshold(scored, set(gold)) == best_threshold(random.sample(scored, len(scored)), set(gold))


def test_refuses_what_has_no_answer():
    with pytest.raises(DataError, match="0 gold pairs"):
        bucc_f1([], [("a", "x")])
    with pytest.raises(DataError, match="0 gold pairs"):
        best_threshold([("a", "x", 1.0)], set())
    with pytest.raises(DataError, match="0 pairs were mined"):
        best_threshold([], {("a", "x")})


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_refuses_a_score_without_a_place(score):
    with pytest.raises(ValueError, match=r"the pair \(b, y\) has the score"):
        best_threshold([("a", "x", 1.0), ("b", "y", score)], {("a", "x")})
