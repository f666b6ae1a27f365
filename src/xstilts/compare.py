"""Two studies side by side: the differences of their scores on the same examples, with intervals, and what cannot be compared.

A pair is a score of each study with the same target, language, variant, intermediate and seed. It is compared only where both
were measured alike: by the same version of the scorer and of the readers, on the same data, with the same tokenizer. Else a
difference would be one of rulers, not of models.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from xstilts.display import print_table
from xstilts.errors import XstiltsError
from xstilts.gain_table import interval_text, json_values, p_text
from xstilts.plan import Plan, PlannedScore
from xstilts.results import Results
from xstilts.stats import averages
from xstilts.stats.averages import Average
from xstilts.stats.examples import ExampleScores, example_scores
from xstilts.stats.gains import Gain, gain_table
from xstilts.stats.panels import DEGENERATE, Grid, Panel, build_panel

SIDES = ("A", "B")
Place = tuple[str, str, str, str, int]  # encoder (A's name), intermediate, target, language, seed
Pair = dict[str, tuple[ExampleScores, ExampleScores]]  # by variant
Flagged = tuple[ExampleScores, bool]  # and whether the run learnt nothing
Scores = dict[tuple[Place, str], tuple[Flagged, Flagged]]  # by place and variant


@dataclass(frozen=True)
class Refused:
    """A pair that is not compared, and why."""

    encoder: str
    intermediate: str
    target: str
    language: str
    seed: int
    reason: str


@dataclass(frozen=True)
class Difference:
    """How the scores of B differ from those of A in one row.

    Attributes:
        encoder: A's name of it.
        intermediate, target, variant: as in both studies.
        language: "" where the row is the mean over the target's zero-shot languages.
        a, b: mean scores over languages and seeds that both have, in per cent.
        gain: B minus A with its interval and p-values; None where both are the same stages.
        same_key: pairs that are one stage in both: their difference is 0 by their making.
        pairs: pairs of the row, one a language and seed.

    """

    encoder: str
    intermediate: str
    target: str
    variant: str
    language: str
    a: float
    b: float
    gain: Gain | None
    same_key: int
    pairs: int


@dataclass(frozen=True)
class Comparison:
    """What two studies have in common and how they differ.

    Attributes:
        names: of A and B.
        rows: of targets, then of languages.
        refused: pairs that are not compared.
        alone: scores that only one of the two studies plans, A's and B's.

    """

    names: tuple[str, str]
    rows: tuple[Difference, ...]
    refused: tuple[Refused, ...]
    alone: tuple[int, int]


def compare(a: Results, b: Results, *, resamples: int = 10_000) -> Comparison:
    """Return the differences of B's scores from A's.

    Encoders pair by name; where each study has one, these pair whatever they are called.

    Raises:
        XstiltsError: when the studies have no score in common.

    """
    ours, theirs = _scores(a.plan, a.plan), _scores(b.plan, a.plan)
    common = [place for place in ours if place in theirs]
    names = (a.plan.study.name, b.plan.study.name)
    if not common:
        raise XstiltsError(
            f"{names[0]} and {names[1]} plan no score in common: of {len(ours)} and {len(theirs)}, none has the same encoder, "
            "intermediate, target, language and seed. Compare studies that share these names."
        )
    refused: list[Refused] = []
    scores: Scores = {}
    same: set[Place] = set()
    flagged = _flagged(a), _flagged(b)
    for place in common:
        pair = ours[place], theirs[place]
        found = _refusal(a, b, pair) or _taken_apart(a, b, pair)
        if isinstance(found, str):
            refused.append(Refused(*place, found))
            continue
        if pair[0].stage.key == pair[1].stage.key:
            same.add(place)
        for variant, (one, other) in found.items():
            learnt_nothing = [(each.stage.key, variant) in side for each, side in zip(pair, flagged, strict=True)]
            scores[place, variant] = ((one, learnt_nothing[0]), (other, learnt_nothing[1]))
    rows = _rows(a, scores, same, resamples)
    return Comparison(names, rows, tuple(refused), (len(ours) - len(common), len(theirs) - len(common)))


def _scores(plan: Plan, names: Plan) -> dict[Place, PlannedScore]:
    """Return the planned scores by place, the encoders called as in another plan where each has just one."""
    found = {}
    for one in plan.scores:
        cell = one.cell
        alone = len(plan.study.encoders) == len(names.study.encoders) == 1
        encoder = next(iter(names.study.encoders)) if alone else cell.encoder
        found[encoder, cell.intermediate, cell.target, one.language, cell.seed] = one
    return found


def _refusal(a: Results, b: Results, pair: tuple[PlannedScore, PlannedScore]) -> str:
    """Return why two scores cannot be compared, "" where they can."""
    if pair[0].stage.key == pair[1].stage.key and a.store.state(pair[0].stage) == b.store.state(pair[1].stage) == "done":
        return ""
    rulers = [dict(_ruler(results.plan, one)) for results, one in zip((a, b), pair, strict=True)]
    for what in dict.fromkeys((*rulers[0], *rulers[1])):
        values = [ruler.get(what) for ruler in rulers]
        if values[0] != values[1]:
            return f"{what}: {values[0]} in A, {values[1]} in B"
    for side, results, one in zip(SIDES, (a, b), pair, strict=True):
        if results.store.state(one.stage) != "done":
            return f"{side} has no score: `xstilts status` tells why"
    return ""


def _ruler(plan: Plan, one: PlannedScore) -> Iterator[tuple[str, Any]]:
    """Yield what a score was measured with: name -> value."""
    score = one.stage.value
    yield "metric", score["metric"]
    yield "scorer version", score["version"]
    yield "split", one.split
    yield "tokenizer fingerprint", plan.encoders[one.cell.encoder].tokenizer
    for number, value in enumerate(_readings(plan, one.stage.key)):
        part = f" of part {number + 1}" if number else ""
        data = dict(value["data"])
        yield f"reader version{part}", value["reader"]
        yield f"labels{part}", ", ".join(value["labels"])
        for name in ("dataset", "config", "split", *sorted(data.keys() - {"dataset", "config", "split"})):
            yield f"data {name}{part}", data.get(name)
        yield f"limit.evaluate{part}", value["limit"]
        yield f"data.on_bad_row{part}", value["on_bad_row"]


def _readings(plan: Plan, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield the values of the stages before a score that read evaluation data, in the order of their inputs."""
    for stage in (plan.stages[one] for one in plan.stages[key].inputs):
        if "data" in stage.value:
            yield {"limit": None, **stage.canonical}  # a pool of candidates has no limit
        elif stage.kind != "train":
            yield from _readings(plan, stage.key)


def _taken_apart(a: Results, b: Results, pair: tuple[PlannedScore, PlannedScore]) -> Pair | str:
    """Return the example scores of two scores by variant, or why there are none."""
    try:
        ours, theirs = (example_scores(results, one.stage.key, one.language) for results, one in zip((a, b), pair, strict=True))
    except XstiltsError as error:
        return str(error)
    common = [variant for variant in ours if variant in theirs]
    if not common:
        return f"variants: {'; '.join(ours)} in A, {'; '.join(theirs)} in B"
    return {variant: (ours[variant], theirs[variant]) for variant in common}


def _flagged(results: Results) -> set[tuple[str, str]]:
    """Return score keys and variants of runs that learnt nothing."""
    rows = results.rows()
    return {(row["score_key"], row["variant"]) for row in rows if not DEGENERATE.isdisjoint(row["flags"].split(","))}


def _rows(a: Results, scores: Scores, same: set[Place], resamples: int) -> tuple[Difference, ...]:
    panels = list(_panels(a, scores))
    wanted = [(panel, name, average) for panel, name in panels for average in averages.targets([panel])]
    wanted += [(panel, name, average) for panel, name in panels for average in averages.languages([panel])]
    places = [_places(panel, name, average) for panel, name, average in wanted]
    measured = [i for i, pairs in enumerate(places) if pairs - same]
    gains = dict(zip(measured, gain_table([wanted[i][2] for i in measured], resamples=resamples), strict=True))
    return tuple(
        _difference(panel, name, average, gains.get(i), (len(places[i] & same), len(places[i])))
        for i, (panel, name, average) in enumerate(wanted)
        if places[i]
    )


def _panels(a: Results, scores: Scores) -> Iterator[tuple[Panel, str]]:
    """Yield a panel of two systems, A and B, for each encoder, intermediate, target and variant, with the intermediate."""
    groups: dict[tuple[str, str, str, str], dict[tuple[str, int], tuple[Flagged, Flagged]]] = {}
    for ((encoder, intermediate, target, language, seed), variant), pair in scores.items():
        groups.setdefault((encoder, intermediate, target, variant), {})[language, seed] = pair
    for (encoder, intermediate, target, variant), pairs in groups.items():
        grid = Grid(SIDES, tuple(dict.fromkeys(tag for tag, _ in pairs)), tuple(dict.fromkeys(seed for _, seed in pairs)))
        systems = {
            (side, language, seed): one
            for (language, seed), pair in pairs.items()
            for side, one in zip(SIDES, pair, strict=True)
        }
        zero_shot = {language: language != a.plan.study.source for language in grid.languages}
        parallel = a.plan.tasks[target].parallel
        yield build_panel((encoder, target, variant), grid, systems, zero_shot, parallel=parallel), intermediate


def _places(panel: Panel, intermediate: str, average: Average) -> set[Place]:
    """Return the pairs that a row is made of."""
    (member,) = average.members
    both = panel.pairs(0)
    return {
        (panel.encoder, intermediate, panel.target, panel.languages[language], seed)
        for language in member.languages
        for number, seed in enumerate(panel.seeds)
        if both[language, number]
    }


def _difference(panel: Panel, intermediate: str, average: Average, gain: Gain | None, counts: tuple[int, int]) -> Difference:
    (member,) = average.members
    both = panel.pairs(0)[list(member.languages)]
    a, b = (float(side[list(member.languages)][both].mean()) for side in panel.scores())
    return Difference(panel.encoder, intermediate, panel.target, panel.variant, average.group, a, b, gain, *counts)


COLUMNS = ("encoder", "intermediate", "target", "language", "A", "B", "B - A", "95%", "p", "Holm", "BH", "same key", "flagged")


def print_comparison(found: Comparison) -> None:
    """Print the table, and below it what was not compared, each reason once."""
    a, b = found.names
    notes = [
        "A row without a language is the mean over zero-shot languages. 95%: over other seeds and examples. Same key: pairs "
        "that are one stage in both studies, so that their difference is 0 by their making. Flagged: a run learnt nothing.",
    ]
    reasons: dict[str, list[Refused]] = {}
    for one in found.refused:
        reasons.setdefault(one.reason, []).append(one)
    for reason, pairs in reasons.items():
        first = pairs[0]
        where = f"{first.intermediate} {first.target} {first.language} seed {first.seed}"
        notes.append(f"not compared, {len(pairs)} pairs, the first {where}: {reason}.")
    for side, name, count in zip(SIDES, found.names, found.alone, strict=True):
        if count:
            notes.append(f"{count} scores are in {side} ({name}) alone.")
    print_table(
        COLUMNS,
        [_row(one) for one in found.rows],
        title=f"A: {a}, B: {b}; scores in per cent",
        notes=notes,
        names=COLUMNS.index("A"),
    )


def _row(one: Difference) -> list[Any]:
    target = f"{one.target} {one.variant}".strip()
    counts = [f"{one.same_key} of {one.pairs}", one.gain.n_flagged if one.gain else ""]
    names = [one.encoder, one.intermediate, target, one.language, f"{one.a:.2f}", f"{one.b:.2f}"]
    if one.gain is None:
        return [*names, "same key", "", "", "", "", *counts]
    estimate = one.gain.estimate
    if estimate is None:
        return [*names, "no seed in all languages", "", "", "", "", *counts]
    p_values = [p_text(p) for p in (estimate.p, one.gain.p_holm, one.gain.p_bh) if p is not None]
    return [*names, f"{estimate.gain:+.2f}", interval_text(estimate.interval), *p_values, *counts]


def record(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON values; None where a number does not exist."""
    cleaned: dict[str, Any] = json_values(asdict(found))
    return cleaned
