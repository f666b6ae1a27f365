"""Scoring a folder: XTREME's own check files, every mean to the last digit."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xstilts.benchmarks import benchmark
from xstilts.cli import app
from xstilts.scorefolder import score_folder

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[1] / "../shared"))
GOLDEN = SHARED / "golden" / "xtreme"
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"XTREME's golden files are not at {GOLDEN}")


@pytest.fixture(scope="module")
def expected():
    return json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def xtreme():
    return score_folder("xtreme", GOLDEN / "predictions", GOLDEN / "labels")


def test_every_task_to_the_last_digit(xtreme, expected):
    means = {name: values for name, values in expected["xtreme"].items() if name != "overall"}
    assert xtreme["tasks"].keys() == means.keys()
    for name, values in means.items():
        assert {value: xtreme["tasks"][name][f"avg_{value}"] for value in values} == values


def test_groups_and_overall_to_the_last_digit(xtreme, expected):
    assert {"all_task": xtreme["overall"], **xtreme["groups"]} == expected["xtreme"]["overall"]


def test_every_language_has_a_value(xtreme):
    for one in benchmark("xtreme").tasks:
        for value in one.values:
            assert list(xtreme["tasks"][one.folder][value]) == list(one.languages)


def test_mewsli_x_to_the_last_digit(expected):
    found = score_folder("xtreme-r", GOLDEN / "predictions", GOLDEN / "labels")
    value = expected["xtreme-r"]["mewslix"]["map@20"]
    assert (found["tasks"]["mewslix"]["avg_map@20"], found["tasks"]["mewslix"]["avg_metric"]) == (value, value)
    assert found["overall"] is None


def test_the_command_prints_the_same(xtreme):
    where = ["--predictions", GOLDEN / "predictions", "--labels", GOLDEN / "labels"]
    ran = CliRunner().invoke(app, ["score", "--suite", "xtreme", *map(str, where), "--json"])
    assert json.loads(ran.stdout) == xtreme
