"""Queries and passages as vectors: inputs, the loss against its formula, the exact search."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from xstilts.engine.batches import collate
from xstilts.engine.model import HeadSpec, build
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import IGNORE, Batch, Features
from xstilts.kinds import ranking as kind
from xstilts.passages import Match

MATCHES = [
    Match("who opened the door", "the house is old", "the river is high today. the house is old"),
    Match("is the bridge closed", "today the bridge is closed", "the bridge is high. today the bridge is closed"),
    Match("who is it", "the house is old", "the river is high today. the house is old"),
    Match("who is old", "the house is old", "the house is old"),
]


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return open_tokenizer(tiny_encoder)


def test_a_query_is_one_input_and_its_passage_with_the_context_another(tokenizer: Any) -> None:
    features = kind.encode(MATCHES, tokenizer, (), 64)
    assert len(features) == 8
    assert [one.example for one in features] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [one.labels for one in features[0::2]] == [IGNORE] * 4
    for match, query, passage in zip(MATCHES, features[0::2], features[1::2], strict=True):
        assert query.ids == tokenizer(match.query)["input_ids"]
        assert passage.ids == tokenizer(match.passage, match.context)["input_ids"]
    numbers = [one.labels for one in features[1::2]]
    assert numbers[0] == numbers[2] == int(kind.gold(MATCHES[0])[0])
    assert len({numbers[0], numbers[1], numbers[3]}) == 3  # the same sentence of another text is another passage
    assert all(isinstance(number, int) and 0 <= number < 2**63 for number in numbers)


def test_what_is_too_long_loses_the_end_of_its_longer_text(tokenizer: Any) -> None:
    (query,) = kind.encode_queries(["the " * 200], tokenizer, 128)
    assert len(query.ids) == kind.QUERY
    (query,) = kind.encode_queries(["the " * 200], tokenizer, 20)
    assert len(query.ids) == 20
    (passage,) = kind.encode_passages([("the river is high", "the house is old " * 50)], tokenizer, 32)
    whole = tokenizer("the river is high", "the house is old " * 50)["input_ids"]
    assert passage.ids[:31] == whole[:31]
    assert (len(passage.ids), passage.ids[-1]) == (32, 2)
    (alone,) = kind.encode_passages([("the river is high", None)], tokenizer, 32)
    assert alone.ids == tokenizer("the river is high")["input_ids"]
    assert kind.encode([], tokenizer, (), 32) == kind.encode_passages([], tokenizer, 32) == []


def test_segments_of_a_bert(encoder_of: Callable[..., Path]) -> None:
    query, passage = kind.encode(MATCHES[:1], open_tokenizer(encoder_of("bert")), (), 64)
    assert query.types is not None
    assert passage.types is not None
    assert (set(query.types), set(passage.types)) == ({0}, {0, 1})


def of(labels: list[int]) -> Batch:
    """Return a batch with these labels; the loss looks at nothing else."""
    ids = torch.zeros(len(labels), 1, dtype=torch.int64)
    return Batch("", ids, None, None, torch.tensor(labels), len(labels) // 2, (2,) * (len(labels) // 2))


def test_loss_is_that_of_the_formula() -> None:
    """-log of exp(q_i p_i) over the sum of exp(q_i p_j), over all j but those whose passage equals p_i; plain float64."""
    draw = random.Random(1)
    queries, passages = ([[draw.gauss(0, 1) for _ in range(3)] for _ in range(5)] for _ in range(2))
    numbers = [7, 4, 7, 9, 4]
    passages[2], passages[4] = passages[0], passages[1]

    def product(i: int, j: int) -> float:
        return math.fsum(a * b for a, b in zip(queries[i], passages[j], strict=True))

    expected = 0.0
    for i in range(5):
        others = [j for j in range(5) if j == i or numbers[j] != numbers[i]]
        expected += math.log(math.fsum(math.exp(product(i, j)) for j in others)) - product(i, i)
    vectors = torch.tensor([row for pair in zip(queries, passages, strict=True) for row in pair], dtype=torch.float64)
    labels = [label for number in numbers for label in (IGNORE, number)]
    assert kind.loss(vectors, of(labels)).item() == pytest.approx(expected, rel=1e-12)
    assert kind.loss(vectors[:2], of(labels[:2])).item() == 0  # nothing to be told from


def test_a_product_is_the_scale_times_the_cosine(encoder_of: Callable[..., Path], tokenizer: Any) -> None:
    model = build(encoder_of("xlm-roberta"), [HeadSpec("r", "ranking", ())], seed=1).eval()
    features = kind.encode(MATCHES, tokenizer, (), 64)
    with torch.no_grad():
        model.main.log_scale.fill_(math.log(20))
        vectors = model(collate([[one] for one in features], "r", 1))
        for row, one in zip(vectors, features, strict=True):
            state = model.main.base_model(torch.tensor([one.ids])).last_hidden_state[0, 0]
            torch.testing.assert_close(row, state / state.norm() * math.sqrt(20), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 20, 50])
@pytest.mark.parametrize("size", [1, 4, 7, 100])
def test_the_search_is_that_of_sorting_everything(count: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With vectors of small whole numbers: many products are equal, and none is rounded."""
    monkeypatch.setattr(kind, "BLOCK", 2)
    draw = torch.Generator().manual_seed(count)
    queries = torch.randint(-2, 3, (5, 4), generator=draw).float()
    pool = torch.randint(-2, 3, (31, 4), generator=draw).float()
    found = kind.search(queries, pool.split(size), count)
    for query, places, values in zip(queries.tolist(), found.index.tolist(), found.similarity.tolist(), strict=True):
        products = [math.fsum(a * b for a, b in zip(query, row, strict=True)) for row in pool.tolist()]
        expected = sorted(range(31), key=lambda place: (-products[place], place))[:count]
        assert places == expected
        assert values == [products[place] for place in expected]


def test_decoding_finds_each_passage_once_among_all() -> None:
    east, north, west = [2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]
    pairs = [([1.0, 0.1], 5, east), ([-3.0, 0.2], 6, west), ([0.1, 1.0], 8, north), ([0.1, -1.0], 5, east)]
    features, vectors = [], []
    for i, (query, number, passage) in enumerate(pairs):
        features += [Features([], None, IGNORE, i), Features([], None, number, i)]
        vectors += [torch.tensor(query), torch.tensor(passage)]
    found = kind.decode(features, vectors, ())
    assert [one.predicted for one in found] == [["5", "8", "6"], ["6", "8", "5"], ["8", "5", "6"], ["5", "6", "8"]]
    assert found[2].probabilities == pytest.approx([1 / math.sqrt(1.01), 0.1 / math.sqrt(1.01), -0.1 / math.sqrt(1.01)])
    assert kind.decode([], [], ()) == []
