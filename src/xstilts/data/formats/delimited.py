"""CSV (RFC 4180: commas, quotes, line breaks inside quotes) and TSV (tabs; a quote is a character like any other)."""

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from xstilts.data.formats.lines import lines
from xstilts.errors import DataError

Row = tuple[int, Mapping[str, str] | str]


def csv_columns(path: Path) -> tuple[str, ...]:
    """Return the names in the first line of a CSV file.

    Raises:
        DataError: when it has none, or one of them twice; and from `lines`.

    """
    return _columns(path, next(_csv_cells(path), None), ",")


def tsv_columns(path: Path) -> tuple[str, ...]:
    """Return the names in the first line of a TSV file; see `csv_columns`."""
    return _columns(path, next(_tsv_cells(path), None), "\t")


def csv_records(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a CSV file, each with the line it begins in.

    Raises:
        DataError: when a quote is wrong, since where the next row begins is then unknown; and from `lines`.

    """
    return _records(csv_columns(path), _csv_cells(path), wanted)


def tsv_records(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a TSV file, each with its line."""
    return _records(tsv_columns(path), _tsv_cells(path), wanted)


def _csv_cells(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader((text for _, text in lines(path)), strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{path}, line {first}: the row that begins here is not CSV ({error}); a quote inside quotes is written twice, "
                "and every quote is closed. Correct the quotes of this row."
            ) from None
        yield first, cells


def _tsv_cells(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    for number, text in lines(path):
        bare = text.rstrip("\r\n")
        yield number, bare.split("\t") if bare else []


def _columns(path: Path, header: tuple[int, Sequence[str]] | None, delimiter: str) -> tuple[str, ...]:
    if header is None or not any(header[1]):
        found = "the file is empty" if header is None else "the first line is empty"
        raise DataError(f"{path}, line 1: {found}; expected the names of the columns. Write them in the first line.")
    names = header[1]
    if doubled := [name for name, count in Counter(names).items() if count > 1]:
        raise DataError(
            f"{path}, line 1: the column {doubled[0]!r} stands twice in the header; each name counts once. Rename one."
        )
    if len(names) == 1 and (other := next((mark for mark in ";\t,|" if mark in names[0] and mark != delimiter), None)):
        raise DataError(
            f"{path}, line 1: the header is one column, {names[0]!r}; expected columns between {delimiter!r}. "
            f"It looks as if {other!r} stands between them: save the file with {delimiter!r}"
            f"{', or call it .tsv' if other == chr(9) else ', or call it .csv' if other == ',' else ''}."
        )
    return tuple(names)


def _records(names: tuple[str, ...], found: Iterator[tuple[int, Sequence[str]]], wanted: Collection[str]) -> Iterator[Row]:
    places = [(i, name) for i, name in enumerate(names) if name in wanted]
    next(found)
    blank: list[int] = []  # blank lines at the end of a file are none of its rows
    for line, cells in found:
        if not cells:
            blank.append(line)
            continue
        yield from ((number, "the line is empty; expected a row") for number in blank)
        blank.clear()
        if len(cells) != len(names):
            yield line, _unequal(names, cells)
        else:
            yield line, {name: cells[i] for i, name in places}


def _unequal(names: tuple[str, ...], cells: Sequence[str]) -> str:
    listed = ", ".join(names)
    hint = "; text with a comma goes in quotes" if len(cells) > len(names) else ""
    return f"{len(cells)} cell{'s' * (len(cells) != 1)}; expected {len(names)} ({listed}){hint}"
