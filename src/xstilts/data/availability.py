"""Which languages of a task a study evaluates, and on which split."""

from xstilts.data import DataFile, Source
from xstilts.errors import DataError
from xstilts.spec import StudySpec
from xstilts.task import Split, Task


def evaluation_file(source: Source, task: Task, language: str) -> tuple[DataFile, Split]:
    """Return the file to evaluate on in one language (a canonical tag) and its split: test, else validation.

    Raises:
        DataError: when the source has neither.

    """
    found = _evaluation_file(source, task, language)
    if found is None:
        raise DataError(
            f"no evaluation data of {task.name} in {language}: neither a test nor a validation split of "
            f"{task.data_of(language).path}, configuration {task.config(language)}. Take the language out, or add the data."
        )
    return found


def available_languages(source: Source, task: Task) -> tuple[str, ...]:
    """Return the languages of a task, as canonical tags in its order, that the source can evaluate."""
    return tuple(language for language in task.languages if _evaluation_file(source, task, language))


def eval_languages(study: StudySpec, task: Task, source: Source) -> tuple[str, ...]:
    """Return the canonical tags to evaluate a target in: those the study lists, else all that the source has."""
    return study.languages.get(task.name) or available_languages(source, task)


def partner_languages(study: StudySpec, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the canonical tags that each of a parallel text's evaluated languages is compared with, itself left out."""
    partners = study.retrieval.partners
    return languages if partners == "all" else (study.source,) if partners is None else partners


def _evaluation_file(source: Source, task: Task, language: str) -> tuple[DataFile, Split] | None:
    splits: tuple[Split, ...] = ("test", "validation")
    for split in splits:
        if file := source.find(task, language, split):
            return file, split
    return None
