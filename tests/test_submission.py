"""A study's predictions in XTREME's layout: `xstilts score` gives the numbers of `xstilts results`, to the last digit."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import toy
from xstilts.benchmarks import benchmark
from xstilts.cli import main
from xstilts.errors import XstiltsError
from xstilts.languages import resolve
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.scorefolder import score_folder
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.submission import choose, write_submission
from xstilts.tasks import TASKS

CELL = {"encoder": "tiny", "intermediate": "nli", "seed": 2}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xstilts", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def results(benchmark_run: toy.Run) -> Results:
    return Results(make_plan(load_study(benchmark_run.study)), Store(benchmark_run.out))


def export(results: Results, suite: str, folder: Path, **changes: Any) -> tuple[Path, Path, list[str]]:
    chosen = replace(choose(results.plan, **CELL), **changes)  # type: ignore[arg-type]
    notes = write_submission(results, benchmark(suite), chosen, folder / "predictions", folder / "labels")
    return folder / "predictions", folder / "labels", notes


def expected(results: Results, suite: str) -> dict[tuple[str, str, str], float]:
    """Return (task, language's code, value) -> percent of the cell row, as the study's own rows have it."""
    found = {}
    for row in results.rows():
        task = next((one for one in benchmark(suite).tasks if one.name == row["target"]), None)
        right_way = row["variant"] == "" or row["variant"].endswith(("direction=source-to-foreign", "direction=both"))
        if task and right_way and all(row[name] == value for name, value in CELL.items()):
            codes = {resolve(code, TASKS[task.name].languages): code for code in task.languages}
            if row["language"] in codes:
                found[task.folder, codes[row["language"]], row["metric"]] = row["value"]
    return found


@pytest.mark.parametrize("suite", ["xtreme", "xtreme-r"])
def test_scores_of_the_files_are_those_of_the_study(results: Results, suite: str, tmp_path: Path) -> None:
    predictions, labels, _ = export(results, suite, tmp_path)
    scored = score_folder(suite, predictions, labels)
    found = {
        (task, language, name): value
        for task, values in scored["tasks"].items()
        for name, by_language in values.items()
        if isinstance(by_language, dict)
        for language, value in by_language.items()
    }
    assert found == expected(results, suite)
    tasks = Counter(task for task, _ in {(task, language) for task, language, _ in found})
    files = {"xnli": 3, "udpos": 2, "panx": 2, "xquad": 2, "mlqa": 2, "tydiqa": 2, "tatoeba": 1}
    assert tasks == files | ({"pawsx": 2, "bucc2018": 2} if suite == "xtreme" else {"xcopa": 2})
    assert len(set(found.values())) > 15, "numbers that are all alike would prove little"
    assert not [note for note in scored["notes"] if "no prediction" in note]


def test_the_files_are_in_the_official_form(results: Results, tmp_path: Path) -> None:
    predictions, labels, _ = export(results, "xtreme", tmp_path)
    lines = (labels / "pawsx" / "test-fr.tsv").read_text().splitlines()
    assert lines == [str(i % 2) for i in range(20) if i != 3]
    pairs = toy.datasets(train=16, evaluate=20)["mteb/tatoeba-bitext-mining"]["deu-eng/test"]
    in_order = sorted(range(20), key=lambda i: pairs[i]["sentence2"])  # see tests/tasks/test_tasks_on_mirror.py
    assert (labels / "tatoeba" / "test-de.tsv").read_text().splitlines() == [str(i) for i in in_order]
    assert set((predictions / "xnli" / "test-sw.tsv").read_text().splitlines()) <= {"entailment", "neutral", "contradiction"}
    tags = (labels / "udpos" / "test-de.tsv").read_text().split("\n\n")
    assert (len(tags), tags[0]) == (20, "DET\nNOUN\nVERB\nADV")
    assert len((labels / "bucc2018" / "test-de.tsv").read_text().splitlines()) == 20
    answers = json.loads((predictions / "xquad" / "test-th.json").read_text())
    assert list(answers) == [f"xquad-th-{i}" for i in range(20)]
    gold = json.loads((labels / "xquad" / "test-th.json").read_text())
    (paragraph, *_) = gold["data"][0]["paragraphs"][1:]
    (question,) = paragraph["qas"]
    assert (question["id"], len(question["answers"])) == ("xquad-th-1", 2)
    for answer in question["answers"]:
        assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])


def test_options_of_a_choice_are_written_as_xcopa_s_own_files(results: Results, tmp_path: Path) -> None:
    _, labels, notes = export(results, "xtreme-r", tmp_path)
    lines = [json.loads(line) for line in (labels / "xcopa" / "test-it.jsonl").read_text().splitlines()]
    assert {type(line["label"]) for line in lines} == {int}
    assert {line["label"] for line in lines} == {0, 1}
    assert notes[0] == "16 files written to " + str(tmp_path / "predictions") + "."
    assert "lareqa: not evaluated, for xstilts has no task of this name." in notes or "lareqa" in TASKS


def test_what_is_missing_is_told(results: Results, tmp_path: Path) -> None:
    _, _, notes = export(results, "xtreme", tmp_path)
    assert "pawsx: 2 of 7 languages, without de es ja ko zh." in notes
    assert "tydiqa: 2 of 9 languages, without en ar bn fi id ru te." in notes
    (folder,) = [results.store.folder(p.stage) for p in results.plan.scores if _is(p, "xnli", "deu_Latn")]
    aside = folder.rename(folder.with_name("aside"))
    try:
        _, labels, notes = export(results, "xtreme", tmp_path / "again")
    finally:
        aside.rename(folder)
    assert "xnli: de has no score yet, so it is left out." in notes
    assert not (labels / "xnli" / "test-de.tsv").exists()


def _is(planned: Any, target: str, language: str) -> bool:
    cell = planned.cell
    return (cell.intermediate, cell.seed, cell.target, planned.language) == ("nli", 2, target, language)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"encoder": None, "intermediate": None, "seed": 1},
            ["one intermediate", "baseline, nli", "`--intermediate baseline`"],
        ),
        ({"encoder": None, "intermediate": "nli", "seed": None}, ["one seed", "1, 2", "`--seed 1`"]),
        ({"encoder": "tinny", "intermediate": "nli", "seed": 1}, ["unknown encoder 'tinny'", "'tiny'", "`--encoder`"]),
        ({"encoder": None, "intermediate": "nli", "seed": 3}, ["unknown seed '3'", "Allowed: 1, 2"]),
    ],
)
def test_a_choice_that_is_not_made_is_asked_for(results: Results, given: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(XstiltsError) as caught:
        choose(results.plan, **given)
    for word in words:
        assert word in str(caught.value)


def test_a_folder_that_holds_something_is_left_alone(results: Results, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "mine").touch()
    with pytest.raises(XstiltsError, match="labels is there already"):
        export(results, "xtreme", tmp_path)
    assert not (tmp_path / "predictions").exists()


def test_nothing_finished_is_nothing_to_export(results: Results, tmp_path: Path) -> None:
    with pytest.raises(XstiltsError, match="has no score of tiny, nli, seed 2 in a task of xtreme"):
        export(Results(results.plan, Store(tmp_path / "empty")), "xtreme", tmp_path)


def test_the_commands_agree(benchmark_run: toy.Run, command: Command, results: Results, tmp_path: Path) -> None:
    place = ("--out", benchmark_run.out)
    code, _, err = command("export", "submission", benchmark_run.study, "--to", tmp_path / "p", *place)
    assert (code, "one intermediate" in err) == (2, True)
    chosen = ("--intermediate", "nli", "--seed", "2")
    code, out, _ = command(
        "export", "submission", benchmark_run.study, "--to", tmp_path / "p", "--labels", tmp_path / "l", *chosen, *place
    )
    assert (code, out.splitlines()[0]) == (0, f"18 files written to {tmp_path / 'p'}.")
    code, out, _ = command("score", "--suite", "xtreme", "--predictions", tmp_path / "p", "--labels", tmp_path / "l", "--json")
    found = json.loads(out)["tasks"]
    assert {(t, c, v): found[t][v][c] for t, c, v in expected(results, "xtreme")} == expected(results, "xtreme")


def test_of_several_variants_one_is_chosen(benchmark_run: toy.Run, tmp_path: Path) -> None:
    from in_process import go

    study = json.loads(benchmark_run.study.read_text())
    study |= {"name": "layers", "targets": ["tatoeba"], "intermediates": {"baseline": []}, "seeds": [1]}
    study["retrieval"] = {"layers": [0, 2], "centred": "both", "floor": False}
    (tmp_path / "layers.yaml").write_text(json.dumps(study))
    outcome, _ = go(tmp_path / "layers.yaml", tmp_path / "out")
    results = Results(outcome.plan, Store(tmp_path / "out"))
    chosen = choose(outcome.plan, None, None, None)
    with pytest.raises(XstiltsError, match="tatoeba has 4 variants") as caught:
        write_submission(results, benchmark("xtreme"), chosen, tmp_path / "p", None)
    assert "--variant 'layer=0 centred=no'" in str(caught.value)
    with pytest.raises(XstiltsError, match="tatoeba has 0 variants with layer=1"):
        write_submission(results, benchmark("xtreme"), replace(chosen, variant="layer=1"), tmp_path / "p", None)
    values = {}
    for variant in ("layer=0 centred=no", "centred=yes layer=2"):
        there, gold = tmp_path / f"p {variant}", tmp_path / f"l {variant}"
        write_submission(results, benchmark("xtreme"), replace(chosen, variant=variant), there, gold)
        values[variant] = score_folder("xtreme", there, gold)["tasks"]["tatoeba"]["accuracy"]["de"]
    for variant, value in values.items():
        parts = {*variant.split(), "direction=source-to-foreign"}
        assert [row["value"] for row in results.rows() if parts <= set(row["variant"].split())] == [value]
    assert len(set(values.values())) == 2


def test_rankings_are_written_by_the_query_s_name(tmp_path: Path) -> None:
    """As `read_rankings` reads them; no built-in task of the toy study ranks."""
    import pyarrow
    from pyarrow import parquet

    from xstilts.data.xtreme_files import read_rankings
    from xstilts.submission import _sides

    rows = {"q1": (["a"], ["b", "a"]), "q2": (["b", "c"], ["c"])}
    path = tmp_path / "predictions.parquet"
    listed = [{"example_id": name, "gold": gold, "prediction": found} for name, (gold, found) in rows.items()]
    parquet.write_table(pyarrow.Table.from_pylist(listed), path)
    task = SimpleNamespace(kind="ranking")
    results: Any = SimpleNamespace(predictions=lambda _: [path], plan=SimpleNamespace(tasks={"lareqa": task}))
    planned: Any = SimpleNamespace(stage=SimpleNamespace(key="k"))
    lareqa = next(one for one in benchmark("xtreme-r").tasks if one.name == "lareqa")
    sides = _sides(results, lareqa, planned, "")
    for text, place in ((sides.labels, 0), (sides.predictions, 1)):
        (tmp_path / f"test-de.{sides.ending}").write_text(text)
        assert read_rankings(tmp_path / "test-de.json") == {name: tuple(both[place]) for name, both in rows.items()}
