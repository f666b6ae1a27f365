"""Signs that a model learnt nothing, in the flags of its rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import toy
from in_process import go, rows
from xstilts.plan import Plan, PlannedScore
from xstilts.store import Store

Write = Callable[..., Path]


def predictions(plan: Plan, store: Store, planned: PlannedScore) -> list[str]:
    (key,) = planned.stage.inputs
    found: list[str] = pq.read_table(store.folder(plan.stages[key]) / "predictions.parquet")["prediction"].to_pylist()
    return found


def test_a_model_that_learns_is_not_flagged(toy_run: toy.Run) -> None:
    import pandas as pd

    table = pd.read_csv(toy_run.out / "results.csv", keep_default_na=False)
    learnt = table[(table["intermediate"] == "nli") & (table["language"] == "eng_Latn")]
    assert set(learnt["flags"]) == {""}


@pytest.mark.parametrize("rate", [1e-9, 0.3])
def test_flags_tell_one_class_and_chance(write_study: Write, tmp_path: Path, rate: float) -> None:
    train: dict[str, Any] = {**toy.small()["train"], "learning_rate": rate}
    study = write_study(**toy.small(train=train, intermediates={"baseline": []}, seeds=[1, 2, 3, 4], languages=None))
    outcome, _ = go(study, tmp_path / "out")
    store, found = Store(tmp_path / "out"), {(row["language"], row["seed"]): row for row in rows(outcome, tmp_path / "out")}
    assert len(found) == 12
    for planned in outcome.plan.scores:
        row = found[planned.language, planned.cell.seed]
        flags = set(filter(None, row["flags"].split(",")))
        one_class = len(set(predictions(outcome.plan, store, planned))) == 1
        # 24 examples, a third of each class: 13 right ones are above chance at 5%, 12 are not (exact binomial)
        chance = row["value"] < 100 * 13 / 24
        source_chance = found["eng_Latn", planned.cell.seed]["value"] < 100 * 13 / 24
        expected = {"one-class": one_class, "at-chance": chance, "source-at-chance": source_chance}
        assert flags == {name for name, holds in expected.items() if holds}
    every = {flag for row in found.values() for flag in row["flags"].split(",")}
    assert every >= {"at-chance", "source-at-chance", *(["one-class"] if rate > 0.1 else [])}
