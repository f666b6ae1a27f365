"""Paired examples: what is shown is what the data file and the prediction files say, and the conditions choose by it."""

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow
import pyarrow.parquet as pq
import pytest

import benchmark_world
import toy
from xstilts.cli import main
from xstilts.errors import LanguageError, XstiltsError
from xstilts.example_pairs import Condition, PairedExample, _scored, csv_text, lines, paired_examples, read_where
from xstilts.metrics.squad import squad
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store, write_json
from xstilts.study_file import load_study

NAMES = ["baseline", "nli"]


@pytest.fixture(scope="module")
def results(toy_run: toy.Run) -> Results:
    return Results(make_plan(load_study(toy_run.study)), Store(toy_run.out))


@pytest.fixture(scope="module")
def benchmark(benchmark_run: toy.Run) -> Results:
    return Results(make_plan(load_study(benchmark_run.study)), Store(benchmark_run.out))


def predicted(results: Results, target: str, language: str, intermediate: str, seed: int = 1) -> list[dict[str, Any]]:
    planned = next(
        one
        for one in results.plan.scores
        if (one.cell.target, one.language, one.cell.intermediate, one.cell.seed) == (target, language, intermediate, seed)
    )
    return list(pq.read_table(results.predictions(planned.stage.key)[0]).to_pylist())


def test_examples_are_those_of_the_data_and_the_prediction_files(results: Results) -> None:
    rows = toy.datasets()["facebook/xnli"]["sw/test"]
    said = {name: predicted(results, "xnli", "swh_Latn", name) for name in results.plan.study.intermediates}
    found = paired_examples(results, "xnli", "sw")
    assert [one.id for one in found] == [str(i) for i in range(len(rows))]
    for i, (one, row) in enumerate(zip(found, rows, strict=True)):
        assert one.texts == (("text", row["premise"]), ("second text", row["hypothesis"]))
        gold = ("entailment", "neutral", "contradiction")[row["label"]]
        assert one.gold == gold
        answers = {name: said[name][i]["prediction"] for name in said}
        assert one.predictions == {name: (answer, float(answer == gold)) for name, answer in answers.items()}
    assert set(found[0].predictions) == {"baseline", "nli", "nli-then-qqp", "both"}


def test_conditions_cut_the_examples_into_four_parts(results: Results) -> None:
    whole = {one.id for one in paired_examples(results, "xnli", "sw")}
    parts = {
        (a, b): {one.id for one in paired_examples(results, "xnli", "sw", f"baseline {a}, nli {b}")}
        for a in ("right", "wrong")
        for b in ("right", "wrong")
    }
    assert sum(map(len, parts.values())) == len(whole)
    assert set().union(*parts.values()) == whole
    base, nli = (predicted(results, "xnli", "swh_Latn", name) for name in NAMES)
    wanted = {
        a["example_id"] for a, b in zip(base, nli, strict=True) if a["prediction"] != a["gold"] and b["prediction"] == b["gold"]
    }
    assert parts["wrong", "right"] == wanted
    assert sum(bool(part) for part in parts.values()) > 1, "else the conditions chose nothing"


def test_a_tagged_sentence_is_right_when_all_of_it_is(benchmark: Results) -> None:
    for intermediate in NAMES:
        said = {row["example_id"]: row for row in predicted(benchmark, "udpos", "deu_Latn", intermediate, 2)}
        right = {one.id for one in paired_examples(benchmark, "udpos", "de", f"{intermediate} right", seed=2)}
        assert right == {name for name, row in said.items() if row["gold"] == row["prediction"]}
    first = paired_examples(benchmark, "udpos", "de", seed=2)[0]
    row = benchmark_world.datasets()["google/xtreme"]["udpos.German/test"][0]
    assert first.texts == (("words", " ".join(row["tokens"])),)
    assert first.gold == ("DET", "NOUN", "VERB", "ADV")
    assert isinstance(first.predictions["nli"][0], tuple)


def scored(folder: Path, metric: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return what is read of one prediction and its score's folder."""
    pq.write_table(pyarrow.Table.from_pylist([{"example_id": "0", **row}]), folder / "p.parquet")
    stage = SimpleNamespace(key="key", value={"metric": metric}, kind="score")
    results: Any = SimpleNamespace(
        plan=SimpleNamespace(stages={"key": stage}),
        predictions=lambda _: [folder / "p.parquet"],
        store=SimpleNamespace(folder=lambda _: folder),
    )
    return _scored(results, SimpleNamespace(stage=stage, language="eng_Latn"))  # type: ignore[arg-type]


def test_sentences_without_entities_are_right_when_none_is_found(tmp_path: Path) -> None:
    """A score of nothing out of nothing is 1."""
    found = scored(tmp_path, "span_f1", {"gold": ["O", "O"], "prediction": ["O", "O"]})
    assert found == {"0": (("O", "O"), ("O", "O"), 1.0)}


@pytest.mark.parametrize(("threshold", "said", "score"), [(1.0, "", 1.0), (3.0, "house", 0.0)])
def test_a_question_above_the_threshold_is_not_answered(tmp_path: Path, threshold: float, said: str, score: float) -> None:
    write_json(tmp_path / "scores.json", {"threshold": threshold})
    row = {"gold": [], "prediction": "house", "null_difference": 2.0}
    assert scored(tmp_path, "squad2", row) == {"0": ((), said, score)}


def test_answers_are_graded(benchmark: Results) -> None:
    found = paired_examples(benchmark, "xquad", "th")
    rows = benchmark_world.datasets()["google/xquad"]["xquad.th/validation"]
    assert found[1].texts == (("text", rows[1]["context"]), ("question", rows[1]["question"]))
    assert found[1].gold == tuple(rows[1]["answers"]["text"])
    for one in found:
        for said, score in one.predictions.values():
            assert score == pytest.approx(squad([list(one.gold or ())], [str(said)])["f1"] / 100)
    scores = [one.predictions["nli"][1] for one in found]
    for where, holds in (("below 0.5", lambda s: s < 0.5), ("above 0.5", lambda s: s > 0.5), ("wrong", lambda s: s < 1)):
        chosen = [one.predictions["nli"][1] for one in paired_examples(benchmark, "xquad", "th", f"nli {where}")]
        assert chosen == [score for score in scores if holds(score)]
    assert 0 < sum(score < 0.5 for score in scores) < len(scores)


def test_options_and_skipped_rows_keep_their_numbers(benchmark: Results) -> None:
    (first, *_) = paired_examples(benchmark, "xcopa", "it")
    row = benchmark_world.datasets()["cambridgeltl/xcopa"]["it/test"][0]
    assert [name for name, _ in first.texts] == ["text", "option 0", "option 1"]
    assert first.texts[1][1] == row["choice1"]
    assert first.gold == str(row["label"])
    pawsx = paired_examples(benchmark, "pawsx", "fr")
    rows = benchmark_world.datasets()["google-research-datasets/paws-x"]["fr/test"]
    assert [one.id for one in pawsx] == [str(i) for i in range(20) if i != 3]
    assert all(dict(one.texts)["text"] == rows[int(one.id)]["sentence1"] for one in pawsx)


def test_seeds_differ_and_the_first_is_the_default(benchmark: Results) -> None:
    first, second = (paired_examples(benchmark, "xquad", "th", seed=seed) for seed in (1, 2))
    assert first != second
    assert paired_examples(benchmark, "xquad", "th") == first


def test_conditions_are_read() -> None:
    assert read_where("", NAMES) == read_where("  ", NAMES) == ()
    assert read_where("baseline wrong,nli  above 0.25", NAMES) == (
        Condition("baseline", "wrong"),
        Condition("nli", "above", 0.25),
    )


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("baseline wrong, nlii right", 17, "unknown intermediate 'nlii'. Did you mean 'nli'?"),
        ("baseline wrogn", 10, "unknown verdict 'wrogn'. Did you mean 'wrong'?"),
        ("baseline", 1, "'baseline' has no verdict; allowed: right, wrong, below, above"),
        ("baseline wrong,", 16, "there is no condition"),
        ("baseline wrong nli right", 16, "'nli' stands after a whole condition"),
        ("nli below", 10, "'' is no score; allowed: a number from 0 to 1"),
        ("nli below 50", 11, "'50' is no score"),
        ("nli below nan", 11, "'nan' is no score"),
        ("nli below 0.5 points", 15, "'points' stands after"),
    ],
)
def test_a_wrong_condition_is_told_with_its_place(text: str, place: int, words: str) -> None:
    with pytest.raises(XstiltsError) as caught:
        read_where(text, NAMES)
    assert str(caught.value).startswith(f"--where, character {place}: ")
    assert words in str(caught.value)


def test_other_mistakes_are_told(results: Results, tmp_path: Path) -> None:
    cases: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
        (("xnil", "sw"), {}, "unknown target 'xnil'. Did you mean 'xnli'?"),
        (("xnli", "sw"), {"seed": 7}, "unknown seed '7'."),
        (("xnli", "sw"), {"encoder": "tyni"}, "unknown encoder 'tyni'. Allowed: tiny."),
        (("tatoeba", "de"), {}, "tatoeba is a retrieval task"),
    ]
    for given, more, words in cases:
        with pytest.raises(XstiltsError, match=words.replace("?", r"\?")):
            paired_examples(results, *given, **more)
    with pytest.raises(LanguageError, match="language 'th' is not available here"):
        paired_examples(results, "xnli", "th")
    empty = Results(results.plan, Store(tmp_path))
    with pytest.raises(
        XstiltsError, match=r"toy has no score of nli on xnli in swh_Latn, encoder tiny, seed 1\. Run the study"
    ):
        paired_examples(empty, "xnli", "sw", "nli right")
    with pytest.raises(XstiltsError, match="toy has no score of baseline on xnli"):
        paired_examples(empty, "xnli", "sw")


ROWS = (
    PairedExample("4", (("words", "a b"),), ("X", "O"), {"baseline": (("O", "O"), 0.0), "nli": (("X", "O"), 1.0)}),
    PairedExample("5", (("words", 'c "d"'),), ("O", "O"), {"baseline": (("O", "O"), 1.0), "nli": (("X", "O"), 0.5)}),
)


def test_the_two_forms() -> None:
    told = ["", "example 4", "  words: a b", "  gold: X O", "  baseline: O O (0.00)", "  nli: X O (1.00)"]
    assert lines(ROWS)[:6] == told
    answer = PairedExample("1", (), ("two words", "one"), {"nli": ("", 0.0)})
    assert lines([answer])[2:] == ['  gold: ["two words", "one"]', '  nli: "" (0.00)']
    read = list(csv.DictReader(io.StringIO(csv_text(ROWS))))
    assert read[1] == {
        "example_id": "5", "words": 'c "d"', "gold": '["O", "O"]', "baseline": '["O", "O"]', "nli": '["X", "O"]',
        "baseline score": "1.0", "nli score": "0.5",
    }  # fmt: skip


def test_the_command(
    toy_run: toy.Run, results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*options: str | Path) -> tuple[int, str, str]:
        command = ["xstilts", "examples", toy_run.study, "--out", toy_run.out, "--target", "xnli", "--language", "sw", *options]
        monkeypatch.setattr("sys.argv", [*map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    whole = paired_examples(results, "xnli", "sw")
    code, out, _ = run()
    assert (code, out.splitlines()[0]) == (0, "toy, xnli in sw, encoder tiny, seed 1: 24 examples")
    assert out.count("\nexample ") == 20
    assert "... and 4 more" in out
    where = ("--where", "baseline wrong")
    wrong = paired_examples(results, "xnli", "sw", "baseline wrong")
    found = json.loads(run(*where, "--json")[1])
    assert [one["id"] for one in found] == [one.id for one in wrong]
    assert found[0]["texts"] == [list(text) for text in wrong[0].texts]
    assert len(json.loads(run("--json", "--limit", "3")[1])) == 3
    code, out, _ = run("--csv", tmp_path / "e.csv")
    assert out == f"24 of 24 examples written to {tmp_path / 'e.csv'}.\n"
    assert (tmp_path / "e.csv").read_text() == csv_text(whole)
    code, _, err = run("--json", "--csv", tmp_path / "f.csv")
    assert (code, "two forms of the same" in err) == (2, True)
    assert run("--csv", tmp_path / "new" / "f.csv", "--limit", "2")[0] == 0
    assert (tmp_path / "new" / "f.csv").read_text() == csv_text(whole[:2])
