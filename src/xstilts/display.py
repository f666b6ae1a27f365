"""What the command line shows: tables and the progress of a run."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from xstilts.estimate import seconds_left
from xstilts.plan import Stages
from xstilts.stage import Stage

MEAN_WEIGHT = 0.02  # of the last update in the loss that is shown


def duration(seconds: float | None) -> str:
    """Return a duration for people: `42 s`, `3 min`, `2.5 h`; `unknown` for None."""
    if seconds is None:
        return "unknown"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit in ("B", "kB") else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", notes: Sequence[str] = ()) -> None:
    """Print a table on standard output, with notes below it; numbers are aligned right."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    rows = [list(row) for row in rows]
    for i, name in enumerate(columns):
        numeric = any(isinstance(row[i], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row))
    # a table in a pipe or a file must not be folded to the width of a terminal that is not there
    console = Console(width=None if sys.stdout.isatty() else 200, soft_wrap=not sys.stdout.isatty())
    console.print(table)
    for note in notes:
        console.print(note, highlight=False, markup=False, style="dim")


class _Clock:
    """Loss, speed and time left of the stage that runs, and time left of the whole."""

    def __init__(self) -> None:
        self.plan: Stages | None = None
        self.speed: Mapping[str, float] = {}
        self.stage: Stage | None = None
        self.started, self.first, self.done = 0.0, 0, 0
        self.loss: float | None = None  # a running mean: single updates differ
        self.look: Callable[[], None] = lambda: None  # called at each step: it stops a run whose Ctrl-C was lost

    def begin(self, stage: Stage) -> None:
        self.look()
        self.stage, self.started, self.first, self.done = stage, time.monotonic(), -1, 0
        self.loss = None

    def progress(self, done: int, total: int, loss: float | None) -> str:
        """Return `loss 0.62, 312 examples/s, 40 s left` for the stage."""
        self.look()
        assert self.stage is not None
        if loss is not None:
            self.loss = loss if self.loss is None else self.loss + MEAN_WEIGHT * (loss - self.loss)
        if self.first < 0:
            self.first = done  # a resumed stage does not start at 0
        self.done = done
        passed, steps = time.monotonic() - self.started, done - self.first
        if passed <= 0 or steps <= 0:
            return ""
        each, unit = _work_of_a_step(self.stage)
        shown = "" if self.loss is None else f"loss {self.loss:.2f}, "
        return f"{shown}{each * steps / passed:.0f} {unit}/s, {duration((total - done) * passed / steps)} left"


def _work_of_a_step(stage: Stage) -> tuple[int, str]:
    """Return how much one step of a stage's progress is, and of what."""
    if stage.kind == "train":
        return stage.value["settings"]["batch_size"], "examples"
    return (stage.value["train"]["tokens"], "sub-tokens") if stage.kind == "pretrain" else (1, "examples")


class RichReporter:
    """Live progress on a terminal: a line for the study, a line for the stage."""

    def __init__(self, speed: Mapping[str, float]) -> None:
        self.console = Console(stderr=True)
        self.clock = _Clock()
        self.clock.speed = speed
        self.bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(), console=self.console,
        )  # fmt: skip
        self.todo = 0
        self.study: TaskID | None = None
        self.stage: TaskID | None = None

    def __enter__(self) -> "RichReporter":
        """Start the display."""
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the display."""
        self.bars.stop()

    def plan(self, plan: Stages, todo: int) -> None:
        """Show the study's line."""
        self.clock.plan, self.todo = plan, todo
        self.study = self.bars.add_task(f"[bold]{plan.name}", total=todo, note="")

    def begin(self, stage: Stage) -> None:
        """Show the stage's line."""
        self.clock.begin(stage)
        if self.stage is not None:
            self.bars.remove_task(self.stage)
        self.stage = self.bars.add_task(stage.title, total=None, note="")

    def progress(self, done: int, total: int, loss: float | None = None) -> None:
        """Move the stage's bar."""
        if self.stage is not None:
            self.bars.update(self.stage, completed=done, total=total, note=self.clock.progress(done, total, loss))

    def finished(self, left: Sequence[Stage]) -> None:
        """Move the study's bar and show the time that the rest takes."""
        if self.study is None or self.clock.plan is None:
            return
        seconds = seconds_left(self.clock.plan, left, self.clock.speed)
        note = "" if seconds is None else f"about {duration(seconds)} left"
        self.bars.update(self.study, completed=self.todo - len(left), note=note)

    def message(self, text: str) -> None:
        """Print a line above the bars."""
        self.bars.console.print(text, markup=False, highlight=False)


class PlainReporter:
    """One line a stage, and one every half minute within long stages, for logs and pipes."""

    every_seconds = 30.0

    def __init__(self) -> None:
        self.clock = _Clock()
        self.todo, self.count, self.spoken = 0, 0, 0.0

    def __enter__(self) -> "PlainReporter":
        """Start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""

    def plan(self, plan: Stages, todo: int) -> None:
        """Say how much there is to do."""
        self.clock.plan, self.todo = plan, todo
        self.message(f"{plan.name}: {todo} of {len(plan.stages)} stages to run")

    def begin(self, stage: Stage) -> None:
        """Say which stage starts."""
        self.clock.begin(stage)
        self.spoken = time.monotonic()
        self.message(f"[{self.count + 1}/{self.todo}] {stage.title} ({stage.key})")

    def progress(self, done: int, total: int, loss: float | None = None) -> None:
        """Say now and then how far the stage is."""
        note = self.clock.progress(done, total, loss)
        if time.monotonic() - self.spoken >= self.every_seconds:
            self.spoken = time.monotonic()
            self.message(f"    {done}/{total} {note}")

    def finished(self, left: Sequence[Stage]) -> None:
        """Count; the numbers at the start of the lines tell."""
        self.count = self.todo - len(left)

    def message(self, text: str) -> None:
        """Print a line."""
        sys.stderr.write(f"{text}\n")  # in one piece: several workers write here
        sys.stderr.flush()
