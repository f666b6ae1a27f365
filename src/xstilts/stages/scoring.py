"""Score predictions: every value with its n and its variant, and signs that a model learnt nothing."""

from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from xstilts.metrics import Metric, metric
from xstilts.metrics.bucc import best_threshold, gold_pairs, mined_pairs
from xstilts.metrics.chance import at_chance, at_guessing, one_class
from xstilts.metrics.squad2 import answered, best_thresholds
from xstilts.plan import TUNED
from xstilts.results import read_variants
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.stages.prediction import PREDICTIONS
from xstilts.store import Writing, write_json

SCORES = "scores.json"


def score(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `scores.json`: `{"scores": [{"metric", "value", "n", "variant"}], "flags": [...]}`, the headline value first.

    SQuAD v2.0's has also the `threshold` up to which questions are answered.
    """
    value = stage.canonical
    paths = [context.input_folder(key) / PREDICTIONS for key in value["predictions"]]
    scorer = metric(value["metric"])
    language = next(planned.language for planned in context.plan.scores if planned.stage.key == stage.key)
    result: dict[str, Any]
    if scorer.name == "bucc_f1":
        result = {"scores": _bucc(paths, scorer), "flags": []}
    elif scorer.name == "squad2":
        result = _squad2(paths, scorer)
    elif "variant" in pq.read_schema(paths[0]).names:
        result = {"scores": _by_variant(paths[0], scorer, language), "flags": []}
    else:
        kind = context.plan.stages[value["predictions"][0]].value["kind"]
        result = _plain(paths[0], scorer, language, kind)
    if scorer.name in TUNED and len(paths) == 1:
        result["flags"].append("oracle-threshold")
    writing.facts["predictions"] = [str(path.relative_to(context.store.out)) for path in paths]
    write_json(writing.folder / SCORES, result)


def _plain(path: Path, scorer: Metric, language: str, kind: str) -> dict[str, Any]:
    rows = pq.read_table(path, columns=["gold", "prediction", "probabilities"]).to_pydict()
    values = scorer.compute(rows["gold"], rows["prediction"], language=language)
    return {"scores": _rows(values, scorer, len(rows["gold"]), ""), "flags": _flags(kind, rows, values)}


def _flags(kind: str, rows: dict[str, list[Any]], values: dict[str, float]) -> list[str]:
    """Return the signs that a model learnt nothing."""
    gold, predicted = rows["gold"], rows["prediction"]
    if kind == "span":
        return [] if any(predicted) else ["empty-answers"]
    if kind == "tagging":
        gold, predicted = list(chain.from_iterable(gold)), list(chain.from_iterable(predicted))
    flags = ["one-class"] if one_class(predicted) else []
    if kind == "multiple_choice":
        chance = at_guessing(values["accuracy"], [len(options) for options in rows["probabilities"]])
    else:
        chance = "accuracy" in values and at_chance(values["accuracy"], gold)
    return [*flags, "at-chance"] if chance else flags


def _rows(values: dict[str, float], scorer: Metric, count: int, variant: str) -> list[dict[str, Any]]:
    ordered = sorted(values, key=lambda name: name != scorer.headline)
    return [{"metric": name, "value": values[name], "n": count, "variant": variant} for name in ordered]


def _by_variant(path: Path, scorer: Metric, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for variant, rows in read_variants(path).items():
        gold, predicted = [row["gold"] for row in rows], [row["prediction"] for row in rows]
        found += _rows(scorer.compute(gold, predicted, language=language), scorer, len(gold), variant)
    return found


def _bucc(paths: list[Path], scorer: Metric) -> list[dict[str, Any]]:
    """Score mined pairs above the threshold that is best on the dev split, or, where it is the only split, on itself."""
    found: list[dict[str, Any]] = []
    evaluated, tuned = read_variants(paths[0]), read_variants(paths[-1])
    for variant, rows in evaluated.items():
        threshold, _ = best_threshold(mined_pairs(tuned[variant]), gold_pairs(tuned[variant]))
        gold = gold_pairs(rows)
        predicted = [(i, j) for i, j, margin in mined_pairs(rows) if margin >= threshold]
        found += _rows(scorer.compute(sorted(gold), predicted), scorer, len(gold), variant)
    return found


def _squad2(paths: list[Path], scorer: Metric) -> dict[str, Any]:
    """Score answers up to the null score that is best on source validation, or, where that is scored, on itself."""
    columns = ("gold", "prediction", "null_difference")
    evaluated, tuned = (pq.read_table(path, columns=list(columns)).to_pydict() for path in (paths[0], paths[-1]))
    threshold = best_thresholds(*(tuned[column] for column in columns))["best_f1_thresh"]
    gold, predicted = evaluated["gold"], answered(evaluated["prediction"], evaluated["null_difference"], threshold)
    flags = [] if any(predicted) else ["empty-answers"]
    return {
        "scores": _rows(scorer.compute(gold, predicted), scorer, len(gold), ""),
        "flags": flags,
        "threshold": threshold,
    }
