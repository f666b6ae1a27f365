"""Mistakes in what a study says of its own tasks: each is told once, with its line in the study file."""

from pathlib import Path
from typing import Any

import pytest

from own_world import CSV, own_study, own_task, write
from study_world import assert_one, problems

EN = {"train": {"en": "data/en.csv"}}
CASES: dict[str, Any] = {  # what is wrong -> changes of the task, where its line is found, what the message says
    "file missing": (
        {"data": EN | {"test": {"sw": "data/enn.csv"}}}, '"sw"', "`tasks.mine.data.test.sw` is 'data/enn.csv': ",
            "Did you mean 'en.csv'?"
    ),
    "a folder": ({"data": EN | {"test": {"sw": "data"}}}, '"sw"', "`tasks.mine.data.test.sw` is a folder",
        "expected a file. Name one of "),
    "unknown extension": (
        {"data": {"test": {"sw": "data/a.jsn"}}}, '"sw"', "unknown extension '.jsn'. Did you mean '.jsonl'?",
            "Save the file in one of"
    ),
    "no extension": ({"data": {"test": {"sw": "data/plain"}}}, '"sw"', "plain: no extension. Allowed: .csv, .tsv"),
    "unknown kind": (
        {"kind": "clasification"}, '"kind"', "`tasks.mine.kind` is the text 'clasification'", "Did you mean 'classification'?"
    ),
    "a kind that own tasks have not": ({"kind": "ranking"}, '"kind"',
        "'ranking'; expected 'classification', 'multiple_choice', 'ta"),
    "unknown metric": ({"metric": "acuracy"}, '"metric"', "unknown metric 'acuracy'. Did you mean 'accuracy'?",
        "leave it out for"),
    "another kind's metric": ({"metric": "squad"}, '"metric"',
        "'squad' is none of a classification task's. Allowed: accuracy."),
    "unknown role": ({"columns": {"frist": "a"}}, '"frist"', "unknown role 'frist'. Did you mean 'first'?",
        "classification task's"),
    "role without a column": ({"columns": {"first": ""}}, '"first"', "`first` names no column; expected a column's name"),
    "role with two columns": ({"columns": {"first": ["a", "b"]}}, '"first": [', "`first` names 2 columns, a, b; expected one"),
    "column is a mapping": ({"columns": {"first": {}}}, '"first": {',
        "`tasks.mine.columns.first` is an empty mapping; expected text"),
    "unknown field": ({"colums": {}}, '"colums"', "`tasks.mine`: unknown field 'colums'. Did you mean 'columns'?"),
    "kind left out": ({"kind": None}, '"mine"', "`tasks.mine` lacks `kind`. Add it, for example `kind: classification`"),
    "data left out": ({"data": None}, '"mine"',
        "`tasks.mine` lacks `data`. Add it, for example `data: {train: {en: train.csv}}`"),
    "no file": ({"data": {}}, '"data": {}', "`tasks.mine.data` names no file; expected one at least"),
    "file without its language": (
        {"data": {"test": "data/en.csv"}}, '"test"', "`tasks.mine.data.test` is the text 'data/en.csv'; expected a mapping"
    ),
    "unknown split": ({"data": {"tset": {"sw": "data/en.csv"}}}, '"tset"', "unknown field 'tset'. Did you mean 'test'?"),
    "path is a number": ({"data": {"test": {"sw": 5}}}, '"sw"', "`tasks.mine.data.test.sw` is 5; expected the path of a file"),
    "unknown language": ({"data": EN | {"test": {"Swahilli": "data/sw.csv"}}}, '"Swahilli"',
        "unknown language 'Swahilli'. Did you"),
    "ambiguous language": ({"data": EN | {"test": {"zh": "data/sw.csv"}}}, '"zh"', "ambiguous language 'zh'", "Write the tag"),
    "language twice": (
        {"data": {"train": {"en": "data/en.csv", "eng": "data/sw.csv"}}}, '"eng"', "'en' and 'eng' both mean eng_Latn",
            "Join the files"
    ),
    "two languages with one file": (
        {"data": EN | {"test": {"sw": "data/en.csv"}}}, '"sw"',
            "`tasks.mine.data.test.sw` and `tasks.mine.data.train.en` are one file"
    ),
    "one label": ({"labels": ["billing"]}, '"labels"', "`tasks.mine.labels` has one label, 'billing'; expected at least two"),
    "label twice": ({"labels": ["a", "b", "a"]}, '    "a"', "`tasks.mine.labels` names 'a' twice; each counts once"),
    "label is a number": ({"labels": [0, "b"]}, "    0", "`tasks.mine.labels[0]` is 0; expected text. Put it in quotes: '0'."),
    "unlabelled training data": (
        {"columns": {"label": "topic"}, "data": EN | {"test": {"sw": "data/topic.csv"}}}, '"en"',
            "no column 'topic' for `label`; expected labels",
    ),
    "second text in some files only": (
        {"data": EN | {"test": {"sw": "data/pair.csv"}}}, '"en"', "en.csv: no column 'second'",
            "pairs in all files of the task, or in"
    ),
    "one label to learn": ({"data": {"train": {"en": "data/one.csv"}}}, '"en"',
        "all 2 examples have the label 'billing', so there is"),
    "train_from an unknown task": ({"train_from": "xlni", "data": {"test": {"sw": "data/sw.csv"}}}, '"train_from"', "'xlni'",
        "'xnli'?"),
    "train_from beside training data": ({"train_from": "xnli"}, '"train_from"',
        "`data.train` has training data too; expected one"),
    "train_from another kind": (
        {"train_from": "udpos", "data": {"test": {"sw": "data/sw.csv"}}}, '"train_from"',
            "'udpos' is tagging, this task classification"
    ),
    "train_from other labels": (
        {"train_from": "xnli", "data": {"test": {"sw": "data/sw.csv"}}}, '"train_from"', "unknown label 'billing'",
            "give `labels` the same names."
    ),
    "train_from a task without training data": (
        {"kind": "span", "labels": None, "train_from": "xquad", "data": {"test": {"sw": "data/span.jsonl"}}}, '"train_from"',
        "'xquad' has no training data of its own. Name squad_v1",
    ),
    "labels of a kind that has none": (
        {"kind": "span", "data": {"test": {"sw": "data/span.jsonl"}}}, '"labels"',
            "a span task has no labels of its own. Remove",
    ),
    "retrieval with training data": (
        {"kind": "retrieval", "labels": None}, '"en"', "`tasks.mine.data.train.en`: retrieval trains nothing",
            "Call it so, or remove it"
    ),
    "tagging from csv": ({"kind": "tagging"}, '"en"', "a cell of en.csv holds no list of words; expected .conll"),
    "classification from conll": ({"data": {"train": {"en": "data/a.conll"}}}, '"en"',
        "a.conll holds tagged words; expected .csv"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))
    span = '{"context": "a", "question": "b", "answers": ["a"], "starts": [0]}\n'
    files = {
        "sw.csv": CSV, "a.jsn": "", "plain": "", "a.conll": "a O\n", "topic.csv": "first,topic\na,billing\n",
        "span.jsonl": span,
        "pair.csv": "first,second,label\na,b,billing\n", "one.csv": "first,label\na,billing\nb,billing\n",
    }  # fmt: skip
    for name, content in files.items():
        write(tmp_path / "data" / name, content)
    return tmp_path


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_told_once_with_its_line(case: Any, folder: Path) -> None:
    changes, where, *words = case
    study = own_study(folder, {"mine": own_task(folder, "classification", **changes)}, targets=["xnli"])
    (line, *_) = [number for number, text in enumerate(study.read_text().splitlines(), start=1) if where in text][::-1]
    assert_one(problems(study), line, *words)


def test_a_built_in_name_is_refused(folder: Path) -> None:
    study = own_study(folder, {"xnli": own_task(folder, "classification")})
    assert_one(problems(study), 9, "`tasks`: 'xnli' is the name of a built-in task", "Choose another name.")


def test_a_broken_task_is_not_told_where_it_is_used(folder: Path) -> None:
    task = own_task(folder, "classification", metric="acuracy")
    study = own_study(
        folder, {"mine": task}, intermediates={"baseline": [], "own": ["mine"]}, languages={"mine": ["Swahili"]},
        overrides={"target/mine": {"epochs": 1}},
    )  # fmt: skip
    (told,) = problems(study)
    assert "unknown metric" in told.message


def test_a_misspelt_own_task_is_told_with_the_nearest(folder: Path) -> None:
    study = own_study(folder, {"tickets": own_task(folder, "classification")}, targets=["ticket"])
    (told,) = problems(study)
    assert "`targets`: unknown task 'ticket'. Did you mean 'tickets'?" in told.message


def test_an_own_target_needs_training_and_test_data(folder: Path) -> None:
    alone = own_task(folder, "classification", data={"test": {"sw": "data/sw.csv"}})
    (told,) = problems(own_study(folder, {"mine": alone}))
    assert "'mine' has no training data, so no head can be trained for it" in told.message
    untested = own_task(folder, "classification")
    (told,) = problems(own_study(folder, {"mine": untested}))
    assert "no evaluation data of 'mine' in any of its languages: `tasks.mine.data` names no file for it" in told.message
    (told,) = problems(own_study(folder, {"mine": {**untested, "data": EN | {"test": {"sw": "data/sw.csv"}}}}, source="de"))
    assert "'mine' has no examples in the source language deu_Latn" in told.message
