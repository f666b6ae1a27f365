"""What holds for every study: no work twice, no label of another language, and a failure stays where it is."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from in_process import Log, contents, go, rows
from xstilts.data import DataFile
from xstilts.data.mirror import Mirror
from xstilts.engine.batches import epoch_batches
from xstilts.engine.fit import fit
from xstilts.engine.step import NonFiniteError
from xstilts.metrics import METRICS
from xstilts.planner import make_plan
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study

RESULTS = ("model.safetensors", "training.json", "predictions.parquet", "scores.json")
Write = Callable[..., Path]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_second_run_does_no_work(write_study: Write, out: Path) -> None:
    study = write_study(**toy.small())
    first, log = go(study, out)
    assert (first.ran, first.failed, first.blocked, log.kinds) == (11, {}, 0, {"train": 3, "predict": 4, "score": 4})
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file() and path.suffix != ".lock"}
    second, log = go(study, out)
    assert (second.ran, log.ran, log.said) == (0, [], [])
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert rows(second, out) == rows(first, out)


def test_a_new_seed_runs_only_its_own_stages(write_study: Write, out: Path) -> None:
    go(write_study(**toy.small()), out)
    before = contents(out, *RESULTS)
    outcome, log = go(write_study(**toy.small(seeds=[1, 2])), out)
    assert log.kinds == {"train": 3, "predict": 4, "score": 4}
    assert {stage.value["seed"] for stage in log.ran if stage.kind == "train"} == {2}
    after = contents(out, *RESULTS)
    assert {path: after[path] for path in before} == before
    assert [row["seed"] for row in rows(outcome, out)] == [1] * 4 + [2] * 4


def test_a_seed_that_is_taken_out_leaves_the_results_but_not_the_store(write_study: Write, out: Path) -> None:
    go(write_study(**toy.small(seeds=[1, 2], intermediates={"baseline": []})), out)
    before = contents(out, *RESULTS)
    outcome, log = go(write_study(**toy.small(seeds=[2], intermediates={"baseline": []})), out)
    assert log.ran == []
    assert {row["seed"] for row in rows(outcome, out)} == {2}
    assert contents(out, *RESULTS) == before


def test_a_new_language_trains_nothing(write_study: Write, out: Path) -> None:
    go(write_study(**toy.small(languages={"xnli": ["en"]})), out)
    _, log = go(write_study(**toy.small(languages={"xnli": ["sw", "en"]})), out)
    assert log.kinds == {"predict": 2, "score": 2}
    assert {stage.value["data"]["config"] for stage in log.ran if stage.kind == "predict"} == {"sw"}


def test_a_new_target_trains_no_intermediate(write_study: Write, out: Path) -> None:
    go(write_study(**toy.small()), out)
    _, log = go(write_study(**toy.small(targets=["xnli", "tatoeba"])), out)
    assert log.kinds == {"predict": 3, "embed": 3, "score": 3}


def test_a_new_version_of_a_scorer_only_scores(write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = write_study(**toy.small(overrides={"target": {"checkpoint": "last"}, "intermediate": {"checkpoint": "last"}}))
    go(study, out)

    changed = dataclasses.replace(METRICS["accuracy"], version=2)
    monkeypatch.setattr("xstilts.metrics.METRICS", {**METRICS, "accuracy": changed})
    outcome, log = go(study, out)
    assert log.kinds == {"score": 4}
    assert len(rows(outcome, out)) == 4


def test_a_failure_stays_where_it_is(write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = write_study(**toy.small())

    def fails_on_mnli(model: Any, tasks: Any, *others: Any) -> Any:
        if tasks[0].head.task == "mnli":
            raise NonFiniteError("the gradient's norm is nan, the loss nan")
        return fit(model, tasks, *others)

    with monkeypatch.context() as patch:
        patch.setattr("xstilts.stages.training.fit", fails_on_mnli)
        outcome, log = go(study, out)
    (failed,) = [stage for stage in log.ran if stage.kind == "train" and stage.value["tasks"][0]["task"] == "mnli"]
    store = Store(out)
    ((title, reason),) = outcome.failed.items()
    assert title == f"train mnli, seed 1 ({failed.key})"
    for words in (
        "training on mnli with seed 1 failed in float32",
        "norm is nan",
        "lower `learning_rate` (now 0.005)",
        "run again",
    ):
        assert words in reason
    assert store.read_failure(failed) == reason
    assert (store.state(failed), store.folder(failed).exists(), store.partial(failed).exists()) == ("missing", False, False)
    # the baseline is complete; what hangs on the failure waits: one run, two predictions, two scores
    assert (outcome.ran, outcome.blocked) == (5, 5)
    assert {row["intermediate"] for row in rows(outcome, out)} == {"baseline"}

    outcome, log = go(study, out)
    assert (outcome.ran, outcome.failed, outcome.blocked) == (6, {}, 0)
    assert log.ran[0] == failed
    assert store.read_failure(failed) is None
    assert len(rows(outcome, out)) == 4


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> tuple[Log, list[tuple[Stage, str]]]:
    """Give a log, and the list of (stage, "config/split") that the run with this log reads."""
    log, files, table = Log(), list[tuple[Stage, str]](), Mirror.table

    def spy(mirror: Mirror, file: DataFile) -> Any:
        files.append((log.ran[-1], f"{file.identity['config']}/{file.identity['split']}"))
        return table(mirror, file)

    monkeypatch.setattr(Mirror, "table", spy)
    return log, files


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_training_reads_labels_of_the_source_language_alone(
    write_study: Write, out: Path, read: tuple[Log, list[tuple[Stage, str]]], checkpoint: str
) -> None:
    log, files = read
    train = {**toy.small()["train"], "checkpoint": checkpoint}
    go(write_study(**toy.small(targets=["xnli", "udpos", "tatoeba"], languages=None, train=train)), out, log)
    found: dict[str, set[str]] = {}
    for stage, file in files:
        name = f"train {stage.value['tasks'][0]['task']}" if stage.kind == "train" else stage.kind
        found.setdefault(name, set()).add(file)
    # the mirror has training and validation splits in German and Swahili too
    chosen = checkpoint == "best"  # the checkpoint is picked on the source language's validation split, or not at all
    assert found == {
        "train mnli": {"mnli/train", *(["mnli/validation_matched"] if chosen else [])},
        "train xnli": {"en/train", *(["en/validation"] if chosen else [])},
        "train udpos": {"udpos.English/train", *(["udpos.English/validation"] if chosen else [])},
        "predict": {"en/test", "de/test", "sw/test", "udpos.English/test", "udpos.German/test"},
        "embed": {"deu-eng/test"},
    }


def test_labels_of_other_languages_change_no_weight(
    tmp_path: Path, tiny_encoder: Path, write_mirror: Callable[..., Path], write_study: Write
) -> None:
    data = toy.datasets()
    for file, lines in data["facebook/xnli"].items():
        if not file.startswith("en/") or file == "en/test":
            data["facebook/xnli"][file] = [{**row, "label": (row["label"] + 1) % 3} for row in lines]
    other = toy.write_study(tmp_path, tiny_encoder, write_mirror(tmp_path / "mirror", data), **toy.small(name="other"))
    first, _ = go(write_study(**toy.small()), tmp_path / "first")
    second, _ = go(other, tmp_path / "second")
    names = ("model.safetensors", "training.json")
    assert contents(tmp_path / "first", *names) == contents(tmp_path / "second", *names)
    assert rows(first, tmp_path / "first") != rows(second, tmp_path / "second")


def test_the_plan_tells_the_work_that_training_does(write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mix: dict[str, Any] = {"mix": ["mnli", "qqp"]}
    mixtures = {
        "baseline": [],
        "capped": [{**mix, "sampling": {"proportional": {"cap": 21}}}],
        "uniform": [{**mix, "sampling": "uniform"}],
        "flat": [{**mix, "sampling": {"temperature": 3}}],
        "one": ["mnli"],
    }
    train = {**toy.small()["train"], "epochs": 1.5}
    study = write_study(
        **toy.small(intermediates=mixtures, targets=["tatoeba"], languages=None, train=train, limit={"train": 37})
    )
    plan, epochs = make_plan(load_study(study)), list[tuple[int, int]]()

    def counted(lengths: Any, counts: Any, size: int, seed: int, epoch: int) -> Any:
        made = epoch_batches(lengths, counts, size, seed, epoch)
        epochs.append((epoch, sum(len(examples) for _, examples in made)))
        return made

    monkeypatch.setattr("xstilts.engine.fit.epoch_batches", counted)
    outcome, log = go(study, out)
    trained = [stage for stage in log.ran if stage.kind == "train"]
    examples = [count for epoch, count in epochs if epoch == 0]
    store = Store(out)
    for stage, seen in zip(trained, examples, strict=True):
        work, manifest = plan.work[stage.key], store.manifest(stage)
        assert manifest is not None
        assert (work.examples, work.updates) == (seen, manifest["updates"])
    # one task of 37 of its 48 rows, in eights: 5 updates a pass, one and a half passes (7.5 rounds to 8)
    one = plan.work[trained[-1].key]
    assert (one.examples, one.updates) == (37, round(1.5 * math.ceil(37 / 8)))
    assert plan.work[trained[0].key].examples == 2 * 21
    assert outcome.ran == len(plan.stages)
