"""Scorers on plain lists: gold and predicted values in, percentages out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xstilts.errors import XstiltsError, unknown
from xstilts.metrics import accuracy, bucc, tagging


@dataclass(frozen=True)
class Metric:
    """One way to score predictions.

    Attributes:
        name: The name that tasks and study files use.
        version: Part of every score's key; raise it when any value could change.
        headline: Which of the computed values stands for the metric in tables and gains.
        compute: From (gold, predicted) to {name of the value: value in percent, 0 to 100}.

    """

    name: str
    version: int
    headline: str
    compute: Callable[[Sequence[Any], Sequence[Any]], dict[str, float]]


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(name="accuracy", version=1, headline="accuracy", compute=accuracy.accuracy),
            # XTREME scores part-of-speech tags and named entities with one function; the table shows them by two names
            Metric(name="tagging_f1", version=1, headline="f1", compute=tagging.tagging_f1),
            Metric(name="span_f1", version=1, headline="f1", compute=tagging.tagging_f1),
            Metric(name="bucc_f1", version=1, headline="f1", compute=bucc.bucc_f1),
        )
    }
)


def metric(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        XstiltsError: when no metric has the name; the message gives the nearest one.

    """
    if name not in METRICS:
        raise XstiltsError(unknown("metric", name, METRICS))
    return METRICS[name]
