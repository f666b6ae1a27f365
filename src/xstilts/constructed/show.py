"""Glossed examples: a sentence of a constructed language, what each of its words is, and what it means in English."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from xstilts.constructed import text_of, words_of
from xstilts.constructed.items import Item, Recipe, items
from xstilts.constructed.language import ENGLISH, Language
from xstilts.constructed.meaning import Event, Fragment, IsA, Linked, Located, Meaning, Quality, Question
from xstilts.task import Split


def glossed(recipe: Recipe, domain: str, languages: Sequence[Language], split: Split, count: int) -> Iterator[str]:
    """Yield lines that show the first examples of a data set in several languages."""
    for number, item in enumerate(items(recipe, domain, split, count)):
        yield f"example {number}"
        for language in languages:
            yield f"  {language.code}"
            for column, value in recipe.row(item, language).items():
                yield f"    {column}: {_shown(value)}"
            if language != ENGLISH:
                yield from _glosses(item, language)


def interlinear(meaning: Meaning, language: Language) -> str:
    """Return two lines: the words of a sentence, and below each its concept and features."""
    words = words_of(meaning, language)
    glosses = [word.concept + "".join(f".{feature}" for feature in word.features.split("+") if feature) for word in words]
    widths = [max(len(word.text), len(gloss)) for word, gloss in zip(words, glosses, strict=True)]
    above = "  ".join(word.text.ljust(width) for word, width in zip(words, widths, strict=True))
    below = "  ".join(gloss.ljust(width) for gloss, width in zip(glosses, widths, strict=True))
    return f"{above.rstrip()}\n{below.rstrip()}"


def _glosses(item: Item, language: Language) -> Iterator[str]:
    for meaning in dict.fromkeys(sentences_of(item)):
        yield from (f"      {line}" for line in interlinear(meaning, language).split("\n"))
        yield f"      '{text_of(meaning, ENGLISH)}'"


def sentences_of(value: Any) -> Iterator[Meaning]:
    """Yield the sentences of an example in the order of its fields."""
    if isinstance(value, Event | Quality | Located | IsA | Linked | Question | Fragment):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from sentences_of(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from sentences_of(getattr(value, field.name))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(text) for text in value["text"]) or "(no answer)"
    return " ".join(value) if isinstance(value, list) else str(value)
