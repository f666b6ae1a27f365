"""Score predictions: every value with its n and its variant, and signs that a model learnt nothing."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from xstilts.metrics import Metric, metric
from xstilts.metrics.bucc import best_threshold
from xstilts.metrics.chance import at_chance, one_class
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.stages.prediction import PREDICTIONS
from xstilts.store import Writing, write_json

SCORES = "scores.json"


def score(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `scores.json`: `{"scores": [{"metric", "value", "n", "variant"}], "flags": [...]}`, the headline value first."""
    value = stage.canonical
    paths = [context.input_folder(key) / PREDICTIONS for key in value["predictions"]]
    scorer = metric(value["metric"])
    language = next(planned.language for planned in context.plan.scores if planned.stage.key == stage.key)
    if value["metric"] == "bucc_f1":
        result = {"scores": _bucc(paths, scorer), "flags": [] if len(paths) > 1 else ["oracle-threshold"]}
    elif "variant" in pq.read_schema(paths[0]).names:
        result = {"scores": _by_variant(paths[0], scorer, language), "flags": []}
    else:
        result = _plain(paths[0], scorer, language)
    writing.facts["predictions"] = [str(path.relative_to(context.store.out)) for path in paths]
    write_json(writing.folder / SCORES, result)


def _plain(path: Path, scorer: Metric, language: str) -> dict[str, Any]:
    rows = pq.read_table(path, columns=["gold", "prediction"]).to_pydict()
    gold, predicted = rows["gold"], rows["prediction"]
    values, flags = scorer.compute(gold, predicted, language=language), []
    flat = predicted if isinstance(predicted[0], str) else [tag for tags in predicted for tag in tags]
    if one_class(flat):
        flags.append("one-class")
    if scorer.name == "accuracy" and at_chance(values["accuracy"], gold):
        flags.append("at-chance")
    return {"scores": _rows(values, scorer, len(gold), ""), "flags": flags}


def _rows(values: dict[str, float], scorer: Metric, count: int, variant: str) -> list[dict[str, Any]]:
    ordered = sorted(values, key=lambda name: name != scorer.headline)
    return [{"metric": name, "value": values[name], "n": count, "variant": variant} for name in ordered]


def _by_variant(path: Path, scorer: Metric, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for variant, rows in _variants(path).items():
        gold, predicted = [row["gold"] for row in rows], [row["prediction"] for row in rows]
        found += _rows(scorer.compute(gold, predicted, language=language), scorer, len(gold), variant)
    return found


def _variants(path: Path) -> dict[str, list[dict[str, Any]]]:
    variants: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(path).to_pylist():
        variants.setdefault(row["variant"], []).append(row)
    return variants


def _bucc(paths: list[Path], scorer: Metric) -> list[dict[str, Any]]:
    """Score mined pairs above the threshold that is best on the dev split, or, where it is the only split, on itself."""
    found: list[dict[str, Any]] = []
    evaluated, tuned = _variants(paths[0]), _variants(paths[-1])
    for variant, rows in evaluated.items():
        threshold, _ = best_threshold(_mined(tuned[variant]), _gold(tuned[variant]))
        gold = _gold(rows)
        predicted = [(i, j) for i, j, margin in _mined(rows) if margin >= threshold]
        found += _rows(scorer.compute(sorted(gold), predicted), scorer, len(gold), variant)
    return found


def _mined(rows: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(r["example_id"], r["prediction"], r["similarity"]) for r in rows if r["prediction"] is not None]


def _gold(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(r["example_id"], r["gold"]) for r in rows if r["gold"] is not None}
