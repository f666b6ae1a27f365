"""The words of constructed languages: one meaning a form, cognates, alphabets, and what they do not depend on."""

import re
from dataclasses import replace

import pytest

from xstilts.constructed import lexicon
from xstilts.constructed.language import FAMILY, Language
from xstilts.constructed.lookup import tokens
from xstilts.constructed.words import ALPHABETS, KANA, forms, is_cognate

CONSTRUCTED = [language for code, language in FAMILY.items() if code != "en"]
every_language = pytest.mark.parametrize("language", CONSTRUCTED, ids=[each.code for each in CONSTRUCTED])


@every_language
def test_every_form_has_one_meaning(language):
    table = forms(language)
    assert len(table.written) == len(table.meant)
    assert all(table.meant[form] == meaning for meaning, form in table.written.items())
    concepts = {concept for concept, _ in table.written}
    assert {*lexicon.NOUNS, *lexicon.VERBS, *lexicon.ADJECTIVES, *lexicon.TIMES, *lexicon.NAMES, *lexicon.CITIES} <= concepts


@every_language
def test_words_are_in_the_language_s_alphabet(language):
    letters = "".join(KANA if language.script == "kana" else ALPHABETS[language.script])
    allowed = letters + ("abcdefghijklmnopqrstuvwxyz" if language.script == "latin" else "")
    for (concept, _), form in forms(language).written.items():
        if concept in lexicon.NUMERALS or (
            language.names == "shared" and concept in (*lexicon.NAMES, *lexicon.CITIES, *lexicon.SURNAMES)
        ):
            assert concept in form
        else:
            assert set(form.lower()) <= set(allowed), (concept, form)


def test_the_share_of_cognates_is_about_what_the_dial_says_and_larger_shares_have_all_of_smaller_ones():
    words = lexicon.NOUNS + lexicon.VERBS + lexicon.ADJECTIVES
    shares = {share: {word for word in words if is_cognate(word, share)} for share in (0.0, 0.05, 0.15, 0.5, 1.0)}
    for share, found in shares.items():
        assert len(found) / len(words) == pytest.approx(share, abs=0.06)
    assert shares[0.0] <= shares[0.05] <= shares[0.15] <= shares[0.5] <= shares[1.0]
    assert not shares[0.0]
    table = forms(FAMILY["cog50"]).written
    kept = [word for word in shares[0.5] if word in lexicon.ADJECTIVES]
    assert sum(table[word, ""] == word for word in kept) / len(kept) > 0.9


def test_words_depend_on_the_code_and_the_dials_but_not_on_tag_or_corpus():
    language = FAMILY["cc"]
    assert forms(replace(language, resource=0.5, tag="")) == forms(language)
    assert replace(language, resource=0.5).identity() == language.identity()
    assert forms(FAMILY["r10"]).written != forms(FAMILY["ctr"]).written
    assert replace(language, case="prefix").identity() != language.identity()


def test_another_word_order_changes_no_word():
    assert forms(Language("xx", order="SOV")) == forms(Language("xx", order="VOS"))


def test_words_without_spaces_are_told_apart():
    assert tokens("カAnnaナケリ3カナ.", FAMILY["nosp"]) == ["カAnnaナ", "ケリ", "3", "カナ", "."]
    assert re.fullmatch(f"[{KANA[0]}][{KANA[1]}]+", forms(FAMILY["nosp"]).written["dog", ""])
    assert not set(KANA[0]) & set(KANA[1])
