"""One update of the weights."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import torch
from torch import nn


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
    weigh short micro-batches too much. So cutting the batch in another way does not change the gradient.

    Raises:
        NonFiniteError: when the gradient is not finite; the weights are then as before.

    """
    num_labels = sum(batch.num_labels for batch in micro_batches)
    total = torch.zeros((), device=parameters[0].device)
    for batch in micro_batches:
        with torch.autocast(batch.ids.device.type, dtype=dtype, enabled=dtype != torch.float32):
            logits = model(batch)  # [B, C], or [B, T, C] where each position has its own
        loss = model.loss(logits, batch) / num_labels
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    grad_norm = nn.utils.clip_grad_norm_(parameters, max_grad_norm)
    if not torch.isfinite(grad_norm):
        optimizer.zero_grad(set_to_none=True)
        raise NonFiniteError(f"the gradient's norm is {grad_norm.item()}, the loss {total.item()}")
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total.item()


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
