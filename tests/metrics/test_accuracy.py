"""Accuracy against hand counts, its invariances, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.accuracy import accuracy

LABELS = st.sampled_from(["entailment", "neutral", "contradiction", 7])
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)


def test_counts_equal_positions():
    assert accuracy([0, 1, 1, 0], [0, 1, 0, 1]) == {"accuracy": 50.0}
    assert accuracy(["a"], ["b"]) == {"accuracy": 0.0}


@given(PAIRS)
def test_bounds_and_meaning(pairs):
    gold, predicted = zip(*pairs, strict=True)
    found = accuracy(gold, predicted)["accuracy"]
    assert found * len(pairs) / 100 == pytest.approx(len([1 for g, p in pairs if g == p]))
    assert 0 <= found <= 100
    assert accuracy(gold, gold) == {"accuracy": 100.0}


@given(PAIRS, st.randoms())
def test_order_of_examples_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    assert accuracy(*zip(*pairs, strict=True)) == accuracy(*zip(*shuffled, strict=True))


def test_refuses_nothing_to_score():
    with pytest.raises(DataError, match="0 gold labels"):
        accuracy([], [])


@pytest.mark.parametrize("predicted", [[], ["a"], ["a", "b", "c"]])
def test_refuses_another_number_of_predictions(predicted):
    with pytest.raises(ValueError, match="zip"):
        accuracy(["a", "b"], predicted)
