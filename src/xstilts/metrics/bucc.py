"""BUCC 2018: F1 of mined sentence pairs, and the threshold on their scores (Zweigenbaum et al., 2018)."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

from xstilts.errors import DataError
from xstilts.metrics.f1 import precision_recall_f1

Pair = tuple[str, str]  # ids of a sentence and of its translation

_NO_GOLD = (
    "the split to score has 0 gold pairs, so no F1 can be computed. "
    "Mining needs at least one: choose a split whose gold pairs are public, or leave this language out."
)


def bucc_f1(gold: Sequence[Pair], predicted: Sequence[Pair]) -> dict[str, float]:
    """Return f1, precision and recall, in percent, of the predicted pairs; a pair given twice counts once.

    Raises:
        DataError: when there is no gold pair.

    """
    if not gold:
        raise DataError(_NO_GOLD)
    gold_set, predicted_set = set(map(tuple, gold)), set(map(tuple, predicted))
    return precision_recall_f1(len(gold_set & predicted_set), predicted=len(predicted_set), gold=len(gold_set))


def mined_pairs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, float]]:
    """Return the pairs that the rows of a prediction file propose, with their scores."""
    return [(row["example_id"], row["prediction"], row["similarity"]) for row in rows if row["prediction"] is not None]


def gold_pairs(rows: Sequence[Mapping[str, Any]]) -> set[Pair]:
    """Return the gold pairs among the rows of a prediction file."""
    return {(row["example_id"], row["gold"]) for row in rows if row["gold"] is not None}


def best_threshold(scored_pairs: Sequence[tuple[str, str, float]], gold: AbstractSet[Pair]) -> tuple[float, float]:
    """Return the threshold that maximises F1 on `gold`, and that F1 in percent (an oracle's: label it so).

    Mined are the pairs whose score is at least the threshold. The way is that of `BuccOptimize` in LASER's
    `tasks/bucc/bucc.py`: walk down the scores, keep the strictest of the best cuts, and put the threshold halfway
    between the last score above the cut and the next one below. It differs where LASER's way breaks: pairs of equal
    score are never cut apart, cuts are compared as exact fractions, and a best cut that takes every pair has the
    lowest score as its threshold. A pair that is scored twice keeps its higher score. When no scored pair is gold,
    every cut has an F1 of 0 and the strictest one is returned.

    Args:
        scored_pairs: (id of a sentence, id of its translation, score), in any order.
        gold: The pairs that are translations.

    Raises:
        DataError: when there is no gold pair or no scored pair.
        ValueError: when a score is infinite or NaN.

    """
    if not gold:
        raise DataError(_NO_GOLD)
    if not scored_pairs:
        raise DataError("0 pairs were mined, so no threshold can be chosen. Check that both sides have sentences.")
    scores: dict[Pair, float] = {}
    for source, target, score in scored_pairs:
        if not math.isfinite(score):
            raise ValueError(f"the pair ({source}, {target}) has the score {score}: it has no place in an order")
        scores[source, target] = max(score, scores.get((source, target), score))
    descending = sorted(scores, key=lambda pair: -scores[pair])
    groups = [(score, list(pairs)) for score, pairs in groupby(descending, key=lambda pair: scores[pair])]

    mined = correct = 0
    best_cut, best_mined, best_correct = 0, len(groups[0][1]), 0
    for cut, (_, pairs) in enumerate(groups):
        mined += len(pairs)
        correct += sum(pair in gold for pair in pairs)
        # F1 = 2 correct / (mined + gold); in whole numbers, so that equal cuts compare as equal
        if correct * (best_mined + len(gold)) > best_correct * (mined + len(gold)):
            best_cut, best_mined, best_correct = cut, mined, correct
    above = groups[best_cut][0]
    below = groups[best_cut + 1][0] if best_cut + 1 < len(groups) else above
    f1 = precision_recall_f1(best_correct, predicted=best_mined, gold=len(gold))["f1"]
    return _between(below, above), f1


def _between(below: float, above: float) -> float:
    """Return the mean of two scores, or `above` where rounding would make the mean equal to `below`."""
    mean = below / 2 + above / 2  # halved first: the sum of two large scores is not finite
    return mean if below < mean <= above else above
