"""Mistakes of a study that its shape does not show: names that mean nothing, repetitions, what cannot be trained.

Every check reads the file's plain data without trusting its shape, so that one run reports all mistakes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from xstilts.benchmarks import BENCHMARKS
from xstilts.errors import LanguageError, nearest, unknown
from xstilts.languages import resolve
from xstilts.spec import BASELINE, FLOOR, SOURCE_LANGUAGE, Phase, TrainSpec
from xstilts.study_targets import named_benchmarks, named_targets, target_tasks
from xstilts.study_wording import dotted, shown, validated
from xstilts.study_yaml import Mistake, Place
from xstilts.task import Task


@dataclass(frozen=True)
class Use:
    """One mention of a task as a target, or in a mixture of an intermediate.

    Attributes:
        task: the task.
        trained: the task whose training data is used: another than `task` for a target that has none of its own.
        place: where it stands in the study file.

    """

    task: Task
    trained: Task
    place: Place


def mistakes_in(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Iterator[Mistake]:
    """Yield the mistakes that need no look at encoders or data."""
    yield from _targets(data, tasks)
    yield from _mixtures(data, tasks)
    yield from _baseline(data)
    yield from _equal_intermediates(data)
    yield from _repeated(data, "seeds", int)
    yield from _overrides(data, tasks)
    yield from _unlabelled_source(data, tasks)
    if "benchmarks" in data:
        yield Mistake(("benchmarks",), "unknown field 'benchmarks'. Benchmarks are targets: write `targets: [xtreme]`.")
    if "declared" in data:
        text = "unknown field 'declared'. Languages are declared in a file of their own: write `family: family.yaml`."
        yield Mistake(("declared",), text)
    if mapping(data.get("retrieval")).get("layers") == []:
        yield Mistake(("retrieval", "layers"), "`retrieval.layers` is an empty list, so nothing is compared. Write `middle`.")
    datasets = {data.path for task in tasks.values() for data in task.datasets if data.revision}  # what is on the hub
    for name in mapping(mapping(data.get("data")).get("revisions")):
        if name not in datasets:
            place = ("data", "revisions", name)
            yield Mistake(place, f"`data.revisions`: {unknown('data set', name, datasets)} Correct or remove it.")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping as it is, anything else as an empty one: its shape is another check's business."""
    return value if isinstance(value, dict) else {}


def texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield the texts of a list with their places."""
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, str):
            yield (*place, index), item


def uses(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> tuple[list[Use], list[Use]]:
    """Return the known tasks that a study mentions: in intermediates, and as targets, in the order of the file."""
    mixed = [Use(tasks[name], tasks[name], place) for place, name in _mixed(data) if name in tasks]
    named = [(tasks[name], place) for name, place in target_tasks(data, tasks).items() if name in tasks]
    return mixed, [Use(task, task.training_task(tasks), place) for task, place in named]


def canonical_source(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> tuple[str, list[Mistake]]:
    """Return the canonical tag of the source language; the default and a mistake where what is written means none."""
    code = data.get("source", SOURCE_LANGUAGE)
    if not isinstance(code, str):
        return SOURCE_LANGUAGE, []
    trained = [task for task in tasks.values() if can_train(task)]
    try:
        return resolve(code, {tag: own for task in trained for tag, own in task.languages.items()}), []
    except LanguageError as error:
        return SOURCE_LANGUAGE, [Mistake(("source",), f"`source`: {error}")]


def canonical_languages(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> tuple[dict[str, tuple[str, ...]], list[Mistake]]:
    """Return task -> the canonical tags that `languages` lists for it, and what is wrong with them."""
    found: dict[str, tuple[str, ...]] = {}
    mistakes = []
    targets = list(target_tasks(data, tasks))
    for name, codes in mapping(data.get("languages")).items():
        place = ("languages", name)
        if name not in tasks:
            mistakes.append(Mistake(place, f"`languages`: {_unknown_task(name, tasks)}"))
            continue
        if targets and name not in targets:
            text = f"`languages` lists languages of '{name}', which is no target; targets are {_listed(targets)}. "
            mistakes.append(Mistake(place, text + f"Add {name} to `targets:`, or remove this line."))
        if codes == []:
            text = f"`languages.{name}` is an empty list; expected at least one language. "
            mistakes.append(Mistake(place, text + "Remove it to evaluate in all of the task's."))
        tags: dict[str, str] = {}
        for where, code in texts(codes, place):
            try:
                tag = resolve(code, tasks[name].languages)
            except LanguageError as error:
                mistakes.append(Mistake(where, f"`languages.{name}`: {error}"))
                continue
            if tag in tags:
                text = f"`languages.{name}`: '{tags[tag]}' and '{code}' both mean {tag}; each language counts once. "
                mistakes.append(Mistake(where, text + "Remove one."))
            tags.setdefault(tag, code)
        found[name] = tuple(tags)
    return found, mistakes


def can_train(task: Task) -> bool:
    """Whether a task has labels to train on: retrieval has not, nor has a data set without a train split."""
    return task.kind != "retrieval" and "train" in task.data.splits


def _unknown_task(name: str, tasks: Mapping[str, Task]) -> str:
    return unknown("task", name, tasks, hint=f"`xstilts tasks` lists all {len(tasks)}.")


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _mixed(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield the names of tasks in all mixtures with their places."""
    for name, phases in mapping(data.get("intermediates")).items():
        for index, phase in enumerate(phases if isinstance(phases, list) else []):
            place = ("intermediates", name, index)
            if isinstance(phase, str):
                yield place, phase
            yield from texts(mapping(phase).get("mix"), (*place, "mix"))


def _targets(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Iterator[Mistake]:
    yield from _repeated(data, "targets", str)
    benchmarks = named_benchmarks(data, tasks)
    for place, name in named_targets(data):
        if name in benchmarks:
            continue
        if among := [benchmark.name for benchmark in benchmarks.values() if name in (task.name for task in benchmark.tasks)]:
            text = f"`targets`: '{name}' is a task of {_listed(among)} already; each counts once. Remove it; "
            yield Mistake(place, text + f"`languages: {{{name}: [...]}}` chooses its languages.")
        elif name not in tasks and nearest(name, [*tasks, *BENCHMARKS]) in BENCHMARKS:
            yield Mistake(place, f"`targets`: {unknown('task or benchmark', name, BENCHMARKS)} Correct or remove it.")
        elif name not in tasks:
            yield Mistake(place, f"`targets`: {_unknown_task(name, tasks)}")
        elif tasks[name].kind != "retrieval" and not can_train(tasks[name].training_task(tasks)):
            yield Mistake(place, f"`targets`: '{name}' has no training data, so no head can be trained for it. Remove it.")


def _mixtures(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Iterator[Mistake]:
    for place, name in _mixed(data):
        where = f"`{dotted(place[:2])}`"
        if name not in tasks:
            yield Mistake(place, f"{where}: {_unknown_task(name, tasks)}")
        elif not can_train(tasks[name]):
            other = tasks[name].train_from
            advice = (
                f"Name {other}, whose data it is trained on as a target."
                if other
                else ("Name a task with training data; `xstilts tasks` shows which have.")
            )
            yield Mistake(
                place,
                f"{where}: '{name}' has no training data ({tasks[name].kind}), so it cannot be an intermediate task. {advice}",
            )


def _repeated(data: Mapping[str, Any], field: str, kind: type) -> Iterator[Mistake]:
    values = data.get(field)
    seen = set()
    for index, value in enumerate(values if isinstance(values, list) else []):
        if type(value) is not kind:
            continue
        if value in seen:
            text = f"`{field}` names {shown(value)} twice; each counts once. Remove one."
            yield Mistake((field, index), text)
        seen.add(value)


def _baseline(data: Mapping[str, Any]) -> Iterator[Mistake]:
    intermediates = mapping(data.get("intermediates"))
    empty = [name for name, phases in intermediates.items() if not phases]
    if FLOOR in intermediates:
        text = f"`intermediates`: the name '{FLOOR}' stands for encoders with random weights in the results."
        yield Mistake(("intermediates", FLOOR), f"{text} Choose another name.")
    if intermediates and not empty:
        yield Mistake(
            ("intermediates",),
            "no baseline among the intermediates, so no gain can be computed. "
            f"Add `{BASELINE}: []`: it means no intermediate training.",
        )
    for name in empty[1:]:
        text = f"`intermediates` has two baselines (empty lists): {shown(empty[0])} and {shown(name)}. "
        yield Mistake(("intermediates", name), text + "Gains need exactly one. Remove one, or name its tasks.")


def _equal_intermediates(data: Mapping[str, Any]) -> Iterator[Mistake]:
    first: dict[tuple[Phase, ...], str] = {}
    for name, phases in mapping(data.get("intermediates")).items():
        if not isinstance(phases, list) or not phases:
            continue
        try:
            value = tuple(Phase.model_validate({"mix": [phase]} if isinstance(phase, str) else phase) for phase in phases)
        except ValidationError:
            continue
        if value in first:
            text = f"`intermediates`: {shown(first[value])} and {shown(name)} are the same phases: "
            yield Mistake(("intermediates", name), text + "one result would have two names. Change or remove one.")
        first.setdefault(value, name)


def _overrides(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Iterator[Mistake]:
    intermediates = mapping(data.get("intermediates"))
    targets = set(target_tasks(data, tasks))
    trained = {f"target/{name}" for name in targets if name not in tasks or can_train(tasks[name].training_task(tasks))}
    allowed = {
        "target",
        "intermediate",
        *trained,
        *(f"intermediate/{name}" for phases in intermediates.values() for name in _phase_names(phases)),
    }
    overrides = mapping(data.get("overrides"))
    for name, changes in overrides.items():
        place = ("overrides", name)
        role, _, subject = name.partition("/")
        if name not in allowed and role == "target" and subject in targets:
            text = f"`overrides`: '{name}' changes nothing: {subject} is {tasks[subject].kind}, which trains no head. "
            yield Mistake(place, text + "Remove it; `retrieval:` holds its settings.")
        elif name not in allowed and role == "intermediate" and (named := list(_phase_names(intermediates.get(subject)))):
            text = f"`overrides`: '{name}' is no training run: phases are named by their tasks, and those of "
            yield Mistake(place, text + f"{subject} are {_listed(named)}. Write `intermediate/{named[0]}`.")
        elif name not in allowed and {"target": targets, "intermediate": intermediates}.get(role, True):
            yield Mistake(place, f"`overrides`: {unknown('training run', name, allowed)} Correct or remove it.")
        if isinstance(changes, dict):
            merged = {**mapping(data.get("train")), **mapping(overrides.get(role)), **changes}
            _, mistakes = validated(TrainSpec, merged, place)
            yield from (mistake for mistake in mistakes if len(mistake.place) == 2 or mistake.place[2] in changes)


def _phase_names(phases: Any) -> Iterator[str]:
    for phase in phases if isinstance(phases, list) else []:
        names = [phase] if isinstance(phase, str) else [name for _, name in texts(mapping(phase).get("mix"), ())]
        if names:
            yield "+".join(names)


def _unlabelled_source(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Iterator[Mistake]:
    source, mistakes = canonical_source(data, tasks)
    if mistakes:
        return
    mixed, targets = uses(data, tasks)
    told = set()
    for use in mixed + targets:
        task = use.trained
        if task.name not in told and can_train(task) and source not in task.languages:
            told.add(task.name)
            why = "" if task is use.task else f", on which '{use.task.name}' is trained,"
            yield Mistake(
                use.place,
                f"'{task.name}'{why} has no examples in the source language {source}; its languages are "
                f"{', '.join(list(task.languages)[:20])}. Choose another `source:`, or take the task out.",
            )
