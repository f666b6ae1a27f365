"""The score stage's signs that a model learnt nothing, one kind at a time."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.stage import Stage
from xstilts.stages.scoring import SCORES, score


def flags(folder: Path, kind: str, metric: str, tables: list[list[dict[str, Any]]]) -> list[str]:
    """Score one or two prediction files, the second for the threshold."""
    places = {}
    for number, table in enumerate(tables):
        places[f"p{number}"] = folder / str(number)
        places[f"p{number}"].mkdir()
        pq.write_table(pa.Table.from_pylist(table), places[f"p{number}"] / "predictions.parquet")
    stage = Stage("score", {"predictions": [*places], "metric": metric, "version": 1}, tuple(places))
    plan = SimpleNamespace(
        scores=[SimpleNamespace(stage=stage, language="eng_Latn")],
        stages={key: SimpleNamespace(value={"kind": kind}) for key in places},
    )
    context: Any = SimpleNamespace(plan=plan, store=SimpleNamespace(out=folder), input_folder=places.get)
    score(stage, context, SimpleNamespace(folder=folder, facts={}))  # type: ignore[arg-type]
    found: list[str] = json.loads((folder / SCORES).read_text())["flags"]
    return found


def question(gold: list[str], prediction: str, null: float = -1.0) -> dict[str, Any]:
    return {"example_id": "0", "gold": gold, "prediction": prediction, "probabilities": [1.0], "null_difference": null}


@pytest.mark.parametrize(("texts", "expected"), [(("", ""), ["empty-answers"]), (("", "a"), []), (("a", "a"), [])])
def test_answers(tmp_path: Path, texts: tuple[str, ...], expected: list[str]) -> None:
    assert flags(tmp_path, "span", "squad", [[question(["a"], text) for text in texts]]) == expected


def test_a_threshold_that_leaves_no_answer(tmp_path: Path) -> None:
    """Every answer is wrong where the threshold is chosen, so it lies below all null scores."""
    wrong = [question([], "a", null) for null in (0.0, 1.0)]
    right = [question(["a"], "a", null) for null in (2.0, 3.0)]
    assert flags(tmp_path, "span", "squad2", [right, wrong]) == ["empty-answers"]


@pytest.mark.parametrize("tuned", [True, False])
def test_a_threshold_chosen_where_it_is_used(tmp_path: Path, *, tuned: bool) -> None:
    table = [question(["a"], "a", 0.0), question([], "b", 1.0)]
    assert flags(tmp_path, "span", "squad2", [table] * (1 + tuned)) == ([] if tuned else ["oracle-threshold"])


def choice(options: int, number: int, *, right: bool) -> dict[str, Any]:
    gold = str(number % options)
    predicted = gold if right else str((number + 1) % options)
    return {"example_id": "0", "gold": gold, "prediction": predicted, "probabilities": [1 / options] * options}


# exact binomial at 5% of 60 examples with a right answer in 1 of 2, in 1 of 5, and in 7 of 20 on average
@pytest.mark.parametrize(("options", "least"), [((2,), 37), ((5,), 18), ((2, 5), 28)])
def test_choices_by_lot(tmp_path: Path, options: tuple[int, ...], least: int) -> None:
    for right in (least - 1, least):
        folder = tmp_path / str(right)
        folder.mkdir()
        table = [choice(options[i % len(options)], i // 2, right=i < right) for i in range(60)]
        assert flags(folder, "multiple_choice", "accuracy", [table]) == (["at-chance"] if right < least else [])


def test_the_same_option_throughout(tmp_path: Path) -> None:
    table = [choice(2, 0, right=True)] * 40
    assert flags(tmp_path, "multiple_choice", "accuracy", [table]) == ["one-class"]
