"""A task whose labels are those of its training data (CCG): trained, saved, predicted, and scored with tags unseen there."""

import json
from pathlib import Path

import pytest
from transformers import AutoConfig

import toy
from in_process import go, rows
from xstilts.task import TaggedWords
from xstilts.tasks import TASKS

TRAIN = [{"tokens": ["the", "river", "opened"], "ccg_tags": ["NP/N", "N", "S\\NP"]}] * 12
UNSEEN = [{"tokens": ["the", "door", "closed", "today"], "ccg_tags": ["NP/N", "N", "S\\NP", "(S\\NP)\\(S\\NP)"]}] * 6


@pytest.fixture
def study(tmp_path: Path, tiny_encoder: Path) -> Path:
    files = {"local/ccg_questions": {"default/train": TRAIN, "default/validation": UNSEEN}}
    mirror = toy.write_mirror(tmp_path / "mirror", files)
    changes = toy.small(intermediates={"none": []}, targets=["ccg_questions"], languages=None)
    return toy.write_study(tmp_path, tiny_encoder, mirror, **{**changes, "train": {**changes["train"], "epochs": 8}})


def test_the_head_has_the_labels_of_the_training_data(study: Path, tmp_path: Path) -> None:
    outcome, _ = go(study, tmp_path / "out")
    assert outcome.failed == {}
    (trained,) = (tmp_path / "out" / "train").iterdir()
    config = AutoConfig.from_pretrained(trained)
    assert [config.id2label[i] for i in range(3)] == ["N", "NP/N", "S\\NP"]
    assert len(config.id2label) == 3


def test_a_tag_that_training_lacks_is_an_error_not_a_crash(study: Path, tmp_path: Path) -> None:
    outcome, _ = go(study, tmp_path / "out")
    (row,) = rows(outcome, tmp_path / "out")
    assert row["metric"] == "accuracy"
    assert 0 < row["value"] <= 75  # one word in four has a tag that no head output stands for
    (predicted,) = [s for s in outcome.plan.stages.values() if s.kind == "predict"]
    assert predicted.canonical["labels"] == []


def test_labels_that_are_declared_are_still_checked() -> None:
    assert TASKS["ccg_questions"].read(TRAIN[0]) == TaggedWords(("the", "river", "opened"), ("NP/N", "N", "S\\NP"))
    with pytest.raises(ValueError, match="expected an integer"):
        TASKS["udpos"].read({"tokens": ["a"], "pos_tags": [99]})


def test_validation_picks_the_checkpoint_with_unseen_tags_in_it(study: Path, tmp_path: Path) -> None:
    go(study, tmp_path / "out")
    (log,) = (tmp_path / "out").glob("train/*/training.json")
    found = json.loads(log.read_text())
    assert found["best_value"] == max(point["ccg_questions"] for point in found["validation"]) > 25
