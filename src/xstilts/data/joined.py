"""Tasks that are read from several data sets: one split is the rows of all of them, one data set after another."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xstilts.data import DataFile, Source
from xstilts.errors import DataError
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Joined:
    """A source in which the data sets of a task are one.

    Attributes:
        source: where the data sets lie.

    """

    source: Source

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file of one split; None where any of the task's data sets lacks it, for a part is another task."""
        if not task.more:
            return self.source.find(task, language, split)
        files = [self.source.find(one, language, split) for one in task.parts(language)]
        parts = tuple(file for file in files if file)
        if len(parts) < len(files):
            return None
        rows = [part.rows for part in parts if part.rows is not None]
        deviations: dict[str, list[str]] = {}
        for part in parts:
            if part.deviation:
                deviations.setdefault(part.deviation, []).append(_name(part))
        return DataFile(
            identity={"parts": [dict(part.identity) for part in parts]},
            rows=sum(rows) if len(rows) == len(parts) else task.sizes.get(split),
            deviation="; ".join(f"{', '.join(names)}: {text}" for text, names in deviations.items()),
            origin=", then ".join(part.origin for part in parts),
            parts=parts,
        )

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows of all parts in turn, with the columns that all have.

        Raises:
            DataError: when a part cannot be read, or a column is of another type in another part.

        """
        import pyarrow

        if not file.parts:
            return self.source.table(file)
        tables = [self.source.table(part) for part in file.parts]
        shared = [name for name in tables[0].column_names if all(name in table.column_names for table in tables)]
        try:
            return pyarrow.concat_tables([table.select(shared) for table in tables], promote_options="permissive")
        except pyarrow.ArrowException as error:
            raise DataError(
                f"{file.origin}: these files cannot be read as one ({error}); a column must have the same type in all. "
                "Write the one that differs again, with the column types of the hub's data set."
            ) from error


def _name(part: DataFile) -> str:
    return "/".join(str(part.identity[field]) for field in ("dataset", "config", "split"))
