"""The plan: shared stages once, inputs first, the same in every process, without torch; what is left to do of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.plan import Cell, Plan, PlannedScore
from xstilts.planner import make_plan
from xstilts.spec import FLOOR
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study

PRINT_KEYS = """
import json, sys
from xstilts.planner import make_plan
from xstilts.study_file import load_study
plan = make_plan(load_study(sys.argv[1]))
uses = {key: [list(vars(cell).values()) for cell in plan.uses[key]] for key in plan.stages}
print(json.dumps([[key, stage.canonical, list(stage.inputs), uses[key]] for key, stage in plan.stages.items()]))
"""
PLAN_WITHOUT_TORCH = """
import sys
from xstilts.cli import main
try:
    main()
finally:
    heavy = {"torch", "transformers", "datasets", "ray"} & set(sys.modules)
    print("imported:", sorted(heavy), file=sys.stderr)
"""


def planned(study: Path) -> Plan:
    return make_plan(load_study(study))


def trained(plan: Plan, *tasks: str) -> list[Stage]:
    """Return the training stages on this mixture."""
    return [s for s in plan.stages.values() if s.kind == "train" and [part["task"] for part in s.value["tasks"]] == [*tasks]]


def score_of(plan: Plan, intermediate: str, target: str, language: str, seed: int = 1) -> PlannedScore:
    cell = Cell("tiny", intermediate, target, seed)
    (found,) = [score for score in plan.scores if score.cell == cell and score.language == language]
    return found


def test_phases_in_turn_start_from_the_checkpoint_of_the_phase_before(toy_study: Path) -> None:
    plan = planned(toy_study)
    (mnli,) = trained(plan, "mnli")
    (qqp,) = trained(plan, "qqp")
    starts = {json.dumps(stage.value["start"]): stage for stage in trained(plan, "xnli")}
    assert "encoder" in mnli.value["start"]
    assert (qqp.value["start"], qqp.inputs) == ({"train": mnli.key}, (mnli.key,))
    (both,) = trained(plan, "mnli", "qqp")
    assert starts.keys() == {json.dumps(mnli.value["start"]), *(json.dumps({"train": s.key}) for s in (mnli, qqp, both))}
    # the row of nli-then-qqp hangs on qqp, which hangs on the very stage that the row of nli hangs on
    nli_then_qqp = plan.stages[plan.stages[score_of(plan, "nli-then-qqp", "xnli", "swh_Latn").stage.inputs[0]].inputs[0]]
    assert nli_then_qqp.value["start"] == {"train": qqp.key}


def test_what_cells_share_is_one_stage(toy_study: Path) -> None:
    plan = planned(toy_study)
    (mnli,) = trained(plan, "mnli")
    targets = ("xnli", "udpos", "tatoeba")
    assert set(plan.uses[mnli.key]) == {Cell("tiny", i, t, 1) for i in ("nli", "nli-then-qqp") for t in targets}
    kinds = [stage.kind for stage in plan.stages.values()]
    # 3 intermediate runs; 4 rows x (3 languages of xnli + 2 of udpos), and tatoeba once more with random weights
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"train": 3 + 8, "predict": 20 + 5, "embed": 5, "score": 25}
    assert len(plan.scores) == 25


def test_equal_phases_of_two_intermediates_are_one_stage(write_study: Callable[..., Path]) -> None:
    mixture = {"mix": ["mnli"], "sampling": {"temperature": 2.0}}  # of one task every sampling is the same run
    intermediates = {"baseline": [], "nli": ["mnli"], "nli-again": [mixture, "qqp"], "mnli-then-mnli": ["mnli", "mnli"]}
    plan = planned(write_study(**toy.small(intermediates=intermediates)))
    first, second = trained(plan, "mnli")
    assert second.value["start"] == {"train": first.key}
    (qqp,) = trained(plan, "qqp")
    assert qqp.inputs == (first.key,)


def test_seeds_share_what_has_no_seed(write_study: Callable[..., Path]) -> None:
    intermediates = {"baseline": [], "nli": ["mnli"]}
    plan = planned(write_study(intermediates=intermediates, targets=["tatoeba"], seeds=[1, 2]))
    one, two = (score_of(plan, "baseline", "tatoeba", "deu_Latn", seed) for seed in (1, 2))
    assert one.stage == two.stage
    for intermediate in ("nli", FLOOR):
        one, two = (score_of(plan, intermediate, "tatoeba", "deu_Latn", seed) for seed in (1, 2))
        assert one.stage.key != two.stage.key


def test_inputs_stand_before_what_needs_them(toy_study: Path) -> None:
    plan = planned(toy_study)
    place = {key: number for number, key in enumerate(plan.stages)}
    edges = [(used, stage.key) for stage in plan.stages.values() for used in stage.inputs]
    # of 20 + 5 predictions, 25 scores, 3 embeddings of trained models, and 7 runs that start from another
    assert len(edges) == 60
    assert all(place[used] < place[key] for used, key in edges)
    for stage in plan.stages.values():
        assert {child.key for child in plan.children[stage.key]} == {key for used, key in edges if used == stage.key}


def test_plans_are_equal_in_every_process(toy_study: Path) -> None:
    here = planned(toy_study)
    listed = [[k, s.canonical, [*s.inputs], [[*vars(c).values()] for c in here.uses[k]]] for k, s in here.stages.items()]
    for hash_seed in ("0", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", PRINT_KEYS, str(toy_study)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        assert json.loads(done.stdout) == listed


@pytest.mark.parametrize("verb", ["plan", "status", "results"])
def test_planning_imports_no_torch(toy_study: Path, tmp_path: Path, verb: str) -> None:
    planned(toy_study)  # the tokenizer's fingerprint is remembered from here on
    command = [sys.executable, "-c", PLAN_WITHOUT_TORCH, verb, str(toy_study), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == "imported: []\n"
    assert "toy" in done.stdout


def test_rows_say_split_and_zero_shot(toy_study: Path) -> None:
    plan = planned(toy_study)
    assert {(s.language, s.zero_shot, s.split) for s in plan.scores if s.cell.target == "xnli"} == {
        ("eng_Latn", False, "test"),
        ("deu_Latn", True, "test"),
        ("swh_Latn", True, "test"),
    }
    assert all(score.zero_shot for score in plan.scores if score.cell.target == "tatoeba")


def test_rows_say_how_they_deviate(
    tmp_path: Path, tiny_encoder: Path, write_mirror: Callable[..., Path], write_study: Callable[..., Path]
) -> None:
    plan = planned(write_study(limit={"train": 40, "evaluate": 10}))
    limits = "at most 10 evaluation examples", "at most 40 training examples a task"
    assert score_of(plan, FLOOR, "tatoeba", "deu_Latn").deviation == limits[0]
    assert score_of(plan, "baseline", "tatoeba", "deu_Latn").deviation == limits[0]
    size = "training data: 48 rows in place of the standard task's"
    assert score_of(plan, "nli-then-qqp", "udpos", "deu_Latn").deviation.split("; ") == [
        limits[0], f"mnli {size} 392,702", f"qqp {size} 363,846", f"udpos {size} 21,253", limits[1],
    ]  # fmt: skip

    rows = toy.datasets()
    del rows["facebook/xnli"]["de/test"], rows["nyu-mll/glue"]["mnli/validation_matched"]
    notes = {
        "facebook/xnli": {"de/validation": "half of it", "en/train": "a tenth"},
        "nyu-mll/glue": {"mnli/train": "other texts"},
    }
    mirror = write_mirror(tmp_path / "other", rows, notes)
    plan = planned(toy.write_study(tmp_path, tiny_encoder, mirror))
    german = score_of(plan, "nli", "xnli", "deu_Latn")
    assert german.split == "validation"
    assert german.deviation.split("; ") == [
        "xnli evaluation data: half of it",
        "evaluated on the validation split (no labelled test split)",
        "mnli training data: other texts",
        "mnli: no validation split in the source language, so the last checkpoint is used",
        "xnli training data: a tenth",
    ]
    assert score_of(plan, "baseline", "xnli", "eng_Latn").deviation == "xnli training data: a tenth"


def finish(store: Store, *stages: Stage) -> None:
    """Write finished stages; nobody reads what is in them."""
    for stage in stages:
        with store.writing(stage) as writing:
            (writing.folder / "model.safetensors").write_bytes(b"w")


def todo(plan: Plan, store: Store) -> list[Stage]:
    """Return what is to do, asked both ways."""
    found = plan.todo(store)
    assert found == [stage for stage in plan.stages.values() if plan.needed(stage, store)]
    return found


def test_todo_is_what_missing_scores_need(write_study: Callable[..., Path], tmp_path: Path) -> None:
    plan, store = planned(write_study(**toy.small())), Store(tmp_path / "out")
    everything = list(plan.stages.values())
    assert todo(plan, store) == everything
    score = score_of(plan, "nli", "xnli", "deu_Latn").stage
    predict = plan.stages[score.inputs[0]]
    leaf = plan.stages[predict.inputs[0]]
    parent = plan.stages[leaf.inputs[0]]

    finish(store, parent)
    assert todo(plan, store) == [stage for stage in everything if stage != parent]
    finish(store, leaf, predict)
    assert todo(plan, store) == [stage for stage in everything if stage not in (parent, leaf, predict)]
    store.release(parent)  # a released parent is not run again as long as its children are there
    assert parent not in todo(plan, store)
    finish(store, *(stage for stage in todo(plan, store) if stage != score))
    assert todo(plan, store) == [score]
    finish(store, score)
    assert todo(plan, store) == []


def test_a_released_checkpoint_is_made_again_only_for_what_is_missing(write_study: Callable[..., Path], tmp_path: Path) -> None:
    plan, store = planned(write_study(**toy.small())), Store(tmp_path / "out")
    finish(store, *plan.stages.values())
    for stage in trained(plan, "xnli") + trained(plan, "mnli"):
        store.release(stage)
    assert todo(plan, store) == []
    wider: Any = planned(write_study(**toy.small(languages={"xnli": ["en", "de", "sw"]}, intermediates={"baseline": []})))
    new = score_of(wider, "baseline", "xnli", "swh_Latn").stage
    predict = wider.stages[new.inputs[0]]
    assert todo(wider, store) == [wider.stages[predict.inputs[0]], predict, new]


def test_predictions_that_are_gone_are_made_again(write_study: Callable[..., Path], tmp_path: Path) -> None:
    plan, store = planned(write_study(**toy.small())), Store(tmp_path / "out")
    finish(store, *plan.stages.values())
    predict = plan.stages[score_of(plan, "nli", "xnli", "deu_Latn").stage.inputs[0]]
    store.set_aside(predict)
    assert todo(plan, store) == [predict]  # each score can be traced to its predictions
