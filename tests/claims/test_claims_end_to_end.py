"""`xstilts claims` on finished stores: the numbers are those of results and gains, and lead back to scores."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.claims import check_claims, load_claims
from xstilts.cli import main
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store
from xstilts.study_file import load_study

CLAIMS: list[dict[str, Any]] = [
    {"name": "mean", "effect": {"gain": {"intermediate": "nli"}}, "expect": {"at_least": -100}},
    {"name": "xnli", "effect": {"gain": {"intermediate": "nli", "over": "xnli"}}, "expect": {"at_least": 200}},
    {"name": "german",
        "effect": {"score": {"intermediate": "nli", "over": {"target": "xnli", "language": "de"}}},
        "expect": {"equal": 50, "within": 50}},
    {"name": "same", "effect": {"gain": {"intermediate": "nli"}},
        "expect": {"greater_than": {"gain": {"intermediate": "nli"}}}},
    {"name": "over", "effect": {"gain": {"intermediate": "both", "reference": "nli", "over": "udpos"}}, "expect": "increase"},
    {"name": "best", "effect": {"gain": {"intermediate": "best", "over": "xnli"}}, "expect": {"at_least": -100}},
    {"name": "seen", "effect": {"gain": {"intermediate": "nli", "over": {"seen": "unseen"}}}, "expect": "increase"},
    {"name": "suite", "effect": {"gain": {"intermediate": "nli", "over": {"benchmark": "xtreme"}}}, "expect": "increase"},
    {"name": "words"},
]  # fmt: skip


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], toy_run: toy.Run, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Return a function: store, options -> exit code, standard output, standard error."""
    file = tmp_path / "claims.yaml"
    file.write_text(json.dumps({"claims": [{"statement": "It is so.", **claim} for claim in CLAIMS]}))

    def run(out: Path, *options: str, file: Path | None = file) -> tuple[int, str, str]:
        named = ["--claims", str(file)] if file else []
        command = ["xstilts", "claims", str(toy_run.study), "--out", str(out), "--resamples", "200", *named, *options]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_verdicts_are_on_the_results(claims, toy_run: toy.Run) -> None:  # type: ignore[no-untyped-def]
    code, out, err = claims(toy_run.out, "--json")
    assert (code, err) == (0, "")
    found = {row["claim"]: row for row in json.loads(out)}
    told = {name: row["verdict"] for name, row in found.items()}
    assert told == told | {
        "mean": "supported", "xnli": "contradicted", "german": "supported", "same": "contradicted", "best": "supported",
        "seen": "not measured", "suite": "not measured", "words": "not measured",
    }  # fmt: skip
    assert (found["mean"]["confidence"], found["xnli"]["confidence"], found["seen"]["confidence"]) == (1.0, 0.0, None)
    assert found["same"]["value"] == 0.0
    frame = Results(make_plan(load_study(toy_run.study)), Store(toy_run.out)).frame()
    frame = frame[frame["zero_shot"] & ~frame["variant"].str.contains("foreign-to-source") & (frame["metric"] != "accuracy")
                  | frame["zero_shot"] & frame["target"].isin(["xnli"])
                  | frame["zero_shot"] & frame["variant"].str.contains("source-to-foreign")]  # fmt: skip
    means = frame.groupby(["intermediate", "target"])["value"].mean().unstack()
    gains = means.loc["nli"] - means.loc["baseline"]
    assert found["mean"]["value"] == pytest.approx(gains[["xnli", "udpos", "tatoeba"]].mean(), abs=1e-4)
    assert found["xnli"]["value"] == pytest.approx(gains["xnli"], abs=1e-4)
    assert found["over"]["value"] == pytest.approx(means.loc["both", "udpos"] - means.loc["nli", "udpos"], abs=1e-4)
    others = means.drop(index=["baseline", "random-initialisation"], errors="ignore")["xnli"]
    assert found["best"]["value"] == pytest.approx(others.max() - means.loc["baseline", "xnli"], abs=1e-4)
    german = frame[(frame["language"] == "deu_Latn") & (frame["target"] == "xnli") & (frame["intermediate"] == "nli")]
    assert found["german"]["value"] == pytest.approx(german["value"].item(), abs=1e-4)
    assert found["german"]["rows"] == german["score_key"].tolist()
    assert (found["german"]["seeds"], found["german"]["languages"], found["german"]["examples"]) == (1, 1, 24)
    assert len(found["mean"]["rows"]) == 2 * (2 + 1 + 1)
    assert "one seed" in found["mean"]["reason"]
    assert "chosen by the scores" in found["best"]["reason"]
    assert "does not evaluate" in found["suite"]["reason"]
    with (toy_run.out / "claims.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["claim"] for row in rows] == list(found)
    assert json.loads((toy_run.out / "claims.json").read_text()) == json.loads(out)


def test_the_table_says_one_seed(claims, toy_run: toy.Run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = claims(toy_run.out)
    assert code == 0
    assert "supported (one seed)" in out
    assert "contradicted (one seed)" in out
    assert "9 claims were not compared with their source" in out


def test_an_empty_store_measures_nothing(claims, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = claims(tmp_path / "empty", "--json")
    assert (code, err) == (0, "")
    assert {row["verdict"] for row in json.loads(out)} == {"not measured"}
    assert {row["confidence"] for row in json.loads(out)} == {None}


def test_a_study_without_claims_is_told(claims, toy_run: toy.Run) -> None:  # type: ignore[no-untyped-def]
    code, _, err = claims(toy_run.out, file=None)
    assert code == 2
    assert "has no `claims:`" in err


def test_benchmarks_with_and_without_retrieval_and_two_seeds(benchmark_run: toy.Run, tmp_path: Path) -> None:
    overs = [
        {"benchmark": "xtreme"},
        {"benchmark": "xtreme", "without": "retrieval"},
        {"benchmark": "xtreme", "target": "xquad"},
    ]
    file = tmp_path / "claims.yaml"
    effects = [{"score": {"intermediate": "nli", "over": over}} for over in overs]
    common = {"statement": "It is so.", "expect": {"at_least": 0}}
    file.write_text(json.dumps({"claims": [{**common, "name": f"c{i}", "effect": one} for i, one in enumerate(effects)]}))
    study = load_study(benchmark_run.study)
    results = Results(make_plan(study), Store(benchmark_run.out))
    found = check_claims(results, load_claims(study, file), resamples=200)
    rows = {(row["target"], row["metric"]) for row in results.rows()}
    for verdict in found:
        if verdict.measured is None:
            assert "does not evaluate" in verdict.reason
        else:
            assert verdict.told == verdict.verdict == "supported"
            assert verdict.seeds == 2
    assert ("xquad", "f1") not in rows or found[2].measured is not None
