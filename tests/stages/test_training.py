"""A loss that is not finite: once more in float32, then a failure of this stage alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

import toy
from in_process import contents, go, rows
from xstilts.cli import main
from xstilts.engine.step import NonFiniteError, train_step
from xstilts.plan import Plan
from xstilts.store import Store

Write = Callable[..., Path]
BFLOAT16 = {**toy.small()["train"], "precision": "bfloat16"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def diverge(monkeypatch: pytest.MonkeyPatch, *dtypes: torch.dtype, after: int = 3) -> list[torch.dtype]:
    """Have updates in these types fail from the one of this number on; returns the types of all updates that were tried."""
    tried: list[torch.dtype] = []

    def step(*arguments: Any, dtype: torch.dtype, **settings: Any) -> float:
        tried.append(dtype)
        if dtype in dtypes and tried.count(dtype) > after:
            raise NonFiniteError("the gradient's norm is nan, the loss nan")
        return train_step(*arguments, dtype=dtype, **settings)

    monkeypatch.setattr("xstilts.engine.fit.train_step", step)
    return tried


def trained(plan: Plan, task: str) -> Any:
    return next(s for s in plan.stages.values() if s.kind == "train" and s.value["tasks"][0]["task"] == task)


def test_bfloat16_that_fails_is_tried_in_float32_from_the_start(
    write_study: Write, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one: dict[str, Any] = {"intermediates": {"baseline": []}}
    with monkeypatch.context() as patch:
        tried = diverge(patch, torch.bfloat16)
        outcome, _ = go(write_study(**toy.small(train=BFLOAT16, **one)), out)
    assert tried == [torch.bfloat16] * 4 + [torch.float32] * 6
    store, stage = Store(out), trained(outcome.plan, "xnli")
    manifest = store.manifest(stage)
    assert manifest is not None
    assert (manifest["retried_in"], manifest["updates"]) == ("float32", 6)
    assert [row["flags"].split(",")[-1] for row in rows(outcome, out)] == ["retried-in-float32"] * 2
    # nothing of the first attempt is left in the second: the weights are those of a run in float32
    go(write_study(**toy.small(**one)), tmp_path / "float32")
    names = ("model.safetensors", "training.json")
    assert list(contents(out, *names).values()) == list(contents(tmp_path / "float32", *names).values())


def test_a_second_attempt_that_is_killed_stays_the_second(
    write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = write_study(**toy.small(train=BFLOAT16, intermediates={"baseline": []}, languages={"xnli": ["en"]}))
    whole = out.with_name("whole")
    with monkeypatch.context() as patch:
        diverge(patch, torch.bfloat16)
        go(study, whole)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        diverge(patch, torch.bfloat16)
        patch.setattr("xstilts.stages.training.save", killed)
        with pytest.raises(KeyboardInterrupt):
            go(study, out, checkpoint_seconds=0)
    with monkeypatch.context() as patch:
        tried = diverge(patch)  # nothing fails now, and still the first attempt is over
        outcome, _ = go(study, out)
    assert tried == [torch.float32]  # the last update; the others are in the checkpoint
    assert rows(outcome, out)[0]["flags"].endswith("retried-in-float32")
    names = ("model.safetensors", "training.json", "predictions.parquet", "scores.json")
    assert contents(out, *names) == contents(whole, *names)


def test_a_failure_in_float32_too_is_reported_and_the_rest_goes_on(
    write_study: Write, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_study(**toy.small(train=BFLOAT16, targets=["xnli", "tatoeba"]))
    with monkeypatch.context() as patch:
        diverge(patch, torch.bfloat16, torch.float32)
        patch.setattr("sys.argv", ["xstilts", "run", str(study), "--out", str(out)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    # retrieval without training ran, with the encoder as it is and at random; the other 12 stages hang on mnli or xnli
    assert "toy: 6 stages run, 2 failed, 12 blocked" in said.out
    assert "failed in bfloat16 and then in float32: the gradient's norm is nan" in said.err
    assert "lower `learning_rate` (now 0.005) for this task in `overrides` and run again" in said.err
    assert set(pd.read_csv(out / "results.csv")["target"]) == {"tatoeba"}
    outcome, log = go(study, out)
    assert (outcome.ran, outcome.failed, log.said) == (14, {}, [])
    assert len(rows(outcome, out)) == 4 + 6


def test_weights_that_are_not_numbers_fail_and_leave_the_other_encoder_alone(
    write_study: Write, out: Path, encoder_of: Callable[..., Path], tiny_encoder: Path
) -> None:
    from safetensors.torch import load_file, save_file

    broken = encoder_of("xlm-roberta")
    weights = load_file(broken / "model.safetensors")
    weights = {name: tensor.clone() for name, tensor in weights.items()}
    weights["roberta.encoder.layer.0.output.dense.weight"][0, 0] = torch.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    encoders = {"broken": {"path": str(broken)}, "tiny": {"path": str(tiny_encoder)}}
    outcome, _ = go(write_study(**toy.small(encoders=encoders, intermediates={"baseline": []})), out)
    ((title, reason),) = outcome.failed.items()
    assert title.startswith("train xnli, seed 1")
    assert "failed in float32: the gradient's norm is nan, the loss nan" in reason
    assert (outcome.ran, outcome.blocked) == (5, 4)
    assert {row["encoder"] for row in rows(outcome, out)} == {"tiny"}
