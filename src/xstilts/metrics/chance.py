"""Signs that a classifier has learnt nothing: one class throughout, or no better than the most frequent label."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from xstilts.errors import DataError

SIGNIFICANCE = 0.05  # one-sided


def at_chance(accuracy_percent: float, gold: Sequence[Hashable]) -> bool:
    """Tell whether an accuracy is not above that of one answer throughout, by an exact one-sided binomial test at 5%.

    The null hypothesis is that every answer is right with the probability of the majority label; True means that it
    is not rejected. A gold side with one label only is always at chance: no accuracy can be above 100%.

    Args:
        accuracy_percent: The accuracy on `gold`, 0 to 100; the number of right answers is taken from it by rounding.
        gold: The gold labels that the accuracy was computed on.

    Raises:
        DataError: when there is no gold label.
        ValueError: when the accuracy is not a percentage.

    """
    return _not_above(accuracy_percent, len(gold), _majority_count(gold))


def at_guessing(accuracy_percent: float, options: Sequence[int]) -> bool:
    """Tell whether an accuracy is not above that of choosing one of each example's options by lot.

    The test is that of `at_chance` with the mean of 1 / options as the probability; where examples have unlike numbers of
    options, the true distribution is a little narrower, so that the test is on the safe side.

    Args:
        accuracy_percent: As in `at_chance`.
        options: How many options each example has, at least 2.

    Raises:
        DataError: when there is no example.
        ValueError: when the accuracy is not a percentage.

    """
    if not options:
        raise DataError(_NO_LABELS)
    return _not_above(accuracy_percent, len(options), math.fsum(1 / count for count in options))


def one_class(predicted: Sequence[Hashable]) -> bool:
    """Tell whether every prediction is the same label; no prediction at all is no class."""
    return len(set(predicted)) == 1


_NO_LABELS = (
    "there are 0 gold labels, so chance level cannot be computed. "
    "It needs at least one labelled example: choose another split, or leave this language out."
)


def _not_above(accuracy_percent: float, count: int, expected: float) -> bool:
    """Tell whether an accuracy on `count` examples is not above that of `expected` right answers, at 5%."""
    if not 0 <= accuracy_percent <= 100:
        raise ValueError(f"an accuracy is a percentage from 0 to 100, not {accuracy_percent}")
    correct = round(accuracy_percent * count / 100)
    if correct <= expected:  # not above the median of the null distribution, so the tail is at least one half
        return True
    return _upper_tail(correct, count, expected / count) > SIGNIFICANCE


def _majority_count(gold: Sequence[Hashable]) -> int:
    if not gold:
        raise DataError(_NO_LABELS)
    return max(Counter(gold).values())


def _upper_tail(k: int, n: int, p: float) -> float:
    """Return P(X >= k) for X ~ Binomial(n, p), n p < k <= n and 0 < p < 1."""
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))
    tail = 0.0
    # above the mean each term is smaller than the one before, so the rest does not matter once a term adds nothing
    while tail + term != tail:
        tail += term
        term *= (n - k) / (k + 1) * p / (1 - p)
        k += 1
    return tail
