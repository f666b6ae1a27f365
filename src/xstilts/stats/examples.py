"""What each example adds to a score, from the prediction files: the layer on which everything is resampled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from xstilts.errors import XstiltsError
from xstilts.metrics import METRICS
from xstilts.metrics.bucc import best_threshold, gold_pairs, mined_pairs
from xstilts.metrics.mlqa import normaliser
from xstilts.metrics.ranking import average_precision
from xstilts.metrics.squad import normalise
from xstilts.metrics.squad import question_scores as squad_scores
from xstilts.metrics.squad2 import answered
from xstilts.metrics.squad2 import question_scores as squad2_scores
from xstilts.metrics.tagging import Span, spans
from xstilts.results import Results, read_variants
from xstilts.store import read_json

Floats = npt.NDArray[np.float64]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ExampleScores:
    """One score, taken apart: it is 100 * sum(right) / sum(possible).

    Of a mean over examples, `right` is the example's score, 0 to 1, and `possible` 1. Of an F1 over all items,
    2 correct / (predicted + gold), `right` is twice the example's correct items and `possible` its predicted and gold ones.

    Attributes:
        ids: one an example; rows of the same id are the same example.
        right: [n].
        possible: [n].

    """

    ids: tuple[str, ...]
    right: Floats
    possible: Floats

    @property
    def value(self) -> float:
        """The score in per cent; 0 when nothing is possible."""
        possible = float(self.possible.sum())
        return 100 * float(self.right.sum()) / possible if possible else 0.0


def example_scores(results: Results, score_key: str, language: str, values: Sequence[str] = ()) -> dict[str, ExampleScores]:
    """Return what each example adds to a score, by variant ("" where the task has none).

    Args:
        results: the study's results.
        score_key: of a finished score stage.
        language: of the score.
        values: names of the metric's values whose mean is taken, as in a benchmark's task score; the headline value if none.

    Raises:
        XstiltsError: when the metric has no value of that name for single examples.

    """
    name = results.plan.stages[score_key].value["metric"]
    wanted = tuple(values) or (METRICS[name].headline,)
    found = {}
    for variant, (rows, values_of) in _parts(results, score_key, name, language).items():
        strange = [value for value in wanted if value not in values_of]
        if strange:
            raise XstiltsError(
                f"the metric '{name}' has no value '{strange[0]}' of single examples. Allowed: {', '.join(values_of)}. "
                "Name one of these."
            )
        found[variant] = _mean(_ids(rows), [values_of[value] for value in wanted])
    return found


def answer_threshold(results: Results, score_key: str) -> float:
    """Return the null difference up to which questions are answered, of a finished score of SQuAD v2.0."""
    scores = read_json(results.store.folder(results.plan.stages[score_key]) / "scores.json")
    assert scores is not None, "only finished scores are taken apart"
    return float(scores["threshold"])


Parts = tuple[Floats, Floats]  # right, possible


def _parts(results: Results, score_key: str, name: str, language: str) -> dict[str, tuple[Rows, dict[str, Parts]]]:
    """Return variant -> its rows, and the parts of each value of the metric."""
    paths = results.predictions(score_key)
    evaluated = read_variants(paths[0])
    if name == "bucc_f1":
        tuned = read_variants(paths[-1])
        return {variant: (rows, _bucc(rows, tuned[variant])) for variant, rows in evaluated.items()}
    if name == "squad2":
        threshold = answer_threshold(results, score_key)
        return {variant: (rows, _squad2(rows, threshold)) for variant, rows in evaluated.items()}
    return {variant: (rows, _BY_EXAMPLE[name](rows, language)) for variant, rows in evaluated.items()}


def _ids(rows: Rows) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row["example_id"]) for row in rows))


def _mean(ids: tuple[str, ...], parts: Sequence[Parts]) -> ExampleScores:
    """Return the mean of several values; more than one is asked of means over examples alone, where `possible` is 1."""
    return ExampleScores(ids, np.mean([right for right, _ in parts], axis=0), parts[0][1])


def _means(columns: Mapping[str, Sequence[float]]) -> dict[str, Parts]:
    return {name: (np.asarray(column, float), np.ones(len(column))) for name, column in columns.items()}


def _accuracy(rows: Rows, language: str) -> dict[str, Parts]:  # noqa: ARG001
    return _means({"accuracy": [float(row["gold"] == row["prediction"]) for row in rows]})


def _token_accuracy(rows: Rows, language: str) -> dict[str, Parts]:  # noqa: ARG001
    """Count words with the right tag by sentence."""
    pairs = list(zip(*_gold_and_predicted(rows), strict=True))
    right = [sum(a == b for a, b in zip(gold, predicted, strict=True)) for gold, predicted in pairs]
    return {"accuracy": (np.asarray(right, float), np.asarray([len(gold) for gold, _ in pairs], float))}


def _ranking(rows: Rows, language: str) -> dict[str, Parts]:  # noqa: ARG001
    gold, retrieved = _gold_and_predicted(rows)
    return _means({"map@20": [average_precision(*pair) for pair in zip(gold, retrieved, strict=True)]})


def _squad(rows: Rows, language: str) -> dict[str, Parts]:  # noqa: ARG001
    return _means(squad_scores(*_gold_and_predicted(rows), normalise))


def _mlqa(rows: Rows, language: str) -> dict[str, Parts]:
    return _means(squad_scores(*_gold_and_predicted(rows), normaliser(language)))


def _squad2(rows: Rows, threshold: float) -> dict[str, Parts]:
    gold, predicted = _gold_and_predicted(rows)
    return _means(squad2_scores(gold, answered(predicted, [row["null_difference"] for row in rows], threshold)))


def _tagging(rows: Rows, language: str) -> dict[str, Parts]:  # noqa: ARG001
    """Count spans by the sentence that they begin in; none goes on into the next."""
    gold, predicted = _gold_and_predicted(rows)
    begins = np.cumsum([0, *(len(sentence) + 1 for sentence in gold)])[:-1]  # the scorer puts an "O" after each sentence

    def count(found: set[Span]) -> Floats:
        sentence = np.searchsorted(begins, [begin for _, begin, _ in found], side="right") - 1
        return np.bincount(sentence.astype(np.int64), minlength=len(begins)).astype(float)

    wanted, given = set(spans(gold)), set(spans(predicted))
    return {"f1": (2 * count(wanted & given), count(wanted) + count(given))}


def _bucc(rows: Rows, tuned: Rows) -> dict[str, Parts]:
    """Count pairs by foreign sentence; the threshold is the one that the score was computed with, and is not resampled."""
    threshold, _ = best_threshold(mined_pairs(tuned), gold_pairs(tuned))
    gold = gold_pairs(rows)
    given = {(foreign, source) for foreign, source, margin in mined_pairs(rows) if margin >= threshold}
    place = {name: i for i, name in enumerate(_ids(rows))}
    right, possible = np.zeros(len(place)), np.zeros(len(place))
    for pairs, array, amount in ((gold & given, right, 2), (gold, possible, 1), (given, possible, 1)):
        np.add.at(array, [place[foreign] for foreign, _ in pairs], amount)
    return {"f1": (right, possible)}


def _gold_and_predicted(rows: Rows) -> tuple[list[Any], list[Any]]:
    return [row["gold"] for row in rows], [row["prediction"] for row in rows]


_BY_EXAMPLE: Mapping[str, Callable[[Rows, str], dict[str, Parts]]] = MappingProxyType(
    {
        "accuracy": _accuracy,
        "xsim": _accuracy,
        "token_accuracy": _token_accuracy,
        "tagging_f1": _tagging,
        "span_f1": _tagging,
        "squad": _squad,
        "mlqa": _mlqa,
        "map_at_20": _ranking,
    }
)
