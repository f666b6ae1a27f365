"""Several processes on one store, damage found at the start, and what stops a run."""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import SafetensorError

import toy
from in_process import Log, contents, go, rows
from xstilts.errors import StoreError
from xstilts.plan import Plan
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import Store

Write = Callable[..., Path]
EVIDENCE = ("predictions.parquet", "scores.json", "training.json")
RESULTS = ("model.safetensors", *EVIDENCE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, toy_mirror: Path) -> tuple[Path, Path]:
    """Return a study with work for two processes, and the store of a run by one process."""
    folder = tmp_path_factory.mktemp("alone")
    train = {**toy.small()["train"], "epochs": 40}
    changes = {"intermediates": {"baseline": []}, "targets": ["xnli", "tatoeba"], "seeds": [1, 2, 3, 4], "train": train}
    study = toy.write_study(folder, tiny_encoder, toy_mirror, **toy.small(**changes))
    outcome, log = go(study, folder / "out")
    assert log.kinds == {"train": 4, "predict": 8 + 5, "embed": 5, "score": 8 + 5}
    Results(outcome.plan, Store(folder / "out")).write()
    return study, folder / "out"


def begun(*outputs: str) -> list[str]:
    """Return the keys of the stages that processes say they begin, sorted."""
    return sorted(re.findall(r"\(([0-9a-f]{16})\)", "".join(outputs)))


def stages(out: Path) -> list[str]:
    """Return the keys of all finished stages, sorted."""
    return sorted(path.parent.name for path in out.glob("*/*/stage.json"))


def test_two_workers_make_what_one_makes(alone: tuple[Path, Path], out: Path) -> None:
    study, reference = alone
    done = toy.xstilts("run", study, "--out", out, "--workers", "2")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert contents(out, *RESULTS) == contents(reference, *RESULTS)
    assert (out / "results.csv").read_bytes() == (reference / "results.csv").read_bytes()
    assert begun(done.stderr) == stages(out) == stages(reference)  # each stage once
    assert "toy: 35 stages run" not in done.stdout  # the helper had its share


def test_two_commands_share_the_work(alone: tuple[Path, Path], out: Path) -> None:
    study, reference = alone
    # with `none`, what one process made, used and released must not look unfinished to the other
    command = [sys.executable, "-m", "xstilts.cli", "run", str(study), "--out", str(out), "--keep", "none"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert begun(*(stderr for _, stderr in outputs)) == stages(out) == stages(reference)
    ran = [int(re.findall(r"toy: (\d+) stages run, 0 failed, 0 blocked", stdout)[0]) for stdout, _ in outputs]
    assert (sum(ran), min(ran) > 0) == (35, True)
    assert list(out.glob("train/*/*.safetensors")) == []
    assert contents(out, *EVIDENCE) == contents(reference, *EVIDENCE)
    assert (out / "results.csv").read_bytes() == (reference / "results.csv").read_bytes()
    assert sorted(path.name for path in out.iterdir() if path.is_file()) == ["results.csv", "results.parquet"]


@pytest.mark.parametrize("keep", ["all", "none"])
def test_what_another_process_made_used_and_released_is_not_made_again(write_study: Write, out: Path, keep: str) -> None:
    study = write_study(**toy.small(targets=["xnli", "tatoeba"]))

    class Overtaken(Log):
        """Has another run do everything after this one has looked what there is to do."""

        def plan(self, plan: Plan, todo: int) -> None:
            assert todo == len(plan.stages)
            go(study, out, keep=keep)

    outcome, log = go(study, out, Overtaken(), keep=keep)
    assert (outcome.ran, log.ran, outcome.failed, outcome.blocked) == (0, [], {}, 0)


def test_a_stage_that_another_process_holds_is_waited_for(write_study: Write, out: Path) -> None:
    study, store = write_study(**toy.small(intermediates={"baseline": []}, languages={"xnli": ["en"]})), Store(out)

    class Held(Log):
        """Holds the lock of the stage that is first until this process has looked for work in vain."""

        def plan(self, plan: Plan, todo: int) -> None:
            assert todo == 3
            self.lock = store.lock(next(iter(plan.stages.values())))
            self.lock.__enter__()

    log = Held()
    waited: list[float] = []

    def free(seconds: float) -> None:
        waited.append(seconds)
        log.lock.__exit__(None, None, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xstilts.execute.local.time.sleep", free)
        outcome, _ = go(study, out, log)
    assert (outcome.ran, len(waited)) == (3, 1)


def spoil(path: Path) -> Path:
    os.truncate(path, path.stat().st_size // 2)
    return path


def test_damage_is_set_aside_and_made_again(write_study: Write, out: Path) -> None:
    study = write_study(**toy.small())
    first, log = go(study, out)
    before = contents(out, *RESULTS)
    leaf = next(stage for stage in log.ran if stage.title == "train xnli, seed 1")
    score = next(stage for stage in log.ran if stage.kind == "score")
    spoil(out / "train" / leaf.key / "model.safetensors")
    spoil(out / "score" / score.key / "scores.json")
    second, log = go(study, out)
    assert [stage.key for stage in log.ran] == [score.key]  # nothing needs the leaf any more
    model, scores = log.said
    for words in (f"train xnli, seed 1 ({leaf.key}) is damaged: model.safetensors has", "damaged", "made again if needed"):
        assert words in model
    assert "scores.json has" in scores
    assert sorted(path.name for path in (out / "damaged").iterdir()) == [f"score-{score.key}-1", f"train-{leaf.key}-1"]
    assert rows(second, out) == rows(first, out)

    _, log = go(write_study(**toy.small(languages={"xnli": ["en", "de", "sw"]})), out)
    assert (log.said, log.kinds) == ([], {"train": 1, "predict": 2, "score": 2})
    after = contents(out, *RESULTS)
    assert {path: after[path] for path in before} == before


def test_damage_that_another_run_has_set_aside_is_no_error(
    write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = write_study(**toy.small(intermediates={"baseline": []}))
    _, log = go(study, out)
    leaf = log.ran[0]
    spoil(out / "train" / leaf.key / "model.safetensors")
    damage, told = Store.damage, list[str]()

    def then_it_is_gone(store: Store, stage: Stage) -> str | None:
        found = damage(store, stage)
        if found and not told:
            told.append(found)
            store.set_aside(stage)  # the other run
        return found

    monkeypatch.setattr(Store, "damage", then_it_is_gone)
    outcome, log = go(study, out)
    assert (outcome.ran, log.said, len(told)) == (0, [], 1)


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device")  # as pyarrow 25


def full_to_safetensors(*_: Any, **__: Any) -> None:
    # word for word what safetensors 0.8.0 raises on a full disk
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize(
    ("place", "write", "finished"),
    [("xstilts.stages.prediction.pq.write_table", full, 1), ("xstilts.stages.training.save", full_to_safetensors, 0)],
)
def test_a_full_disk_stops_the_run_and_the_next_goes_on(
    write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch, place: str, write: Any, finished: int
) -> None:
    study = write_study(**toy.small())
    whole, _ = go(study, out.with_name("whole"))
    with monkeypatch.context() as patch:
        patch.setattr(place, write)
        with pytest.raises(StoreError, match="is full"):
            go(study, out)
    assert len(stages(out)) == finished
    outcome, _ = go(study, out)
    assert outcome.ran == 11 - finished
    assert rows(outcome, out) == rows(whole, out.with_name("whole"))
