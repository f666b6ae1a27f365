"""The sum of floating-point numbers in one order, so that the last digit is the same in every Python."""

from collections.abc import Iterable
from functools import reduce
from operator import add


def total(values: Iterable[float]) -> float:
    """Return the sum of numbers, added one by one from the first to the last.

    That is what `sum` does before Python 3.12; since then it makes up for rounding, which changes the last digit of
    some of XTREME's check values.
    """
    return reduce(add, values, 0.0)
