"""Which inputs each update of a pretraining run holds. It follows from the seed and the number of the update alone."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from xstilts.data.order import shuffled
from xstilts.engine.batches import POOL, pass_slice

Tokens = Sequence[int]  # of one line, without special ones
Sentences = tuple[Tokens, ...]  # the sub-tokens of one line, or of a line and its translation


@dataclass(frozen=True)
class Group:
    """Inputs that are drawn alike: lines of one language, or pairs of two.

    Attributes:
        name: for the seed; no two groups of a run have the same.
        share: of all inputs.
        inputs: what is drawn from, each once before any is drawn twice.

    """

    name: str
    share: float
    inputs: Sequence[Sentences]


@dataclass(frozen=True, slots=True)
class Draw:
    """One input of an update; `swapped` puts the second sentence of a pair first."""

    sentences: Sentences
    swapped: bool

    @property
    def length(self) -> int:
        """Sub-tokens of the input: two special ones stand around each sentence."""
        return sum(len(one) + 2 for one in self.sentences)


def shares(sizes: Sequence[int], alpha: float, total: float) -> list[float]:
    """Share `total` out by p ~ n^alpha; nothing goes to what is empty."""
    weights = [size**alpha if size else 0.0 for size in sizes]
    return [total * weight / sum(weights) for weight in weights]


class Schedule:
    """The inputs of every update.

    Inputs are drawn in pools of about POOL updates. Each group gives its share of a pool, rounded so that over many pools it
    gives exactly its share; a pool is sorted by length and cut into updates, so that little is padding, and these are shuffled.

    Args:
        groups: with at least one input each; their shares sum to 1.
        tokens: sub-tokens of an update, padding included.
        seed: of the run.

    """

    def __init__(self, groups: Sequence[Group], tokens: int, seed: int) -> None:
        self.groups, self.tokens, self.seed = groups, tokens, seed
        mean = sum(group.share * sum(Draw(one, False).length for one in group.inputs) / len(group.inputs) for group in groups)
        self.pool_size = max(1.0, POOL * tokens / mean)
        self.order = lru_cache(maxsize=2 * len(groups))(self._order)

    def updates(self, start: int) -> Iterator[list[Draw]]:
        """Yield the inputs of update `start` (0-based), of the next one, and so on without end."""
        first, pool = 0, 0  # the number of the pool's first update
        while True:
            batches = self._pool(pool)
            yield from batches[max(0, start - first) :]
            first, pool = first + len(batches), pool + 1

    def _pool(self, pool: int) -> list[list[Draw]]:
        drawn: list[Draw] = []
        for number, group in enumerate(self.groups):
            each = self.pool_size * group.share
            phase = random.Random(f"phase:{self.seed}:{group.name}").random()  # noqa: S311
            begin, end = math.floor(pool * each + phase), math.floor((pool + 1) * each + phase)
            order = pass_slice(len(group.inputs), begin, end - begin, partial(self.order, number))
            toss = random.Random(f"sides:{self.seed}:{group.name}:{pool}").random  # noqa: S311
            drawn += [Draw(group.inputs[i], toss() < 0.5) for i in order]
        mixed = [drawn[i] for i in shuffled(len(drawn), "pool", self.seed, pool)]
        batches = list(_cut(sorted(mixed, key=lambda draw: -draw.length), self.tokens))
        return [batches[i] for i in shuffled(len(batches), "updates", self.seed, pool)]

    def _order(self, group: int, number: int) -> list[int]:
        return shuffled(len(self.groups[group].inputs), "inputs", self.seed, self.groups[group].name, number)


def _cut(draws: Sequence[Draw], tokens: int) -> Iterator[list[Draw]]:
    """Cut inputs, longest first, into runs of at most `tokens` padded sub-tokens."""
    run: list[Draw] = []
    for draw in draws:
        if run and (len(run) + 1) * run[0].length > tokens:
            yield run
            run = []
        run.append(draw)
    if run:
        yield run
