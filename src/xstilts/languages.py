"""The one registry of languages: every spelling a user, a task or a hub folder writes, to one canonical tag.

A tag is an ISO 639-3 code, an underscore and an ISO 15924 script, spelled as in the FLORES-200 list: `swh_Latn`,
`zho_Hans`. `languages.csv` holds the spellings, one tag a line: codes and names after the ISO 639-3 and ISO 639-2
registration authorities, scripts after ISO 15924, the tags of FLORES-200 and SIB-200 as they publish them. Two tags are
not of today's ISO 639-3, because Tatoeba's pairs use them: `ber` (a collection, ISO 639-2) and `kzj` (retired in 2016).

What a spelling means stands in the table, nothing is guessed: where several rows list one spelling (`zh`, `no`, `sr`,
`ku`), it is ambiguous. A three-letter code of one tag means that tag; of several tags (`hin_Deva`, `hin_Latn`), those
whose `aliases` list it. The code of a macrolanguage means the member the datasets use it for: `ar` is `arb_Arab`.

`constructed_languages.csv` holds the tags of the constructed languages (`xstilts.constructed`), which are among the codes that
ISO 639-3 keeps for local use, `qaa` to `qtz`. Their short codes mean them only in tasks that have them.
"""

import csv
import functools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xstilts.errors import LanguageError, nearest
from xstilts.language_facts import LanguageFacts, facts_of


@dataclass(frozen=True)
class Language:
    """One language in one script: a row of `languages.csv`.

    Attributes:
        tag: Canonical tag, for example `swh_Latn`.
        name: English name, unique.
        iso639_1: Two-letter code of the language or of the macrolanguage it stands for; empty when it has none. Shared
            by the readings of an ambiguous code (`zh`).
        aliases: Other spellings of the tag: ISO 639-2/B and macrolanguage codes, hub spellings, further names with `_`
            for a space.
        local: A code that means the tag only where a task has it: that of a constructed language, which in general may be
            the code of another language (`ee` is Ewe) or of none.
    """

    tag: str
    name: str
    iso639_1: str
    aliases: tuple[str, ...]
    local: str = ""

    @property
    def facts(self) -> LanguageFacts:
        """Family, script, resource class and number of speakers."""
        return facts_of(self.tag)


@functools.cache
def all_languages() -> tuple[Language, ...]:
    """Return the whole table, sorted by tag."""
    natural = [
        Language(row["tag"], row["name"], row["iso639_1"], tuple(row["aliases"].split())) for row in _rows("languages.csv")
    ]
    constructed = [Language(row["tag"], row["name"], "", (), row["local"]) for row in _rows("constructed_languages.csv")]
    return tuple(sorted((*natural, *constructed), key=lambda each: each.tag))


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def language(code: str) -> Language:
    """Return the language that any of its spellings names; see `candidates` for what counts as a spelling.

    Raises:
        LanguageError: No language has this spelling, or several have it.
    """
    found = candidates(code)
    if not found:
        hint = "Write a tag such as 'swh_Latn', an ISO 639 code such as 'sw' or 'swh', or an English name."
        raise LanguageError(f"unknown language '{code}'.{_meant(_near(code, all_languages()))} {hint}")
    if len(found) > 1:
        raise LanguageError(_ambiguous(code, found))
    return found[0]


def candidates(code: str) -> tuple[Language, ...]:
    """Return all languages that a spelling may mean, sorted by tag; none when it is unknown.

    Spellings are the canonical tag, the ISO 639-1, 639-2 and 639-3 codes, each of them with the script (`zh-Hans`,
    `cmn_Hans`), the hub spellings and English names of the table. Case does not count; `-` and a space count as `_`.
    """
    return _index().get(_fold(code), ())


def resolve(code: str, among: Collection[str]) -> str:
    """Return the one canonical tag in `among` that `code` may mean.

    A code that is ambiguous in general (`zh`) is fine where a task has just one of its readings.

    Args:
        code: Any spelling, see `candidates`.
        among: Canonical tags, for example the languages of a task. A mapping says the data set's code of each, which is how a
            tag that is not in the table is named: that of a constructed language which a study declares.

    Raises:
        LanguageError: The code is unknown, means no language in `among`, or several of them.
    """
    found = candidates(code)
    here = [each for each in (*all_languages(), *_declared(among)) if each.tag in among]
    offered = [reading for reading in found if reading.tag in among] or [
        each for each in here if each.local and _fold(code) in (each.local, _fold(each.tag), _fold(each.name))
    ]
    if len(offered) == 1:
        return offered[0].tag
    if offered:
        raise LanguageError(_ambiguous(code, offered))
    allowed = ", ".join(each.tag for each in here) if len(here) <= 20 else f"{len(here)} languages"
    hint = f"Allowed here: {allowed}. Write one of these."
    if not found:
        raise LanguageError(f"unknown language '{code}'.{_meant(_near(code, here))} {hint}")
    kin = [each for each in here if any(_kin(each, reading) for reading in found)]
    raise LanguageError(f"language '{code}' is not available here: it means {_listed(found)}.{_meant(kin)} {hint}")


def _declared(among: Collection[str]) -> list[Language]:
    """Return the languages of a mapping that are not in the table."""
    codes = among if isinstance(among, Mapping) else {}
    return [Language(tag, f"Constructed {own}", "", (), own) for tag, own in codes.items() if _fold(tag) not in _index()]


@functools.cache
def _index() -> dict[str, tuple[Language, ...]]:
    tags_of = Counter(each.tag[:3] for each in all_languages())
    index: dict[str, tuple[Language, ...]] = {}
    for each in all_languages():
        implied = {each.tag[:3]} if tags_of[each.tag[:3]] == 1 else set()
        codes = {code for code in (each.iso639_1, *each.aliases, *implied) if re.fullmatch("[a-z]{2,3}", code)}
        with_script = {f"{code}_{each.tag[4:]}" for code in codes}
        for spelling in {_fold(s) for s in (each.tag, each.name, *each.aliases, *codes, *with_script)}:
            index[spelling] = (*index.get(spelling, ()), each)
    return index


def _fold(spelling: str) -> str:
    return spelling.strip().casefold().replace("-", "_").replace(" ", "_")


def _near(code: str, here: Collection[Language]) -> list[Language]:
    """Guess what an unknown spelling was to mean, for its error: by the code it begins with, else by the names.

    Codes and tags are never compared letter by letter: two of them that look alike are most often unrelated.
    """
    folded = _fold(code)
    first, _, last = folded.partition("_")
    found = candidates(first) if len(first) <= 3 else ()
    if not found:
        names = {_fold(name) for each in here for name in (each.name, *each.aliases) if len(name) > 3}
        scripts = {each.tag[4:].casefold() for each in all_languages()}
        found = candidates(nearest(first if last in scripts else folded, names) or "")
    return [each for each in here if each in found]


def _kin(one: Language, other: Language) -> bool:
    """Tell whether two rows are one language in two scripts, or share a two-letter code."""
    return one.tag[:3] == other.tag[:3] or (one.iso639_1 != "" and one.iso639_1 == other.iso639_1)


def _ambiguous(code: str, found: Iterable[Language]) -> str:
    return f"ambiguous language '{code}': it means {_listed(found)}. Write the tag of the one you mean."


def _meant(near: Collection[Language]) -> str:
    return f" Did you mean {_listed(near)}?" if near else ""


def _listed(found: Iterable[Language]) -> str:
    return " or ".join(f"{each.tag} ({each.name})" for each in found)
