"""`xstilts pretrain` from the file to encoders that transformers and a study open."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models

import toy
from in_process import Log, go
from toy_corpus import FIELDS, parallel, write_folder, write_pretraining
from xstilts.engine.checkpoint import read_tensors
from xstilts.execute.local import Outcome
from xstilts.execute.pretrain import encoder_folder, run_pretraining
from xstilts.pretrain_file import load_pretraining
from xstilts.pretrain_plan import PretrainPlan, make_pretrain_plan
from xstilts.spec import RunSpec
from xstilts.store import Store

SIZES = {"pico": {"hidden": 32, "layers": 2, "heads": 4}, "femto": {"hidden": 16, "layers": 1, "heads": 2}}
OUTPUTS = ("model.safetensors", "training.json", "config.json", "tokenizer.json", "tokenizer_config.json")


def run(file: Path, out: Path, log: Log | None = None, **settings: Any) -> Outcome[PretrainPlan]:
    return run_pretraining(load_pretraining(file), RunSpec(out=out, device="cpu", **settings), log or Log())


def contents(out: Path) -> dict[str, bytes]:
    files = [path for kind in ("tokenizer", "pretrain") for path in sorted(out.glob(f"{kind}/*/*")) if path.name in OUTPUTS]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the file and the store of a finished pretraining of two sizes."""
    folder = tmp_path_factory.mktemp("pretraining")
    file = write_pretraining(folder, sizes=SIZES)
    outcome = run(file, folder / "out")
    assert (outcome.ran, outcome.failed, outcome.blocked) == (3, {}, 0)
    return file, folder / "out"


def test_the_command_says_what_was_made_and_then_that_all_is_done(made: tuple[Path, Path]) -> None:
    file, out = made
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*/*")}
    done = subprocess.run(
        [sys.executable, "-m", "xstilts.cli", "pretrain", str(file), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "toy: all is done already, 0 failed, 0 blocked" in done.stdout
    assert "toy: 0 of 3 stages to run" in done.stderr
    assert str(out / "encoders" / "pico-1") in done.stdout
    for words in ("pico-1 masked", "femto-1 translated", "│ xx "):
        assert words in done.stdout
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*/*")} == before


def test_a_second_run_does_nothing(made: tuple[Path, Path]) -> None:
    file, out = made
    log = Log()
    assert run(file, out, log).ran == 0
    assert log.ran == []


def test_plain_transformers_opens_the_folder_and_finds_equal_logits(made: tuple[Path, Path]) -> None:
    from transformers import AutoConfig, AutoTokenizer, XLMRobertaForMaskedLM

    file, out = made
    plan = make_pretrain_plan(load_pretraining(file))
    for planned in plan.encoders:
        folder = encoder_folder(planned, Store(out))
        assert folder.resolve() == Store(out).folder(planned.stage).resolve()
        model, report = XLMRobertaForMaskedLM.from_pretrained(folder, output_loading_info=True)
        assert not any(report[what] for what in ("missing_keys", "unexpected_keys", "mismatched_keys"))
        config = AutoConfig.from_pretrained(folder)
        assert (config.hidden_size, config.num_hidden_layers) == tuple(SIZES[planned.size][n] for n in ("hidden", "layers"))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        assert tokenizer.is_fast
        assert (tokenizer.mask_token_id, tokenizer.model_max_length) == (config.vocab_size - 1, 512)
        batch = tokenizer(parallel(3)["en"], padding=True, return_tensors="pt")
        weights = read_raw(folder)
        with torch.inference_mode():
            states = model.roberta(**batch).last_hidden_state
            logits = model(**batch).logits
            by_hand = model.lm_head.layer_norm(torch.nn.functional.gelu(model.lm_head.dense(states)))
            by_hand = by_hand @ weights["roberta.embeddings.word_embeddings.weight"].T + weights["lm_head.bias"]
        torch.testing.assert_close(logits, by_hand, rtol=1e-4, atol=1e-5)


def read_raw(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_the_reports(made: tuple[Path, Path]) -> None:
    file, out = made
    (planned, _) = make_pretrain_plan(load_pretraining(file)).encoders
    report = json.loads((encoder_folder(planned, Store(out)) / "training.json").read_text())
    assert [update for update, _ in report["losses"]] == list(range(1, 13))
    assert report["losses"][0][1] == pytest.approx(4.5, abs=0.5)  # ln 90: nothing is known yet
    assert sorted(report["held_out"]) == ["en", "xx", "yy"]
    for values in report["held_out"].values():
        assert sorted(values) == ["masked", "masked_n", "translated", "translated_n"]
        assert 0 <= values["masked"] <= 100
    manifest = Store(out).manifest(planned.stage)
    assert manifest
    assert manifest["updates"] == 12
    assert 12 * 64 < report["tokens"] == manifest["tokens"] <= 12 * 128
    assert manifest["provenance"]["packages"]["tokenizers"]


def test_a_study_uses_what_was_made(made: tuple[Path, Path], tmp_path: Path, toy_mirror: Path) -> None:
    _, out = made
    changes = {"intermediates": {"baseline": []}, "targets": ["xnli"], "languages": {"xnli": ["en"]}, "limit": {"train": 8}}
    study = toy.write_study(tmp_path, out / "encoders" / "pico-1", toy_mirror, **toy.small(**changes))
    outcome, _ = go(study, tmp_path / "study")
    assert (outcome.failed, outcome.blocked) == ({}, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_ends_like_one_that_was_not(made: tuple[Path, Path], tmp_path: Path, workers: int) -> None:
    file, out = made[0], tmp_path / "out"
    command = [sys.executable, "-m", "xstilts.cli", "pretrain", str(file), "--out", str(out), "--checkpoint-seconds", "0"]
    process = subprocess.Popen(
        [*command, "--device", "cpu", "--workers", str(workers)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    while process.poll() is None and not any(out.glob("pretrain/.*.partial/scratch/state.safetensors")):
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (state, *_) = out.glob("pretrain/.*.partial/scratch/state.safetensors")
    found = read_tensors(state)
    assert found
    assert 0 < found[1]["update"] < 12
    assert run(file, out, workers=workers).failed == {}
    assert contents(out) == contents(made[1])


def test_workers_make_what_one_makes(made: tuple[Path, Path], tmp_path: Path) -> None:
    file = made[0]
    outcome = run(file, tmp_path / "out", workers=2)
    assert (outcome.failed, outcome.blocked) == ({}, 0)
    assert contents(tmp_path / "out") == contents(made[1])
    assert sorted(path.name for path in (tmp_path / "out" / "encoders").iterdir()) == ["femto-1", "pico-1"]


def test_training_goes_on_from_an_encoder(made: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = made
    start = {"tokenizer": None, "sizes": None, "init": {"start": str(out / "encoders" / "pico-1")}}
    trains = {updates: {**FIELDS["train"], "updates": updates} for updates in (0, 5)}
    files = {n: write_pretraining(tmp_path / str(n), train=train, **start) for n, train in trains.items()}
    folders = {}
    for updates, file in files.items():
        outcome = run(file, tmp_path / "more")
        assert (outcome.ran, outcome.failed) == (1, {})
        folders[updates] = Store(tmp_path / "more").folder(outcome.plan.encoders[0].stage)
    before, same, after = (read_raw(folder) for folder in (out / "encoders" / "pico-1", folders[0], folders[5]))
    assert all(torch.equal(before[name], same[name]) for name in before)
    assert not torch.equal(before["lm_head.bias"], after["lm_head.bias"])
    assert (folders[5] / "tokenizer.json").read_bytes() == (out / "encoders" / "pico-1" / "tokenizer.json").read_bytes()
    reports = [json.loads((folder / "training.json").read_text()) for folder in (out / "encoders" / "pico-1", folders[0])]
    assert reports[0]["held_out"] == reports[1]["held_out"]


def test_a_corpus_without_a_common_line_fails_in_words(tmp_path: Path) -> None:
    lines = {"en": ["one", "", "two", ""] * 20, "xx": ["", "eno", "", "owt"] * 20}
    file = write_pretraining(tmp_path, lines, tokenizer={"kind": "bpe", "size": 64})
    outcome = run(file, tmp_path / "out")
    (reason,) = outcome.failed.values()
    assert reason == "the corpus of toy lacks a line with a translation. Name folders that have some, or change `objective`."


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_files_without_text_fail_in_words(tmp_path: Path, kind: str) -> None:
    file = write_pretraining(tmp_path, {"en": ["", ""], "xx": ["", ""]}, tokenizer={"kind": kind, "size": 64})
    (reason,) = run(file, tmp_path / "out").failed.values()
    assert reason == "the corpus of toy lacks a line with text. Name folders that have some, or change `objective`."


def test_a_tokenizer_of_another_layout_fails_in_words(tmp_path: Path) -> None:
    """BERT's pads with 0 and has no <s>: positions that a study counts from the padding would be others than in training."""
    words = sorted({word for text in parallel(400).values() for line in text for word in line.split()})
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])}
    folder = tmp_path / "bert"
    folder.mkdir()
    Tokenizer(models.WordLevel(vocabulary, "[UNK]")).save(str(folder / "tokenizer.json"))
    special = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]", "unk_token": "[UNK]"}
    config = {"tokenizer_class": "TokenizersBackend", **special}
    for tokens, said in (
        ({}, "bos_token None, pad_token 0"),
        ({"bos_token": "[CLS]", "eos_token": "[SEP]"}, "bos_token 2, pad_token 0"),
    ):
        (folder / "tokenizer_config.json").write_text(json.dumps({**config, **tokens}))
        file = write_pretraining(tmp_path, tokenizer={"path": str(folder)})
        (reason,) = run(file, tmp_path / "out").failed.values()
        assert f"the tokenizer in {folder} has the special ids {said}" in reason
        assert "and pad_token 1. Name another tokenizer" in reason


def test_what_is_measured_does_not_depend_on_how_training_is_cut(made: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = made
    start = {"tokenizer": None, "sizes": None, "init": {"start": str(out / "encoders" / "pico-1")}}
    file = write_pretraining(tmp_path, train={**FIELDS["train"], "updates": 0}, **start)
    reports = []
    for tokens in (64, 100_000):
        assert run(file, tmp_path / str(tokens), tokens_per_micro_batch=tokens).failed == {}
        reports.append((tmp_path / str(tokens) / "encoders" / "start-1" / "training.json").read_bytes())
    assert reports[0] == reports[1]


def test_files_of_different_lengths_fail_in_words(tmp_path: Path) -> None:
    file = write_pretraining(tmp_path)
    write_folder(tmp_path / "text", {"yy": ["one line"]})
    log = Log()
    outcome = run(file, tmp_path / "out", log)
    assert (outcome.ran, outcome.blocked) == (0, 1)
    (reason,) = outcome.failed.values()
    assert "the text in yy has 1 lines and others have 400" in reason


def test_a_rate_that_is_too_high_fails_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xstilts.engine.step import NonFiniteError
    from xstilts.stages import pretraining

    def diverges(*_: object) -> None:
        raise NonFiniteError("the gradient's norm is inf")

    monkeypatch.setattr(pretraining, "pretrain", diverges)
    outcome = run(write_pretraining(tmp_path), tmp_path / "out")
    (reason,) = outcome.failed.values()
    assert "the gradient's norm is inf. Lower `train.learning_rate` (now 0.002)" in reason


def test_a_damaged_encoder_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, out = write_pretraining(tmp_path), tmp_path / "out"
    run(file, out)
    whole = contents(out)
    (out / "encoders" / "pico-1" / "config.json").write_text("{}")
    log = Log()
    assert run(file, out, log).ran == 1
    assert any("is damaged: config.json has 2 bytes" in said for said in log.said)
    assert contents(out) == whole


def test_weights_saved_in_half_precision_are_what_was_measured(tmp_path: Path) -> None:
    changes = {
        "train": {**FIELDS["train"], "saved": "float16"},
        "corpus": {"constructed": {"languages": ["en", "cc"], "size": 60}},
    }
    file, out = write_pretraining(tmp_path, **changes), tmp_path / "out"
    assert run(file, out).failed == {}
    folder = out / "encoders" / "pico-1"
    assert {weight.dtype for weight in read_raw(folder).values()} == {torch.float16}
    again = {"init": {"start": str(folder)}, "tokenizer": None, "sizes": None, "train": {"updates": 0, "max_length": 32}}
    assert run(write_pretraining(tmp_path / "again", **{**changes, **again}), tmp_path / "measured").failed == {}
    reports = [json.loads((one / "training.json").read_text()) for one in (folder, tmp_path / "measured/encoders/start-1")]
    assert reports[0]["held_out"] == reports[1]["held_out"]
