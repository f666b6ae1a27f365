"""A run that is killed at any moment and run again gives what an uninterrupted run gives, bit for bit."""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from in_process import Log, contents, go
from xstilts.engine.checkpoint import read_tensors
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import Store

OUTPUTS = ("model.safetensors", "training.json", "predictions.parquet", "scores.json", "config.json", "vectors.safetensors")
CHECKPOINTS = "train/.*.partial/scratch/state.safetensors"
STOPPED = "stopped; the same command goes on from the last checkpoint\n"


@pytest.fixture
def write_long(tmp_path: Path, toy_mirror: Path, encoder_of: Callable[..., Path]) -> Callable[[int], Path]:
    """Return a function epochs -> study: with dropout, a mixture, a best checkpoint, and every kind of stage."""
    encoder = encoder_of("xlm-roberta-dropout")

    def write(epochs: int) -> Path:
        train = {**toy.small()["train"], "epochs": epochs}
        mixed = [{"mix": ["mnli", "qqp"], "sampling": {"temperature": 2}}]
        changes = {"train": train, "intermediates": {"baseline": [], "both": mixed}, "targets": ["xnli", "udpos", "tatoeba"]}
        return toy.write_study(tmp_path, encoder, toy_mirror, **toy.small(**changes))

    return write


def start(study: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    """Start a run that writes a checkpoint after every update, and return when it writes one (or has ended)."""
    began = time.time_ns()
    command = [sys.executable, "-m", "xstilts.cli", "run", str(study), "--out", str(out), "--checkpoint-seconds", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    while process.poll() is None:
        with contextlib.suppress(FileNotFoundError):  # the folder was renamed while we looked
            if any(path.stat().st_mtime_ns > began for path in out.glob(CHECKPOINTS)):
                break
        time.sleep(0.01)
    return process


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C; again after a while, as a user does: a library that is being imported can swallow the first."""
    while True:
        os.killpg(process.pid, signal.SIGINT)  # the whole group, as a terminal does
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=10)


def checkpoints(out: Path) -> dict[str, int]:
    """Return key of an unfinished training stage -> the update of its checkpoint."""
    found = {}
    for path in out.glob(CHECKPOINTS):
        state = read_tensors(path)
        assert state is not None, "a checkpoint is whole or absent"
        found[path.parts[-3].removeprefix(".").removesuffix(".partial")] = state[1]["update"]
    return found


class FirstProgress(Log):
    """Remembers the update at which each training stage starts."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, int] = {}

    def begin(self, stage: Stage) -> None:
        super().begin(stage)
        self.waiting = stage.kind == "train"

    def progress(self, done: int, total: int, loss: float | None = None) -> None:  # noqa: ARG002
        assert done <= total
        if self.waiting:
            self.first[self.ran[-1].key] = done
            self.waiting = False


def everything(out: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return what a run leaves: all outputs, and key and value of each stage."""
    stages = [manifest for kind in ("train", "embed", "predict", "score") for manifest in Store(out).finished_values(kind)]
    return contents(out, *OUTPUTS), {one["key"]: (one["stage"], one["inputs"], sorted(one["files"])) for one in stages}


def finish(study: Path, out: Path) -> FirstProgress:
    log = FirstProgress()
    outcome, _ = go(study, out, log, keep="all")
    assert (outcome.failed, outcome.blocked) == ({}, 0)
    Results(outcome.plan, Store(out)).write()
    return log


def kill_and_compare(study: Path, tmp_path: Path, delays: list[float]) -> None:
    finish(study, tmp_path / "whole")
    out, in_training = tmp_path / "out", 0
    for delay in delays:
        process = start(study, out, "--keep", "all")
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        in_training += process.returncode == -signal.SIGKILL and bool(checkpoints(out))
    left = checkpoints(out)
    folders = [folder for kind in ("train", "predict", "embed", "score") for folder in out.glob(f"{kind}/[0-9a-f]*")]
    damaged = [folder for folder in folders if not (folder / "stage.json").exists()]
    assert damaged == []
    log = finish(study, out)
    assert in_training >= len(delays) // 2
    assert left
    assert {key: log.first[key] for key in left} == left  # the last run went on where the killed one was
    assert list(out.glob("*/.*")) == []
    assert everything(out) == everything(tmp_path / "whole")
    for name in ("results.csv", "results.parquet"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_killed_runs_end_like_one_that_was_not(write_long: Callable[[int], Path], tmp_path: Path) -> None:
    draw = random.Random(3)
    kill_and_compare(write_long(10), tmp_path, [draw.uniform(0.0, 0.8) for _ in range(3)])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_kills_change_nothing(write_long: Callable[[int], Path], tmp_path: Path) -> None:
    draw = random.Random(20)
    kill_and_compare(write_long(150), tmp_path, [draw.uniform(0.0, 2.5) for _ in range(20)])


def test_an_interrupted_run_says_so_and_goes_on(write_long: Callable[[int], Path], tmp_path: Path) -> None:
    study, out = write_long(40), tmp_path / "out"
    process = start(study, out, "--keep", "all", "--workers", "2")
    stdout, stderr = interrupt(process)
    assert (process.returncode, stdout) == (130, "")
    said = re.sub(r"^(toy: \d+ of \d+ stages to run|\[\d+/\d+\] .*| +\d+/\d+ .*)\n", "", stderr, flags=re.MULTILINE)
    assert said == STOPPED  # no traceback, once for both processes
    left = checkpoints(out)
    log = finish(study, out)
    assert left
    assert {key: log.first[key] for key in left} == left
