"""Sentence vectors: the mean of a layer's states over all tokens that are not padding, the special ones included."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch

from xstilts.engine.batches import collate, micro_batches
from xstilts.engine.model import concrete_class, from_weights, read_weights, refuse_missing
from xstilts.engine.predict import Inference
from xstilts.kinds import Features

MIDDLE = 14 / 24  # the authors took hidden state 14 of XLM-R Large's 24 layers


def chosen_layers(layers: Literal["middle", "all"] | Sequence[int], depth: int) -> list[int]:
    """Return the numbers of the hidden states to read (0 = embeddings, `depth` = the last layer).

    Raises:
        ValueError: for a layer that the encoder does not have.

    """
    if layers == "middle":
        return [math.floor(MIDDLE * depth + 0.5)]
    if layers == "all":
        return list(range(depth + 1))
    chosen = [int(layer) for layer in layers]
    if beyond := [layer for layer in chosen if layer > depth]:
        raise ValueError(f"retrieval.layers: the encoder has no hidden state {beyond[0]}; allowed: 0 to {depth}")
    return chosen


def open_encoder(folder: Path, *, random_seed: int | None = None) -> Any:
    """Return the bare encoder of a folder, or (with `random_seed`) one of its shape with random weights.

    Raises:
        EncoderError: when the folder's weights do not fill the encoder.

    """
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    config.dtype = torch.float32
    model_class = concrete_class("AutoModel", config)
    if random_seed is not None:
        torch.manual_seed(random_seed)
        return model_class._from_config(config).eval()
    model, missing = from_weights(model_class, config, read_weights(folder))
    refuse_missing(folder, model_class, missing)
    return model.eval()


def embed(
    model: Any, sentences: Sequence[str], tokenizer: Any, layers: Sequence[int], max_length: int, how: Inference
) -> dict[int, torch.Tensor]:
    """Return layer -> vectors [N, H] in float32 on the CPU, all layers from one pass."""
    device = next(model.parameters()).device
    ids = tokenizer(list(sentences), truncation=True, max_length=max_length, padding=False)["input_ids"]
    inputs = [[Features(one, None, 0, i)] for i, one in enumerate(ids)]
    vectors: dict[int, torch.Tensor] = {}
    done = 0
    with torch.inference_mode():
        for run in micro_batches(inputs, how.max_tokens):
            batch = collate([inputs[i] for i in run], "", how.padding).to(device)
            mask = torch.ones_like(batch.ids) if batch.mask is None else batch.mask
            states = model(input_ids=batch.ids, attention_mask=batch.mask, output_hidden_states=True).hidden_states
            weight = (mask / mask.sum(-1, keepdim=True)).unsqueeze(-1)  # [B, T, 1]
            for layer in layers:
                means = (states[layer].float() * weight).sum(1).cpu()  # [B, H]
                if layer not in vectors:
                    vectors[layer] = torch.empty(len(inputs), means.shape[-1])
                vectors[layer][run] = means
            done += len(run)
            how.progress(done, len(inputs))
    return vectors
