"""YAML text -> plain data (text, numbers, true/false, empty, lists, mappings) and the line of each value."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from xstilts.errors import Problem, StudyError, nearest

Place = tuple[str | int, ...]  # from the top of the file: ("intermediates", "nli", 0, "mix")

MAX_VALUES = 100_000  # aliases of aliases grow exponentially; no study comes near
TAG = "tag:yaml.org,2002:"
SCALARS = {TAG + name for name in ("null", "bool", "int", "float", "str", "timestamp", "merge", "value")}
TAB = "a tab stands where YAML wants spaces. Replace it by spaces."
EXPECTED = "expected fields such as `name: my-study`"
STUDY = "`encoders:`, `intermediates:`, `targets:` and `seeds:`"


@dataclass(frozen=True)
class Mistake:
    """One mistake in a study, at the place it concerns."""

    place: Place
    message: str


@dataclass
class Document:
    """The content of a YAML file.

    Attributes:
        data: the top mapping.
        lines: 1-based line of each value; a field's is that of its name, and an alias's that of its anchor.
        origins: where a value that an alias repeats stands first.
        found: problems of the YAML itself that did not stop the reading.

    """

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    origins: dict[Place, Place] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)

    def problems(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        """Give each mistake its line; what an alias repeats is told once, at its anchor."""
        told: dict[tuple[Place, str], Problem] = {}
        places = {mistake.place for mistake in mistakes}
        for mistake in mistakes:
            origin = self._origin(mistake.place)
            if origin == mistake.place or origin not in places:
                told[mistake.place, mistake.message] = Problem(mistake.message, self._line(mistake.place))
        return self.found + list(told.values())

    def _line(self, place: Place) -> int:
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]

    def _origin(self, place: Place) -> Place:
        for end in range(len(place), 0, -1):
            if place[:end] in self.origins:
                return self.origins[place[:end]] + place[end:]
        return place


def read_document(path: Path, *, example: str = STUDY) -> Document:
    """Read a YAML 1.2 file whose top is a mapping; `example` names fields that the file should have beside its name.

    Raises:
        StudyError: when the file cannot be read, is not UTF-8, not YAML, or not a mapping; one problem, the first.

    """
    text = _read_text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # YAML allows it
            root = YAML(typ="safe", pure=True).compose(text)
        if root is None or (isinstance(root, ScalarNode) and root.tag == TAG + "null"):
            raise _Stop(f"the file is empty; {EXPECTED}, {example}.")
        if not isinstance(root, MappingNode):
            kind = "a list" if isinstance(root, SequenceNode) else "text"
            raise _Stop(f"the file holds {kind}, not a mapping; {EXPECTED}, one on each line.", _line_of(root))
        builder = _Builder()
        builder.document.data = builder.build(root, ())
        builder.document.lines[()] = _line_of(root)
        return builder.document
    except _Stop as stop:
        problem = Problem(stop.message, stop.line)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem(f"the character U+{error.character:04X} is not allowed in YAML. Remove it.", line)
    except MarkedYAMLError as error:
        problem = _syntax(error, text)
    except RecursionError:
        problem = Problem("lists or mappings are nested too deeply to be read; a study needs six levels. Close the brackets.")
    except (ValueError, OverflowError):  # ruamel's `chr` of an escape
        line = text.count("\n", 0, text.find("\\U")) + 1
        problem = Problem("a `\\U` escape names no character; the last is \\U0010FFFF. Write the character itself.", line)
    raise StudyError(str(path), [problem])


class _Stop(Exception):  # noqa: N818
    """Reading cannot go on."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.message, self.line = message, line
        super().__init__(message)


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise StudyError(str(path), [Problem(f"this is a folder, not a YAML file. {_files_beside(path)}")]) from None
    except FileNotFoundError:
        names = {file.stem: file for file in _study_files(path.parent)}
        near = nearest(path.stem, names)
        meant = f" Did you mean '{names[near]}'?" if near else f" {_files_beside(path.parent)}"
        raise StudyError(str(path), [Problem(f"no such file.{meant}")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StudyError(str(path), [Problem(f"the file cannot be read ({reason}). Check its name and permissions.")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-8 text"
        raise StudyError(str(path), [Problem(f"{found}. Save the file as UTF-8.", line)]) from None


def _study_files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    except OSError:
        return []


def _files_beside(folder: Path) -> str:
    names = [file.name for file in _study_files(folder)]
    return f"Name a YAML file; {folder} holds {', '.join(names[:8]) or 'no .yaml file'}."


def _line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax(error: MarkedYAMLError, text: str) -> Problem:
    problem, context = str(error.problem), error.context or ""
    last = max(1, len(text.splitlines()))
    at = min(error.problem_mark.line + 1, last)
    opened = min(error.context_mark.line + 1, last) if error.context_mark else at
    if "'\\t'" in problem:
        return Problem(TAB, at)
    if "undefined alias" in problem:
        remedy = "Mark the value to repeat with `&` and the name, or write it out."
        return Problem(f"{problem}: no anchor of this name stands above. {remedy}", at)
    if "another document" in problem:
        return Problem("a second document begins here (`---`); a file holds one study. Write one file for each.", at)
    if "end" in problem and "stream" in problem:  # what was never closed began at the context
        at = opened
    since = f" {context}" + (f" that begins in line {opened}" if opened != at else "") if context else ""
    remedy = "Look here and one line up for a missing bracket, quote, colon or indentation."
    return Problem(f"not valid YAML: {problem}{since}. {remedy}", at)


class _Builder:
    """Builds plain data from YAML nodes and remembers where each value stands."""

    def __init__(self) -> None:
        self.document = Document()
        self._open: list[Node] = []
        self._first: dict[int, Place] = {}
        self._count = 0

    def build(self, node: Node, place: Place) -> Any:
        """Return a node's value; note the lines of what it holds."""
        if any(node is outer for outer in self._open):
            text = f"the anchor &{node.anchor} contains itself (*{node.anchor}), a list without end. "
            raise _Stop(text + f"Write out what `*{node.anchor}` is to repeat.", _line_of(node))
        self._count += 1
        if self._count > MAX_VALUES:
            raise _Stop(
                f"the aliases expand to more than {MAX_VALUES} values. Write the study with fewer `*` aliases.",
                _line_of(node),
            )
        first = self._first.setdefault(id(node), place)
        if first != place:
            self.document.origins[place] = first
        if isinstance(node, ScalarNode):
            return _value(_text(node), str(node.tag).removeprefix(TAG))
        if node.tag not in (TAG + "map", TAG + "seq"):
            raise _strange(node)
        self._open.append(node)
        value = self._mapping(node, place) if isinstance(node, MappingNode) else self._sequence(node, place)
        self._open.pop()
        return value

    def _sequence(self, node: Node, place: Place) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self.document.lines[*place, index] = _line_of(item)
            values.append(self.build(item, (*place, index)))
        return values

    def _mapping(self, node: Node, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                raise _Stop("a list or mapping stands where a name is expected. Write `name: value`.", _line_of(key))
            name = _text(key)
            if "\t" in name:
                raise _Stop(TAB, _line_of(key))
            here = (*place, name)
            if name in values:
                text = f"`{name}` stands twice, first in line {self.document.lines[here]}; only one can count. Remove one."
                self.document.found.append(Problem(text, _line_of(key)))
                continue
            self.document.lines[here] = _line_of(key)
            values[name] = self.build(item, here)
        return values


def _strange(node: Node) -> _Stop:
    text = f"the tag {node.tag} means nothing in a study; plain values are expected. Remove the tag."
    return _Stop(text, _line_of(node))


def _text(node: ScalarNode) -> str:
    if node.tag not in SCALARS:
        raise _strange(node)
    text = str(node.value)
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"the escape {text!a} is half a character. Write the character itself."
        raise _Stop(message, _line_of(node)) from None
    return text


def _value(text: str, kind: str) -> Any:
    """Return the value of a scalar as YAML 1.2 means it; what does not parse as its kind is text."""
    value: Any = text
    if kind == "null":
        value = None
    elif kind == "bool":
        value = text.lower() in ("true", "yes", "on")
    elif kind in ("int", "float"):
        try:
            value = _number(kind, text.replace("_", "").lower())
        except ValueError:
            value = text
    return value


def _number(kind: str, digits: str) -> int | float:
    """Return the number; one beyond 64 bits is nowhere a whole number of a study, so it is made a float."""
    unsigned = digits.lstrip("+-")
    if kind == "int":
        number = int(digits, 0 if unsigned[:2] in ("0x", "0o", "0b") else 10)
        bits = number.bit_length()
        return number if bits < 64 else float(number) if bits < 1024 else math.inf
    if unsigned in (".inf", ".nan"):
        digits = digits.replace(".", "")
    return float(digits)
