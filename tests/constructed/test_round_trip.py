"""Every meaning in every language can be read back from its sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meanings import EACH, drawn

from xstilts.constructed import text_of, words_of
from xstilts.constructed.language import DIALS, ENGLISH, FAMILY, Language
from xstilts.constructed.parse import meaning_of
from xstilts.constructed.surface import places

every_language = pytest.mark.parametrize("language", FAMILY.values(), ids=FAMILY)


@pytest.mark.parametrize(("english", "meaning"), EACH.items(), ids=list(EACH))
def test_english_reads_correctly(english, meaning):
    assert text_of(meaning, ENGLISH) == english


@every_language
def test_every_construction_can_be_read_back(language):
    wrong = {english: meaning_of(text_of(each, language), language) for english, each in EACH.items()}
    assert {english: read for english, read in wrong.items() if read != EACH[english]} == {}


@every_language
@pytest.mark.parametrize("domain", ["village", "harbour"])
def test_what_the_world_says_can_be_read_back(language, domain):
    for meaning in drawn(language.code, 12, domain):
        assert meaning_of(text_of(meaning, language), language) == meaning


@given(st.fixed_dictionaries({dial: st.sampled_from(values) for dial, values in DIALS.items()}), st.integers(0, 10**6))
@settings(max_examples=60)
def test_any_setting_of_the_dials_can_be_read_back(dials, seed):
    language = Language("hy", cognates=0.3, names="own" if seed % 2 else "shared", **dials)
    for meaning in [*EACH.values(), *drawn(seed, 1)]:
        assert meaning_of(text_of(meaning, language), language) == meaning


@every_language
def test_words_stand_where_places_says(language):
    for meaning in EACH.values():
        words, text = words_of(meaning, language), text_of(meaning, language)
        found = [text[begin:end] for begin, end in places(words, spaced=language.spaced)]
        assert found == [word.text for word in words]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Anna saw the dgo."),
        ("en", "Saw."),
        ("en", "The dog the cat the hen saw."),
        ("en", "the dog the cat"),
        ("en", "Not."),
        ("en", ""),
        ("cc", "Anna saw the dog."),
        ("nosp", "abc."),
    ],
)
def test_what_is_no_sentence_has_no_meaning(code, text):
    assert meaning_of(text, FAMILY[code]) is None


def test_word_order_is_what_the_dial_says():
    from meanings import ANNA, BEN

    from xstilts.constructed.meaning import Event

    names = {"S": "Anna", "O": "Ben", "V": "V"}
    for code in ("ctr", "sov", "vso", "vos", "ovs", "osv"):
        language = FAMILY[code]
        words = words_of(Event("see", ANNA, BEN), language)
        order = ["V" if word.concept == "see" else word.concept for word in words if word.concept in ("see", "Anna", "Ben")]
        assert order == [names[each] for each in language.order]
