"""English text reads correctly: what must not occur in thousands of lines, and what must."""

import re
from itertools import islice

import pytest

from xstilts.constructed import lexicon, text_of
from xstilts.constructed.corpus import texts
from xstilts.constructed.english import past, plural
from xstilts.constructed.language import ENGLISH

LINES = [text_of(text, ENGLISH) for text in islice(texts("english", lexicon.DOMAINS), 4_000)]
WRONG = [
    r"\ba [aeio]", r"\ban [^aeiou]", r"\ban uniform", r"\bthe the\b", r"\b(\w+) \1\b",
    r"\b(He|She|he|she|it|It) (see|go|buy|have|are|were|do)\b", r"\bdogs (is|was|does)\b", r"\b[2-9] \w+ (is|was|does)\b",
    r"sheeps|buss|boxs|knifes|churchs|cherrys|seed\b|goed|buyed|selled", r"[a-z] [.,?]", r"  ", r"[.?][A-Za-z]", r"\bto to\b",
    r"\bdid not (?!feed)\w+ed\b", r"\bin (London|Rome) to\b", r"_",
    r"\b(at|in|on) (Monday|Friday|morning)\b(?<!on Monday)(?<!on Friday)",
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_english_does_not_occur(wrong):
    assert [line for line in LINES if re.search(wrong, line)] == []


def test_every_line_begins_with_a_capital_or_is_a_fragment():
    for line in LINES:
        assert re.match(r"[A-Z0-9]", line) or not re.search(r"[.?]$", line)
        assert re.fullmatch(r"[A-Za-z0-9',.? ]+", line)


def test_all_words_of_the_lexicon_occur_in_both_domains_text():
    text = " ".join(LINES)
    for noun in lexicon.NOUNS:
        assert re.search(rf"\b({noun}|{plural(noun)})\b", text), noun
    for verb in lexicon.VERBS:
        assert re.search(rf"\b({verb}|{past(verb)})", text), verb


@pytest.mark.parametrize(
    ("noun", "several"),
    [("box", "boxes"), ("cherry", "cherries"), ("bus", "buses"), ("knife", "knives"), ("dress", "dresses"),
     ("peach", "peaches"), ("dog", "dogs"), ("canoe", "canoes"), ("ferry", "ferries")],
)  # fmt: skip
def test_plural(noun, several):
    assert plural(noun) == several


@pytest.mark.parametrize(
    ("verb", "then"),
    [("see", "saw"), ("cry", "cried"), ("hug", "hugged"), ("like", "liked"), ("row", "rowed"), ("dive", "dived"),
     ("hurry", "hurried"), ("fix", "fixed"), ("steal", "stole"), ("peel", "peeled")],
)  # fmt: skip
def test_past(verb, then):
    assert past(verb) == then


def test_no_word_is_of_two_sorts():
    """A noun that were a verb too could not be read back."""
    sorts = (lexicon.NOUNS, lexicon.VERBS, lexicon.ADJECTIVES, tuple(lexicon.TIMES), lexicon.SURNAMES, lexicon.RELATIONS)
    words = [word for sort in sorts for word in sort]
    assert len(words) == len(set(words))
    assert not {plural(noun) for noun in lexicon.NOUNS} & set(words)
    assert not set(lexicon.SURNAMES) & {*lexicon.NAMES, *lexicon.CITIES}
    assert set(lexicon.NAMES) & set(lexicon.CITIES)  # names that are both, for the task on names
