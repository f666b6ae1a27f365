"""Accuracy: the share of examples with the right label. Retrieval uses it too, with sentence ids as labels."""

from collections.abc import Hashable, Sequence

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
