"""Chance level: the binomial test against exact integer arithmetic."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.chance import at_chance, at_guessing, one_class


def exact_tail(correct, majority, n):
    """P(X >= correct) for X ~ Binomial(n, majority / n), as a fraction of whole numbers."""
    terms = (comb(n, k) * majority**k * (n - majority) ** (n - k) for k in range(correct, n + 1))
    return Fraction(sum(terms), n**n)


def gold_labels(majority, n):
    """`majority` examples of one label; the others have a label each."""
    return ["majority"] * majority + list(range(n - majority))


@given(st.integers(2, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1), st.integers(0, n))))
def test_equals_the_exact_binomial_tail(case):
    n, majority, correct = case
    expected = exact_tail(correct, majority, n) > Fraction(5, 100)
    assert at_chance(100 * correct / n, gold_labels(majority, n)) == expected


# (examples, of the majority label): the sizes of XNLI dev in thirds, PAWS-X, one rare and one frequent label
@pytest.mark.parametrize(("n", "majority"), [(2490, 830), (2000, 1100), (1500, 3), (1500, 1490)])
def test_critical_value_of_large_splits(n, majority):
    gold = gold_labels(majority, n)
    critical = next(k for k in range(majority, n + 1) if at_chance(100 * k / n, gold) is False)
    assert exact_tail(critical, majority, n) <= Fraction(5, 100) < exact_tail(critical - 1, majority, n)


def test_far_from_chance_does_not_underflow():
    gold = ["a", "b"] * 50_000
    assert not at_chance(100.0, gold)
    assert at_chance(50.0, gold)


@pytest.mark.parametrize("percent", [0.0, 99.0, 100.0])
def test_one_gold_label_is_always_at_chance(percent):
    assert at_chance(percent, ["a"] * 100)


def test_below_chance_is_at_chance():
    assert at_chance(0.0, ["a", "b"] * 500)


def guessing_tail(correct, options):
    """P(X >= correct) where example i is right with probability 1 / options[i], one example after another."""
    right = [Fraction(1)]
    for count in options:
        hit = Fraction(1, count)
        right = [a * (1 - hit) + b * hit for a, b in zip([*right, 0], [0, *right], strict=True)]
    return sum(right[correct:])


@given(st.integers(2, 5).flatmap(lambda k: st.tuples(st.just(k), st.integers(1, 60))).flatmap(
    lambda case: st.tuples(st.just([case[0]] * case[1]), st.integers(0, case[1]))))  # fmt: skip
def test_guessing_among_equally_many_options_is_the_binomial_tail(case):
    options, correct = case
    assert at_guessing(100 * correct / len(options), options) == (guessing_tail(correct, options) > Fraction(5, 100))


@given(st.lists(st.integers(2, 5), min_size=1, max_size=40), st.integers(0, 40))
def test_guessing_among_unlike_numbers_of_options_is_on_the_safe_side(options, correct):
    correct = min(correct, len(options))
    if not at_guessing(100 * correct / len(options), options):
        assert guessing_tail(correct, options) <= Fraction(5, 100)
    elif guessing_tail(correct, options) < Fraction(1, 100):
        pytest.fail("far above chance, and not noticed")


def test_guessing_without_examples():
    with pytest.raises(DataError, match="0 gold labels"):
        at_guessing(50.0, [])
    with pytest.raises(ValueError, match="percentage"):
        at_guessing(101.0, [2])


def test_one_class():
    assert one_class(["b", "b", "b"])
    assert not one_class(["b", "a", "b"])
    assert not one_class([])


def test_refuses_no_labels():
    with pytest.raises(DataError, match="0 gold labels"):
        at_chance(50.0, [])


@pytest.mark.parametrize("percent", [-1.0, 100.5, float("nan")])
def test_refuses_what_is_no_percentage(percent):
    with pytest.raises(ValueError, match="percentage from 0 to 100"):
        at_chance(percent, ["a", "b"])
