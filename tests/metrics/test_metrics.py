"""The table of metrics: names, the value each stands for, the error for an unknown name."""

import pytest

from xstilts.errors import XstiltsError
from xstilts.metrics import METRICS, metric

EXAMPLES = {
    "accuracy": (["yes", "no", "no"], ["yes", "no", "yes"], 200 / 3),
    "token_accuracy": ([["N", "NP"], ["N"]], [["N", "N"], ["N"]], 200 / 3),
    # gold spans: DET, NOUN; predicted: DET, VERB
    "tagging_f1": ([["DET", "NOUN"]], [["DET", "VERB"]], 50.0),
    "span_f1": ([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]], 0.0),
    "bucc_f1": ([("a", "x"), ("b", "y")], [("b", "y"), ("c", "z")], 50.0),
    "xsim": (["0", "1", "2"], [("0", "0"), ("2", "1"), ("1", "0")], 100 / 3),
    "squad": ([("in Denver", "Denver, Colorado")], ["Denver"], 200 / 3),
    "squad2": ([("Denver",), ()], ["Boston", ""], 50.0),
    "mlqa": ([("电化电池",)], ["电池"], 200 / 3),
    "map_at_20": ([("Q1",)], [["Q2", "Q1"]], 50.0),
}


def test_every_metric_has_an_example():
    assert set(METRICS) == set(EXAMPLES)


@pytest.mark.parametrize("name", METRICS)
def test_headline_is_one_of_the_computed_values(name):
    gold, predicted, expected = EXAMPLES[name]
    found = metric(name)
    assert found.name == name
    assert found.compute(gold, predicted, language="zh")[found.headline] == pytest.approx(expected)


def test_the_language_matters_where_the_metric_says_so():
    gold, predicted, _ = EXAMPLES["mlqa"]
    for name, scorer in METRICS.items():
        assert scorer.by_language == (name == "mlqa")
    assert metric("mlqa").compute(gold, predicted, language="en")["f1"] == 0.0
    assert metric("squad").compute(gold, predicted, language="zh") == metric("squad").compute(gold, predicted)
    with pytest.raises(ValueError, match="the metric mlqa needs the language"):
        metric("mlqa").compute(gold, predicted)


def test_unknown_name_gets_the_nearest_one():
    with pytest.raises(XstiltsError, match=r"unknown metric 'acuracy'\. Did you mean 'accuracy'"):
        metric("acuracy")
