"""`xstilts data`: what it prints, and its exit codes. 0 in order, 1 something is wrong, 2 the user's error."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import toy
from xstilts.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs `xstilts data ...` in this process: arguments -> exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xstilts", "data", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def mirror(toy_mirror: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_mirror, tmp_path / "mirror")


@pytest.fixture
def study(write_study: Callable[..., Path], mirror: Path) -> Path:
    return write_study(data={"mirror": str(mirror)})


def lines(out: str, *words: str) -> list[list[str]]:
    """Return the cells of the table's lines that have all the words."""
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in out.splitlines() if "│" in line]
    return [row for row in cells if all(word in row for word in words)]


def test_check_prints_one_line_for_files_that_are_alike(command: Command, study: Path) -> None:
    code, out, err = command("check", study)
    assert (code, err) == (0, "")
    (tests,) = lines(out, "facebook/xnli", "test")
    assert tests[1:6] == ["3: de ... sw", "test", "here", "evaluation", "xnli"]
    assert tests[9] == "72"
    (train,) = lines(out, "facebook/xnli", "train", "en")
    assert len(train[6]) == 12
    assert "toy: 15 of 15 files and encoders are in order." in out
    assert "xstilts data overlap" in out


def test_check_names_every_problem_and_ends_with_1(command: Command, study: Path, mirror: Path) -> None:
    for code in ("en", "de"):
        (mirror / "facebook--xnli" / code / "test.parquet").unlink()
    (mirror / "nyu-mll--glue" / "qqp" / "train.parquet").write_bytes(b"half")
    code, out, _ = command("check", study)
    assert code == 1
    (missing,) = lines(out, "facebook/xnli", "missing")
    assert missing[1] == "2: de ... en"
    assert "facebook/xnli de/test: missing. " in out
    assert "The same is wrong with 1 more: en." in out
    assert "nyu-mll/glue qqp/train: damaged. " in out
    assert "Copy it again from where the mirror came from." in out
    assert "toy: 12 of 15 files and encoders are in order." in out
    code, out, _ = command("check", study, "--json")
    found = {one["name"]: one for one in json.loads(out)}
    assert (code, len(found), found["nyu-mll/glue qqp/train"]["state"]) == (1, 15, "damaged")
    assert found["facebook/xnli sw/test"]["problem"] == ""


def test_pull_fills_a_mirror_and_says_how_to_read_it(command: Command, study: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy"
    code, out, err = command("pull", study, "--to", to)
    assert (code, err) == (0, "")
    assert "14 pulled, 0 kept, 0 left, 0 failed" in out
    assert f"`data: {{mirror: {to}}}`" in out
    code, out, _ = command("pull", study, "--to", to)
    assert "0 pulled, 14 kept, 0 left, 0 failed" in out
    assert "kept: " not in out
    (mirror / "nyu-mll--glue" / "qqp" / "train.parquet").unlink()
    code, out, err = command("pull", study, "--to", tmp_path / "other", "--encoders")
    assert (code, "13 pulled, 0 kept, 1 left, 1 failed" in out) == (1, True)
    assert err.startswith("failed: nyu-mll/glue qqp/train: ")
    assert f"HF_HUB_CACHE={tmp_path / 'other' / 'hub'}" in out


def test_overlap_prints_shared_texts_and_what_is_known(command: Command, study: Path, mirror: Path) -> None:
    code, out, err = command("overlap", study)
    assert (code, err) == (0, "")
    assert "XNLI's training data is MultiNLI" in out
    assert "toy: 48 pairs of a training file and an evaluation file were compared;" in out
    assert "5-grams" in out
    code, printed, _ = command("overlap", study, "--json")
    found = json.loads(printed)
    first = found["shared"][0]
    (row,) = lines(out, first["training"], first["evaluation"], first["field"])
    assert row[4:7] == [str(first["texts"]), str(first["exact"]), "" if first["near"] is None else str(first["near"])]
    (mirror / "facebook--xnli" / "en" / "train.parquet").unlink()
    code, out, _ = command("overlap", study)
    assert (code, "facebook/xnli en/train: not compared: " in out) == (1, True)


def test_mistakes_of_the_user_s_are_told(command: Command, study: Path, tmp_path: Path) -> None:
    for arguments in (
        ["check", tmp_path / "none.yaml"],
        ["pull", study],
        ["pull", study, "--to", tmp_path / "mirror"],
        ["fly"],
    ):
        code, _, err = command(*arguments)
        assert (code, bool(err), "Traceback" in err) == (2, True, False)


def test_it_needs_no_torch(study: Path) -> None:
    done = toy.xstilts("data", "--help")
    assert done.returncode == 0
    assert all(f" {verb} " in done.stdout for verb in ("check", "pull", "overlap"))
