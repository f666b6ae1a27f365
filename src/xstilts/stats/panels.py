"""Panels: all systems that were scored on the same examples, side by side, so that their gains are paired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xstilts.metrics import METRICS
from xstilts.results import Results
from xstilts.spec import FLOOR
from xstilts.stats.examples import ExampleScores, example_scores

Array = npt.NDArray[np.float32]
DEGENERATE = frozenset({"at-chance", "one-class", "source-at-chance", "empty-answers"})


@dataclass(frozen=True)
class Panel:
    """The example scores of one encoder on one target (and variant), for all intermediates, languages and seeds.

    I intermediates, the reference first; L languages; S seeds; n examples, which differ by language. A score is
    100 * sum(right) / sum(possible), see `ExampleScores`. What is missing holds zeros and is not `present`.

    Attributes:
        encoder, target, variant: as in the results.
        intermediates, languages, seeds: names of the axes.
        right: one [I, S, n] a language.
        possible: one [I, S, n] a language, or [1, 1, n] where it is the same for all.
        present: [I, L, S], whether the score exists.
        flagged: [I, L, S], whether a flag says that the run learnt nothing (DEGENERATE).
        zero_shot: [L].
        parallel: whether position x is the same example in every language: then all languages draw the same examples.

    """

    encoder: str
    target: str
    variant: str
    intermediates: tuple[str, ...]
    languages: tuple[str, ...]
    seeds: tuple[int, ...]
    right: tuple[Array, ...]
    possible: tuple[Array, ...]
    present: npt.NDArray[np.bool_]
    flagged: npt.NDArray[np.bool_]
    zero_shot: npt.NDArray[np.bool_]
    parallel: bool

    @property
    def name(self) -> str:
        """The target, and the variant where there is one."""
        return f"{self.target} {self.variant}".strip()

    def pairs(self, intermediate: int) -> npt.NDArray[np.bool_]:
        """Return [L, S]: whether both the reference and an intermediate (0 is the first after the reference) are present."""
        both: npt.NDArray[np.bool_] = self.present[0] & self.present[intermediate + 1]
        return both

    def scores(self) -> npt.NDArray[np.float64]:
        """Return the scores in per cent, [I, L, S]; NaN where one is missing."""
        found = np.full(self.present.shape, np.nan)
        for language, (right, possible) in enumerate(zip(self.right, self.possible, strict=True)):
            found[:, language] = ratio(right.sum(-1, dtype=np.float64), possible.sum(-1, dtype=np.float64))
        found[~self.present] = np.nan
        return found


def ratio(right: npt.NDArray[Any], possible: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return 100 * right / possible, 0 where nothing is possible."""
    nothing = np.zeros(np.broadcast_shapes(right.shape, possible.shape), right.dtype)
    share: npt.NDArray[Any] = np.divide(100 * right, possible, out=nothing, where=possible > 0)
    return share


def make_panels(
    results: Results, *, reference: str | None = None, variant: str = "", values: Mapping[str, Sequence[str]] | None = None
) -> tuple[Panel, ...]:
    """Return one panel for each encoder, target and variant, in the order of the study.

    Args:
        results: the study's results; scores that are missing are missing in the panels too.
        reference: the intermediate that gains are measured against; the baseline if None.
        variant: of retrieval, keep those whose name contains this text, as `direction=source-to-foreign`.
        values: target -> names of its metric's values whose mean is the score; the headline value where none are named.

    Raises:
        XstiltsError: when a metric has no scores of single examples.

    """
    study = results.plan.study
    first = reference or study.baseline
    intermediates = (first, *(name for name in study.intermediates if name not in (first, FLOOR)))
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in results.rows():
        if row["intermediate"] in intermediates:
            rows.setdefault((row["encoder"], row["target"]), []).append(row)
    panels = []
    for encoder in study.encoders:
        for target in study.targets:
            planned = [p for p in results.plan.scores if (p.cell.encoder, p.cell.target) == (encoder, target)]
            grid = Grid(intermediates, tuple(dict.fromkeys(p.language for p in planned)), tuple(study.seeds))
            zero_shot = {p.language: p.zero_shot for p in planned}
            found = _scored(results, rows.get((encoder, target), []), (values or {}).get(target, ()))
            parallel = results.plan.tasks[target].parallel
            panels += [
                build_panel((encoder, target, name), grid, scores, zero_shot, parallel=parallel)
                for name, scores in found.items()
                if variant in name or not name
            ]
    return tuple(panels)


Place = tuple[str, str, int]  # intermediate, language, seed


@dataclass(frozen=True)
class Grid:
    """The axes of a panel."""

    intermediates: tuple[str, ...]
    languages: tuple[str, ...]
    seeds: tuple[int, ...]

    def place(self, intermediate: str, language: str, seed: int) -> tuple[int, int, int]:
        """Return the positions of a score on the axes."""
        return self.intermediates.index(intermediate), self.languages.index(language), self.seeds.index(seed)


def _scored(
    results: Results, rows: Iterable[Mapping[str, Any]], values: Sequence[str]
) -> dict[str, dict[Place, tuple[ExampleScores, bool]]]:
    """Return variant -> place in the grid -> example scores, and whether the run is degenerate."""
    found: dict[str, dict[Place, tuple[ExampleScores, bool]]] = {}
    files: dict[str, dict[str, ExampleScores]] = {}
    for row in rows:
        key = row["score_key"]
        if row["metric"] != METRICS[results.plan.stages[key].value["metric"]].headline:
            continue
        if key not in files:
            files[key] = example_scores(results, key, row["language"], values)
        place = (row["intermediate"], row["language"], row["seed"])
        degenerate = not DEGENERATE.isdisjoint(row["flags"].split(","))
        found.setdefault(row["variant"], {})[place] = (files[key][row["variant"]], degenerate)
    return found or {"": {}}


def build_panel(
    names: tuple[str, str, str],
    grid: Grid,
    scores: Mapping[Place, tuple[ExampleScores, bool]],
    zero_shot: Mapping[str, bool],
    *,
    parallel: bool,
) -> Panel:
    """Return the panel of scores that were taken apart.

    Args:
        names: encoder, target and variant.
        grid: its axes.
        scores: place in the grid -> example scores, and whether the run is degenerate.
        zero_shot: language -> whether it is not the source language.
        parallel: see `Panel`.

    """
    encoder, target, variant = names
    shape = (len(grid.intermediates), len(grid.languages), len(grid.seeds))
    present, flagged = np.zeros(shape, bool), np.zeros(shape, bool)
    everything = _ordered(one.ids for one, _ in scores.values())
    right, possible = [], []
    for language in grid.languages:
        here = {place: one for place, one in scores.items() if place[1] == language}
        ids = everything if parallel else _ordered(one.ids for one, _ in here.values())
        position = {name: i for i, name in enumerate(ids)}
        columns = np.zeros((2, shape[0], shape[2], len(ids)), np.float32)
        for place, (one, degenerate) in here.items():
            at = grid.place(*place)
            present[at], flagged[at] = True, degenerate
            columns[:, at[0], at[2], [position[name] for name in one.ids]] = one.right, one.possible
        right.append(columns[0])
        possible.append(_collapsed(columns[1], present[:, grid.languages.index(language)]))
    return Panel(
        encoder, target, variant, grid.intermediates, grid.languages, grid.seeds, tuple(right), tuple(possible), present,
        flagged, np.array([zero_shot[language] for language in grid.languages], bool), parallel,
    )  # fmt: skip


def _ordered(ids: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for one in ids for name in one))


def _collapsed(possible: Array, present: npt.NDArray[np.bool_]) -> Array:
    """Return [1, 1, n] where all systems that are present have the same, which saves most of the work."""
    rows = possible[present]
    return rows[:1, np.newaxis] if len(rows) and (rows == rows[0]).all() else possible
