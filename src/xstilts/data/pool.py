"""The queries and the candidates of ranking tasks, and which files hold the pool that every language's queries search."""

from dataclasses import dataclass, replace

from xstilts.data import DataFile, Source
from xstilts.data.availability import available_languages, evaluation_file
from xstilts.data.read import OnBadRow, read_examples
from xstilts.errors import DataError
from xstilts.fingerprint import key_of
from xstilts.passages import Candidate, Match, Search
from xstilts.task import Example, Task


@dataclass(frozen=True)
class Texts:
    """One side of a search: queries, or candidates.

    Attributes:
        items: pairs of a text and the one around it, which queries have not.
        names: of each.
        keys: of each; a candidate is right for a query where they share one.
        skipped: bad rows left out under `on_bad_row: skip`.

    """

    items: tuple[tuple[str, str | None], ...]
    names: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    skipped: int


def pool_files(source: Source, task: Task) -> tuple[DataFile, ...]:
    """Return the files whose candidates every query searches: one for all languages, or those of all that the source has.

    Raises:
        DataError: when the source lacks the one.

    """
    if task.pool is None:
        return tuple(evaluation_file(source, task, language)[0] for language in available_languages(source, task))
    found = shared_pool(source, task)
    if found is None:
        raise DataError(
            f"no candidates of {task.name}: {task.pool.path}, configuration {task.pool.config}, split "
            f"{task.pool.splits['test']}, is not there, and all its queries search them. {task.obtain or 'Add it.'}"
        )
    return (found,)


def shared_pool(source: Source, task: Task) -> DataFile | None:
    """Return the file of the candidates that all languages share; None where it, or such a pool, is not there."""
    if task.pool is None:
        return None
    return source.find(replace(task, data=task.pool, more=()), next(iter(task.languages)), "test")


def read_queries(
    source: Source, task: Task, file: DataFile, *, limit: int | None = None, on_bad_row: OnBadRow = "stop"
) -> Texts:
    """Read the queries of a file; `limit` and errors as in `read_examples`.

    Raises:
        DataError: see `read_examples`.

    """
    read = read_examples(source, task, file, limit=limit, on_bad_row=on_bad_row)
    found = [_search(example, row) for example, row in zip(read.items, read.ids, strict=True)]
    queries = [one for one in found if one is not None]
    return Texts(
        items=tuple((one.query, None) for one in queries),
        names=tuple(one.name for one in queries),
        keys=tuple((one.key,) for one in queries),
        skipped=read.skipped,
    )


def read_candidates(source: Source, task: Task, file: DataFile, *, on_bad_row: OnBadRow = "stop") -> Texts:
    """Read all candidates of a file, each once, with all its keys.

    A candidate with a context is named by configuration, number of the context (from 1) and its own name, as in XTREME-R's
    `third_party/utils_lareqa.py`; one without by its own name.

    Raises:
        DataError: see `read_examples`.

    """
    read = read_examples(source, task, file, on_bad_row=on_bad_row)
    contexts: dict[str, int] = {}
    texts: dict[str, tuple[str, str | None]] = {}
    keys: dict[str, list[str]] = {}
    for example, row in zip(read.items, read.ids, strict=True):
        if isinstance(example, Candidate):
            candidates: tuple[Candidate, ...] = (example,)
        else:
            search = _search(example, row)
            candidates = search.candidates if search else ()
        for one in candidates:
            name = one.name
            if one.context is not None:
                paragraph = contexts.setdefault(one.context, len(contexts) + 1)
                name = f"{file.identity['config']}_{paragraph}_{name}"
            texts.setdefault(name, (one.passage, one.context))
            keys.setdefault(name, []).extend(key for key in one.keys if key not in keys[name])
    return Texts(tuple(texts.values()), tuple(texts), tuple(tuple(found) for found in keys.values()), read.skipped)


def _search(example: Example, row: str) -> Search | None:
    """Return an example as a search; of a pair of training data, for its passage among those of its file."""
    if isinstance(example, Match):
        key = key_of([example.passage, example.context])
        return Search(example.query, row, key, (Candidate(example.passage, example.context, key, (key,)),))
    return example if isinstance(example, Search) else None
