"""Benchmarks: named sets of target tasks, and their averages as the official scripts compute them.

`xtreme` is what `evaluate.py` of google-research/xtreme scores (Hu et al., ICML 2020): its languages in its order, which
decides the last digit of a mean. A task's score is the mean over languages of its metric, and for question answering the
mean of two such means, exact match and F1. A group's score is the mean of its tasks' scores, the overall that of all
tasks' scores.

`xtreme-r` (Ruder et al., EMNLP 2021): its script cannot output an overall, because it has no scorer for LAReQA. Here it is
defined like XTREME's: the mean over the ten tasks of the task scores. `flores-200` has no script; its overall is defined
in the same way.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from xstilts.errors import XstiltsError, unknown
from xstilts.metrics.total import total

Group = Literal["classification", "tagging", "qa", "retrieval"]


@dataclass(frozen=True)
class BenchmarkTask:
    """One task of a benchmark.

    Attributes:
        name: of the task in study files.
        group: the benchmark's group it belongs to.
        metric: name of its scorer in `xstilts.metrics`.
        values: those of the metric's values whose means over languages are averaged to the task's score.
        languages: codes in the official order, as in the names of the benchmark's files; empty when they are all of the
            task's, in any order.
        folder: its name in the layout of the benchmark's files.
        variant: of retrieval: the parts of a score's variant that the benchmark fixes, such as the direction.

    """

    name: str
    group: Group
    metric: str
    values: tuple[str, ...]
    languages: tuple[str, ...]
    folder: str
    variant: str = ""


@dataclass(frozen=True)
class Benchmark:
    """A named set of target tasks.

    Attributes:
        name: as written in study files and on the command line.
        title: what it is, for people.
        tasks: in the official order.
        overall: how the overall is defined, for people.

    """

    name: str
    title: str
    tasks: tuple[BenchmarkTask, ...]
    overall: str

    @property
    def groups(self) -> dict[str, tuple[BenchmarkTask, ...]]:
        """The tasks of each group."""
        names = dict.fromkeys(task.group for task in self.tasks)
        return {name: tuple(task for task in self.tasks if task.group == name) for name in names}


@dataclass(frozen=True)
class Averages:
    """Means of task scores in percent; a mean with a task that is missing is None (a group: left out).

    Attributes:
        groups: mean of each group.
        overall: mean of all tasks.
        without_retrieval: mean of the tasks outside the group `retrieval`.
        without_retrieval_and_tydiqa: the same without TyDiQA: most of what intermediate training gains on XTREME is in
            retrieval and TyDiQA.

    """

    groups: Mapping[str, float]
    overall: float | None
    without_retrieval: float | None
    without_retrieval_and_tydiqa: float | None


def task_averages(task: BenchmarkTask, scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return `avg_<value>` of each value of a task, its mean over languages, and `avg_metric`, the task's score.

    Args:
        task: a task of a benchmark.
        scores: language -> value -> percent, every language with the same values.

    """
    names = next(iter(scores.values()))
    means = {f"avg_{name}": total(values[name] for values in scores.values()) / len(scores) for name in names}
    return means | {"avg_metric": total(means[f"avg_{name}"] for name in task.values) / len(task.values)}


def averages(benchmark: Benchmark, scores: Mapping[str, float]) -> Averages:
    """Return the means of a benchmark.

    Args:
        benchmark: the benchmark.
        scores: name of a task -> its score (`avg_metric`), of the tasks that were scored in all their languages.

    """
    found = {name: _mean(tasks, scores) for name, tasks in benchmark.groups.items()}
    trained = [task for task in benchmark.tasks if task.group != "retrieval"]
    return Averages(
        groups=MappingProxyType({name: mean for name, mean in found.items() if mean is not None}),
        overall=_mean(benchmark.tasks, scores),
        without_retrieval=_mean(trained, scores),
        without_retrieval_and_tydiqa=_mean([task for task in trained if task.name != "tydiqa"], scores),
    )


def _mean(tasks: tuple[BenchmarkTask, ...] | list[BenchmarkTask], scores: Mapping[str, float]) -> float | None:
    """Return the mean score of tasks, None when one is missing.

    The official script adds the tasks of a *set*, in another order in every run; the exact sum, rounded once, is the one
    that does not depend on it.
    """
    if any(task.name not in scores for task in tasks):
        return None
    return math.fsum(scores[task.name] for task in tasks) / len(tasks)


def benchmark(name: str) -> Benchmark:
    """Return the benchmark of that name.

    Raises:
        XstiltsError: when no benchmark has the name; the message gives the nearest one.

    """
    if name not in BENCHMARKS:
        raise XstiltsError(unknown("benchmark", name, BENCHMARKS))
    return BENCHMARKS[name]


def _task(name: str, group: Group, metric: str, languages: str, *, folder: str | None = None) -> BenchmarkTask:
    values, variant = _VALUES[metric], _VARIANTS.get(name, "")
    return BenchmarkTask(name, group, metric, values, tuple(languages.split()), folder or name, variant)


_VALUES = {
    "accuracy": ("accuracy",),
    "tagging_f1": ("f1",),
    "span_f1": ("f1",),
    "bucc_f1": ("f1",),
    "xsim": ("accuracy",),
    "squad": ("exact_match", "f1"),
    "mlqa": ("exact_match", "f1"),
    "map_at_20": ("map@20",),
}
_VARIANTS = {
    "tatoeba": "direction=source-to-foreign",
    "bucc": "direction=both",
    "flores200": "partner=eng_Latn direction=to-partner",
}
_XNLI = "ar bg de el en es fr hi ru sw th tr ur vi zh"
_PANX = (
    "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh kk tr et fi hu"
)
_UDPOS = "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh"
_TATOEBA = "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu"
_XQUAD = "en es de el ru tr ar vi th zh hi"
_MLQA = "en es de ar hi vi zh"
_TYDIQA = "en ar bn fi id ko ru sw te"

BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        benchmark.name: benchmark
        for benchmark in (
            Benchmark(
                name="xtreme",
                title="XTREME: 9 tasks in 40 languages",
                tasks=(
                    _task("pawsx", "classification", "accuracy", "de en es fr ja ko zh"),
                    _task("xnli", "classification", "accuracy", _XNLI),
                    _task("panx", "tagging", "span_f1", _PANX),
                    _task("udpos", "tagging", "tagging_f1", _UDPOS),
                    _task("bucc", "retrieval", "bucc_f1", "de fr ru zh", folder="bucc2018"),
                    _task("tatoeba", "retrieval", "accuracy", _TATOEBA),
                    _task("xquad", "qa", "squad", _XQUAD),
                    _task("mlqa", "qa", "mlqa", _MLQA),
                    _task("tydiqa", "qa", "squad", _TYDIQA),
                ),
                overall="Overall: the mean of the 9 task scores, as in XTREME's evaluate.py.",
            ),
            Benchmark(
                name="xtreme-r",
                title="XTREME-R: 10 tasks in 50 languages",
                tasks=(
                    _task("xnli", "classification", "accuracy", _XNLI),
                    _task("xcopa", "classification", "accuracy", "et ht id it qu sw ta th tr vi zh"),
                    _task("udpos", "tagging", "tagging_f1", f"{_UDPOS} lt pl ro uk wo"),
                    _task("panx", "tagging", "span_f1", f"{_PANX} az gu lt pa pl qu ro uk"),
                    _task("xquad", "qa", "squad", f"{_XQUAD} ro"),
                    _task("mlqa", "qa", "mlqa", _MLQA),
                    _task("tydiqa", "qa", "squad", _TYDIQA),
                    _task("tatoeba", "retrieval", "accuracy", f"{_TATOEBA} az lt pl ro uk"),
                    _task("lareqa", "retrieval", "map_at_20", "ar de el en es hi ru th tr vi zh"),
                    _task("mewslix", "retrieval", "map_at_20", "ar de en es fa ja pl ro ta tr uk"),
                ),
                overall="Overall: XTREME-R's own script cannot output one; here it is the mean of the 10 task scores.",
            ),
            Benchmark(
                name="flores-200",
                title="The FLORES-200 family: 3 tasks on its sentences, in up to 205 languages",
                tasks=(
                    _task("sib200", "classification", "accuracy", ""),
                    _task("belebele", "qa", "accuracy", ""),
                    _task("flores200", "retrieval", "xsim", ""),
                ),
                overall=(
                    "Overall: the FLORES-200 family has no official one; here it is the mean of the 3 task scores. "
                    "FLORES-200's score is the accuracy of finding the English sentence."
                ),
            ),
        )
    }
)
