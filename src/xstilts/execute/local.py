"""Run a study on this machine."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from xstilts.encoder import fetch
from xstilts.errors import DataError, EncoderError, TrainingFailedError
from xstilts.execute.keep import release_ended, release_inputs
from xstilts.plan import Plan, Stages
from xstilts.planner import make_plan
from xstilts.spec import RunSpec, StudySpec
from xstilts.stage import RESUMABLE, Stage
from xstilts.store import Store, Writing, write_json

POLL_SECONDS = 0.25  # how often to look whether another process has finished what this one waits for


class Reporter(Protocol):
    """Told what happens; the command line shows it."""

    def plan(self, plan: Stages, todo: int) -> None:
        """The plan is made, `todo` of its stages are to run."""

    def begin(self, stage: Stage) -> None:
        """A stage starts in this process."""

    def progress(self, done: int, total: int, loss: float | None = None) -> None:
        """The stage got so far, in updates (train, pretrain; `loss` is the last one's) or inputs (predict, embed)."""

    def finished(self, left: Sequence[Stage]) -> None:
        """A stage is finished, here or in another process; these are still to run."""

    def message(self, text: str) -> None:
        """Something to know: a damaged folder, a failure, another process at work."""


class Quiet:
    """A reporter that tells nobody."""

    def plan(self, plan: Stages, todo: int) -> None:
        """Ignore it."""

    def begin(self, stage: Stage) -> None:
        """Ignore it."""

    def progress(self, done: int, total: int, loss: float | None = None) -> None:
        """Ignore it."""

    def finished(self, left: Sequence[Stage]) -> None:
        """Ignore it."""

    def message(self, text: str) -> None:
        """Ignore it."""


Followed = TypeVar("Followed", bound=Stages)
Compute = Callable[[Stage, Writing], None]  # what a stage does: from its value to the files of its folder


@dataclass(frozen=True)
class Outcome(Generic[Followed]):
    """How a run ended: the plan it followed, how many stages this process ran, title -> reason of those that failed."""

    plan: Followed
    ran: int
    failed: Mapping[str, str]
    blocked: int  # stages that could not run because an input failed


def _refuse_awaited(plan: Plan) -> None:
    """Refuse to start what cannot be finished.

    Raises:
        DataError: when data that are not on the hub are missing.

    """
    for dataset, obtain in plan.awaited.items():
        raise DataError(f"{plan.study.name} needs {dataset}, which is not here. {obtain} Or take the task out of the study.")


def run_study(study: StudySpec, run: RunSpec, reporter: Reporter, *, helper: bool = False) -> Outcome[Plan]:
    """Run what is missing of a study; returns when every stage is done, failed, or blocked by a failure.

    Args:
        study: what is asked.
        run: where and how.
        reporter: told what happens.
        helper: this process only helps another one, which checks the store and forgets old failures.

    Raises:
        XstiltsError: when the study cannot be planned or the store cannot be written.

    """
    plan = make_plan(study)
    _refuse_awaited(plan)
    if plan.provisional:
        for name in plan.provisional:
            reporter.message(f"downloading encoder {name}")
            fetch(study.encoders[name])
        plan = make_plan(study)
    store = Store(run.out)

    def compute() -> Compute:
        from xstilts.stages import Context, execute  # imports torch, which planning must not

        context = Context(plan, store, run, reporter.progress)
        return lambda stage, writing: execute(stage, context, writing)

    def command() -> list[str]:
        fields = study.model_dump(mode="json", exclude_none=True, exclude={"benchmarks", "declared"})  # `load_study` sets these
        return helper_command("run", study.name, fields, run)

    return follow(plan, run, reporter, compute, None if helper else command)


def follow(
    plan: Followed,
    run: RunSpec,
    reporter: Reporter,
    compute: Callable[[], Compute],
    helpers: Callable[[], Sequence[str]] | None,
) -> Outcome[Followed]:
    """Run what is missing of a plan; returns when every stage is done, failed, or blocked by a failure.

    Args:
        plan: which stages, inputs first.
        run: where and how.
        reporter: told what happens.
        compute: gives what runs a stage; called when there is something to run.
        helpers: gives the command of a process that helps this one; None in a helper, which leaves it to the other one to
            check the store and forget old failures.

    """
    store = Store(run.out)
    if helpers:
        _prepare(plan, store, reporter)
        release_ended(plan, store, run)
    todo = plan.todo(store)
    reporter.plan(plan, len(todo))
    if not todo:
        return Outcome(plan, 0, {}, 0)
    count = min(run.workers, len(todo)) - 1 if helpers else 0
    with _helpers(helpers() if helpers and count else (), count):
        return _Runner(plan, store, run, reporter, todo, compute()).work()


def _prepare(plan: Stages, store: Store, reporter: Reporter) -> None:
    """Set damaged folders aside and forget the failures of earlier runs, which this one tries again."""
    for stage in plan.stages.values():
        if damage := store.damage(stage):
            with store.lock(stage) as mine:
                if mine and store.damage(stage):  # checked again under the lock: another run may have set it aside
                    moved = store.set_aside(stage)
                    reporter.message(
                        f"{stage.title} ({stage.key}) is damaged: {damage}. Moved to {moved}; made again if needed."
                    )
        store.record_failure(stage, None)


def helper_command(verb: str, name: str, fields: Mapping[str, Any], run: RunSpec) -> list[str]:
    """Write the file of a study or a pretraining, and return the command that helps with it; it is sent no object."""
    file = run.out / "studies" / f"{name}.json"  # JSON is YAML too
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, fields)
    settings = run.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    options = [f"--{field.replace('_', '-')}={value}" for field, value in settings.items()]
    return [sys.executable, "-m", "xstilts.cli", verb, str(file), "--helper", *options]


@contextmanager
def _helpers(command: Sequence[str], count: int) -> Iterator[None]:
    """Start processes that work on the same store."""
    helpers = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(count)]  # noqa: S603
    try:
        yield
        for process in helpers:
            process.wait()
    finally:
        for process in helpers:
            process.terminate()


@dataclass
class _Runner(Generic[Followed]):
    """The loop of one process."""

    plan: Followed
    store: Store
    run: RunSpec
    reporter: Reporter
    todo: list[Stage]
    compute: Compute
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    ran: int = 0

    def __post_init__(self) -> None:
        waiting = {stage.key for stage in self.todo}
        self.done = {key for stage in self.todo for key in stage.inputs if key not in waiting}

    def work(self) -> Outcome[Followed]:
        while runnable := self._runnable():
            if not any(self._attempt(stage) for stage in runnable):
                time.sleep(POLL_SECONDS)  # other processes hold all that could run
        titles = {f"{self.plan.stages[key].title} ({key})": reason for key, reason in self.failed.items()}
        return Outcome(self.plan, self.ran, titles, len(self._open()) - len(self.failed))

    def _open(self) -> list[Stage]:
        return [stage for stage in self.todo if stage.key not in self.done]

    def _runnable(self) -> list[Stage]:
        """Return the stages whose inputs are done, in order; none when all is done, failed or blocked."""
        for stage in self._open():
            if not self.plan.needed(stage, self.store):  # done, or made, used and released by another process
                self._finish(stage)
            elif reason := self.store.read_failure(stage):
                self.failed[stage.key] = reason
        return [s for s in self._open() if s.key not in self.failed and self.done.issuperset(s.inputs)]

    def _attempt(self, stage: Stage) -> bool:
        """Run a stage unless another process has it; return whether anything changed."""
        with self.store.lock(stage) as mine:
            if not mine:
                return False
            if self.plan.needed(stage, self.store) and not self.store.read_failure(stage):  # checked again under the lock
                inputs = [self.plan.stages[key] for key in stage.inputs]
                if lost := [one for one in inputs if self.store.state(one) != "done"]:
                    self._reopen(lost)
                else:
                    self._execute(stage)
        return True

    def _reopen(self, lost: Sequence[Stage]) -> None:
        """Have inputs made again that a run of another study has released meanwhile: it knows its own plan alone."""
        for stage in lost:
            self.done.discard(stage.key)
            self.done.update(stage.inputs)  # those that are lost too are found when the stage's turn comes
            if stage not in self.todo:
                self.todo.append(stage)

    def _execute(self, stage: Stage) -> None:
        self.reporter.begin(stage)
        try:
            with self.store.writing(stage, resumable=stage.kind in RESUMABLE) as writing:
                self.compute(stage, writing)
        except (TrainingFailedError, DataError, EncoderError) as error:
            self.store.discard(stage)
            self.store.record_failure(stage, str(error))
            self.reporter.message(f"{stage.title} failed: {error}")
            return
        self.ran += 1
        self._finish(stage)

    def _finish(self, stage: Stage) -> None:
        self.done.add(stage.key)
        self.reporter.finished(self._open())
        release_inputs(stage, self.plan, self.store, self.run)
