"""Compute only the first position in the last layer, for heads that read nothing else: the same logits for less work.

The other positions of the last layer serve as keys and values alone. Of a 4-layer encoder this saves a fifth of the work,
of a 12-layer one 7 per cent.
"""

import functools
from typing import Any

import torch
from torch import nn
from torch.nn import functional

# Layers that compute what `_forward` computes. By name, because layers of the same parts may normalise before them (XLM-R XL),
# or return tuples (RemBERT), or mix in a convolution (ConvBERT).
LAYERS = ("BertLayer", "RobertaLayer", "XLMRobertaLayer", "CamembertLayer", "ElectraLayer")


def read_first_token_only(base_model: nn.Module) -> bool:
    """Shorten the last layer of a BERT- or RoBERTa-like encoder; return False (and change nothing) for other layouts.

    The encoder then returns hidden states of shape [B, 1, H] instead of [B, T, H].
    """
    layers = getattr(getattr(base_model, "encoder", None), "layer", None)
    if not isinstance(layers, nn.ModuleList) or type(layers[-1]).__name__ not in LAYERS or layers[-1].is_decoder:
        return False
    layers[-1].forward = functools.partial(_forward, layers[-1])
    return True


def _forward(layer: Any, hidden: torch.Tensor, attention_mask: torch.Tensor | None = None, *_: Any, **__: Any) -> torch.Tensor:
    """Return the layer's output at the first position, [B, 1, H], from hidden states [B, T, H]."""
    attention = layer.attention.self
    first = hidden[:, :1]

    def heads(projected: torch.Tensor) -> torch.Tensor:  # [B, T, H] -> [B, heads, T, H / heads]
        return projected.view(*projected.shape[:2], attention.num_attention_heads, -1).transpose(1, 2)

    context = functional.scaled_dot_product_attention(
        heads(attention.query(first)),
        heads(attention.key(hidden)),
        heads(attention.value(hidden)),
        attn_mask=None if attention_mask is None else attention_mask[..., :1, :],
        dropout_p=attention.dropout.p if layer.training else 0.0,
    )
    attended: torch.Tensor = layer.attention.output(context.transpose(1, 2).flatten(2), first)
    output: torch.Tensor = layer.feed_forward_chunk(attended)
    return output
