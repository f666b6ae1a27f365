"""Multiple choice: one input an option, the prompt and the option as a pair; the head gives each a score."""

from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from xstilts.kinds import IGNORE, Batch, Features, KindFunctions, Prediction, summed_loss
from xstilts.task import Choices


def encode(examples: Sequence[Choices], tokenizer: Any, labels: Sequence[str], max_length: int) -> list[Features]:  # noqa: ARG001
    """Return one input an option; the longer text of a pair loses its end first where both do not fit."""
    if not examples:
        return []
    options = [(i, k, example) for i, example in enumerate(examples) for k in range(len(example.options))]
    encoded = tokenizer(
        [example.prompt for _, _, example in options],
        [example.options[k] for _, k, example in options],
        truncation="longest_first",
        max_length=max_length,
        padding=False,
    )
    types = encoded.get("token_type_ids") or [None] * len(options)
    return [
        Features(ids, kinds, example.label if k == 0 and example.label is not None else IGNORE, i)
        for ids, kinds, (i, k, example) in zip(encoded["input_ids"], types, options, strict=True)
    ]


def head(model: Any, batch: Batch) -> torch.Tensor:
    """Return the score of each option, [B, 1].

    Each is given to the model as an example of one option, so that examples with unlike numbers of options fit together.
    """
    # ModernBERT's head takes a mean that needs the mask, also where nothing is padded
    inputs = batch.inputs | {"attention_mask": torch.ones_like(batch.ids) if batch.mask is None else batch.mask}
    scores: torch.Tensor = model(**{name: value.unsqueeze(1) for name, value in inputs.items() if value is not None}).logits
    return scores


def loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the cross-entropy over the options of each example, summed over examples, in nats."""
    options = list(torch.split(logits.squeeze(-1), list(batch.sizes)))
    scores = pad_sequence(options, batch_first=True, padding_value=-torch.inf)  # [examples, options of the one with most]
    firsts = list(accumulate(batch.sizes[:-1], initial=0))
    return summed_loss(scores, batch.labels[firsts])


def decode(features: Sequence[Features], logits: Sequence[torch.Tensor], labels: Sequence[str]) -> list[Prediction]:  # noqa: ARG001
    """Return the number of the best option of each example, as text, and the probabilities of all its options."""
    predictions = []
    for _, options in groupby(zip(features, logits, strict=True), key=lambda pair: pair[0].example):
        probabilities = torch.cat([scores for _, scores in options]).float().softmax(-1)
        predictions.append(Prediction(str(int(probabilities.argmax())), probabilities.tolist()))
    return predictions


def gold(example: Choices) -> str | None:
    """Return the number of the right option as text."""
    return None if example.label is None else str(example.label)


FUNCTIONS = KindFunctions(
    encode, "AutoModelForMultipleChoice", decode, gold, reads_first_token=True, head=head, loss=loss, outputs=("score",)
)
