"""Results by group, rows with facts, and a language's facts, as the command line prints them."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import toy
from xstilts.cli import main

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


def test_results_by_family_are_means_of_the_groups_languages(command: Command, toy_run: toy.Run) -> None:
    frame = pd.read_csv(toy_run.out / "results.csv", keep_default_na=False)
    code, out, _ = command("results", toy_run.study, "--out", toy_run.out, "--by", "family")
    assert code == 0
    cell = frame[frame["zero_shot"] & (frame["intermediate"] == "nli") & (frame["target"] == "xnli")]
    before = frame[frame["zero_shot"] & (frame["intermediate"] == "baseline") & (frame["target"] == "xnli")]
    for family, tag in (("Atlantic-Congo", "swh_Latn"), ("Indo-European", "deu_Latn")):
        mean = cell[cell["language"] == tag]["value"].item()
        gain = mean - before[before["language"] == tag]["value"].item()
        (line,) = (line for line in out.splitlines() if all(f"│ {word} " in line for word in ("nli", "xnli", family)))
        assert f" {mean:.1f} " in line
        assert f" {gain:+.1f} " in line
    assert "Glottolog" in out
    assert "CC BY 4.0" in out


def test_facts_are_added_to_csv_and_json_only_when_asked(command: Command, toy_run: toy.Run) -> None:
    plain = (toy_run.out / "results.csv").read_text()
    asked = ("results", toy_run.study, "--out", toy_run.out, "--with-language-facts", "--format")
    _, csv, _ = command(*asked, "csv")
    added = pd.read_csv(io.StringIO(csv), keep_default_na=False)
    assert list(added.columns)[-4:] == ["family", "script", "resource_class", "speakers"]
    assert added.iloc[:, :-4].to_csv(index=False) == pd.read_csv(io.StringIO(plain), keep_default_na=False).to_csv(index=False)
    rows = json.loads(command(*asked, "json")[1])
    assert [row["family"] for row in rows] == list(added["family"])
    assert {row["resource_class"] for row in rows if row["language"] == "swh_Latn"} == {2}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--by", "script", "--format", "csv"), "groups are shown as a table"),
        (("--with-language-facts",), "the facts are columns of csv and json"),
        (("--with-language-facts", "--format", "parquet"), "the facts are columns of csv and json"),
        (("--benchmark", "xtreme", "--by", "script"), "--benchmark xtreme with --by script: a benchmark's averages"),
        (("--benchmark", "xtreme", "--format", "csv"), "--benchmark xtreme with --format csv: a benchmark's averages"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    command: Command, toy_run: toy.Run, options: tuple[str, ...], told: str
) -> None:
    code, out, err = command("results", toy_run.study, "--out", toy_run.out, *options)
    assert (code, out) == (2, "")
    assert told in err


def test_a_language_is_shown_with_its_facts_and_their_sources(command: Command) -> None:
    _, out, _ = command("languages", "sw")
    for told in ("Atlantic-Congo (swah1253)", "Latin (Latn)", "2 (swahili)", "Glottolog 5", "Licence: CC BY 4.0", "Joshi"):
        assert told in out
    _, out, _ = command("languages", "acm")
    assert [line.split("│")[2].strip() for line in out.splitlines() if "│ resource class" in line] == ["unknown"]
    (told,) = json.loads(command("languages", "sw", "--json")[1])
    assert told["speakers"]["value"] == 194_000_000
    assert told["speakers"]["entry"] == "sw"
    assert told["speakers"]["source"].startswith("Unicode CLDR 48.2")


def test_all_languages_are_listed_with_family_and_class(command: Command) -> None:
    _, out, _ = command("languages")
    (line,) = (line for line in out.splitlines() if line.startswith("│ dyu_Latn "))
    assert [cell.strip() for cell in line.split("│")[4:6]] == ["Mande", "0"]
