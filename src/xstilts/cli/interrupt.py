"""Ctrl-C that is neither lost nor heard twice."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer


@contextmanager
def stoppable(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """End the process with code 130 at Ctrl-C, after one line (none where `quiet`).

    Yields a function to call now and then: it raises KeyboardInterrupt where a press was lost, as a library that is being
    imported may swallow it. Further presses raise nothing: while the first is handled they would end in a traceback.
    """
    pressed = False

    def press(*_: Any) -> None:
        nonlocal pressed
        first, pressed = not pressed, True
        if first:
            raise KeyboardInterrupt

    def look() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield look
    except KeyboardInterrupt:  # typer would end without a word
        if not quiet:
            typer.echo("stopped; the same command goes on from the last checkpoint", err=True)
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, before)
