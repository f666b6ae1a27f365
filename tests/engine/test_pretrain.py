import itertools
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tiny_encoders import random_model
from toy_corpus import parallel
from xstilts.data.corpus import Lines
from xstilts.engine import pretrain as pretrain_module
from xstilts.engine.corpus import Encoded, encode_corpus, vocabulary_of
from xstilts.engine.new_encoder import new_encoder
from xstilts.engine.predict import Progress
from xstilts.engine.pretrain import Joiner, Log, RunSettings, measure, pretrain
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.engine.train_tokenizer import train_tokenizer, write_tokenizer
from xstilts.pretrain_spec import CorpusSpec, LearningSpec, ObjectiveSpec, SizeSpec

JOINER = Joiner(0, 2, restart=True)
PICO = SizeSpec(hidden=32, layers=2, heads=4)


class KilledError(Exception):
    """What kills a run in these tests."""


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("tokenizer")
    text = [line for lines in parallel(300).values() for line in lines]
    write_tokenizer(train_tokenizer(text, "bpe", 200), folder)
    return open_tokenizer(folder)


@pytest.fixture(scope="module")
def corpus(tokenizer: Any) -> Encoded:
    lines = Lines(True, parallel(300), parallel(60, seed=1))
    return encode_corpus([lines], tokenizer, CorpusSpec(parallel=(Path("toy"),)), ObjectiveSpec(), 32)


def fresh(tokenizer: Any, **how: Any) -> Any:
    return new_encoder(PICO, vocabulary=len(tokenizer), max_length=32, seed=1, **{"mimetic": True, **how})


def run(model: Any, corpus: Encoded, tokenizer: Any, scratch: Path, **how: Any) -> Log:
    work = {name: how.pop(name) for name in ("progress", "checkpoint_seconds", "tokens_per_micro_batch", "seed") if name in how}
    train = LearningSpec(**{"updates": 12, "tokens": 128, "max_length": 32, "learning_rate": 2e-3, **how})
    settings = {"seed": 1, "tokens_per_micro_batch": 1000, "checkpoint_seconds": 0.0, **work}
    return pretrain(
        model, corpus.groups, vocabulary_of(tokenizer, len(tokenizer)), JOINER,
        RunSettings(train, ObjectiveSpec(), scratch=scratch, **settings),
    )  # fmt: skip


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def stop_at(update: int) -> Progress:
    def progress(done: int, total: int, loss: float | None = None) -> None:
        assert 0 < done <= total
        if done == update:
            raise KilledError

    return progress


@pytest.mark.parametrize("dropout", [False, True])
def test_a_resumed_run_is_the_uninterrupted_one(
    corpus: Encoded, tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dropout: bool
) -> None:
    def model() -> Any:
        if not dropout:
            return fresh(tokenizer)
        return random_model("xlm-roberta-dropout", "AutoModelForMaskedLM", vocab_size=len(tokenizer))

    whole, expected = model(), None
    expected = run(whole, corpus, tokenizer, tmp_path / "whole", checkpoint_seconds=1e9)
    ticks = itertools.count()
    monkeypatch.setattr(pretrain_module, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    for stop in (2, 5, 9, 12):
        scratch = tmp_path / f"stop-{stop}"
        with pytest.raises(KilledError):
            run(model(), corpus, tokenizer, scratch, progress=stop_at(stop), checkpoint_seconds=2)
        seen: list[int] = []
        resumed = model()
        log = run(resumed, corpus, tokenizer, scratch, progress=lambda done, *_, seen=seen: seen.append(done))
        assert asdict(log) == asdict(expected)
        assert all(
            torch.equal(one, other) for one, other in zip(weights(resumed).values(), weights(whole).values(), strict=True)
        )
        assert seen[0] > 1 or stop <= 2, "it began anew: nothing was resumed"


def test_a_damaged_checkpoint_means_a_new_beginning(corpus: Encoded, tokenizer: Any, tmp_path: Path) -> None:
    whole = fresh(tokenizer)
    run(whole, corpus, tokenizer, tmp_path / "whole")
    with pytest.raises(KilledError):
        run(fresh(tokenizer), corpus, tokenizer, tmp_path / "scratch", progress=stop_at(8))
    state = tmp_path / "scratch" / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-50])
    again = fresh(tokenizer)
    run(again, corpus, tokenizer, tmp_path / "scratch")
    assert all(torch.equal(one, other) for one, other in zip(weights(again).values(), weights(whole).values(), strict=True))


def test_how_an_update_is_cut_changes_nothing_but_masks(corpus: Encoded, tokenizer: Any, tmp_path: Path) -> None:
    """Each micro-batch masks its share: the numbers of labels differ by rounding, the loss stays near."""
    logs = [
        run(fresh(tokenizer), corpus, tokenizer, tmp_path / str(tokens), tokens_per_micro_batch=tokens, updates=3)
        for tokens in (1000, 40)
    ]
    assert logs[0].tokens == logs[1].tokens
    for one, other in zip(logs[0].losses, logs[1].losses, strict=True):
        assert one == pytest.approx(other, rel=0.1)


def test_seeds_make_other_runs(corpus: Encoded, tokenizer: Any, tmp_path: Path) -> None:
    one, other = (run(fresh(tokenizer), corpus, tokenizer, tmp_path / str(s), seed=s, updates=3).losses for s in (1, 2))
    assert one != other


def test_no_update_only_measures(corpus: Encoded, tokenizer: Any, tmp_path: Path) -> None:
    model = fresh(tokenizer)
    before = weights(model)
    log = run(model, corpus, tokenizer, tmp_path, updates=0)
    assert (log.losses, log.tokens) == ([], 0)
    assert all(torch.equal(one, other) for one, other in zip(weights(model).values(), before.values(), strict=True))


def test_pretraining_improves_masked_accuracy(tokenizer: Any, tmp_path: Path) -> None:
    """Of four to six words that fit, a line alone tells one in four or so; its translation tells which it is.

    The margins: 10 points over random weights on lines alone, 70 beside a translation.
    """
    train, held_out = (
        {language: text[language] for language in ("en", "xx")} for text in (parallel(1000), parallel(60, seed=1))
    )
    objective = ObjectiveSpec(translation=0.9)
    small = encode_corpus([Lines(True, train, held_out)], tokenizer, CorpusSpec(parallel=(Path("toy"),)), objective, 32)
    size = SizeSpec(hidden=64, layers=2, heads=4)
    model = new_encoder(size, vocabulary=len(tokenizer), max_length=32, seed=1, mimetic=True)
    vocabulary = vocabulary_of(tokenizer, len(tokenizer))

    def measured() -> dict[str, dict[str, float]]:
        return measure(model, small.held_out, vocabulary, JOINER, share=0.3)

    before = measured()
    run(model, small, tokenizer, tmp_path, updates=400, tokens=512, learning_rate=3e-3, checkpoint_seconds=1e9)
    after = measured()
    assert sorted(after) == ["en", "xx"]
    for language in after:
        assert before[language]["masked"] < 10
        assert before[language]["translated"] < 10
        assert after[language]["masked"] > before[language]["masked"] + 10
        assert after[language]["translated"] > before[language]["translated"] + 70
        assert after[language]["masked_n"] == before[language]["masked_n"] > 80
    assert measured() == after


def test_mimetic_attention() -> None:
    model = new_encoder(PICO, vocabulary=50, max_length=32, mimetic=True, seed=1)
    for layer in model.roberta.encoder.layer:
        own, out = layer.attention.self, layer.attention.output.dense
        assert torch.equal(own.query.weight, own.key.weight)
        torch.testing.assert_close(out.weight @ own.value.weight, torch.eye(32), atol=1e-5, rtol=0)
    plain = new_encoder(PICO, vocabulary=50, max_length=32, mimetic=False, seed=1).roberta.encoder.layer[0].attention.self
    assert not torch.equal(plain.query.weight, plain.key.weight)


def test_a_new_encoder_has_the_shape_that_was_asked_for() -> None:
    size = SizeSpec(hidden=24, layers=3, heads=2, intermediate=40)
    model = new_encoder(size, vocabulary=50, max_length=600, mimetic=True, seed=1)
    config = model.config
    assert (config.hidden_size, config.num_hidden_layers, config.num_attention_heads) == (24, 3, 2)
    assert (config.intermediate_size, config.vocab_size, config.max_position_embeddings) == (40, 50, 602)
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0, 0)
    assert model.lm_head.decoder.weight is model.roberta.embeddings.word_embeddings.weight
    same, other = (new_encoder(size, vocabulary=50, max_length=600, mimetic=True, seed=seed) for seed in (1, 2))
    assert torch.equal(same.lm_head.dense.weight, model.lm_head.dense.weight)
    assert not torch.equal(other.lm_head.dense.weight, model.lm_head.dense.weight)
