"""Every command and program of README.md runs; only the study is a toy one, so that it ends in seconds."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import toy

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
STUDY = "studies/real_text.yaml"


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


COMMANDS = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, toy_mirror: Path) -> Path:
    """Return a folder in which the README's study is the toy study."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "studies").mkdir()
    made = toy.write_study(folder, tiny_encoder, toy_mirror, **toy.small(name="real-text"))
    made.rename(folder / STUDY)
    for name in ("phang2020.yaml", "phang2020.claims.yaml"):
        shutil.copy(ROOT / "studies" / name, folder / "studies" / name)
    return folder


def test_there_are_commands_of_both_sorts() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"make", "xstilts"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make")])
def test_the_makefile_has_the_target(command: str) -> None:
    assert shutil.which("make"), "the house's one check is a make target"
    planned = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr
    assert "xstilts" in planned.stdout or "pytest" in planned.stdout


def test_the_commands_run(folder: Path) -> None:
    for command in (command for command in COMMANDS if command.startswith("xstilts")):
        done = subprocess.run(
            [sys.executable, "-m", "xstilts.cli", *shlex.split(command)[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout.strip(), command


def test_the_python_program_runs(folder: Path) -> None:
    (program,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_the_study_is_the_one_in_the_repository() -> None:
    shown = next(block for block in blocks("yaml") if block.startswith(f"# {STUDY}"))
    settings = [line for line in (ROOT / STUDY).read_text().splitlines() if line and not line.startswith("#")]
    in_readme = [line for line in shown.splitlines() if line and not line.startswith("#")]
    assert [line.split("  #")[0].rstrip() for line in in_readme] == [line.split("  #")[0].rstrip() for line in settings]


def test_the_message_shown_is_what_is_said(folder: Path) -> None:
    (shown,) = blocks("")
    wrong = (ROOT / STUDY).read_text().replace("targets: [xnli,", "targets: [xlni,")
    (folder / "study.yaml").write_text(wrong)
    done = subprocess.run(
        [sys.executable, "-m", "xstilts.cli", "plan", "study.yaml"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if "xlni" in line]
    assert [re.sub(r"line \d+", "line N", line) for line in said] == [re.sub(r"line \d+", "line N", shown.strip())]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_the_links_lead_somewhere(link: str) -> None:
    assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.slow
def test_the_demo_ends_in_a_table(tmp_path: Path) -> None:
    for name in ("src", "Makefile", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    # the suite's own environment stands for the one that `make` would install
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, command in (("python", sys.executable), ("xstilts", f"{sys.executable} -m xstilts.cli")):
        script = tmp_path / ".venv" / "bin" / name
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')  # not a link, which would lead out of the environment
        script.chmod(0o755)
    (tmp_path / ".venv" / ".ready").touch()
    first, second = (
        subprocess.run(["make", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False) for _ in range(2)
    )
    assert first.returncode == second.returncode == 0, first.stderr
    for words in ("zero-shot", "nli-then-qa", "multi-task", "c_retrieval", "random-initialisation", "a control"):
        assert words in first.stdout
    assert "Everything was done already, in runs/demo" in second.stdout
    assert second.stdout.startswith("demo: 0 stages run")
