"""XTREME's own check, to the last digit: files and averages of `evaluate_test.py` in google-research/xtreme."""

import json
import os
from pathlib import Path

import pytest

from xstilts.metrics import metric
from xstilts.metrics.total import total

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[2] / "../shared"))
GOLDEN = SHARED / "golden" / "xtreme"
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"XTREME's golden files are not at {GOLDEN}")

# the scorer's own order of languages: it adds their scores in this order, which decides the last digit
LANGUAGES = {
    "pawsx": "de en es fr ja ko zh",
    "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
    "panx": "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh "
    "kk tr et fi hu",
    "udpos": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh",
    "bucc2018": "de fr ru zh",
    "tatoeba": "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu",
}
METRIC = {
    "pawsx": "accuracy",
    "xnli": "accuracy",
    "panx": "span_f1",
    "udpos": "tagging_f1",
    "bucc2018": "bucc_f1",
    "tatoeba": "accuracy",
}
GROUPS = {
    "classification": ("pawsx", "xnli"),
    "tagging": ("udpos", "panx"),
    "retrieval": ("bucc2018", "tatoeba"),
}


def read_lines(path):
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def read_sentences(path):
    sentences = [[]]
    for tag in read_lines(path):
        if tag:
            sentences[-1].append(tag)
        else:
            sentences.append([])
    return sentences if sentences[-1] else sentences[:-1]


def read_pairs(path):
    return [tuple(line.split("\t")) for line in read_lines(path)]


READ = {"accuracy": read_lines, "span_f1": read_sentences, "tagging_f1": read_sentences, "bucc_f1": read_pairs}


def mean_scores(task):
    """Score every language of a task and average each value over them, as XTREME's `evaluate` does."""
    scorer, read = metric(METRIC[task]), READ[METRIC[task]]
    files = [f"{task}/test-{language}.tsv" for language in LANGUAGES[task].split()]
    scores = [scorer.compute(read(GOLDEN / "labels" / file), read(GOLDEN / "predictions" / file)) for file in files]
    return {value: total(score[value] for score in scores) / len(scores) for value in scores[0]}


@pytest.fixture(scope="module")
def expected():
    return json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["xtreme"]


@pytest.mark.parametrize("task", LANGUAGES)
def test_task_is_reproduced_to_the_last_digit(task, expected):
    found = mean_scores(task)
    assert {value: found[value] for value in expected[task]} == expected[task]


@pytest.mark.parametrize("group", GROUPS)
def test_group_is_reproduced_to_the_last_digit(group, expected):
    means = [mean_scores(task)[metric(METRIC[task]).headline] for task in GROUPS[group]]
    assert total(means) / len(means) == expected["overall"][group]


def test_no_language_of_the_files_is_left_out():
    for task, languages in LANGUAGES.items():
        files = {path.name for path in (GOLDEN / "labels" / task).iterdir()}
        assert files == {f"test-{language}.tsv" for language in languages.split()}
