"""A study file -> StudySpec; every mistake in it at once, each with its line, what is allowed and what to do."""

from pathlib import Path

from xstilts.errors import StudyError
from xstilts.spec import DataSpec, StudySpec
from xstilts.study_check import canonical_languages, canonical_source, mapping, mistakes_in, uses
from xstilts.study_places import Places, find_places, missing_data
from xstilts.study_tasks import declared_tasks
from xstilts.study_wording import validated
from xstilts.study_yaml import read_document
from xstilts.tasks import TASKS


def load_study(path: str | Path, *, need_data: bool = True) -> StudySpec:
    """Read a study file; in the result folders are absolute and languages are canonical tags.

    Of encoders and the mirror only folders and lists of files are looked at, no row; of own tasks' files every row, once.

    Args:
        path: the study file.
        need_data: whether it is a mistake that the data source lacks a file; `supply` tells of each such file itself.

    Raises:
        StudyError: with every mistake of the file, in the order of its lines.

    """
    path = Path(path)
    document = read_document(path)
    data = document.data
    study, mistakes = validated(StudySpec, data)
    declared, wrong_tasks = declared_tasks(data, path.absolute().parent, TASKS)
    sound = {**TASKS, **declared.tasks}
    tasks = {**sound, **declared.stand_ins()}
    mistakes += wrong_tasks
    mistakes += mistakes_in(data, tasks)
    source, wrong_source = canonical_source(data, tasks)
    languages, wrong_languages = canonical_languages(data, tasks)
    places, wrong_places = find_places(data, path.absolute().parent)
    mistakes += wrong_source + wrong_languages + wrong_places
    named = [name for name in ("mirror", "local") if mapping(data.get("data")).get(name) is not None]
    if need_data and all(name in places.data for name in named):
        spec = DataSpec.model_validate(places.data)
        mistakes += missing_data(uses(data, sound), languages, source, spec)
    problems = document.problems(mistakes)
    if study is None or problems:
        raise StudyError(str(path), problems)
    return _with_places(study, places, languages, source).model_copy(update={"tasks": declared.specs})


def _with_places(study: StudySpec, places: Places, languages: dict[str, tuple[str, ...]], source: str) -> StudySpec:
    encoders = {
        name: encoder.model_copy(update={"path": places.encoders[name]}) if name in places.encoders else encoder
        for name, encoder in study.encoders.items()
    }
    data = study.data.model_copy(update=places.data)
    return study.model_copy(update={"encoders": encoders, "data": data, "languages": languages, "source": source})
