"""Masked LM (Devlin et al., 2019, 3.1): some sub-tokens are hidden and predicted; logits are made for these alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional

from xstilts.objectives.cross_entropy import CHUNK, summed_cross_entropy

MASKED, REPLACED = 0.8, 0.1  # of the chosen sub-tokens: hidden, replaced by a random one; the others stay as they are
FIRST_POSITION = 2  # RoBERTa counts positions from the padding id + 1


class Vocabulary:
    """What masking must know of a tokenizer.

    Args:
        size: number of ids.
        padding: id of the padding.
        mask: id of `<mask>`.
        special: ids that are neither masked nor put in a sub-token's place.

    """

    def __init__(self, size: int, padding: int, mask: int, special: Sequence[int]) -> None:
        self.padding, self.mask = padding, mask
        self.is_ordinary = torch.ones(size, dtype=torch.bool)  # [V]
        self.is_ordinary[[padding, mask, *special]] = False
        self.ordinary = self.is_ordinary.nonzero().squeeze(1)


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """Padded inputs with their hidden sub-tokens.

    Attributes:
        ids: [B, T]; positions: [B, T]; mask: [B, T], 1 where there is text, None when there is no padding.
        places: [M], where in the flattened [B * T] a sub-token is to be predicted; labels: [M], its id.

    """

    ids: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor | None
    places: torch.Tensor
    labels: torch.Tensor

    @property
    def num_labels(self) -> int:
        """How many sub-tokens are to be predicted."""
        return len(self.labels)

    def to(self, device: torch.device) -> "MaskedBatch":
        """Return the batch on a device."""
        tensors = {"ids": self.ids, "positions": self.positions, "mask": self.mask}
        there = {name: tensor.to(device) for name, tensor in tensors.items() if tensor is not None}
        return replace(self, places=self.places.to(device), labels=self.labels.to(device), **there)


@dataclass(frozen=True, slots=True)
class Input:
    """One input: sub-token ids, special ones included; positions; first place that may be masked (the others are given)."""

    ids: list[int]
    positions: list[int]
    maskable_from: int = 0


def single(ids: Sequence[int], begin: int, end: int) -> Input:
    """Return the input of one line: `<s> line </s>`."""
    whole = [begin, *ids, end]
    return Input(whole, list(range(FIRST_POSITION, FIRST_POSITION + len(whole))))


def masked_batch(inputs: Sequence[Input], vocabulary: Vocabulary, share: float, generator: torch.Generator) -> MaskedBatch:
    """Pad inputs on the right and mask a share of the sub-tokens that are not special, at least one of the batch.

    Args:
        inputs: of like length.
        vocabulary: of the tokenizer.
        share: of the sub-tokens that may be masked; exact for the batch as a whole, up to rounding.
        generator: on the CPU; draws places, and what stands there instead.

    """
    longest = max(len(one.ids) for one in inputs)
    gaps = [longest - len(one.ids) for one in inputs]
    ids = torch.tensor([one.ids + [vocabulary.padding] * gap for one, gap in zip(inputs, gaps, strict=True)])
    positions = torch.tensor([one.positions + [vocabulary.padding] * gap for one, gap in zip(inputs, gaps, strict=True)])
    maskable = vocabulary.is_ordinary[ids]
    for row, one in enumerate(inputs):
        maskable[row, : one.maskable_from] = False
    candidates = maskable.flatten().nonzero().squeeze(1)
    count = min(len(candidates), max(1, round(share * len(candidates))))
    places = candidates[torch.randperm(len(candidates), generator=generator)[:count]].sort().values
    flat = ids.flatten().clone()  # flatten alone would be a view
    labels = flat[places]
    draw = torch.rand(count, generator=generator)
    random = vocabulary.ordinary[torch.randint(len(vocabulary.ordinary), (count,), generator=generator)]
    hidden = torch.where(draw < MASKED, vocabulary.mask, torch.where(draw < MASKED + REPLACED, random, labels))
    flat[places] = hidden
    mask = (ids != vocabulary.padding).long() if any(gaps) else None
    return MaskedBatch(flat.view_as(ids), positions, mask, places, labels)


class MaskedModel:
    """An (XLM-)RoBERTa masked-LM model as the training step wants it; logits are made for hidden sub-tokens alone."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, batch: MaskedBatch) -> torch.Tensor:
        """Return what the output matrix is multiplied with, [M, H], one row for each hidden sub-token."""
        states = self.model.base_model(
            input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions
        ).last_hidden_state  # [B, T, H]
        head = self.model.lm_head
        rows: torch.Tensor = head.layer_norm(functional.gelu(head.dense(states.flatten(0, 1)[batch.places])))
        return rows

    def compares_examples(self, batch: MaskedBatch) -> bool:  # noqa: ARG002
        """Return False: each masked position has its own loss."""
        return False

    def loss(self, rows: torch.Tensor, batch: MaskedBatch) -> torch.Tensor:
        """Return the cross-entropy summed over the hidden sub-tokens, in nats."""
        decoder = self.model.lm_head.decoder
        return summed_cross_entropy(rows.to(decoder.weight.dtype), decoder.weight, decoder.bias, batch.labels)

    def predicted(self, batch: MaskedBatch) -> torch.Tensor:
        """Return the likeliest id of each hidden sub-token, [M]."""
        decoder = self.model.lm_head.decoder
        return torch.cat([decoder(rows).argmax(-1) for rows in torch.split(self(batch), CHUNK)])
