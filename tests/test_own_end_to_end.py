"""A study with tasks of its own from start to end: csv, CoNLL and JSON Lines, and test data without labels."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import toy
from in_process import go, rows
from own_world import write
from xstilts.cli import app
from xstilts.planner import make_plan
from xstilts.study_file import load_study

NAMES = ("billing", "network", "other")


def table(code: str, split: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["text", "number", "topic"])
    for i, row in enumerate(toy.datasets()["facebook/xnli"][f"{code}/{split}"]):
        writer.writerow([row["hypothesis"], i, NAMES[row["label"]]])
    return out.getvalue()


def conll(name: str, split: str) -> str:
    found = toy.datasets()["google/xtreme"][f"udpos.{name}/{split}"]
    sentences = [zip(row["tokens"], row["pos_tags"], strict=True) for row in found]
    return "\n".join("".join(f"{word}\t_\t{tag}\n" for word, tag in sentence) for sentence in sentences)


def unlabelled(code: str) -> str:
    return "".join(f"{json.dumps({'text': row['hypothesis']})}\n" for row in toy.datasets()["facebook/xnli"][f"{code}/test"])


TASKS = {
    "tickets": {
        "kind": "classification",
        "data": {
            "train": {"English": "data/en.csv"},
            "validation": {"en": "data/en-validation.csv"},
            "test": {"eng": "data/en-test.csv", "de": "data/de-test.csv", "sw": "data/sw.jsonl"},
        },
        "columns": {"first": "text", "label": "topic"},
    },
    "words": {
        "kind": "tagging",
        "data": {"train": {"en": "data/en.conll"}, "test": {"de": "data/de.conll"}},
        "labels": ["2", "5", "7", "15"],
        "metric": "token_accuracy",
    },
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, toy_mirror: Path) -> Path:
    folder = tmp_path_factory.mktemp("own")
    for name, content in {
        "en.csv": table("en", "train"),
        "en-validation.csv": table("en", "validation"),
        "en-test.csv": table("en", "test"),
        "de-test.csv": table("de", "test"),
        "sw.jsonl": unlabelled("sw"),
        "en.conll": conll("English", "train"),
        "de.conll": conll("German", "test"),
    }.items():
        write(folder / "data" / name, content)
    both = [{"mix": ["mnli", "words"]}]
    settings = {"learning_rate": 5e-3, "epochs": 8, "batch_size": 8, "max_length": 64, "precision": "float32"}
    return toy.write_study(
        folder, tiny_encoder, toy_mirror, tasks=TASKS, intermediates={"baseline": [], "both": both}, train=settings,
        targets=["tickets", "words"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def out(study: Path) -> Path:
    out = study.parent / "out"
    outcome, log = go(study, out)
    assert not outcome.failed
    assert log.kinds == {"train": 5, "predict": 8, "score": 6}
    return out


def command(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_scores_are_those_of_labelled_files_alone(study: Path, out: Path) -> None:
    outcome, log = go(study, out)
    assert log.kinds == {}  # the second run does nothing
    found = {(row["intermediate"], row["target"], row["language"]): row for row in rows(outcome, out)}
    places = [("tickets", "eng_Latn"), ("tickets", "deu_Latn"), ("words", "deu_Latn")]
    assert list(found) == [(intermediate, *place) for intermediate in ("baseline", "both") for place in places]
    assert {row["n"] for row in found.values()} == {24}
    assert {row["split"] for row in found.values()} == {"test"}
    assert found["baseline", "words", "deu_Latn"]["value"] > 45  # of four tags in equal parts
    assert [row["zero_shot"] for row in found.values()] == [False, True, True] * 2


def test_predictions_without_labels_are_shown_and_exported(study: Path, out: Path) -> None:
    unscored = "2 predictions of data without labels, not scored: `xstilts predictions` has them."
    for verb in ("plan", "status", "results"):
        assert unscored in command(verb, study, "--out", out)
    where = command("predictions", study, "--out", out, "--target", "tickets", "--language", "Swahili")
    assert where.count("/predict/") == 2
    said = command(
        "predictions", study, "--out", out, "--target", "tickets", "--language", "sw", "--intermediate", "baseline",
        "--seed", "1", "--format", "csv",
    )  # fmt: skip
    lines = list(csv.DictReader(io.StringIO(said)))
    assert [line["example_id"] for line in lines] == [str(i) for i in range(24)]
    assert {line["gold"] for line in lines} == {""}
    for line in lines:
        probabilities = json.loads(line["probabilities"])
        assert line["prediction"] == NAMES[probabilities.index(max(probabilities))]  # the labels of the training data, sorted
    assert {(line["intermediate"], line["language"], line["split"]) for line in lines} == {("baseline", "swh_Latn", "test")}


def test_what_has_no_predictions_is_refused(study: Path, out: Path) -> None:
    for option, value, near in (
        ("--target", "ticket", "'tickets'"),
        ("--language", "Swahilli", "swh_Latn"),
        ("--seed", "2", "1"),
    ):
        wanted = {"--target": "tickets", option: value}
        arguments = [part for pair in wanted.items() for part in pair]
        done = CliRunner().invoke(app, ["predictions", str(study), "--out", str(out), *arguments])
        assert near in str(done.exception)
    done = CliRunner().invoke(
        app, ["predictions", str(study), "--out", str(out / "none"), "--target", "words", "--format", "csv"]
    )
    assert "none of the 2 prediction files is there yet. `xstilts run` makes them." in str(done.exception)


def test_a_changed_file_runs_its_own_stages_alone_and_a_moved_one_none(study: Path, out: Path) -> None:
    test = study.parent / "data" / "de-test.csv"
    write(test, table("de", "test") + "the river,24,other\n")
    _, log = go(study, out)
    assert (
        sorted((stage.kind, stage.value.get("task")) for stage in log.ran if stage.kind != "score")
        == [("predict", "tickets")] * 2
    )
    assert log.kinds == {"predict": 2, "score": 2}
    test.rename(test.with_name("german.csv"))
    study.write_text(study.read_text().replace("de-test.csv", "german.csv"))
    _, log = go(study, out)
    assert log.kinds == {}
    train = study.parent / "data" / "en.csv"
    write(train, table("en", "train") + "the river,48,other\n")
    _, log = go(study, out)
    assert log.kinds == {"train": 2, "predict": 6, "score": 4}


def test_columns_and_labels_are_in_the_key(study: Path) -> None:
    spec = load_study(study)
    before = make_plan(spec)

    def trained(**changes: object) -> set[str]:
        tickets = spec.tasks["tickets"].model_copy(update=changes)
        plan = make_plan(spec.model_copy(update={"tasks": {**spec.tasks, "tickets": tickets}}))
        return {stage.key for stage in plan.stages.values() if stage.title == "train tickets, seed 1"}

    same = {stage.key for stage in before.stages.values() if stage.title == "train tickets, seed 1"}
    assert trained() == same
    assert not trained(columns={"first": "text", "label": "number"}) & same
    assert not trained(labels=("other", "network", "billing")) & same
