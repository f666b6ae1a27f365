"""Files of a user's own: the formats, and what every one of them gives: its columns, and its rows with their lines."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xstilts.data.formats import conll, delimited, jsonl, parquet
from xstilts.errors import DataError, unknown

Record = tuple[int | None, Mapping[str, Any] | str]
"""A row: its 1-based line (None where a file has no lines), and column -> value, or what is wrong with the row."""


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: in keys.
        version: of its reader; raise it when any row could change. Part of every key.
        columns: file -> its columns, in order, from its beginning alone.
        records: (file, columns that are wanted) -> its rows, in order.

    """

    name: str
    version: int
    columns: Callable[[Path], tuple[str, ...]]
    records: Callable[[Path, Collection[str]], Iterator[Record]]


_CSV = Format("csv", 1, delimited.csv_columns, delimited.csv_records)
_TSV = Format("tsv", 1, delimited.tsv_columns, delimited.tsv_records)
_JSONL = Format("jsonl", 1, jsonl.columns, jsonl.records)
_PARQUET = Format("parquet", 1, parquet.columns, parquet.records)
_CONLL = Format("conll", 1, conll.columns, conll.records)
FORMATS: Mapping[str, Format] = MappingProxyType(
    {".csv": _CSV, ".tsv": _TSV, ".jsonl": _JSONL, ".parquet": _PARQUET, ".conll": _CONLL, ".conllu": _CONLL}
)


def format_of(path: Path) -> Format:
    """Return the format that a file's extension names.

    Raises:
        DataError: when no format has the extension.

    """
    extension = path.suffix.lower()
    if extension not in FORMATS:
        what = unknown("extension", extension, FORMATS) if extension else f"no extension. Allowed: {', '.join(FORMATS)}."
        raise DataError(f"{path}: {what} Save the file in one of these formats.")
    return FORMATS[extension]
