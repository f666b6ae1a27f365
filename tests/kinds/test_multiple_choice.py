import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tiny_encoders import TEXT, random_model
from xstilts.engine.batches import collate, micro_batches
from xstilts.engine.model import HeadSpec, MultiHeadModel
from xstilts.engine.predict import Inference, logits_of
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import IGNORE, Batch, Features
from xstilts.kinds.multiple_choice import FUNCTIONS, decode, encode, gold, head, loss
from xstilts.task import Choices

HEAD = HeadSpec("t", "multiple_choice", ())
WORDS = " ".join(TEXT).split()
CHOICES = st.lists(
    st.builds(
        lambda prompt, options, label: Choices(" ".join(prompt), tuple(options), label % len(options)),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=30),
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=5),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return open_tokenizer(tiny_encoder)


@pytest.fixture(scope="module")
def model() -> Any:
    return random_model("xlm-roberta", FUNCTIONS.auto_class).double()


def test_an_option_is_the_pair_that_the_tokenizer_makes_of_it(tokenizer: Any, encoder_of: Any) -> None:
    examples = [Choices("the river is high", ("the bridge", "桥关闭了"), 1), Choices("who", ("a door", "b", "старого"), None)]
    for one in (tokenizer, open_tokenizer(encoder_of("bert"))):
        features = encode(examples, one, (), max_length=64)
        pairs = [(i, one(example.prompt, option)) for i, example in enumerate(examples) for option in example.options]
        assert [(f.example, f.ids) for f in features] == [(i, pair["input_ids"]) for i, pair in pairs]
        assert [f.types for f in features] == [pair.get("token_type_ids") for _, pair in pairs]
        assert [f.labels for f in features] == [1, IGNORE, IGNORE, IGNORE, IGNORE]
    assert features[0].types is not None


def test_the_longer_text_loses_its_end(tokenizer: Any) -> None:
    long, short = "the bridge is closed " * 20, "the door"
    pieces = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (long, short)]
    kept = pieces[0][: 20 - len(pieces[1])]
    first, second = encode([Choices(long, (short, long), 0)], tokenizer, (), max_length=24)
    assert first.ids == [0, *kept, 2, 2, *pieces[1], 2]
    assert second.ids == [0, *pieces[0][:10], 2, 2, *pieces[0][:10], 2]


def test_gold_is_what_decode_gives() -> None:
    assert gold(Choices("a", ("b", "c"), 1)) == "1"
    assert gold(Choices("a", ("b", "c"), None)) is None


@given(examples=CHOICES, max_tokens=st.integers(1, 400))
def test_options_stay_together_and_keep_their_order(examples: list[Choices], max_tokens: int, tokenizer: Any) -> None:
    """Through micro-batches, batches and back, for any numbers of options, also when an example stands there twice."""
    features = encode(examples, tokenizer, (), max_length=32)
    inputs = [[feature for feature in features if feature.example == i] for i in range(len(examples))] * 2
    seen = []
    for run in micro_batches(inputs, max_tokens):
        batch = collate([inputs[i] for i in run], "t", padding=1)
        assert batch.sizes == tuple(len(examples[i % len(examples)].options) for i in run)
        assert batch.num_labels == len(run)
        rows, labels = iter(batch.ids.tolist()), iter(batch.labels.tolist())
        for i in run:
            for k, feature in enumerate(inputs[i]):
                assert next(rows)[: len(feature.ids)] == feature.ids
                assert next(labels) == (IGNORE if k else examples[i % len(examples)].label)
        seen += run
    assert sorted(seen) == list(range(len(inputs)))
    # and a score that tells the right option chooses it
    logits = [torch.tensor([1.0 if k == example.label else 0.0]) for example in examples for k in range(len(example.options))]
    assert [one.predicted for one in decode(features, logits, ())] == [gold(example) for example in examples]


@given(scores=st.lists(st.lists(st.floats(-30, 30), min_size=2, max_size=5), min_size=1, max_size=6), right=st.integers(0, 4))
def test_loss_is_the_surprise_at_the_right_options(scores: list[list[float]], right: int) -> None:
    labels = [[right % len(options), *[IGNORE] * (len(options) - 1)] for options in scores]
    flat = torch.tensor([label for one in labels for label in one])
    logits = torch.tensor([[score] for options in scores for score in options], dtype=torch.float64)
    batch = Batch("t", torch.empty(0), None, None, flat, len(scores), tuple(len(options) for options in scores))
    expected = sum(math.log(sum(map(math.exp, options))) - options[right % len(options)] for options in scores)
    assert loss(logits, batch).item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_example_without_a_label_costs_nothing() -> None:
    logits = torch.tensor([[1.0], [3.0], [2.0], [0.0], [-1.0]], requires_grad=True)
    labels = torch.tensor([IGNORE, IGNORE, IGNORE, 1, IGNORE])
    found = loss(logits, Batch("t", torch.empty(0), None, None, labels, 1, (3, 2)))
    assert found.item() == pytest.approx(math.log(1 + math.e))
    found.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.flatten().tolist() == pytest.approx([0, 0, 0, 1 / (1 + math.exp(-1)), -1 / (1 + math.exp(-1))])


def test_probabilities_are_among_an_examples_own_options() -> None:
    features = [Features([0, 2], None, IGNORE, i) for i in (0, 0, 1, 1, 1)]
    logits = [torch.tensor([value]) for value in (1.0, 2.0, 9.0, 9.0, 8.0)]
    first, second = decode(features, logits, ())
    assert (first.predicted, second.predicted) == ("1", "0")
    assert first.probabilities == pytest.approx([1 / (1 + math.e), math.e / (1 + math.e)])
    assert second.probabilities == pytest.approx([part / (2 * math.e + 1) for part in (math.e, math.e, 1)])
    assert first.null_difference is None


def test_scores_are_those_of_options_given_together(model: Any, tokenizer: Any) -> None:
    """The plain way to call a multiple-choice model: [examples, options, T]."""
    example = Choices("the river is high", ("the bridge", "桥关闭了", "who opened the old door"), 1)
    features = encode([example], tokenizer, (), max_length=64)
    together = collate([features], "t", padding=1)
    assert together.mask is not None
    expected = model(together.ids[None], attention_mask=together.mask[None]).logits[0]
    torch.testing.assert_close(head(model, together)[:, 0], expected, atol=1e-12, rtol=0)
    found = logits_of(MultiHeadModel({"t": model.float()}, [HEAD]), features, "t", Inference(1, 20))
    torch.testing.assert_close(torch.cat(found), expected.float(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_modernbert_needs_a_mask_where_nothing_is_padded(pooling: str) -> None:
    model = random_model("modernbert", FUNCTIONS.auto_class, classifier_pooling=pooling)
    features = [Features([0, *range(5, 5 + n), 2], None, IGNORE, 0) for n in (6, 6, 9)]
    alone = head(model, collate([features[:2]], "t", padding=1))
    padded = head(model, collate([features], "t", padding=1))
    torch.testing.assert_close(alone, padded[:2], atol=1e-5, rtol=0)


def test_nothing_to_encode(tokenizer: Any) -> None:
    assert encode([], tokenizer, (), max_length=16) == []
    assert decode([], [], ()) == []
