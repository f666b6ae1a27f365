"""Ctrl-C: heard once, also where a library swallowed it."""

import contextlib
import os
import signal
from collections.abc import Callable

import pytest

from xstilts.cli.interrupt import stoppable
from xstilts.display import PlainReporter
from xstilts.stage import Stage


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def ending_of(work: Callable[[PlainReporter], None], *, quiet: bool = True) -> object:
    """Do the work as a verb does, and return the exit code."""
    reporter = PlainReporter()
    with stoppable(quiet=quiet) as reporter.clock.look, reporter:
        work(reporter)
    return 0


@pytest.mark.parametrize("quiet", [False, True])
def test_a_press_ends_the_run_with_one_line(capsys: pytest.CaptureFixture[str], *, quiet: bool) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        ending_of(lambda _: press(), quiet=quiet)
    assert ended.value.code == 130
    assert capsys.readouterr().err == ("" if quiet else "stopped; the same command goes on from the last checkpoint\n")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_press_that_was_swallowed_stops_the_next_step() -> None:
    steps = []

    def work(reporter: PlainReporter) -> None:
        reporter.begin(Stage("score", {"metric": "accuracy"}))
        reporter.progress(1, 3)
        with contextlib.suppress(KeyboardInterrupt):  # as a library that is being imported
            press()
        steps.append("goes on")
        reporter.progress(2, 3)
        steps.append("too far")

    with pytest.raises(SystemExit) as ended:
        ending_of(work)
    assert ended.value.code == 130
    assert steps == ["goes on"]


def test_a_second_press_does_not_disturb_the_first() -> None:
    cleaned = []

    def work(_: PlainReporter) -> None:
        try:
            press()
        finally:
            press()
            cleaned.append(True)

    with pytest.raises(SystemExit):
        ending_of(work)
    assert cleaned == [True]


def test_what_is_not_interrupted_goes_on() -> None:
    assert ending_of(lambda reporter: reporter.clock.look()) == 0
