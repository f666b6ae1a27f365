"""Where a study's encoders and data lie, and whether what the study needs is there."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.constructed.language import Language
from xstilts.data import Source, mirror_folder, open_source
from xstilts.data.availability import available_languages, evaluation_file
from xstilts.data.pool import shared_pool
from xstilts.encoder import PICKLED, VOCABULARIES
from xstilts.errors import DataError
from xstilts.spec import DataSpec
from xstilts.study_check import Use, can_train, mapping
from xstilts.study_retrieval import missing_partners
from xstilts.study_yaml import Mistake, Place
from xstilts.task import Task

INDEX = "model.safetensors.index.json"


@dataclass(frozen=True)
class Places:
    """The folders that a study names, absolute.

    Attributes:
        encoders: name of an encoder -> its folder, for those given by path.
        data: `mirror` and `local` -> the folder, for those that the study names.

    """

    encoders: Mapping[str, Path]
    data: Mapping[str, Path]


def find_places(data: Mapping[str, Any], folder: Path) -> tuple[Places, list[Mistake]]:
    """Look paths up in the study file's folder, then in the working directory, and check that encoders are complete."""
    encoders: dict[str, Path] = {}
    mistakes = []
    for name, encoder in mapping(data.get("encoders")).items():
        written = mapping(encoder).get("path")
        place: Place = ("encoders", name, "path")
        if isinstance(written, str):
            found, tried = look_up(written, folder)
            if found:
                encoders[name] = found
                mistakes += [Mistake(place, f"`encoders.{name}.path`: {text}") for text in encoder_problems(found)]
            else:
                mistakes.append(Mistake(place, not_found(f"encoders.{name}.path", written, tried)))
    folders: dict[str, Path] = {}
    for name in ("mirror", "local"):
        written = mapping(data.get("data")).get(name)
        if isinstance(written, str):
            found, tried = look_up(written, folder)
            if found:
                folders[name] = found
            else:
                mistakes.append(Mistake(("data", name), not_found(f"data.{name}", written, tried)))
    return Places(encoders, folders), mistakes


def missing_data(
    uses: tuple[list[Use], list[Use]],
    languages: Mapping[str, tuple[str, ...]],
    source_language: str,
    spec: DataSpec,
    partners: tuple[str, ...] = (),
    declared: tuple[Language, ...] = (),
) -> Iterator[Mistake]:
    """Yield what the study needs and its data source lacks: training data of all tasks, then evaluation data.

    Args:
        uses: the tasks in intermediates, and the targets.
        languages: target -> canonical tags that the study lists for it.
        source_language: whose training data is read.
        spec: where the data lies.
        partners: canonical tags of the partners of parallel texts; none where each language has all others.
        declared: constructed languages that the study declares.

    """
    try:
        source = open_source(spec, declared)
        mixed, targets = uses
        checked: set[str] = set()
        for use in mixed + targets:
            task = use.trained
            if task.name not in checked and can_train(task) and source_language in task.languages:
                checked.add(task.name)
                if source.find(task, source_language, "train") is None:
                    why = "" if task is use.task else f", on which '{use.task.name}' is trained,"
                    text = f"no training data of '{task.name}'{why} in {source_language}: "
                    text += f"{lacking(task, source_language, spec)}, split train. {remedy(task)}"
                    yield Mistake(use.place, text)
        for use in targets:
            yield from _missing_evaluation(use, languages.get(use.task.name, ()), source, spec)
            if use.task.multiway:
                yield from missing_partners(use, languages.get(use.task.name, ()), partners, source)
    except DataError as error:
        yield Mistake(("data", "mirror"), f"`data`: {error}")


def present_data(
    wanted: Mapping[str, tuple[str, ...]], tasks: Mapping[str, Task], source_language: str, spec: DataSpec
) -> dict[str, tuple[str, ...]]:
    """Return those tasks of benchmarks that the data source can train and evaluate, each with the languages that it has.

    Args:
        wanted: name of a task -> canonical tags that the benchmarks evaluate it in.
        tasks: name -> every task that the study can name.
        source_language: whose training data is read.
        spec: where the data lies.

    """
    try:
        source = open_source(spec)
        found = {}
        for name, tags in wanted.items():
            task, trained = tasks[name], tasks[name].training_task(tasks)
            needed = []
            if can_train(trained) and source_language in trained.languages:
                needed.append(source.find(trained, source_language, "train"))
            if task.pool:
                needed.append(shared_pool(source, task))
            available = available_languages(source, task)
            there = tuple(t for t in tags if t in available and not evaluation_file(source, task, t)[0].awaited)
            if there and all(file and not file.awaited for file in needed):
                found[name] = there
    except DataError:  # `missing_data` tells it
        return dict(wanted)
    return found


def look_up(written: str, folder: Path) -> tuple[Path | None, list[Path]]:
    """Return the first place that exists, and the places tried, absolute."""
    path = Path(os.path.expanduser(written))  # noqa: PTH111 (Path.expanduser raises for an unknown user)
    tried = list(dict.fromkeys(Path(os.path.normpath(base / path)) for base in (folder.absolute(), Path.cwd())))
    return next((place for place in tried if _exists(place)), None), tried


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, no permission, a NUL
        return False


def not_found(field: str, written: str, tried: Iterable[Path]) -> str:
    """Word the mistake of a path that is nowhere."""
    places = " nor ".join(str(path) for path in tried)
    neither = "neither " if " nor " in places else "no "
    return (
        f"`{field}` is '{written}': {neither}{places} exists. Paths are looked up beside the study file, then in "
        "the working directory. Correct the path, or make the folder."
    )


def encoder_problems(folder: Path) -> Iterator[str]:
    """Yield what keeps a folder from being a Hugging Face encoder."""
    if not folder.is_dir():
        yield f"{folder} is a file; expected the folder that holds config.json. Name the folder."
        return
    remedy = "Save the model and its tokenizer with `save_pretrained`."
    if not (folder / "config.json").is_file():
        yield f"{folder} lacks config.json. {remedy}"
    elif not isinstance(_json(folder / "config.json"), dict):
        yield f"{folder / 'config.json'} is not a JSON mapping. {remedy}"
    yield from _weight_problems(folder, remedy)
    if not any(file for pattern in VOCABULARIES for file in folder.glob(pattern)):
        yield f"{folder} lacks a tokenizer (tokenizer.json, or a vocabulary such as sentencepiece.bpe.model). {remedy}"


def _weight_problems(folder: Path, remedy: str) -> Iterator[str]:
    if (folder / INDEX).is_file():
        index = _json(folder / INDEX)
        shards = mapping(mapping(index).get("weight_map")).values()
        missing = sorted({str(name) for name in shards if not (folder / str(name)).is_file()})
        if missing:
            yield f"{folder} lacks {', '.join(missing)}, which {INDEX} names. Copy the missing files."
        elif not shards:
            yield f"{folder / INDEX} names no weights; expected a `weight_map`. {remedy}"
    elif not any((folder / name).is_file() for name in ("model.safetensors", PICKLED)):
        yield f"{folder} lacks weights: neither model.safetensors nor {PICKLED} is there. {remedy}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _missing_evaluation(use: Use, requested: tuple[str, ...], source: Source, spec: DataSpec) -> Iterator[Mistake]:
    task = use.task
    available = available_languages(source, task)
    without = [tag for tag in requested or task.languages if tag not in available]
    if not without or (available and not requested):  # without a list, what the source lacks is left out of the study
        return
    where = f"{lacking(task, without[0], spec)}, split test or validation"
    if requested:
        has = f" It has {', '.join(available)}." if 0 < len(available) <= 20 else ""
        text = f"no evaluation data of '{task.name}' in {', '.join(without)}: {where}.{has} "
        yield Mistake(("languages", task.name), text + "Take the languages out, or add the data.")
    else:
        text = f"no evaluation data of '{task.name}' in any of its languages: {where}. {remedy(task)}"
        yield Mistake(use.place, text)


def lacking(task: Task, language: str, spec: DataSpec) -> str:
    """Word that the data source has nothing of a task in a language."""
    if task.own is not None:
        return f"`tasks.{task.name}.data` names no file for it"
    mirror = mirror_folder(spec)
    paths = " and ".join(dict.fromkeys(data.path for data in task.more))
    more = f", or not all of {paths}, which belong to the task too" if paths else ""
    place = f"the mirror {mirror}" if mirror else "the hub"
    return f"{place} does not hold {task.data_of(language).path}, configuration {task.config(language)}{more}"


def remedy(task: Task) -> str:
    """Say what to do where the data of a task is missing."""
    return f"{task.obtain} Or take the task out." if task.obtain else "Add it, or take the task out."
