"""A file with declared languages -> the family of constructed languages; every mistake at once, each with its line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from xstilts.constructed.declared import LanguageSpec, with_declared
from xstilts.constructed.language import FAMILY, Language
from xstilts.errors import Problem, StudyError
from xstilts.frozen import Frozen
from xstilts.study_wording import validated
from xstilts.study_yaml import read_document


class FamilySpec(Frozen):
    """What a family file says: `languages: {zz: {order: VSO, script: new, cognates: 0.1, resource: 0.05}}`."""

    languages: Annotated[dict[str, LanguageSpec], Field(min_length=1)]


def load_family(path: Path | None) -> Mapping[str, Language]:
    """Return the default family, with the languages that a file declares added.

    Raises:
        StudyError: with every mistake of the file.

    """
    if path is None:
        return FAMILY
    document = read_document(path)
    spec, mistakes = validated(FamilySpec, document.data)
    problems = document.problems(mistakes)
    if spec is None or problems:
        raise StudyError(str(path), problems)
    try:
        return with_declared(spec.languages)
    except ValueError as error:
        raise StudyError(str(path), [Problem(f"`languages`: {error}.", document.lines[("languages",)])]) from error
