"""The words of a constructed language: stems of its own sounds, cognates of English, and all their inflected forms.

A form table maps (concept, features) to a written form, and back; no two entries of a language share a form, so that every
sentence can be read back. What is random depends on the language's code alone, never on its dials: two languages differ in the
dials that differ, and in having words of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import get_args

from xstilts.constructed import lexicon
from xstilts.constructed.draw import Dice
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Tense

TENSES: tuple[Tense, ...] = get_args(Tense)
CASES = ("", "accusative", "dative", "genitive")
PERSONS = ("person", "persons", "thing", "things")  # what verbs agree with
PARTICLES = ("plural", "past", "future", "not", "question", "be")

# consonants, then vowels, of each alphabet
ALPHABETS = {
    "latin": ("ptkbdgmnslrvzfhj", "aeiou"),
    "greek": ("πτκβδγμνσλρζξφχθ", "αειου"),
    "cyrillic": ("пткбдгмнслрвзфхж", "аеиоу"),
    "georgian": ("პტკბდგმნსლრვზფხჯ", "აეიოუ"),
    "armenian": ("պտկբդգմնսլրվզֆհջ", "աեիոէ"),
    "hebrew": ("פטכבדגמנסלרצזשחק", "אהוי"),
}
# a word begins with one of the first and goes on with others: so its beginning is seen without a space
KANA = ("カキクケコサシスセソタチツテトハヒフヘホ", "アイウエオナニヌネノマミムメモラリルレロヤユヨワ")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ENGLISH = frozenset(lexicon.NOUNS + lexicon.VERBS + lexicon.ADJECTIVES)


@dataclass(frozen=True)
class Forms:
    """The form table of a language.

    Attributes:
        written: (concept, features) -> form; features are "" or a case, tense or agreement, joined with `+`.
        meant: form -> (concept, features).

    """

    written: dict[tuple[str, str], str]
    meant: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _Sounds:
    """Letters that a language uses, and how syllables are made of them."""

    script: str
    consonants: tuple[str, ...]
    vowels: tuple[str, ...]

    def stem(self, dice: Dice, syllables: int) -> str:
        """Return a new word."""
        if self.script == "kana":
            return dice.pick(KANA[0]) + "".join(dice.pick(self.vowels) for _ in range(syllables))
        made = "".join(dice.pick(self.consonants) + dice.pick(self.vowels) for _ in range(syllables))
        return made + (dice.pick(self.consonants) if dice.chance(0.4) else "")

    def affix(self, dice: Dice, kind: str) -> str:
        """Return a new affix."""
        if self.script == "kana":
            return dice.pick(KANA[0] if kind == "prefix" else self.vowels)
        consonant, vowel = dice.pick(self.consonants), dice.pick(self.vowels)
        return consonant + vowel if kind == "prefix" else vowel + consonant

    def transliterated(self, word: str) -> str:
        """Return an English word or name in this script, letter by letter."""
        if self.script == "latin":
            return word
        if self.script == "kana":
            first, *others = (LETTERS.index(letter) for letter in word.lower())
            return KANA[0][first % len(KANA[0])] + "".join(KANA[1][other % len(KANA[1])] for other in others)
        letters = "".join(ALPHABETS[self.script])
        return "".join(letters[LETTERS.index(letter) % len(letters)] for letter in word.lower())


@cache
def forms(language: Language) -> Forms:
    """Return the form table of a constructed language."""
    dice = Dice("words", language.code)
    sounds = _sounds(language, dice)
    affixes = _affixes(language, sounds, dice)
    table = Forms({}, {})
    for concept, category in _concepts():
        for word in _candidates(language, sounds, concept, category):
            new = dict(_inflected(language, word, category, affixes))
            if len(set(new.values())) == len(new) and not any(form in table.meant for form in new.values()):
                table.written.update({(concept, features): form for features, form in new.items()})
                table.meant.update({form: (concept, features) for features, form in new.items()})
                break
    return table


def _sounds(language: Language, dice: Dice) -> _Sounds:
    if language.script == "kana":
        return _Sounds("kana", tuple(KANA[0]), tuple(KANA[1]))
    consonants, vowels = ALPHABETS[language.script]
    # each language has sounds of its own, so that languages of one script look different
    return _Sounds(language.script, tuple(dice.order(consonants)[:11]), tuple(dice.order(vowels)[:4]))


def _affixes(language: Language, sounds: _Sounds, dice: Dice) -> dict[str, str]:
    """Return feature -> affix, each another one."""
    kinds = {
        **dict.fromkeys(CASES[1:], language.case),
        **dict.fromkeys(PERSONS, language.agreement),
        **dict.fromkeys(("plural", "past", "future"), language.inflection),
    }
    made: dict[str, str] = {}
    for feature, kind in kinds.items():
        while feature not in made or list(made.values()).count(made[feature]) > 1:
            made[feature] = sounds.affix(dice, kind)
    return made


def _concepts() -> Iterator[tuple[str, str]]:
    """Yield every concept with its category; short words first, so that they stay short."""
    for category, words in (
        ("particle", (*PARTICLES, *lexicon.RELATIONS, *lexicon.LINKS)),
        ("pronoun", (*lexicon.PRONOUNS, *lexicon.QUESTION_WORDS)),
        ("name", tuple(dict.fromkeys((*lexicon.NAMES, *lexicon.CITIES)))),
        ("surname", lexicon.SURNAMES),
        ("numeral", lexicon.NUMERALS),
        ("noun", lexicon.NOUNS),
        ("verb", lexicon.VERBS),
        ("adjective", lexicon.ADJECTIVES),
        ("time", tuple(lexicon.TIMES)),
    ):
        for word in words:
            # `be` is a verb in form, a particle in length
            yield word, "verb" if word == "be" else category


def _candidates(language: Language, sounds: _Sounds, concept: str, category: str) -> Iterator[str]:
    """Yield words for a concept until one is free."""
    if category == "numeral":
        yield concept
    if category in ("name", "surname") and language.names == "shared":
        yield concept
    if category in ("noun", "verb", "adjective", "time") and is_cognate(concept, language.cognates):
        yield sounds.transliterated(concept)
    dice = Dice("word", language.code, concept)
    syllables = 1 if category in ("particle", "pronoun") or concept == "be" else 2
    while True:
        word = sounds.stem(dice, syllables + (category == "surname"))
        if word not in _ENGLISH:
            yield word
        syllables += dice.chance(0.1)


def is_cognate(concept: str, share: float) -> bool:
    """Return whether a language with this share of cognates has the English word; a larger share has all of a smaller one."""
    return concept != "be" and Dice("cognate", concept).chance(share)


def _inflected(language: Language, word: str, category: str, affixes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield features and form of every inflected form of a word."""
    if category == "verb":
        tenses = TENSES if language.inflection != "word" else ("",)
        for tense in tenses:
            for person in PERSONS if language.agreement != "none" else ("",):
                form = _attached(word, affixes.get(tense, ""), language.inflection)
                features = "+".join(part for part in (tense, person) if part)
                yield features, _attached(form, affixes.get(person, ""), language.agreement)
        return
    if category not in ("noun", "name", "surname", "pronoun"):
        yield "", word
        return
    for number in ("", "plural") if category == "noun" and language.inflection != "word" else ("",):
        for case in CASES if language.case != "none" else ("",):
            form = _attached(word, affixes.get(number, ""), language.inflection)
            features = "+".join(part for part in (number, case) if part)
            yield features, _attached(form, affixes.get(case, ""), language.case)


def _attached(word: str, affix: str, kind: str) -> str:
    return word + affix if kind == "suffix" else affix + word if kind == "prefix" else word
