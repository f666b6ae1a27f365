import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from toy_training import ANSWERS, SETTINGS, WORD_CLASSES, answers, endings, passages, places, train, weights, word_classes
from xstilts.engine import fit as fit_module
from xstilts.engine.checkpoint import write_tensors
from xstilts.engine.fit import Log, TaskData
from xstilts.engine.model import MultiHeadModel, build, load, read_weights, save
from xstilts.engine.predict import Inference, Progress, predict
from xstilts.engine.step import NonFiniteError, learning_rate
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import kind_functions
from xstilts.metrics import metric
from xstilts.metrics.squad2 import answered, best_thresholds, squad2
from xstilts.spec import Sampling

EncoderOf = Callable[..., Path]


class KilledError(Exception):
    """What kills a run in these tests."""


def stop_at(update: int) -> Progress:
    def progress(done: int, total: int, loss: float | None = None) -> None:
        assert 0 < done <= total
        if done == update:
            raise KilledError

    return progress


def assert_same(one: tuple[MultiHeadModel, Log], other: tuple[MultiHeadModel, Log]) -> None:
    assert asdict(one[1]) == asdict(other[1])
    mine, expected = weights(one[0]), weights(other[0])
    assert mine.keys() == expected.keys()
    for name, tensor in mine.items():
        assert torch.equal(tensor, expected[name]), name


# Validation of the mixture at updates 9, 18 and 27, of the single task at 5, 10 and 15; a checkpoint every 2 or 3 updates.
RUNS: dict[str, dict[str, Any]] = {
    "one task, last": {"tasks": [answers(40)], "checkpoint": "last", "stops": (1, 2, 3, 4, 9, 15)},
    "one task, best": {"tasks": [answers(40)], "checkpoint": "best", "stops": (4, 5, 6, 10, 11, 15)},
    "mixture, best": {"tasks": [answers(40), word_classes(30)], "checkpoint": "best", "stops": (8, 9, 10, 13, 19, 27)},
    "mixture with a cap": {
        "tasks": [word_classes(30), answers(40)],
        "checkpoint": "best",
        "sampling": Sampling(cap=20),
        "stops": (3, 7, 17),
    },
    "all kinds": {
        "tasks": [answers(16), endings(24), places(16), word_classes(16)],
        "checkpoint": "best",
        "stops": (5, 9, 14, 22),
    },
    "vectors of several micro-batches, best": {
        "tasks": [passages(40)],
        "tokens_per_micro_batch": 60,
        "stops": (4, 6, 11, 15),
    },
}


@pytest.mark.parametrize("name", RUNS)
def test_a_resumed_run_is_the_uninterrupted_one(
    encoder_of: EncoderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    how = dict(RUNS[name])
    folder, tasks, stops = encoder_of("xlm-roberta-dropout"), how.pop("tasks"), how.pop("stops")
    whole = train(folder, tasks, tmp_path / "whole", checkpoint_seconds=1e9, **how)
    ticks = itertools.count()
    monkeypatch.setattr(fit_module, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    for stop in stops:
        scratch = tmp_path / f"stop-{stop}"
        with pytest.raises(KilledError):
            train(folder, tasks, scratch, progress=stop_at(stop), checkpoint_seconds=2, **how)
        seen: list[int] = []
        resumed = train(folder, tasks, scratch, progress=lambda done, *_, seen=seen: seen.append(done), **how)
        assert_same(resumed, whole)
        began_at = seen[0]
        assert began_at == 1 if stop <= 2 else began_at < stop
        assert began_at > 1 or stop <= 3, "it began anew: nothing was resumed"


def test_a_run_may_be_stopped_again_and_again(encoder_of: EncoderOf, tmp_path: Path) -> None:
    folder, tasks = encoder_of("xlm-roberta-dropout"), [answers(40), word_classes(30)]
    whole = train(folder, tasks, tmp_path / "whole")
    for stop in (2, 6, 9, 10, 18, 22, 26):
        with pytest.raises(KilledError):
            train(folder, tasks, tmp_path / "scratch", progress=stop_at(stop))
    assert_same(train(folder, tasks, tmp_path / "scratch"), whole)


@pytest.mark.parametrize("file", ["best.safetensors", "state.safetensors"])
@pytest.mark.parametrize("write", [1, 2])
def test_a_run_may_be_killed_while_it_saves(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, write: int
) -> None:
    """Between the best weights and the checkpoint that knows of them, too."""
    tasks = [answers(40)]
    whole = train(tiny_encoder, tasks, tmp_path / "whole", checkpoint_seconds=1e9)
    writes = itertools.count(1)

    def killed(path: Path, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
        if path.name == file and next(writes) == write:
            raise KilledError
        write_tensors(path, tensors, facts)

    monkeypatch.setattr(fit_module, "write_tensors", killed)
    with pytest.raises(KilledError):
        train(tiny_encoder, tasks, tmp_path / "scratch", checkpoint_seconds=1e9)
    assert_same(train(tiny_encoder, tasks, tmp_path / "scratch", checkpoint_seconds=1e9), whole)


def test_a_damaged_checkpoint_means_a_new_beginning(tiny_encoder: Path, tmp_path: Path) -> None:
    tasks = [answers(40)]
    whole = train(tiny_encoder, tasks, tmp_path / "whole")
    with pytest.raises(KilledError):
        train(tiny_encoder, tasks, tmp_path / "scratch", progress=stop_at(12))
    state = tmp_path / "scratch" / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-100])
    assert_same(train(tiny_encoder, tasks, tmp_path / "scratch"), whole)


def test_seeds_make_other_runs(tiny_encoder: Path, tmp_path: Path) -> None:
    one, other = (train(tiny_encoder, [answers(40)], tmp_path / str(seed), seed=seed)[1].losses for seed in (1, 2))
    assert one != other


def test_a_run_may_end_inside_an_epoch(tiny_encoder: Path, tmp_path: Path) -> None:
    _, log = train(tiny_encoder, [answers(40)], tmp_path / "scratch", epochs=1.4)
    assert [update for update, _ in log.losses] == list(range(1, 8))
    assert [values["update"] for values in log.validation] == [5, 7]


def scripted(monkeypatch: pytest.MonkeyPatch, values: Sequence[float]) -> None:
    left = iter(values)
    monkeypatch.setattr(fit_module._Run, "_score", lambda *_: next(left))


@pytest.mark.parametrize(("values", "best"), [((50, 80, 60), 10), ((50, 60, 60), 10), ((10, 20, 30), 15), ((0, 0, 0), 5)])
def test_the_best_weights_are_kept(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: tuple[float, ...], best: int
) -> None:
    """And the rows of words that do not occur have decayed as often as the weights were updated up to then."""
    scripted(monkeypatch, values)
    snapshots: dict[int, dict[str, torch.Tensor]] = {}
    original = fit_module._Run.validate

    def validate(run: Any) -> None:
        snapshots[run.update] = weights(run.model)
        original(run)

    monkeypatch.setattr(fit_module._Run, "validate", validate)
    trained, log = train(tiny_encoder, [answers(40)], tmp_path / "scratch")
    assert sorted(snapshots) == [5, 10, 15]
    assert (log.best_update, log.best_value) == (best, max(values))
    assert log.validation == [{"update": u, "answers": v} for u, v in zip((5, 10, 15), values, strict=True)]
    before = read_weights(tiny_encoder)["roberta.embeddings.word_embeddings.weight"].double()
    for name, tensor in weights(trained).items():
        if "word_embeddings" in name:
            rates = [learning_rate(u, 15, peak=3e-3, warmup=0.1) for u in range(best)]
            decay = torch.tensor([1 - 0.1 * rate for rate in rates], dtype=torch.float64).prod()
            # no piece of the tokenizer has the ids from 300 on
            torch.testing.assert_close(tensor[300:].double(), before[300:] * decay, atol=1e-7, rtol=0)
        else:
            assert torch.equal(tensor, snapshots[best][name]), name


def test_the_best_of_a_mixture_is_the_best_mean(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, (90, 10, 60, 50, 80, 20))  # means 50, 55, 50
    _, log = train(tiny_encoder, [answers(40), word_classes(30)], tmp_path / "scratch")
    assert (log.best_update, log.best_value) == (18, 55)
    assert log.validation[1] == {"update": 18, "answers": 60, "word_classes": 50}


@pytest.mark.parametrize("how", [{"checkpoint": "last"}, {"validation": 0}])
def test_without_validation_the_last_weights_are_kept(tiny_encoder: Path, tmp_path: Path, how: dict[str, Any]) -> None:
    validation = how.pop("validation", 24)
    _, log = train(tiny_encoder, [answers(40, validation)], tmp_path / "scratch", **how)
    assert (log.best_update, log.validation) == (None, [])
    assert not (tmp_path / "scratch" / "best.safetensors").exists()


def score(model: MultiHeadModel, task: TaskData, folder: Path) -> dict[str, float]:
    tokenizer = open_tokenizer(folder)
    how = Inference(tokenizer.pad_token_id, 1000)
    found = predict(model, task.validation, task.head, tokenizer, SETTINGS["max_length"], how)  # type: ignore[arg-type]
    gold = [kind_functions(task.head.kind).gold(example) for example in task.validation]
    return metric(task.metric).compute(gold, [one.predicted for one in found])


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert", "eurobert"])
def test_a_model_learns(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    folder, tasks = encoder_of(architecture), [answers(160, 60), word_classes(80, 30)]
    model, log = train(folder, tasks, tmp_path / "scratch", epochs=6)
    losses = [loss for _, loss in log.losses]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])
    assert score(model, tasks[0], folder)["accuracy"] > 60  # chance: 33
    assert score(model, tasks[1], folder)["token_accuracy"] > 60  # the most frequent tag: about 35
    # what validation saw is what a user gets from the saved folder
    save(model, tmp_path / "out", folder)
    values = []
    for task, head in zip(tasks, (ANSWERS, WORD_CLASSES), strict=True):
        headline = metric(task.metric).headline
        values.append(score(load(tmp_path / "out", head.task), task, tmp_path / "out")[headline])
        assert values[-1] == pytest.approx(max(log.validation, key=lambda v: v["answers"] + v["word_classes"])[head.task])
    assert log.best_value == pytest.approx(sum(values) / 2)


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert"])
def test_options_are_learnt(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    folder, task = encoder_of(architecture), endings(160, 60)
    model, log = train(folder, [task], tmp_path / "scratch", epochs=6)
    chance = 100 * sum(1 / len(example.options) for example in task.validation) / 60
    save(model, tmp_path / "out", folder)
    value = score(load(tmp_path / "out", "endings"), task, tmp_path / "out")["accuracy"]
    assert value > chance + 30
    assert value == pytest.approx(log.best_value)


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert"])
def test_spans_are_learnt(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    """Answers and that there is none; what the validation saw is what a user gets, the threshold chosen there."""
    folder, task = encoder_of(architecture), places(160, 60)
    model, log = train(folder, [task], tmp_path / "scratch", epochs=8)
    save(model, tmp_path / "out", folder)
    tokenizer = open_tokenizer(tmp_path / "out")
    found = predict(
        load(tmp_path / "out", "places"), task.validation, task.head, tokenizer, 16, Inference(tokenizer.pad_token_id, 1000)
    )
    gold, texts = [example.answers for example in task.validation], [one.predicted for one in found]
    null = [one.null_difference for one in found if one.null_difference is not None]
    best = best_thresholds(gold, texts, null)
    values = squad2(gold, answered(texts, null, best["best_f1_thresh"]))
    assert values["f1"] == pytest.approx(best["best_f1"])
    assert values["f1"] == pytest.approx(log.best_value)
    nothing = 100 * sum(not answers for answers in gold) / 60
    assert values["f1"] > nothing + 30
    assert values["HasAns_exact"] > 50


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert"])
def test_passages_are_found(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    """The validation looks for each query's passage among those of its own file, as a user can with the saved folder."""
    folder, task = encoder_of(architecture), passages(160, 60)
    model, log = train(folder, [task], tmp_path / "scratch", epochs=6)
    save(model, tmp_path / "out", folder)
    value = score(load(tmp_path / "out", "passages"), task, tmp_path / "out")["map@20"]
    assert value > score(build(folder, [task.head], seed=5), task, folder)["map@20"] + 30
    assert value == pytest.approx(log.best_value)


def test_the_size_of_micro_batches_does_not_matter(tiny_encoder: Path, tmp_path: Path) -> None:
    """With an epsilon above rounding errors: Adam makes whole steps of those where the true gradient is 0 (key biases)."""
    tasks = [answers(40), word_classes(30), endings(20), places(20), passages(20)]
    runs = [train(tiny_encoder, tasks, tmp_path / str(n), tokens_per_micro_batch=n, adam_epsilon=1e-4) for n in (1, 60, 10**6)]
    for model, log in runs[1:]:
        assert [loss for _, loss in log.losses] == pytest.approx([loss for _, loss in runs[0][1].losses], abs=1e-5)
        for name, tensor in weights(model).items():
            torch.testing.assert_close(tensor, weights(runs[0][0])[name], atol=1e-5, rtol=0)


def test_a_rate_that_explodes_is_reported(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "learning_rate", lambda *_, **__: 1e30)
    with pytest.raises(NonFiniteError):
        train(tiny_encoder, [answers(40)], tmp_path / "scratch")


def test_the_log_holds_two_hundred_losses_at_most(tiny_encoder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    how = {
        "epochs": 205,
        "batch_size": 4,
        "checkpoint_seconds": 1e9,
        "progress": lambda *told: seen.append(told[:2]),
    }
    _, log = train(tiny_encoder, [answers(8, 0)], tmp_path / "scratch", **how)
    assert seen == [(update, 410) for update in range(1, 411)]
    assert [update for update, _ in log.losses] == list(range(2, 411, 2))
