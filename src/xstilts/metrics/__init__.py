"""Scorers on plain lists: gold and predicted values in, percentages out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xstilts.errors import XstiltsError, unknown
from xstilts.metrics import accuracy, bucc, mlqa, ranking, squad, squad2, tagging, xsim


@dataclass(frozen=True)
class Metric:
    """One way to score predictions.

    Attributes:
        name: The name that tasks and study files use.
        version: Part of every score's key; raise it when any value could change.
        headline: Which of the computed values stands for the metric in tables and gains.
        scorer: From (gold, predicted) to {name of the value: value in percent, 0 to 100}.
        by_language: Whether the scorer takes the language of the examples as a third argument.

    """

    name: str
    version: int
    headline: str
    scorer: Callable[..., dict[str, float]]
    by_language: bool = False

    def compute(self, gold: Sequence[Any], predicted: Sequence[Any], *, language: str | None = None) -> dict[str, float]:
        """Score predictions in one language; returns {name of the value: value in percent, 0 to 100}.

        Args:
            gold: What is right, one an example: a label, tags, a pair, acceptable answers, or right items.
            predicted: What was predicted, one an example.
            language: Of the examples, in any spelling; only a metric that is `by_language` looks at it.

        Raises:
            DataError: when there is nothing to score.
            LanguageError: when the metric has no rules for the language.
            ValueError: when the two differ in length, or the language is missing that the metric needs.

        """
        if not self.by_language:
            return self.scorer(gold, predicted)
        if language is None:
            raise ValueError(f"the metric {self.name} needs the language of the examples")
        return self.scorer(gold, predicted, language)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(name="accuracy", version=1, headline="accuracy", scorer=accuracy.accuracy),
            Metric(name="token_accuracy", version=1, headline="accuracy", scorer=accuracy.token_accuracy),
            # XTREME scores part-of-speech tags and named entities with one function; the table shows them by two names
            Metric(name="tagging_f1", version=1, headline="f1", scorer=tagging.tagging_f1),
            Metric(name="span_f1", version=1, headline="f1", scorer=tagging.tagging_f1),
            Metric(name="bucc_f1", version=1, headline="f1", scorer=bucc.bucc_f1),
            Metric(name="xsim", version=1, headline="accuracy", scorer=xsim.xsim),
            Metric(name="squad", version=1, headline="f1", scorer=squad.squad),  # XQuAD and TyDiQA too
            Metric(name="squad2", version=1, headline="f1", scorer=squad2.squad2),
            Metric(name="mlqa", version=1, headline="f1", scorer=mlqa.mlqa, by_language=True),
            Metric(name="map_at_20", version=1, headline="map@20", scorer=ranking.map_at_20),
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
