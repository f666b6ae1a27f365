from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tiny_encoders import VOCABULARY, write_tokenizer
from xstilts.data.corpus import Lines
from xstilts.engine.corpus import encode_corpus, vocabulary_of
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.pretrain_spec import CorpusSpec, ObjectiveSpec


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder, segments=False)
    return open_tokenizer(folder)


TEXT = {"de": ["das Haus", "", "der Fluss"], "en": ["the house", "the door", "the river"], "sw": ["nyumba", "mlango", ""]}


def lines(*, parallel: bool, train: Mapping[str, list[str]] = TEXT, held_out: Mapping[str, list[str]] = TEXT) -> Lines:
    return Lines(parallel, train, held_out)


def spec(**fields: Any) -> CorpusSpec:
    return CorpusSpec(parallel=(Path("folder"),), **fields)


def described(encoded: Any, tokenizer: Any) -> dict[str, tuple[float, list[tuple[str, ...]]]]:
    text = {g.name: [tuple(tokenizer.decode(list(s)) for s in one) for one in g.inputs] for g in encoded.groups}
    return {group.name: (round(group.share, 6), text[group.name]) for group in encoded.groups}


def test_joined_lines(tokenizer: Any) -> None:
    """They follow one another in their file; what is left over is shorter. Pairs stay pairs of lines."""
    objective = ObjectiveSpec(translation=0.5, joined_lines=2)
    found = described(encode_corpus([lines(parallel=True)], tokenizer, spec(alpha=1), objective, 64), tokenizer)
    assert found["en"][1] == [("the house the door",), ("the river",)]
    assert found["de"][1] == [("das Haus",), ("der Fluss",)]  # the missing line adds nothing
    assert found["de-en"][1] == [("das Haus", "the house"), ("der Fluss", "the river")]


def test_lines_and_pairs(tokenizer: Any) -> None:
    """Missing lines are in no input; of a folder that is not parallel there are no pairs."""
    folders = [lines(parallel=True), lines(parallel=False, train={"en": ["old"]}, held_out={})]
    found = described(encode_corpus(folders, tokenizer, spec(alpha=1), ObjectiveSpec(translation=0.5), 64), tokenizer)
    assert found == {
        "de": (0.125, [("das Haus",), ("der Fluss",)]),
        "en": (0.25, [("the house",), ("the door",), ("the river",), ("old",)]),
        "sw": (0.125, [("nyumba",), ("mlango",)]),
        "de-en": (0.2, [("das Haus", "the house"), ("der Fluss", "the river")]),
        "de-sw": (0.1, [("das Haus", "nyumba")]),
        "en-sw": (0.2, [("the house", "nyumba"), ("the door", "mlango")]),
    }


def test_a_line_is_in_memory_once(tokenizer: Any) -> None:
    inputs = {g.name: g.inputs for g in encode_corpus([lines(parallel=True)], tokenizer, spec(), ObjectiveSpec(), 64).groups}
    assert inputs["de-en"][0][1] is inputs["en"][0][0] is inputs["en-sw"][0][0]


@pytest.mark.parametrize(
    ("fields", "shares"),
    [
        ({"pivot": "en"}, {"de-en": 0.5, "en-sw": 0.5}),
        ({"pivot": "en", "pivot_share": 0.6}, {"de-en": 0.3, "en-sw": 0.3, "de-sw": 0.4}),
        ({"pivot": "sw", "pivot_share": 0.6, "alpha": 0}, {"de-sw": 0.3, "en-sw": 0.3, "de-en": 0.4}),
    ],
)
def test_pairs_with_a_pivot(tokenizer: Any, fields: dict[str, Any], shares: dict[str, float]) -> None:
    found = encode_corpus([lines(parallel=True)], tokenizer, spec(**fields), ObjectiveSpec(translation=1.0), 64)
    assert {group.name: pytest.approx(group.share) for group in found.groups} == shares


def test_long_lines_become_parts_and_long_pairs_are_cut_off(tokenizer: Any) -> None:
    long = " ".join(["river"] * 50)
    folder = lines(parallel=True, train={"de": [long], "en": ["door"]}, held_out={})
    whole = tokenizer(long, add_special_tokens=False)["input_ids"]
    found = {g.name: g.inputs for g in encode_corpus([folder], tokenizer, spec(), ObjectiveSpec(), 32).groups}
    parts = [list(one) for (one,) in found["de"]]
    assert [piece for part in parts for piece in part] == whole
    assert max(map(len, parts)) <= 30
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    ((first, second),) = found["de-en"]
    assert len(first) + len(second) + 4 <= 32


def test_each_language_is_measured_beside_the_pivot(tokenizer: Any) -> None:
    found = encode_corpus([lines(parallel=True)], tokenizer, spec(pivot="sw"), ObjectiveSpec(), 64).held_out

    def text(language: str) -> list[tuple[str, ...]]:
        return [tuple(tokenizer.decode(list(one)) for one in pair) for pair in found[language].pairs]

    assert text("de") == [("nyumba", "das Haus")]
    assert text("en") == [("nyumba", "the house"), ("mlango", "the door")]
    assert text("sw") == [("das Haus", "nyumba")]  # the pivot itself: beside the first other language
    assert {language: len(one.lines) for language, one in found.items()} == {"de": 2, "en": 3, "sw": 2}


def test_the_vocabulary_leaves_out_what_is_no_piece(tokenizer: Any) -> None:
    found = vocabulary_of(tokenizer, VOCABULARY)
    assert (found.padding, found.mask) == (1, 4)
    assert found.ordinary.tolist() == list(range(5, len(tokenizer)))
    assert len(tokenizer) < VOCABULARY
