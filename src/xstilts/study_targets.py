"""The targets of a study file: tasks, and benchmarks, which stand for their tasks in their languages."""

from collections.abc import Iterator, Mapping
from typing import Any

from xstilts.benchmarks import BENCHMARKS, Benchmark
from xstilts.errors import nearest
from xstilts.languages import resolve
from xstilts.study_yaml import Place
from xstilts.task import Task


def with_listed_targets(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a study's plain data with a benchmark that stands alone under `targets`, or a misspelt one, in a list."""
    targets = data.get("targets")
    return {**data, "targets": [targets]} if isinstance(targets, str) and nearest(targets, BENCHMARKS) else data


def named_targets(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield the names under `targets` as they are written, each with its place."""
    written = data.get("targets")
    for index, item in enumerate(written if isinstance(written, list) else []):
        if isinstance(item, str):
            yield ("targets", index), item


def named_benchmarks(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, Benchmark]:
    """Return the benchmarks under `targets` by name, in the order of the file."""
    return {name: BENCHMARKS[name] for _, name in named_targets(data) if name in BENCHMARKS and name not in tasks}


def target_tasks(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, Place]:
    """Return the names of the targets' tasks, each with the place where it, or first a benchmark that has it, is named.

    Of a benchmark's tasks those that `tasks` has; other names are returned as they are, known or not.
    """
    benchmarks = named_benchmarks(data, tasks)
    found: dict[str, Place] = {}
    for place, name in named_targets(data):
        names = [one.name for one in benchmarks[name].tasks if one.name in tasks] if name in benchmarks else [name]
        for task in names:
            found.setdefault(task, place)
    return found


def benchmark_languages(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, tuple[str, ...]]:
    """Return the tasks of the named benchmarks, each with the canonical tags of the languages that they have it in."""
    found: dict[str, dict[str, None]] = {}
    for benchmark in named_benchmarks(data, tasks).values():
        for one in benchmark.tasks:
            if task := tasks.get(one.name):
                tags = [resolve(code, task.languages) for code in one.languages] or task.languages
                found.setdefault(one.name, {}).update(dict.fromkeys(tags))
    return {name: tuple(tags) for name, tags in found.items()}
