"""Tables of gains: the numbers of `xstilts gains`, marks by adjusted p-values, the greatest in bold, names made harmless."""

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import toy
from xstilts.cli import main
from xstilts.exports.table import csv_text, latex, markdown, matrix
from xstilts.gain_table import Answer, Question, answer
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.stats.gains import Gain
from xstilts.stats.inference import Estimate, Interval
from xstilts.store import Store
from xstilts.study_file import load_study

PACKAGES = ("[margin=1cm]{geometry}", "{lmodern}", "{booktabs}", "{siunitx}")
DOCUMENT = r"\documentclass{article}" + "".join(rf"\usepackage{name}" for name in PACKAGES)


def one(intermediate: str, target: str, gain: float | None, p: float = 0.5, **more: object) -> Gain:
    estimate = gain if gain is None else Estimate(gain, Interval(gain - 1, gain + 1), None, 0.5, 2.0, p, 0.5, 1.4)
    row = Gain("target", "tiny", intermediate, target, "", estimate, p, p / 10, 3, 2, 100, 0, 0)  # type: ignore[arg-type]
    return replace(row, **more)  # type: ignore[arg-type]


def made(*gains: Gain) -> Answer:
    return Answer("study_1", Question("target", "xtreme", "baseline", "", 1.0, 100), gains, {})


TOY = made(
    one("nli", "xnli", 3.456, 0.0005), one("a_b&c", "xnli", -12.0, 0.03), one("none", "xnli", 3.4, 0.009),
    one("nli", "udpos", 0.0), one("a_b&c", "udpos", None), one("none", "udpos", -0.5),
)  # fmt: skip


@pytest.fixture(scope="module")
def found(toy_run: toy.Run) -> Answer:
    results = Results(make_plan(load_study(toy_run.study)), Store(toy_run.out))
    return answer(results, Question("language", "xtreme", "baseline", "", 1.0, 200))


def test_cells_have_digits_marks_and_the_best() -> None:
    table = matrix(TOY, "holm")
    assert table.head == ("target", "nli", "a_b&c", "none")
    (names, (first, second, third)), (other, (zero, missing, half)) = table.rows
    assert (names, other) == (("xnli",), ("udpos",))
    assert first and second and third and zero and half  # noqa: PT018
    assert (first.text, first.marks, first.best) == ("+3.46", 3, True)
    assert (second.text, second.marks, second.best) == ("-12.00", 1, False)
    assert (third.text, third.marks, third.best) == ("+3.40", 2, False)
    assert (zero.text, zero.marks, zero.best, missing, half.best) == ("+0.00", 0, True, None, False)
    by_bh = matrix(TOY, "bh").rows[0][1][1]
    assert by_bh and by_bh.marks == 2  # noqa: PT018 (0.03 / 10)
    assert "adjusted over the 6 gains of the table (Holm)." in table.caption
    assert "(Benjamini and Hochberg)" in matrix(TOY, "bh").caption
    assert "means over 3 seeds." in table.caption


def test_ties_are_both_best_and_one_alone_is_not() -> None:
    tied = matrix(made(one("a", "xnli", 1.001), one("b", "xnli", 1.002)), "holm").rows[0][1]
    assert [cell and cell.best for cell in tied] == [True, True]
    alone = matrix(made(one("a", "xnli", 1.0)), "holm").rows[0][1]
    assert [cell and cell.best for cell in alone] == [False]


def test_several_encoders_and_groups_have_columns() -> None:
    table = matrix(made(one("a", "x", 1.0, group="Latin"), one("a", "x", 2.0, group="Latin", encoder="big")), "holm")
    assert table.head == ("encoder", "target", "target", "a")  # asked by target, the group's column is named so too
    assert [names for names, _ in table.rows] == [("tiny", "x", "Latin"), ("big", "x", "Latin")]


def test_latex_is_escaped_and_markdown_too() -> None:
    text = latex(matrix(TOY, "holm"), "tab:x")
    assert r"target & {nli} & {a\_b\&c} & {none} \\" in text
    assert r"xnli & \bfseries +3.46 \textsuperscript{***} & -12.00 \textsuperscript{*} & +3.40 \textsuperscript{**} \\" in text
    assert r"udpos & \bfseries +0.00 & {--} & -0.50 \\" in text
    assert r"study study\_1" in text
    lines = markdown(matrix(TOY, "holm")).splitlines()
    assert lines[2:] == [
        r"| target | nli | a\_b&c | none |", "| --- | ---: | ---: | ---: |",
        r"| xnli | **+3.46**\*\*\* | -12.00\* | +3.40\*\* |", "| udpos | **+0.00** | – | -0.50 |",
    ]  # fmt: skip
    assert r"p \< 0.05 (\*)" in lines[0]


def test_csv_has_every_number_of_the_gains(found: Answer) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(found))))
    assert len(rows) == len(found.gains)
    for row, gain in zip(rows, found.gains, strict=True):
        assert (row["intermediate"], row["target"], row["group"]) == (gain.intermediate, gain.target, gain.group)
        assert gain.estimate is not None
        numbers = [gain.estimate.gain, gain.estimate.interval.low, gain.estimate.p, gain.p_holm, gain.p_bh]
        assert [float(row[name]) for name in ("gain", "low", "p", "p_holm", "p_bh")] == numbers
        assert row["low_elsewhere"] == ""
    assert csv_text(TOY).splitlines()[5].startswith("tiny,a_b&c,udpos,,,,,,,,")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_latex_compiles(found: Answer, tmp_path: Path) -> None:
    tables = [latex(matrix(one, "holm"), f"tab:{i}") for i, one in enumerate((TOY, found))]
    path = tmp_path / "t.tex"
    path.write_text(DOCUMENT + r"\begin{document}" + "\n".join(tables) + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):  # the first run writes the labels down
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
    log = (tmp_path / "t.log").read_text(errors="replace")
    assert "Warning" not in log
    assert "Overfull" not in log
    assert (tmp_path / "t.pdf").stat().st_size > 10_000


def test_the_command(
    toy_run: toy.Run, found: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(form: str, *options: str) -> str:
        path = tmp_path / "new" / f"t.{form}"
        command = ["xstilts", "export", "table", toy_run.study, "--out", toy_run.out, "--format", form, "--to", path, *options]
        monkeypatch.setattr("sys.argv", [*map(str, command), "--by", "language", "--resamples", "200"])
        with pytest.raises(SystemExit) as ended:
            main()
        if ended.value.code:
            return capsys.readouterr().err
        assert capsys.readouterr().out == f"{len(found.gains)} gains written to {path}.\n"
        return path.read_text()

    assert run("csv") == csv_text(found)
    assert run("markdown") == markdown(matrix(found, "holm"))
    assert run("latex", "--adjust", "bh") == latex(matrix(found, "bh"), "tab:toy-gains")
    assert run("csv", "--margin", "50") != csv_text(found)  # its p_equivalent is another
    assert "unknown intermediate 'nlii'. Did you mean 'nli'?" in run("csv", "--over", "nlii")
