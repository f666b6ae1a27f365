"""A study of a model and a data set of the hub, by the command line, against a hub on the loopback interface."""

import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

import toy
from fake_hub import Repository, client_environment, parquet_files, serve
from xstilts.overview import print_overview
from xstilts.tasks.xnli import TASK as XNLI

ENCODER, COMMIT = "toy/tiny", "e" * 40
CODES = {"eng_Latn": "en", "deu_Latn": "de"}
ROWS = toy.datasets()["facebook/xnli"]


@dataclass(frozen=True)
class Said:
    """What a command printed, and what it asked the hub."""

    stdout: str
    stderr: str
    requests: tuple[str, ...]

    @property
    def downloaded(self) -> list[str]:
        """The paths of the files that were downloaded, as often as they were."""
        asked = [request for request in self.requests if request.startswith("GET ") and "/resolve/" in request]
        return sorted(request.split("/resolve/")[1].split("/", 1)[1] for request in asked)

    @property
    def plan(self) -> dict[str, Any]:
        return dict(json.loads(self.stdout))


@dataclass(frozen=True)
class Story:
    """A study planned, run and planned again; then, without the hub, run again, there and in another folder."""

    folder: Path
    planned: Said
    ran: Said
    planned_again: Said
    ran_again: Said
    ran_elsewhere: Said


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Story:
    folder = tmp_path_factory.mktemp("hub_study")
    study = toy.write_study(
        folder,
        tiny_encoder,
        folder,
        encoders={"tiny": {"hub": ENCODER, "revision": COMMIT}},
        intermediates={"baseline": []},
        targets=["xnli"],
        languages={"xnli": ["en", "de"]},
        data=None,
    )
    data = Repository({XNLI.data.revision: parquet_files(ROWS)})
    model = Repository({COMMIT: {path.name: path.read_bytes() for path in tiny_encoder.iterdir()}})
    with serve({XNLI.data.path: data}, {ENCODER: model}) as hub:
        environment = client_environment(folder / "huggingface", hub.address, XSTILTS_CACHE=str(folder / "cache"))

        def xstilts(*arguments: str | Path) -> Said:
            before = len(hub.requests)
            command = [sys.executable, "-m", "xstilts.cli", *map(str, arguments)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            assert done.returncode == 0, done.stderr
            return Said(done.stdout, done.stderr, tuple(hub.requests[before:]))

        planned = xstilts("plan", study, "--out", folder / "out", "--json")
        ran = xstilts("run", study, "--out", folder / "out")
        planned_again = xstilts("plan", study, "--out", folder / "out", "--json")
    (folder / "first.csv").write_bytes((folder / "out" / "results.csv").read_bytes())
    ran_again = xstilts("run", study, "--out", folder / "out")
    ran_elsewhere = xstilts("run", study, "--out", folder / "elsewhere")
    return Story(folder, planned, ran, planned_again, ran_again, ran_elsewhere)


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def predictions(out: Path, row: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the columns of the prediction file behind a row of the results."""
    (key,) = json.loads((out / "score" / row["score_key"] / "stage.json").read_text())["inputs"]
    return dict(parquet.read_table(out / "predict" / key / "predictions.parquet").to_pydict())


def test_results_are_those_of_the_hubs_rows(story: Story) -> None:
    found = rows(story.folder / "out")
    assert [row["language"] for row in found] == list(CODES)
    for row in found:
        fixed = ("encoder", "intermediate", "target", "seed", "split", "metric", "n", "deviation")
        assert [row[name] for name in fixed] == ["tiny", "baseline", "xnli", "1", "test", "accuracy", "24", ""]
        assert row["zero_shot"] == str(row["language"] != "eng_Latn")
        told = predictions(story.folder / "out", row)
        assert told["gold"] == [XNLI.labels[one["label"]] for one in ROWS[f"{CODES[row['language']]}/test"]]
        right = sum(gold == said for gold, said in zip(told["gold"], told["prediction"], strict=True))
        assert float(row["value"]) == pytest.approx(100 * right / 24)
    assert float(found[0]["value"]) > 60  # the toy sentences are learnt; chance is 33


def test_the_hub_gives_what_a_mirror_and_a_folder_give(story: Story, toy_run: toy.Run) -> None:
    expected = {
        row["language"]: row for row in rows(toy_run.out) if (row["intermediate"], row["target"]) == ("baseline", "xnli")
    }
    for row in rows(story.folder / "out"):
        assert predictions(story.folder / "out", row) == predictions(toy_run.out, expected[row["language"]])


def test_downloads_each_file_of_its_encoder_and_languages_once(story: Story, tiny_encoder: Path) -> None:
    splits = [name for name in ROWS if name.split("/")[0] in CODES.values()]  # `datasets` takes all splits of a language
    files = [path.name for path in tiny_encoder.iterdir()] + [f"{split}.parquet" for split in splits]
    assert [path for path in story.ran.downloaded if path != "README.md"] == sorted(files)
    assert "sw/train" in ROWS
    ours = tuple(
        f"{start}/{name}/" for name in (ENCODER, f"datasets/{XNLI.data.path}") for start in ("", "/api", "/api/models")
    )
    assert [request for request in story.ran.requests if not request.split(" ")[1].startswith(ours)] == []  # no telemetry


def test_planning_never_asks_the_hub(story: Story) -> None:
    assert story.planned.requests == story.planned_again.requests == ()


def test_keys_are_provisional_until_the_encoder_is_here(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = story.planned.plan, story.planned_again.plan
    print_overview(before)
    assert "Encoder tiny is not on this machine yet: its stages get other keys" in capsys.readouterr().out
    assert "downloading encoder tiny" in story.ran.stderr
    assert (before["provisional_encoders"], after["provisional_encoders"]) == (["tiny"], [])
    keys, provisional = ({(stage["kind"], stage["key"]) for stage in plan["stages"]} for plan in (after, before))
    assert keys == {(path.parent.parent.name, path.parent.name) for path in (story.folder / "out").glob("*/*/stage.json")}
    assert len(keys) == len(provisional) == 5
    assert not keys & provisional
    assert (before["to_run"], after["to_run"]) == (5, 0)


def test_a_second_run_needs_no_hub_and_does_no_work(story: Story) -> None:
    assert "toy: 5 stages run, 0 failed, 0 blocked" in story.ran.stdout
    assert "toy: 0 stages run, 0 failed, 0 blocked" in story.ran_again.stdout
    assert "downloading" not in story.ran_again.stderr
    assert (story.folder / "out" / "results.csv").read_bytes() == (story.folder / "first.csv").read_bytes()


def test_another_store_is_filled_without_the_hub(story: Story) -> None:
    assert "toy: 5 stages run, 0 failed, 0 blocked" in story.ran_elsewhere.stdout
    assert (story.folder / "elsewhere" / "results.csv").read_bytes() == (story.folder / "first.csv").read_bytes()
