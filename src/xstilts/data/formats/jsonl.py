"""JSON Lines: one object a line."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.data.formats.lines import lines
from xstilts.errors import DataError

EXPECTED = "expected one JSON object a line"


def columns(path: Path) -> tuple[str, ...]:
    """Return the keys of the first object.

    Raises:
        DataError: when there is none; and from `lines`.

    """
    wrong = "1: the file is empty"
    for line, row in records(path, ()):
        if not isinstance(row, str):
            return tuple(row)
        wrong = f"{line}: {row.removesuffix(f'; {EXPECTED}')}"
        break
    raise DataError(f"{path}, line {wrong}; {EXPECTED}. Write the rows so.")


def records(path: Path, wanted: Collection[str]) -> Iterator[tuple[int, Mapping[str, Any] | str]]:  # noqa: ARG001 (keys differ by row)
    """Yield the objects, each with its line.

    Raises:
        DataError: from `lines`.

    """
    blank: list[int] = []  # blank lines at the end of a file are none of its rows
    for number, text in lines(path):
        if not text.strip():
            blank.append(number)
            continue
        yield from ((line, f"the line is empty; {EXPECTED}") for line in blank)
        blank.clear()
        yield number, _parsed(text)


class _DoubledError(ValueError):
    """A key that stands twice in an object."""


def _parsed(text: str) -> Mapping[str, Any] | str:
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except _DoubledError as error:
        return f"the key {error.args[0]!r} stands twice; each counts once"
    except json.JSONDecodeError as error:
        trailing = text[: error.pos].rstrip().endswith(",") or text[error.pos : error.pos + 1] == ","
        why = f"{error.msg}; a comma may stand only between two values" if trailing else error.msg
        return f"not JSON at column {error.colno} ({why}); {EXPECTED}"
    except (ValueError, RecursionError) as error:
        return f"not readable as JSON ({error}); {EXPECTED}"
    if isinstance(value, dict):
        return value
    return f"{'a list' if isinstance(value, list) else 'a single value'}; {EXPECTED}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DoubledError(next(name for name in names if names.count(name) > 1))
    return found
