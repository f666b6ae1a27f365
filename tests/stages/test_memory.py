"""A device that runs out of memory works on smaller pieces; one that cannot hold a single input fails that stage alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import toy
from in_process import go
from xstilts.engine.model import suitable_tokens
from xstilts.engine.step import train_step
from xstilts.store import Store

Write = Callable[..., Path]


def run_out(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Have the first updates that are tried run out of memory."""
    left = [times]

    def step(*arguments: Any, **settings: Any) -> float:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("tried to allocate 2 GiB")
        return train_step(*arguments, **settings)

    monkeypatch.setattr("xstilts.engine.fit.train_step", step)


def test_pieces_are_halved_until_they_fit(write_study: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = write_study(**toy.small(intermediates={"baseline": []}))
    run_out(monkeypatch, 2)
    outcome, _ = go(study, tmp_path / "out", tokens_per_micro_batch=1024)
    assert (outcome.failed, outcome.blocked) == ({}, 0)
    store = Store(tmp_path / "out")
    (training,) = store.finished_values("train")
    assert training["tokens_per_micro_batch"] == 256
    assert training["run"]["tokens_per_micro_batch"] == 1024  # as asked for
    assert training["updates"] == 6


def test_too_little_memory_for_one_input_fails_the_stage_alone(
    write_study: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out(monkeypatch, 4)  # 1024, 512, 256 and 128: the first stage gives up, the others go on
    outcome, log = go(write_study(**toy.small()), tmp_path / "out", tokens_per_micro_batch=1024)
    ((title, reason),) = outcome.failed.items()
    assert title.startswith("train xnli")
    assert "too little memory for one input" in reason
    assert any("too little memory" in text for text in log.said)
    assert outcome.ran + outcome.blocked + 1 == len(outcome.plan.stages)
    assert outcome.ran > 0


@pytest.mark.parametrize(("device", "training", "tokens"), [("cpu", True, 4096), ("cpu", False, 1024), ("cuda", True, 16_384)])
def test_pieces_suit_the_device(device: str, training: bool, tokens: int) -> None:
    assert suitable_tokens(torch.device(device), training=training) == tokens
