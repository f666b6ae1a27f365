from pathlib import Path

import pytest
import torch
from transformers import AutoModelForTokenClassification

from tiny_encoders import random_model
from toy_training import ANSWERS, WORD_CLASSES, answers, word_classes
from xstilts.engine.model import HeadSpec, MultiHeadModel, build, save
from xstilts.engine.predict import Inference, logits_of, predict
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import Batch, Features
from xstilts.kinds.classification import encode

HEAD = HeadSpec("t", "classification", ("a", "b", "c"))
FEATURES = [Features([0, *range(5, 4 + length), 2], None, 0, i) for i, length in enumerate((9, 30, 3, 17, 3, 30))]


@pytest.fixture
def model() -> MultiHeadModel:
    classifier = random_model("xlm-roberta", "AutoModelForSequenceClassification", num_labels=3, hidden_dropout_prob=0.5)
    return MultiHeadModel({"t": classifier}, [HEAD])


@pytest.mark.parametrize("max_tokens", [1, 40, 10_000])
def test_logits_come_in_the_order_of_the_inputs(model: MultiHeadModel, max_tokens: int) -> None:
    found = logits_of(model, FEATURES, "t", Inference(1, max_tokens))
    with torch.no_grad():
        for one, logits in zip(FEATURES, found, strict=True):
            expected = model.of("t").eval()(input_ids=torch.tensor([one.ids])).logits[0]
            torch.testing.assert_close(logits, expected, atol=1e-5, rtol=0)
    assert torch.equal(found[2], found[4])


@pytest.mark.parametrize("training", [True, False])
def test_no_dropout_and_the_mode_stays(model: MultiHeadModel, *, training: bool) -> None:
    model.train(training)
    one, other = (logits_of(model, FEATURES, "t", Inference(1, 100)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert all(module.training == training for module in model.modules())


def test_bfloat16_is_near_float32(model: MultiHeadModel) -> None:
    exact = torch.stack(logits_of(model, FEATURES, "t", Inference(1, 100)))
    rough = torch.stack(logits_of(model, FEATURES, "t", Inference(1, 100, torch.bfloat16)))
    assert rough.dtype == torch.float32
    assert 0 < (rough - exact).abs().max() < 0.05 * exact.abs().max()


def test_progress_counts_inputs(model: MultiHeadModel) -> None:
    seen: list[tuple[int, int]] = []
    logits_of(model, FEATURES, "t", Inference(1, 62, progress=lambda *counts: seen.append(counts)))
    assert seen == [(2, 6), (5, 6), (6, 6)]  # two of 31 tokens; those of 18, 10 and 4; the other of 4


def test_ids_are_renumbered(model: MultiHeadModel) -> None:
    given: list[Batch] = []
    model.of("t").register_forward_pre_hook(lambda _, __, named: given.append(named), with_kwargs=True)
    logits_of(model, FEATURES[2:3], "t", Inference(1, 60, renumber=lambda ids: ids + 50))
    assert given[0]["input_ids"].tolist() == [[50, 55, 56, 52]]  # type: ignore[index]


def test_one_prediction_an_example(tiny_encoder: Path, tmp_path: Path) -> None:
    """The tags that plain transformers gives word by word, also for sentences cut in windows."""
    built, tokenizer = build(tiny_encoder, [WORD_CLASSES, ANSWERS], seed=1), open_tokenizer(tiny_encoder)
    how = Inference(tokenizer.pad_token_id, 60)
    sentences = word_classes(20).train
    found = predict(built, sentences, WORD_CLASSES, tokenizer, 16, how)
    assert [len(one.predicted) for one in found] == [len(example.words) for example in sentences]

    save(built, tmp_path, tiny_encoder)
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path)
    for example, prediction in zip(sentences, found, strict=True):
        encoded = tokenizer([list(example.words)], is_split_into_words=True, return_tensors="pt")
        if encoded["input_ids"].shape[1] <= 16:
            tags = plain(**encoded).logits[0].argmax(-1).tolist()
            starts = [encoded.word_ids(0).index(i) for i in range(len(example.words))]
            assert prediction.predicted == [plain.config.id2label[tags[start]] for start in starts]

    pairs = answers(20).train
    features = encode(pairs, tokenizer, ANSWERS.labels, 16)
    logits = torch.stack(logits_of(built, features, "answers", how))
    assert [one.predicted for one in predict(built, pairs, ANSWERS, tokenizer, 16, how)] == [
        ANSWERS.labels[i] for i in logits.argmax(-1).tolist()
    ]
