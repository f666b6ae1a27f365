"""Languages as data: what each dial says, the default family, and how far a language is from English."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from xstilts.errors import XstiltsError, unknown

DIALS: Mapping[str, tuple[str, ...]] = {
    "order": ("SVO", "SOV", "VSO", "VOS", "OVS", "OSV"),
    "adjective": ("before", "after"),
    "genitive": ("before", "after"),
    "adposition": ("before", "after"),
    "case": ("none", "suffix", "prefix"),
    "agreement": ("none", "suffix", "prefix"),
    "inflection": ("word", "suffix", "prefix"),
    "script": ("latin", "greek", "cyrillic", "georgian", "armenian", "hebrew", "kana"),
}


@dataclass(frozen=True)
class Language:
    """One language; the defaults are those of `ctr`, the centre of the default family.

    Attributes:
        code: short name, by which files are named.
        tag: canonical tag; `xstilts.languages` has those of the family, those that a user declares are in no registry.
        order: of subject, verb and object.
        adjective: before or after its noun.
        genitive: owner before or after what is owned.
        adposition: prepositions or postpositions.
        case: whether objects, recipients and owners are marked, and how.
        agreement: whether the verb agrees with its subject in number and in being a person.
        inflection: whether tense and plural are words of their own or affixes.
        script: the alphabet; `hebrew` runs from right to left, `kana` has no spaces.
        names: `shared`: persons and cities are written as in English; `own`: in the language's script and sounds.
        cognates: share of the content words that are the English ones, in the language's script.
        resource: size of its corpus as a share of that of English.

    """

    code: str
    tag: str = ""
    order: str = "SVO"
    adjective: str = "before"
    genitive: str = "before"
    adposition: str = "before"
    case: str = "none"
    agreement: str = "none"
    inflection: str = "suffix"
    script: str = "latin"
    names: str = "shared"
    cognates: float = 0.15
    resource: float = 1.0

    @property
    def spaced(self) -> bool:
        """Whether words are written with spaces between them."""
        return self.script != "kana"

    def identity(self) -> dict[str, str | float]:
        """Return what the language's sentences depend on: all but its tag and the size of its corpus."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ("tag", "resource")}


ENGLISH = Language("en", "eng_Latn", agreement="suffix", cognates=1.0)


def distance(one: Language, other: Language = ENGLISH) -> float:
    """Return the typological distance of two languages, 0 to 1.

    It is the mean over nine dials: 1 for each of those in DIALS on which the two differ, and the difference of their cognate
    shares. Names and corpus size are not typology.
    """
    differing: int = sum(getattr(one, dial) != getattr(other, dial) for dial in DIALS)
    share: float = (differing + abs(one.cognates - other.cognates)) / (len(DIALS) + 1)
    return share


def _central(number: int, code: str, **dials: str | float) -> Language:
    return Language(code, private_tag(number, str(dials.get("script", "latin"))), **dials)  # type: ignore[arg-type]


PRIVATE = 520  # codes from qaa to qtz
RESERVED = 52  # qaa to qbz are the family's, which may grow
ISO_15924 = {
    "latin": "Latn", "greek": "Grek", "cyrillic": "Cyrl", "georgian": "Geor", "armenian": "Armn", "hebrew": "Hebr",
    "kana": "Kana",
}  # fmt: skip


def private_tag(number: int, script: str) -> str:
    """Return the tag of the n-th language, from 0: ISO 639-3 keeps the codes qaa to qtz for local use."""
    return f"q{chr(97 + number // 26)}{chr(97 + number % 26)}_{ISO_15924[script]}"


def declared_tag(code: str, script: str) -> str:
    """Return the tag of a language that a user declares: the same whatever else is declared."""
    return private_tag(RESERVED + zlib.crc32(code.encode()) % (PRIVATE - RESERVED), script)


_Dials = dict[str, str | float]
_MIXED: tuple[tuple[str, _Dials], ...] = (
    ("aa", {"cognates": 0.30}),
    ("bb", {"adjective": "after"}),
    ("cc", {"order": "SOV", "adposition": "after", "case": "suffix", "cognates": 0.05}),
    ("dd", {"order": "VSO", "adjective": "after", "cognates": 0.05, "resource": 0.3}),
    (
        "ee",
        {"order": "SOV", "adjective": "after", "adposition": "after", "case": "suffix", "cognates": 0.05, "resource": 0.1},
    ),
    ("ff", {"order": "VOS", "case": "prefix", "inflection": "prefix", "cognates": 0.02, "resource": 0.04}),
)
_ORDERS: tuple[tuple[str, _Dials], ...] = tuple((order.lower(), {"order": order}) for order in DIALS["order"][1:])
_FACTORIAL: tuple[tuple[str, _Dials], ...] = (
    ("ctr", {}),
    *_ORDERS,
    ("nadj", {"adjective": "after"}),
    ("ngen", {"genitive": "after"}),
    ("post", {"adposition": "after"}),
    ("case", {"case": "suffix"}),
    ("pcase", {"case": "prefix"}),
    ("agr", {"agreement": "suffix"}),
    ("iso", {"inflection": "word"}),
    ("aggl", {"case": "suffix", "agreement": "suffix"}),
    ("grk", {"script": "greek"}),
    ("rtl", {"script": "hebrew"}),
    ("nosp", {"script": "kana"}),
    ("own", {"names": "own"}),
    ("cog0", {"cognates": 0.0}),
    ("cog50", {"cognates": 0.5}),
    ("r30", {"resource": 0.3}),
    ("r10", {"resource": 0.1}),
    ("r03", {"resource": 0.03}),
)
FAMILY: Mapping[str, Language] = {
    "en": ENGLISH,
    **{code: _central(number, code, **dials) for number, (code, dials) in enumerate(_MIXED + _FACTORIAL)},
}


def find(codes: tuple[str, ...], family: Mapping[str, Language] = FAMILY) -> tuple[Language, ...]:
    """Return the languages of these codes.

    Raises:
        XstiltsError: a code is none of the family's; the message gives the nearest one.

    """
    for code in codes:
        if code not in family:
            raise XstiltsError(unknown("constructed language", code, family, hint="`xstilts constructed list` shows all."))
    return tuple(family[code] for code in codes)
