"""Score a folder of predictions in XTREME's layout against a folder of labels, as the official scripts do."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.benchmarks import BENCHMARKS, Benchmark, BenchmarkTask, averages, benchmark, task_averages
from xstilts.data.xtreme_files import (
    read_answers,
    read_labels,
    read_pairs,
    read_questions,
    read_rankings,
    read_tags,
)
from xstilts.display import print_table
from xstilts.errors import DataError, LanguageError, nearest, unknown
from xstilts.metrics import metric

Sides = tuple[Sequence[Any], Sequence[Any], str]  # gold, predicted, and a note or ""


def score_folder(suite: str, predictions: Path, labels: Path) -> dict[str, Any]:
    """Score the tasks that both folders have, in the languages that both have files for.

    A task counts in the averages when all its languages are there. Questions and queries without a prediction score 0,
    as in the official scripts; a note tells how many.

    Args:
        suite: name of a benchmark with a layout: `xtreme` or `xtreme-r`.
        predictions: folder with `<task>/test-<language>.<format>`.
        labels: folder of the same form with the gold labels.

    Returns:
        `{"suite", "tasks": {task: {value: {language: percent}, "avg_<value>": percent, "avg_metric": percent}}, "groups":
        {group: percent}, "overall", "without_retrieval", "without_retrieval_and_tydiqa": percent or None, "notes": [text]}`;
        a task is called as its folder is.

    Raises:
        DataError: when a folder or a file is missing or malformed, when the two sides do not fit together, or when all
            labels of a file are the same.
        LanguageError: when a file is of a language that the task does not have.

    """
    chosen = benchmark(suite)
    folders, notes = _folders(chosen, predictions, labels)
    tasks: dict[str, dict[str, Any]] = {}
    whole: dict[str, float] = {}
    for task in chosen.tasks:
        if task.folder not in folders:
            continue
        files = _files(task, predictions / task.folder, labels / task.folder)
        missing = [language for language in task.languages if language not in files]
        if not files:
            notes.append(f"{task.folder}: not scored, for its folders have no files.")
            continue
        scores = {language: _score(task, language, *files[language], notes) for language in files}
        means = task_averages(task, scores)
        names = next(iter(scores.values()))
        tasks[task.folder] = {name: {language: scores[language][name] for language in scores} for name in names} | means
        if missing:
            notes.append(
                f"{task.folder}: no files for {' '.join(missing)}, so its averages are of {len(files)} of "
                f"{len(task.languages)} languages and count in no group and no overall."
            )
        else:
            whole[task.name] = means["avg_metric"]
    found = averages(chosen, whole)
    notes.append(chosen.overall)
    if lacking := [task.folder for task in chosen.tasks if task.name not in whole]:
        notes.append(f"There is no overall here, for not complete are: {', '.join(lacking)}.")
    return {
        "suite": suite,
        "tasks": tasks,
        "groups": dict(found.groups),
        "overall": found.overall,
        "without_retrieval": found.without_retrieval,
        "without_retrieval_and_tydiqa": found.without_retrieval_and_tydiqa,
        "notes": notes,
    }


def print_scores(result: Mapping[str, Any]) -> None:
    """Print one line a task, then the averages, then the notes."""
    suite = benchmark(result["suite"])
    rows: list[list[Any]] = []
    for task in suite.tasks:
        if scored := result["tasks"].get(task.folder):
            values = [name.removeprefix("avg_") for name in scored if name.startswith("avg_") and name != "avg_metric"]
            means = ", ".join(f"{name} {scored[f'avg_{name}']:.2f}" for name in values)
            rows.append([task.folder, task.group, len(scored[values[0]]), scored["avg_metric"], means])
    print_table(["task", "group", "languages", "score", "means over languages"], rows, title=f"{suite.title}, in per cent")
    lines = [[name, value] for name, value in result["groups"].items()]
    lines += [
        [name.replace("_", " "), result[name]] for name in ("overall", "without_retrieval", "without_retrieval_and_tydiqa")
    ]
    print_table(
        ["mean of", "score"], [[name, "unknown" if value is None else value] for name, value in lines], notes=result["notes"]
    )


def _folders(suite: Benchmark, predictions: Path, labels: Path) -> tuple[set[str], list[str]]:
    """Return the task folders that both sides have, and notes on the others."""
    for path, what in ((predictions, "predictions"), (labels, "labels")):
        if not path.is_dir():
            raise DataError(
                f"the folder of {what}, {path}, is not there. Expected one with a folder for each task. "
                f"Give its path with --{what}."
            )
    ours = [task.folder for task in suite.tasks]
    theirs = {task.folder for other in BENCHMARKS.values() for task in other.tasks}
    found = {path: {p.name for p in path.iterdir() if p.is_dir()} for path in (predictions, labels)}
    notes = []
    for path, names in found.items():
        for name in sorted(names - set(ours)):
            if name not in theirs and nearest(name, ours):
                raise DataError(f"{path}: {unknown('task folder', name, ours)} Rename the folder or take it out.")
            notes.append(f"{path / name}: left out, {suite.name} has no such task.")
    both = found[predictions] & found[labels] & set(ours)
    if not both:
        raise DataError(
            f"{predictions} and {labels} have no task folder in common. Expected at least one of {', '.join(ours)} in both: "
            "check that the two paths are not swapped with others, and that folders are named as here."
        )
    for name in ours:
        if name not in both:
            where = " and ".join(str(path) for path, names in found.items() if name not in names)
            notes.append(f"{name}: not scored, it has no folder in {where}.")
    return both, notes


def _files(task: BenchmarkTask, predictions: Path, labels: Path) -> dict[str, tuple[Path, Path]]:
    """Return language -> (predictions, labels), in the task's order of languages."""
    formats, _ = _FORMS[task.metric]
    predicted, gold = (_test_files(task, folder, formats) for folder in (predictions, labels))
    for language in sorted(predicted.keys() ^ gold.keys()):
        there, folder = (gold, predictions) if language in gold else (predicted, labels)
        others = sorted(path.name for path in folder.glob(f"test?{language}*"))
        raise DataError(
            f"{folder} has no file test-{language}.{' or .'.join(formats)}, and {there[language]} is there"
            + (f"; found {', '.join(others)}" if others else "")
            + ". Every language needs both files. Add the missing one, or take the other out."
        )
    return {language: (predicted[language], gold[language]) for language in task.languages if language in gold}


def _test_files(task: BenchmarkTask, folder: Path, formats: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if not (match := re.fullmatch(rf"test-(.+)\.({'|'.join(formats)})", path.name)):
            continue
        language = match[1]
        if language not in task.languages:
            raise LanguageError(f"{path}: {unknown('language', language, task.languages, hint=_hint(task))}")
        if language in found:
            raise DataError(f"{folder} has {found[language].name} and {path.name}. Expected one of them: take the other out.")
        found[language] = path
    return found


def _hint(task: BenchmarkTask) -> str:
    return f"Files of {task.folder} are of {' '.join(task.languages)}. Rename the file or take it out."


def _score(task: BenchmarkTask, language: str, predictions: Path, labels: Path, notes: list[str]) -> dict[str, float]:
    """Score one language of a task; what the reader has to know is added to the notes."""
    gold, predicted, note = _FORMS[task.metric][1](predictions, labels)
    if not gold:
        raise DataError(f"{labels} is empty. Expected the gold labels of {task.folder} in {language}. Fill it or take it out.")
    if note:
        notes.append(f"{predictions}: {note}")
    return metric(task.metric).compute(gold, predicted, language=language)


def _labels(predictions: Path, labels: Path) -> Sides:
    gold, predicted = read_labels(labels), read_labels(predictions)
    _require_equal_length(predictions, len(predicted), labels, len(gold))
    _refuse_constant(labels, gold, "labels")
    return gold, predicted, ""


def _tags(predictions: Path, labels: Path) -> Sides:
    gold, predicted = read_tags(labels), read_tags(predictions)
    for number, (right, given) in enumerate(zip(gold, predicted, strict=False), start=1):
        if bool(right) != bool(given):
            raise DataError(
                f"{predictions}, line {number} {f'is {given!r}' if given else 'is empty'}, and in {labels} it "
                f"{f'is {right!r}' if right else 'is empty'}. Expected a tag for each tag and an empty line after each "
                "sentence, as in the labels: correct the predictions from here on."
            )
    _require_equal_length(predictions, len(predicted), labels, len(gold))
    sentences = _sentences(gold)
    if len(sentences) > 2:  # one tag throughout may be true of a sentence or two, and is of one file of XTREME's own check
        _refuse_constant(labels, [tag for tag in gold if tag], "tags")
    return sentences, _sentences(predicted), ""


def _sentences(lines: Sequence[str]) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for tag in lines:
        if tag:
            sentences[-1].append(tag)
        else:
            sentences.append([])
    return sentences if lines else []


def _pairs(predictions: Path, labels: Path) -> Sides:
    return read_pairs(labels), read_pairs(predictions), ""


def _questions(predictions: Path, labels: Path) -> Sides:
    gold = read_questions(labels)
    for key, answers in gold.items():
        if not answers:
            raise DataError(f"{labels}: question {key!r} has 0 answers; expected at least one. Use a copy with the answers.")
    return _by_id(predictions, read_answers(predictions), labels, gold, "questions")


def _rankings(predictions: Path, labels: Path) -> Sides:
    gold = read_rankings(labels)
    for key, items in gold.items():
        if not items:
            raise DataError(f"{labels}: query {key!r} has 0 right items; expected at least one. Use a copy that has them.")
    return _by_id(predictions, read_rankings(predictions), labels, gold, "queries")


def _by_id(predictions: Path, predicted: Mapping[str, Any], labels: Path, gold: Mapping[str, Any], what: str) -> Sides:
    _refuse_constant(labels, list(gold.values()), f"answers to its {what}")
    missing = [key for key in gold if key not in predicted]
    if gold and len(missing) == len(gold):
        raise DataError(
            f"{predictions} has a prediction for 0 of the {len(gold)} {what} of {labels}, such as {missing[0]!r}; "
            f"it has {len(predicted)} others. Expected the same ids: check that the files are of the same language and split."
        )
    parts = []
    if missing:
        parts.append(f"{len(missing)} of {len(gold)} {what} have no prediction and score 0, such as {missing[0]!r}.")
    if strange := predicted.keys() - gold.keys():
        parts.append(f"{len(strange)} predictions are for no {what} of the labels, such as {min(strange)!r}.")
    return list(gold.values()), [predicted.get(key) for key in gold], " ".join(parts)


def _require_equal_length(predictions: Path, predicted: int, labels: Path, gold: int) -> None:
    if predicted != gold:
        raise DataError(
            f"{predictions} has {predicted} lines, and {labels} has {gold}. Expected one prediction for each label, in the "
            f"same order: the first line without its counterpart is {min(predicted, gold) + 1}. Write the predictions anew."
        )


def _refuse_constant(labels: Path, gold: Sequence[Any], what: str) -> None:
    if len(gold) > 1 and all(one == gold[0] for one in gold):
        raise DataError(
            f"{labels}: all {len(gold)} {what} are {gold[0]!r}, so they are a placeholder and a score would mean nothing. "
            "Expected at least two different ones: use a copy with the true labels, or take the language out."
        )


# metric -> formats of its files, and what reads the predictions and the labels
_FORMS: Mapping[str, tuple[tuple[str, ...], Callable[[Path, Path], Sides]]] = {
    "accuracy": (("tsv", "jsonl"), _labels),
    "tagging_f1": (("tsv",), _tags),
    "span_f1": (("tsv",), _tags),
    "bucc_f1": (("tsv",), _pairs),
    "squad": (("json",), _questions),
    "mlqa": (("json",), _questions),
    "map_at_20": (("json", "jsonl"), _rankings),
}
