"""What a key depends on, and what it does not."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

import toy
from xstilts.metrics import METRICS
from xstilts.planner import make_plan
from xstilts.spec import RunSpec, TrainSpec
from xstilts.study_file import load_study
from xstilts.tasks import TASKS

Keys = dict[str, set[str]]

SETTINGS: Mapping[str, Any] = {"learning_rate": 3e-3, "epochs": 10, "batch_size": 8, "max_length": 64, "precision": "float32"}
OTHER_SETTINGS: Mapping[str, Any] = {
    "learning_rate": 1e-4,
    "epochs": 1.5,
    "batch_size": 16,
    "max_length": 32,
    "precision": "bfloat16",
    "warmup": 0.2,
    "weight_decay": 0.1,
    "adam_betas": [0.8, 0.99],
    "adam_epsilon": 1e-6,
    "max_grad_norm": 2.0,
    "checkpoint": "last",
}
TRAINED = ("train:mnli", "train:qqp", "train:mnli+qqp", "train:xnli", "train:udpos")
PREDICTED = ("predict:xnli", "predict:udpos")
VECTORS = ("embed:tatoeba", "predict:tatoeba")


def keys(study: Path) -> Keys:
    """Return the keys of a study's stages by kind and tasks, and those of all scores."""
    found: Keys = {}
    for stage in make_plan(load_study(study)).stages.values():
        names = [part["task"] for part in stage.value["tasks"]] if stage.kind == "train" else [stage.value.get("task", "")]
        name = "score" if stage.kind == "score" else f"{stage.kind}:{'+'.join(names)}"
        found.setdefault(name, set()).add(stage.key)
    return found


def check(before: Keys, after: Keys, *, other: tuple[str, ...], same: tuple[str, ...]) -> None:
    """Assert that all keys of some kinds are other than before, and all of some kinds the same; names are not left out."""
    assert before.keys() == after.keys() == {*other, *same, *before}
    assert [name for name in other if before[name] & after[name]] == []
    assert [name for name in same if before[name] != after[name]] == []


@pytest.fixture
def before(toy_study: Path) -> Keys:
    return keys(toy_study)


def test_names_and_places_are_in_no_key(before: Keys, tmp_path: Path, tiny_encoder: Path, toy_mirror: Path) -> None:
    encoder = shutil.copytree(tiny_encoder, tmp_path / "somewhere" / "else")
    mirror = shutil.copytree(toy_mirror, tmp_path / "copied mirror")
    intermediates = {
        "m": [{"mix": ["mnli", "qqp"], "sampling": {"proportional": {"cap": 32}}}],
        "none": [],
        "n": ["mnli"],
        "nq": ["mnli", "qqp"],
    }
    changes = {"name": "other", "encoders": {"e": {"path": str(encoder)}}, "targets": ["tatoeba", "udpos", "xnli"]}
    assert keys(toy.write_study(tmp_path, encoder, mirror, **changes, intermediates=intermediates)) == before


def test_how_a_study_runs_is_in_no_key(toy_study: Path) -> None:
    values = json.dumps([stage.canonical for stage in make_plan(load_study(toy_study)).stages.values()])
    assert [name for name in RunSpec.model_fields if f'"{name}"' in values] == []


@pytest.mark.parametrize("field", TrainSpec.model_fields)
def test_every_setting_of_training_is_in_the_key(before: Keys, write_study: Callable[..., Path], field: str) -> None:
    after = keys(write_study(train={**SETTINGS, field: OTHER_SETTINGS[field]}))
    check(before, after, other=(*TRAINED, *PREDICTED), same=())


def test_an_override_concerns_its_run_and_what_follows(before: Keys, write_study: Callable[..., Path]) -> None:
    after = keys(write_study(overrides={"target/udpos": {"epochs": 3}}))
    check(before, after, other=("train:udpos", "predict:udpos"), same=(*TRAINED[:4], "predict:xnli", *VECTORS))
    after = keys(write_study(overrides={"intermediate/qqp": {"epochs": 3}}))
    check(before, after, other=("train:qqp",), same=("train:mnli", "train:mnli+qqp"))
    assert (len(after["train:xnli"] - before["train:xnli"]), len(after["train:xnli"])) == (1, 4)


def test_the_seed_is_in_what_is_trained(before: Keys, write_study: Callable[..., Path]) -> None:
    after = keys(write_study(seeds=[2]))
    check(before, after, other=(*TRAINED, *PREDICTED), same=())
    assert len(before["embed:tatoeba"] & after["embed:tatoeba"]) == 1  # the encoder as it is
    both = keys(write_study(seeds=[1, 2]))
    assert both == {name: before[name] | after[name] for name in before}


def test_a_language_is_in_evaluation_alone(before: Keys, write_study: Callable[..., Path]) -> None:
    less = keys(write_study(languages={"xnli": ["en", "de"]}))
    check(before, less, other=(), same=(*TRAINED, "predict:udpos", *VECTORS))
    assert len(before["predict:xnli"] - less["predict:xnli"]) == len(before["score"] - less["score"]) == 4


def test_limits_are_in_what_they_limit(before: Keys, write_study: Callable[..., Path]) -> None:
    check(before, keys(write_study(limit={"train": 24})), other=(*TRAINED, *PREDICTED), same=())
    # the validation split picks the checkpoint, so its limit changes the weights; without picking it does not
    check(before, keys(write_study(limit={"evaluate": 9})), other=(*TRAINED, *PREDICTED, *VECTORS), same=())
    last = {**SETTINGS, "checkpoint": "last"}
    check(
        keys(write_study(train=last)),
        keys(write_study(train=last, limit={"evaluate": 9})),
        other=(*PREDICTED, *VECTORS),
        same=TRAINED,
    )


def test_sampling_is_in_the_key_of_mixtures(before: Keys, write_study: Callable[..., Path]) -> None:
    mixed: dict[str, Any] = {"mix": ["mnli", "qqp"]}
    phases = {"baseline": [], "nli": [{"mix": ["mnli"], "sampling": "uniform"}], "nli-then-qqp": ["mnli", "qqp"]}
    for sampling in ("uniform", {"proportional": {"cap": 31}}, {"temperature": 2}, "proportional"):
        after = keys(write_study(intermediates={**phases, "both": [{**mixed, "sampling": sampling}]}))
        check(before, after, other=("train:mnli+qqp",), same=("train:mnli", "train:qqp"))


def test_retrieval_settings_are_in_what_they_change(before: Keys, write_study: Callable[..., Path]) -> None:
    trained = (*TRAINED, *PREDICTED)
    embedding: list[dict[str, Any]] = [{"layers": "all"}, {"layers": [0, 2]}, {"max_length": 64}]
    for change in embedding:
        check(before, keys(write_study(retrieval=change)), other=VECTORS, same=trained)
    comparing: list[dict[str, Any]] = [{"similarity": "margin"}, {"centred": True}, {"centred": "both"}]
    for change in comparing:
        check(before, keys(write_study(retrieval=change)), other=("predict:tatoeba",), same=(*trained, "embed:tatoeba"))
    without = keys(write_study(retrieval={"floor": False}))
    assert (without["embed:tatoeba"] < before["embed:tatoeba"], len(without["embed:tatoeba"])) == (True, 4)


def test_on_bad_row_is_in_what_reads_rows(before: Keys, write_study: Callable[..., Path], toy_mirror: Path) -> None:
    after = keys(write_study(data={"mirror": str(toy_mirror), "on_bad_row": "skip"}))
    check(before, after, other=tuple(before), same=())


def put(monkeypatch: pytest.MonkeyPatch, place: str, name: str, values: Mapping[str, Any], **changes: Any) -> None:
    """Replace one value of a read-only mapping of the package by one with other fields."""
    monkeypatch.setattr(place, {**values, name: dataclasses.replace(values[name], **changes)})


def test_the_reader_s_version_is_in_the_key(before: Keys, toy_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "xstilts.planner.TASKS", "udpos", TASKS, version=2)
    check(before, keys(toy_study), other=("train:udpos", "predict:udpos"), same=(*TRAINED[:4], "predict:xnli", *VECTORS))
    put(monkeypatch, "xstilts.planner.TASKS", "tatoeba", TASKS, version=2)
    check(before, keys(toy_study), other=VECTORS, same=(*TRAINED, *PREDICTED))


def test_labels_are_in_the_key(before: Keys, toy_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "xstilts.planner.TASKS", "udpos", TASKS, labels=TASKS["udpos"].labels[::-1])
    check(before, keys(toy_study), other=("train:udpos", "predict:udpos"), same=TRAINED[:4])


def test_the_scorer_s_version_is_in_scores_and_where_it_picks_the_checkpoint(
    write_study: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    best, last = write_study(name="best"), write_study(name="last", train={**SETTINGS, "checkpoint": "last"})
    before_best, before_last = keys(best), keys(last)
    put(monkeypatch, "xstilts.metrics.METRICS", "tagging_f1", METRICS, version=9)
    check(before_last, keys(last), other=(), same=(*TRAINED, *PREDICTED, *VECTORS))
    assert len(before_last["score"] - keys(last)["score"]) == 8  # 4 rows x 2 languages of udpos
    check(before_best, keys(best), other=("train:udpos", "predict:udpos"), same=(*TRAINED[:4], "predict:xnli", *VECTORS))


def test_the_data_s_checksum_is_in_the_key_of_what_reads_it(
    before: Keys, tmp_path: Path, tiny_encoder: Path, write_mirror: Callable[..., Path]
) -> None:
    for count, (dataset, file, other) in enumerate(
        (
            ("facebook/xnli", "en/train", ("train:xnli", "predict:xnli")),
            ("facebook/xnli", "en/validation", ("train:xnli", "predict:xnli")),
            ("facebook/xnli", "de/train", ()),
            ("facebook/xnli", "de/validation", ()),
            ("mteb/tatoeba-bitext-mining", "deu-eng/test", VECTORS),
        )
    ):
        rows = toy.datasets()
        rows[dataset][file].reverse()
        mirror = write_mirror(tmp_path / f"mirror{count}", rows)
        after = keys(toy.write_study(tmp_path, tiny_encoder, mirror))
        same = tuple(name for name in before if name not in other and (name != "score" or not other))
        check(before, after, other=other, same=same)
    rows = toy.datasets()
    rows["facebook/xnli"]["de/test"].reverse()
    after = keys(toy.write_study(tmp_path, tiny_encoder, write_mirror(tmp_path / "mirror", rows)))
    check(before, after, other=(), same=(*TRAINED, "predict:udpos"))
    assert len(after["predict:xnli"] - before["predict:xnli"]) == 4


def test_weights_and_tokenizer_are_in_the_key(before: Keys, tmp_path: Path, tiny_encoder: Path, toy_mirror: Path) -> None:
    encoder = shutil.copytree(tiny_encoder, tmp_path / "e")
    file = encoder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    file.write_text(json.dumps(tokenizer))  # other bytes, the same tokenizer
    assert keys(toy.write_study(tmp_path, encoder, toy_mirror)) == before
    tokenizer["normalizer"] = {"type": "Lowercase"}
    file.write_text(json.dumps(tokenizer))
    check(before, keys(toy.write_study(tmp_path, encoder, toy_mirror)), other=tuple(before), same=())
    shutil.copy(tiny_encoder / "tokenizer.json", file)
    weights = encoder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    check(before, keys(toy.write_study(tmp_path, encoder, toy_mirror)), other=tuple(before), same=())


class Later(TrainSpec):
    """TrainSpec with a field that was added when results existed."""

    label_smoothing: float = Field(default=0.1, json_schema_extra={"older_runs": 0.0})


def test_a_field_added_later_leaves_older_results_valid(before: Keys, toy_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(toy_study)

    def planned(later: Later) -> set[str]:
        monkeypatch.setattr("xstilts.spec.StudySpec.settings", lambda *_: later)
        return {stage.key for stage in make_plan(study).stages.values()}

    older = set().union(*before.values())
    assert planned(Later(**SETTINGS, label_smoothing=0)) == older
    assert len(planned(Later(**SETTINGS)) & older) == 6  # vectors, neighbours and scores of the encoder as it is, and random
