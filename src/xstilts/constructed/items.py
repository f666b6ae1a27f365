"""Examples before they are in a language, and how sets of them are drawn so that splits share nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from xstilts.constructed import lexicon
from xstilts.constructed.draw import Dice
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Text
from xstilts.constructed.world import World
from xstilts.task import Split

SPLITS: tuple[Split, ...] = ("test", "validation", "train")  # in the order in which they are drawn


class Item(Protocol):
    """One example as meanings: a frozen value."""

    @property
    def apart(self) -> tuple[Text, ...]:
        """The texts that no other split may have."""


@dataclass(frozen=True)
class Recipe:
    """How the examples of one data set are made.

    Attributes:
        name: of the data set.
        make: draws a few examples that belong together, in one split; none where the dice fell badly.
        row: one example in a language, as the columns of a table.
        version: raise it when any example could change; part of every key.

    """

    name: str
    make: Callable[[World], tuple[Item, ...]]
    row: Callable[[Any, Language], Mapping[str, Any]]
    version: int = 1


@lru_cache(maxsize=64)  # all languages are written from the same examples
def items(recipe: Recipe, domain: str, split: Split, size: int) -> tuple[Item, ...]:
    """Return the examples of a split: the first `size` of a sequence that never ends, so that smaller sets are parts of larger.

    No example stands twice, and no text that is to be kept `apart` stands in two splits. Splits are drawn test first, and each
    is kept apart from the KEPT_APART first examples of the earlier ones, so that its size changes no other split.
    """
    earlier = (each for one in SPLITS[: SPLITS.index(split)] for each in items(recipe, domain, one, KEPT_APART))
    taken = {text for each in earlier for text in each.apart}
    world = World(lexicon.domain(domain), Dice(recipe.name, domain, split))
    found: dict[Item, None] = {}
    while len(found) < size:
        group = recipe.make(world)
        if any(each in found or not taken.isdisjoint(each.apart) for each in group):
            continue
        found.update(dict.fromkeys(group))
    return tuple(found)[:size]


KEPT_APART = 1_200  # the size of the largest test and validation sets
