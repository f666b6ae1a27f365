"""The tasks that a study declares: their files found, their columns and labels checked, every mistake with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xstilts.data.formats import FORMATS, format_of
from xstilts.data.own_check import problems
from xstilts.errors import DataError, LanguageError, nearest, unknown
from xstilts.languages import all_languages, language
from xstilts.metrics import METRICS
from xstilts.own_tasks import SPLITS, named_columns, own_tasks
from xstilts.roles import LABELLED_KINDS, METRICS_OF, ROLES
from xstilts.spec import OwnData, OwnTask
from xstilts.study_check import can_train, mapping
from xstilts.study_places import look_up, not_found
from xstilts.study_wording import dotted, shown
from xstilts.study_yaml import Mistake, Place
from xstilts.task import HubData, Split, Task


@dataclass
class Declared:
    """The own tasks of a study.

    Attributes:
        specs: name -> what is declared, with absolute paths and canonical tags; only tasks without a mistake.
        broken: names of the others.

    """

    specs: dict[str, OwnTask] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def tasks(self) -> dict[str, Task]:
        """Name -> task, of those without a mistake."""
        return own_tasks(self.specs)

    def break_up(self, name: str) -> None:
        """Count a task as broken."""
        self.broken.add(name)
        self.specs.pop(name, None)

    def stand_ins(self) -> dict[str, Task]:
        """Return tasks in place of the broken ones, so that they are told once and not wherever they are named."""
        data = HubData("", "{code}", "")
        languages = {each.tag: each.tag for each in all_languages()}
        return {
            name: Task(name, 0, "classification", (), data, languages, "accuracy", lambda _: None, "", "", "")
            for name in self.broken
        }


def declared_tasks(data: Mapping[str, Any], folder: Path, builtin: Mapping[str, Task]) -> tuple[Declared, list[Mistake]]:
    """Return the own tasks of a study's plain data, and what is wrong with them apart from their shape.

    Args:
        data: the study.
        folder: the study file's, in which files are looked up first.
        builtin: name -> task, of those whose names are taken.

    """
    declared, mistakes = Declared(), []
    for name, value in mapping(data.get("tasks")).items():
        if name in builtin:
            text = f"`tasks`: '{name}' is the name of a built-in task, for which its results would pass. Choose another name."
            mistakes.append(Mistake(("tasks", name), text))
            continue
        try:
            spec = OwnTask.model_validate(value)
        except ValidationError:  # worded with the rest of the study
            declared.broken.add(name)
            continue
        files, wrong = _files(spec, name, folder)
        wrong += [*_columns(spec, name), *_labels(spec, name), *_metric(spec, name)]
        mistakes += wrong
        if wrong:
            declared.broken.add(name)
        else:
            declared.specs[name] = spec.model_copy(update={"data": files})
    checks = (_training(declared, builtin), _contents(declared, data))
    for check in checks:
        for mistake in check:
            mistakes.append(mistake)
            declared.break_up(str(mistake.place[1]))
    return declared, mistakes


def _columns(spec: OwnTask, name: str) -> Iterator[Mistake]:
    roles = ROLES[spec.kind]
    for role, columns in named_columns(spec).items():
        place, where = ("tasks", name, "columns", role), f"`tasks.{name}.columns`"
        if role not in roles:
            yield Mistake(place, f"{where}: {unknown('role', role, roles)} Write one of a {spec.kind} task's.")
        elif not columns or not all(columns):
            yield Mistake(
                place, f"{where}: `{role}` names no column; expected a column's name. Write it, or take the line out."
            )
        elif len(columns) > 1 and not roles[role].several:
            text = f"{where}: `{role}` names {len(columns)} columns, {', '.join(columns)}; expected one. Keep the right one."
            yield Mistake(place, text)


def _labels(spec: OwnTask, name: str) -> Iterator[Mistake]:
    place, where = ("tasks", name, "labels"), f"`tasks.{name}.labels`"
    if spec.labels and spec.kind not in LABELLED_KINDS:
        yield Mistake(place, f"{where}: a {spec.kind} task has no labels of its own. Remove the line.")
    elif len(spec.labels) == 1:
        yield Mistake(place, f"{where} has one label, {shown(spec.labels[0])}; expected at least two. Add the others.")
    for i, label in enumerate(spec.labels):
        if label in spec.labels[:i]:
            yield Mistake((*place, i), f"{where} names {shown(label)} twice; each counts once. Remove one.")
        elif not label.strip():
            yield Mistake((*place, i), f"{where} holds an empty text; expected a label. Remove it.")


def _metric(spec: OwnTask, name: str) -> Iterator[Mistake]:
    allowed = METRICS_OF[spec.kind]
    if spec.metric is None or spec.metric in allowed:
        return
    known = f"'{spec.metric}' is none of a {spec.kind} task's. Allowed: {', '.join(allowed)}."
    text = known if spec.metric in METRICS else unknown("metric", spec.metric, allowed)
    yield Mistake(("tasks", name, "metric"), f"`tasks.{name}.metric`: {text} Correct it, or leave it out for {allowed[0]}.")


def _files(spec: OwnTask, name: str, folder: Path) -> tuple[OwnData, list[Mistake]]:
    """Return the files with absolute paths, by canonical tag, and what is wrong with their languages and places."""
    found: dict[Split, dict[str, Path]] = {split: {} for split in SPLITS}
    users: dict[Path, str] = {}
    mistakes = []
    for split in SPLITS:
        codes: dict[str, str] = {}
        for code, written in getattr(spec.data, split).items():
            place: Place = ("tasks", name, "data", split, code)
            field_name = dotted(place)
            try:
                tag = language(code).tag
            except LanguageError as error:
                mistakes.append(Mistake(place, f"`tasks.{name}.data.{split}`: {error}"))
                continue
            if tag in codes:
                text = f"`tasks.{name}.data.{split}`: '{codes[tag]}' and '{code}' both mean {tag}; each language has one file. "
                mistakes.append(Mistake(place, text + "Join the files, or correct the language."))
                continue
            codes[tag] = code
            path, wrong = _file(written, field_name, folder)
            if path and path.resolve() in users:
                wrong = f"`{field_name}` and `{users[path.resolve()]}` are one file, {path}; expected two. Correct one of them."
            if path:
                users[path.resolve()] = field_name
                found[split][tag] = path
            if wrong or (wrong := _unsuitable(spec, split, path, field_name)):
                mistakes.append(Mistake(place, wrong))
    if not any(getattr(spec.data, split) for split in SPLITS):
        text = f"`tasks.{name}.data` names no file; expected one at least. Write, for example, `train: {{en: train.csv}}`."
        mistakes.append(Mistake(("tasks", name, "data"), text))
    return OwnData.model_validate(found), mistakes


def _file(written: Path, field_name: str, folder: Path) -> tuple[Path | None, str]:
    """Return the file that a study names and what is wrong with it."""
    path, tried = look_up(str(written), folder)
    if path is None:
        near = nearest(written.name, [file.name for file in _beside(tried[0])])
        return None, not_found(field_name, str(written), tried) + (f" Did you mean '{near}'?" if near else "")
    if path.is_dir():
        files = ", ".join(file.name for file in list(_beside(path / "any"))[:8])
        return None, f"`{field_name}` is a folder, {path}; expected a file. Name one{f' of {files}' if files else ''}."
    try:
        format_of(path)
    except DataError as error:
        return None, f"`{field_name}`: {error}"
    return path, ""


def _beside(path: Path) -> list[Path]:
    try:
        return sorted(file for file in path.parent.iterdir() if file.suffix.lower() in FORMATS)
    except OSError:
        return []


def _unsuitable(spec: OwnTask, split: Split, path: Path | None, field_name: str) -> str:
    """Say why a kind cannot be read from a format, or from a split; empty when it can."""
    if path is None:
        return ""
    name, why = format_of(path).name, ""
    if split == "train" and spec.kind == "retrieval":
        why = "retrieval trains nothing, so it has no train split; expected `validation` or `test`. Call it so, or remove it."
    elif name == "conll" and spec.kind != "tagging":
        why = f"{path.name} holds tagged words; expected .csv, .tsv, .jsonl or .parquet for a {spec.kind} task. Save it so."
    elif name in ("csv", "tsv") and spec.kind == "tagging":
        why = f"a cell of {path.name} holds no list of words; expected .conll, .jsonl or .parquet for tagging. Save it so."
    return f"`{field_name}`: {why}" if why else ""


def _training(declared: Declared, builtin: Mapping[str, Task]) -> Iterator[Mistake]:
    """Find tasks whose `train_from` names no task that they can be trained from."""
    tasks = {**builtin, **declared.tasks}
    for name, spec in list(declared.specs.items()):
        place, where = ("tasks", name, "train_from"), f"`tasks.{name}.train_from`"
        if spec.train_from is None or spec.train_from in declared.broken:
            continue
        if spec.train_from not in tasks or spec.train_from == name:
            yield Mistake(place, f"{where}: {unknown('task', spec.train_from, tasks.keys() - {name})} Correct or remove it.")
            continue
        other = tasks[spec.train_from]
        if spec.data.train:
            text = f"{where} is '{other.name}', but `data.train` has training data too; expected one of the two. Remove one."
            yield Mistake(place, text)
        elif not can_train(other):
            instead = f" Name {other.train_from}, on which it is trained." if other.train_from else " Name another."
            yield Mistake(place, f"{where}: '{other.name}' has no training data of its own.{instead}")
        elif other.kind != spec.kind:
            text = f"{where}: '{other.name}' is {other.kind}, this task {spec.kind}; one head cannot do both. Name another."
            yield Mistake(place, text)
        elif other.labels and (strange := [label for label in spec.labels if label not in other.labels]):
            text = f"{where}: {unknown('label', strange[0], other.labels)} A head trained on '{other.name}' has those alone: "
            yield Mistake(place, text + "give `labels` the same names.")
        else:  # a model can predict the labels it was trained on
            declared.specs[name] = spec.model_copy(update={"labels": spec.labels or other.labels})


def _contents(declared: Declared, data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find rows that cannot be read: before training, for a mistake in test data would be told only after it."""
    skip = mapping(data.get("data")).get("on_bad_row") == "skip"
    for name, task in declared.tasks.items():
        written = data["tasks"][name]["data"]
        for split, tag, text in problems(task, "skip" if skip else "stop"):
            code = next(code for code in written[split] if language(code).tag == tag)
            yield Mistake(("tasks", name, "data", split, code), f"`tasks.{name}`: {text}")
