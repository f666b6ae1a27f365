"""A source in memory, a file in the real mirror, and what a limit takes: for the tests of reading."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow

from xstilts.data import DataFile
from xstilts.data.mirror import Mirror
from xstilts.task import Split, Task

FILE = DataFile(identity={}, rows=None, deviation="", origin="memory.parquet")


class Memory:
    """A source with one table."""

    def __init__(self, rows: Sequence[Mapping[str, Any]] | pyarrow.Table) -> None:
        self.content = rows if isinstance(rows, pyarrow.Table) else pyarrow.Table.from_pylist(list(rows))

    def find(self, _task: Task, _language: str, _split: Split) -> DataFile | None:
        raise NotImplementedError

    def table(self, _file: DataFile) -> pyarrow.Table:
        return self.content


def first_of_shuffle(count: int, limit: int) -> list[str]:
    """The rows a limit takes, worked out another way: sort the rows by random numbers drawn in their order."""
    draw = random.Random("limit")
    drawn = [draw.random() for _ in range(count)]
    return [str(i) for i in sorted(sorted(range(count), key=drawn.__getitem__)[:limit])]


def real(mirror: Mirror, task: Task, language: str, split: Split) -> DataFile:
    found = mirror.find(task, language, split)
    assert found is not None
    return found
