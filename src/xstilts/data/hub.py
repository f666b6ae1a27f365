"""The Hugging Face hub: data sets at pinned commits, and its cache where there is no connection."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.data import DataFile
from xstilts.errors import DataError
from xstilts.spec import SOURCE_LANGUAGE
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow

PAGE = "https://huggingface.co/datasets/"
ADVICE = {  # reason of a failure -> what is wrong and what to do; each ends with "or read a mirror folder"
    "gated": "the data set is gated and this login may not read it. Open {page}, accept the conditions, then run "
    "`hf auth login`",
    "no revision": "the hub has no revision {revision} of this data set. Take a commit from {page}/commits/main and "
    "set `data.revisions: {{{dataset}: COMMIT}}`",
    "not found": "the hub has no such data set, or it is private. Look for it at {page}; if it is private, run `hf auth login`",
    "script": "the data set is made by a script, and xstilts runs no code of a data set. Set "
    "`data.revisions: {{{dataset}: COMMIT}}` to a commit that holds data files (Parquet, JSON, CSV)",
    "no split": "this revision has no such configuration or split ({error}). Set "
    "`data.revisions: {{{dataset}: COMMIT}}` to a commit that has it, from {page}/commits/main",
    "no connection": "it is not in the cache, and the hub cannot be reached or the connection broke off ({error}). "
    "Run again: what was downloaded is kept; or run once where there is a connection, copy the folder HF_HOME and set "
    "HF_HUB_OFFLINE=1",
    "damaged": "a file is damaged or not of the form that its name says ({error}). Delete {folder} and run again",
    "disk full": "there is no space left to keep it ({error}). Free some, or set HF_HOME to a folder on a larger disk",
    "other": "it cannot be read ({error}). Mend this and run again",
}


class Hub:
    """The hub, read through `datasets`; no code of a data set is run.

    Args:
        revisions: data set id -> commit, where a study reads another commit than the task declares.

    """

    def __init__(self, revisions: Mapping[str, str]) -> None:
        self.revisions = revisions

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file that the task's declaration promises, `awaited` where the hub has none; no network is used."""
        data = task.data.instead or task.data
        if split not in data.splits:
            return None
        config = data.config.format(code=task.languages[language])
        if task.obtain:
            where = {"dataset": data.path, "config": config, "split": data.splits[split], "awaited": True}
            return DataFile(where, task.sizes.get(split), "", f"{data.path} ({config}/{where['split']})", task.obtain)
        revision = self.revisions.get(data.path, data.revision)
        doubt = "" if data.verified or data.path in self.revisions else "; this revision was never verified on the hub"
        prefix = {"prefix": data.prefixes[language]} if data.prefixes else {}
        return DataFile(
            identity={"dataset": data.path, "config": config, "split": data.splits[split], "revision": revision, **prefix},
            rows=task.sizes.get(split) if language == SOURCE_LANGUAGE else None,
            deviation="",
            origin=f"{PAGE}{data.path} ({config}/{data.splits[split]}, revision {revision}{doubt})",
        )

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows of a split: from the cache if it was read before, else downloaded.

        Raises:
            DataError: when the data set is gated, not found, made by a script, damaged, out of reach, or not on the hub.

        """
        if file.awaited:
            raise DataError(f"{file.origin}: not on the hub. {file.awaited}")
        with quietly():
            try:
                dataset = _load(file)
            except Exception as error:  # load_dataset documents no errors and passes on those of six libraries
                raise explained(error, file) from error
        table = dataset.with_format("arrow")[:]
        prefix = file.identity.get("prefix")
        return _beginning(table, prefix, file) if prefix else table


def _beginning(table: "pyarrow.Table", prefix: str, file: DataFile) -> "pyarrow.Table":
    """Return the rows whose `id` begins with a prefix.

    Raises:
        DataError: when there is none: another commit may number its rows in another way.

    """
    import pyarrow.compute

    if "id" in table.column_names:
        table = table.filter(pyarrow.compute.starts_with(table["id"], prefix))
        if table.num_rows:
            return table
    raise DataError(
        f"{file.origin}: no row has an `id` that begins with {prefix!r}, by which languages are told apart here; the columns "
        f"are {', '.join(table.column_names)}. Set `data.revisions` to a commit that has such ids, or read a mirror."
    )


def is_here(file: DataFile) -> bool:
    """Return whether the rows of a split are in the cache, so that reading them asks the hub nothing."""
    with quietly(), contextlib.suppress(OSError, ValueError):
        _cached(file)
        return True
    return False


def _load(file: DataFile) -> Any:
    """Load one split with `datasets`, asking its cache before the hub.

    What a commit holds never changes: once it is prepared, there is nothing to ask the hub.
    """
    import datasets

    with contextlib.suppress(OSError, ValueError):
        return _cached(file)
    return datasets.load_dataset(**request(file), split=file.identity["split"], keep_in_memory=False)


def _cached(file: DataFile) -> Any:
    """Load one split from the cache of `datasets` alone."""
    import datasets

    with _settings(datasets.config, HF_HUB_OFFLINE=True):
        return datasets.load_dataset(**request(file), split=file.identity["split"], keep_in_memory=False)


def request(file: DataFile) -> dict[str, Any]:
    """Return what `datasets` is asked for.

    Without a connection `datasets` takes the configuration that was prepared last, whatever its commit. Each commit
    has a cache folder of its own here, so that nothing else can be found.
    """
    import datasets

    revision = file.identity["revision"]
    return {
        "path": file.identity["dataset"],
        "name": file.identity["config"],
        "revision": revision,
        "cache_dir": str(Path(datasets.config.HF_DATASETS_CACHE) / "xstilts" / revision),
    }


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep `datasets` and `huggingface_hub` from drawing, logging and counting; their errors say what they logged."""
    import datasets
    from huggingface_hub import constants, utils

    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in ("datasets", "huggingface_hub")}
    bars = [library for library in (datasets, utils) if not library.are_progress_bars_disabled()]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    for library in bars:
        library.disable_progress_bars()
    try:
        with (
            _settings(constants, HF_HUB_DISABLE_TELEMETRY=True),
            _settings(datasets.config, HF_UPDATE_DOWNLOAD_COUNTS=False),
        ):
            yield
    finally:
        for logger, level in loggers.items():
            logger.setLevel(level)
        for library in bars:
            library.enable_progress_bars()


@contextlib.contextmanager
def _settings(module: Any, **values: bool) -> Iterator[None]:
    """Change settings that a library reads from the environment only when it is imported; then put them back."""
    before = {name: getattr(module, name) for name in values}
    vars(module).update(values)
    try:
        yield
    finally:
        vars(module).update(before)


def explained(error: Exception, file: DataFile) -> DataError:
    """Return the error for the user of what `datasets` or `huggingface_hub` raised about a file."""
    from huggingface_hub.constants import HF_HUB_CACHE

    dataset, revision = file.identity["dataset"], file.identity["revision"]
    folder = Path(HF_HUB_CACHE) / f"datasets--{dataset.replace('/', '--')}"
    said = advice(error, ADVICE, page=f"{PAGE}{dataset}", dataset=dataset, revision=revision, folder=str(folder))
    return DataError(f"{file.origin}: {said}, or read a mirror folder (`data.mirror`).")


def advice(error: Exception, texts: Mapping[str, str], **names: str) -> str:
    """Return what is wrong with something of the hub, and what to do.

    Args:
        error: what `datasets` or `huggingface_hub` raised.
        texts: reason of a failure -> its text.
        names: the values of the text's braces; `{error}` is added.

    """
    from datasets.exceptions import DatasetGenerationError

    telling = error.__cause__ if isinstance(error, DatasetGenerationError) and error.__cause__ else error
    return texts[reason(error)].format(error=f"{type(telling).__name__}: {_line(telling)}", **names)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def reason(error: Exception) -> str:
    """Return which advice fits; of some first causes `datasets` keeps only the message."""
    from datasets.data_files import EmptyDatasetError
    from datasets.exceptions import DataFilesNotFoundError, DatasetNotFoundError, DatasetsError
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )
    from pyarrow import ArrowException

    text, causes = _line(error), _causes(error)

    def due_to(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    # httpx or httpx2, as huggingface_hub pleases
    transport = any(kind.__name__ == "TransportError" for cause in causes for kind in type(cause).__mro__)
    full = any(isinstance(cause, OSError) and cause.errno in {ENOSPC, EDQUOT} for cause in causes)
    reasons = {
        "disk full": full or "Not enough disk space" in text,
        "gated": due_to(GatedRepoError) or "is a gated dataset" in text,
        "no revision": due_to(RevisionNotFoundError),
        "not found": due_to(DatasetNotFoundError, RepositoryNotFoundError),
        "script": "scripts are no longer supported" in text,
        "no split": text.startswith(("BuilderConfig", "Unknown split", "Bad split"))
        or due_to(EmptyDatasetError, DataFilesNotFoundError),
        "no connection": transport or due_to(ConnectionError, TimeoutError, HfHubHTTPError) or "find cache for" in text,
        "damaged": due_to(DatasetsError, ArrowException) or "Consistency check failed" in text,
    }
    return next((name for name, holds in reasons.items() if holds), "other")


def _causes(error: BaseException | None) -> tuple[BaseException, ...]:
    """Return an error and what led to it, last first."""
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return tuple(causes)
