"""The languages that a study compares a parallel text in: `retrieval.partners`."""

from collections.abc import Iterator, Mapping
from typing import Any

from xstilts.data import Source
from xstilts.data.availability import available_languages
from xstilts.errors import LanguageError
from xstilts.languages import resolve
from xstilts.study_check import Use, mapping, texts, uses
from xstilts.study_yaml import Mistake, Place
from xstilts.task import Task

PLACE: Place = ("retrieval", "partners")


def canonical_partners(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> tuple[tuple[str, ...], list[Mistake]]:
    """Return the canonical tags that `retrieval.partners` lists, none for other forms, and what is wrong with them."""
    written = mapping(data.get("retrieval")).get("partners")
    _, targets = uses(data, tasks)
    parallel = {tag for use in targets if use.task.multiway for tag in use.task.languages}
    if written is not None and not parallel:
        known = [name for name, task in tasks.items() if task.multiway]
        text = f"`retrieval.partners` changes nothing: of the targets none is a parallel text; those are {', '.join(known)}. "
        return (), [Mistake(PLACE, text + "Add one to `targets:`, or remove this line.")]
    tags: dict[str, str] = {}
    mistakes = []
    for where, code in texts(written, PLACE):
        try:
            tag = resolve(code, parallel)
        except LanguageError as error:
            mistakes.append(Mistake(where, f"`retrieval.partners`: {error}"))
            continue
        if tag in tags:
            text = f"`retrieval.partners`: '{tags[tag]}' and '{code}' both mean {tag}; each language counts once. "
            mistakes.append(Mistake(where, text + "Remove one."))
        tags.setdefault(tag, code)
    return tuple(tags), mistakes


def missing_partners(use: Use, requested: tuple[str, ...], partners: tuple[str, ...], source: Source) -> Iterator[Mistake]:
    """Yield what keeps a parallel text from being compared: partners without data, or no language beside the partner.

    Args:
        use: a target that is a parallel text.
        requested: the languages that the study lists for it, none for all that the source has.
        partners: the canonical tags of its partners; none where each language has all others.
        source: where the data lies.

    """
    available = available_languages(source, use.task)
    if not available:  # told by another check
        return
    if lacking := [tag for tag in partners if tag not in available]:
        text = f"no evaluation data of '{use.task.name}' in {', '.join(lacking)}, with which its languages are to be compared. "
        yield Mistake(use.place, text + "Add the data, or choose others under `retrieval: {partners: [...]}`.")
        return
    evaluated = requested or available
    if not any(tag != other for tag in evaluated for other in partners or evaluated):
        text = f"'{use.task.name}' compares pairs of languages, and {', '.join(evaluated)} has no partner but itself. "
        yield Mistake(use.place, text + "Add a language, or choose others under `retrieval: {partners: [...]}`.")
