"""How a score differs from the standard task's: reduced data, limits, splits. Each row of the results says it."""

from collections.abc import Iterable, Iterator, Mapping

from xstilts.data import DataFile, Source
from xstilts.data.pool import pool_files
from xstilts.spec import FLOOR, StudySpec, TrainSpec
from xstilts.task import Split, Task


def evaluation_deviations(study: StudySpec, source: Source, task: Task, where: tuple[DataFile, Split]) -> tuple[str, ...]:
    """Return how what a target is evaluated on differs from the standard task's; empty when it does not.

    Args:
        study: the study.
        source: where its data lies.
        task: the target.
        where: the file that is evaluated, and its split.

    """
    return (*_evaluation(study, task, *where), *_pool(source, task, where[0]))


def training_deviations(
    study: StudySpec, source: Source, tasks: Mapping[str, Task], intermediate: str, task: Task
) -> tuple[str, ...]:
    """Return how the training behind a target's score after an intermediate differs from the standard tasks'.

    Args:
        study: the study.
        source: where its data lies.
        tasks: name -> every task that the study can name.
        intermediate: the intermediate's name, or FLOOR.
        task: the target.

    """
    return tuple(_training(study, source, _trained(study, tasks, intermediate, task)))


def _evaluation(study: StudySpec, task: Task, file: DataFile, split: Split) -> Iterator[str]:
    if file.deviation:
        yield f"{task.name} evaluation data: {_one_part(file.deviation)}"
    if split == "validation":
        yield "evaluated on the validation split (no labelled test split)"
    if study.limit.evaluate and task.metric != "bucc_f1":
        yield f"at most {study.limit.evaluate} evaluation examples"


def _pool(source: Source, task: Task, queries: DataFile) -> Iterator[str]:
    """Say how the candidates differ from all that the task has."""
    if task.kind != "ranking":
        return
    files = pool_files(source, task)
    if task.pool is None and len(files) < len(task.languages):
        yield f"candidates in {len(files)} of {task.name}'s {len(task.languages)} languages"
    for text in dict.fromkeys(_one_part(file.deviation) for file in files if file.deviation != queries.deviation):
        if text:
            yield f"{task.name} candidates: {text}"


def _training(study: StudySpec, source: Source, trained: Iterable[tuple[Task, TrainSpec]]) -> Iterator[str]:
    once = {task.name: (task, settings) for task, settings in trained}
    for task, settings in once.values():
        train = source.find(task, study.source, "train")
        if train and (differs := _one_part(train.deviation) or _other_size(task, train)):
            yield f"{task.name} training data: {differs}"
        if settings.checkpoint == "best" and not source.find(task, study.source, "validation"):
            yield f"{task.name}: no validation split in the source language, so the last checkpoint is used"
    if study.limit.train and once:
        yield f"at most {study.limit.train} training examples a task"


def _trained(study: StudySpec, tasks: Mapping[str, Task], intermediate: str, task: Task) -> Iterator[tuple[Task, TrainSpec]]:
    """Yield the tasks that the score's model was trained on, with the settings of their run."""
    for phase in study.intermediates[intermediate] if intermediate != FLOOR else ():
        for name in phase.mix:
            yield tasks[name], study.settings("intermediate", phase.name)
    if task.kind != "retrieval":
        yield task.training_task(tasks), study.settings("target", task.name)


def _one_part(text: str) -> str:
    """Keep a mirror's note in one part: parts are told apart by `; `."""
    return text.replace("; ", ", ")


def _other_size(task: Task, train: DataFile) -> str:
    """Say that training data has another size than the standard task's, where both are known and they differ."""
    standard = task.sizes.get("train")
    if standard is None or train.rows is None or train.rows == standard:
        return ""
    return f"{train.rows:,} rows in place of the standard task's {standard:,}"
