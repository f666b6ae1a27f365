"""The lines of a run's progress."""

import pytest

from xstilts.display import MEAN_WEIGHT, PlainReporter
from xstilts.stage import Stage

TRAIN = Stage("train", {"tasks": [{"task": "xnli"}], "seed": 1, "settings": {"batch_size": 32}})
PREDICT = Stage("predict", {"task": "xnli", "data": {"config": "sw", "split": "test"}})


@pytest.fixture
def reporter(monkeypatch: pytest.MonkeyPatch) -> PlainReporter:
    """Give a reporter that speaks at every step, in a world where each look at the clock takes a second."""
    ticks = iter(range(1_000))
    monkeypatch.setattr("xstilts.display.time.monotonic", lambda: float(next(ticks)))
    reporter = PlainReporter()
    reporter.every_seconds = 0.0
    return reporter


def test_a_training_shows_the_running_mean_of_its_loss(reporter: PlainReporter, capsys: pytest.CaptureFixture[str]) -> None:
    reporter.begin(TRAIN)
    reporter.progress(0, 100)  # resumed: nothing is trained yet
    reporter.progress(10, 100, 2.0)
    reporter.progress(20, 100, 1.0)
    _, resumed, first, second = capsys.readouterr().err.splitlines()
    assert "loss" not in resumed
    assert first.startswith("    10/100 loss 2.00, ")
    assert second.startswith(f"    20/100 loss {2 - MEAN_WEIGHT:.2f}, ")
    assert "examples/s" in second


def test_a_prediction_shows_no_loss(reporter: PlainReporter, capsys: pytest.CaptureFixture[str]) -> None:
    reporter.begin(TRAIN)
    reporter.progress(10, 100, 2.0)
    reporter.begin(PREDICT)
    reporter.progress(1, 10)
    reporter.progress(2, 10)
    assert "loss" not in capsys.readouterr().err.split("predict")[1]
