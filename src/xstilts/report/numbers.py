"""The page's numbers as compact JSON values: gains, the scores they come from, and the folders that hold them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts.cost import SHAPES, read_shape
from xstilts.gain_table import p_text
from xstilts.metrics import METRICS
from xstilts.plan import Plan
from xstilts.report.findings import Measured
from xstilts.report.places import Place
from xstilts.results import Results
from xstilts.spec import FLOOR
from xstilts.stats.gains import Gain

Json = dict[str, Any]
COLUMNS = (
    "encoder", "intermediate", "target", "language", "gain", "low", "high", "p", "holm", "bh", "none", "mde",
    "seeds", "languages", "examples", "missing", "flagged", "baseline", "zero_shot", "main",
)  # fmt: skip


@dataclass(frozen=True)
class Score:
    """One score of a headline value, with the stages that it comes from."""

    encoder: str
    intermediate: str
    target: str  # with the variant, where there is one
    language: str
    seed: int
    value: float
    zero_shot: bool
    key: str
    predictions: tuple[str, ...]


def headline_scores(results: Results) -> tuple[Score, ...]:
    """Return the scores that tables and gains are made of, in the order of the plan."""
    stages = results.plan.stages
    return tuple(
        Score(
            row["encoder"], row["intermediate"], f"{row['target']} {row['variant']}".strip(), row["language"], row["seed"],
            row["value"], row["zero_shot"], row["score_key"], stages[row["score_key"]].inputs,
        )
        for row in results.rows()
        if row["metric"] == METRICS[stages[row["score_key"]].value["metric"]].headline
    )  # fmt: skip


class Names:
    """Numbers for names, so that each name stands in the file once."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[str, int]] = defaultdict(dict)

    def number(self, kind: str, name: str) -> int:
        """Return the number of a name of a kind (`encoder`, `target`, ...); a new one gets the next."""
        return self.lists[kind].setdefault(name, len(self.lists[kind]))

    def listed(self) -> dict[str, list[str]]:
        """Return kind -> names by their numbers."""
        return {kind: list(names) for kind, names in self.lists.items()}


def scores_json(scores: Sequence[Score], names: Names) -> Json:
    """Return `files`, each score key with its prediction keys, and `scores`, rows that name them by number."""
    files: dict[str, int] = {}
    listed: list[list[Any]] = []
    rows = []
    for one in scores:
        if one.key not in files:
            files[one.key] = len(files)
            listed.append([one.key, list(one.predictions)])
        rows.append(
            [
                names.number("encoder", one.encoder), names.number("intermediate", one.intermediate),
                names.number("target", one.target), names.number("language", one.language), one.seed, two(one.value),
                int(one.zero_shot), files[one.key],
            ]
        )  # fmt: skip
    return {"files": listed, "scores": rows}


def labels(targets: Iterable[str]) -> dict[str, str]:
    """Return target with variant -> the same without the settings that all variants of its task share."""
    variants: dict[str, list[list[str]]] = defaultdict(list)
    everything = tuple(dict.fromkeys(targets))
    for target in everything:
        task, *parts = target.split()
        variants[task].append(parts)
    found = {}
    for target in everything:
        task, *parts = target.split()
        own = (part for part in parts if not all(part in other for other in variants[task]))
        found[target] = " ".join([task, *own])
    return found


def shared_settings(targets: Iterable[str]) -> list[str]:
    """Return what `labels` leaves out, one line a task: `tatoeba: layer=7 pooling=mean`."""
    found = {}
    for target, label in labels(targets).items():
        if left_out := [part for part in target.split() if part not in label.split()]:
            found[target.split()[0]] = " ".join(left_out)
    return [f"{task}: {settings}" for task, settings in found.items()]


def gains_json(measured: Measured, scores: Sequence[Score], names: Names) -> Json:
    """Return `columns`, and the rows of the gains by target and by language; their positions are the cells' numbers."""
    at_hand = _baselines(scores, next((g.question.reference for g in (measured.by_target, measured.by_language) if g), ""))
    zero_shot = {(one.target, one.language): one.zero_shot for one in scores}
    main = main_targets(one.target for one in measured.targets)

    def row(gain: Gain) -> list[Any]:
        one, language = gain.estimate, gain.group
        numbers = [two(one.gain), two(one.interval.low), two(one.interval.high)] if one else [None] * 3
        given = [one.p, gain.p_holm, gain.p_bh, one.p_equivalent] if one else [None] * 4
        return [
            names.number("encoder", gain.encoder), names.number("intermediate", gain.intermediate),
            names.number("target", gain.target), names.number("language", language) if language else None,
            *numbers, *("" if p is None else p_text(p) for p in given), two(one.mde) if one else None,
            gain.n_seeds, gain.n_languages, gain.n_examples, gain.n_missing, gain.n_flagged,
            at_hand.get((gain.encoder, gain.target, language)), int(zero_shot.get((gain.target, language), True)),
            int(gain.target in main),
        ]  # fmt: skip

    return {
        "columns": list(COLUMNS),
        "targets": [row(gain) for gain in measured.targets],
        "languages": [row(gain) for gain in measured.languages],
    }


def two(value: float) -> float:
    """Return a number as tables show it, with two decimals, so that the page prints the same digits."""
    return float(f"{value:.2f}")


def _baselines(scores: Iterable[Score], reference: str) -> dict[tuple[str, str, str], float]:
    """Return the reference's mean over seeds by encoder, target and language, and ("") over zero-shot languages."""
    found: dict[tuple[str, str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in scores:
        if one.intermediate == reference:
            for language in (one.language, *([""] if one.zero_shot else [])):
                found[one.encoder, one.target, language][one.seed].append(one.value)
    means = {place: [sum(values) / len(values) for values in seeds.values()] for place, seeds in found.items()}
    return {place: two(sum(seeds) / len(seeds)) for place, seeds in means.items()}


def layer_of(target: str) -> int | None:
    """Return the layer in the name of a retrieval target's variant, None where there is none."""
    return next((int(part.removeprefix("layer=")) for part in target.split() if part.startswith("layer=")), None)


def main_targets(targets: Iterable[str]) -> set[str]:
    """Return the targets that the heat map shows: of retrieval in many layers only the middle one (14/24 of the deepest)."""
    everything = list(dict.fromkeys(targets))
    layers = {layer for target in everything if (layer := layer_of(target)) is not None}
    middle = min(layers, key=lambda layer: (abs(layer - max(layers) * 14 / 24), layer), default=None)
    return {target for target in everything if layer_of(target) in (None, middle)}


def sweep_json(scores: Sequence[Score]) -> list[Json]:
    """Return mean zero-shot scores of retrieval by layer, the floor's too: the mean over seeds of means over languages."""
    found: dict[tuple[str, str, str, int], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    panels = {one.target: _without_layer(one.target) for one in scores}
    short, targets = labels(panels.values()), defaultdict(list)
    for target, panel in panels.items():
        targets[panel, layer_of(target)].append(target)
    for one in scores:
        layer = layer_of(one.target)
        if layer is not None and one.zero_shot:
            found[one.encoder, one.intermediate, panels[one.target], layer][one.seed].append(one.value)
    return [
        {
            "encoder": encoder, "intermediate": intermediate, "panel": short[panel], "layer": layer,
            "floor": intermediate == FLOOR, "score": two(sum(sum(v) / len(v) for v in seeds.values()) / len(seeds)),
            "seeds": len(seeds), "targets": targets[panel, layer],
        }
        for (encoder, intermediate, panel, layer), seeds in found.items()
    ]  # fmt: skip


def _without_layer(target: str) -> str:
    return " ".join(part for part in target.split() if not part.startswith(("layer=", "partner=")))


def means_targets(row: Mapping[str, Any], targets: Iterable[str]) -> list[str]:
    """Return the targets (with variants) that a row of `summary.summary` is the mean of.

    Its variant lacks what all variants share, and has the partners of a parallel text counted where they are many.
    """
    parts = {part for part in str(row["variant"]).split() if not part.startswith("partner=each-of-")}
    return [target for target in targets if target.split()[0] == row["target"] and parts <= set(target.split()[1:])]


def encoder_weights(plan: Plan) -> Mapping[str, int]:
    """Return encoder -> weights of its layers, of those whose size is known."""
    shapes = {
        name: read_shape(identity.folder) if identity.folder else SHAPES.get(plan.study.encoders[name].hub or "")
        for name, identity in plan.encoders.items()
    }
    return {name: shape.weights for name, shape in shapes.items() if shape}


def languages_json(places: Sequence[Place]) -> Json:
    """Return tag -> name, label and position in the order of languages."""
    return {place.tag: [place.name, place.label, number] for number, place in enumerate(places)}
