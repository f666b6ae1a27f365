"""How much of a matrix of gains is the sum of an intermediate's effect and a target's effect."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xstilts.errors import XstiltsError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Additive:
    """The least-squares fit gain[i, t] = mean + intermediate[i] + target[t] + residual[i, t].

    Most of what intermediate training gains is such a sum (Choshen et al., EMNLP Findings 2023, arXiv 2211.00107), so
    whatever predicts gains is to be compared with it.

    Attributes:
        mean: of the fitted matrix, in points.
        intermediates: [I], effects, their sum 0; NaN where all its gains are missing.
        targets: [T], effects, their sum 0.
        residuals: [I, T]; NaN where a gain is missing.
        share_intermediates: of the variance of gains, what intermediates explain beyond targets.
        share_targets: what targets explain beyond intermediates.
        share_main: what both explain (R squared). Without missing gains it is the sum of the two.
        share_predicted: the same of gains that were left out of the fit, one after another; may be negative. NaN where a gain
            cannot be predicted from the others.
        n: gains that are there.

    """

    mean: float
    intermediates: tuple[float, ...]
    targets: tuple[float, ...]
    residuals: Floats
    share_intermediates: float
    share_targets: float
    share_main: float
    share_predicted: float
    n: int


def additive(gains: npt.ArrayLike) -> Additive:
    """Split a matrix of gains into main effects and the rest.

    Noise in the gains adds to the residuals, so the shares of main effects are on the low side.

    Args:
        gains: [intermediates, targets], in points; NaN where one is missing.

    Raises:
        XstiltsError: when fewer than two intermediates or targets have gains, or all gains are equal.

    """
    matrix = np.asarray(gains, float)
    there = np.isfinite(matrix)
    measured = there.any(1).sum(), there.any(0).sum()
    if min(measured) < 2:
        raise XstiltsError(
            f"a matrix of gains of {measured[0]} intermediates on {measured[1]} targets has no main effects to compare; it "
            "needs at least two of each. Add some to the study, or run what is missing."
        )
    rows, columns = np.nonzero(there)
    y = matrix[rows, columns]
    total = float(((y - y.mean()) ** 2).sum())
    if total == 0:
        raise XstiltsError(
            "all gains are equal, so there is no variance to explain. Is the intermediate a copy of the baseline?"
        )
    one_i, one_t = np.eye(matrix.shape[0])[rows], np.eye(matrix.shape[1])[columns]
    both = np.hstack([one_i, one_t])
    fitted, explained = _fit(both, y), {}
    for name, design in (("intermediates", one_i), ("targets", one_t), ("both", both)):
        explained[name] = 1 - float(((y - design @ _fit(design, y)) ** 2).sum()) / total
    effects_i = np.where(there.any(1), fitted[: matrix.shape[0]], np.nan)
    effects_t = np.where(there.any(0), fitted[matrix.shape[0] :], np.nan)
    residuals = np.full(matrix.shape, np.nan)
    residuals[rows, columns] = y - both @ fitted
    return Additive(
        mean=float(np.nanmean(effects_i) + np.nanmean(effects_t)),
        intermediates=tuple((effects_i - np.nanmean(effects_i)).tolist()),
        targets=tuple((effects_t - np.nanmean(effects_t)).tolist()),
        residuals=residuals,
        share_intermediates=explained["both"] - explained["targets"],
        share_targets=explained["both"] - explained["intermediates"],
        share_main=explained["both"],
        share_predicted=_predicted(both, y, total),
        n=len(y),
    )


def _fit(design: Floats, y: Floats) -> Floats:
    """Return the least-squares coefficients of least norm."""
    fitted: Floats = np.linalg.pinv(design) @ y
    return fitted


def _predicted(design: Floats, y: Floats, total: float) -> float:
    """Return 1 - PRESS / total: each residual is divided by one minus its leverage, as if its gain had been left out."""
    leverage = np.diag(design @ np.linalg.pinv(design))
    if (leverage > 1 - 1e-9).any():
        return float("nan")
    residuals = (y - design @ _fit(design, y)) / (1 - leverage)
    return 1 - float((residuals**2).sum()) / total
