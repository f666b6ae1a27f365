"""The command line: what it prints, and its exit codes. 0 well, 1 a stage failed, 2 the user's error."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import toy
from xstilts.cli import main
from xstilts.planner import make_plan
from xstilts.study_file import load_study

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command in this process: arguments -> exit code, standard output, standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xstilts", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def changed(toy_run: toy.Run, tmp_path: Path, tiny_encoder: Path, toy_mirror: Path) -> Path:
    """Return the toy study with another number of epochs for part-of-speech tags."""
    return toy.write_study(tmp_path, tiny_encoder, toy_mirror, overrides={"target/udpos": {"epochs": 11}})


def test_a_mistake_of_the_user_s_is_told_without_a_traceback(command: Command, tmp_path: Path) -> None:
    study = tmp_path / "s.yaml"
    study.write_text("name: s\ntargets: [xlni]\n")
    code, out, err = command("run", study)
    assert (code, out) == (2, "")
    assert f"{study}, line 2: `targets`: unknown task 'xlni'. Did you mean 'xnli'?" in err
    assert "Traceback" not in err
    for arguments in (["plan", tmp_path / "none.yaml"], ["tasks", "xlni"], ["languages", "xx"], ["run"], ["fly"]):
        code, out, err = command(*arguments)
        assert (code, bool(err), "Traceback" in err) == (2, True, False)


def test_plan_shows_what_is_to_do(command: Command, toy_study: Path, toy_run: toy.Run, tmp_path: Path) -> None:
    code, out, _ = command("plan", toy_study, "--out", tmp_path / "out", "--json")
    view = json.loads(out)
    plan = make_plan(load_study(toy_study))
    assert (code, view["to_run"], view["scores"], view["cells"]) == (0, 66, 25, 13)
    assert [stage["key"] for stage in view["stages"]] == list(plan.stages)
    assert view["updates_to_run"] == 10 * (6 * 6 + 4 * 6 + 8)  # 10 runs on 48 rows in eights, one on 32 + 32
    assert view["shared"] == sum(len(cells) > 1 for cells in plan.uses.values())
    assert sorted(view["languages"]["xnli"]) == ["deu_Latn", "eng_Latn", "swh_Latn"]
    _, out, _ = command("plan", toy_study, "--out", tmp_path / "out")
    assert "13 cells, 25 scores, 66 stages, 66 to run; 680 updates; time unknown" in out

    _, out, _ = command("plan", toy_run.study, "--out", toy_run.out)
    assert "66 stages, 0 to run; 0 updates; time 0 s" in out
    assert not (tmp_path / "out").exists()  # a plan writes nothing


def test_plan_tells_the_time_that_is_left(command: Command, changed: Path, toy_run: toy.Run) -> None:
    _, out, _ = command("plan", changed, "--out", toy_run.out, "--json")
    view = json.loads(out)
    assert (view["to_run"], view["updates_to_run"]) == (4 * 5, 4 * 66)
    assert 0 < view["seconds_to_run"] < 600
    assert {stage["state"] for stage in view["stages"]} == {"done", "missing", "released"}


def test_why_names_the_fields_that_differ(command: Command, changed: Path, toy_run: toy.Run) -> None:
    plan = make_plan(load_study(changed))
    stage = next(s for s in plan.stages.values() if s.kind == "train" and s.value["tasks"][0]["task"] == "udpos")
    code, out, _ = command("plan", changed, "--out", toy_run.out, "--why", stage.key, "--json")
    answer = json.loads(out)
    assert (code, answer["key"], answer["title"]) == (0, stage.key, "train udpos, seed 1")
    assert answer["differences"] == [{"field": "settings.epochs", "before": 10, "now": 11}]
    assert (toy_run.out / "train" / answer["nearest"]).is_dir()
    _, out, _ = command("plan", changed, "--out", toy_run.out, "--why", stage.key[:8])
    for words in ("settings.epochs", "10", "11", f"now ({stage.key})", f"before ({answer['nearest']})"):
        assert words in out

    done = next(key for key, other in plan.stages.items() if other.kind == "score")
    assert "is done; it does not run again" in command("plan", changed, "--out", toy_run.out, "--why", done)[1]
    assert "has no finished train stage yet" in command("plan", changed, "--out", "none", "--why", stage.key)[1]
    code, _, err = command("plan", changed, "--out", toy_run.out, "--why", "zz")
    assert (code, "no stage of toy has a key that starts with 'zz'" in err) == (2, True)


def test_why_tells_that_deleted_weights_are_needed_again(
    command: Command, write_study: Callable[..., Path], tmp_path: Path
) -> None:
    fewer = write_study(**toy.small(intermediates={"baseline": []}, languages={"xnli": ["en"]}))
    assert command("run", fewer, "--out", tmp_path / "out", "--keep", "none")[0] == 0
    more = write_study(**toy.small(intermediates={"baseline": []}, languages={"xnli": ["en", "de"]}))
    key = next(iter(make_plan(load_study(more)).stages))
    _, out, _ = command("plan", more, "--out", tmp_path / "out", "--why", key)
    assert "runs again: its weights were deleted (--keep), and a stage that is to run needs them" in out


def test_status_shows_what_is_left(command: Command, toy_run: toy.Run, changed: Path, tmp_path: Path) -> None:
    code, out, _ = command("status", toy_run.study, "--out", toy_run.out)
    assert (code, "complete" in out) == (0, True)
    _, out, _ = command("status", changed, "--out", toy_run.out, "--json")
    state = json.loads(out)
    assert (state["stages"], state["to_run"], state["failed"], state["interrupted"]) == (66, 20, [], [])
    assert state["by_kind"]["train"] == {"stages": 11, "to_run": 4}
    copied = shutil.copytree(toy_run.out, tmp_path / "out")
    stage = next(s for s in make_plan(load_study(changed)).stages.values() if s.title == "train udpos, seed 1")
    (copied / "train" / f".{stage.key}.partial").mkdir()
    _, out, _ = command("status", changed, "--out", copied)
    assert f"started, not finished: train udpos, seed 1 ({stage.key})" in out


def test_results_are_printed_in_four_forms(command: Command, toy_run: toy.Run) -> None:
    table = (toy_run.out / "results.csv").read_text()
    results: list[Any] = [
        command("results", toy_run.study, "--out", toy_run.out, "--format", form)
        for form in ("csv", "json", "parquet", "table")
    ]
    assert [code for code, _, _ in results] == [0] * 4
    csv, as_json, parquet, shown = (out for _, out, _ in results)
    assert csv == table
    assert pd.DataFrame(json.loads(as_json)).to_csv(index=False) == table
    assert parquet == f"{toy_run.out / 'results.parquet'}\n"
    frame = pd.read_csv(toy_run.out / "results.csv", keep_default_na=False)
    nli = frame[(frame["intermediate"] == "nli") & (frame["target"] == "xnli")]
    baseline = frame[(frame["intermediate"] == "baseline") & (frame["target"] == "xnli")]
    gain = nli[nli["zero_shot"]]["value"].mean() - baseline[baseline["zero_shot"]]["value"].mean()
    row = next(line for line in shown.splitlines() if "│ nli  " in line and "│ xnli" in line)
    assert f"{gain:+.1f}" in row
    assert f"{nli[~nli['zero_shot']]['value'].item():.1f}" in row
    assert "are missing" not in shown


def test_results_of_half_a_study_say_what_is_missing(command: Command, changed: Path, toy_run: toy.Run) -> None:
    code, out, _ = command("results", changed, "--out", toy_run.out)
    assert (code, "8 of 25 scores are missing: `xstilts status` tells why." in out) == (0, True)


def test_a_wrong_setting_is_told(command: Command, toy_study: Path) -> None:
    for option in (["--leaf-gigabytes", "-1"], ["--workers", "0"], ["--keep", "some"], ["--checkpoint-seconds", "-1"]):
        code, _, err = command("run", toy_study, *option)
        assert (code, "Traceback" in err) == (2, False)
        assert option[0] in err


def test_help_names_every_verb(command: Command) -> None:
    code, out, _ = command("--help")
    assert code == 0
    assert all(f" {verb} " in out for verb in ("plan", "run", "status", "results", "tasks", "languages"))
