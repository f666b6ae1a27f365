"""Scoring a folder in XTREME's layout: small folders, and folders that do not fit."""

import json
import shutil
import subprocess
import sys

import pytest

from xstilts.benchmarks import benchmark
from xstilts.errors import DataError, LanguageError
from xstilts.scorefolder import print_scores, score_folder

FILES = {  # metric -> (format, labels, predictions, values) of one small file
    "accuracy": ("tsv", "1\n0\n1\n1\n", "1\n0\n0\n0\n", {"accuracy": 50.0}),
    "span_f1": (
        "tsv", "B-PER\nO\n\nO\nB-LOC\n", "B-PER\nO\n\nO\nO\n",
        {"f1": 200 / 3, "precision": 100.0, "recall": 50.0, "token_accuracy": 75.0},
    ),
    "tagging_f1": (
        "tsv", "DET\nNOUN\n\nVERB\n", "DET\nADJ\n\nVERB\n",
        {"f1": 200 / 3, "precision": 200 / 3, "recall": 200 / 3, "token_accuracy": 200 / 3},
    ),
    "bucc_f1": ("tsv", "x-1\te-1\nx-2\te-2\n", "x-1\te-1\n", {"f1": 200 / 3, "precision": 100.0, "recall": 50.0}),
    "squad": ("json", {"q1": ["Denver"], "q2": ["8"]}, {"q1": "in Denver", "q2": "8"}, {"f1": 250 / 3, "exact_match": 50.0}),
    "mlqa": ("json", {"q1": ["Denver"], "q2": ["308"]}, {"q1": "in Denver", "q2": "308"}, {"f1": 250 / 3, "exact_match": 50.0}),
    "map_at_20": ("json", {"m1": ["Q1"], "m2": ["Q2"]}, {"m1": ["Q1"], "m2": ["Q3", "Q2"]}, {"map@20": 75.0}),
}  # fmt: skip


def as_squad(answers):
    qas = [{"id": key, "answers": [{"text": text} for text in texts]} for key, texts in answers.items()]
    return json.dumps({"data": [{"paragraphs": [{"qas": qas}]}]}, ensure_ascii=False)


def write_task(root, task, languages=None):
    """Write the small file of a task's metric in every language, on both sides."""
    form, labels, predictions, _ = FILES[task.metric]
    if form == "json":
        labels = as_squad(labels) if task.group == "qa" else json.dumps(labels)
        predictions = json.dumps(predictions)
    for side, content in (("labels", labels), ("predictions", predictions)):
        folder = root / side / task.folder
        folder.mkdir(parents=True)
        for language in task.languages if languages is None else languages:
            (folder / f"test-{language}.{form}").write_text(content, encoding="utf-8")


def task(suite, folder):
    return next(one for one in benchmark(suite).tasks if one.folder == folder)


@pytest.fixture
def suite_folder(tmp_path):
    """Return a function that writes tasks of a suite; the folders `predictions` and `labels` lie in its result."""

    def write(suite, folders=None, languages=None):
        for one in benchmark(suite).tasks:
            if folders is None or one.folder in folders:
                write_task(tmp_path, one, languages)
        return tmp_path

    return write


def score(suite, root):
    return score_folder(suite, root / "predictions", root / "labels")


@pytest.mark.parametrize("suite", ["xtreme", "xtreme-r"])
def test_a_whole_suite(suite_folder, suite):
    found = score(suite, suite_folder(suite))
    scores = {}
    for one in benchmark(suite).tasks:
        values = FILES[one.metric][3]
        for name, value in values.items():
            assert found["tasks"][one.folder][name] == dict.fromkeys(one.languages, pytest.approx(value))
            assert found["tasks"][one.folder][f"avg_{name}"] == pytest.approx(value)
        scores[one.folder] = sum(values[name] for name in one.values) / len(one.values)
        assert found["tasks"][one.folder]["avg_metric"] == pytest.approx(scores[one.folder])
    assert found["overall"] == pytest.approx(sum(scores.values()) / len(scores))
    kept = [one.folder for one in benchmark(suite).tasks if one.group != "retrieval"]
    assert found["without_retrieval"] == pytest.approx(sum(scores[name] for name in kept) / len(kept))
    kept.remove("tydiqa")
    assert found["without_retrieval_and_tydiqa"] == pytest.approx(sum(scores[name] for name in kept) / len(kept))
    assert found["groups"].keys() == {"classification", "tagging", "qa", "retrieval"}
    assert found["notes"] == [benchmark(suite).overall]


def test_the_languages_of_mlqa_have_their_own_rules(suite_folder):
    root = suite_folder("xtreme", {"mlqa"})
    for side, content in (
        ("labels", as_squad({"q1": ["电化电池"], "q2": ["x"]})),
        ("predictions", '{"q1": "电池", "q2": "x"}'),
    ):
        for language in ("zh", "de"):
            (root / side / "mlqa" / f"test-{language}.json").write_text(content, encoding="utf-8")
    f1 = score("xtreme", root)["tasks"]["mlqa"]["f1"]
    assert (f1["zh"], f1["de"]) == (pytest.approx(250 / 3), 50.0)


def test_xcopa_may_be_jsonl(suite_folder):
    root = suite_folder("xtreme-r", {"xcopa"})
    for side in ("labels", "predictions"):
        path = root / side / "xcopa" / "test-qu.tsv"
        path.with_suffix(".jsonl").write_text("".join(f'{{"label": {label}}}\n' for label in path.read_text().split()))
        if side == "labels":
            path.unlink()
    (root / "predictions" / "xcopa" / "test-qu.jsonl").unlink()  # labels as .jsonl, predictions as .tsv
    assert score("xtreme-r", root)["tasks"]["xcopa"]["accuracy"]["qu"] == 50.0


def test_a_task_that_one_side_lacks_is_named_and_no_overall_is_given(suite_folder):
    root = suite_folder("xtreme", {"xnli", "pawsx", "panx", "udpos"})
    shutil.rmtree(root / "labels" / "udpos")
    found = score("xtreme", root)
    assert found["tasks"].keys() == {"xnli", "pawsx", "panx"}
    assert found["groups"] == {"classification": 50.0}
    assert found["overall"] is found["without_retrieval"] is None
    assert f"udpos: not scored, it has no folder in {root / 'labels'}." in found["notes"]
    assert found["notes"][-1].endswith("not complete are: udpos, bucc2018, tatoeba, xquad, mlqa, tydiqa.")


def test_a_task_without_all_its_languages_counts_in_no_group(suite_folder):
    found = score("xtreme", suite_folder("xtreme", {"xnli"}, ["sw", "th"]))
    assert found["tasks"]["xnli"] == {"accuracy": {"sw": 50.0, "th": 50.0}, "avg_accuracy": 50.0, "avg_metric": 50.0}
    assert found["groups"] == {}
    assert any(note.startswith("xnli: no files for ar bg de") and "2 of 15 languages" in note for note in found["notes"])


def test_folders_of_another_suite_are_left_out(suite_folder):
    root = suite_folder("xtreme", {"xnli", "pawsx"})
    found = score("xtreme-r", root)
    assert found["tasks"].keys() == {"xnli"}
    assert f"{root / 'labels' / 'pawsx'}: left out, xtreme-r has no such task." in found["notes"]


def test_questions_without_a_prediction_score_0_and_are_counted(suite_folder):
    root = suite_folder("xtreme", {"xquad"})
    path = root / "predictions" / "xquad" / "test-th.json"
    path.write_text('{"q2": "8", "q9": "x"}')
    found = score("xtreme", root)
    assert found["tasks"]["xquad"]["exact_match"]["th"] == 50.0
    missing = "1 of 2 questions have no prediction and score 0, such as 'q1'."
    assert f"{path}: {missing} 1 predictions are for no questions of the labels, such as 'q9'." in found["notes"]


def edit(path, content):
    return lambda root: (root / path).write_text(content, encoding="utf-8")


def remove(path):
    return lambda root: (root / path).unlink()


MISTAKES = {
    "a missing prediction file": (
        remove("predictions/xnli/test-sw.tsv"),
        r"predictions/xnli has no file test-sw\.tsv or \.jsonl, and .*labels/xnli/test-sw\.tsv is there\. Every language",
    ),
    "a missing label file": (
        remove("labels/xquad/test-th.json"),
        r"labels/xquad has no file test-th\.json, and .*predictions/xquad/test-th\.json is there",
    ),
    "another ending": (
        lambda root: (root / "predictions/panx/test-my.tsv").rename(root / "predictions/panx/test-my.txt"),
        r"predictions/panx has no file test-my\.tsv, .* found test-my\.txt\. .* Add the missing one",
    ),
    "an ending too many": (
        edit("labels/xnli/test-sw.jsonl", '{"label": 0}\n'),
        r"labels/xnli has test-sw\.jsonl and test-sw\.tsv\. Expected one of them",
    ),
    "fewer lines": (
        edit("predictions/xnli/test-sw.tsv", "1\n0\n1\n"),
        r"predictions/xnli/test-sw\.tsv has 3 lines, and .*labels/xnli/test-sw\.tsv has 4\. .* counterpart is 4\. Write",
    ),
    "more lines": (edit("predictions/xnli/test-sw.tsv", "1\n0\n1\n1\n1\n"), "has 5 lines, and .* has 4"),
    "no lines": (edit("predictions/xnli/test-sw.tsv", ""), "has 0 lines, and .* has 4"),
    "no labels": (
        lambda root: (edit("labels/xnli/test-sw.tsv", "")(root), edit("predictions/xnli/test-sw.tsv", "")(root)),
        r"labels/xnli/test-sw\.tsv is empty\. Expected the gold labels of xnli in sw",
    ),
    "constant labels": (
        edit("labels/xnli/test-sw.tsv", "0\n0\n0\n0\n"),
        r"labels/xnli/test-sw\.tsv: all 4 labels are '0', so they are a placeholder .* with the true labels",
    ),
    "constant tags": (
        lambda root: [edit(f"{side}/panx/test-my.tsv", "O\nO\n\nO\n\nO\n")(root) for side in ("labels", "predictions")],
        r"labels/panx/test-my\.tsv: all 4 tags are 'O', so they are a placeholder",
    ),
    "constant answers": (
        edit("labels/xquad/test-th.json", as_squad({"q1": ["x"], "q2": ["x"]})),
        r"labels/xquad/test-th\.json: all 2 answers to its questions are \('x',\), so they are a placeholder",
    ),
    "other sentences": (
        edit("predictions/panx/test-my.tsv", "B-PER\nO\nO\n\nO\n"),
        r"predictions/panx/test-my\.tsv, line 3 is 'O', and in .*labels/panx/test-my\.tsv it is empty\. Expected a tag",
    ),
    "a sentence too short": (edit("predictions/panx/test-my.tsv", "B-PER\n\nO\nO\n"), r"line 2 is empty, and in .* it is 'O'"),
    "a tag too few": (edit("predictions/panx/test-my.tsv", "B-PER\nO\n\nO\n"), "has 4 lines, and .* has 5"),
    "an unknown language": (
        edit("predictions/xnli/test-xx.tsv", "1\n"),
        r"predictions/xnli/test-xx\.tsv: unknown language 'xx'\. Files of xnli are of ar bg .*\. Rename the file",
    ),
    "a language misspelt": (edit("labels/xnli/test-swa.tsv", "1\n"), r"unknown language 'swa'\. Did you mean 'sw'\?"),
    "malformed JSON": (edit("labels/xquad/test-th.json", '{"data": [\n,]}'), r"labels/xquad/test-th\.json, line 2, column 1"),
    "malformed lines": (edit("predictions/panx/test-my.tsv", "a\tB-PER\nO\n\nO\nO\n"), r"test-my\.tsv, line 1 has 2 columns"),
    "answers to other questions": (
        edit("predictions/xquad/test-th.json", '{"x1": "308"}'),
        r"test-th\.json has a prediction for 0 of the 2 questions of .*, such as 'q1'; it has 1 others\. Expected the same",
    ),
    "a question without an answer": (
        edit("labels/xquad/test-th.json", as_squad({"q1": ["x"], "q2": []})),
        r"labels/xquad/test-th\.json: question 'q2' has 0 answers; expected at least one\. Use a copy",
    ),
    "a folder misspelt": (
        lambda root: (root / "predictions/bucc").mkdir(),
        r"predictions: unknown task folder 'bucc'\. Did you mean 'bucc2018'\? .* Rename the folder",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_place(suite_folder, mistake):
    root = suite_folder("xtreme", {"xnli", "panx", "xquad"})
    make, message = MISTAKES[mistake]
    score("xtreme", root)
    make(root)
    with pytest.raises((DataError, LanguageError), match=message) as caught:
        score("xtreme", root)
    assert "\n" not in str(caught.value)


def test_a_query_without_a_right_item(suite_folder):
    root = suite_folder("xtreme-r", {"mewslix"})
    edit("labels/mewslix/test-fa.json", '{"m1": ["Q1"], "m2": []}')(root)
    with pytest.raises(DataError, match=r"mewslix/test-fa\.json: query 'm2' has 0 right items; expected at least one"):
        score("xtreme-r", root)


def test_folders_that_are_not_there(suite_folder):
    root = suite_folder("xtreme", {"xnli"})
    with pytest.raises(DataError, match=r"the folder of labels, .*gold, is not there\. .* Give its path with --labels"):
        score_folder("xtreme", root / "predictions", root / "gold")
    with pytest.raises(DataError, match=r"have no task folder in common\. Expected at least one of pawsx, xnli, "):
        score_folder("xtreme", root / "predictions", root)


def test_the_table_says_how_the_overall_is_defined(suite_folder, capsys):
    print_scores(score("xtreme-r", suite_folder("xtreme-r")))
    printed = capsys.readouterr().out
    assert "XTREME-R's own script cannot output one; here it is the mean of the 10 task scores." in printed
    assert "without retrieval and tydiqa" in printed
    assert "mewslix" in printed


def test_the_command_prints_a_mistake_without_a_traceback(suite_folder):
    root = suite_folder("xtreme", {"xnli"})
    (root / "predictions/xnli/test-sw.tsv").unlink()
    where = ["--predictions", root / "predictions", "--labels", root / "labels"]
    ran = subprocess.run(
        [sys.executable, "-m", "xstilts.cli", "score", "--suite", "xtreme", *map(str, where)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "test-sw.tsv" in ran.stderr
    assert "Traceback" not in ran.stderr
