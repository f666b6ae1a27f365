"""Random choices that are the same on every machine and in every version of Python."""

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """A sequence of choices that depends on its seed alone.

    Python guarantees the sequence of `Random.random` for a seed; it does not guarantee that of `choice` or `shuffle`.
    """

    def __init__(self, *seed: int | str) -> None:
        self._next = random.Random(":".join(map(str, seed))).random  # noqa: S311

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self._next() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items, each with the same probability."""
        return items[int(self._next() * len(items))]

    def other(self, items: Sequence[Item], *taken: Item) -> Item:
        """Return one of the items that is not taken."""
        return self.pick([item for item in items if item not in taken])

    def order(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in random order."""
        drawn = sorted((self._next(), place) for place in range(len(items)))
        return [items[place] for _, place in drawn]
