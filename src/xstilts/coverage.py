"""What of a benchmark a study evaluates, and what it lacks."""

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.benchmarks import Benchmark, BenchmarkTask
from xstilts.data.availability import partner_languages
from xstilts.languages import resolve
from xstilts.plan import Plan

MOST = 20  # missing languages that are named


@dataclass(frozen=True)
class Coverage:
    """One task of a benchmark in a plan.

    Attributes:
        task: the task.
        languages: canonical tag -> the benchmark's code, of all languages it has the task in, in the official order;
            none where there is no such task.
        planned: the tags that the plan evaluates it in.
        lack: what is not evaluated, and why; empty when nothing is.

    """

    task: BenchmarkTask
    languages: Mapping[str, str]
    planned: frozenset[str]
    lack: str


def coverage(plan: Plan, benchmark: Benchmark) -> tuple[Coverage, ...]:
    """Return what the plan evaluates of each task of a benchmark."""
    return tuple(_covered(plan, benchmark, task) for task in benchmark.tasks)


def _covered(plan: Plan, benchmark: Benchmark, task: BenchmarkTask) -> Coverage:
    if task.name not in plan.tasks:
        return Coverage(task, {}, frozenset(), f"{task.name}: not evaluated, for xstilts has no task of this name.")
    languages = benchmark_tags(task, plan.tasks[task.name].languages)
    evaluated = dict.fromkeys(score.language for score in plan.scores if score.cell.target == task.name)
    planned = frozenset(evaluated) & languages.keys()
    if task.name not in plan.study.targets:
        named = benchmark.name in plan.study.benchmarks
        why = "the data source has no data of it" if named else "it is no target of this study"
        return Coverage(task, languages, planned, f"{task.name}: not evaluated, for {why}.")
    partners = {f"partner={tag}" for tag in partner_languages(plan.study, tuple(evaluated))}
    if lacking := {part for part in task.variant.split() if part.startswith("partner=")} - partners:
        why = f"no language is compared with {min(lacking).removeprefix('partner=')} (`retrieval.partners`)"
        return Coverage(task, languages, frozenset(), f"{task.name}: not evaluated, for {why}.")
    missing = [code for tag, code in languages.items() if tag not in planned]
    shown = " ".join(missing[:MOST]) + (f" and {len(missing) - MOST} more" if len(missing) > MOST else "")
    lack = f"{task.name}: {len(planned)} of {len(languages)} languages, without {shown}." if missing else ""
    return Coverage(task, languages, planned, lack)


def benchmark_tags(task: BenchmarkTask, languages: Mapping[str, str]) -> dict[str, str]:
    """Return canonical tag -> the benchmark's code of the languages that a benchmark has a task in, in its order.

    Args:
        task: the task of the benchmark.
        languages: those of the task of this name, by canonical tag.

    """
    codes = {resolve(code, languages): code for code in task.languages} or {tag: tag for tag in languages}
    return {tag: code for tag, code in codes.items() if f"partner={tag}" not in task.variant.split()}
