"""xSIM counts what the margin gets wrong, accuracy what the chosen similarity gets right."""

import pytest

from xstilts.errors import DataError
from xstilts.metrics.xsim import xsim


def test_the_two_are_counted_apart():
    gold = ["0", "1", "2", "3"]
    predicted = [("0", "0"), ("1", "2"), ("2", "0"), ("0", "3")]
    assert xsim(gold, predicted) == {"accuracy": 75.0, "xsim": 50.0}


def test_by_margin_they_add_up_to_all():
    found = xsim(["a", "b", "c", "d"], [("a", "a"), ("c", "c"), ("a", "a"), ("a", "a")])
    assert found == {"accuracy": 25.0, "xsim": 75.0}


def test_nothing_to_score_is_refused():
    with pytest.raises(DataError, match="0 gold labels"):
        xsim([], [])
    with pytest.raises(ValueError, match="zip"):
        xsim(["a"], [])
