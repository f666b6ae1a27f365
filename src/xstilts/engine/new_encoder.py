"""A new encoder in XLM-R's layout: its shape, and random weights with or without mimetic attention."""

from typing import Any

import torch
from torch import nn

from xstilts.pretrain_spec import SizeSpec

POSITIONS = 512  # at least so many sub-tokens an encoder takes, whatever it was trained on


def new_encoder(size: SizeSpec, *, vocabulary: int, max_length: int, mimetic: bool, seed: int) -> Any:
    """Return an XLMRobertaForMaskedLM with random weights, without dropout, its output matrix tied to the embeddings.

    Args:
        size: its shape.
        vocabulary: number of ids.
        max_length: sub-tokens of the longest input in training.
        mimetic: make attention begin as `mimic` does.
        seed: of the weights.

    """
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    config = XLMRobertaConfig(
        vocab_size=vocabulary,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.intermediate or 4 * size.hidden,
        max_position_embeddings=max(POSITIONS, max_length) + 2,  # the first two are not used
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
    torch.manual_seed(seed)
    model = XLMRobertaForMaskedLM(config)
    if mimetic:
        for layer in model.roberta.encoder.layer:
            mimic(layer.attention)
    return model


@torch.no_grad()
def mimic(attention: Any) -> None:
    """Let an attention layer begin where trained ones are (Trockman and Kolter, 2023): alike attends to alike, and copies.

    Wk = Wq makes a state's key its own query, so that attention begins with states that are alike in word or position; a
    product of Wv and Wo that is the identity hands on what it finds unchanged. Both are random rotations.
    """
    own, output = attention.self, attention.output.dense
    nn.init.orthogonal_(own.query.weight)
    own.key.weight.copy_(own.query.weight)
    nn.init.orthogonal_(own.value.weight)
    output.weight.copy_(own.value.weight.T)
