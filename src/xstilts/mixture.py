"""How many examples and updates each task of a mixture gets: arithmetic that the plan and the training loop share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xstilts.spec import Sampling, TrainSpec


@dataclass(frozen=True)
class Work:
    """What a training stage does; None where only reading would tell.

    Attributes:
        examples: of one pass.
        updates: of the whole run.
        characters: of the whole run, all inputs together.

    """

    examples: int | None
    updates: int | None
    characters: float | None


def weights(sizes: Sequence[int], sampling: Sampling) -> list[float]:
    """Return the unnormalised probability of each task: min(n, cap), n^(1/temperature), or 1 (Raffel et al., 2020, 3.5.2)."""
    if sampling.method == "temperature":
        assert sampling.temperature is not None
        return [size ** (1 / sampling.temperature) for size in sizes]
    if sampling.method == "uniform":
        return [1.0] * len(sizes)
    return [float(min(size, sampling.cap or size)) for size in sizes]


def quotas(sizes: Sequence[int], sampling: Sampling) -> list[int]:
    """Return how many examples of each task one epoch holds.

    With proportional sampling an epoch holds min(n, cap) of each, so that without a cap it holds every example once. With
    the others it holds as many examples as there are, shared out by weight (largest remainders); small tasks then repeat.
    """
    share = weights(sizes, sampling)
    total = sum(share) if sampling.method == "proportional" else sum(sizes)
    exact = [total * part / sum(share) for part in share]
    counts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(sizes)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: round(total) - sum(counts)]:
        counts[i] += 1
    return [max(1, count) for count in counts]


def batches_per_epoch(counts: Sequence[int], batch_size: int) -> int:
    """Return the number of updates of one epoch; each update holds examples of one task."""
    return sum(math.ceil(count / batch_size) for count in counts)


def total_updates(counts: Sequence[int], batch_size: int, epochs: float) -> int:
    """Return the number of updates of a whole run; a fraction of an epoch is rounded to whole updates."""
    return max(1, round(epochs * batches_per_epoch(counts, batch_size)))


def planned_work(
    sizes: Sequence[int | None], lengths: Sequence[int], sampling: Sampling, settings: TrainSpec, limit: int | None
) -> Work:
    """Return the work of a run on tasks of so many rows, of which at most `limit` of each are taken.

    Args:
        sizes: rows of each task, None where they are not known.
        lengths: mean characters of an example of each task, 0 where they are not known.
        sampling: how often each task is drawn.
        settings: of the run.
        limit: at most so many examples of each task.

    """
    known = [min(size, limit) if limit else size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return Work(None, None, None)
    counts = quotas(known, sampling)
    characters = settings.epochs * sum(count * length for count, length in zip(counts, lengths, strict=True))
    updates = total_updates(counts, settings.batch_size, settings.epochs)
    return Work(sum(counts), updates, characters if all(lengths) else None)
