"""The toy study from the command line to the table, and back from the table to the evidence."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import toy
import xstilts
from in_process import contents, go, rows
from xstilts.cli import main
from xstilts.fingerprint import key_of
from xstilts.metrics.tagging import tagging_f1
from xstilts.spec import FLOOR, RunSpec

COLUMNS = [
    "study", "encoder", "intermediate", "target", "language", "seed", "split", "metric", "value", "n", "zero_shot",
    "deviation", "score_key", "variant", "flags",
]  # fmt: skip


@pytest.fixture(scope="module")
def table(toy_run: toy.Run) -> pd.DataFrame:
    return pd.read_csv(toy_run.out / "results.csv", keep_default_na=False)


@pytest.fixture
def copied(toy_run: toy.Run, tmp_path: Path) -> Path:
    """Return a copy of the finished store, to be changed."""
    return Path(shutil.copytree(toy_run.out, tmp_path / "out"))


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr("sys.argv", ["xstilts", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def evidence(out: Path, score_key: str) -> list[dict[str, Any]]:
    """Return the predictions that a score was computed from, found as stage.json says."""
    manifest = json.loads((out / "score" / score_key / "stage.json").read_text())
    assert manifest["predictions"] == [f"predict/{key}/predictions.parquet" for key in manifest["stage"]["predictions"]]
    (path,) = manifest["predictions"]
    found: list[dict[str, Any]] = pq.read_table(out / path).to_pylist()
    return found


def test_the_run_says_what_it_did(toy_run: toy.Run) -> None:
    assert toy_run.stdout == f"toy: 66 stages run, 0 failed, 0 blocked. Results: {toy_run.out / 'results.parquet'}\n"
    assert toy_run.stderr.startswith("toy: 66 of 66 stages to run\n[1/66] train ")
    assert "Traceback" not in toy_run.stderr
    assert "[66/66] score accuracy" in toy_run.stderr


def test_the_table_has_a_row_for_every_score(table: pd.DataFrame, toy_run: toy.Run) -> None:
    assert list(table.columns) == COLUMNS
    pd.testing.assert_frame_equal(pd.read_parquet(toy_run.out / "results.parquet"), table, check_dtype=False)
    headline = table[table["metric"].isin(["accuracy", "f1"])]
    cells = headline.groupby(["intermediate", "target"], sort=False).size().to_dict()
    intermediates = ("baseline", "nli", "nli-then-qqp", "both")
    per_target = {"xnli": 3, "udpos": 2, "tatoeba": 2}  # languages; of tatoeba both directions
    assert cells == {(i, t): n for i in intermediates for t, n in per_target.items()} | {(FLOOR, "tatoeba"): 2}
    assert set(table["metric"]) == {"accuracy", "f1", "precision", "recall", "token_accuracy"}
    assert [set(table[name]) for name in ("study", "encoder", "seed", "split")] == [{"toy"}, {"tiny"}, {1}, {"test"}]
    assert list(table["zero_shot"]) == list(table["language"] != "eng_Latn")
    sizes = "xnli training data: 48 rows in place of the standard task's 392,702"
    baseline = table[(table["intermediate"] == "baseline") & (table["target"] == "xnli")]
    assert set(baseline["deviation"]) == {sizes}
    assert set(table[table["intermediate"] == FLOOR]["deviation"]) == {""}


def test_the_toy_tasks_are_learnt_and_transfer(table: pd.DataFrame) -> None:
    means = table[table["metric"].isin(["accuracy", "f1"])].groupby(["intermediate", "target", "zero_shot"])["value"].mean()
    for intermediate in ("nli", "nli-then-qqp", "both"):
        assert means[intermediate, "xnli", False] > 60
        assert means[intermediate, "xnli", True] > means["baseline", "xnli", True]
        assert means[intermediate, "udpos", False] > 60


def test_every_value_can_be_computed_again_from_its_predictions(table: pd.DataFrame, toy_run: toy.Run) -> None:
    for row in table.to_dict("records"):
        found = [one for one in evidence(toy_run.out, row["score_key"]) if one.get("variant", "") == row["variant"]]
        gold, predicted = [one["gold"] for one in found], [one["prediction"] for one in found]
        assert row["n"] == len(found) == 24
        if row["metric"] == "accuracy":
            expected = 100 * sum(g == p for g, p in zip(gold, predicted, strict=True)) / 24
        elif row["metric"] == "token_accuracy":
            pairs = [pair for g, p in zip(gold, predicted, strict=True) for pair in zip(g, p, strict=True)]
            expected = 100 * sum(g == p for g, p in pairs) / len(pairs)
        else:
            expected = tagging_f1(gold, predicted)[row["metric"]]
        assert row["value"] == pytest.approx(expected, abs=1e-9)


def test_predictions_are_those_of_the_data(table: pd.DataFrame, toy_run: toy.Run) -> None:
    data = toy.datasets()["facebook/xnli"]
    labels = ("entailment", "neutral", "contradiction")
    xnli = table[(table["target"] == "xnli") & (table["intermediate"] == "nli")]
    for language, code in (("eng_Latn", "en"), ("deu_Latn", "de"), ("swh_Latn", "sw")):
        found = evidence(toy_run.out, xnli[xnli["language"] == language]["score_key"].item())
        assert [one["example_id"] for one in found] == [str(i) for i in range(24)]
        assert [one["gold"] for one in found] == [labels[row["label"]] for row in data[f"{code}/test"]]
        for one in found:
            assert sum(one["probabilities"]) == pytest.approx(1, abs=1e-6)
            assert one["prediction"] == labels[max(range(3), key=one["probabilities"].__getitem__)]


def test_a_trained_folder_is_a_plain_hugging_face_model(table: pd.DataFrame, toy_run: toy.Run) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

    def opened(target: str, kind: Any) -> tuple[Any, Any, list[dict[str, Any]]]:
        rows = table[(table["target"] == target) & (table["language"] == "deu_Latn") & (table["intermediate"] == "both")]
        score = rows.iloc[0]["score_key"]
        (predict,) = json.loads((toy_run.out / "score" / score / "stage.json").read_text())["inputs"]
        (train,) = json.loads((toy_run.out / "predict" / predict / "stage.json").read_text())["inputs"]
        folder = toy_run.out / "train" / train
        return kind.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder), evidence(toy_run.out, score)

    model, tokenizer, found = opened("xnli", AutoModelForSequenceClassification)
    for row, one in zip(toy.datasets()["facebook/xnli"]["de/test"], found, strict=True):
        with torch.inference_mode():
            logits = model(**tokenizer(row["premise"], row["hypothesis"], return_tensors="pt")).logits[0]
        torch.testing.assert_close(logits.softmax(-1), torch.tensor(one["probabilities"]), atol=1e-6, rtol=0)
        assert model.config.id2label[int(logits.argmax())] == one["prediction"]

    model, tokenizer, found = opened("udpos", AutoModelForTokenClassification)
    for row, one in zip(toy.datasets()["google/xtreme"]["udpos.German/test"], found, strict=True):
        encoded = tokenizer(row["tokens"], is_split_into_words=True, return_tensors="pt")
        first = [encoded.word_ids(0).index(word) for word in range(len(row["tokens"]))]
        with torch.inference_mode():
            best = model(**encoded).logits[0, first].softmax(-1).max(-1)
        torch.testing.assert_close(best.values, torch.tensor(one["probabilities"]), atol=1e-6, rtol=0)
        assert [model.config.id2label[int(tag)] for tag in best.indices] == one["prediction"]


def test_every_stage_says_how_it_was_made(toy_run: toy.Run) -> None:
    manifests = [json.loads(path.read_text()) for path in toy_run.out.glob("*/*/stage.json")]
    assert len(manifests) == 66
    assert {json.dumps(one["run"], sort_keys=True) for one in manifests} == {
        json.dumps(RunSpec(out=toy_run.out).model_dump(mode="json"), sort_keys=True)
    }
    for one in manifests:
        assert (toy_run.out / one["stage"]["stage"] / one["key"] / "stage.json").is_file()
        assert key_of(one["stage"]) == one["key"]
        assert one["provenance"]["packages"]["torch"]
        assert one["device"] in ("cpu", "cuda", "mps")
        assert one["seconds"] > 0
    trained = [one for one in manifests if one["stage"]["stage"] == "train"]
    assert {one["updates"] for one in trained} == {60, 80}  # 48 rows, or 32 + 32, in eights, ten times
    assert {one["skipped_rows"] for one in trained} == {0}


def test_the_library_gives_the_same_table(toy_run: toy.Run, copied: Path, table: pd.DataFrame) -> None:
    study = xstilts.load_study(toy_run.study)
    assert len(xstilts.make_plan(study).stages) == 66
    for given in (study, toy_run.study, str(toy_run.study)):
        pd.testing.assert_frame_equal(xstilts.run(given, out=copied), table, check_dtype=False)
    shutil.rmtree(copied / "score")
    pd.testing.assert_frame_equal(xstilts.run(study, out=str(copied), device="cpu", keep="none"), table, check_dtype=False)


def test_a_damaged_model_is_told_and_made_again(
    toy_run: toy.Run, copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(copied, "model.safetensors", "predictions.parquet", "scores.json")
    plan = xstilts.make_plan(xstilts.load_study(toy_run.study))
    predict = next(stage for stage in plan.stages.values() if stage.kind == "predict")
    model = copied / "train" / predict.inputs[0] / "model.safetensors"
    os.truncate(model, 1000)
    (copied / "predict" / predict.key / "predictions.parquet").unlink()
    assert command(monkeypatch, "run", toy_run.study, "--out", copied) == 0
    said = capsys.readouterr()
    assert f"({predict.inputs[0]}) is damaged: model.safetensors has 1000 bytes instead of" in said.err
    assert f"({predict.key}) is damaged: predictions.parquet is missing. Moved to" in said.err
    assert "toy: 2 stages run, 0 failed, 0 blocked" in said.out  # the score, which is whole, is not computed again
    assert contents(copied, "model.safetensors", "predictions.parquet", "scores.json") == before
    assert len(list((copied / "damaged").iterdir())) == 2


@pytest.fixture
def spoilt(tmp_path: Path, write_mirror: Callable[..., Path]) -> Path:
    """Return a mirror with a bad row in English training data and two in the German test split."""
    data = toy.datasets()
    data["facebook/xnli"]["en/train"][5] = {**data["facebook/xnli"]["en/train"][5], "label": 7}
    for i in (0, 9):
        data["facebook/xnli"]["de/test"][i] = {**data["facebook/xnli"]["de/test"][i], "premise": " "}
    return write_mirror(tmp_path / "spoilt", data)


def test_bad_rows_are_left_out_and_counted(write_study: Callable[..., Path], spoilt: Path, tmp_path: Path) -> None:
    study = write_study(**toy.small(data={"mirror": str(spoilt), "on_bad_row": "skip"}))
    outcome, _ = go(study, tmp_path / "out")
    assert outcome.failed == {}
    found = {(row["intermediate"], row["language"]): (row["n"], row["deviation"]) for row in rows(outcome, tmp_path / "out")}
    assert len(found) == 4
    for (_, language), (n, deviation) in found.items():
        assert n == (24 if language == "eng_Latn" else 22)
        assert deviation.endswith("; 1 bad row left out" if language == "eng_Latn" else "; 3 bad rows left out")


def test_a_bad_row_stops_what_reads_it_and_nothing_else(
    write_study: Callable[..., Path],
    spoilt: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = toy.small(data={"mirror": str(spoilt)}, targets=["xnli", "udpos"], languages={"xnli": ["de"], "udpos": ["en"]})
    assert command(monkeypatch, "run", write_study(**changes), "--out", tmp_path / "out") == 1
    said = capsys.readouterr()
    # one training run fails with and one without nli; each blocks a prediction and a score
    assert "toy: 7 stages run, 2 failed, 4 blocked" in said.out
    assert said.err.count("en/train.parquet, row 5 (counted from 0): label 7; expected an integer 0..2") == 4
    assert "failed: train xnli, seed 1 (" in said.err
    assert "Traceback" not in said.err
    table = pd.read_csv(tmp_path / "out" / "results.csv")
    assert set(table["target"]) == {"udpos"}
    status = command(monkeypatch, "status", tmp_path / "toy.yaml", "--out", tmp_path / "out", "--json")
    state = json.loads(capsys.readouterr().out)
    assert (status, state["to_run"], len(state["failed"])) == (0, 6, 2)
    assert "label 7" in state["failed"][0]["reason"]
