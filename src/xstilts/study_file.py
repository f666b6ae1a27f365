"""A study file -> StudySpec; every mistake in it at once, each with its line, what is allowed and what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.claim_check import named_in, settled_claims
from xstilts.constructed.language import Language
from xstilts.errors import StudyError
from xstilts.family_file import declared_languages
from xstilts.spec import DataSpec, StudySpec
from xstilts.study_check import canonical_languages, canonical_source, mapping, mistakes_in, uses
from xstilts.study_encoders import canonical_pretraining
from xstilts.study_places import Places, find_places, look_up, missing_data, not_found, present_data
from xstilts.study_retrieval import canonical_partners
from xstilts.study_targets import benchmark_languages, named_benchmarks, target_tasks, with_listed_targets
from xstilts.study_tasks import declared_tasks
from xstilts.study_wording import validated
from xstilts.study_yaml import Mistake, read_document
from xstilts.task import Task
from xstilts.tasks import TASKS
from xstilts.tasks.constructed import with_declared


def load_study(path: str | Path, *, need_data: bool = True) -> StudySpec:
    """Read a study file; in the result folders are absolute and languages are canonical tags.

    Of encoders and the mirror only folders and lists of files are looked at, no row; of own tasks' files every row, once.

    Args:
        path: the study file.
        need_data: whether it is a mistake that the data source lacks a file; `supply` tells of each such file itself.

    Raises:
        StudyError: with every mistake of the file, in the order of its lines.

    """
    document, folder = read_document(Path(path)), Path(path).absolute().parent
    data = with_listed_targets(document.data)
    study, mistakes = validated(StudySpec, data)
    family, constructed, wrong_family = _declared_family(data, folder)
    builtin = with_declared(TASKS, constructed)
    declared, wrong_tasks = declared_tasks(data, folder, builtin)
    sound = {**builtin, **declared.tasks}
    tasks = {**sound, **declared.stand_ins()}
    mistakes += [*wrong_family, *wrong_tasks, *mistakes_in(data, tasks)]
    source, languages, partners, wrong_languages = _canonical(data, tasks)
    places, wrong_places = find_places(data, folder)
    seen, wrong_seen = canonical_pretraining(data)
    claims, wrong_claims = settled_claims(data.get("claims"), named_in(data, tasks), folder)
    mistakes += [*wrong_places, *wrong_seen, *wrong_claims]
    if not wrong_family:  # else languages that it declares would be told as unknown
        mistakes += wrong_languages
    targets = tuple(target_tasks(data, tasks))
    wanted = {task: tags for task, tags in benchmark_languages(data, tasks).items() if task not in languages}
    named = [name for name in ("mirror", "local") if mapping(data.get("data")).get(name) is not None]
    if not need_data:
        languages |= wanted
    elif all(name in places.data for name in named):
        spec = DataSpec.model_validate(places.data)
        present = present_data(wanted, tasks, source, spec)
        targets = tuple(task for task in targets if task not in wanted or task in present)
        languages |= present
        mixed, used = uses(data, sound)
        needed = (mixed, [use for use in used if use.task.name in targets])
        mistakes += missing_data(needed, languages, source, spec, _partners(study, partners, source), constructed)
        if wanted and not targets:
            mistakes.append(Mistake(("targets",), f"`targets`: {_NO_DATA.format(tasks=', '.join(wanted))}"))
    problems = document.problems(mistakes)
    if study is None or problems:
        raise StudyError(str(path), problems)
    settled = {
        "tasks": declared.specs,
        "family": family,
        "declared": constructed,
        "targets": targets,
        "benchmarks": tuple(named_benchmarks(data, tasks)),
        "languages": languages,
        "source": source,
        "claims": claims,
        "retrieval": study.retrieval.model_copy(update={"partners": partners} if partners else {}),
    }
    return _with_encoders(study.model_copy(update=settled), places, seen)


def _canonical(
    data: Mapping[str, Any], tasks: Mapping[str, Task]
) -> tuple[str, dict[str, tuple[str, ...]], tuple[str, ...], list[Mistake]]:
    """Return source language, languages of tasks and partners as tags, and what is wrong with them."""
    source, wrong_source = canonical_source(data, tasks)
    languages, wrong_languages = canonical_languages(data, tasks)
    partners, wrong_partners = canonical_partners(data, tasks)
    return source, languages, partners, [*wrong_source, *wrong_languages, *wrong_partners]


def _declared_family(data: Mapping[str, Any], folder: Path) -> tuple[Path | None, tuple[Language, ...], list[Mistake]]:
    """Return the study's family file, the languages that it declares, and what is wrong with it."""
    written = data.get("family")
    if not isinstance(written, str):
        return None, (), []
    path, tried = look_up(written, folder)
    if path is None:
        return None, (), [Mistake(("family",), not_found("family", written, tried))]
    try:
        return path, declared_languages(path), []
    except StudyError as error:
        return path, (), [Mistake(("family",), f"`family`: {line}") for line in str(error).splitlines()]


_NO_DATA = "there is no data of any of {tasks}. Add the data, or choose other targets."


def _partners(study: StudySpec | None, listed: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return the partners of parallel texts; none where each language has all others."""
    return () if study and study.retrieval.partners == "all" else listed or (source,)


def _with_encoders(study: StudySpec, places: Places, seen: Mapping[str, tuple[str, ...]]) -> StudySpec:
    encoders = {
        name: encoder.model_copy(
            update={"path": places.encoders.get(name, encoder.path), "pretraining_languages": seen.get(name, ())}
        )
        for name, encoder in study.encoders.items()
    }
    return study.model_copy(update={"encoders": encoders, "data": study.data.model_copy(update=places.data)})
