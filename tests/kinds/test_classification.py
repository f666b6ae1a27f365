from pathlib import Path
from typing import Any

import pytest
import torch

from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import IGNORE, Features
from xstilts.kinds.classification import decode, encode
from xstilts.task import LabelledText

LABELS = ("entailment", "neutral", "contradiction")
LONG, SHORT = "the bridge is closed " * 20, "the door"


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return open_tokenizer(tiny_encoder)


def pieces(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def test_a_pair_is_what_the_tokenizer_makes_of_it(tokenizer: Any) -> None:
    examples = [LabelledText("who opened", SHORT, "neutral"), LabelledText("桥关闭了", "мост закрыт", "entailment")]
    features = encode(examples, tokenizer, LABELS, max_length=64)
    for i, (feature, example) in enumerate(zip(features, examples, strict=True)):
        assert example.second is not None
        first, second = pieces(tokenizer, example.first), pieces(tokenizer, example.second)
        assert feature.ids == [0, *first, 2, 2, *second, 2]
        assert feature.example == i
        assert feature.starts is None
    assert [feature.labels for feature in features] == [1, 0]


@pytest.mark.parametrize("long_first", [True, False])
def test_the_longer_text_loses_its_end(tokenizer: Any, *, long_first: bool) -> None:
    example = LabelledText(LONG, SHORT, "neutral") if long_first else LabelledText(SHORT, LONG, "neutral")
    (feature,) = encode([example], tokenizer, LABELS, max_length=24)
    short, long = pieces(tokenizer, SHORT), pieces(tokenizer, LONG)[: 20 - len(pieces(tokenizer, SHORT))]
    assert len(feature.ids) == 24
    assert feature.ids == ([0, *long, 2, 2, *short, 2] if long_first else [0, *short, 2, 2, *long, 2])


def test_of_two_long_texts_both_keep_about_half(tokenizer: Any) -> None:
    (feature,) = encode([LabelledText(LONG, LONG, "neutral")], tokenizer, LABELS, max_length=24)
    half = pieces(tokenizer, LONG)[:10]
    assert feature.ids == [0, *half, 2, 2, *half, 2]


def test_a_single_text(tokenizer: Any) -> None:
    features = encode([LabelledText(LONG, None, "neutral"), LabelledText(SHORT)], tokenizer, LABELS, max_length=16)
    assert features[0].ids == [0, *pieces(tokenizer, LONG)[:14], 2]
    assert features[1].ids == [0, *pieces(tokenizer, SHORT), 2]
    assert [feature.labels for feature in features] == [1, IGNORE]


def test_segments_only_where_the_encoder_has_them(tokenizer: Any, encoder_of: Any) -> None:
    example = LabelledText("who opened", SHORT, "neutral")
    (without,) = encode([example], tokenizer, LABELS, max_length=64)
    assert without.types is None
    (feature,) = encode([example], open_tokenizer(encoder_of("bert")), LABELS, max_length=64)
    second = len(pieces(tokenizer, SHORT)) + 2  # as this tokenizer counts them: separator, text, separator
    assert feature.types == [0] * (len(feature.ids) - second) + [1] * second


@pytest.mark.parametrize("label", ["maybe", None])
def test_a_class_that_the_head_lacks_is_no_label(tokenizer: Any, label: str | None) -> None:
    (feature,) = encode([LabelledText(SHORT, None, label)], tokenizer, LABELS, max_length=16)
    assert feature.labels == IGNORE


def test_probabilities() -> None:
    features = [Features([0, 2], None, IGNORE, i) for i in range(3)]
    logits = [torch.tensor([0.0, 1.0, 2.0]), torch.tensor([5.0, -3.0, 5.0]), torch.tensor([0.1, 90.0, -90.0])]
    predictions = decode(features, logits, LABELS)
    assert [one.predicted for one in predictions] == ["contradiction", "entailment", "neutral"]
    for prediction in predictions:
        assert sum(prediction.probabilities) == pytest.approx(1.0, abs=1e-6)
        assert prediction.predicted == LABELS[prediction.probabilities.index(max(prediction.probabilities))]
    e = 2.718281828459045
    assert predictions[0].probabilities == pytest.approx([part / (1 + e + e * e) for part in (1, e, e * e)])


def test_nothing_to_encode(tokenizer: Any) -> None:
    assert encode([], tokenizer, LABELS, max_length=16) == []
    assert decode([], [], LABELS) == []
