"""Whether a study's own files can be read to their end; asked before anything is trained, and remembered."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence

from xstilts.data import DataFile
from xstilts.data.own import Own
from xstilts.data.read import Examples, OnBadRow, labels_in, read_bitext, read_examples
from xstilts.digests import cache_folder, write_atomically
from xstilts.errors import DataError
from xstilts.fingerprint import key_of
from xstilts.roles import LABELLED_KINDS
from xstilts.task import Question, Split, Task


def problems(task: Task, on_bad_row: OnBadRow) -> Iterator[tuple[Split, str, str]]:
    """Yield what is wrong with an own task's files: split, language, and the message.

    All rows are read, of each file once: that a file is sound, and its labels, are noted in the cache folder.
    """
    assert task.own is not None, "built-in tasks have no own files"
    source = Own()
    sound = True
    labels: dict[tuple[Split, str], list[str]] = {}
    for split, language in task.own.paths:
        try:
            labels[split, language] = _read(source, task, language, split, on_bad_row)
        except DataError as error:
            sound = False
            yield split, language, str(error)
    if sound:
        yield from _unlike(source, task)
        yield from _strange(task, labels)


def _read(source: Own, task: Task, language: str, split: Split, on_bad_row: OnBadRow) -> list[str]:
    """Return the labels of a file, which are noted too; none of a kind whose head has no output for each."""
    file = source.find(task, language, split)
    assert file is not None, "own tasks are asked for the files they have"
    note = cache_folder() / "own" / key_of(["labels", file.identity, task.version, list(task.labels), task.metric, on_bad_row])
    with contextlib.suppress(OSError, ValueError):
        return list(json.loads(note.read_bytes()))
    found: list[str] = []
    if task.kind == "retrieval":
        read_bitext(source, task, file, on_bad_row=on_bad_row)
    else:
        read = read_examples(source, task, file, on_bad_row=on_bad_row, evaluation=split != "train")
        if task.metric == "squad" and split != "train" and file.labelled:
            _refuse_unanswered(read, file)
        labels = labels_in(read.items)
        if split == "train" and task.kind in LABELLED_KINDS and len(labels) < 2:
            raise DataError(
                f"{file.origin}: all {len(read.items)} examples have the label {labels.pop()!r}, so there is nothing to learn; "
                "expected at least two labels. Check the column of the labels."
            )
        found = sorted(labels) if task.kind in LABELLED_KINDS else []
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps(found).encode())
    return found


def _refuse_unanswered(read: Examples, file: DataFile) -> None:
    for row, example in zip(read.ids, read.items, strict=True):
        if isinstance(example, Question) and not example.answers:
            raise DataError(
                f"{file.origin}, row {row} (counted from 0): the question has no answer, and the metric 'squad' scores only "
                "questions that have one. Set `metric: squad2` for the task, or take such questions out of the file."
            )


def _unlike(source: Own, task: Task) -> Iterator[tuple[Split, str, str]]:
    """Find files without the second text that others of the task have: the model is trained on pairs, or on single texts."""
    assert task.own is not None, "built-in tasks have no own files"
    files = {(split, language): source.find(task, language, split) for split, language in task.own.paths}
    paired = {place for place, file in files.items() if file and "second" in file.identity["columns"]}
    for split, language in sorted(files.keys() - paired) if paired else ():
        file, other = files[split, language], files[min(paired)]
        assert file is not None, "own tasks are asked for the files they have"
        assert other is not None, "own tasks are asked for the files they have"
        yield (
            split,
            language,
            f"{file.origin}: no column 'second' for the second text, which {other.origin} has; expected pairs in all files "
            "of the task, or in none. Add the column, or take it out of the others.",
        )


def _strange(task: Task, labels: Mapping[tuple[Split, str], Sequence[str]]) -> Iterator[tuple[Split, str, str]]:
    """Find files that have no label in common with the training data: whatever is predicted of them would be wrong."""
    assert task.own is not None, "built-in tasks have no own files"
    if task.labels:  # then rows are compared with these
        return
    known = {label for (split, _), found in labels.items() if split == "train" for label in found}
    for (split, language), found in labels.items():
        if known and found and known.isdisjoint(found):
            yield (
                split,
                language,
                f"{task.own.paths[split, language]}: its labels are {_first(found)}; expected some of the training data's, "
                f"{_first(sorted(known))}. Spell them alike, or check the column of the labels.",
            )


def _first(labels: Sequence[str]) -> str:
    return ", ".join(labels[:8]) + (f" and {len(labels) - 8} more" if len(labels) > 8 else "")
