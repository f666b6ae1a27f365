"""Batches: which examples train together, how they are cut for the device, and how they are padded."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch

from xstilts.data.order import shuffled
from xstilts.kinds import IGNORE, Batch, Features

POOL = 64  # batches that are sorted by length together: enough that few paddings are left, few enough that order stays random


def epoch_batches(
    lengths: Sequence[Sequence[int]], counts: Sequence[int], batch_size: int, seed: int, epoch: int
) -> list[tuple[int, list[int]]]:
    """Return the updates of one epoch as (task, positions of its examples).

    Task i gives `counts[i]` examples: the next ones of an endless series of shuffled passes over its data, so that every
    example is seen once before any is seen twice. Examples of like length share an update; the order of updates is random.

    Args:
        lengths: for each task, the sub-tokens of each example.
        counts: examples of each task in one epoch (see `mixture.quotas`).
        batch_size: examples of one update.
        seed: of the run.
        epoch: 0-based.

    """
    batches: list[tuple[int, list[int]]] = []
    for task, (sizes, count) in enumerate(zip(lengths, counts, strict=True)):
        order = pass_slice(len(sizes), epoch * count, count, partial(_shuffled_pass, len(sizes), f"{seed}/{task}"))
        for start in range(0, count, POOL * batch_size):
            pool = sorted(order[start : start + POOL * batch_size], key=lambda i: sizes[i])
            # the pool's rest is its shortest examples, not always its longest: put the uneven batch first
            rest = len(pool) % batch_size
            if rest:
                batches.append((task, pool[:rest]))
            batches += [(task, pool[at : at + batch_size]) for at in range(rest, len(pool), batch_size)]
    return [batches[i] for i in shuffled(len(batches), "updates", seed, epoch)]


def pass_slice(size: int, start: int, count: int, order: Callable[[int], Sequence[int]]) -> list[int]:
    """Return `count` positions from `start` of a series of passes over `size` examples; `order(n)` gives the n-th pass."""
    taken: list[int] = []
    while len(taken) < count:
        number, offset = divmod(start + len(taken), size)
        taken += order(number)[offset : offset + count - len(taken)]
    return taken


def _shuffled_pass(size: int, seed: str, number: int) -> list[int]:
    return shuffled(size, "examples", seed, number)


def micro_batches(examples: Sequence[Sequence[Features]], max_tokens: int) -> Iterator[list[int]]:
    """Cut examples into runs of like length; yields their positions.

    A run has at most `max_tokens` padded sub-tokens (an example alone may have more). The inputs of one example stay together:
    the loss of options needs all of them.
    """
    longest = [max(len(one.ids) for one in inputs) for inputs in examples]
    run: list[int] = []
    count = 0
    for i in sorted(range(len(examples)), key=lambda i: (-longest[i], i)):
        if run and (count + len(examples[i])) * longest[run[0]] > max_tokens:
            yield run
            run, count = [], 0
        run.append(i)
        count += len(examples[i])
    if run:
        yield run


def collate(
    examples: Sequence[Sequence[Features]],
    task: str,
    padding: int,
    renumber: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Batch:
    """Pad the inputs of examples to the longest, on the right; `renumber` maps ids to rows of a trimmed vocabulary."""
    features = [one for inputs in examples for one in inputs]
    longest = max(len(one.ids) for one in features)
    gaps = [longest - len(one.ids) for one in features]
    ids = torch.tensor([one.ids + [padding] * gap for one, gap in zip(features, gaps, strict=True)])
    mask = None
    if any(gaps):
        mask = torch.tensor([[1] * len(one.ids) + [0] * gap for one, gap in zip(features, gaps, strict=True)])
    types = None
    if features[0].types is not None:
        types = torch.tensor([(one.types or []) + [0] * gap for one, gap in zip(features, gaps, strict=True)])
    labels = torch.tensor(
        [
            one.labels + [IGNORE] * gap if isinstance(one.labels, list) else one.labels
            for one, gap in zip(features, gaps, strict=True)
        ]
    )
    sizes = tuple(len(inputs) for inputs in examples)
    return Batch(task, renumber(ids) if renumber else ids, mask, types, labels, int((labels != IGNORE).sum()), sizes)
