"""Rows of data sets: where they lie (a mirror folder or the hub), what identifies them, and examples read from them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from xstilts.constructed.language import FAMILY, Language
from xstilts.spec import DataSpec
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class DataFile:
    """One split of one configuration of a data set, at one version.

    Attributes:
        identity: what goes in keys: data set, configuration, split, and its SHA-256 (mirror), revision (hub), or what it is
            generated from (constructed languages).
        rows: how many rows it has, None when only reading would tell.
        deviation: how it differs from the standard task's data; empty when it does not.
        origin: file or hub address, for messages.
        awaited: how to get the data where they are neither on the hub nor in a folder; then no row can be read.
        parts: the files whose rows it has one after another, where a task reads several data sets.

    """

    identity: Mapping[str, Any]
    rows: int | None
    deviation: str
    origin: str
    awaited: str = ""
    parts: tuple["DataFile", ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is a file of an own task; its identity tells which columns are read."""
        return "columns" in self.identity

    @property
    def made(self) -> bool:
        """Whether its rows lie nowhere: they are made in constructed languages when they are read."""
        return "generator" in self.identity

    @property
    def labelled(self) -> bool:
        """Whether there is anything to score predictions against; only an own task's test file may have no labels."""
        return bool(self.identity.get("labelled", True))


class Source(Protocol):
    """A place that holds data sets under the hub's names."""

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file of one split in one language (a canonical tag), None where the data set has no such split."""

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows in the data set's order, with the columns of the hub's data set.

        Raises:
            DataError: when the file is missing, gated, damaged or unreadable.

        """


def mirror_folder(spec: DataSpec) -> Path | None:
    """Return the mirror that the study or the environment variable XSTILTS_MIRROR names; None where rows come from the hub."""
    folder = spec.mirror or os.environ.get("XSTILTS_MIRROR")
    return Path(folder) if folder else None


def open_source(spec: DataSpec, declared: Iterable[Language] = ()) -> Source:
    """Return the mirror that the study (or the environment variable XSTILTS_MIRROR) names, else the hub; own files beside it.

    What is not on the hub comes from the folder `local`, where the study names one. Data in constructed languages are made.

    Args:
        spec: where the rows lie.
        declared: constructed languages that the study declares.

    Raises:
        DataError: when the mirror folder or its mirror.yaml is missing or malformed.

    """
    from xstilts.data.constructed import Generated
    from xstilts.data.hub import Hub
    from xstilts.data.joined import Joined
    from xstilts.data.local import WithLocal
    from xstilts.data.mirror import Mirror
    from xstilts.data.own import Own

    folder = mirror_folder(spec)
    source: Source = Mirror(folder) if folder else Hub(spec.revisions)
    if spec.local:
        source = WithLocal(source, Mirror(spec.local))
    return Own(Joined(Generated(source, {**FAMILY, **{each.code: each for each in declared}})))
