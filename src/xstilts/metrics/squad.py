"""SQuAD v1.1: exact match and F1 of answers, as its `evaluate-v1.1.py` computes them (Rajpurkar et al., EMNLP 2016).

XTREME scores XQuAD and TyDiQA-GoldP with the same script in every language: also there only English articles and ASCII
punctuation are left out, and words are what stands between spaces, so an answer in Thai or Chinese is one word.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from xstilts.errors import DataError
from xstilts.metrics.f1 import f1_of
from xstilts.metrics.total import total

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def squad(gold: Sequence[Sequence[str]], predicted: Sequence[str | None]) -> dict[str, float]:
    """Return f1 and exact_match in percent: the mean over questions of the best value over the acceptable answers.

    Args:
        gold: The acceptable answers of each question, at least one.
        predicted: The answer to each question; None, for a question that was left out, scores 0.

    Raises:
        DataError: when there is no question, or a question without an acceptable answer.
        ValueError: when the two differ in length.

    """
    return answer_scores(gold, predicted, normalise)


def normalise(text: str) -> str:
    """Return an answer as it is compared: small letters, no ASCII punctuation, no English article, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def answer_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[str | None], normalised: Callable[[str], str]
) -> dict[str, float]:
    """Return what `squad` does, for answers that are compared in another normal form."""
    scores = question_scores(gold, predicted, normalised)
    return {name: 100.0 * total(values) / len(gold) for name, values in scores.items()}


def question_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[str | None], normalised: Callable[[str], str]
) -> dict[str, list[float]]:
    """Return f1 and exact_match of each question, 0 to 1; `answer_scores` takes their means."""
    if not gold:
        raise DataError(NO_QUESTIONS)
    scores: dict[str, list[float]] = {"f1": [], "exact_match": []}
    for number, (answers, text) in enumerate(zip(gold, predicted, strict=True), start=1):
        assert not isinstance(answers, str), "the acceptable answers of a question are a sequence"
        if not answers:
            raise DataError(
                f"question {number} has 0 acceptable answers; this scorer needs at least one for each question. "
                "Correct the data, or score questions without an answer with the metric 'squad2'."
            )
        given, wanted = None if text is None else normalised(text), [normalised(answer) for answer in answers]
        scores["exact_match"].append(float(given in wanted))
        scores["f1"].append(0.0 if given is None else max(token_f1(answer.split(), given.split()) for answer in wanted))
    return scores


NO_QUESTIONS = (
    "the split to score has 0 questions, so no F1 of answers can be computed. "
    "A score needs at least one: choose another split, or leave this language out."
)


def token_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the F1 of the words of two answers, 0 to 1; a word counts as often as both have it."""
    correct = (Counter(gold) & Counter(predicted)).total()
    return f1_of(correct / len(predicted), correct / len(gold)) if correct else 0.0
