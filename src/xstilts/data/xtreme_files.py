"""The files of XTREME's layout, `<task>/test-<language>.<format>`: one function for each format.

A `.tsv` has one label, tag or pair of sentence ids a line; a `.json` holds the questions of SQuAD's format, or one object
from ids to answers or to ranked items. A `.jsonl` has an object a line: with the label under "label", as XCOPA's own
files have it, or with entries like those of the `.json` file. All are UTF-8, with the line ends of Unix or Windows; spaces
around a line and empty lines at the end of a file do not count.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.errors import DataError


def read_labels(path: Path) -> list[str]:
    """Return the labels of a `.tsv` (one a line) or a `.jsonl` file (one object a line, its label under "label").

    Raises:
        DataError: when the file is unreadable or a line is not of that form; it names the file and the line.

    """
    if path.suffix == ".jsonl":
        return [_label(record, f"{path}, line {number}") for number, record in _json_lines(path)]
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        _require_columns(path, number, line, 1, "one label a line")
    return lines


def read_tags(path: Path) -> list[str]:
    """Return the lines of a `.tsv` file with one tag a line and an empty line between sentences (here "").

    Raises:
        DataError: when the file is unreadable or a line has more than the tag.

    """
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        if line:
            _require_columns(path, number, line, 1, "one tag a line, and an empty line between sentences")
    return lines


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the pairs of a `.tsv` file with the ids of a sentence and of its translation on each line.

    Raises:
        DataError: when the file is unreadable or a line has not two columns.

    """
    pairs = []
    for number, line in enumerate(_lines(path), start=1):
        first, second = _require_columns(path, number, line, 2, "two sentence ids a line with a tab between them")
        pairs.append((first, second))
    return pairs


def read_questions(path: Path) -> dict[str, tuple[str, ...]]:
    """Return id -> acceptable answers of the questions of a `.json` file in SQuAD's format.

    Raises:
        DataError: when the file is unreadable or not of that format; it says where in the file.

    """
    document = _object(path)
    found: dict[str, tuple[str, ...]] = {}
    for article, where in _items(document, "data", str(path)):
        for paragraph, within in _items(article, "paragraphs", where):
            for question, place in _items(paragraph, "qas", within):
                key = _string(question, "id", place)
                if key in found:
                    raise DataError(f"{place} has the id {key!r} of an earlier question; expected an id for each. Correct it.")
                found[key] = tuple(_string(answer, "text", spot) for answer, spot in _items(question, "answers", place))
    return found


def read_answers(path: Path) -> dict[str, str]:
    """Return id -> predicted answer of a `.json` file that holds one object of texts.

    Raises:
        DataError: when the file is unreadable or not of that format.

    """
    found = _object(path)
    for key, text in found.items():
        if not isinstance(text, str):
            raise DataError(
                f"{path}: the answer to question {key!r} is {_shown(text)}; expected a text. "
                'Write one answer for each question: {"<id>": "<answer>", ...}.'
            )
    return found


def read_rankings(path: Path) -> dict[str, tuple[str, ...]]:
    """Return id -> item ids, best first, of a `.json` file (one object of lists) or a `.jsonl` file (such objects).

    Raises:
        DataError: when the file is unreadable or not of that format.

    """
    found: dict[str, tuple[str, ...]] = {}
    records = _json_lines(path) if path.suffix == ".jsonl" else iter([(1, _object(path))])
    for number, record in records:
        for key, items in record.items():
            place = _place(path, number)
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                raise DataError(
                    f"{place}: query {key!r} has {_shown(items)}; expected a list of ids in quotes. "
                    'Write the items of each query, best first: {"<id>": ["Q1", "Q2"], ...}.'
                )
            if key in found:
                raise DataError(f"{place}: query {key!r} stands twice; expected each once. Keep one of the two.")
            found[key] = tuple(items)
    return found


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. Expected a text file: check its permissions.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]  # `start` counts no mark
        raise DataError(
            f"{path}, line {line}: byte {byte:#04x} is not UTF-8; expected text in UTF-8. Save the file as UTF-8."
        ) from error


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", _text(path))]  # `splitlines` would cut at U+2028 and others too
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _require_columns(path: Path, number: int, line: str, count: int, form: str) -> list[str]:
    columns = line.split("\t") if line else []
    if len(columns) != count:
        found = f"has {len(columns)} columns" if columns else "is empty"
        raise DataError(f"{path}, line {number} {found}: {_shown(line)}; expected {form}. Correct the line.")
    return columns


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_lines(path), start=1):
        yield number, _parsed(path, line, first_line=number)


def _object(path: Path) -> dict[str, Any]:
    return _parsed(path, _text(path), first_line=1)


def _parsed(path: Path, text: str, *, first_line: int) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):  # Python would keep the last one without a word
            key = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
            raise DataError(
                f"{_place(path, first_line)}: {key!r} stands twice in one object; expected it once. Keep one of the two."
            )
        return found

    try:
        found = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}, line {first_line + error.lineno - 1}, column {error.colno} is not JSON: {error.msg}. "
            "Expected an object in braces. Write the file with a JSON library, or correct it there."
        ) from error
    if not isinstance(found, dict):
        raise DataError(f"{_place(path, first_line)} holds {_shown(found)}; expected an object in braces. Correct it.")
    return found


def _place(path: Path, line: int) -> str:
    return f"{path}, line {line}" if path.suffix == ".jsonl" else str(path)


def _label(record: dict[str, Any], place: str) -> str:
    label = record.get("label")
    if not isinstance(label, str | int) or isinstance(label, bool):
        raise DataError(
            f"{place}: the label is {_shown(label)}; expected a text or a whole number under 'label'. Correct the line."
        )
    return str(label)


def _items(parent: Any, key: str, where: str) -> Iterator[tuple[Any, str]]:
    """Yield the items of the list under a key, each with its place in the file."""
    items = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(items, list):
        raise DataError(
            f"{where} has {_shown(items)} under '{key}'; expected a list. Write the questions in SQuAD's format: "
            "data > paragraphs > qas > answers > text."
        )
    for i, item in enumerate(items):
        yield item, f"{where}, {key}[{i}]"


def _string(parent: Any, key: str, where: str) -> str:
    found = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(found, str):
        raise DataError(f"{where} has {_shown(found)} under '{key}'; expected a text. Correct the file.")
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."
