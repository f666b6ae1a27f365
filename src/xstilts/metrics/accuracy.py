"""Accuracy: the share of examples with the right label. Retrieval uses it too, with sentence ids as labels."""

from collections.abc import Hashable, Sequence
from itertools import chain

from xstilts.errors import DataError


def accuracy(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> dict[str, float]:
    """Return {"accuracy": percent of positions where `predicted` equals `gold`}, as XTREME's `evaluate.py` does.

    Raises:
        DataError: when there is nothing to score.
        ValueError: when the two differ in length.

    """
    if not gold:
        raise DataError(
            "the split to score has 0 gold labels, so no accuracy can be computed. "
            "A score needs at least one labelled example: choose another split, or leave this language out."
        )
    correct = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return {"accuracy": correct / len(gold) * 100}


def token_accuracy(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return {"accuracy": percent of words with the right tag}, over all words of all sentences.

    Raises:
        DataError: when there is no word to score.
        ValueError: when the number of sentences, or of a sentence's tags, differs.

    """
    for number, (gold_tags, predicted_tags) in enumerate(zip(gold, predicted, strict=True)):
        if len(gold_tags) != len(predicted_tags):
            raise ValueError(f"sentence {number}: {len(gold_tags)} gold tags, {len(predicted_tags)} predicted tags")
    return accuracy(list(chain.from_iterable(gold)), list(chain.from_iterable(predicted)))
