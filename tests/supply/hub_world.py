"""A study of five targets and a model of the hub, of which some are in order and some are not, on the loopback interface."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toy
from fake_hub import FakeHub, Repository, client_environment, parquet_files
from xstilts.tasks import TASKS

ENCODER, COMMIT = "toy/tiny", "e" * 40
CLIENT = Path(__file__).with_name("data_client.py")
LANGUAGES = {"xnli": ["en", "de"], "pawsx": ["en"], "panx": ["en"], "sib200": ["eng_Latn"], "udpos": ["en"]}
PAIRS = [{"sentence1": f"one {i}", "sentence2": f"two {i}", "label": i % 2} for i in range(24)]
NAMES = [{"tokens": ["Ann", "went"], "ner_tags": [i % 2, 0]} for i in range(24)]
TOPICS = [{"text": f"text {i}", "category": ("travel", "health")[i % 2]} for i in range(24)]


@dataclass(frozen=True)
class Said:
    """What a command printed, its exit code, and what it asked the hub."""

    code: int
    stdout: str
    stderr: str
    requests: tuple[str, ...]

    @property
    def downloaded(self) -> list[str]:
        """Return the paths of the files whose content was asked for, cards left out."""
        asked = [request for request in self.requests if request.startswith("GET ") and "/resolve/" in request]
        paths = (request.split("/resolve/")[1].split("/", 1)[1] for request in asked)
        return sorted(path for path in paths if not path.startswith("README"))

    @property
    def findings(self) -> dict[str, dict[str, Any]]:
        """Return what `xstilts data check --json` printed, by name."""
        return {one["name"]: one for one in json.loads(self.stdout)}


def splits(config: str, rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return three splits, of which each has another content: the hub's cache keeps one copy of equal files."""
    return {f"{config}/train": rows, f"{config}/validation": rows[:22], f"{config}/test": rows[:20]}


def sound() -> dict[str, Repository]:
    """Return the data sets with nothing wrong."""
    toys = toy.datasets()
    files = {
        "xnli": toys["facebook/xnli"],
        "pawsx": splits("en", PAIRS),
        "panx": splits("en", NAMES),
        "sib200": splits("eng_Latn", TOPICS),
        "udpos": toys["google/xtreme"],
    }
    return {TASKS[n].data.path: Repository({TASKS[n].data.revision: parquet_files(f)}) for n, f in files.items()}


def faulty() -> dict[str, Repository]:
    """Return them with faults: PAWS-X's test labels are all 0, PAN-X is gated, SIB-200 is gone, UD-POS breaks off."""
    held = sound()
    data = TASKS["pawsx"].data
    same = splits("en", PAIRS) | {"en/test": [{**row, "label": 0} for row in PAIRS]}
    held[data.path] = Repository({data.revision: parquet_files(same)}, licence="mit")
    panx, udpos = TASKS["panx"].data, TASKS["udpos"].data
    files = held[panx.path].commits
    held[panx.path] = Repository(files, gated=dict.fromkeys((name for name in files[panx.revision] if "/" in name), 403))
    held[udpos.path] = Repository(held[udpos.path].commits, cut=frozenset({"udpos.English/test.parquet"}))
    del held[TASKS["sib200"].data.path]
    return held


def models(encoder: Path) -> dict[str, Repository]:
    return {ENCODER: Repository({COMMIT: {path.name: path.read_bytes() for path in encoder.iterdir()}})}


def write_study(folder: Path, targets: list[str], **changes: Any) -> Path:
    """Write a study of the hub's model and data."""
    folder.mkdir(exist_ok=True)
    fields: dict[str, Any] = {
        "encoders": {"tiny": {"hub": ENCODER, "revision": COMMIT}},
        "targets": targets,
        "languages": {name: LANGUAGES[name] for name in targets if name in LANGUAGES},
        "intermediates": {"baseline": []},
        "data": None,
    }
    return toy.write_study(folder, folder, folder, **{**toy.small(), **fields, **changes})


def environment(home: Path, hub: FakeHub, **more: str) -> Mapping[str, str]:
    return client_environment(home, hub.address, XSTILTS_CACHE=str(home / "xstilts"), **more)


def data(home: Path, hub: FakeHub, *arguments: str | Path, **more: str) -> Said:
    """Run `xstilts ARGUMENTS` in another process whose Hugging Face folder is `home`."""
    before = len(hub.requests)
    done = subprocess.run(
        [sys.executable, str(CLIENT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env=environment(home, hub, **more),
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr, tuple(hub.requests[before:]))
