"""The table that `xstilts gains` prints: every gain of a study with its interval, and what it leaves out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from xstilts.benchmarks import benchmark
from xstilts.display import print_table
from xstilts.errors import XstiltsError
from xstilts.language_groups import By as Grouping
from xstilts.language_groups import group_of, told_source
from xstilts.results import Results
from xstilts.spec import Encoder
from xstilts.stats import averages
from xstilts.stats.additive import Additive, additive
from xstilts.stats.averages import Average
from xstilts.stats.gains import Gain, gain_tables
from xstilts.stats.inference import Interval
from xstilts.stats.panels import Panel, make_panels

COLUMNS = (
    "encoder", "intermediate", "target", "group", "gain", "95%", "95% elsewhere", "p", "Holm", "BH", "p none", "MDE",
    "seeds", "languages", "examples", "missing", "flagged",
)  # fmt: skip


By = Literal["target", "language", "family", "script", "resource_class", "seen", "benchmark"]


@dataclass(frozen=True)
class Question:
    """What is asked of a study's gains.

    Attributes:
        by: what a row is.
        suite: the benchmark whose averages are shown.
        reference: the intermediate that the others are compared with.
        variant: of retrieval, only those whose name has this text.
        margin: gains below so many points count as none.
        resamples: how often examples are drawn again.

    """

    by: By
    suite: str
    reference: str
    variant: str
    margin: float
    resamples: int


@dataclass(frozen=True)
class Answer:
    """The gains of a study.

    Attributes:
        study: its name.
        question: what was asked.
        gains: one row each.
        additive: encoder -> how much of its gains is intermediate plus target; by target alone, where there are two of each.

    """

    study: str
    question: Question
    gains: tuple[Gain, ...]
    additive: dict[str, Additive]

    @property
    def measured(self) -> bool:
        """Whether any gain was measured."""
        return any(gain.estimate for gain in self.gains)


def answer(results: Results, question: Question) -> Answer:
    """Return the gains of a study.

    Raises:
        XstiltsError: when there is nothing to compare.

    """
    (found,) = answers(results, [question])
    if not found.measured:
        raise XstiltsError(nothing_to_compare(found))
    return found


def answers(results: Results, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """Return the gains of a study by several rows at once, also where nothing was measured; examples are drawn again once.

    Args:
        results: of the study.
        questions: at least one; they differ in `by` alone, and one by benchmark stands alone.

    Raises:
        XstiltsError: when no retrieval of the study has the variant that is asked for.

    """
    first = questions[0]
    suite = benchmark(first.suite) if first.by == "benchmark" else None
    values = averages.benchmark_values(suite) if suite else None
    panels = make_panels(results, reference=first.reference, variant=first.variant, values=values)
    _check_variant(results, panels, first.variant)
    wanted = [_averages(results, panels, question) for question in questions]
    tables = gain_tables(wanted, margin=first.margin, resamples=first.resamples)
    return tuple(
        Answer(results.plan.study.name, question, gains, _additive(gains) if question.by == "target" else {})
        for question, gains in zip(questions, tables, strict=True)
    )


def _check_variant(results: Results, panels: Sequence[Panel], variant: str) -> None:
    names = dict.fromkeys(row["variant"] for row in results.rows() if row["variant"])
    if variant and names and not any(panel.variant for panel in panels):
        parts = dict.fromkeys(part for name in names for part in name.split())
        raise XstiltsError(
            f"--variant: no variant of a retrieval target has '{variant}' in its name. Allowed: a part of a name, as "
            f"{', '.join(parts)}. Correct it, or leave it out."
        )


def _averages(results: Results, panels: Sequence[Panel], question: Question) -> Sequence[Average]:
    if question.by == "benchmark":
        return averages.benchmark_averages(panels, benchmark(question.suite))
    if question.by == "target":
        return averages.targets(panels)
    if question.by == "language":
        return averages.languages(panels)
    by = _chosen(question)
    assert by, "all else is handled above"
    return [
        one
        for name, encoder in results.plan.study.encoders.items()
        for one in averages.groups([panel for panel in panels if panel.encoder == name], _grouping(by, encoder))
    ]


def nothing_to_compare(found: Answer) -> str:
    """Say why an answer has no gain."""
    question, rows = found.question, len(found.gains)
    lack = f"0 of {rows} have the scores of an intermediate and of '{question.reference}' with the same seed"
    if not rows and question.by == "benchmark":
        lack = f"it evaluates no task of {question.suite}, or retrieval alone and in several variants"
    elif not rows:
        lack = f"it has no zero-shot language, or no intermediate beside '{question.reference}'"
    run = "Run the study (`xstilts status` tells what is missing), or ask" if rows else "Ask"  # a run brings no more rows
    return f"{found.study} has no gain by {question.by}: {lack}. {run} with another --by, --benchmark or --variant."


def _chosen(question: Question) -> Grouping | None:
    """Return by which groups of languages is asked, None where it is by something else."""
    groups: tuple[Grouping, ...] = get_args(Grouping)
    return next((each for each in groups if each == question.by), None)


def _grouping(by: Grouping, encoder: Encoder) -> Callable[[str], str]:
    return lambda language: group_of(language, by, encoder)


def _additive(gains: Sequence[Gain]) -> dict[str, Additive]:
    """Return the decomposition for each encoder whose gains allow one."""
    found = {}
    for encoder in dict.fromkeys(gain.encoder for gain in gains):
        mine = [gain for gain in gains if gain.encoder == encoder]
        intermediates, targets = (
            list(dict.fromkeys(getattr(gain, name) for gain in mine)) for name in ("intermediate", "target")
        )
        matrix = np.full((len(intermediates), len(targets)), np.nan)
        for gain in mine:
            place = intermediates.index(gain.intermediate), targets.index(gain.target)
            matrix[place] = gain.estimate.gain if gain.estimate else np.nan
        measured = np.isfinite(matrix)
        if min(measured.any(0).sum(), measured.any(1).sum()) > 1 and np.ptp(matrix[measured]) > 0:
            found[encoder] = additive(matrix)
    return found


def print_answer(found: Answer) -> None:
    """Print the table and what one has to know to read it."""
    question = found.question
    shared = shared_parts([gain.target for gain in found.gains])
    print_table(
        COLUMNS,
        [table_row(gain, shared) for gain in found.gains],
        title=f"{found.study}: gains over {question.reference} in points",
        notes=[*([f"retrieval: {' '.join(shared)}"] if shared else []), *table_notes(found)],
        names=COLUMNS.index("gain"),
    )


def table_row(gain: Gain, shared: Sequence[str]) -> list[Any]:
    """Return the cells of COLUMNS of one gain; `shared` settings of retrieval are left out of the target's name."""
    target = " ".join(part for part in gain.target.split() if part not in shared)
    counts = [gain.n_seeds, gain.n_languages, gain.n_examples, gain.n_missing, gain.n_flagged]
    names = [gain.encoder, gain.intermediate, target, gain.group]
    one = gain.estimate
    if one is None:
        return [*names, "not measured", *[""] * 7, *counts]
    adjusted = [p_text(p) for p in (one.p, gain.p_holm, gain.p_bh, one.p_equivalent) if p is not None]
    return [
        *names,
        f"{one.gain:+.2f}",
        interval_text(one.interval),
        interval_text(one.elsewhere),
        *adjusted,
        f"{one.mde:.2f}",
        *counts,
    ]


def interval_text(interval: Interval | None) -> str:
    """Return an interval as tables have it."""
    return f"{interval.low:+.2f}..{interval.high:+.2f}" if interval else ""


def p_text(p: float) -> str:
    """Return a p-value as tables have it: four digits where it is small."""
    return f"{p:.4f}" if p < 0.1 else f"{p:.2f}"


def shared_parts(targets: Sequence[str]) -> list[str]:
    """Return the settings of retrieval that all targets with a variant share; they are told once, below the table."""
    variants = [set(target.split()[1:]) for target in targets if "=" in target]
    parts = next((target.split()[1:] for target in targets if "=" in target), [])
    return [part for part in parts if all(part in others for others in variants)]


def table_notes(found: Answer) -> list[str]:
    """Return what one has to know to read the table."""
    gains, question = found.gains, found.question
    notes = [
        "95%: over other seeds and examples, these languages; elsewhere: over other languages too. Holm, BH: p adjusted over "
        f"these {len(gains)} rows. p none: small when the gain is surely within {question.margin:g} points of 0. "
        "MDE: the gain that would be found 4 times out of 5.",
    ]
    if by := _chosen(question):
        notes.append(told_source(by))
    if any(gain.n_seeds == 1 for gain in gains):
        notes.append("Rows with one seed: the interval knows nothing of other seeds, it holds for these trained models alone.")
    if len(gains) > 0.05 * (question.resamples + 1):
        notes.append(f"Holm cannot fall below 0.05: {len(gains)} rows ask for --resamples {20 * len(gains)} or more.")
    flagged, missing = sum(gain.n_flagged for gain in gains), sum(gain.n_missing for gain in gains)
    if flagged:
        notes.append(
            f"{flagged} pairs are averaged in which a run learnt nothing: see the column 'flagged', and `xstilts results`."
        )
    if missing:
        notes.append(f"{missing} pairs of scores are missing: `xstilts status` tells why.")
    for encoder, fit in found.additive.items():
        notes.append(
            f"{encoder}: {fit.share_main:.0%} of the variance of these {fit.n} gains is a sum of an effect of the intermediate "
            f"({fit.share_intermediates:.0%}) and one of the target ({fit.share_targets:.0%})."
        )
    return notes


def record(found: Answer) -> dict[str, Any]:
    """Return the answer as JSON values; None where a number does not exist."""
    cleaned: dict[str, Any] = json_values(asdict(found))
    return cleaned


def json_values(value: Any) -> Any:
    """Return values of dataclasses as JSON knows them: lists for tuples and arrays, None for infinite numbers and NaN."""
    if isinstance(value, dict):
        return {name: json_values(one) for name, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [json_values(one) for one in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
