"""Many p-values at once: adjusted so that one may compare them with the level one has in mind."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for the chance of any false finding (Holm, Scandinavian J. of Statistics 1979).

    In ascending order p_(i) becomes the greatest (m - j + 1) p_(j) of j <= i, at most 1; valid however they depend.
    """
    p, order = np.asarray(p_values, float), np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return tuple(adjusted.tolist())


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for the expected share of false findings (Benjamini and Hochberg, J. R. Stat. Soc. B 1995).

    In ascending order p_(i) becomes the least m p_(j) / j of j >= i, at most 1; valid for independent or positively
    dependent ones, as gains over one baseline are.
    """
    p, order = np.asarray(p_values, float), np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p))
    ascending = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(ascending[::-1])[::-1], 1.0)
    return tuple(adjusted.tolist())
