"""Predictions of a trained model, in batches of like length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from xstilts.engine.batches import collate, micro_batches
from xstilts.kinds import Features, Prediction, kind_functions


class Progress(Protocol):
    """Told how far a stage is, in the unit it counts; of training also the loss of the last update, in nats."""

    def __call__(self, done: int, total: int, loss: float | None = None) -> None:
        """Take note of it."""


def no_progress(done: int, total: int, loss: float | None = None) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Inference:
    """How a device works through inputs; none of it but `dtype` changes what comes out.

    Attributes:
        padding: id that fills short inputs.
        max_tokens: padded sub-tokens at a time.
        dtype: bfloat16 for autocast, or float32.
        renumber: ids -> rows of a trimmed vocabulary.
        progress: told how many inputs are done.

    """

    padding: int
    max_tokens: int
    dtype: torch.dtype = torch.float32
    renumber: Callable[[torch.Tensor], torch.Tensor] | None = None
    progress: Progress = no_progress


def logits_of(model: torch.nn.Module, features: Sequence[Features], task: str, how: Inference) -> list[torch.Tensor]:
    """Return the logits of each input, [C] or [T, C] with its own T, on the CPU, in the order given."""
    device = next(model.parameters()).device
    outputs: list[torch.Tensor] = [torch.empty(0)] * len(features)
    was_training, done = model.training, 0
    model.eval()
    with torch.inference_mode():
        inputs = [[feature] for feature in features]  # without a loss, the inputs of an example need not stay together
        for run in micro_batches(inputs, how.max_tokens):
            batch = collate([inputs[i] for i in run], task, how.padding, how.renumber).to(device)
            with torch.autocast(device.type, dtype=how.dtype, enabled=how.dtype != torch.float32):
                logits = model(batch).float().cpu()
            for row, i in zip(logits, run, strict=True):
                outputs[i] = row if row.ndim == 1 else row[: len(features[i].ids)]
            done += len(run)
            how.progress(done, len(features))
    model.train(was_training)
    return outputs


def predict(
    model: torch.nn.Module, examples: Sequence[Any], head: Any, tokenizer: Any, max_length: int, how: Inference
) -> list[Prediction]:
    """Return one prediction an example, in order. `head` is the model's `HeadSpec`."""
    kind = kind_functions(head.kind)
    features = kind.encode(examples, tokenizer, head.labels, max_length)
    return kind.decode(features, logits_of(model, features, head.task, how), head.labels)
