"""The table of gains: every average of a study with its interval, its adjusted p-values, and what it leaves out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from xstilts.stats.averages import Average, Member, Scope
from xstilts.stats.inference import Estimate, Level, Resampled, estimate
from xstilts.stats.multiplicity import benjamini_hochberg, holm
from xstilts.stats.panels import Panel
from xstilts.stats.resample import Draws, draw

Floats = npt.NDArray[np.float64]
RESAMPLES = 10_000
MOMENTS = 2_000  # of these the variance of a part is taken: within 3%


@dataclass(frozen=True)
class Gain:
    """The gain of one intermediate over the reference in one average.

    Attributes:
        scope, encoder, intermediate, target, group: what it is of; see `Average`.
        estimate: gain, interval, p-values; None where no seed has all the scores.
        p_holm, p_bh: `estimate.p` adjusted over all rows of the table; None without an estimate.
        n_seeds: seeds that have the scores of both systems in all languages that count.
        n_languages: languages that count: those with at least one such seed.
        n_examples: examples of those languages, added up.
        n_missing: pairs of scores (one a target, language and seed) of which at least one does not exist.
        n_flagged: pairs that count in which a run learnt nothing (see DEGENERATE).

    """

    scope: Scope
    encoder: str
    intermediate: str
    target: str
    group: str
    estimate: Estimate | None
    p_holm: float | None
    p_bh: float | None
    n_seeds: int
    n_languages: int
    n_examples: int
    n_missing: int
    n_flagged: int


def gain_table(
    averages: Sequence[Average], *, margin: float = 1.0, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Gain, ...]:
    """Return the gains of all intermediates in all averages; an average that lacks scores says so in its counts.

    A seed counts where all members have it, because the seed of an intermediate is shared by all its targets. A language
    without any seed is left out of the average, and counted as missing.

    Args:
        averages: of `xstilts.stats.averages`.
        margin: below which a gain counts as none, in points, for `Estimate.p_equivalent`.
        resamples: how many; the least p-value is 1 / (resamples + 1).
        seed: of all draws: the same seed, the same table.

    """
    (table,) = gain_tables([averages], margin=margin, resamples=resamples, seed=seed)
    return table


def gain_tables(
    wanted: Sequence[Sequence[Average]], *, margin: float = 1.0, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[tuple[Gain, ...], ...]:
    """Return several tables, each as `gain_table` gives it; panels that they share are drawn again once."""
    rows: list[dict[tuple[int, int], Gain]] = [{} for _ in wanted]
    open_averages = {(t, i): _Open(average, i) for t, averages in enumerate(wanted) for i, average in enumerate(averages)}
    for panel in _panels([average for averages in wanted for average in averages]):
        draws = draw(panel, resamples, seed)
        for one in open_averages.values():
            for member in (member for member in one.average.members if member.panel is panel):
                one.add(member, draws)
        for place in [place for place, one in open_averages.items() if one.complete]:
            done = open_averages.pop(place)
            rows[place[0]] |= {(done.number, j): gain for j, gain in enumerate(done.gains(margin, seed))}
    return tuple(_adjusted([table[place] for place in sorted(table)]) for table in rows)


def _panels(averages: Sequence[Average]) -> list[Panel]:
    return list({id(member.panel): member.panel for average in averages for member in average.members}.values())


def _adjusted(rows: list[Gain]) -> tuple[Gain, ...]:
    measured = [i for i, row in enumerate(rows) if row.estimate is not None]
    p_values = [row.estimate.p for row in rows if row.estimate is not None]
    for i, strict, mild in zip(measured, holm(p_values), benjamini_hochberg(p_values), strict=True):
        rows[i] = replace(rows[i], p_holm=strict, p_bh=mild)
    return tuple(rows)


@dataclass
class _Sum:
    """The gain of one intermediate in one average, as far as its members have been added."""

    point: Floats
    bootstrap: npt.NDArray[np.floating]
    exchanged: npt.NDArray[np.floating]
    by_language: dict[str, Floats] = field(default_factory=dict)  # tag -> [S], how it differs from the mean of its target
    weights: dict[str, float] = field(default_factory=dict)  # tag -> sum of squared weights
    by_example: float = 0.0  # variance of those differences that comes from examples alone
    n_examples: int = 0
    n_missing: int = 0
    n_flagged: int = 0


class _Open:
    """An average whose members are being added, one panel after the other, so that draws need not be kept."""

    def __init__(self, average: Average, number: int) -> None:
        self.average, self.number = average, number
        self.sums: list[_Sum] = []
        self.added = 0

    @property
    def complete(self) -> bool:
        return self.added == len(self.average.members)

    def add(self, member: Member, draws: Draws) -> None:
        count, _, seeds, resamples = draws.bootstrap.shape
        if not self.sums:
            shape = (seeds, resamples)
            self.sums = [_Sum(np.zeros(seeds), np.zeros(shape, np.float32), np.zeros(shape, np.float32)) for _ in range(count)]
        for j, one in enumerate(self.sums):
            _add(one, member, draws, j, 1 / len(self.average.members))
        self.added += 1

    def gains(self, margin: float, seed: int) -> Iterator[Gain]:
        names = self.average.members[0].panel.intermediates[1:]
        for j, (name, one) in enumerate(zip(names, self.sums, strict=True)):
            whole = np.isfinite(one.point)
            found = None
            if whole.any():
                resampled = Resampled(one.point[whole], one.bootstrap[whole], one.exchanged[whole])
                rng = np.random.default_rng([seed, 2, self.number, j])
                found = estimate(resampled, margin, rng, _language_level(one, whole))
            yield Gain(
                self.average.scope, self.average.encoder, name, self.average.target, self.average.group, found, None, None,
                n_seeds=int(whole.sum()), n_languages=len(one.by_language), n_examples=one.n_examples,
                n_missing=one.n_missing, n_flagged=one.n_flagged,
            )  # fmt: skip


def _add(one: _Sum, member: Member, draws: Draws, j: int, weight: float) -> None:
    """Add a member's mean over languages, times its weight; NaN in the seeds that it lacks."""
    panel, asked = member.panel, list(member.languages)
    pairs = panel.pairs(j)[asked]
    one.n_missing += int((~pairs).sum())
    used = [language for language, there in zip(asked, np.any(pairs, axis=1).tolist(), strict=True) if there]
    whole = np.all(panel.pairs(j)[used], axis=0)
    if not used or not whole.any():
        one.point += np.nan
        return
    one.n_flagged += int(((panel.flagged[0, used] | panel.flagged[j + 1, used]) & whole).sum())
    one.n_examples += sum(int((panel.possible[language] > 0).any((0, 1)).sum()) for language in used)
    point = draws.point[j, used]
    one.point += weight * np.where(whole, point.mean(0), np.nan)
    one.bootstrap += weight * draws.bootstrap[j, used].mean(0)
    one.exchanged += weight * draws.exchanged[j, used].mean(0)
    _add_languages(one, [panel.languages[language] for language in used], (point, draws.bootstrap[j, used, :, :MOMENTS]), whole,
                   weight)  # fmt: skip


def _add_languages(
    one: _Sum, tags: list[str], gains: tuple[Floats, npt.NDArray[np.floating]], whole: npt.NDArray[np.bool_], weight: float
) -> None:
    """Add how each language differs from the mean over the target's languages, and how much of that examples make."""
    point, drawn = gains
    count = len(tags)
    share = weight / count * np.sqrt(count / max(count - 1, 1))
    differences = share * (point - point.mean(0))
    for tag, difference in zip(tags, differences, strict=True):
        one.by_language[tag] = one.by_language.get(tag, 0.0) + difference
        one.weights[tag] = one.weights.get(tag, 0.0) + (weight / count) ** 2
    if count > 1:
        own = share * (drawn[:, whole] - drawn[:, whole].mean(0) - (point - point.mean(0))[:, whole, np.newaxis])
        shared = float((own.mean(1, dtype=np.float64) ** 2).mean(-1).sum())
        by_seed = float(own.var(1, ddof=1, dtype=np.float64).mean(-1).sum()) / whole.sum() if whole.sum() > 1 else 0.0
        one.by_example += shared - by_seed


def _language_level(one: _Sum, whole: npt.NDArray[np.bool_]) -> Level | None:
    """Return what the choice of languages adds to the variance, beyond what seeds and examples add already.

    The variance of a mean over languages is the sum of squares of their (weighted) differences from it. It holds the
    examples' part, which the bootstrap has, and the part of seed and language together, which the variance of seeds has.
    """
    if len(one.by_language) < 2:
        return None
    differences = np.stack(list(one.by_language.values()))[:, whole]
    found = float((differences.mean(1) ** 2).sum())
    seeds = differences.shape[1]
    with_seed = float(differences.var(1, ddof=1).sum()) / seeds if seeds > 1 else 0.0
    weights = np.array(list(one.weights.values()))
    df = max(float(weights.sum() ** 2 / (weights**2).sum()) - 1, 1.0)
    return Level(max(found - with_seed - one.by_example, 0.0), df)
