"""Which gains are averaged: one language, a target, a group of languages, a benchmark."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from xstilts.benchmarks import Benchmark, BenchmarkTask
from xstilts.errors import LanguageError
from xstilts.languages import resolve
from xstilts.stats.panels import Panel

Scope = Literal["language", "target", "group", "benchmark"]


@dataclass(frozen=True)
class Member:
    """A panel that an average takes part in, and the positions of its languages that count, each with the same weight."""

    panel: Panel
    languages: tuple[int, ...]


@dataclass(frozen=True)
class Average:
    """The mean over members of the mean over each member's languages.

    Attributes:
        scope: what is averaged over.
        target: name of the panel, or of the benchmark's average, or `all targets`.
        group: the language, or the group's name; "" where all languages count.
        members: panels of one encoder.

    """

    scope: Scope
    target: str
    group: str
    members: tuple[Member, ...]

    @property
    def encoder(self) -> str:
        """The one encoder of the members."""
        return self.members[0].panel.encoder


def languages(panels: Sequence[Panel]) -> tuple[Average, ...]:
    """Return each language of each target for itself, the source language too."""
    return tuple(
        Average("language", panel.name, language, (Member(panel, (i,)),))
        for panel in panels
        for i, language in enumerate(panel.languages)
    )


def targets(panels: Sequence[Panel]) -> tuple[Average, ...]:
    """Return each target over its zero-shot languages."""
    return tuple(
        Average("target", panel.name, "", (Member(panel, found),))
        for panel in panels
        if (found := tuple(i for i, zero_shot in enumerate(panel.zero_shot) if zero_shot))
    )


def groups(panels: Sequence[Panel], group_of: Callable[[str], str]) -> tuple[Average, ...]:
    """Return each group of zero-shot languages, of each target and over all targets that have it.

    Over all targets every target counts once; variants of a retrieval target are not targets, so they must be one
    (see `make_panels`), else the mean over all targets leaves retrieval out.

    Args:
        panels: of any encoders.
        group_of: canonical tag of a language -> name of its group (family, script, resource class, seen or not); languages
            with an empty name belong to none.

    """
    found: list[Average] = []
    whole: dict[tuple[str, str], list[Member]] = {}
    for panel in panels:
        here: dict[str, list[int]] = {}
        for i, language in enumerate(panel.languages):
            if panel.zero_shot[i] and (name := group_of(language)):
                here.setdefault(name, []).append(i)
        alone = sum((other.encoder, other.target) == (panel.encoder, panel.target) for other in panels) == 1
        for name, positions in here.items():
            member = Member(panel, tuple(positions))
            found.append(Average("group", panel.name, name, (member,)))
            if alone:
                whole.setdefault((panel.encoder, name), []).append(member)
    together = [
        Average("group", "all targets", name, tuple(members)) for (_, name), members in whole.items() if len(members) > 1
    ]
    return (*found, *together)


def benchmark_values(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    """Return target -> the values whose mean is its score in the benchmark, for `make_panels`."""
    return {task.name: task.values for task in benchmark.tasks}


def benchmark_averages(panels: Sequence[Panel], benchmark: Benchmark) -> tuple[Average, ...]:
    """Return the averages of a benchmark as far as the panels go: all, without retrieval, and also without TyDiQA.

    As in the official averages the source language counts. A task with no panel, or with one for each of several variants,
    is left out, and the average's name says how many of the tasks it has.
    """
    found = []
    for encoder in dict.fromkeys(panel.encoder for panel in panels):
        members = {}
        for task in benchmark.tasks:
            mine = [panel for panel in panels if (panel.encoder, panel.target) == (encoder, task.name)]
            if len(mine) == 1 and (positions := official(mine[0], task)):
                members[task.name] = Member(mine[0], positions)
        trained = [task for task in benchmark.tasks if task.group != "retrieval"]
        for name, tasks in (
            (benchmark.name, list(benchmark.tasks)),
            (f"{benchmark.name} without retrieval", trained),
            (f"{benchmark.name} without retrieval and TyDiQA", [task for task in trained if task.name != "tydiqa"]),
        ):
            here = tuple(members[task.name] for task in tasks if task.name in members)
            if here:
                found.append(Average("benchmark", f"{name} ({len(here)} of {len(tasks)} tasks)", "", here))
    return tuple(found)


def official(panel: Panel, task: BenchmarkTask) -> tuple[int, ...]:
    """Return the positions of a panel's languages that count in a benchmark's score of the task."""
    if not task.languages:
        return tuple(range(len(panel.languages)))
    wanted = set(_resolved(task.languages, panel.languages))
    return tuple(i for i, language in enumerate(panel.languages) if language in wanted)


def _resolved(codes: Iterable[str], among: Sequence[str]) -> Iterable[str]:
    for code in codes:
        try:
            yield resolve(code, among)
        except LanguageError:  # the study leaves the language out
            continue
