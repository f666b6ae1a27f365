"""A study's own files as a source of rows: what they hold, what identifies them, and their rows by role."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.data import DataFile, Source
from xstilts.data.formats import FORMATS, Format, format_of
from xstilts.data.own_rows import role_values
from xstilts.digests import cache_folder, sha256, write_atomically
from xstilts.errors import DataError, nearest, unknown
from xstilts.fingerprint import key_of
from xstilts.roles import ROLES
from xstilts.task import LINE, PROBLEM, BadRowError, Split, Task

if TYPE_CHECKING:
    import pyarrow

BLOCK = 4096  # rows that are Python values at a time
CONLL_U = {"words": "2", "tags": "4"}  # FORM and UPOS


@dataclass(frozen=True)
class Own:
    """A source of own tasks' files, and of everything else where another source has it.

    Attributes:
        source: where the built-in tasks' data lie; None where none of them is asked for.
        found: files that were looked at, so that each is once.

    """

    source: Source | None = None
    found: dict[tuple[Path, Split, str], DataFile] = field(default_factory=dict)

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file of one split, None where there is none; of an own one the beginning is read, and the checksum.

        Raises:
            DataError: when an own file cannot be read or lacks a column.

        """
        if task.own is None:
            assert self.source is not None, "only own tasks are asked for"
            return self.source.find(task, language, split)
        path = task.own.paths.get((split, language))
        if path is None:
            return None
        key = (path, split, task.name)
        if key not in self.found:
            self.found[key] = _file(task, path, language, split)
        return self.found[key]

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows; of an own file one column a role, the line of each row, and what is wrong with it.

        Raises:
            DataError: when the file is missing, unreadable, or not the one that was found.

        """
        identity = file.identity
        if not file.own:
            assert self.source is not None, "only own tasks are asked for"
            return self.source.table(file)
        path = Path(file.origin)
        if _digest(path) != identity["sha256"]:
            raise DataError(f"{path}: the file changed since the study was planned. Run again: the plan is made anew.")
        table = _table(path, identity)
        with contextlib.suppress(OSError):  # a cache that cannot be written costs an estimate, nothing else
            note = _count_note(identity)
            note.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(note, str(table.num_rows).encode())
        return table


def layout(path: Path, kind: str, named: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], bool]:
    """Return role -> the columns of a file that hold it, and whether the file has labels.

    A file without the column of the labels is unlabelled, unless a column is called nearly so.

    Args:
        path: the file; its beginning is read.
        kind: of the task.
        named: role -> columns, for the roles that the study names columns for.

    Raises:
        DataError: when the file cannot be read, or lacks a column that its kind needs.

    """
    form = format_of(path)
    present = form.columns(path)
    columns: dict[str, list[str]] = {}
    labelled = True
    for role, about in ROLES[kind].items():
        names = list(named.get(role) or [_usual(role, path, form, present)])
        missing = [name for name in names if name not in present]
        if about.optional and role not in named and missing:
            if about.gold:
                columns[role] = names  # `answers` may hold it
            continue
        if (
            missing
            and about.gold
            and _is_absent(missing[0], present, {name for taken in columns.values() for name in taken}, form)
        ):
            labelled = False
        elif missing:
            raise DataError(_no_column(path, form, role, missing[0], present))
        columns[role] = names
    return columns, labelled


def _usual(role: str, path: Path, form: Format, present: Sequence[str]) -> str:
    """Return the column of a role that the study names none for."""
    if form is not FORMATS[".conll"]:
        return role
    if path.suffix.lower() == ".conllu":
        return CONLL_U[role]
    return "1" if role == "words" else str(max(2, len(present)))


def _is_absent(name: str, present: Sequence[str], taken: set[str], form: Format) -> bool:
    """Tell a file without labels from one whose column of labels is misspelt."""
    if form is FORMATS[".conll"]:
        return len(present) == 1
    return nearest(name, [column for column in present if column not in taken]) is None


def _no_column(path: Path, form: Format, role: str, name: str, present: Sequence[str]) -> str:
    if form is FORMATS[".conll"]:
        return (
            f"{path}: no column {name} for `{role}`; the first sentence has {len(present)}. "
            f"Give the number of the right one, from 1, in `columns: {{{role}: ...}}`."
        )
    has = unknown("column", name, present, hint=f"The file has {', '.join(present)}.")
    return f"{path}: {has} It is to hold `{role}`: name the right one in `columns: {{{role}: ...}}`, or correct the file."


def _digest(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise DataError(f"{path}: the file cannot be read ({error.strerror}). Check its name and permissions.") from error


def _file(task: Task, path: Path, language: str, split: Split) -> DataFile:
    assert task.own is not None, "built-in tasks have no own files"
    form, digest = format_of(path), _digest(path)
    columns, labelled = layout(path, task.kind, task.own.columns)
    if not labelled and split != "test":
        role = next(role for role, about in ROLES[task.kind].items() if about.gold)
        raise DataError(
            f"{path}: no column {columns[role][0]!r} for `{role}`; expected labels, for the file is read in training "
            f"(`{split}`). Name the right column in `columns: {{{role}: ...}}`; only `test` files may be without labels."
        )
    identity = {
        "dataset": task.name, "config": language, "split": split, "sha256": digest, "format": form.name, "reader": form.version,
        "kind": task.kind, "columns": columns, "labelled": labelled,
    }  # fmt: skip
    rows = None
    with contextlib.suppress(OSError, ValueError):
        rows = int(_count_note(identity).read_text())
    return DataFile(identity=identity, rows=rows, deviation="", origin=str(path))


def _count_note(identity: Mapping[str, Any]) -> Path:
    """Return where the number of a file's rows is remembered, which only reading it all tells."""
    return cache_folder() / "own" / f"{key_of(['rows', identity])}.rows"


def _table(path: Path, identity: Mapping[str, Any]) -> "pyarrow.Table":
    import pyarrow

    schema = _schema(identity["kind"], identity["columns"], labelled=identity["labelled"])
    blocks = [pyarrow.RecordBatch.from_pylist(rows, schema) for rows in _blocks(path, identity)]
    return pyarrow.Table.from_batches(blocks, schema)


def _schema(kind: str, columns: Mapping[str, Sequence[str]], *, labelled: bool) -> "pyarrow.Schema":
    import pyarrow

    text, number = pyarrow.string(), pyarrow.int64()
    types = {
        "text": text, "label": text, "choice": number, "texts": pyarrow.list_(text), "answers": pyarrow.list_(text),
        "starts": pyarrow.list_(number),
    }  # fmt: skip
    roles = {role: about for role, about in ROLES[kind].items() if role in columns and (labelled or not about.gold)}
    return pyarrow.schema([(LINE, number), (PROBLEM, text), *((role, types[about.form]) for role, about in roles.items())])


def _blocks(path: Path, identity: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    kind, columns = identity["kind"], identity["columns"]
    wanted = {name for names in columns.values() for name in names}
    rows: list[dict[str, Any]] = []
    for line, record in format_of(path).records(path, wanted):
        try:
            if isinstance(record, str):
                raise BadRowError(record)
            values = role_values(kind, columns, record, labelled=identity["labelled"])
        except BadRowError as error:
            values = {PROBLEM: str(error)}
        rows.append({LINE: line, **values})
        if len(rows) == BLOCK:
            yield rows
            rows = []
    yield rows
