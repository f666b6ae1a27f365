from pathlib import Path

import pytest
import torch

from tiny_encoders import random_model, write_tokenizer
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.objectives.masked_lm import single
from xstilts.objectives.translation_lm import cut_to, pair


def test_positions_restart_in_the_second_sentence() -> None:
    """By hand: <s> a b c </s> </s> x y </s>; RoBERTa's first position is 2."""
    one = pair([10, 11, 12], [20, 21], 0, 2, restart=True)
    assert one.ids == [0, 10, 11, 12, 2, 2, 20, 21, 2]
    assert one.positions == [2, 3, 4, 5, 6, 2, 3, 4, 5]
    assert one.positions[one.ids.index(10)] == one.positions[one.ids.index(20)]


def test_positions_go_on_where_they_are_not_to_restart() -> None:
    assert pair([10, 11, 12], [20, 21], 0, 2, restart=False).positions == list(range(2, 11))


def test_one_line() -> None:
    one = single([10, 11], 0, 2)
    assert (one.ids, one.positions) == ([0, 10, 11, 2], [2, 3, 4, 5])


def test_positions_are_those_that_transformers_counts() -> None:
    model = random_model("xlm-roberta", "AutoModel")
    one = pair([10, 11, 12], [20, 21], 0, 2, restart=False)
    ids, positions = torch.tensor([one.ids]), torch.tensor([one.positions])
    assert torch.equal(model(ids).last_hidden_state, model(ids, position_ids=positions).last_hidden_state)


def test_pairs_are_joined_as_the_tokenizer_joins_them(tmp_path: Path) -> None:
    write_tokenizer(tmp_path, segments=False)
    tokenizer = open_tokenizer(tmp_path)
    first, second = "The river is high", "Der Fluss steht hoch"
    apart = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (first, second)]
    assert pair(apart[0], apart[1], 0, 2, restart=True).ids == tokenizer(first, second)["input_ids"]
    assert single(apart[0], 0, 2).ids == tokenizer(first)["input_ids"]


@pytest.mark.parametrize(
    ("lengths", "room", "kept"),
    [((3, 4), 7, (3, 4)), ((6, 6), 6, (3, 3)), ((9, 3), 8, (6, 2)), ((99, 1), 4, (3, 1)), ((1, 99), 4, (1, 3))],
)
def test_a_pair_that_is_too_long_is_cut_in_proportion(lengths: tuple[int, int], room: int, kept: tuple[int, int]) -> None:
    first, second = cut_to(list(range(lengths[0])), list(range(100, 100 + lengths[1])), room)
    assert (len(first), len(second)) == kept
    assert (first[0], second[0]) == (0, 100)
