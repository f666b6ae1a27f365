"""Written words of English and of constructed languages -> concepts with their features."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from xstilts.constructed import english, lexicon
from xstilts.constructed.language import Language
from xstilts.constructed.words import KANA, TENSES, forms

Token = tuple[str, str]  # concept and features


class UnreadableError(Exception):
    """The words are no sentence of the language."""


def tokens(text: str, language: Language) -> list[str]:
    """Split a text into words and punctuation."""
    if language.spaced:
        return re.findall(r"[.?,]|[^\s.?,]+", text)
    first, others = KANA
    return re.findall(rf"[.?,]|\d|[{first}]*(?:[A-Z][a-z]+[{others}]*|[{others}]+)", text)


def looked_up(words: list[str], language: Language) -> list[Token]:
    """Return what the words of a sentence mean; commas mean nothing.

    Raises:
        UnreadableError: a word is none of the language's.

    """
    table: Mapping[str, Token] = _english_forms() if language.code == "en" else forms(language).meant
    found: list[Token] = []
    for word in words:
        if word == ",":
            continue
        token = table.get(word) or (table.get(word[0].lower() + word[1:]) if not found else None)
        if token is None:
            raise UnreadableError
        found.append(token)
    return found


@cache
def _english_forms() -> dict[str, Token]:
    return dict(_each_english_form())


def _each_english_form() -> Iterator[tuple[str, Token]]:
    for noun in lexicon.NOUNS:
        yield noun, (noun, "")
        yield english.plural(noun), (noun, "plural")
    for verb in lexicon.VERBS:
        yield english.past(verb), (verb, "past")
        yield english.inflected(verb, "present", True), (verb, "present")
        yield verb, (verb, "present")
    for (tense, _), form in english.BE.items():
        yield form, ("be", tense)
    for (tense, _), form in english.DO.items():
        yield form, (tense, "")
    for name in lexicon.NAMES:
        yield f"{name}'s", (name, "genitive")
    for preposition in ("in", "on"):
        yield preposition, ("at", "")
    yield from (("will", ("future", "")), ("be", ("be", "present")), ("a", ("the", "")), ("an", ("the", "")))
    unchanged = (*lexicon.NAMES, *lexicon.CITIES, *lexicon.SURNAMES, *lexicon.NUMERALS, *lexicon.ADJECTIVES, *lexicon.TIMES,
                 *lexicon.RELATIONS, *lexicon.LINKS, *lexicon.PRONOUNS, *lexicon.QUESTION_WORDS, "not", "the")  # fmt: skip
    for word in unchanged:
        yield word, (word, "")


@cache
def category_of() -> dict[str, str]:
    """Return concept -> what sort of word it is."""
    groups = {
        "noun": lexicon.NOUNS, "verb": (*lexicon.VERBS, "be"), "adjective": lexicon.ADJECTIVES, "number": lexicon.NUMERALS,
        "name": (*lexicon.NAMES, *lexicon.CITIES), "surname": lexicon.SURNAMES, "time": (*lexicon.TIMES, "when"),
        "pronoun": (*lexicon.PRONOUNS, "who", "what"), "where": ("where",), "adposition": lexicon.RELATIONS,
        "tense": TENSES, "not": ("not",), "plural": ("plural",), "article": ("the",),
    }  # fmt: skip
    return {concept: category for category, concepts in groups.items() for concept in concepts}
