"""One update of the weights."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Protocol, TypeVar, cast

import torch
from torch import nn

from xstilts.kinds import Batch


class NonFiniteError(ArithmeticError):
    """A loss or gradient that is not a finite number."""


class Labelled(Protocol):
    """A batch that says how many labels it has."""

    @property
    def ids(self) -> torch.Tensor:
        """Sub-token ids."""

    @property
    def num_labels(self) -> int:
        """How many terms the loss has."""


AnyBatch = TypeVar("AnyBatch", bound=Labelled)
Batches_contra = TypeVar("Batches_contra", bound=Labelled, contravariant=True)


class Trainable(Protocol[Batches_contra]):
    """A model that turns a batch into logits and these into a loss."""

    def __call__(self, batch: Batches_contra) -> torch.Tensor:
        """Return the logits of a batch."""

    def loss(self, logits: torch.Tensor, batch: Batches_contra) -> torch.Tensor:
        """Return the loss summed over the batch's labels, in nats."""

    def compares_examples(self, batch: Batches_contra) -> bool:
        """Return whether the loss compares the examples of an update with each other."""


def train_step(
    model: Trainable[AnyBatch],
    parameters: Sequence[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    micro_batches: Sequence[AnyBatch],
    *,
    max_grad_norm: float,
    dtype: torch.dtype,
) -> float:
    """Update the weights once and return the mean loss per label, in nats.

    Each micro-batch adds the sum of its losses, divided by the number of labels in the whole batch: a mean of means would
    weigh short micro-batches too much. So cutting the batch in another way does not change the gradient. Where the loss
    compares examples, it is taken once over the whole batch.

    Raises:
        NonFiniteError: when the gradient is not finite; the weights are then as before.

    """
    num_labels = sum(batch.num_labels for batch in micro_batches)
    if len(micro_batches) > 1 and model.compares_examples(micro_batches[0]):
        # only kinds of tasks compare examples, and theirs are such batches
        total = _backward_together(cast("Trainable[Batch]", model), cast("Sequence[Batch]", micro_batches), num_labels, dtype)
    else:
        total = _backward_in_turn(model, micro_batches, num_labels, dtype)
    grad_norm = nn.utils.clip_grad_norm_(parameters, max_grad_norm)
    if not torch.isfinite(grad_norm):
        optimizer.zero_grad(set_to_none=True)
        raise NonFiniteError(f"the gradient's norm is {grad_norm.item()}, the loss {total.item()}")
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total.item()


def _backward_in_turn(
    model: Trainable[AnyBatch], micro_batches: Sequence[AnyBatch], num_labels: int, dtype: torch.dtype
) -> torch.Tensor:
    """Add the gradient of a loss that is a sum over micro-batches; returns the loss."""
    total = torch.zeros((), device=micro_batches[0].ids.device)
    for batch in micro_batches:
        logits = _logits(model, batch, dtype)  # [B, C], or [B, T, C] where each position has its own
        loss = model.loss(logits, batch) / num_labels
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    return total


def _backward_together(
    model: Trainable[Batch], micro_batches: Sequence[Batch], num_labels: int, dtype: torch.dtype
) -> torch.Tensor:
    """Add the gradient of a loss that compares all vectors of the update; returns the loss.

    Gradient caching (Gao et al., RepL4NLP 2021): the vectors [B, H] of all micro-batches without a graph, the loss and its
    gradient by them, then each micro-batch again with a graph that takes its part of this gradient further. Both passes drop
    the same positions out, because each micro-batch has a seed.
    """
    seed = torch.initial_seed()

    def vectors_of(number: int) -> torch.Tensor:
        torch.manual_seed((seed + number) % 2**63)
        return _logits(model, micro_batches[number], dtype)

    with torch.no_grad():
        parts = [vectors_of(number) for number in range(len(micro_batches))]
    vectors = torch.cat(parts).requires_grad_()
    # of a batch, such a loss reads these two fields
    labels = torch.cat([batch.labels for batch in micro_batches])
    whole = replace(micro_batches[0], labels=labels, sizes=tuple(chain.from_iterable(b.sizes for b in micro_batches)))
    loss = model.loss(vectors, whole) / num_labels
    (gradient,) = torch.autograd.grad(loss, vectors)
    for number, part in enumerate(torch.split(gradient, [len(part) for part in parts])):
        vectors_of(number).backward(part)  # type: ignore[no-untyped-call]
    return loss.detach()


def _logits(model: Trainable[AnyBatch], batch: AnyBatch, dtype: torch.dtype) -> torch.Tensor:
    with torch.autocast(batch.ids.device.type, dtype=dtype, enabled=dtype != torch.float32):
        return model(batch)


def learning_rate(update: int, total: int, *, peak: float, warmup: float, decay_from: float = 0.0) -> float:
    """Return the rate of an update (0-based): a linear rise over the first `warmup` share, then a linear fall to 0.

    With `decay_from`, a share of the updates, the fall does not begin before it.
    """
    rising = round(total * warmup)
    if update < rising:
        return peak * (update + 1) / rising
    falling = max(rising, round(total * decay_from))
    return peak * (total - max(update, falling)) / max(1, total - falling)


def make_optimizer(
    named: Sequence[tuple[str, nn.Parameter]],
    *,
    learning_rate: float,
    weight_decay: float,
    betas: tuple[float, float],
    epsilon: float,
) -> torch.optim.Optimizer:
    """Return AdamW with no decay on biases and on LayerNorm (every parameter of one dimension is one of the two)."""
    groups = [
        {"params": [p for _, p in named if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for _, p in named if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, eps=epsilon, fused=True)
