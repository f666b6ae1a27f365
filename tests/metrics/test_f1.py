"""Precision, recall and F1 from counts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.metrics.f1 import f1_of, precision_recall_f1


def test_last_digit_is_that_of_the_official_order_of_operations():
    # the shorter 2 * 3 / (3 + 5) * 100 is 75.0
    assert precision_recall_f1(3, predicted=3, gold=5) == {"f1": 74.99999999999999, "precision": 100.0, "recall": 60.0}


@pytest.mark.parametrize(("predicted", "gold"), [(0, 0), (0, 3), (3, 0), (3, 3)])
def test_without_a_correct_item_all_are_zero(predicted, gold):
    assert precision_recall_f1(0, predicted=predicted, gold=gold) == {"f1": 0.0, "precision": 0.0, "recall": 0.0}


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_equals_the_exact_fractions(correct, wrong, missed):
    predicted, gold = correct + wrong, correct + missed
    found = precision_recall_f1(correct, predicted=predicted, gold=gold)
    assert found["precision"] == pytest.approx(float(Fraction(100 * correct, predicted)), rel=1e-14)
    assert found["recall"] == pytest.approx(float(Fraction(100 * correct, gold)), rel=1e-14)
    assert found["f1"] == pytest.approx(float(Fraction(200 * correct, predicted + gold)), rel=1e-14)


@pytest.mark.parametrize(("precision", "recall", "f1"), [(1.0, 0.5, 2 / 3), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)])
def test_f1_of_two_ratios(precision, recall, f1):
    assert f1_of(precision, recall) == f1_of(recall, precision) == pytest.approx(f1)
