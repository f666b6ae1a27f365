"""How long the rest takes: known work at the speed that finished stages of the store had."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.estimate import seconds_left, throughput
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.stage import Stage
from xstilts.store import Store, read_json, write_json
from xstilts.study_file import load_study


@pytest.fixture
def plan(write_study: Callable[..., Path]) -> Plan:
    train = {**toy.small()["train"], "epochs": 2}
    return make_plan(load_study(write_study(**toy.small(train=train, targets=["xnli", "tatoeba"], limit={"evaluate": 20}))))


def finish(store: Store, stage: Stage, seconds: float, **facts: Any) -> None:
    """Write a finished stage that took so long."""
    with store.writing(stage) as writing:
        writing.facts |= facts
    path = store.folder(stage) / "stage.json"
    write_json(path, {**(read_json(path) or {}), "seconds": seconds})


def of_kind(plan: Plan, kind: str) -> list[Stage]:
    return [stage for stage in plan.stages.values() if stage.kind == kind]


def test_speed_is_work_by_time_over_all_stages_of_a_kind(plan: Plan, tmp_path: Path) -> None:
    store = Store(tmp_path / "out")
    assert throughput(store) == {}
    first, second = of_kind(plan, "train")[:2]
    finish(store, first, 2.0, updates=12)
    finish(store, second, 1.0, updates=6)
    for stage, seconds in zip(of_kind(plan, "score")[:3], (0.1, 0.2, 0.3), strict=True):
        finish(store, stage, seconds)
    finish(store, of_kind(plan, "predict")[0], 0.5, examples=20)
    # 18 updates of 8 examples in 3 s; 3 scores in 0.6 s; 20 examples in 0.5 s
    assert throughput(store) == pytest.approx({"train": 48.0, "score": 5.0, "predict": 40.0})


def test_time_left_is_the_work_of_the_plan_at_that_speed(plan: Plan) -> None:
    speed = {"train": 48.0, "predict": 40.0, "embed": 10.0, "score": 5.0}
    (train, *_), (embed, *_), (score, *_) = (of_kind(plan, kind) for kind in ("train", "embed", "score"))
    evaluated = next(stage for stage in of_kind(plan, "predict") if stage.value["task"] == "xnli")
    assert seconds_left(plan, [train], speed) == pytest.approx(12 * 8 / 48)  # 48 rows in eights, twice
    assert seconds_left(plan, [evaluated], speed) == pytest.approx(20 / 40)  # at most 20 of 24 rows
    assert seconds_left(plan, [embed], speed) == pytest.approx(20 / 10)
    assert seconds_left(plan, [train, evaluated, embed, score], speed) == pytest.approx(2 + 0.5 + 2 + 0.2)
    assert seconds_left(plan, [], {}) == 0


def test_without_a_speed_or_a_size_the_time_is_unknown(plan: Plan) -> None:
    assert seconds_left(plan, of_kind(plan, "train"), {"score": 1.0}) is None
    assert seconds_left(plan, plan.stages.values(), {"train": 1.0, "predict": 1.0, "score": 1.0}) is None
