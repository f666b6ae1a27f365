"""Data sets that are not on the hub, from a mirror folder of their own beside the hub or another mirror."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xstilts.data import DataFile, Source
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class WithLocal:
    """A source for all that is on the hub, and a folder for what is not.

    Attributes:
        source: the hub, or a mirror of it.
        local: a mirror with the data sets of tasks that have `obtain`; what it lacks may be in `source` all the same.

    """

    source: Source
    local: Source

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file of one split, from the folder where the task is not on the hub."""
        found = self.local.find(task, language, split) if task.obtain else None
        return found or self.source.find(task, language, split)

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows of a file.

        Raises:
            DataError: as the place where the file lies raises it.

        """
        place = self.local if str(file.identity["dataset"]).startswith("local/") else self.source
        return place.table(file)
