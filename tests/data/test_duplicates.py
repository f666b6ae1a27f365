"""Near duplicates against the definition, pair by pair."""

import random
from fractions import Fraction

import pytest

from xstilts.data import duplicates
from xstilts.data.duplicates import NearIndex, normalised

WORDS = ["", "the", "river", "bridge", "opened", "is", "a", "stood", "today", "مدرسة", "学校", "🙂", "ﬁn", "zażółć"]


def grams(text: str) -> set[str]:
    padded = text.ljust(5, "\0")
    return {padded[i : i + 5] for i in range(len(padded) - 4)}


def near(one: str, other: str) -> bool:
    ours, theirs = grams(one), grams(other)
    return Fraction(len(ours & theirs), len(ours | theirs)) >= Fraction(4, 5)


def sentence(draw: random.Random) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 16)))


def worlds(seed: int) -> tuple[list[str], list[str]]:
    """Return two collections; half of the second are texts of the first with up to two characters changed."""
    draw = random.Random(seed)
    first = [sentence(draw) for _ in range(150)]
    second = []
    for i in range(300):
        letters = list(first[i % 150] if i % 2 else sentence(draw))
        for _ in range(draw.randint(0, 2)):
            if letters:
                letters[draw.randrange(len(letters))] = draw.choice("xyz ")
        second.append("".join(letters))
    return list(dict.fromkeys(first)), list(dict.fromkeys(second))


@pytest.mark.parametrize("seed", range(4))
def test_finds_the_pairs_of_the_definition_and_no_others(seed: int) -> None:
    first, second = worlds(seed)
    expected = [(i, j) for i, one in enumerate(second) for j, other in enumerate(first) if near(one, other)]
    found = NearIndex(first).near(second)
    assert found == expected
    assert len([pair for pair in found if second[pair[0]] != first[pair[1]]]) > 20


def test_chunks_and_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = worlds(9)
    expected = NearIndex(first).near(second)
    monkeypatch.setattr(duplicates, "CHUNK", 7)
    monkeypatch.setattr(duplicates, "PAIRS", 50)
    assert NearIndex(first).near(second) == expected


def test_the_threshold_itself_is_near() -> None:
    at = ("abcdefgh", "abcdefghi")  # 4 n-grams of 5
    below = ("abcdefg", "abcdefgh")  # 3 of 4
    assert near(*at)
    assert not near(*below)
    assert NearIndex([at[0]]).near([at[1]]) == [(0, 0)]
    assert NearIndex([below[0]]).near([below[1]]) == []


def test_texts_shorter_than_an_n_gram_are_near_themselves_alone() -> None:
    assert NearIndex(["", "no", "yes"]).near(["yes", "ye", "yess", ""]) == [(0, 2), (3, 0)]


@pytest.mark.parametrize(("first", "second"), [([], []), ([], ["text here"]), (["text here"], [])])
def test_nothing_is_near_nothing(first: list[str], second: list[str]) -> None:
    assert NearIndex(first).near(second) == []


def test_a_text_is_not_near_the_end_of_one_and_the_beginning_of_the_next() -> None:
    assert NearIndex(["a text of some", "length stood here"]).near(["of some" + "length st"]) == []


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (" The  River\n", "the river"),
        ("ﬁn", "fin"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＡＢＣ　１", "abc 1"),
        ("", ""),
    ],
)
def test_normalised(text: str, form: str) -> None:
    assert normalised(text) == form
