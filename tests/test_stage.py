"""A stage: its key is that of its value; its title is for people."""

import pytest

from xstilts.fingerprint import key_of
from xstilts.stage import FORMAT, Stage

TRAIN = {"tasks": [{"task": "mnli"}, {"task": "snli"}], "seed": 1}


def test_the_key_is_that_of_kind_format_and_value() -> None:
    stage = Stage("train", TRAIN, ("input",))
    assert stage.canonical == {"stage": "train", "format": FORMAT, **TRAIN}
    assert stage.key == key_of({"format": FORMAT, "seed": 1.0, "tasks": TRAIN["tasks"], "stage": "train"})
    assert Stage("score", TRAIN).key != stage.key
    assert Stage("train", {**TRAIN, "seed": 2}).key != stage.key


def test_the_format_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Stage("train", TRAIN).key
    monkeypatch.setattr("xstilts.stage.FORMAT", FORMAT + 1)
    assert Stage("train", TRAIN).key != before


@pytest.mark.parametrize(
    ("stage", "title"),
    [
        (Stage("train", TRAIN), "train mnli+snli, seed 1"),
        (Stage("predict", {"task": "xnli", "data": {"config": "sw", "split": "test"}}), "predict xnli sw test"),
        (Stage("embed", {"task": "tatoeba", "data": {"config": "deu-eng", "split": "test"}}), "embed tatoeba deu-eng test"),
        (Stage("predict", {"task": "tatoeba", "vectors": "key"}), "predict tatoeba from vectors"),
        (Stage("score", {"metric": "accuracy"}), "score accuracy"),
    ],
)
def test_the_title_says_what_it_is(stage: Stage, title: str) -> None:
    assert stage.title == title
