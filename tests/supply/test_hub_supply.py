"""`xstilts data check` and `pull` against a hub on the loopback interface, and the study on a machine without a network."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hub_world import CLIENT, COMMIT, ENCODER, LANGUAGES, Said, data, environment, faulty, models, sound, write_study

import toy
from fake_hub import FakeHub, Repository, parquet_files, serve
from xstilts.data.mirror import Mirror
from xstilts.data.read import read_examples
from xstilts.digests import file_sha256
from xstilts.tasks import TASKS

NAMES = {name: TASKS[name].data.path for name in LANGUAGES}
XNLI_FILES = {f"{NAMES['xnli']} {name}" for name in ("en/train", "en/validation", "en/test", "de/test")}


@dataclass(frozen=True)
class Story:
    """What was said: before anything was downloaded, with a look at the rows, and pulled, twice; then from sound data sets."""

    folder: Path
    listed: Said
    offline: Said
    looked: Said
    pulled: Said
    pulled_again: Said
    pulled_sound: Said


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Story:
    folder = tmp_path_factory.mktemp("supply")
    study = write_study(folder / "study", list(LANGUAGES))
    home = folder / "home"
    check, pull = ("data", "check", study, "--json"), ("data", "pull", study, "--to", folder / "mirror", "--encoders")
    with serve(faulty(), models(tiny_encoder)) as hub:
        listed = data(home, hub, *check, "--no-rows")
        offline = data(home, hub, *check, "--offline")
        looked = data(home, hub, *check)
        pulled, pulled_again = data(home, hub, *pull), data(home, hub, *pull)
    shutil.copytree(folder / "mirror", folder / "half", symlinks=True)
    with serve(sound(), models(tiny_encoder)) as hub:
        pulled_sound = data(home, hub, *pull)
    return Story(folder, listed, offline, looked, pulled, pulled_again, pulled_sound)


def states(said: Said) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, one in said.findings.items():
        path, _, rest = name.partition(" ")
        found.setdefault(next((task for task, known in NAMES.items() if known == path), path), {})[rest] = one["state"]
    return found


def test_the_hub_s_lists_tell_who_may_read_what(story: Story) -> None:
    assert story.listed.code == 1
    assert story.listed.downloaded == []
    assert {task: set(one.values()) for task, one in states(story.listed).items()} == {
        "xnli": {"on the hub"},
        "pawsx": {"on the hub"},
        "panx": {"gated"},
        "sib200": {"missing"},
        "udpos": {"on the hub"},
        "tiny": {"on the hub"},
    }
    found = story.listed.findings
    test = found[f"{NAMES['pawsx']} en/test"]
    content = faulty()[NAMES["pawsx"]].commits[TASKS["pawsx"].data.revision]["en/test.parquet"]
    assert (test["bytes"], test["gated"], test["hub_licence"]) == (len(content), False, "mit")
    assert (test["version"], test["licence"]) == (TASKS["pawsx"].data.revision, TASKS["pawsx"].licence)
    gated = found[f"{NAMES['panx']} en/train"]["problem"]
    assert "Open https://huggingface.co/datasets/unimelb-nlp/wikiann, accept the conditions" in gated
    assert "no such data set, or it is private" in found[f"{NAMES['sib200']} eng_Latn/test"]["problem"]


def test_offline_nothing_is_asked_and_all_is_missing(story: Story) -> None:
    assert (story.offline.code, story.offline.requests) == (1, ())
    assert {one["state"] for one in story.offline.findings.values()} == {"missing"}
    assert all("xstilts data pull" in one["problem"] for one in story.offline.findings.values())


def test_rows_tell_of_placeholders_and_cut_files(story: Story) -> None:
    found = states(story.looked)
    assert found["pawsx"] == {"en/train": "on the hub", "en/validation": "on the hub", "en/test": "placeholder"}
    assert found["udpos"]["udpos.English/test"] == "out of reach"
    assert found["xnli"]["de/test"] == "here"
    assert story.looked.findings[f"{NAMES['xnli']} de/test"]["rows"] == 24
    assert "Run again" in story.looked.findings[f"{NAMES['udpos']} udpos.English/test"]["problem"]


def listed(mirror: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    return {f"{path} {name}": file for path, entry in manifest.items() for name, file in entry["files"].items()}


def test_one_file_that_fails_holds_up_no_other(story: Story) -> None:
    assert story.pulled.code == 1
    assert "8 pulled, 0 kept, 0 left, 9 failed" in story.pulled.stdout
    assert "pulled: encoder tiny" in story.pulled.stdout
    assert f"failed: {NAMES['panx']} en/train: https" in story.pulled.stderr
    files = listed(story.folder / "half")
    assert set(files) == XNLI_FILES | {f"{NAMES['pawsx']} en/{split}" for split in ("train", "validation", "test")}
    for name, file in files.items():
        path, _, rest = name.partition(" ")
        assert file["sha256"] == file_sha256(story.folder / "half" / path.replace("/", "--") / f"{rest}.parquet")
        assert file["revision"] == next(task.data.revision for task in TASKS.values() if task.data.path == path)
    on_disk = {path.parent.parent.name for path in (story.folder / "half").glob("*--*/*/*")}
    assert on_disk == {NAMES[task].replace("/", "--") for task in ("xnli", "pawsx")}  # no folders of what failed


def test_again_only_the_rest_is_asked_for(story: Story) -> None:
    assert "0 pulled, 8 kept, 0 left, 9 failed" in story.pulled_again.stdout
    assert not [path for path in story.pulled_again.downloaded if not path.startswith("udpos.English/")]
    assert (story.pulled_sound.code, story.pulled_sound.stderr) == (0, "")
    assert "9 pulled, 8 kept, 0 left, 0 failed" in story.pulled_sound.stdout


def test_a_pulled_mirror_gives_the_hub_s_examples(story: Story) -> None:
    mirror = Mirror(story.folder / "mirror")
    for name, tag in (("xnli", "deu_Latn"), ("udpos", "eng_Latn")):
        task = TASKS[name]
        file = mirror.find(task, tag, "test")
        assert file is not None
        rows = toy.datasets()[task.data.path][f"{file.identity['config']}/test"]
        assert read_examples(mirror, task, file).items == tuple(task.read(row) for row in rows)
    entry = mirror.listing[NAMES["xnli"]]
    assert (entry.licence, entry.source) == ("CC BY-NC 4.0", "https://huggingface.co/datasets/facebook/xnli")


def test_the_same_study_runs_on_the_mirror_without_a_network(story: Story, tmp_path: Path) -> None:
    mirror = story.folder / "mirror"
    study = write_study(tmp_path / "study", ["xnli", "udpos"], data={"mirror": str(mirror)})
    away = {"HF_HUB_CACHE": str(mirror / "hub"), "HF_HUB_OFFLINE": "1"}
    checked = data(tmp_path / "home", FakeHub({}), "data", "check", study, "--offline", **away)
    assert (checked.code, checked.stderr) == (0, "")
    assert "toy: 8 of 8 files and encoders are in order." in checked.stdout
    ran = data(tmp_path / "home", FakeHub({}), "run", study, "--out", tmp_path / "out", **away)
    assert (ran.code, "0 failed, 0 blocked" in ran.stdout) == (0, True)
    # the encoder is the hub's, so its keys are those of a machine with a network
    (trained, *_) = (tmp_path / "out" / "train").glob("*/stage.json")
    assert json.loads(trained.read_text())["stage"]["start"] == {"encoder": {"hub": ENCODER, "revision": COMMIT}}


@pytest.mark.parametrize("damage", ["truncated", "other content", "gone"])
def test_damaged_files_are_fetched_again(story: Story, tmp_path: Path, tiny_encoder: Path, damage: str) -> None:
    mirror = shutil.copytree(story.folder / "mirror", tmp_path / "mirror", symlinks=True)
    before = {path: path.read_bytes() for path in mirror.rglob("*.parquet")}
    hurt = mirror / "facebook--xnli" / "en" / "train.parquet"
    weights = (mirror / "hub" / f"models--{ENCODER.replace('/', '--')}" / "snapshots" / COMMIT / "model.safetensors").resolve()
    for path in (hurt, weights):
        content = path.read_bytes()
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(content[:100] if damage == "truncated" else content[:-1] + b"?")
    study = write_study(tmp_path / "study", list(LANGUAGES))
    with serve(sound(), models(tiny_encoder)) as hub:
        again = data(story.folder / "home", hub, "data", "pull", study, "--to", mirror, "--encoders")
    assert (again.code, "2 pulled, 15 kept, 0 left, 0 failed" in again.stdout) == (0, True)
    assert again.downloaded == ["model.safetensors"]  # the rows are still in the cache of `datasets`
    assert {path: path.read_bytes() for path in mirror.rglob("*.parquet")} == before
    assert weights.read_bytes() == (tiny_encoder / "model.safetensors").read_bytes()


def test_killed_at_work_it_goes_on(tmp_path: Path, tiny_encoder: Path) -> None:
    study, mirror, home = write_study(tmp_path / "study", ["xnli", "panx"]), tmp_path / "mirror", tmp_path / "home"
    held = sound()
    held[NAMES["panx"]] = replace(held[NAMES["panx"]], slow=frozenset({"en/test.parquet"}))
    command = [sys.executable, str(CLIENT), "data", "pull", str(study), "--to", str(mirror)]
    with serve(held, models(tiny_encoder)) as hub:
        process = subprocess.Popen(command, env=environment(home, hub), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 100
        while not any("wikiann" in asked and asked.startswith("GET") and "en/test.parquet" in asked for asked in hub.requests):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert set(listed(mirror)) == XNLI_FILES
    with serve(sound(), models(tiny_encoder)) as hub:
        again = data(home, hub, "data", "pull", study, "--to", mirror)
    assert (again.code, again.stderr) == (0, "")
    assert "3 pulled, 4 kept, 0 left, 0 failed" in again.stdout
    assert not [path for path in again.requests if "facebook/xnli" in path]


def test_another_revision_is_another_file(story: Story, tmp_path: Path, tiny_encoder: Path) -> None:
    mirror = shutil.copytree(story.folder / "mirror", tmp_path / "mirror", symlinks=True)
    revisions = {NAMES["xnli"]: "d" * 40}
    study = write_study(tmp_path / "study", ["xnli"], data={"revisions": revisions})
    held = sound()[NAMES["xnli"]]
    files = next(iter(held.commits.values()))
    with serve({NAMES["xnli"]: replace(held, commits={"d" * 40: files})}, models(tiny_encoder)) as hub:
        again = data(tmp_path / "home", hub, "data", "pull", study, "--to", mirror)
    assert "4 pulled, 0 kept, 0 left, 0 failed" in again.stdout
    assert {file["revision"] for name, file in listed(mirror).items() if name in XNLI_FILES} == {"d" * 40}
    assert len(listed(mirror)) == 16


def test_what_the_hub_has_elsewhere_stands_in_the_mirror_where_it_is_looked_for(tmp_path: Path, tiny_encoder: Path) -> None:
    task = TASKS["tydiqa"]
    elsewhere = task.data.instead
    assert elsewhere is not None
    answers = {"text": ["river"], "answer_start": [4]}
    rows = [
        {"id": f"{name}-{i}", "context": f"the river of {name}", "question": f"what {i}?", "answers": answers}
        for name in ("english", "swahili")
        for i in range(4)
    ]
    files = parquet_files({"tydiqa/train": rows, "tydiqa/validation": rows[1:]})
    study = write_study(tmp_path / "study", ["tydiqa"], languages={"tydiqa": ["en", "sw"]})
    with serve({elsewhere.path: Repository({elsewhere.revision: files}, licence="mit")}, models(tiny_encoder)) as hub:
        pulled = data(tmp_path / "home", hub, "data", "pull", study, "--to", tmp_path / "mirror")
        checked = data(tmp_path / "home", hub, "data", "check", study, "--json")
    assert (pulled.code, pulled.stderr) == (0, "")
    assert set(listed(tmp_path / "mirror")) == {
        f"{task.data.path} {name}" for name in ("en/train", "en/validation", "sw/validation")
    }
    found = Mirror(tmp_path / "mirror")
    file = found.find(task, "swh_Latn", "test")
    assert file is not None
    assert read_examples(found, task, file).items == tuple(task.read(row) for row in rows[4:])
    one = checked.findings[f"{elsewhere.path} tydiqa/validation swahili-"]
    assert (one["rows"], one["licence"], one["hub_licence"]) == (4, task.licence, "mit")
