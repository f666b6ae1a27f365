"""Every example of docs/own_tasks.md: its files are read, its studies planned, its commands run, its message said."""

import re
import shutil
import sys
from pathlib import Path
from subprocess import run

import pytest

from own_world import write
from xstilts.errors import StudyError
from xstilts.planner import make_plan
from xstilts.study_file import load_study

PAGE = (Path(__file__).parents[1] / "docs" / "own_tasks.md").read_text()
FENCE = r"```(\w+)\n(.*?)```"
STUDIES = [text for language, text in re.findall(FENCE, PAGE, re.DOTALL) if language == "yaml"]
FILES = re.findall(rf"^`(data/[\w.-]+)`:\n\n{FENCE}", PAGE, re.DOTALL | re.MULTILINE)
SETTINGS = "train: {max_length: 64, epochs: 1, precision: float32}\n"


@pytest.fixture
def folder(tmp_path: Path, tiny_encoder: Path, toy_mirror: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the page's files and first study; what it leaves to the user is the toy encoder and mirror."""
    shutil.copytree(tiny_encoder, tmp_path / "encoder")
    monkeypatch.setenv("XSTILTS_MIRROR", str(toy_mirror))
    monkeypatch.chdir(tmp_path)
    for name, language, content in FILES:
        assert name.endswith(language)
        write(tmp_path / name, content)
    write(tmp_path / "study.yaml", STUDIES[0] + SETTINGS)
    return tmp_path


def test_the_page_has_examples_of_all_sorts() -> None:
    assert len(STUDIES) == 3
    assert {language for _, language, _ in FILES} == {"csv", "tsv", "jsonl", "conll"}


def test_the_commands_run(folder: Path) -> None:
    (commands,) = [text for language, text in re.findall(FENCE, PAGE, re.DOTALL) if language == "sh"]
    said = ""
    for command in commands.splitlines():
        done = run(
            [sys.executable, "-m", "xstilts.cli", *command.split()[1:]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        said = done.stdout
    header, *rows = said.splitlines()
    assert header.startswith("encoder,intermediate,target,language,seed,split,example_id,gold,prediction")
    assert [row.split(",")[:7] for row in rows] == [
        ["nano", "nli", "tickets", "swh_Latn", "1", "test", str(i)] for i in range(2)
    ]


@pytest.mark.parametrize("tasks", STUDIES[1:])
def test_the_other_tasks_can_be_planned(folder: Path, tasks: str) -> None:
    names = re.findall(r"^  (\w+):$", tasks, re.MULTILINE)
    rest = f"name: x\nencoders: {{nano: {{path: encoder}}}}\nintermediates: {{baseline: []}}\ntargets: [{', '.join(names)}]\n"
    study = load_study(write(folder / "other.yaml", f"{tasks}{rest}seeds: [1]\n"))
    plan = make_plan(study)
    assert {planned.cell.target for planned in plan.predicted} == set(names)
    assert [planned.cell.target for planned in plan.unscored] == [name for name in names if name == "answers"]


def test_the_message_is_what_is_said(folder: Path) -> None:
    (shown,) = [text for language, text in re.findall(FENCE, PAGE, re.DOTALL) if language == "text"]
    validation = folder / "data" / "en-validation.csv"
    write(validation, validation.read_text().replace("network", "netwrk"))
    with pytest.raises(StudyError) as caught:
        load_study("study.yaml")
    assert str(caught.value).replace(f"{folder}/", "") == shown.strip()
