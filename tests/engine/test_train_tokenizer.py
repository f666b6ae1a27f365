import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tiny_encoders import TEXT
from toy_corpus import parallel
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.engine.train_tokenizer import train_tokenizer, write_tokenizer

LINES = [*TEXT, *(line for lines in parallel(200).values() for line in lines)]


@pytest.fixture(params=["unigram", "bpe"])
def trained(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, Any]:
    """Return the tokenizer that was trained, and the one that AutoTokenizer opens from its files."""
    made = train_tokenizer(LINES, request.param, 300)
    write_tokenizer(made, tmp_path)
    return made, open_tokenizer(tmp_path)


def test_ids_are_those_of_xlmr(trained: tuple[Any, Any]) -> None:
    _, opened = trained
    assert opened.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]) == [0, 1, 2, 3, len(opened) - 1]
    assert (opened.bos_token_id, opened.pad_token_id, opened.eos_token_id, opened.unk_token_id) == (0, 1, 2, 3)
    assert (opened.cls_token_id, opened.sep_token_id, opened.mask_token_id) == (0, 2, len(opened) - 1)
    assert 250 < len(opened) <= 300
    one, two = (opened.convert_tokens_to_ids(opened.tokenize(text)) for text in ("river", "door"))
    assert opened("river")["input_ids"] == [0, *one, 2]
    assert opened("river", "door")["input_ids"] == [0, *one, 2, 2, *two, 2]
    assert set(opened("river", "door").get("token_type_ids", [0])) == {0}


def test_what_is_opened_cuts_text_as_what_was_trained(trained: tuple[Any, Any]) -> None:
    made, opened = trained
    for text in [*LINES, "ﬁn  ｆｕｌｌ\twidth", " river "]:
        assert opened(text)["input_ids"] == made.encode(text).ids


def test_text_comes_back(trained: tuple[Any, Any]) -> None:
    _, opened = trained
    for text in LINES:
        assert opened.decode(opened(text)["input_ids"], skip_special_tokens=True) == unicodedata.normalize("NFKC", text)
    assert opened.decode(opened("  the   old\triver ")["input_ids"], skip_special_tokens=True) == "the old river"
    assert opened("♞")["input_ids"].count(3) == 1


def test_the_mask_takes_the_space_before_it(trained: tuple[Any, Any]) -> None:
    _, opened = trained
    assert opened("the <mask>")["input_ids"] == [*opened("the")["input_ids"][:-1], opened.mask_token_id, 2]


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_the_same_text_gives_the_same_tokenizer(kind: Any) -> None:
    one, other = (json.loads(train_tokenizer(LINES, kind, 200).to_str()) for _ in range(2))
    assert one == other
