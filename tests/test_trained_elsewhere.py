"""Targets without training data of their own are trained on another task's (XQuAD on SQuAD v1.1)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import toy
from in_process import go, rows
from study_world import assert_one, listing, make_world, problems, write_listing
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.stage import Stage
from xstilts.study_file import load_study
from xstilts.task import Task
from xstilts.tasks import TASKS

QUESTION = {"context": "Denver won.", "question": "Who?", "answers": {"text": ["Denver"], "answer_start": [0]}}
OTHER = QUESTION | {"context": "It was Denver.", "answers": {"text": ["Denver"], "answer_start": [7]}}
QA = {
    "rajpurkar/squad": {"plain_text/train": [QUESTION, OTHER], "plain_text/validation": [OTHER]},
    "google/xquad": {f"xquad.{code}/validation": [QUESTION] for code in ("en", "th")},
    "facebook/mlqa": {f"mlqa.{code}.{code}/test": [OTHER] for code in ("en", "zh")},
}


@pytest.fixture
def qa(tmp_path: Path, tiny_encoder: Path) -> Path:
    mirror = toy.write_mirror(tmp_path / "mirror", QA)
    return toy.write_study(tmp_path, tiny_encoder, mirror, intermediates={"none": []}, targets=["xquad", "mlqa"])


def planned(study: Path, **changes: Any) -> Plan:
    return make_plan(load_study(study).model_copy(update=changes))


def stages(plan: Plan, kind: str) -> list[Stage]:
    return [stage for stage in plan.stages.values() if stage.kind == kind]


def change(monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any) -> None:
    put(monkeypatch, {**TASKS, name: replace(TASKS[name], **fields)})


def put(monkeypatch: pytest.MonkeyPatch, tasks: Mapping[str, Task]) -> None:
    for place in ("planner", "study_file"):
        monkeypatch.setattr(f"xstilts.{place}.TASKS", tasks)


def test_targets_of_equal_training_share_it(qa: Path) -> None:
    plan = planned(qa)
    (trained,) = stages(plan, "train")
    (part,) = trained.value["tasks"]
    assert (part["task"], part["reader"], part["kind"]) == ("squad_v1", 1, "span")
    assert part["train"]["dataset"] == part["validation"]["dataset"] == "rajpurkar/squad"
    predicted = stages(plan, "predict")
    assert [(s.value["task"], s.value["head"], s.value["data"]["config"]) for s in predicted] == [
        ("xquad", "squad_v1", "xquad.en"),
        ("xquad", "squad_v1", "xquad.th"),
        ("mlqa", "squad_v1", "mlqa.en.en"),
        ("mlqa", "squad_v1", "mlqa.zh.zh"),
    ]
    assert {s.value["model"] for s in predicted} == {trained.key}
    assert {score.stage.value["metric"] for score in plan.scores} == {"squad", "mlqa"}
    assert {score.split for score in plan.scores} == {"test"}


def test_the_settings_are_the_target_s(qa: Path) -> None:
    one, other = stages(planned(qa, overrides={"target/mlqa": {"epochs": 3}}), "train")
    assert (one.value["settings"]["epochs"], other.value["settings"]["epochs"]) == (10, 3)
    assert one.key == stages(planned(qa), "train")[0].key
    assert one.value["tasks"] == other.value["tasks"]


def test_the_training_task_s_reader_is_in_the_key_of_the_training(qa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = planned(qa)
    with monkeypatch.context() as patch:
        change(patch, "squad_v1", version=2)
        after = planned(qa)
        assert not before.stages.keys() & after.stages.keys()
    change(monkeypatch, "xquad", version=2)
    after = planned(qa)
    assert stages(after, "train")[0].key == stages(before, "train")[0].key
    same = [old.key == new.key for old, new in zip(stages(before, "predict"), stages(after, "predict"), strict=True)]
    assert same == [False, False, True, True]


def test_deviations_are_those_of_the_training_task_s_data(qa: Path) -> None:
    assert {score.deviation for score in planned(qa).scores} == {
        "squad_v1 training data: 2 rows in place of the standard task's 87,599"
    }


def test_a_target_with_its_own_data_names_no_head(toy_study: Path) -> None:
    assert all("head" not in stage.value for stage in stages(planned(toy_study), "predict"))


def test_such_a_target_runs(tmp_path: Path, tiny_encoder: Path, toy_mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XNLI as if its rows had no training split: MultiNLI's head predicts them."""
    data = replace(TASKS["xnli"].data, splits={"validation": "validation", "test": "test"})
    put(monkeypatch, {**TASKS, "xnli": replace(TASKS["xnli"], data=data, train_from="mnli")})
    study = toy.write_study(tmp_path, tiny_encoder, toy_mirror, **toy.small(intermediates={"baseline": []}))
    outcome, log = go(study, tmp_path / "out")
    assert log.kinds == {"train": 1, "predict": 2, "score": 2}
    assert [(row["target"], row["language"], row["n"]) for row in rows(outcome, tmp_path / "out")] == [
        ("xnli", "eng_Latn", 24),
        ("xnli", "deu_Latn", 24),
    ]
    (trained,) = stages(outcome.plan, "train")
    assert trained.value["tasks"][0]["task"] == "mnli"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    study = make_world(tmp_path, monkeypatch)
    study.write_text(study.read_text().replace("targets: [xnli,", "targets: [xquad, mlqa, xcopa, xnli,"))
    return study


def test_such_a_target_needs_no_training_data_of_its_own(world: Path) -> None:
    assert load_study(world).targets[:3] == ("xquad", "mlqa", "xcopa")


def test_its_overrides_are_allowed(world: Path) -> None:
    world.write_text(world.read_text().replace("overrides: {", "overrides: {target/xquad: {max_length: 384}, "))
    assert load_study(world).settings("target", "xquad").max_length == 384


def test_it_is_no_intermediate_task(world: Path) -> None:
    found = problems(world, ("  qqp: [qqp]", "  qqp: [xquad]"))
    words = ["'xquad' has no training data (span)", "Name squad_v1, whose data it is trained on as a target."]
    assert found[0].line == 7
    assert all(word in found[0].message for word in words)


def test_missing_training_data_names_both_tasks(world: Path) -> None:
    files = listing()
    del files["rajpurkar/squad"]["files"]["plain_text/train"]
    write_listing(world.parent / "mirror", files)
    words = ["no training data of 'squad_v1', on which 'xquad' is trained,", "rajpurkar/squad, configuration plain_text"]
    assert_one(problems(world), 9, *words)


def test_a_source_language_that_the_training_task_lacks_is_told(world: Path) -> None:
    found = problems(world, ("targets: [xquad, mlqa, xcopa,", "targets: [xquad,"), ("limit:", "source: de\nlimit:"))
    (told,) = [problem.message for problem in found if problem.line == 9]
    assert told.startswith("'squad_v1', on which 'xquad' is trained, has no examples in the source language deu_Latn")


def test_a_mirror_without_all_of_a_task_s_data_sets_is_told(world: Path) -> None:
    files = listing()
    del files["facebook/anli"]["files"]["plain_text/train_r2"]
    write_listing(world.parent / "mirror", files)
    found = problems(world, ("  qqp: [qqp]", "  qqp: [anli_plus]"), ("nli-then-qqp: [*nli, qqp]", "nli-then-qqp: [*nli, snli]"),
                     (", intermediate/qqp: {epochs: 1}", ""))  # fmt: skip
    assert_one(found, 7, "no training data of 'anli_plus' in eng_Latn", "or not all of nyu-mll/glue and facebook/anli")
