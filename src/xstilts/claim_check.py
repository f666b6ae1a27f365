"""Mistakes of claims that their shape does not show: names that the study does not have, documents that are not there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xstilts.benchmarks import BENCHMARKS
from xstilts.claim_spec import BEST, Claim, Effect, Gain, Over
from xstilts.errors import LanguageError, unknown
from xstilts.language_facts import facts_of
from xstilts.languages import resolve
from xstilts.spec import StudySpec
from xstilts.study_check import mapping
from xstilts.study_places import look_up, not_found
from xstilts.study_targets import target_tasks
from xstilts.study_wording import dotted
from xstilts.study_yaml import Mistake, Place
from xstilts.task import Task


@dataclass(frozen=True)
class Named:
    """What claims may name: the encoders, intermediates and targets of one study."""

    encoders: Collection[str]
    intermediates: Collection[str]
    targets: Mapping[str, Task]


def named_in(data: Mapping[str, Any], tasks: Mapping[str, Task]) -> Named:
    """Return what a study file's plain data names."""
    targets = {name: tasks[name] for name in target_tasks(data, tasks) if name in tasks}
    return Named(mapping(data.get("encoders")), mapping(data.get("intermediates")), targets)


def named_by(study: StudySpec, tasks: Mapping[str, Task]) -> Named:
    """Return what a study that was read names."""
    return Named(study.encoders, study.intermediates, {name: tasks[name] for name in study.targets})


def settled_claims(written: Any, named: Named, folder: Path) -> tuple[tuple[Claim, ...], list[Mistake]]:
    """Return the claims, documents absolute and languages as tags, and what is wrong with them beyond their shape.

    Args:
        written: the list under `claims:`; claims of a wrong shape are passed over, since another check tells of them.
        named: what they may name.
        folder: where documents are looked up first.

    """
    claims: list[Claim] = []
    mistakes: list[Mistake] = []
    names: set[str] = set()
    for index, one in enumerate(written if isinstance(written, list) else ()):
        try:
            claim = Claim.model_validate(one)
        except ValidationError:
            continue
        place: Place = ("claims", index)
        if claim.name in names:
            text = f"`claims`: the name '{claim.name}' stands twice; verdicts are told apart by it. Choose another."
            mistakes.append(Mistake((*place, "name"), text))
        names.add(claim.name)
        other = claim.expect.greater_than if claim.expect else None
        for effect, where in ((claim.effect, (*place, "effect")), (other, (*place, "expect", "greater_than"))):
            if effect:
                mistakes += _wrong_names(effect, named, (*where, "gain" if effect.gain else "score"))
        document, wrong = _document(claim, folder, (*place, "source", "document"))
        mistakes += wrong
        claims.append(_canonical(claim, named, document))
    return tuple(claims), mistakes


def _wrong_names(effect: Effect, named: Named, place: Place) -> Iterator[Mistake]:
    quantity = effect.quantity
    where = f"`{dotted(place)}`"
    allowed = {
        "intermediate": [*named.intermediates, BEST],
        "reference": list(named.intermediates),
        "encoder": list(named.encoders),
    }
    for field, names in allowed.items():
        value = getattr(quantity, field, None)
        if value is not None and value not in names:
            yield Mistake((*place, field), f"{where}: {unknown(field, value, names)} Correct it.")
    if quantity.encoder is None and len(named.encoders) > 1:
        listed = ", ".join(named.encoders)
        yield Mistake(place, f"{where} does not say which encoder; the study has {listed}. Add `encoder:`.")
    if isinstance(quantity, Gain) and quantity.intermediate == (quantity.reference or _baseline(named)):
        text = f"{where} compares '{quantity.intermediate}' with itself. Name another `intermediate` or `reference`."
        yield Mistake((*place, "intermediate"), text)
    yield from _wrong_over(quantity.over, named, (*place, "over"))


def _baseline(named: Named) -> str | None:
    if not isinstance(named.intermediates, Mapping):
        return None
    return next((name for name, phases in named.intermediates.items() if not phases), None)


def _wrong_over(over: Over, named: Named, place: Place) -> Iterator[Mistake]:
    where = f"`{dotted(place)}`"
    suite = BENCHMARKS.get(over.benchmark or "")
    if over.benchmark is not None and suite is None:
        yield Mistake((*place, "benchmark"), f"{where}: {unknown('benchmark', over.benchmark, BENCHMARKS)} Correct it.")
    if over.target is not None:
        among = [name for name in named.targets if suite is None or name in {task.name for task in suite.tasks}]
        if over.target not in among:
            yield Mistake((*place, "target"), f"{where}: {unknown('target', over.target, among)} Correct it.")
            return
    languages = _languages(over, named)
    if over.language is not None:
        try:
            resolve(over.language, languages)
        except LanguageError as error:
            yield Mistake((*place, "language"), f"{where}: {error}")
    if over.group is not None and over.seen is None:
        fact, name = over.group
        groups = {str(value) for tag in languages if (value := getattr(facts_of(tag), fact)) is not None}
        if name not in groups:
            yield Mistake((*place, fact), f"{where}: {unknown(fact.replace('_', ' '), name, groups)} Correct it.")


def _languages(over: Over, named: Named) -> set[str]:
    tasks = [task for name, task in named.targets.items() if over.target in (None, name)]
    return {language for task in tasks for language in task.languages}


def _document(claim: Claim, folder: Path, place: Place) -> tuple[Path | None, list[Mistake]]:
    written = claim.source.document
    if written is None:
        return None, []
    found, tried = look_up(str(written), folder)
    if found is None:
        return None, [Mistake(place, not_found(dotted(place), str(written), tried))]
    if not found.is_file() or found.suffix.lower() == ".pdf":
        what = "a PDF" if found.is_file() else "a folder"
        text = f"`{dotted(place)}`: {found} is {what}; expected a text file. Name one, made for example with pdftotext."
        return None, [Mistake(place, text)]
    return found, []


def _canonical(claim: Claim, named: Named, document: Path | None) -> Claim:
    changes: dict[str, Any] = {"source": claim.source.model_copy(update={"document": document})}
    if claim.effect:
        changes["effect"] = _with_tag(claim.effect, named)
    if claim.expect and claim.expect.greater_than:
        changes["expect"] = claim.expect.model_copy(update={"greater_than": _with_tag(claim.expect.greater_than, named)})
    return claim.model_copy(update=changes)


def _with_tag(effect: Effect, named: Named) -> Effect:
    over = effect.quantity.over
    if over.language is None:
        return effect
    try:
        tag = resolve(over.language, _languages(over, named))
    except LanguageError:  # told as a mistake
        return effect
    quantity = effect.quantity.model_copy(update={"over": over.model_copy(update={"language": tag})})
    return effect.model_copy(update={"gain" if effect.gain else "score": quantity})
