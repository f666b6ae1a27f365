"""From resampled gains to an interval, a p-value and a minimum detectable effect: where the randomness of seeds comes in.

The gain of seed s on example x is modelled as g_sx = gain + A_s + E_x + e_sx: the seed's own effect, the example's, and what
is left. Its mean over S seeds and n examples has the variance

    V = var(A)/S + var(E)/n + var(e)/(S n).

A bootstrap that draws S = 3 seeds with replacement finds (S-1)/S of the first part and treats what is known from two
degrees of freedom as if it were normal: its 95% intervals cover 76% when seeds dominate. Here only examples are drawn. The
seeds' part comes from the S means: V_seed = var(means of seeds)/S, which holds var(e)/(S n) too, so that of the bootstrap's
variance over examples V_x only c = V_x - V_seed-by-x remains, the part that all seeds share. Then V = V_seed + c has

    df = (k V_seed + c)^2 / ((k V_seed)^2 / (S-1))

degrees of freedom (Satterthwaite, Biometrics Bulletin 1946, with k = 1). With k = 1 coverage falls to 92% for three seeds,
when the estimate of V_seed is small by chance; k = 2 (7 for two seeds) keeps it between 93% and 97% for every ratio of
V_seed to c. A resampled gain is gain + (sqrt(c/V_x) * bootstrap deviation + sqrt(V_seed) * normal) * sqrt(df/chi2_df): a
Student t in the seeds, the bootstrap's own shape in the examples. With one seed it is the plain bootstrap over examples.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
POWER = 0.80


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, in points, at 95%."""

    low: float
    high: float


@dataclass(frozen=True)
class Level:
    """A further thing that was drawn few times: its variance of the mean, and the degrees of freedom that it is known from."""

    variance: float
    df: float


@dataclass(frozen=True)
class Resampled:
    """One gain, resampled.

    Attributes:
        point: [S], of each seed.
        bootstrap: [S, B], of each seed, on the same resampled examples.
        exchanged: [S, B], of each seed, with systems exchanged in the same random half of the examples.

    """

    point: Floats
    bootstrap: npt.NDArray[np.floating]
    exchanged: npt.NDArray[np.floating]


@dataclass(frozen=True)
class Estimate:
    """A gain, in points, and how sure it is.

    Attributes:
        gain: the mean over seeds.
        interval: 95%, over other seeds and other examples (with one seed: over other examples).
        elsewhere: the same over other languages too; None where there are no two languages.
        se: standard error, the root of V.
        df: degrees of freedom of the interval; infinite with one seed.
        p: two-sided, of no gain: how often random exchange of the systems gives as great a gain.
        p_equivalent: of a gain as great as the margin (two one-sided tests; Schuirmann, J. Pharmacokinetics and
            Biopharmaceutics 1987): the greater p-value of `gain <= -margin` and `gain >= margin`.
        mde: minimum detectable effect: the true gain which p < 0.05 finds with a probability of 80% (Bloom, Evaluation
            Review 1995).

    """

    gain: float
    interval: Interval
    elsewhere: Interval | None
    se: float
    df: float
    p: float
    p_equivalent: float
    mde: float


def estimate(found: Resampled, margin: float, rng: np.random.Generator, languages: Level | None = None) -> Estimate:
    """Return the mean gain over seeds with its interval, p-values and minimum detectable effect.

    Args:
        found: the gain of each seed, and resampled.
        margin: of the equivalence test, in points.
        rng: for the seeds' part.
        languages: what the choice of languages adds; see `Estimate.elsewhere`.

    """
    gain = float(found.point.mean())
    null = found.exchanged.mean(0, dtype=np.float64)
    seeds, shared = _components(found.point, found.bootstrap)
    levels = [] if seeds is None else [seeds]
    deviations, scale = _deviations(found.point, found.bootstrap, shared)
    other, factor = _parts(levels, shared, len(null), rng)
    spread = (deviations * scale + other) * factor
    null = (null * scale + other) * factor
    drawn, size = gain + spread, np.abs(spread)
    elsewhere = None
    if languages is not None:
        other, factor = _parts([*levels, languages], shared, len(null), rng)
        elsewhere = interval_of(gain + (deviations * scale + other) * factor)
    detectable = np.quantile(size, (LEVEL, 2 * POWER - 1))
    least, most = int((drawn <= -margin).sum()), int((drawn >= margin).sum())
    return Estimate(
        gain=gain,
        interval=interval_of(drawn),
        elsewhere=elsewhere,
        se=float(np.sqrt(sum(level.variance for level in levels) + shared)),
        df=_freedom(levels, shared),
        p=_share(int((np.abs(null) >= abs(gain) * (1 - 1e-6)).sum()), len(null)),  # float32 sums
        p_equivalent=_share(max(least, most), len(drawn)),
        mde=float(detectable.sum()),
    )


def redrawn(point: Floats, bootstrap: npt.NDArray[np.floating], rng: np.random.Generator) -> Floats:
    """Return [B] values that a mean over seeds takes for other seeds and examples; `Estimate.interval` is their middle 95%.

    Args:
        point: [S], of each seed.
        bootstrap: [S, B], of each seed, on the same resampled examples.
        rng: for the seeds' part.

    """
    seeds, shared = _components(point, bootstrap)
    deviations, scale = _deviations(point, bootstrap, shared)
    other, factor = _parts([] if seeds is None else [seeds], shared, len(deviations), rng)
    drawn: Floats = point.mean() + (deviations * scale + other) * factor
    return drawn


def interval_of(drawn: Floats) -> Interval:
    """Return the middle 95% of resampled values."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def _deviations(point: Floats, bootstrap: npt.NDArray[np.floating], shared: float) -> tuple[Floats, float]:
    """Return how resampled means differ from the mean, [B], and the factor that leaves the part that seeds share."""
    deviations = bootstrap.mean(0, dtype=np.float64) - float(point.mean())
    return deviations, float(np.sqrt(shared / max(deviations.var(), 1e-300)))


def _components(point: Floats, bootstrap: npt.NDArray[np.floating]) -> tuple[Level | None, float]:
    """Return the seeds' level, None with one seed, and the variance that examples add in all seeds alike."""
    count = len(point)
    variance = float(bootstrap.mean(0, dtype=np.float64).var())
    if count == 1:
        return None, variance
    own = bootstrap - point[:, np.newaxis]
    by_seed = float(own.var(0, ddof=1, dtype=np.float64).mean()) / count
    return Level(float(point.var(ddof=1)) / count, count - 1), max(variance - by_seed, 0.0)


def _inflation(df: float) -> float:
    return 2.0 if df > 1 else 7.0


def _freedom(levels: list[Level], shared: float) -> float:
    """Return the degrees of freedom of a sum of variances, of which `shared` is known exactly."""
    weighed = [(_inflation(level.df) * level.variance, level.df) for level in levels]
    uncertain = sum(variance**2 / df for variance, df in weighed)
    total = shared + sum(variance for variance, _ in weighed)
    return total**2 / uncertain if uncertain > 0 else float("inf")


def _parts(levels: list[Level], shared: float, resamples: int, rng: np.random.Generator) -> tuple[Floats, Floats | float]:
    """Return resampled deviations of the levels, and factors that say how badly their variance is known."""
    df = _freedom(levels, shared)
    deviations = np.sqrt(sum(level.variance for level in levels)) * rng.standard_normal(resamples)
    return deviations, 1.0 if df > 1e6 else np.sqrt(df / rng.chisquare(df, resamples))


def _share(count: int, of: int) -> float:
    """Return a Monte Carlo p-value, never 0 (Phipson and Smyth, Statistical Applications in Genetics 2010)."""
    return (count + 1) / (of + 1)
