"""Mean average precision of the first 20 retrieved items: LAReQA and Mewsli-X in XTREME-R (Ruder et al., EMNLP 2021)."""

from collections.abc import Collection, Sequence

from xstilts.errors import DataError
from xstilts.metrics.total import total

DEPTH = 20


def map_at_20(gold: Sequence[Collection[str]], predicted: Sequence[Sequence[str] | None]) -> dict[str, float]:
    """Return {"map@20": percent}, the mean over queries of the average precision at 20.

    The average precision of a query is the sum of (right items so far) / rank over the ranks up to 20 that hold a right
    item, divided by the number of right items there are, at most 20: `average_precision_at_k` in XTREME's
    `third_party/utils_lareqa.py`. An item counts where it first stands. With one right item it is the reciprocal rank, as
    in `third_party/utils_mewslix.py`.

    Args:
        gold: The right items of each query, at least one.
        predicted: The retrieved items of each query, best first; None, for a query that was left out, scores 0.

    Raises:
        DataError: when there is no query, or a query without a right item.
        ValueError: when the two differ in length.

    """
    if not gold:
        raise DataError(
            "the split to score has 0 queries, so no mean average precision can be computed. "
            "A score needs at least one: choose another split, or leave this language out."
        )
    precisions = []
    for number, (right, retrieved) in enumerate(zip(gold, predicted, strict=True), start=1):
        if not right:
            raise DataError(
                f"query {number} has 0 right items, so it has no average precision; each needs at least one. "
                "Correct the data, or leave the query out."
            )
        precisions.append(average_precision(right, retrieved))
    return {f"map@{DEPTH}": total(precisions) / len(gold) * 100}


def average_precision(gold: Collection[str], retrieved: Sequence[str] | None) -> float:
    """Return the average precision at 20 of one query, 0 to 1; see `map_at_20`."""
    right, first = set(gold), (retrieved or ())[:DEPTH]
    found, precision = 0, 0.0
    for rank, item in enumerate(first, start=1):
        if item in right and item not in first[: rank - 1]:
            found += 1
            precision += found / rank
    return precision / min(len(right), DEPTH)
