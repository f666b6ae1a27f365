"""A file with declared languages -> the family of constructed languages; every mistake at once, each with its line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from xstilts.constructed.language import FAMILY, ISO_15924, Language, declared_tag
from xstilts.errors import StudyError
from xstilts.frozen import Frozen
from xstilts.languages import candidates
from xstilts.study_check import mapping
from xstilts.study_wording import validated
from xstilts.study_yaml import Mistake, read_document

Side = Literal["before", "after"]
Affix = Literal["none", "suffix", "prefix"]


class LanguageSpec(Frozen):
    """The dials of a declared language; see `Language` for what they mean. What is not given is as in `ctr`.

    Attributes:
        script: an alphabet, or `new`: the first that no language of the family has, nor one declared above.

    """

    order: Literal["SVO", "SOV", "VSO", "VOS", "OVS", "OSV"] = "SVO"
    adjective: Side = "before"
    genitive: Side = "before"
    adposition: Side = "before"
    case: Affix = "none"
    agreement: Affix = "none"
    inflection: Literal["word", "suffix", "prefix"] = "suffix"
    script: Literal["latin", "greek", "cyrillic", "georgian", "armenian", "hebrew", "kana", "new"] = "latin"
    names: Literal["shared", "own"] = "shared"
    cognates: Annotated[float, Field(ge=0, le=1)] = 0.15
    resource: Annotated[float, Field(gt=0, le=100)] = 1.0


class FamilySpec(Frozen):
    """What a family file says: `languages: {zz: {order: VSO, script: new, cognates: 0.1, resource: 0.05}}`."""

    languages: Annotated[dict[str, LanguageSpec], Field(min_length=1)]


def load_family(path: Path | None) -> Mapping[str, Language]:
    """Return the default family, with the languages that a file declares added.

    Raises:
        StudyError: with every mistake of the file.

    """
    return FAMILY if path is None else {**FAMILY, **{each.code: each for each in declared_languages(path)}}


def declared_languages(path: Path) -> tuple[Language, ...]:
    """Return the languages that a file declares, in its order.

    Raises:
        StudyError: with every mistake of the file.

    """
    document = read_document(path)
    spec, mistakes = validated(FamilySpec, document.data)
    mistakes += _wrong_codes(mapping(document.data.get("languages")))
    languages: list[Language] = []
    if spec and not mistakes:
        scripts, mistakes = _scripts(spec.languages)
        languages = [
            Language(code, declared_tag(code, script), **one.model_dump(exclude={"script"}), script=script)
            for (code, one), script in zip(spec.languages.items(), scripts, strict=True)
        ]
    problems = document.problems(mistakes)
    if problems:
        raise StudyError(str(path), problems)
    return tuple(languages)


def _wrong_codes(codes: Iterable[str]) -> Iterator[Mistake]:
    family = {each.tag for each in FAMILY.values()}
    taken: dict[str, str] = {}
    for code in codes:
        named = next((each for each in candidates(code) if each.tag in family), None)
        tag = declared_tag(code, "latin")[:3]
        other = taken.setdefault(tag, code)
        text = ""
        if not re.fullmatch("[a-z][a-z0-9]{1,7}", code):
            text = f"'{code}' is no code of a language; expected 2 to 8 small letters or digits, a letter first. Correct it."
        elif code in FAMILY:
            text = f"'{code}' is a language of the family already; choose another code."
        elif named:
            text = f"'{code}' means {named.tag} ({named.name}), a language of the family; choose another code."
        elif other != code:
            text = f"'{other}' and '{code}' both get the tag {tag}, for tags follow from codes; choose another code for one."
        if text:
            yield Mistake(("languages", code), f"`languages`: {text}")


def _scripts(specs: Mapping[str, LanguageSpec]) -> tuple[list[str], list[Mistake]]:
    """Return the alphabet of each language, and where none is left for `new` or it would not stay the language's own."""
    used = {each.script for each in FAMILY.values()}
    found, mistakes = [], []
    owners: dict[str, str] = {}  # of those that `new` gave
    for code, spec in specs.items():
        script: str = spec.script
        if script == "new":
            script = next((each for each in ISO_15924 if each not in used), "latin")
            if script in used:
                text = f"no alphabet is left for '{code}': all of {', '.join(ISO_15924)} are used. Name one of them."
                mistakes.append(Mistake(("languages", code, "script"), f"`languages`: {text}"))
            owners[script] = code
        elif script in owners:
            text = f"'{code}' has the alphabet {script}, which `new` gives to '{owners[script]}' as one that no other has."
            remedy = f"Write `script: {script}` there too if they are to share it, or choose another alphabet here."
            mistakes.append(Mistake(("languages", code, "script"), f"`languages`: {text} {remedy}"))
        used.add(script)
        found.append(script)
    return found, mistakes
