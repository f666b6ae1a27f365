"""Words of a sentence and how they are written: spaces, punctuation, and where each word stands in the text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Word(NamedTuple):
    """One word of a sentence.

    Attributes:
        text: as written.
        concept: what it means, an English lemma.
        features: its inflection, joined with `+`; empty for none.
        pos: universal part of speech.
        role: what its phrase is in the clause (`agent`, `patient`, `recipient`, `source`, `place`, `time`), without the
            articles and adpositions around it; empty for other words.

    """

    text: str
    concept: str
    features: str
    pos: str
    role: str = ""


def mark(sign: str) -> Word:
    """Return a punctuation mark."""
    return Word(sign, sign, "", "PUNCT")


def written(words: Iterable[Word], *, spaced: bool) -> str:
    """Return the text of words; punctuation stands right behind the word before it."""
    if not spaced:
        return "".join(word.text for word in words)
    text = " ".join(word.text for word in words)
    return text.replace(" .", ".").replace(" ?", "?").replace(" ,", ",")


def places(words: Sequence[Word], *, spaced: bool) -> list[tuple[int, int]]:
    """Return where each word begins and ends in `written`, in characters."""
    found, end = [], 0
    for i, word in enumerate(words):
        begin = end + (spaced and i > 0 and word.pos != "PUNCT")
        end = begin + len(word.text)
        found.append((begin, end))
    return found
