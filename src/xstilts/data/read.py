"""Examples from files: every row, or the first ones of a shuffle; bad rows named; placeholders refused."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, NoReturn

from xstilts.data import DataFile, Source
from xstilts.data.order import shuffled
from xstilts.errors import DataError, PlaceholderError
from xstilts.passages import Match
from xstilts.task import LINE, BadRowError, Bitext, Choices, Example, LabelledText, Question, Sentence, TaggedWords, Task

if TYPE_CHECKING:
    import pyarrow

BLOCK = 1024  # rows turned into Python values at a time
PLACEHOLDER_SIZE = 10  # so many examples with one label are no accident

OnBadRow = Literal["stop", "skip"]


@dataclass(frozen=True)
class Examples:
    """The examples of one file.

    Attributes:
        items: in the order of the file.
        ids: row number of each in the file, counted from 0, as text.
        skipped: bad rows met and left out under `on_bad_row: skip`.

    """

    items: tuple[Example, ...]
    ids: tuple[str, ...]
    skipped: int


@dataclass(frozen=True)
class BitextExamples:
    """The sentences of one file for retrieval.

    Attributes:
        bitext: the rows' sentences joined, the gold pairs moved along.
        ids: of each foreign sentence: its row, or `row.position` where a row holds collections; counted from 0.
        skipped: bad rows left out under `on_bad_row: skip`.

    """

    bitext: Bitext
    ids: tuple[str, ...]
    skipped: int


def read_examples(
    source: Source,
    task: Task,
    file: DataFile,
    *,
    limit: int | None = None,
    on_bad_row: OnBadRow = "stop",
    evaluation: bool = False,
) -> Examples:
    """Read a file for anything but retrieval, or one language of a parallel text.

    Args:
        source: where the file lies.
        task: its reader tells what a row is; rows that it leaves out by definition count nowhere.
        file: from `source.find`.
        limit: at most so many examples: the first usable ones of a shuffle that depends on the number of rows alone. So
            parallel files give the same rows in every language, and a higher limit keeps all examples of a lower one.
        on_bad_row: `stop`, or `skip` and count. Rows beyond the limit are not looked at.
        evaluation: the examples will be scored, so refuse a file whose labels are a placeholder.

    Raises:
        DataError: for a bad row under `stop`, a file without usable examples, a placeholder, and from `source.table`.

    """
    assert task.kind != "retrieval" or task.multiway, "read_bitext reads files of pairs"
    table = _table(source, file)
    limited = limit is not None and limit < table.num_rows
    order = shuffled(table.num_rows, "limit") if limited else range(table.num_rows)
    bad: list[tuple[int, BadRowError]] = []
    found = list(islice(_usable(_outcomes(table, task, order), file, on_bad_row, bad), limit))
    if not found:
        _refuse_empty(table, task, file, bad)
    found.sort(key=lambda numbered: numbered[0])
    items = tuple(example for _, example in found)
    if evaluation and len(labels_in(items)) < 2:
        _refuse_placeholder(table, task, file)
    if task.multiway:
        _refuse_repeated(items, file)
    return Examples(items=items, ids=tuple(str(row) for row, _ in found), skipped=len(bad))


def read_bitext(
    source: Source, task: Task, file: DataFile, *, limit: int | None = None, on_bad_row: OnBadRow = "stop"
) -> BitextExamples:
    """Read a file for retrieval and join its rows.

    A limit takes rows, as in `read_examples`, where each row is one pair of translations (Tatoeba). Where a row holds
    two collections (BUCC) there is no limit: few of their sentences have a translation, and what makes the task hard
    is to find these among all the others. A part of a collection is another, easier task.

    Raises:
        DataError: for a bad row under `stop`, a file without sentences or gold pairs, and from `source.table`.

    """
    table = _table(source, file)
    rows: list[tuple[int, Bitext]] = []
    bad: list[tuple[int, BadRowError]] = []
    for row, example in _usable(_outcomes(table, task, range(table.num_rows)), file, on_bad_row, bad):
        assert isinstance(example, Bitext), f"the reader of {task.name}, a retrieval task, returns {type(example)}"
        rows.append((row, example))
    if not rows:
        _refuse_empty(table, task, file, bad)
    pairs = all(len(part.foreign) == 1 and len(part.source) == 1 and part.gold == ((0, 0),) for _, part in rows)
    if pairs and limit is not None:
        rank = {row: position for position, row in enumerate(shuffled(table.num_rows, "limit"))}
        rows = sorted(sorted(rows, key=lambda numbered: rank[numbered[0]])[:limit], key=lambda numbered: numbered[0])
    bitext = _joined([part for _, part in rows])
    if not bitext.gold:
        raise DataError(
            f"{file.origin}: {len(bitext.foreign)} foreign and {len(bitext.source)} source sentences, but no gold "
            "pair, so nothing can be scored. Use a copy with the gold pairs (`data.mirror`), or take the language out "
            "of the study."
        )
    ids = tuple(str(row) if pairs else f"{row}.{i}" for row, part in rows for i in range(len(part.foreign)))
    return BitextExamples(bitext=bitext, ids=ids, skipped=len(bad))


def _table(source: Source, file: DataFile) -> "pyarrow.Table":
    """Return the file's table with its text checked: Parquet does not say whether its bytes are UTF-8."""
    import pyarrow

    table = source.table(file)
    try:
        table.validate(full=True)
    except pyarrow.ArrowInvalid as error:
        raise DataError(
            f"{file.origin}: a column holds values that are not of its type ({error}). Write the file again, its text in UTF-8."
        ) from error
    return table


def _outcomes(table: "pyarrow.Table", task: Task, order: Sequence[int]) -> Iterator[tuple[int, Example | BadRowError | None]]:
    """Yield the rows at `order`, each with what the task makes of it."""
    for start in range(0, len(order), BLOCK):
        numbers = order[start : start + BLOCK]
        # a slice costs nothing, a selection copies
        block = table.slice(start, len(numbers)) if isinstance(order, range) else table.take(numbers)
        for number, row in zip(numbers, block.to_pylist(), strict=True):
            try:
                yield number, task.read(row)
            except BadRowError as error:
                error.line = row.get(LINE)
                yield number, error


def _usable(
    outcomes: Iterable[tuple[int, Example | BadRowError | None]],
    file: DataFile,
    on_bad_row: OnBadRow,
    bad: list[tuple[int, BadRowError]],
) -> Iterator[tuple[int, Example]]:
    """Yield the examples; stop at the first bad row, or collect those in `bad`."""
    for row, outcome in outcomes:
        if not isinstance(outcome, BadRowError):
            if outcome is not None:
                yield row, outcome
        elif on_bad_row == "skip":
            bad.append((row, outcome))
        else:
            raise DataError(
                f"{file.origin}, {outcome.where(row)}: {outcome}. Correct the row, or set "
                "`data.on_bad_row: skip` to count and leave out such rows."
            ) from outcome


def _joined(parts: Sequence[Bitext]) -> Bitext:
    foreign: list[str] = []
    source: list[str] = []
    gold: list[tuple[int, int]] = []
    for part in parts:
        gold.extend((len(foreign) + i, len(source) + j) for i, j in part.gold)
        foreign.extend(part.foreign)
        source.extend(part.source)
    return Bitext(foreign=tuple(foreign), source=tuple(source), gold=tuple(gold))


def labels_in(examples: Sequence[Example]) -> set[str]:
    """Return the labels, tags, numbers of right options, answers or passages that occur; none of examples without a label."""
    labels: set[str] = set()
    for example in examples:
        if isinstance(example, TaggedWords):
            labels.update(example.tags or ())
        elif isinstance(example, Question):
            labels.update(example.answers)
        elif isinstance(example, Match):
            labels.add(example.passage)
        elif isinstance(example, LabelledText | Choices) and example.label is not None:
            labels.add(str(example.label))
    return labels


def _refuse_placeholder(table: "pyarrow.Table", task: Task, file: DataFile) -> None:
    """Refuse to score against labels that are all the same in the whole file, limit or not."""
    labels: set[str] = set()
    labelled = 0
    for _, example in _usable(_outcomes(table, task, range(table.num_rows)), file, "skip", []):
        found = labels_in([example])
        labelled += bool(found)
        labels |= found
        if len(labels) > 1:
            return
    if labelled >= PLACEHOLDER_SIZE:
        of = f" of {', '.join(task.labels[:20])}" if task.labels else ""
        raise PlaceholderError(
            f"{file.origin}: all {labelled} examples have the label {labels.pop()!r}, a placeholder for labels that "
            f"were held back; expected several{of}. A score against it would mean "
            "nothing. Use a copy with the true labels (`data.mirror`), or take the language out of the study."
        )


def _refuse_repeated(sentences: Sequence[Example], file: DataFile) -> None:
    """Refuse sentences of which two have one id: no one could say which of them is the translation."""
    counts = Counter(sentence.id for sentence in sentences if isinstance(sentence, Sentence))
    if repeated := next((key for key, count in counts.items() if count > 1), None):
        raise DataError(
            f"{file.origin}: {counts[repeated]} sentences have the id {repeated!r}; expected each id once, for sentences of "
            "two languages are paired by it. Correct the ids, or take the language out of the study."
        )


def _refuse_empty(table: "pyarrow.Table", task: Task, file: DataFile, bad: Sequence[tuple[int, BadRowError]]) -> NoReturn:
    reason = f"; {len(bad)} are bad, the first is {bad[0][1].where(bad[0][0])}: {bad[0][1]}" if bad else ""
    remedy = f"Use a copy with the columns and labels of {task.data.path}."
    if task.own is not None:
        remedy = (
            "Correct its rows, or take the file out of the study." if bad else "Write rows, or take the file out of the study."
        )
    raise DataError(f"{file.origin}: none of its {table.num_rows} rows is an example of {task.name}{reason}. {remedy}")
