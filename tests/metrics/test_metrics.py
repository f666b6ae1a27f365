"""The table of metrics: names, the value each stands for, the error for an unknown name."""

import pytest

from xstilts.errors import XstiltsError
from xstilts.metrics import METRICS, metric

EXAMPLES = {
    "accuracy": (["yes", "no", "no"], ["yes", "no", "yes"], 200 / 3),
    # gold spans: DET, NOUN; predicted: DET, VERB
    "tagging_f1": ([["DET", "NOUN"]], [["DET", "VERB"]], 50.0),
    "span_f1": ([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]], 0.0),
    "bucc_f1": ([("a", "x"), ("b", "y")], [("b", "y"), ("c", "z")], 50.0),
}


def test_every_metric_has_an_example():
    assert set(METRICS) == set(EXAMPLES)


@pytest.mark.parametrize("name", METRICS)
def test_headline_is_one_of_the_computed_values(name):
    gold, predicted, expected = EXAMPLES[name]
    found = metric(name)
    assert found.name == name
    assert found.compute(gold, predicted)[found.headline] == pytest.approx(expected)


def test_unknown_name_gets_the_nearest_one():
    with pytest.raises(XstiltsError, match=r"unknown metric 'acuracy'\. Did you mean 'accuracy'"):
        metric("acuracy")
