"""Tasks of a study's own: the value `Task` of what the study says of one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from xstilts.errors import nearest
from xstilts.roles import METRICS_OF
from xstilts.spec import OwnTask
from xstilts.task import (
    PROBLEM,
    BadRowError,
    Bitext,
    Choices,
    Example,
    HubData,
    LabelledText,
    OwnFiles,
    Question,
    Row,
    Split,
    TaggedWords,
    Task,
)

VERSION = 1  # of the readers below; raise it when any example could change
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def own_tasks(declared: Mapping[str, OwnTask]) -> dict[str, Task]:
    """Return name -> task of what a study declares; languages are canonical tags, as `load_study` gives them."""
    return {name: _task(name, spec) for name, spec in declared.items()}


def named_columns(spec: OwnTask) -> dict[str, tuple[str, ...]]:
    """Return role -> the columns that a study names for it, as text; of CoNLL files they are numbers."""
    return {r: tuple(c) if isinstance(c, tuple) else (str(c),) for r, c in spec.columns.items()}


def _task(name: str, spec: OwnTask) -> Task:
    paths = {(split, language): path for split in SPLITS for language, path in getattr(spec.data, split).items()}
    columns = named_columns(spec)
    return Task(
        name=name,
        title=f"{name}: a task of the study's own",
        version=VERSION,
        kind=spec.kind,
        labels=spec.labels,
        data=HubData(f"tasks.{name}", "{code}", "", splits={split: split for split in SPLITS if getattr(spec.data, split)}),
        languages={language: language for _, language in paths},
        metric=spec.metric or METRICS_OF[spec.kind][0],
        read_row=_reader(spec, columns),
        licence="",
        citation="",
        train_from=spec.train_from,
        own=OwnFiles(paths, columns),
    )


def _reader(spec: OwnTask, columns: Mapping[str, Sequence[str]]) -> Callable[[Row], Example]:
    read = READERS[spec.kind]

    def read_row(row: Row) -> Example:
        if row[PROBLEM] is not None:
            raise BadRowError(row[PROBLEM])
        example = read(row)
        if isinstance(example, LabelledText) and example.label is not None:
            _check(example.label, spec.labels, f"label {example.label!r} in column {columns.get('label', ('label',))[0]!r}")
        if isinstance(example, TaggedWords):
            for i, (word, tag) in enumerate(zip(example.words, example.tags or (), strict=False), start=1):
                _check(tag, spec.labels, f"tag {tag!r} of word {i} of the sentence, {word!r}")
        return example

    return read_row


def _check(label: str, labels: Sequence[str], what: str) -> None:
    if labels and label not in labels:
        near = nearest(label, labels)
        raise BadRowError(f"{what}; expected one of {', '.join(labels)}{f'; perhaps {near!r}' if near else ''}")


def _classified(row: Row) -> LabelledText:
    return LabelledText(row["first"], row.get("second"), row.get("label"))


def _chosen(row: Row) -> Choices:
    return Choices(row["prompt"], tuple(row["options"]), row.get("label"))


def _tagged(row: Row) -> TaggedWords:
    return TaggedWords(tuple(row["words"]), tuple(row["tags"]) if "tags" in row else None)


def _asked(row: Row) -> Question:
    return Question(row["context"], row["question"], tuple(row.get("answers", ())), tuple(row.get("starts", ())))


def _paired(row: Row) -> Bitext:
    return Bitext((row["foreign"],), (row["source"],), ((0, 0),))


READERS: Mapping[str, Callable[[Row], Example]] = MappingProxyType(
    {"classification": _classified, "multiple_choice": _chosen, "tagging": _tagged, "span": _asked, "retrieval": _paired}
)
