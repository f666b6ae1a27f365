"""Score predictions: every value with its n and its variant, and signs that a model learnt nothing."""

from itertools import chain, groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from xstilts.metrics import Metric, metric
from xstilts.metrics.chance import at_chance, at_guessing, one_class
from xstilts.metrics.squad2 import answered, best_thresholds
from xstilts.plan import TUNED
from xstilts.results import chosen_pairs
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
    """Score each variant; its rows stand together, so that the file is never in memory as a whole."""
    found: list[dict[str, Any]] = []
    names = pq.read_schema(path).names
    predictions = [name for name in ("prediction", "margin_prediction") if name in names]
    batches = pq.ParquetFile(path).iter_batches(columns=["gold", "variant", *predictions])
    rows = (row for batch in batches for row in batch.to_pylist())
    for variant, group in groupby(rows, key=lambda row: row["variant"]):
        both = [(row["gold"], *(row[name] for name in predictions)) for row in group]
        gold = [right for right, *_ in both]
        predicted = [one[1:] if len(predictions) > 1 else one[1] for one in both]
        found += _rows(scorer.compute(gold, predicted, language=language), scorer, len(gold), variant)
    return found


def _bucc(paths: list[Path], scorer: Metric) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for variant, gold, predicted in chosen_pairs(paths):
        found += _rows(scorer.compute(gold, predicted), scorer, len(gold), variant)
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
