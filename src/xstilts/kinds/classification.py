"""Classification of a text or a pair of texts: the head reads the first position."""

from collections.abc import Sequence
from typing import Any

import torch

from xstilts.kinds import IGNORE, Features, KindFunctions, Prediction
from xstilts.task import LabelledText


def encode(examples: Sequence[LabelledText], tokenizer: Any, labels: Sequence[str], max_length: int) -> list[Features]:
    """Return one input an example; the longer text of a pair loses its end first where both do not fit.

    A class that the head does not know has no label: it cannot be predicted.
    """
    if not examples:
        return []
    firsts = [example.first for example in examples]
    seconds = None if examples[0].second is None else [example.second for example in examples]
    encoded = tokenizer(firsts, seconds, truncation="longest_first", max_length=max_length, padding=False)
    types = encoded.get("token_type_ids") or [None] * len(examples)
    number: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
    return [
        Features(ids, kinds, number.get(example.label, IGNORE), i)
        for i, (ids, kinds, example) in enumerate(zip(encoded["input_ids"], types, examples, strict=True))
    ]


def decode(features: Sequence[Features], logits: Sequence[torch.Tensor], labels: Sequence[str]) -> list[Prediction]:
    """Return the most probable class of each example and the probabilities of all, in the order of `labels`."""
    if not features:
        return []
    probabilities = torch.stack(list(logits)).float().softmax(-1)  # [N, C]
    chosen = probabilities.argmax(-1).tolist()
    return [Prediction(labels[c], row) for c, row in zip(chosen, probabilities.tolist(), strict=True)]


def gold(example: LabelledText) -> str | None:
    """Return the class."""
    return example.label


FUNCTIONS = KindFunctions(encode, "AutoModelForSequenceClassification", decode, gold, reads_first_token=True)
