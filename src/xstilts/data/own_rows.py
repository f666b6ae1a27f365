"""A row of an own file -> the values of its roles, checked one by one; what is wrong is said with the column's name."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from xstilts.errors import nearest
from xstilts.roles import ROLES
from xstilts.task import BadRowError

Values = Mapping[str, Any]
Columns = Mapping[str, Sequence[str]]


def role_values(kind: str, columns: Columns, row: Values, *, labelled: bool) -> dict[str, Any]:
    """Return role -> value of a row: text, texts, or numbers; the roles that tell the answer are absent unless labelled.

    Args:
        kind: of the task.
        columns: role -> the columns that hold it.
        row: column -> value.
        labelled: whether the file has labels.

    Raises:
        BadRowError: for a value that is missing, empty, or not of the role's form.

    """
    roles = ROLES[kind]
    found: dict[str, Any] = {}
    for role, names in columns.items():
        if roles[role].gold and not labelled:
            if present := [name for name in names if row.get(name) is not None]:
                raise BadRowError(
                    f"column {present[0]!r} is {shown(row[present[0]])}, but the first row has no such column; "
                    "expected labels in every row, or in none"
                )
        elif roles[role].form != "starts":  # they are read with the answers
            found[role] = _READ[roles[role].form](role, columns, row, found)
    if "answers" in found:
        found["answers"], found["starts"] = found["answers"]
    return found


def shown(value: Any) -> str:
    """Return a value as a message shows it: short, as JSON writes it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _value(name: str, row: Values) -> Any:
    if name not in row:
        near = nearest(name, list(row))
        raise BadRowError(f"no column {name!r}{f', but {near!r}' if near else ''}; expected the columns of the first row")
    return row[name]


def _checked(value: Any, name: str, what: str = "text") -> str:
    if not isinstance(value, str):
        raise BadRowError(f"column {name!r} is {shown(value)}; expected {what}")
    if not value.strip():
        raise BadRowError(f"column {name!r} is empty; expected {what}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRowError(f"column {name!r} holds half a character ({value[:40]!a}); expected {what}") from None
    return value


def _text(role: str, columns: Columns, row: Values, _: Values) -> str:
    (name,) = columns[role]
    return _checked(_value(name, row), name)


def _texts(role: str, columns: Columns, row: Values, _: Values) -> list[str]:
    names = columns[role]
    if len(names) > 1:
        values = [_value(name, row) for name in names]
        while values and values[-1] in (None, ""):  # rows with fewer options than others leave the last columns empty
            values.pop()
        return [_checked(value, name) for name, value in zip(names, values, strict=False)]
    values = _value(names[0], row)
    if not isinstance(values, list):
        raise BadRowError(f"column {names[0]!r} is {shown(values)}; expected a list of texts")
    return [_checked(value, f"{names[0]}[{i}]") for i, value in enumerate(values)]


def _label(role: str, columns: Columns, row: Values, _: Values) -> str:
    (name,) = columns[role]
    value = _value(name, row)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _checked(value, name, "a label (a file without labels has no such column)")


def _choice(role: str, columns: Columns, row: Values, found: Values) -> int:
    """Return the position of the right option, which the row gives by number, from 0, or by its text."""
    (name,) = columns[role]
    value, options = _value(name, row), found["options"]
    if isinstance(value, str) and value in options:
        return int(options.index(value))
    number = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(options):
        return number
    expected = f"expected an option's number, 0..{len(options) - 1}, or its text"
    if value in (None, ""):
        raise BadRowError(f"column {name!r} is empty; {expected} (a file without labels has no such column)")
    near = nearest(value, options) if isinstance(value, str) else None
    raise BadRowError(f"column {name!r} is {shown(value)}; {expected}{f'; perhaps {near!r}' if near else ''}")


def _answers(role: str, columns: Columns, row: Values, _: Values) -> tuple[list[str], list[int]]:
    """Return answers and where they begin: SQuAD's mapping of both, or two columns with one or several of each."""
    (name,), (where,) = columns[role], columns["starts"]
    value, begins = _value(name, row), name
    if isinstance(value, dict):
        if missing := {"text", "answer_start"} - value.keys():
            raise BadRowError(f"column {name!r} lacks {min(missing)!r}; expected {{'text': [...], 'answer_start': [...]}}")
        value, starts, begins = value["text"], value["answer_start"], f"{name}.answer_start"
    else:
        starts, begins = _value(where, row), where
    if isinstance(value, str) and not value and starts in (None, "", []):  # a flat row whose question has no answer
        return [], []
    answers = value if isinstance(value, list) else [value]
    numbers = [_start(start, begins) for start in (starts if isinstance(starts, list) else [starts])]
    return [_checked(answer, name) for answer in answers], numbers


def _start(value: Any, name: str) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRowError(f"column {name!r} is {shown(value)}; expected where the answer begins, in characters from 0")
    return value


_READ: Mapping[str, Callable[[str, Columns, Values, Values], Any]] = MappingProxyType(
    {"text": _text, "texts": _texts, "label": _label, "choice": _choice, "answers": _answers}
)
