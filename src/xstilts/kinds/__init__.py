"""Kinds: the form of a task fixes how it is encoded, its head, its loss and its decoding. The same functions in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

IGNORE = -100  # the label of a position that has none


@dataclass(frozen=True, slots=True)
class Features:
    """One input of the model. A long sentence of a tagging task makes several; each knows its example.

    Attributes:
        ids: sub-token ids, special ones included.
        types: segment ids, for encoders that have segments.
        labels: the class, or one label a sub-token (IGNORE where there is none).
        example: position of the example among those that were encoded together.
        starts: tagging: position in `ids` of the first sub-token of each word of this window.

    """

    ids: list[int]
    types: list[int] | None
    labels: int | list[int]
    example: int
    starts: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one example: class or tags, and probabilities (of all classes; of the chosen tags)."""

    predicted: Any
    probabilities: list[float]


@dataclass(frozen=True)
class KindFunctions:
    """What a kind is made of.

    Attributes:
        encode: (examples, tokenizer, labels, max_length) -> features.
        auto_class: name of the transformers class that has this kind's head.
        decode: (features, their logits, labels) -> one prediction an example.
        reads_first_token: whether the head looks at the first position alone.

    """

    encode: Callable[[Sequence[Any], Any, Sequence[str], int], list[Features]]
    auto_class: str
    decode: Callable[[Sequence[Features], Sequence[torch.Tensor], Sequence[str]], list[Prediction]]
    reads_first_token: bool


def summed_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy summed over labelled positions, in nats.

    Args:
        logits: [B, C], or [B, T, C] for tagging.
        labels: [B] or [B, T]; IGNORE where there is none.

    """
    # float32 or better: bfloat16 has too few digits for a log-sum-exp
    scores = logits.to(torch.promote_types(logits.dtype, torch.float32)).flatten(0, -2)
    return functional.cross_entropy(scores, labels.flatten(), ignore_index=IGNORE, reduction="sum")


def kind_functions(kind: str) -> KindFunctions:
    """Return the functions of a trainable kind."""
    from xstilts.kinds import classification, tagging

    return {"classification": classification.FUNCTIONS, "tagging": tagging.FUNCTIONS}[kind]
