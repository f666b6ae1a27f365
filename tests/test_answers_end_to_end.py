"""Questions and choices from the study file to the table, and back to the predictions."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import toy
from in_process import go, rows
from xstilts.execute.local import Outcome
from xstilts.metrics.squad import squad
from xstilts.metrics.squad2 import answered, best_thresholds, squad2
from xstilts.plan import PlannedScore
from xstilts.store import Store
from xstilts.task import Task
from xstilts.tasks import TASKS

PLAIN = toy.WORDS["DET"] + toy.WORDS["NOUN"]
TRAIN = {"learning_rate": 3e-3, "epochs": 6, "batch_size": 8, "max_length": 24, "precision": "float32"}


def questions(count: int, seed: str, *, unanswerable: float) -> list[toy.Row]:
    """Return rows that ask for the one verb of a text, which some texts do not have; a quarter of them is many windows long."""
    draw, found = random.Random(seed), []
    for _ in range(count):
        words, answer = draw.choices(PLAIN, k=draw.choice((3, 4, 5, 20))), draw.choice(toy.WORDS["VERB"])
        at = draw.randint(0, len(words))
        before = "".join(f"{word} " for word in words[:at])
        none = draw.random() < unanswerable
        context = " ".join(words) if none else before + " ".join([answer, *words[at:]])
        answers: Mapping[str, Any] = {"text": [] if none else [answer], "answer_start": [] if none else [len(before)]}
        found.append({"context": context, "question": "who", "answers": answers})
    return found


def choices(count: int, seed: str) -> list[toy.Row]:
    """Return rows of five options, of which one is a verb."""
    draw, found = random.Random(seed), []
    for _ in range(count):
        options, right = draw.sample(PLAIN, 5), draw.randrange(5)
        options[right] = draw.choice(toy.WORDS["VERB"])
        found.append({"question": "who", "choices": {"label": list("ABCDE"), "text": options}, "answerKey": "ABCDE"[right]})
    return found


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = {"train": 160, "validation": 60, "test": 50}
    return toy.write_mirror(
        tmp_path_factory.mktemp("answers") / "mirror",
        {
            "rajpurkar/squad": {f"plain_text/{split}": questions(sizes[split], split, unanswerable=0) for split in sizes},
            "rajpurkar/squad_v2": {f"squad_v2/{split}": questions(sizes[split], split, unanswerable=0.3) for split in sizes},
            "google/xquad": {f"xquad.{code}/validation": questions(40, code, unanswerable=0) for code in ("en", "th")},
            "tau/commonsense_qa": {f"default/{split}": choices(sizes[split], split) for split in ("train", "validation")},
        },
    )


def run(tmp_path: Path, encoder: Path, mirror: Path, **changes: Any) -> tuple[Outcome, Path]:
    study = toy.write_study(tmp_path, encoder, mirror, **{"intermediates": {"baseline": []}, "train": TRAIN, **changes})
    outcome, log = go(study, tmp_path / "out")
    assert (outcome.failed, log.said) == ({}, [])
    return outcome, tmp_path / "out"


def evidence(outcome: Outcome, out: Path, planned: PlannedScore) -> list[list[dict[str, Any]]]:
    store, keys = Store(out), planned.stage.inputs
    return [pq.read_table(store.folder(outcome.plan.stages[key]) / "predictions.parquet").to_pylist() for key in keys]


def columns(table: list[dict[str, Any]], *names: str) -> list[list[Any]]:
    return [[row[name] for row in table] for name in names]


def test_a_study_of_questions_and_choices(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    changes = {"intermediates": {"baseline": [], "both": [{"mix": ["commonsenseqa", "squad_v2"]}]}}
    outcome, out = run(tmp_path, tiny_encoder, mirror, targets=["xquad", "squad_v2", "commonsenseqa"], **changes)
    headlines = {"xquad": "f1", "squad_v2": "f1", "commonsenseqa": "accuracy"}
    found = {(r["intermediate"], r["target"], r["language"], r["metric"]): r for r in rows(outcome, out)}
    for planned in outcome.plan.scores:
        target = planned.cell.target
        row = found[planned.cell.intermediate, target, planned.language, headlines[target]]
        (table,) = evidence(outcome, out, planned)
        assert row["flags"] == ("oracle-threshold" if target == "squad_v2" else "")
        assert row["n"] == len(table)
        assert list(table[0]) == ["example_id", "gold", "prediction", "probabilities"] + ["null_difference"] * (
            target != "commonsenseqa"
        )
        gold, predicted = columns(table, "gold", "prediction")
        if target == "xquad":
            assert row["value"] == squad(gold, predicted)["f1"] > 60
            assert all(predicted), "an answer is always given"
        elif target == "squad_v2":
            (null,) = columns(table, "null_difference")
            best = best_thresholds(gold, predicted, null)
            assert row["value"] == best["best_f1"] > 60
            scores = json.loads((out / "score" / planned.stage.key / "scores.json").read_text())
            assert scores["threshold"] == best["best_f1_thresh"]
            assert [] in gold
        else:
            assert row["value"] == 100 * sum(g == p for g, p in zip(gold, predicted, strict=True)) / 60 > 60
            assert all(len(row["probabilities"]) == 5 for row in table)


def put(monkeypatch: pytest.MonkeyPatch, task: Task) -> None:
    for place in ("planner", "study_file"):
        monkeypatch.setattr(f"xstilts.{place}.TASKS", {**TASKS, task.name: task})


def test_a_test_split_is_scored_with_the_threshold_of_source_validation(
    tmp_path: Path, tiny_encoder: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = TASKS["squad_v2"]
    splits = {split: split for split in ("train", "validation", "test")}
    put(monkeypatch, replace(task, data=replace(task.data, splits=splits)))  # type: ignore[arg-type]
    outcome, out = run(tmp_path, tiny_encoder, mirror, targets=["squad_v2"])
    (planned,) = outcome.plan.scores
    evaluated, tuned = evidence(outcome, out, planned)
    assert (len(evaluated), len(tuned)) == (50, 60)
    threshold = best_thresholds(*columns(tuned, "gold", "prediction", "null_difference"))["best_f1_thresh"]
    gold, predicted, null = columns(evaluated, "gold", "prediction", "null_difference")
    expected = squad2(gold, answered(predicted, null, threshold))
    assert expected != squad2(gold, predicted)
    assert {row["metric"]: row["value"] for row in rows(outcome, out)} == expected
    assert {(row["split"], row["flags"], row["n"]) for row in rows(outcome, out)} == {("test", "", 50)}


@pytest.mark.parametrize("seed", [1, 2])
def test_guessing_is_flagged(tmp_path: Path, tiny_encoder: Path, mirror: Path, seed: int) -> None:
    settings = {**TRAIN, "learning_rate": 1e-9, "epochs": 1}
    outcome, out = run(tmp_path, tiny_encoder, mirror, targets=["commonsenseqa"], train=settings, seeds=[seed])
    (row,) = rows(outcome, out)
    assert row["value"] < 100 * 18 / 60  # 60 examples of five options: 18 right ones are above chance at 5%, 17 are not
    assert row["flags"] == "at-chance,source-at-chance"
