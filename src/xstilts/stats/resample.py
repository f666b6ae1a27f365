"""Resampled gains of a panel: examples drawn again, and systems exchanged, as products of weights and example scores."""

import math
import zlib
from dataclasses import dataclass

import numpy as np

from xstilts.stats.panels import Array, Panel, ratio

_TO = 1 << 16
_CUMULATIVE = np.cumsum([math.exp(-1) / math.factorial(count) for count in range(9)])
# weights of equal probability: a random row of this table is Poisson(1), much faster than an exact one
_POISSON = np.searchsorted(_CUMULATIVE[:-1], (np.arange(_TO) + 0.5) / _TO, side="right").astype(np.float32)
BLOCK = 1000  # resamples at a time: their weights stay in the processor's cache and memory stays small


@dataclass(frozen=True)
class Draws:
    """Gains over the reference in points, of J = I - 1 intermediates, L languages, S seeds and B resamples.

    Attributes:
        point: [J, L, S], of all examples; NaN where a score is missing.
        bootstrap: [J, L, S, B], of examples drawn with replacement.
        exchanged: [J, L, S, B], of all examples, with intermediate and reference exchanged in a random half of them.

    """

    point: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    bootstrap: Array
    exchanged: Array


def draw(panel: Panel, resamples: int, seed: int) -> Draws:
    """Draw the examples of a panel again.

    The same weights serve all intermediates and seeds, because their gains are paired, and, where the panel is parallel,
    all languages: one translation of an example is not independent of another. Other languages have examples of their
    own; they take the resamples in an order of their own, which makes them as independent as weights of their own would.
    Example weights are Poisson(1), to 1/65,536, and the score is a ratio of weighted sums, which is the bootstrap with the
    number of examples drawn too (Hanley and MacGibbon, Computer Methods and Programs in Biomedicine 2006); so one matrix of
    weights serves sets of all sizes. In the exchange each example's two systems swap places with probability 1/2, in
    all seeds at once (approximate randomisation; Noreen 1989).

    Args:
        panel: systems on the same examples.
        resamples: how many.
        seed: of the draws; panels of one target draw the same, whatever the encoder.

    """
    scores = panel.scores()
    point = scores[1:] - scores[:1]
    shape = (*point.shape, resamples)
    bootstrap, exchanged = np.empty(shape, np.float32), np.empty(shape, np.float32)
    root = [seed, zlib.crc32(panel.target.encode())]
    longest = max(array.shape[-1] for array in panel.right)
    sets = _same_size(panel)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        rng = np.random.default_rng([*root, 1, start])
        weights = _POISSON[rng.integers(0, len(_POISSON), (size, longest), np.uint16)]
        swaps = np.unpackbits(rng.integers(0, 256, (size, -(-longest // 8)), np.uint8), axis=1)[:, :longest].astype(np.float32)
        for languages, right, possible in sets:
            bootstrap[:, languages, :, start : start + size] = _drawn(right, possible, weights)
            exchanged[:, languages, :, start : start + size] = _exchanged(right, possible, swaps)
    if not panel.parallel:
        rng = np.random.default_rng([*root, 0])
        for language in range(len(panel.languages)):
            order = rng.permutation(resamples)
            bootstrap[:, language] = bootstrap[:, language][..., order]
            exchanged[:, language] = exchanged[:, language][..., order]
    return Draws(point, bootstrap, exchanged)


def _same_size(panel: Panel) -> list[tuple[list[int], Array, Array]]:
    """Return sets of languages with equally many examples, and their columns [I, L, S, n]: large products are faster."""
    sets: dict[tuple[int, ...], list[int]] = {}
    for language, (right, possible) in enumerate(zip(panel.right, panel.possible, strict=True)):
        sets.setdefault((right.shape[-1], len(possible)), []).append(language)
    return [
        (some, np.stack([panel.right[i] for i in some], 1), np.stack([panel.possible[i] for i in some], 1))
        for some in sets.values()
    ]


def _sums(columns: Array, weights: Array) -> Array:
    """Return the weighted sums over examples, [..., B], of columns [..., n]."""
    n = columns.shape[-1]
    found: Array = columns.reshape(math.prod(columns.shape[:-1]), n) @ weights[:, :n].T
    return found.reshape(*columns.shape[:-1], len(weights))


def _drawn(right: Array, possible: Array, weights: Array) -> Array:
    scores: Array = ratio(_sums(right, weights), _sums(possible, weights))
    return scores[1:] - scores[:1]


def _exchanged(right: Array, possible: Array, swaps: Array) -> Array:
    """Return the gains [J, L, S, B] when the systems of some examples have swapped places."""

    def swapped(columns: Array) -> tuple[Array, Array]:
        total = columns.sum(-1, dtype=np.float64).astype(np.float32)[..., np.newaxis]
        if len(columns) == 1:  # the same for all systems
            return total, total
        moved = _sums(columns[1:] - columns[:1], swaps)
        return total[1:] - moved, total[:1] + moved

    pairs = zip(swapped(right), swapped(possible), strict=True)
    mine, other = (ratio(top, bottom) for top, bottom in pairs)
    difference: Array = mine - other
    return difference
