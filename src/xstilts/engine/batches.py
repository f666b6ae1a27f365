"""Batches: which examples train together, how they are cut for the device, and how they are padded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from xstilts.data.order import shuffled
from xstilts.kinds import IGNORE, Features

POOL = 64  # batches that are sorted by length together: enough that few paddings are left, few enough that order stays random


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded inputs of one task.

    Attributes:
        task: name of the task, which says the head.
        ids: [B, T]; mask: [B, T], 1 where there is text, None when there is no padding; types: [B, T] or None.
        labels: [B] or [B, T]; IGNORE where there is none.
        num_labels: how many are not IGNORE; counted before the batch goes to the device, which would have to stop for it.

    """

    task: str
    ids: torch.Tensor
    mask: torch.Tensor | None
    types: torch.Tensor | None
    labels: torch.Tensor
    num_labels: int

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        if device.type == "cpu":
            return self

        def move(tensor: torch.Tensor | None) -> torch.Tensor | None:
            return tensor.pin_memory().to(device, non_blocking=True) if tensor is not None else None

        return Batch(self.task, move(self.ids), move(self.mask), move(self.types), move(self.labels), self.num_labels)  # type: ignore[arg-type]


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
        order = _pass_slice(len(sizes), epoch * count, count, f"{seed}/{task}")
        for start in range(0, count, POOL * batch_size):
            pool = sorted(order[start : start + POOL * batch_size], key=lambda i: sizes[i])
            # the pool's rest is its shortest examples, not always its longest: put the uneven batch first
            rest = len(pool) % batch_size
            if rest:
                batches.append((task, pool[:rest]))
            batches += [(task, pool[at : at + batch_size]) for at in range(rest, len(pool), batch_size)]
    return [batches[i] for i in shuffled(len(batches), "updates", seed, epoch)]


def _pass_slice(size: int, start: int, count: int, seed: str) -> list[int]:
    """Return `count` positions from `start` of the series of shuffled passes over `size` examples."""
    taken: list[int] = []
    while len(taken) < count:
        number, offset = divmod(start + len(taken), size)
        taken += shuffled(size, "examples", seed, number)[offset : offset + count - len(taken)]
    return taken


def micro_batches(features: Sequence[Features], max_tokens: int) -> Iterator[list[int]]:
    """Cut inputs into runs of like length of at most `max_tokens` padded sub-tokens (an input alone may be longer)."""
    order = sorted(range(len(features)), key=lambda i: (-len(features[i].ids), i))
    run: list[int] = []
    for i in order:
        if run and (len(run) + 1) * len(features[run[0]].ids) > max_tokens:
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def collate(
    features: Sequence[Features],
    task: str,
    padding: int,
    renumber: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Batch:
    """Pad inputs to the longest of them, on the right; `renumber` maps ids to rows of a trimmed vocabulary."""
    longest = max(len(one.ids) for one in features)
    gaps = [longest - len(one.ids) for one in features]
    ids = torch.tensor([one.ids + [padding] * gap for one, gap in zip(features, gaps, strict=True)])
    mask = None
    if any(gaps):
        mask = torch.tensor([[1] * len(one.ids) + [0] * gap for one, gap in zip(features, gaps, strict=True)])
    types = None
    if features[0].types is not None:
        types = torch.tensor([(one.types or []) + [0] * gap for one, gap in zip(features, gaps, strict=True)])
    if isinstance(features[0].labels, int):
        labels = torch.tensor([one.labels for one in features])
    else:
        rows = [list(one.labels) + [IGNORE] * gap for one, gap in zip(features, gaps, strict=True)]  # type: ignore[arg-type]
        labels = torch.tensor(rows)
    return Batch(task, renumber(ids) if renumber else ids, mask, types, labels, int((labels != IGNORE).sum()))
