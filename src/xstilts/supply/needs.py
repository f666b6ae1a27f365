"""The files that a study reads, and who reads them; those that are nowhere too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from xstilts.data import DataFile, Source, open_source
from xstilts.data.availability import available_languages, partner_languages
from xstilts.data.mirror import Mirror
from xstilts.data.pool import shared_pool
from xstilts.fingerprint import key_of
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.spec import DataSpec, StudySpec
from xstilts.stage import Stage
from xstilts.study_places import lacking, remedy
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow

Role = Literal["train", "validation", "evaluation"]  # validation: chooses checkpoints; evaluation: is scored, or tunes a score
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Reader:
    """One use of a file: the task whose reader reads it, and what for."""

    task: str
    role: Role


@dataclass(frozen=True)
class Need:
    """A file that a study reads.

    Attributes:
        file: the file; of a task that joins several data sets it has parts.
        readers: who reads it, tasks in the order of the plan.

    """

    file: DataFile
    readers: tuple[Reader, ...]

    @property
    def name(self) -> str:
        """What the file is called in tables: data set, configuration and split."""
        return " + ".join(file_name(part) for part in self.file.parts or (self.file,))

    @property
    def absent(self) -> bool:
        """Whether the data source does not have it."""
        return bool(self.file.awaited)

    @property
    def wanted(self) -> str:
        """Say that an absent file is nowhere, and how to get it."""
        return f"{self.file.origin}: not there. {self.file.awaited[0].upper()}{self.file.awaited[1:]}"

    def roles(self) -> str:
        """Return what it is read for, joined with commas."""
        return ", ".join(role for role in ROLES if any(reader.role == role for reader in self.readers))


@dataclass(frozen=True)
class Needs:
    """All that a study reads.

    Attributes:
        plan: the study's plan, in which absent files stand too.
        source: where the files lie.
        files: each file once, as the tasks read them.

    """

    plan: Plan
    source: Source
    files: tuple[Need, ...]

    def parts(self) -> tuple[Need, ...]:
        """Return the files as they lie on disk or on the hub: joined ones taken apart, each once."""
        return _merged((part, need.readers) for need in self.files for part in need.file.parts or (need.file,))


def study_needs(study: StudySpec) -> Needs:
    """Return what a study reads.

    Args:
        study: from `load_study(..., need_data=False)`, so that absent files are told here.

    Raises:
        DataError: when the mirror cannot be opened.
        EncoderError: when an encoder's folder is not one.

    """
    opened = open_source(study.data, study.declared)
    plan = make_plan(study, _Promising(opened, study))
    reads = (read for stage in plan.stages.values() for read in _reads(stage))
    known = [(plan.file(identity), (reader,)) for identity, reader in reads]
    # a stage may read a file in a way of its own
    return Needs(plan, opened, _merged([*known, *((file, ()) for file in plan.files.values())]))


def file_name(file: DataFile) -> str:
    """Return what one file is called in tables; of an own task the data set is the task's name."""
    name = "{dataset} {config}/{split}".format(**file.identity)
    return f"{name} {file.identity['prefix']}" if "prefix" in file.identity else name


def mirror_of(file: DataFile) -> Path | None:
    """Return the mirror folder that a file lies in; None for files of the hub, of own tasks, and absent ones."""
    return Path(file.origin).parents[2] if "sha256" in file.identity and not file.own else None


def licence(need: Need, needs: Needs) -> str:
    """Return the licence of a file: as its mirror says, else as a task declares that reads it or its data set alone."""
    dataset, folder = need.file.identity.get("dataset"), mirror_of(need.file)
    listed = Mirror(folder).listing.get(str(dataset)) if folder else None
    if listed and listed.licence:
        return listed.licence
    readers = [needs.plan.tasks[reader.task] for reader in need.readers]
    others = [task for task in needs.plan.tasks.values() if task.data.path == dataset]
    declared = sorted([*readers, *others], key=lambda task: bool(task.more))
    return declared[0].licence if declared else ""


def mirror_names(needs: Needs) -> dict[str, tuple[str, str]]:
    """Return under which data set and name (configuration/split) a mirror has each file: key of its identity -> both.

    The hub may have a task's rows in another data set, or those of several languages in one file.
    """
    names: dict[str, tuple[str, str]] = {}
    lying = (need for need in needs.files if not (need.file.own or need.file.made))
    for task in (needs.plan.tasks[name] for name in dict.fromkeys(reader.task for need in lying for reader in need.readers)):
        if task.pool and (file := shared_pool(needs.source, task)):
            names[key_of(file.identity)] = (task.pool.path, f"{task.pool.config}/{task.pool.splits['test']}")
        for language in task.languages:
            for one in task.parts(language):
                for split, name in one.data.splits.items():
                    if file := needs.source.find(one, language, split):
                        names.setdefault(key_of(file.identity), (one.data_of(language).path, f"{one.config(language)}/{name}"))
    return names


def _reads(stage: Stage) -> list[tuple[Mapping[str, Any], Reader]]:
    """Return the identities of the files that a stage reads."""
    value = stage.value
    trained = [
        (part[role], Reader(part["task"], role))
        for part in value.get("tasks", ())
        for role in ROLES[:2]
        if isinstance(part, Mapping) and role in part
    ]
    return trained + ([(value["data"], Reader(value["task"], "evaluation"))] if "data" in value else [])


def _merged(files: Iterable[tuple[DataFile, Iterable[Reader]]]) -> tuple[Need, ...]:
    found: dict[str, tuple[DataFile, dict[Reader, None]]] = {}
    for file, readers in files:
        found.setdefault(key_of(file.identity), (file, {}))[1].update(dict.fromkeys(readers))
    return tuple(Need(file, tuple(readers)) for file, readers in found.values())


@dataclass(frozen=True)
class _Promising:
    """A source in which nothing that the study needs is missing: what is nowhere has a file that is marked absent."""

    source: Source
    study: StudySpec

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        found = self.source.find(task, language, split)
        if found is not None or not self._needed(task, language, split):
            return found
        ones = task.parts(language)
        parts = tuple(self.source.find(one, language, split) or _absent(one, language, split, self.study.data) for one in ones)
        if len(parts) == 1:
            return parts[0]
        identity = {"parts": [dict(part.identity) for part in parts]}
        return DataFile(identity, rows=None, deviation="", origin=", then ".join(part.origin for part in parts), parts=parts)

    def table(self, file: DataFile) -> "pyarrow.Table":
        return self.source.table(file)

    def _needed(self, task: Task, language: str, split: Split) -> bool:
        if split not in task.data.splits:
            return False
        if split == "train":
            return language == self.study.source
        if task.name not in self.study.targets or split != ("test" if "test" in task.data.splits else "validation"):
            return False
        splits: Sequence[Split] = ("test", "validation")
        if any(self.source.find(task, language, other) for other in splits):
            return False
        if task.multiway and language in partner_languages(self.study, ()):
            return True
        # without a list, a study leaves out the languages that the source lacks, as long as it has any
        return language in self.study.languages.get(task.name, ()) or not available_languages(self.source, task)


def _absent(task: Task, language: str, split: Split, data: DataSpec) -> DataFile:
    name = task.data.splits[split]
    identity = {"dataset": task.data_of(language).path, "config": task.config(language), "split": name, "awaited": True}
    awaited = f"{lacking(task, language, data)}, split {name}. {remedy(task)}"
    return DataFile(
        identity, rows=None, deviation="", origin=f"{task.data.path} ({identity['config']}/{name})", awaited=awaited
    )
