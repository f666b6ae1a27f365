"""Which texts of one collection occur in another, or nearly: without missing any, in time that grows with the text alone.

Two texts are the same when they are after `normalised`. They are near duplicates when their sets of character 5-grams
have a Jaccard similarity of at least 4/5: about one word in twenty-five may differ.

Comparing all pairs would take days. Instead, n-grams are put in an order, those first that few texts have. Two sets
that share 4/5 of their n-grams share one among the first fifth of each (prefix filtering: Chaudhuri, Ganti and Kaushik,
A Primitive Operator for Similarity Joins in Data Cleaning, ICDE 2006). So only texts that share a rare n-gram are compared,
and no near duplicate is missed.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

LENGTH = 5  # characters of an n-gram
SHARE, OF = 4, 5  # the similarity, as a fraction, so that no rounding decides
CHUNK = 1 << 14  # texts looked up at a time
PAIRS = 1 << 22  # candidates looked at at a time
GRAM_BITS = 50  # of an n-gram's hash; the others hold the number of a text in its chunk
RANK_BITS = 40
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits well spread

Numbers = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]


def normalised(text: str) -> str:
    """Return the form in which texts are compared: NFKC, casefolded, one space between words and none around."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class NearIndex:
    """Texts in which near duplicates of others are looked for.

    Args:
        texts: distinct, as `normalised` gives them.

    """

    def __init__(self, texts: Sequence[str]) -> None:
        parts = [(grams, owners + start) for start, grams, owners in _chunks(texts)]
        grams, owners = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else (_EMPTY, _NONE)
        self._vocabulary, places, counts = np.unique(grams, return_inverse=True, return_counts=True)
        self._rank = np.empty(len(counts), np.int64)
        self._rank[np.lexsort((self._vocabulary, counts))] = np.arange(len(counts))
        self._size = np.bincount(owners, minlength=len(texts))
        self._members = np.sort(_paired(owners, self._rank[places]))
        first = _position(self._size) < _prefix(self._size)[self._members >> RANK_BITS]
        rare = self._members[first]
        by_rank = np.argsort(rare & _RANKS, kind="stable")
        self._posted = (rare >> RANK_BITS)[by_rank]
        self._offsets = np.searchsorted((rare & _RANKS)[by_rank], np.arange(len(counts) + 1))

    def near(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """Return the pairs (position in `texts`, position in the index) of near or equal texts, in order."""
        found: set[tuple[int, int]] = set()  # texts that share several rare n-grams are met several times
        for start, grams, owners in _chunks(texts):
            for mine, theirs in self._near(grams, owners):
                found.update(zip((mine + start).tolist(), theirs.tolist(), strict=True))
        return sorted(found)

    def _near(self, grams: Numbers, owners: Indices) -> Iterator[tuple[Indices, Indices]]:
        """Yield the pairs of one chunk."""
        size = np.bincount(owners)
        place = np.minimum(np.searchsorted(self._vocabulary, grams), max(len(self._vocabulary) - 1, 0))
        known = self._vocabulary[place] == grams if len(self._vocabulary) else np.zeros(len(grams), bool)
        members = np.sort(_paired(owners[known], self._rank[place[known]]))
        counts = np.bincount(members >> RANK_BITS, minlength=len(size))
        # n-grams that no text of the index has come first of all
        unknown = size - counts
        rare = members[_position(counts) + unknown[members >> RANK_BITS] < _prefix(size)[members >> RANK_BITS]]
        begin, end = self._offsets[rare & _RANKS], self._offsets[(rare & _RANKS) + 1]
        offsets = np.cumsum(counts) - counts
        for part in _slices(end - begin, PAIRS):
            hits = end[part] - begin[part]
            theirs = self._posted[np.repeat(begin[part], hits) + _position(hits)]
            mine = np.repeat(rare[part] >> RANK_BITS, hits)
            short, long = np.minimum(size[mine], self._size[theirs]), np.maximum(size[mine], self._size[theirs])
            pairs = _distinct(_paired(mine, theirs)[OF * short >= SHARE * long])
            mine, theirs = pairs >> RANK_BITS, pairs & _RANKS
            near = self._enough(mine, theirs, size, (members, offsets, counts))
            yield mine[near], theirs[near]

    def _enough(
        self, mine: Indices, theirs: Indices, size: Indices, chunk: tuple[Indices, Indices, Indices]
    ) -> npt.NDArray[np.bool_]:
        """Return which pairs are near: |A and B| / |A or B| is at least the threshold."""
        members, offsets, counts = chunk
        enough = np.zeros(len(mine), bool)
        for part in _slices(counts[mine], PAIRS):
            many = counts[mine[part]]
            ranks = members[np.repeat(offsets[mine[part]], many) + _position(many)] & _RANKS
            wanted = _paired(np.repeat(theirs[part], many), ranks)
            place = np.minimum(np.searchsorted(self._members, wanted), len(self._members) - 1)
            pair = np.repeat(np.arange(len(many)), many)
            shared = np.bincount(pair[self._members[place] == wanted], minlength=len(many))
            union = size[mine[part]] + self._size[theirs[part]] - shared
            enough[part] = OF * shared >= SHARE * union
        return enough


_RANKS = (1 << RANK_BITS) - 1
_EMPTY: Any = np.empty(0, np.uint64)
_NONE: Any = np.empty(0, np.int64)


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, Numbers, Indices]]:
    """Yield (number of the first text, hashes of n-grams, which text of the chunk has each); each set once, in order."""
    for start in range(0, len(texts), CHUNK):
        # a text shorter than an n-gram is one
        padded = [text.ljust(LENGTH, "\0") for text in texts[start : start + CHUNK]]
        lengths = np.array([len(text) for text in padded])
        codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        hashes = np.zeros(len(codes) - LENGTH + 1, np.uint64)
        for i in range(LENGTH):
            hashes = (hashes + codes[i : len(codes) - LENGTH + 1 + i] + np.uint64(1)) * MULTIPLIER
            hashes ^= hashes >> np.uint64(29)
        owners = np.repeat(np.arange(len(lengths)), lengths)[: len(hashes)]
        inside = _position(lengths)[: len(hashes)] <= lengths[owners] - LENGTH
        bits = np.uint64(GRAM_BITS)
        keys = _distinct(owners[inside].astype(np.uint64) << bits | hashes[inside] >> np.uint64(64 - GRAM_BITS))
        yield start, keys & np.uint64((1 << GRAM_BITS) - 1), (keys >> bits).astype(np.int64)


def _distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the distinct values in order; `np.unique` goes by way of a hash table, which takes eight times as long."""
    ordered: npt.NDArray[Any] = np.sort(values)
    different = np.concatenate((np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1]))
    distinct: npt.NDArray[Any] = ordered[different]
    return distinct


def _prefix(size: Indices) -> Indices:
    """Return how many n-grams of a text, rarest first, must be looked up: all but those it may lack, and one."""
    needed = -(-SHARE * size // OF)
    return size - needed + 1


def _paired(high: Indices, low: Indices) -> Indices:
    return high << RANK_BITS | low


def _position(counts: Indices) -> Indices:
    """Return 0..n-1 for each n of `counts`, one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - counts, counts)


def _slices(weights: Indices, most: int) -> Iterator[slice]:
    """Yield slices that cover all weights, each of at most so much weight where a single one allows."""
    sums = np.cumsum(weights)
    start = 0
    while start < len(weights):
        before = int(sums[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(sums, before + most, side="right")))
        yield slice(start, end)
        start = end
