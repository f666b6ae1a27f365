"""SQuAD v2.0: SQuAD with questions that have no answer, as `evaluate-v2.0.py` scores it (Rajpurkar et al., ACL 2018)."""

import math
from collections.abc import Sequence
from itertools import groupby

from xstilts.errors import DataError
from xstilts.metrics.squad import NO_QUESTIONS, normalise, token_f1
from xstilts.metrics.total import total


def squad2(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> dict[str, float]:
    """Return exact and f1 in percent, of all questions and of those with (HasAns_) and without an answer (NoAns_).

    Args:
        gold: The acceptable answers of each question; none for a question that has no answer.
        predicted: The answer to each question; "" says that it has none.

    Raises:
        DataError: when there is no question. Values of a kind of question that does not occur are left out.
        ValueError: when the two differ in length.

    """
    scores = question_scores(gold, predicted)
    kinds = {"": [True] * len(gold), "HasAns_": [bool(a) for a in gold], "NoAns_": [not a for a in gold]}
    return {
        f"{kind}{name}": 100.0 * total(value for value, one in zip(values, chosen, strict=True) if one) / sum(chosen)
        for kind, chosen in kinds.items()
        if any(chosen)
        for name, values in scores.items()
    }


def question_scores(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> dict[str, list[float]]:
    """Return exact and f1 of each question, 0 to 1; `squad2` takes their means."""
    return {"exact": _exact(gold, predicted), "f1": _f1(gold, predicted)}


def answered(predicted: Sequence[str], null_scores: Sequence[float], threshold: float) -> list[str]:
    """Return the answers, "" in place of one whose null score (see `best_thresholds`) is greater than the threshold."""
    return ["" if score > threshold else text for text, score in zip(predicted, null_scores, strict=True)]


def best_thresholds(gold: Sequence[Sequence[str]], predicted: Sequence[str], null_scores: Sequence[float]) -> dict[str, float]:
    """Return best_exact and best_f1 in percent, and the thresholds that reach them: best_exact_thresh, best_f1_thresh.

    A question counts as unanswerable when its null score is greater than the threshold. As in the official script,
    the threshold is the null score of the last question that is still answered, the lowest of those that are equally
    good, and any text that is given to a question without an answer counts as wrong, also "the", which is nothing
    once it is normalised. It differs where the script's way breaks: questions of equal null score are never cut
    apart; and when answering nothing is best, the script's 0.0 is returned only where it does that, as it does for
    probabilities; where a null score is 0 or less, as differences of logits are, the threshold is just below the lowest one.

    Args:
        gold: The acceptable answers of each question; none for a question that has no answer.
        predicted: The answer to each question if it has one; "" when none was found.
        null_scores: How much each question looks unanswerable: the greater, the more.

    Raises:
        DataError: when there is no question.
        ValueError: when the three differ in length, or a null score is infinite or NaN.

    """
    for number, score in enumerate(null_scores, start=1):
        if not math.isfinite(score):
            raise ValueError(f"question {number} has the null score {score}: it has no place in an order")
    found: dict[str, float] = {}
    for name, scores in question_scores(gold, predicted).items():
        gains = [
            score if answers else -1.0 if text else 0.0 for score, answers, text in zip(scores, gold, predicted, strict=True)
        ]
        best, threshold = _best_cut(gains, null_scores, nothing_answered=sum(not answers for answers in gold))
        found |= {f"best_{name}": 100.0 * best / len(gold), f"best_{name}_thresh": threshold}
    return found


def _best_cut(gains: Sequence[float], null_scores: Sequence[float], *, nothing_answered: float) -> tuple[float, float]:
    """Return the best sum of scores, and the null score up to which questions are answered to reach it."""
    ascending = sorted(zip(null_scores, gains, strict=True), key=lambda pair: pair[0])
    lowest = ascending[0][0]
    threshold = 0.0 if lowest > 0 else math.nextafter(lowest, -math.inf)
    best = current = nothing_answered
    for null_score, pairs in groupby(ascending, key=lambda pair: pair[0]):
        for _, gain in pairs:
            current += gain
        if current > best:
            best, threshold = current, null_score
    return best, threshold


def _exact(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> list[float]:
    """Return 1 for each question whose answer is right, 0 for the others."""
    return [float(normalise(text) in answers) for answers, text in zip(_normalised(gold), predicted, strict=True)]


def _f1(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> list[float]:
    """Return the F1 of each question, 0 to 1."""
    return [
        max(_agreement(answer.split(), normalise(text).split()) for answer in answers)
        for answers, text in zip(_normalised(gold), predicted, strict=True)
    ]


def _agreement(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the F1 of two answers; where one is empty, 1 if both are."""
    return token_f1(gold, predicted) if gold and predicted else float(gold == predicted)


def _normalised(gold: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the answers as they are compared; [""] for a question without one, or with none but articles and the like."""
    if not gold:
        raise DataError(NO_QUESTIONS)
    return [[form for answer in answers if (form := normalise(answer))] or [""] for answers in gold]
