"""Weighted sums of scores on resampled examples: a score, a gain, or how much two effects differ, always paired.

A gain is +1 times the scores of one intermediate and -1 times those of another; an effect minus another effect is the sum of
their parts. All parts are computed on the same draws of examples and the same seeds, so what they share cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from xstilts.stats.gains import RESAMPLES
from xstilts.stats.inference import Interval, interval_of, redrawn
from xstilts.stats.panels import Panel
from xstilts.stats.resample import Draws, draw

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A weight, and whose mean score over which languages (positions in the panel) it weighs."""

    weight: float
    panel: Panel
    languages: tuple[int, ...]
    intermediate: str


@dataclass(frozen=True)
class Used:
    """A score that counts: encoder, intermediate, target, language, and seed."""

    encoder: str
    intermediate: str
    target: str
    language: str
    seed: int


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of scores, in points.

    Attributes:
        value: the mean over seeds.
        interval: 95%, over other seeds and other examples (with one seed: over other examples).
        drawn: [B] values for other seeds and examples; the interval holds the middle 95% of them.
        n_seeds: seeds that have all the scores.
        n_languages: different languages that count.
        n_examples: examples of those languages, added up over targets.
        n_missing: sets of scores to be paired (one a target, language and seed) of which at least one does not exist.
        n_flagged: scores that count in which a run learnt nothing.
        used: the scores that count.

    """

    value: float
    interval: Interval
    drawn: Floats
    n_seeds: int
    n_languages: int
    n_examples: int
    n_missing: int
    n_flagged: int
    used: tuple[Used, ...]


@dataclass
class _Sum:
    """A sum whose panels are being added."""

    point: Floats | float = 0.0  # [S]
    bootstrap: npt.NDArray[np.floating] | float = 0.0  # [S, B]
    places: list[tuple[Panel, list[int], list[str]]] = field(default_factory=list)
    n_missing: int = 0


def contrast_table(
    wanted: Sequence[Sequence[Part]], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Contrast | None, ...]:
    """Return each weighted sum with its interval; None where no seed has all of its scores.

    As in the table of gains, a seed counts where all parts have it, and a language without any such seed is left out of
    every part on that panel. Systems are resampled as in `resample.draw`: the same examples for all.

    Args:
        wanted: the parts of each; at least one.
        resamples: how many.
        seed: of all draws.

    """
    wanted = [_merged(parts) for parts in wanted]
    sums = [_Sum() for _ in wanted]
    for panel in {id(part.panel): part.panel for parts in wanted for part in parts}.values():
        draws = draw(_against_nothing(panel), resamples, seed) if panel.present.any() else None
        for one, parts in zip(sums, wanted, strict=True):
            mine = [part for part in parts if part.panel is panel]
            if mine:
                _add(one, panel, mine, draws)
    return tuple(_finished(one, np.random.default_rng([seed, 3, number])) for number, one in enumerate(sums))


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with the weights of the same scores added up, so that what two effects share is exactly 0."""
    found: dict[tuple[int, tuple[int, ...], str], Part] = {}
    for part in parts:
        place = (id(part.panel), part.languages, part.intermediate)
        found[place] = replace(part, weight=part.weight + (found[place].weight if place in found else 0.0))
    return list(found.values())


def _against_nothing(panel: Panel) -> Panel:
    """Return the panel with a first system that gets nothing right, so that gains over it are scores."""
    nothing = np.ones_like(panel.present[:1])
    return replace(
        panel,
        intermediates=("", *panel.intermediates),
        right=tuple(np.concatenate([np.zeros_like(array[:1]), array]) for array in panel.right),
        possible=tuple(array if len(array) == 1 else np.concatenate([array[:1], array]) for array in panel.possible),
        present=np.concatenate([nothing, panel.present]),
        flagged=np.concatenate([~nothing, panel.flagged]),
    )


def _add(one: _Sum, panel: Panel, parts: Sequence[Part], draws: Draws | None) -> None:
    """Add the parts on one panel; NaN in the seeds that lack a score."""
    systems = list(dict.fromkeys(part.intermediate for part in parts))
    together: dict[int, npt.NDArray[np.bool_]] = {}  # language -> [S], whether all parts that ask for it have it
    for part in parts:
        there = panel.present[panel.intermediates.index(part.intermediate)]
        for language in part.languages:
            together[language] = together.get(language, np.ones(len(panel.seeds), bool)) & there[language]
    one.n_missing += sum(int((~there).sum()) for there in together.values())
    used = [language for language, there in together.items() if there.any()]
    whole = np.all([together[language] for language in used], axis=0) if used else np.zeros(len(panel.seeds), bool)
    if draws is None or not whole.any():
        one.point += np.full(len(panel.seeds), np.nan)
        return
    one.places.append((panel, used, systems))
    for part in parts:
        here = [language for language in part.languages if language in used]
        if not here:
            one.point += np.full(len(panel.seeds), np.nan)
            return
        number = panel.intermediates.index(part.intermediate)
        one.point += part.weight * np.where(whole, draws.point[number, here].mean(0), np.nan)
        one.bootstrap += part.weight * draws.bootstrap[number, here].mean(0)


def _finished(one: _Sum, rng: np.random.Generator) -> Contrast | None:
    point = np.atleast_1d(np.asarray(one.point))
    whole = np.isfinite(point)
    if not one.places or not whole.any():
        return None
    drawn = redrawn(point[whole], np.asarray(one.bootstrap)[whole], rng)
    used = tuple(
        Used(panel.encoder, system, panel.target, panel.languages[language], panel.seeds[number])
        for panel, languages, systems in one.places
        for system in systems
        for language in languages
        for number in np.flatnonzero(whole).tolist()
    )
    return Contrast(
        value=float(point[whole].mean()), interval=interval_of(drawn), drawn=drawn, n_seeds=int(whole.sum()),
        n_languages=len({place.language for place in used}),
        n_examples=sum(_examples(panel, language) for panel, languages, _ in one.places for language in languages),
        n_missing=one.n_missing,
        n_flagged=sum(_flagged(panel, languages, systems, whole) for panel, languages, systems in one.places),
        used=used,
    )  # fmt: skip


def _examples(panel: Panel, language: int) -> int:
    return int((panel.possible[language] > 0).any((0, 1)).sum())


def _flagged(panel: Panel, languages: list[int], systems: list[str], whole: npt.NDArray[np.bool_]) -> int:
    numbers = [panel.intermediates.index(system) for system in systems]
    return int((panel.flagged[np.ix_(numbers, languages)] & whole).sum())
