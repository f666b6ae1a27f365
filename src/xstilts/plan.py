"""The plan: every stage of a study once, inputs first, and which score each row of the results comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from xstilts.data import DataFile
from xstilts.encoder import EncoderIdentity
from xstilts.fingerprint import key_of
from xstilts.mixture import Work
from xstilts.spec import StudySpec
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.task import Task

TUNED = ("bucc_f1", "squad2")  # metrics with a threshold, which validation data choose


class Stages(Protocol):
    """What the loop over stages asks of a plan, be it a study's or a pretraining's."""

    @property
    def name(self) -> str:
        """What is run, for people."""

    @property
    def stages(self) -> Mapping[str, Stage]:
        """Key -> stage, inputs first."""

    @property
    def children(self) -> Mapping[str, list[Stage]]:
        """Key of a stage -> the stages that have it as an input."""

    def todo(self, store: Store) -> list[Stage]:
        """Return the stages to run, inputs first."""

    def needed(self, stage: Stage, store: Store) -> bool:
        """Return whether one stage is to run."""

    def amount(self, stage: Stage) -> float | None:
        """Return a stage's work in the unit of `estimate.throughput`, None where it is not known."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid: what is evaluated together, in all languages."""

    encoder: str
    intermediate: str
    target: str
    seed: int


@dataclass(frozen=True)
class PlannedScore:
    """Where the rows of one cell in one language come from."""

    cell: Cell
    language: str
    split: str
    zero_shot: bool
    deviation: str
    stage: Stage


@dataclass(frozen=True)
class PlannedPrediction:
    """Predictions that no score is computed from: those of a cell on test data without labels."""

    cell: Cell
    language: str
    split: str
    stage: Stage


@dataclass(frozen=True)
class Plan:
    """The stages of a study, each once, inputs first.

    Attributes:
        stages: key -> stage.
        scores: one for each cell and language.
        uses: key -> the cells whose scores need the stage.
        work: key of a training stage -> its size.
        files: key of a data file's identity -> the file.
        encoders: name in the study -> identity.
        tasks: name -> every task that the study can name.
        unscored: predictions of test data without labels, one for each cell and language.

    """

    study: StudySpec
    stages: Mapping[str, Stage]
    scores: tuple[PlannedScore, ...]
    uses: Mapping[str, tuple[Cell, ...]]
    work: Mapping[str, Work]
    files: Mapping[str, DataFile]
    encoders: Mapping[str, EncoderIdentity]
    tasks: Mapping[str, Task]
    unscored: tuple[PlannedPrediction, ...] = ()

    @property
    def predicted(self) -> tuple[PlannedPrediction, ...]:
        """The predictions of every cell in every language: those that scores are computed from, then the unscored ones."""
        scored = (
            PlannedPrediction(score.cell, score.language, score.split, self.stages[score.stage.inputs[0]])
            for score in self.scores
        )
        return (*scored, *self.unscored)

    @property
    def name(self) -> str:
        """The study's."""
        return self.study.name

    @property
    def provisional(self) -> tuple[str, ...]:
        """Encoders whose tokenizer is not on this machine yet: the keys change once it is."""
        return tuple(name for name, identity in self.encoders.items() if identity.tokenizer is None)

    @property
    def awaited(self) -> dict[str, str]:
        """Data sets that are neither on the hub nor in a folder -> how to get them; then the keys change."""
        return {str(file.identity["dataset"]): file.awaited for file in self.files.values() if file.awaited}

    def same_task(self, intermediate: str, target: str) -> bool:
        """Return whether an intermediate reads the data that the target is trained on: more of the same, a control."""
        own = self.tasks[target].training_task(self.tasks).data
        names = [name for phase in self.study.intermediates.get(intermediate, ()) for name in phase.mix]
        return any((data.path, data.config) == (own.path, own.config) for name in names for data in self.tasks[name].datasets)

    def file(self, identity: Mapping[str, Any]) -> DataFile:
        """Return the data file with this identity."""
        return self.files[key_of(identity)]

    def todo(self, store: Store) -> list[Stage]:
        """Return the stages to run, inputs first: missing scores and predictions, and what is missing of what they need."""
        wanted = {key for planned in self.scores for key in (planned.stage.key, *planned.stage.inputs)}
        wanted |= {planned.stage.key for planned in self.unscored}
        ordered = []
        for stage in reversed(list(self.stages.values())):
            if stage.key in wanted and store.state(stage) != "done":
                ordered.append(stage)
                wanted.update(stage.inputs)
        return ordered[::-1]

    def needed(self, stage: Stage, store: Store) -> bool:
        """Return whether one stage is to run: whether `todo` has it now, without looking at all the others."""
        if store.state(stage) == "done":
            return False
        return stage.kind in ("predict", "score") or any(self.needed(child, store) for child in self.children[stage.key])

    def amount(self, stage: Stage) -> float | None:
        """Return a stage's work: trained examples, predicted or embedded examples, scores; None where it is not known."""
        if stage.kind == "train":
            updates = self.work[stage.key].updates
            return None if updates is None else float(updates * stage.value["settings"]["batch_size"])
        if "data" not in stage.value:
            return 1.0
        rows, limit = self.file(stage.value["data"]).rows, stage.value.get("limit")  # a pool has none
        return None if rows is None else float(min(rows, limit) if limit else rows)

    @cached_property
    def children(self) -> Mapping[str, list[Stage]]:
        """Key of a stage -> the stages that have it as an input."""
        return children_of(self.stages)


def children_of(stages: Mapping[str, Stage]) -> dict[str, list[Stage]]:
    """Return key of a stage -> the stages that have it as an input."""
    found: dict[str, list[Stage]] = {key: [] for key in stages}
    for stage in stages.values():
        for key in stage.inputs:
            found[key].append(stage)
    return found
