"""Whether a study's own files can be read to their end; asked before anything is trained, and remembered."""

import contextlib
from collections.abc import Iterator

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

    All rows are read, of each file once: that a file is sound is noted in the cache folder.
    """
    assert task.own is not None, "built-in tasks have no own files"
    source = Own()
    sound = True
    for split, language in task.own.paths:
        try:
            _read(source, task, language, split, on_bad_row)
        except DataError as error:
            sound = False
            yield split, language, str(error)
    if sound:
        yield from _unlike(source, task)


def _read(source: Own, task: Task, language: str, split: Split, on_bad_row: OnBadRow) -> None:
    file = source.find(task, language, split)
    assert file is not None, "own tasks are asked for the files they have"
    note = cache_folder() / "own" / key_of(["sound", file.identity, task.version, list(task.labels), task.metric, on_bad_row])
    if note.exists():
        return
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
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, b"")


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
