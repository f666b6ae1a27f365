"""A family of constructed languages with typology as a dial, and sentences of one world in each of them."""

from xstilts.constructed import english
from xstilts.constructed.grammar import grammar
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Meaning, Text
from xstilts.constructed.surface import Word, written

VERSION = 1  # of world, words and grammar; raise it when any sentence could change. Part of every key


def words_of(meaning: Meaning, language: Language) -> list[Word]:
    """Return the words of a sentence, question or fragment in a language."""
    return english.sentence(meaning) if language.code == "en" else grammar(language).sentence(meaning)


def text_of(meanings: Meaning | Text, language: Language) -> str:
    """Return a sentence, or several one after another, in a language."""
    several = meanings if isinstance(meanings, tuple) else (meanings,)
    return (" " if language.spaced else "").join(written(words_of(each, language), spaced=language.spaced) for each in several)
