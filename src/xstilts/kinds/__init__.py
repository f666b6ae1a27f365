"""Kinds: the form of a task fixes how it is encoded, its head, its loss and its decoding. The same functions in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional

IGNORE = -100  # the label of a position that has none


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a context that one input of a span task holds.

    Attributes:
        context: the whole text.
        first: position in the input of the part's first sub-token; the others follow.
        characters: [n, 2], where each of the part's sub-tokens begins and ends in `context`, without spaces around it.

    """

    context: str
    first: int
    characters: torch.Tensor


@dataclass(frozen=True, slots=True)
class Features:
    """One input of the model. An example may make several (windows of a long text, options); they follow one another.

    Attributes:
        ids: sub-token ids, special ones included.
        types: segment ids, for encoders that have segments.
        labels: the class; or one label a sub-token; or the positions of an answer's first and last sub-token. Of options
            the first bears the number of the right one. Of a query and its passage the passage bears a number that equal
            passages share. IGNORE where there is none.
        example: position of the example among those that were encoded together.
        starts: tagging: position in `ids` of the first sub-token of each word of this window.
        window: span: what part of the context this is.

    """

    ids: list[int]
    types: list[int] | None
    labels: int | list[int] | tuple[int, int]
    example: int
    starts: list[int] | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded inputs of one task.

    Attributes:
        task: name of the task, which says the head.
        ids: [B, T]; mask: [B, T], 1 where there is text, None when there is no padding; types: [B, T] or None.
        labels: [B], [B, T] or (span) [B, 2]; IGNORE where there is none.
        num_labels: how many are not IGNORE; counted before the batch goes to the device, which would have to stop for it.
        sizes: how many inputs each example has, in order; they sum to B.

    """

    task: str
    ids: torch.Tensor
    mask: torch.Tensor | None
    types: torch.Tensor | None
    labels: torch.Tensor
    num_labels: int
    sizes: tuple[int, ...]

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        if device.type == "cpu":
            return self
        tensors = {"ids": self.ids, "mask": self.mask, "types": self.types, "labels": self.labels}
        there = {n: t.pin_memory().to(device, non_blocking=True) for n, t in tensors.items() if t is not None}
        return replace(self, **there)  # type: ignore[arg-type]

    @property
    def inputs(self) -> dict[str, torch.Tensor | None]:
        """What a transformers model is called with."""
        named = {"input_ids": self.ids, "attention_mask": self.mask}
        return named if self.types is None else named | {"token_type_ids": self.types}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one example.

    Attributes:
        predicted: the class, the tags, the number of the option as text, the answer, or the numbers of the nearest passages.
        probabilities: of all classes or options; of the chosen tags; of the answer. Of passages their cosines.
        null_difference: span: how much more the question looks unanswerable than answered by `predicted`, in logits.

    """

    predicted: Any
    probabilities: list[float]
    null_difference: float | None = None


def _logits(model: Any, batch: Batch) -> torch.Tensor:
    logits: torch.Tensor = model(**batch.inputs).logits
    return logits


def _cross_entropy(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    return summed_loss(logits, batch.labels)


@dataclass(frozen=True)
class KindFunctions:
    """What a kind is made of.

    Attributes:
        encode: (examples, tokenizer, labels, max_length) -> features, at least one an example, in order.
        auto_class: name of the transformers class that has this kind's head.
        decode: (features, their logits, labels) -> one prediction an example.
        gold: example -> what a scorer compares with `Prediction.predicted`.
        reads_first_token: whether the head looks at the first position alone.
        head: (transformers model, batch) -> logits: [B, C], or [B, T, C] where each position has its own. Of texts to be
            ranked: vectors [B, H].
        loss: (logits, batch) -> summed over labels, in nats.
        outputs: what the head's outputs are called where they are not the task's labels.
        compares_examples: whether the loss compares the examples of an update with each other, so that it is not the sum of
            the losses of micro-batches.

    """

    encode: Callable[[Sequence[Any], Any, Sequence[str], int], list[Features]]
    auto_class: str
    decode: Callable[[Sequence[Features], Sequence[torch.Tensor], Sequence[str]], list[Prediction]]
    gold: Callable[[Any], Any]
    reads_first_token: bool
    head: Callable[[Any, Batch], torch.Tensor] = _logits
    loss: Callable[[torch.Tensor, Batch], torch.Tensor] = _cross_entropy
    outputs: tuple[str, ...] = ()
    compares_examples: bool = False


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
    return _trainable()[kind]


def kind_of(model_class: str) -> str:
    """Return the kind whose head a transformers class has, such as `BertForTokenClassification`."""
    heads = {kind: functions.auto_class.removeprefix("AutoModel") for kind, functions in _trainable().items()}
    return next(kind for kind, head in heads.items() if head in model_class)


def _trainable() -> dict[str, KindFunctions]:
    from xstilts.kinds import classification, multiple_choice, ranking, span, tagging

    return {
        "classification": classification.FUNCTIONS,
        "multiple_choice": multiple_choice.FUNCTIONS,
        "tagging": tagging.FUNCTIONS,
        "span": span.FUNCTIONS,
        "ranking": ranking.FUNCTIONS,
    }
