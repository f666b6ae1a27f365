"""A benchmark's averages over a study: the official arithmetic, and never an average over other languages unsaid."""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import toy
from xstilts.benchmark_scores import benchmark_scores, print_benchmark
from xstilts.benchmarks import Benchmark, BenchmarkTask, benchmark
from xstilts.cli import main
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.scorefolder import score_folder
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.submission import choose, write_submission

QA = ("exact_match", "f1")
SMALL = Benchmark(  # the toy study has all of it
    name="small",
    title="Small: 5 tasks",
    tasks=(
        BenchmarkTask("xnli", "classification", "accuracy", ("accuracy",), ("sw", "en", "de"), "xnli"),
        BenchmarkTask("udpos", "tagging", "tagging_f1", ("f1",), ("en", "de"), "udpos"),
        BenchmarkTask("xquad", "qa", "squad", QA, ("en", "th"), "xquad"),
        BenchmarkTask("tydiqa", "qa", "squad", QA, ("sw", "ko"), "tydiqa"),
        BenchmarkTask("tatoeba", "retrieval", "accuracy", ("accuracy",), ("de",), "tatoeba", "direction=source-to-foreign"),
    ),
    overall="Overall: the mean of the 5.",
)


@pytest.fixture(scope="module")
def results(benchmark_run: toy.Run) -> Results:
    return Results(make_plan(load_study(benchmark_run.study)), Store(benchmark_run.out))


def means(results: Results, intermediate: str, target: str, metric: str, codes: int) -> list[float]:
    """Return the mean over languages of each seed, by hand."""
    found = []
    for seed in (1, 2):
        wanted = {"intermediate": intermediate, "target": target, "metric": metric, "seed": seed}
        rows = [row for row in results.rows() if all(row[name] == value for name, value in wanted.items())]
        values = [row["value"] for row in rows if "foreign-to-source" not in row["variant"]]
        assert len(values) == codes
        found.append(math.fsum(values) / codes)
    return found


def line(scores: dict[str, Any], intermediate: str) -> dict[str, Any]:
    (found,) = [row for row in scores["rows"] if row["intermediate"] == intermediate]
    return found


@pytest.mark.parametrize("intermediate", ["baseline", "nli"])
def test_averages_of_a_benchmark_that_is_complete(results: Results, intermediate: str) -> None:
    found = line(benchmark_scores(results, SMALL), intermediate)
    values = {
        ("xnli", "accuracy"): 3, ("udpos", "f1"): 2, ("xquad", "exact_match"): 2, ("xquad", "f1"): 2,
        ("tydiqa", "exact_match"): 2, ("tydiqa", "f1"): 2, ("tatoeba", "accuracy"): 1,
    }  # fmt: skip
    mean = {key: sum(means(results, intermediate, *key, count)) / 2 for key, count in values.items()}
    score = {key[0]: mean[key] for key in mean if key[0] in ("xnli", "udpos", "tatoeba")}
    score |= {name: (mean[name, "exact_match"] + mean[name, "f1"]) / 2 for name in ("xquad", "tydiqa")}
    for (task, name), value in mean.items():
        assert found["tasks"][task][f"avg_{name}"] == pytest.approx(value)
        assert found["tasks"][task]["score"] == pytest.approx(score[task])
        assert found["tasks"][task]["complete"]
    assert found["groups"] == pytest.approx(
        {
            "classification": score["xnli"], "tagging": score["udpos"], "retrieval": score["tatoeba"],
            "qa": (score["xquad"] + score["tydiqa"]) / 2,
        }
    )  # fmt: skip
    trained = [score[name] for name in ("xnli", "udpos", "xquad", "tydiqa")]
    assert found["overall"] == pytest.approx((sum(trained) + score["tatoeba"]) / 5)
    assert found["without_retrieval"] == pytest.approx(sum(trained) / 4)
    assert found["without_retrieval_and_tydiqa"] == pytest.approx(sum(trained[:3]) / 3)


def test_one_seed_s_averages_are_those_of_the_scored_files(results: Results, tmp_path: Path) -> None:
    write_submission(results, benchmark("xtreme"), choose(results.plan, None, "nli", 2), tmp_path / "p", tmp_path / "l")
    scored = score_folder("xtreme", tmp_path / "p", tmp_path / "l")
    one = results.plan.study.model_copy(update={"seeds": (2,)})
    found = line(benchmark_scores(Results(make_plan(one), results.store), benchmark("xtreme")), "nli")
    names = {task.folder: task.name for task in benchmark("xtreme").tasks}
    for folder, values in scored["tasks"].items():
        task = found["tasks"][names[folder]]
        assert task["score"] == values["avg_metric"]
        counted = [name for name in task if name.startswith("avg_")]
        assert counted
        assert {name: task[name] for name in counted} == {name: values[name] for name in counted}


def test_what_is_missing_is_named_and_in_no_average(results: Results) -> None:
    scores = benchmark_scores(results, benchmark("xtreme"))
    found = line(scores, "nli")
    assert (found["overall"], found["without_retrieval"], found["groups"]) == (None, None, {})
    pawsx = found["tasks"]["pawsx"]
    assert (pawsx["languages"], pawsx["of"], pawsx["complete"]) == (2, 7, False)
    assert pawsx["score"] == pytest.approx(sum(means(results, "nli", "pawsx", "accuracy", 2)) / 2)
    assert "pawsx: 2 of 7 languages, without de es ja ko zh." in scores["notes"]
    assert scores["notes"][0] == benchmark("xtreme").overall
    assert scores["notes"][-1].startswith("A score in brackets is over the languages that are there")
    assert any("bucc" in text or "validation split" in text for text in scores["deviations"])


def test_a_seed_that_lacks_a_score_makes_its_task_partial(results: Results) -> None:
    class Fewer(Results):
        def rows(self) -> Any:
            lost = {"target": "xquad", "language": "tha_Thai", "seed": 1, "intermediate": "nli"}
            return (row for row in super().rows() if not all(row[name] == value for name, value in lost.items()))

    scores = benchmark_scores(Fewer(results.plan, results.store), SMALL)
    xquad = line(scores, "nli")["tasks"]["xquad"]
    assert (xquad["languages"], xquad["of"], xquad["complete"]) == (1, 2, False)
    english = [row["value"] for row in results.rows() if row["target"] == "xquad" and row["language"] == "eng_Latn"]
    assert min(english) <= xquad["avg_f1"] <= max(english)
    assert line(scores, "nli")["overall"] is None
    assert set(line(scores, "nli")["groups"]) == {"classification", "tagging", "retrieval"}
    assert line(scores, "baseline")["overall"] is not None
    assert "xquad: scores are missing in 1 of 2 rows; `xstilts status` tells why." in scores["notes"]


def test_a_task_that_xstilts_lacks_is_said_to_be_lacking(results: Results) -> None:
    other = replace(SMALL, tasks=(*SMALL.tasks, BenchmarkTask("none", "retrieval", "accuracy", ("accuracy",), ("de",), "none")))
    scores = benchmark_scores(results, other)
    assert "none: not evaluated, for xstilts has no task of this name." in scores["notes"]
    found = line(scores, "nli")
    assert found["tasks"]["none"] == {"score": None, "languages": 0, "of": 1, "complete": False}
    assert (found["overall"], found["without_retrieval"] is None, "retrieval" in found["groups"]) == (None, False, False)


def test_each_setting_of_retrieval_has_a_row(benchmark_run: toy.Run, tmp_path: Path) -> None:
    from in_process import go

    study = json.loads(benchmark_run.study.read_text())
    study |= {"name": "layers", "targets": ["tatoeba", "bucc"], "intermediates": {"baseline": []}, "seeds": [1]}
    study["retrieval"] = {"layers": [0, 2], "centred": "both"}
    (tmp_path / "layers.yaml").write_text(json.dumps(study))
    outcome, _ = go(tmp_path / "layers.yaml", tmp_path / "out")
    results = Results(outcome.plan, Store(tmp_path / "out"))
    retrieval = (task for task in benchmark("xtreme").tasks if task.group == "retrieval")
    suite = replace(SMALL, tasks=(SMALL.tasks[0], *retrieval))
    scores = benchmark_scores(results, suite)
    assert {row["intermediate"] for row in scores["rows"]} == {"baseline"}, "the floor is no intermediate"
    found = {row["setting"]: row["tasks"] for row in scores["rows"]}
    assert set(found) == {f"layer={layer} centred={word}" for layer in (0, 2) for word in ("no", "yes")}
    for setting, tasks in found.items():
        parts = {*setting.split(), "direction=source-to-foreign"}
        rows = [row for row in results.rows() if row["intermediate"] == "baseline" and parts <= set(row["variant"].split())]
        assert [row["value"] for row in rows] == [tasks["tatoeba"]["score"]]
        assert tasks["bucc"]["languages"] == 2


@dataclass
class Told:
    """Stands for the results of a plan: rows that are given."""

    plan: Any
    given: list[dict[str, Any]]

    def rows(self) -> Any:
        return iter(self.given)


def test_flores_counts_the_pairs_with_english_in_one_direction(toy_study: Path) -> None:
    plan = make_plan(load_study(toy_study))
    rows = [
        {"encoder": "tiny", "intermediate": "nli", "target": "flores200", "language": language, "seed": 1, "metric": metric,
         "value": value, "deviation": "", "flags": "", "variant": f"layer=1 centred=no partner={partner} direction={way}"}
        for language, metric, value, partner, way in (
            ("deu_Latn", "accuracy", 40.0, "eng_Latn", "to-partner"), ("deu_Latn", "accuracy", 1.0, "eng_Latn", "from-partner"),
            ("deu_Latn", "accuracy", 2.0, "fra_Latn", "to-partner"), ("deu_Latn", "xsim", 3.0, "eng_Latn", "to-partner"),
            ("eng_Latn", "accuracy", 4.0, "deu_Latn", "to-partner"), ("fra_Latn", "accuracy", 60.0, "eng_Latn", "to-partner"),
        )
    ]  # fmt: skip
    found = line(benchmark_scores(Told(plan, rows), benchmark("flores-200")), "nli")["tasks"]["flores200"]  # type: ignore[arg-type]
    assert found == {"score": 50.0, "avg_accuracy": 50.0, "languages": 2, "of": 204, "complete": False}


def test_the_tables_are_printed_below_the_means(
    benchmark_run: toy.Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        monkeypatch.setattr(
            "sys.argv", ["xstilts", "results", str(benchmark_run.study), "--out", str(benchmark_run.out), *arguments]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    table = said()
    assert table.index("benchmarks: mean scores in per cent") < table.index("XTREME: 9 tasks in 40 languages")
    assert "without retrieval and tydiqa" in table
    assert "Overall: the mean of the 9 task scores, as in XTREME's evaluate.py." in table
    assert "(2/7)" in table
    assert "XTREME-R" not in table
    alone = said("--benchmark", "xtreme-r")
    assert "XTREME-R: 10 tasks in 50 languages" in alone
    assert "mean scores in per cent" not in alone
    assert "pawsx" not in alone
    found = json.loads(said("--benchmark", "xtreme", "--json"))
    assert (found["benchmark"], len(found["rows"]), found["rows"][0]["seeds"]) == ("xtreme", 2, 2)
    assert len(json.loads(said("--format", "json"))) > 100


def test_a_complete_benchmark_is_shown_in_full(results: Results, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xstilts.benchmarks.BENCHMARKS", MappingProxyType({"small": SMALL}))
        scores = benchmark_scores(results, SMALL)
        print_benchmark(scores)
    shown = capsys.readouterr().out
    for row in scores["rows"]:
        for value in (row["overall"], row["without_retrieval"], row["without_retrieval_and_tydiqa"], *row["groups"].values()):
            assert f"{value:.1f}" in shown
    assert "Retrieval: layer=1 centred=no." in shown
    assert "(n/all)" not in shown


@pytest.mark.parametrize("arguments", [("--benchmark", "xtrem"), ("--json",)])
def test_wrong_options_are_told(
    arguments: tuple[str, ...], toy_study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["xstilts", "results", str(toy_study), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert ("unknown benchmark 'xtrem'" if len(arguments) > 1 else "--json goes with --benchmark") in capsys.readouterr().err
