"""Retrieval of translations: cosine or margin between sentence vectors, exact, in blocks of a matrix product."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

NEIGHBOURS = 4  # of the margin: k of Artetxe and Schwenk (ACL 2019) as used for BUCC
BLOCK = 1024  # rows of queries compared at a time


@dataclass(frozen=True)
class Neighbours:
    """The best candidates of each query: `index` and `similarity`, both [N, k], best first; the lower index wins a tie."""

    index: torch.Tensor
    similarity: torch.Tensor


def prepare(vectors: torch.Tensor, *, centred: bool) -> torch.Tensor:
    """Return vectors [N, D] of length one, after taking away their mean when `centred`."""
    vectors = vectors.float()
    if centred:
        vectors = vectors - vectors.mean(0, keepdim=True)
    return functional.normalize(vectors, dim=-1)


def nearest(queries: torch.Tensor, index: torch.Tensor, count: int = 1) -> Neighbours:
    """Return the `count` most similar rows of `index` [M, D] for each row of `queries` [N, D]; vectors of length one."""
    count = min(count, len(index))
    places, values = [], []
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        similarity = block @ index.T  # [block, M]
        order = similarity.sort(dim=-1, descending=True, stable=True) if count > 1 else None
        if order is None:
            best = similarity.argmax(-1, keepdim=True)
            places.append(best)
            values.append(similarity.gather(-1, best))
        else:
            places.append(order.indices[:, :count])
            values.append(order.values[:, :count])
    return Neighbours(torch.cat(places), torch.cat(values))


def nearest_by_margin(queries: torch.Tensor, index: torch.Tensor) -> Neighbours:
    """Return the candidate of each query with the greatest ratio margin among its NEIGHBOURS nearest.

    margin(x, y) = cos(x, y) / ((mean cos of x's neighbours + mean cos of y's neighbours) / 2)
    """
    forward = nearest(queries, index, NEIGHBOURS)
    backward_mean = nearest(index, queries, NEIGHBOURS).similarity.mean(-1)  # [M]
    around = (forward.similarity.mean(-1, keepdim=True) + backward_mean[forward.index]) / 2
    margin = forward.similarity / around
    best = margin.argmax(-1, keepdim=True)
    return Neighbours(forward.index.gather(-1, best), margin.gather(-1, best))


def mine(foreign: torch.Tensor, source: torch.Tensor) -> list[tuple[int, int, float]]:
    """Return candidate translations (foreign row, source row, margin), best first, each row in at most one.

    As XTREME mines BUCC: the best candidate of each sentence in both directions by ratio margin, then greedily one to one.
    """
    there, back = nearest_by_margin(foreign, source), nearest_by_margin(source, foreign)
    pairs = [(i, j, m) for i, (j, m) in enumerate(_flat(there))] + [(i, j, m) for j, (i, m) in enumerate(_flat(back))]
    taken_foreign: set[int] = set()
    taken_source: set[int] = set()
    mined = []
    for i, j, margin in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if i not in taken_foreign and j not in taken_source:
            taken_foreign.add(i)
            taken_source.add(j)
            mined.append((i, j, margin))
    return mined


def _flat(neighbours: Neighbours) -> list[tuple[int, float]]:
    return list(zip(neighbours.index[:, 0].tolist(), neighbours.similarity[:, 0].tolist(), strict=True))


def first_occurrences(sentences: Sequence[str]) -> list[int]:
    """Return for each sentence the position at which its text first occurs."""
    seen: dict[str, int] = {}
    return [seen.setdefault(sentence, i) for i, sentence in enumerate(sentences)]
