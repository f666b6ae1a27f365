"""`xstilts gains` on a finished store: rows, notes, JSON, and mistakes."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import toy
from xstilts.cli import main
from xstilts.cli.options import suite_of
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.summary import COLUMNS, summary


@pytest.fixture
def gains(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], toy_run: toy.Run):  # type: ignore[no-untyped-def]
    """Return a function: options -> exit code, standard output, standard error."""

    def run(*options: str, study: Path = toy_run.study, out: Path = toy_run.out) -> tuple[int, str, str]:
        command = ["xstilts", "gains", str(study), "--out", str(out), "--resamples", "200", *options]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_targets_have_the_gains_that_results_shows(gains, toy_run: toy.Run) -> None:  # type: ignore[no-untyped-def]
    code, out, err = gains("--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    rows, _ = summary(Results(make_plan(load_study(toy_run.study)), Store(toy_run.out)))
    shown = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    wanted = [(row["intermediate"], row["target"], row["gain"]) for row in shown if row["gain"]]
    assert len(wanted) == 3 * 4  # three intermediates; tatoeba has two variants
    measured = [(row["intermediate"], row["target"].split()[0], f"{row['estimate']['gain']:+.1f}") for row in found["gains"]]
    assert sorted(measured) == sorted(wanted)
    assert all(row["estimate"]["df"] is None for row in found["gains"])  # one seed: infinite, which JSON lacks
    assert found["additive"]["tiny"]["n"] == len(wanted)


def test_the_table_says_what_one_has_to_know(gains) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = gains("--variant", "source-to-foreign")
    assert code == 0
    assert "toy: gains over baseline in points" in out
    assert "Rows with one seed" in out
    assert "direction=source-to-foreign" in out
    assert "direction=foreign-to-source" not in out
    assert "sum of an effect of the intermediate" in out


@pytest.mark.parametrize(
    ("by", "first", "count"),
    [("language", ("xnli", "deu_Latn"), 3 * (3 + 2 + 2)), ("script", ("xnli", "Latin"), 3 * 5),
        ("family", ("xnli", "Indo-European"), 3 * 6),
        ("resource_class", ("xnli", "5"), 3 * 6),
     ("benchmark", ("xtreme (2 of 9 tasks)", ""), 3 * 3)],
)  # fmt: skip
def test_rows_are_what_is_asked_for(gains, by: str, first: tuple[str, str], count: int) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = gains("--by", by, "--json")
    found = json.loads(out)["gains"]
    assert ((found[0]["target"], found[0]["group"]), len(found)) == (first, count)


def test_another_reference_turns_the_sign(gains) -> None:  # type: ignore[no-untyped-def]
    over = {
        reference: {
            row["target"]: row["estimate"]["gain"]
            for row in json.loads(gains("--over", reference, "--json")[1])["gains"]
            if row["intermediate"] == other
        }
        for reference, other in (("baseline", "nli"), ("nli", "baseline"))
    }
    assert over["nli"] == pytest.approx({target: -gain for target, gain in over["baseline"].items()})


def test_too_few_resamples_for_holm_are_told(gains) -> None:  # type: ignore[no-untyped-def]
    assert "21 rows ask for --resamples 420 or more" in gains("--by", "language")[1]


def test_mistakes_are_told(gains, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, err = gains("--over", "nlii")
    assert (code, "unknown intermediate 'nlii'. Did you mean 'nli'?" in err) == (2, True)
    code, _, err = gains(out=tmp_path / "empty")
    assert code == 2
    assert "toy has no gain by target: 0 of 9 have the scores" in err
    assert "Run the study" in err
    assert "xstilts status" in err


def test_a_variant_that_no_retrieval_has_is_a_mistake(gains) -> None:  # type: ignore[no-untyped-def]
    code, out, err = gains("--variant", "layer=99")
    assert (code, out) == (2, "")
    assert "no variant of a retrieval target has 'layer=99' in its name. Allowed: a part of a name, as layer=" in err


def test_a_benchmark_goes_with_its_rows_alone(gains) -> None:  # type: ignore[no-untyped-def]
    code, out, err = gains("--benchmark", "xtreme")
    assert (code, out) == (2, "")
    assert "--benchmark xtreme with --by target: rows are no averages of it. Write `--by benchmark`" in err


def test_the_benchmark_is_the_study_s_unless_it_is_named() -> None:
    study: Any = SimpleNamespace(benchmarks=("xtreme-r", "flores-200"))
    assert suite_of(study, "benchmark", None) == "xtreme-r"
    assert suite_of(study, "benchmark", "flores-200") == "flores-200"
    assert suite_of(SimpleNamespace(benchmarks=()), "target", None) == "xtreme"  # type: ignore[arg-type]


def test_a_benchmark_that_the_study_has_no_task_of_is_told(gains) -> None:  # type: ignore[no-untyped-def]
    code, _, err = gains("--by", "benchmark", "--benchmark", "flores-200")
    assert code == 2
    assert "toy has no gain by benchmark: it evaluates no task of flores-200" in err
    assert "Run the study" not in err  # which would change nothing
