"""Whether a quotation stands in its document: to the letter, but for line breaks and hyphens, or nearly."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from xstilts.claim_spec import Source
from xstilts.errors import XstiltsError

LIKENESS = 90.0  # per cent, of rapidfuzz's partial_ratio: fewer than one letter in ten differs
_PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u00ad": None}
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Found:
    """Where a quotation stands.

    Attributes:
        how: `exact`; `normalised`: but for line breaks, spaces, hyphens within words, ligatures and kinds of quotation marks;
            `fuzzy`: nearly, with the same numbers.
        offset: of its first character in the document.
        likeness: in per cent.

    """

    how: str
    offset: int
    likeness: float


def grounding(source: Source) -> str:
    """Return `grounded: ...`, `not grounded`, or `no document` (also where there is no quotation to look up).

    Raises:
        XstiltsError: when the document cannot be read.

    """
    if source.document is None or not source.quotation.strip():
        return "no document"
    found = find_quotation(source.quotation, _text(source.document))
    if found is None:
        return "not grounded"
    nearly = f" ({found.likeness:.0f}% alike)" if found.how == "fuzzy" else ""
    return f"grounded: {found.how}{nearly}, character {found.offset}"


def find_quotation(quotation: str, text: str) -> Found | None:
    """Return where a quotation stands in a text, None where it does not.

    A passage that is only nearly the quotation counts when it is at least LIKENESS per cent alike and has the same numbers in
    the same order: 8.2 is no slip of 3.2.
    """
    exact = text.find(quotation)
    if exact >= 0:
        return Found("exact", exact, 100.0)
    wanted, _ = _normalised(quotation)
    plain, offsets = _normalised(text)
    if not wanted:
        return None
    place = plain.find(wanted)
    if place >= 0:
        return Found("normalised", offsets[place], 100.0)
    return _nearly(wanted, plain, offsets)


def _nearly(wanted: str, plain: str, offsets: list[int]) -> Found | None:
    from rapidfuzz import fuzz

    if len(plain) < len(wanted):  # partial_ratio would look for the text in the quotation
        return None
    best = fuzz.partial_ratio_alignment(wanted, plain, score_cutoff=LIKENESS)
    if best is None:
        return None
    begin, end = best.dest_start, best.dest_end
    while end < len(plain) and plain[end - 1].isalnum() and plain[end].isalnum():  # a number must not be cut
        end += 1
    while begin > 0 and plain[begin - 1].isalnum() and plain[begin].isalnum():
        begin -= 1
    same = _NUMBER.findall(plain[begin:end]) == _NUMBER.findall(wanted)
    return Found("fuzzy", offsets[begin], float(best.score)) if same else None


def _normalised(text: str) -> tuple[str, list[int]]:
    """Return the text with single spaces and without hyphens in words, and the offset of each of its characters."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for letter in unicodedata.normalize("NFKC", char).translate(_PLAIN):
            letters.append(letter)
            offsets.append(offset)
    whole = "".join(letters)
    dropped = {i for match in re.finditer(r"(?<=[^\W\d])-\s*(?=[^\W\d])", whole) for i in range(*match.span())}
    kept: list[str] = []
    places: list[int] = []
    for i, letter in enumerate(whole):
        space = letter.isspace()
        if i in dropped or (space and (not kept or kept[-1] == " ")):
            continue
        kept.append(" " if space else letter)
        places.append(offsets[i])
    return "".join(kept).rstrip(), places


def _text(document: Path) -> str:
    try:
        return document.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise XstiltsError(
            f"the document {document} cannot be read as UTF-8 text ({error}). Save it as UTF-8 text, or take `document:` out."
        ) from error
