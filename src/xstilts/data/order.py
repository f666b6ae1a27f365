"""One shuffle for everything: the same order on every machine and for every version of every library."""

import random


def shuffled(count: int, *seed: int | str) -> list[int]:
    """Return 0..count-1 in an order that depends on `count` and `seed` alone.

    Python guarantees the sequence of `Random.random` for a seed; it does not guarantee that of `shuffle`.
    """
    draw = random.Random(":".join(map(str, seed))).random  # noqa: S311
    return [index for _, index in sorted((draw(), index) for index in range(count))]
