"""CoNLL files: one word a line, its columns between tabs (or spaces, in a line without a tab), sentences between empty lines.

Columns are numbered from 1. What is no word is passed over: comments at the beginning of a sentence, -DOCSTART- lines
(CoNLL-2003), and, in ten columns, ranges and empty nodes such as `1-2` and `8.1` (CoNLL-U).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from xstilts.data.formats.lines import lines
from xstilts.errors import DataError

CONLL_U = 10  # columns
NO_WORD = re.compile(r"\d+[-.]\d+")
COMMENT = re.compile(r"#\s*[\w:.-]+\s*=")


def columns(path: Path) -> tuple[str, ...]:
    """Return the numbers of the columns, as text: as many as the first word has.

    Raises:
        DataError: when the file has no word; and from `lines`.

    """
    for _, row in _sentences(path, None):
        assert not isinstance(row, str), "rows are compared only with a known width"
        return tuple(row)
    raise DataError(
        f"{path}: no sentence in the file; expected one word a line, its tag in another column, and an empty line between "
        "sentences. Check the file."
    )


def records(path: Path, wanted: Collection[str]) -> Iterator[tuple[int, Mapping[str, list[str]] | str]]:
    """Yield the sentences, each with its first line: column -> its cells.

    Raises:
        DataError: from `lines`.

    """
    for line, row in _sentences(path, len(columns(path))):
        yield line, row if isinstance(row, str) else {name: cells for name, cells in row.items() if name in wanted}


def _sentences(path: Path, width: int | None) -> Iterator[tuple[int, Mapping[str, list[str]] | str]]:
    """Yield sentences; a row that has not `width` cells makes its sentence a wrong one, unless the width is not known."""
    words: list[list[str]] = []
    begin, wrong = 0, ""
    for number, text in lines(path):
        bare = text.rstrip("\r\n")
        if not bare.strip():
            if words:
                yield begin, wrong or _turned(words)
            words, wrong = [], ""
            continue
        cells = bare.split("\t") if "\t" in bare else bare.split()
        if not words and _is_comment(bare, cells, width):
            continue
        if cells[0] == "-DOCSTART-" or (len(cells) == CONLL_U and NO_WORD.fullmatch(cells[0])):
            continue
        if width is None:
            yield number, _turned([cells])
            return
        begin = number if not words else begin
        words.append(cells)
        if len(cells) != width and not wrong:
            many = "column" if len(cells) == 1 else "columns"
            wrong = f"{len(cells)} {many} in line {number}; expected {width}, as in the first sentence"
    if words:
        yield begin, wrong or _turned(words)


def _is_comment(bare: str, cells: list[str], width: int | None) -> bool:
    """Tell a comment from the word `#`, which has as many columns as the others."""
    return bare.startswith("#") and (width is None or len(cells) != width or COMMENT.match(bare) is not None)


def _turned(words: list[list[str]]) -> Mapping[str, list[str]]:
    return {str(i): list(cells) for i, cells in enumerate(zip(*words, strict=True), start=1)}
