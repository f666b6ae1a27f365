import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SHARED
from tiny_encoders import TEXT, write_byte_tokenizer
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import IGNORE, Features
from xstilts.kinds.tagging import decode, encode
from xstilts.task import TaggedWords

LABELS = ("ADJ", "NOUN", "PRON", "VERB", "X")


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return open_tokenizer(tiny_encoder)


def tagged(*words: str, seed: int = 0) -> TaggedWords:
    draw = random.Random(seed)
    return TaggedWords(words, tuple(draw.choice(LABELS) for _ in words))


def perfect_logits(features: list[Features], examples: list[TaggedWords]) -> list[torch.Tensor]:
    """Return logits that say each word's tag at its first sub-token, and nonsense at every other position."""
    left = {i: list(example.tags) for i, example in enumerate(examples)}
    found = []
    for window in features:
        assert window.starts is not None
        logits = torch.full((len(window.ids), len(LABELS)), -9.0)
        logits[:, 0] = 9.0
        for start in window.starts:
            logits[start] = torch.nn.functional.one_hot(
                torch.tensor(LABELS.index(left[window.example].pop(0))), len(LABELS)
            ).float()
        found.append(logits)
    assert not any(left.values()), "words without a position"
    return found


def words_of(features: list[Features], tokenizer: Any) -> list[list[int]]:
    """Return the sub-tokens of each word, windows joined."""
    special = {tokenizer.cls_token_id, tokenizer.sep_token_id}
    words = []
    for window in features:
        assert window.starts is not None
        inside = [i for i, piece in enumerate(window.ids) if piece not in special]
        ends = [*window.starts[1:], inside[-1] + 1]
        words += [window.ids[start:end] for start, end in zip(window.starts, ends, strict=True)]
    return words


def test_a_short_sentence_is_what_the_tokenizer_makes_of_it(tokenizer: Any) -> None:
    example = tagged("The", "bridge", "закрыт", "桥", "वह")
    (window,) = encode([example], tokenizer, LABELS, max_length=64)
    expected = tokenizer(list(example.words), is_split_into_words=True)
    assert window.ids == expected["input_ids"]
    word_ids = expected.word_ids()
    assert window.starts == [word_ids.index(i) for i in range(5)]
    labels = [IGNORE] * len(word_ids)
    for start, tag in zip(window.starts, example.tags, strict=True):
        labels[start] = LABELS.index(tag)
    assert window.labels == labels
    assert len(word_ids) > 7, "some word has several sub-tokens"
    assert window.types is None


STRANGE = ("\u200b", "\u00ad\ufeff", "ﷺ", "a\u200bb", "🙂", "x" * 40)
WORDS = st.lists(st.sampled_from(" ".join(TEXT).split()) | st.sampled_from(STRANGE), min_size=1, max_size=60)


@settings(max_examples=60)
@given(sentences=st.lists(WORDS, min_size=1, max_size=4), max_length=st.integers(8, 40))
def test_every_word_stands_in_one_window(sentences: list[list[str]], max_length: int, tokenizer: Any) -> None:
    examples = [tagged(*words, seed=i) for i, words in enumerate(sentences)]
    features = encode(examples, tokenizer, LABELS, max_length)
    assert all(len(window.ids) <= max_length for window in features)
    assert [window.example for window in features] == sorted(window.example for window in features)
    for i, example in enumerate(examples):
        windows = [window for window in features if window.example == i]
        expected = []
        whole = tokenizer(list(example.words), is_split_into_words=True, add_special_tokens=False)
        for position in range(len(example.words)):
            pieces = [piece for piece, word in zip(whole["input_ids"], whole.word_ids(), strict=True) if word == position]
            expected.append((pieces or [tokenizer.unk_token_id])[: max_length - 2])
        assert words_of(windows, tokenizer) == expected
        labels = [label for window in windows for label in window.labels if label != IGNORE]  # type: ignore[union-attr]
        assert labels == [LABELS.index(tag) for tag in example.tags]
        for window in windows:
            assert [window.ids[0], window.ids[-1]] == [tokenizer.cls_token_id, tokenizer.sep_token_id]
            assert isinstance(window.labels, list)
            assert len(window.labels) == len(window.ids)
            assert [k for k, label in enumerate(window.labels) if label != IGNORE] == window.starts
    predictions = decode(features, perfect_logits(features, examples), LABELS)
    assert [tuple(one.predicted) for one in predictions] == [example.tags for example in examples]


def test_windows_are_full(tokenizer: Any) -> None:
    """A window ends only where the next word would not fit: fewer windows mean more context."""
    features = encode([tagged(*(["the"] * 100))], tokenizer, LABELS, max_length=12)
    assert [len(window.ids) for window in features] == [12] * 10


def test_a_sentence_of_500_words_gets_500_tags(tokenizer: Any) -> None:
    draw = random.Random(1)
    example = tagged(*draw.choices(" ".join(TEXT).split(), k=500))
    features = encode([example], tokenizer, LABELS, max_length=16)
    (prediction,) = decode(features, perfect_logits(features, [example]), LABELS)
    assert tuple(prediction.predicted) == example.tags
    assert len(prediction.probabilities) == 500


@pytest.mark.parametrize("word", ["\u200b", "\u00ad", "\ufeff\u200d"])
def test_a_word_that_the_tokenizer_drops_is_the_unknown_token(tokenizer: Any, word: str) -> None:
    (window,) = encode([TaggedWords(("the", word, "bridge"), ("X", "VERB", "NOUN"))], tokenizer, LABELS, max_length=32)
    assert window.starts is not None
    assert window.ids[window.starts[1]] == tokenizer.unk_token_id
    assert window.starts[2] == window.starts[1] + 1
    (alone,) = encode([TaggedWords((word,), ("VERB",))], tokenizer, LABELS, max_length=32)
    assert alone.ids == [tokenizer.cls_token_id, tokenizer.unk_token_id, tokenizer.sep_token_id]
    assert alone.labels == [IGNORE, LABELS.index("VERB"), IGNORE]


def test_a_word_longer_than_a_window_keeps_its_beginning(tokenizer: Any) -> None:
    features = encode([tagged("the", "ab" * 200, "door")], tokenizer, LABELS, max_length=10)
    long = tokenizer(["ab" * 200], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    assert [len(window.starts or []) for window in features] == [1, 1, 1]
    assert features[1].ids[1:-1] == long[:8]


def test_a_tokenizer_of_bytes_has_its_mask_for_words_it_drops(tmp_path: Path) -> None:
    """EuroBERT's tokenizer has no unknown token."""
    write_byte_tokenizer(tmp_path)
    (window,) = encode([tagged("a", "\u200b", "b")], open_tokenizer(tmp_path), LABELS, max_length=32)
    assert 256 in window.ids  # the first id after the bytes
    assert len(window.starts or []) == 3


def test_probabilities_are_those_of_the_chosen_tags(tokenizer: Any) -> None:
    features = encode([TaggedWords(("the", "door"), ("X", "NOUN"))], tokenizer, LABELS, max_length=32)
    logits = torch.zeros(len(features[0].ids), len(LABELS))
    assert features[0].starts is not None
    logits[features[0].starts[0], 3] = 2.0
    logits[features[0].starts[1], 1] = 1.0
    (prediction,) = decode(features, [logits], LABELS)
    assert prediction.predicted == ["VERB", "NOUN"]
    e, e2 = 2.718281828459045, 7.38905609893065
    assert prediction.probabilities == pytest.approx([e2 / (e2 + 4), e / (e + 4)])


def test_nothing_to_encode(tokenizer: Any) -> None:
    assert encode([], tokenizer, LABELS, max_length=16) == []
    assert decode([], [], LABELS) == []


@pytest.mark.parametrize("max_length", [16, 128])
def test_sentences_in_scripts_without_spaces(max_length: int) -> None:
    folder = SHARED / "encoders" / "nano"
    if not folder.is_dir():
        pytest.skip(f"no trained encoder at {folder}")
    tokenizer = open_tokenizer(folder)
    examples = [
        tagged("ใคร", "เปิด", "ประตู", "บ้าน", "เก่า", "ภาษาไทยไม่มีช่องว่างระหว่างคำในประโยคยาวมาก"),
        tagged("今天", "河水", "很", "高", "，", "桥", "关闭", "了", "全角ＡＢＣ", seed=1),
        tagged("يَحدُث", "क्‍या", "है", "\u200b", "ﬁn", "🙂", "ⵜⴰⵎⴰⵣⵉⵖⵜ", seed=2),
    ]
    features = encode(examples, tokenizer, LABELS, max_length)
    assert all(len(window.ids) <= max_length for window in features)
    if max_length == 128:
        for window, example in zip(features, examples, strict=True):
            assert window.ids == tokenizer(list(example.words), is_split_into_words=True)["input_ids"]
    predictions = decode(features, perfect_logits(features, examples), LABELS)
    assert [tuple(one.predicted) for one in predictions] == [example.tags for example in examples]
