"""The gains as tables with one column a target or an intermediate; every cell knows its row in the list of gains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xstilts.report.numbers import labels, main_targets
from xstilts.report.places import Place
from xstilts.stats.gains import Gain


@dataclass(frozen=True)
class Cell:
    """A gain: its number in the list of gains, what is shown, and whether its interval is above, below or around 0."""

    number: int
    text: str
    sign: str


@dataclass(frozen=True)
class Line:
    """A row of a matrix: its names, and a cell or None (not measured) for each column."""

    names: tuple[str, ...]
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Matrix:
    """A table of gains."""

    heads: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def heat(gains: Sequence[Gain]) -> Matrix:
    """Return encoder and intermediate by target, of the targets that the heat map shows."""
    shown = main_targets(gain.target for gain in gains)
    columns = tuple(dict.fromkeys(gain.target for gain in gains if gain.target in shown))
    cells = {(gain.encoder, gain.intermediate, gain.target): _cell(number, gain) for number, gain in enumerate(gains)}
    places = dict.fromkeys((gain.encoder, gain.intermediate) for gain in gains)
    lines = (Line(place, tuple(cells.get((*place, column)) for column in columns)) for place in places)
    return Matrix(("encoder", "intermediate"), tuple(labels(columns).values()), tuple(lines))


def by_language(gains: Sequence[Gain], places: Sequence[Place]) -> Matrix:
    """Return encoder, target and language (in the order of `places`) by intermediate, of the heat map's targets."""
    shown = main_targets(gain.target for gain in gains)
    columns = tuple(dict.fromkeys(gain.intermediate for gain in gains))
    cells = {(g.encoder, g.target, g.group, g.intermediate): _cell(number, g) for number, g in enumerate(gains)}
    there = {(gain.encoder, gain.target, gain.group) for gain in gains}
    short = labels(gain.target for gain in gains if gain.target in shown)
    lines = [
        Line((encoder, short[target], place.label), tuple(cells.get((encoder, target, place.tag, name)) for name in columns))
        for encoder, target in _pairs(gains)
        for place in places
        if target in shown and (encoder, target, place.tag) in there
    ]
    return Matrix(("encoder", "target", "language"), columns, tuple(lines))


def _pairs(gains: Iterable[Gain]) -> Mapping[tuple[str, str], None]:
    return dict.fromkeys((gain.encoder, gain.target) for gain in gains)


def _cell(number: int, gain: Gain) -> Cell | None:
    one = gain.estimate
    if one is None:
        return None
    sign = "up" if one.interval.low > 0 else "down" if one.interval.high < 0 else "none"
    return Cell(number, f"{one.gain:+.2f}", sign)
