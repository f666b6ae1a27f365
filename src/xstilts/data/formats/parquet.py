"""Parquet: a table with typed columns; it has rows, but no lines."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xstilts.errors import DataError

BLOCK = 1024  # rows turned into Python values at a time


def columns(path: Path) -> tuple[str, ...]:
    """Return the names in the schema.

    Raises:
        DataError: when the file is no Parquet file, or has a column twice.

    """
    from pyarrow import parquet

    with _readable(path):
        names = tuple(parquet.read_schema(path).names)
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise DataError(
            f"{path}: the column {doubled!r} stands twice in the schema; each name counts once. Rename one of the two."
        )
    return names


def records(path: Path, wanted: Collection[str]) -> Iterator[tuple[None, Mapping[str, Any]]]:
    """Yield the rows.

    Raises:
        DataError: when the file cannot be read, or text in it is not UTF-8.

    """
    from pyarrow import parquet

    names = [name for name in columns(path) if name in wanted]
    with _readable(path), parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(BLOCK, columns=names):
            batch.validate(full=True)  # Parquet does not say whether its text is UTF-8
            yield from ((None, row) for row in batch.to_pylist())


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: not readable as Parquet ({error}). Write the file again, or give its true extension."
        ) from error
