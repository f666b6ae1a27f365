"""Mean average precision at 20 against its definition in exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.ranking import map_at_20

ITEMS = st.sampled_from([f"Q{i}" for i in range(30)])
RIGHT = st.sets(ITEMS, min_size=1, max_size=25)
RETRIEVED = st.none() | st.lists(ITEMS, max_size=30)
QUERIES = st.lists(st.tuples(RIGHT, RETRIEVED), min_size=1, max_size=5)


def exact(right, retrieved):
    """The average precision at 20, with precision and recall counted anew at every rank."""
    top = list(retrieved or ())[:20]
    total = Fraction(0)
    for rank in range(1, len(top) + 1):
        if top[rank - 1] in right and top[rank - 1] not in top[: rank - 1]:
            total += Fraction(len(right.intersection(top[:rank])), rank)
    return total / min(len(right), 20)


@given(QUERIES)
def test_equals_the_exact_fractions(queries):
    gold, predicted = zip(*queries, strict=True)
    expected = sum(exact(right, retrieved) for right, retrieved in queries) / len(queries)
    assert map_at_20(gold, predicted) == {"map@20": pytest.approx(float(100 * expected), rel=1e-12)}


@given(QUERIES, st.randoms())
def test_order_of_queries_and_of_right_items_does_not_matter(queries, random):
    gold, predicted = zip(*random.sample(queries, len(queries)), strict=True)
    shuffled = [random.sample(sorted(right), len(right)) for right in gold]
    assert map_at_20(shuffled, predicted)["map@20"] == pytest.approx(map_at_20(*zip(*queries, strict=True))["map@20"])


@given(RIGHT)
def test_all_right_items_first_is_100(right):
    assert map_at_20([right], [sorted(right)]) == {"map@20": pytest.approx(100.0)}


@pytest.mark.parametrize("rank", [1, 2, 16, 20])
def test_with_one_right_item_it_is_the_reciprocal_rank(rank):
    retrieved = [f"Q{i}" for i in range(30)]
    assert map_at_20([(f"Q{rank - 1}",)], [retrieved]) == {"map@20": 1 / rank * 100}


def test_beyond_rank_20_nothing_counts():
    assert map_at_20([("Q20",)], [[f"Q{i}" for i in range(30)]]) == {"map@20": 0.0}
    assert map_at_20([[f"Q{i}" for i in range(25)]], [[f"Q{i}" for i in range(25)]]) == {"map@20": 100.0}


def test_an_item_counts_where_it_first_stands():
    assert map_at_20([("a", "b")], [["a", "a", "b"]])["map@20"] == pytest.approx(100 * (1 + 2 / 3) / 2)


def test_a_query_left_out_scores_0():
    assert map_at_20([("a",), ("b",)], [["a"], None]) == {"map@20": 50.0}
    assert map_at_20([("a",)], [[]]) == {"map@20": 0.0}


def test_refuses_what_has_no_score():
    with pytest.raises(DataError, match="0 queries"):
        map_at_20([], [])
    with pytest.raises(DataError, match="query 2 has 0 right items"):
        map_at_20([("a",), ()], [["a"], ["a"]])
    with pytest.raises(ValueError, match="zip"):
        map_at_20([("a",)], [])
