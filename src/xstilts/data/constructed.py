"""Data sets that are generated: the constructed languages' rows come from their grammar, all others from a source below."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xstilts.constructed import VERSION
from xstilts.constructed.language import FAMILY, Language
from xstilts.data import DataFile, Source
from xstilts.fingerprint import key_of
from xstilts.task import CONSTRUCTED, Split, Task

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Generated:
    """A source that makes the data sets named `constructed/...` and asks another for the rest.

    A row depends on the data set, the domain, the language's dials and the version of the generator; a split on its size too,
    which is the task's.

    Attributes:
        source: where all other data sets lie.
        family: code -> language.

    """

    source: Source
    family: Mapping[str, Language] = field(default_factory=lambda: FAMILY)

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return what identifies a split; nothing is made yet."""
        if not task.data.path.startswith(CONSTRUCTED):
            return self.source.find(task, language, split)
        if split not in task.data.splits:
            return None
        config = task.config(language)
        dials = self.family[config.partition(".")[0]].identity()
        rows = task.sizes[split]
        return DataFile(
            identity={
                "dataset": task.data.path, "config": config, "split": split, "rows": rows, "generator": VERSION,
                "language": key_of(dials),
            },
            rows=rows,
            deviation="",
            origin=f"{task.data.path} ({config}/{split}, generated)",
        )  # fmt: skip

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows of a split."""
        if not file.made:
            return self.source.table(file)
        import pyarrow

        from xstilts.constructed.items import items
        from xstilts.constructed.sets import RECIPES

        code, _, domain = file.identity["config"].partition(".")
        recipe, language = RECIPES[file.identity["dataset"].removeprefix(CONSTRUCTED)], self.family[code]
        made = items(recipe, domain, file.identity["split"], file.identity["rows"])
        return pyarrow.Table.from_pylist([dict(recipe.row(item, language)) for item in made])
