"""Ranking: a query and its passage become vectors of one encoder, and the cosine of the right pair should be the greatest.

As XTREME-R's baselines for LAReQA and Mewsli-X (`BertForRetrieval` in google-research/xtreme, `third_party/bert.py`): one
encoder for both, cosine times a learned scale that starts at 100, cross-entropy of each query over the passages of the batch,
in this direction alone. It differs in two points. The vector is the last layer's state at the first position: the baseline
sends it through BERT's pooler, which XLM-R's pretraining has not trained. And an equal passage of another query in the batch
is no wrong one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch.nn import functional

from xstilts.fingerprint import key_of
from xstilts.kinds import IGNORE, Batch, Features, KindFunctions, Prediction
from xstilts.kinds.retrieval import Neighbours
from xstilts.passages import Match

AUTO_CLASS = "AutoModelForRanking"  # not in transformers: `engine.model.concrete_class` makes it of a classifier
QUERY = 96  # sub-tokens of a query, as in the official script for LAReQA; what is longer loses its end
DEPTH = 20  # passages that are kept of each search
BLOCK = 1024  # queries compared at a time
POOL_BLOCK = 16_384  # passages compared at a time


def encode(examples: Sequence[Match], tokenizer: Any, labels: Sequence[str], max_length: int) -> list[Features]:  # noqa: ARG001
    """Return two inputs an example: the query, and the passage, which bears its number as the label."""
    queries = encode_queries([example.query for example in examples], tokenizer, max_length)
    passages = encode_passages([(example.passage, example.context) for example in examples], tokenizer, max_length)
    features = []
    for query, passage, example in zip(queries, passages, examples, strict=True):
        features += [query, replace(passage, labels=number(example.passage, example.context))]
    return features


def number(passage: str, context: str | None) -> int:
    """Return a number of 63 bits that stands for a passage: equal passages have one, and two have the same by no chance."""
    return int(key_of([passage, context]), 16) // 2


def encode_queries(queries: Sequence[str], tokenizer: Any, max_length: int) -> list[Features]:
    """Return one input a query, of at most QUERY sub-tokens."""
    return _encoded(queries, None, tokenizer, min(QUERY, max_length))


def encode_passages(passages: Sequence[tuple[str, str | None]], tokenizer: Any, max_length: int) -> list[Features]:
    """Return one input a passage with its context, all with one or all without; of both the longer loses its end first."""
    contexts = [context for _, context in passages if context is not None]
    return _encoded([passage for passage, _ in passages], contexts or None, tokenizer, max_length)


def _encoded(firsts: Sequence[str], seconds: Sequence[str] | None, tokenizer: Any, max_length: int) -> list[Features]:
    if not firsts:
        return []
    encoded = tokenizer(list(firsts), seconds, truncation="longest_first", max_length=max_length, padding=False)
    types = encoded.get("token_type_ids") or [None] * len(firsts)
    return [Features(ids, kinds, IGNORE, i) for i, (ids, kinds) in enumerate(zip(encoded["input_ids"], types, strict=True))]


def head(model: Any, batch: Batch) -> torch.Tensor:
    """Return vectors [B, H] whose length is the root of the scale: the product of two is the scale times their cosine."""
    first = model.base_model(**batch.inputs).last_hidden_state[:, 0]
    first = first.to(torch.promote_types(first.dtype, torch.float32))
    vectors: torch.Tensor = functional.normalize(first, dim=-1) * (model.log_scale / 2).exp()
    return vectors


def loss(vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the cross-entropy of each query's passage among those of the batch, summed over queries, in nats."""
    queries, passages, numbers = vectors[0::2], vectors[1::2], batch.labels[1::2]
    similarity = queries @ passages.T  # [queries, passages]
    equal = (numbers.unsqueeze(1) == numbers).fill_diagonal_(False)
    right = torch.arange(len(queries), device=vectors.device)
    return functional.cross_entropy(similarity.masked_fill(equal, -torch.inf), right, reduction="sum")


def search(queries: torch.Tensor, pool: Iterable[torch.Tensor], count: int = DEPTH) -> Neighbours:
    """Return the `count` rows of the pool with the greatest product with each query [N, D], exactly; the lower one wins a tie.

    Args:
        queries: [N, D].
        pool: blocks of rows [m, D], one after another; rows are numbered through. Of all products, BLOCK x m are in memory.
        count: rows to find, all of the pool where it has fewer.

    """
    index = torch.empty(len(queries), 0, dtype=torch.int64)
    similarity = torch.empty(len(queries), 0)
    offset = 0
    for block in pool:
        parts = [_best(queries[start : start + BLOCK] @ block.T, count) for start in range(0, len(queries), BLOCK)]
        places, values = (torch.cat(tensors).cpu() for tensors in zip(*parts, strict=True))
        index, similarity = torch.cat([index, places + offset], -1), torch.cat([similarity, values], -1)
        order = similarity.sort(dim=-1, descending=True, stable=True).indices[:, :count]  # the earlier rows stand first
        index, similarity = index.gather(-1, order), similarity.gather(-1, order)
        offset += len(block)
    return Neighbours(index, similarity)


def _best(scores: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return places and values of the greatest scores of each row, greatest first, of equal ones the lower place first."""
    count = min(count, scores.shape[-1])
    values, places = scores.topk(count)
    tied = (scores >= values[:, -1:]).sum(-1) > count  # `topk` may take any of those that share the last value
    if tied.any():
        places[tied] = scores[tied].sort(dim=-1, descending=True, stable=True).indices[:, :count]
    places = places.sort(dim=-1).values
    values, order = scores.gather(-1, places).sort(dim=-1, descending=True, stable=True)
    return places.gather(-1, order), values


def decode(features: Sequence[Features], logits: Sequence[torch.Tensor], labels: Sequence[str]) -> list[Prediction]:  # noqa: ARG001
    """Return for each query the numbers of the DEPTH nearest among all passages given, each once, as text."""
    if not features:
        return []
    vectors = functional.normalize(torch.stack(list(logits)).float(), dim=-1)
    first: dict[str, int] = {}
    for row, passage in enumerate(features[1::2]):
        first.setdefault(str(passage.labels), row)
    names = list(first)
    found = search(vectors[0::2], torch.split(vectors[1::2][list(first.values())], POOL_BLOCK))
    return [
        Prediction([names[place] for place in places], cosines)
        for places, cosines in zip(found.index.tolist(), found.similarity.tolist(), strict=True)
    ]


def gold(example: Match) -> tuple[str, ...]:
    """Return the number of the right passage."""
    return (str(number(example.passage, example.context)),)


FUNCTIONS = KindFunctions(
    encode,
    AUTO_CLASS,
    decode,
    gold,
    reads_first_token=True,
    head=head,
    loss=loss,
    outputs=("vector",),
    compares_examples=True,
)
