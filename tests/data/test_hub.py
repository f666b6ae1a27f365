import errno
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from datasets.exceptions import DatasetGenerationError

from fake_hub import FakeHub, Repository, as_parquet, card, client_environment, parquet_files, serve
from xstilts.data import open_source
from xstilts.data.hub import Hub
from xstilts.errors import DataError
from xstilts.spec import DataSpec
from xstilts.tasks.tatoeba import TASK as TATOEBA
from xstilts.tasks.xnli import TASK as XNLI

ROWS = [{"premise": f"premise {i}", "hypothesis": f"hypothesis {i}", "label": i % 3} for i in range(30)]
OLD, NEW, NONE = "a" * 40, "b" * 40, "c" * 40
SWAHILI = [{**row, "premise": f"dhana {i}"} for i, row in enumerate(ROWS[:9])]


NLI = parquet_files({"en/train": ROWS, "en/validation": ROWS[:12], "sw/validation": SWAHILI})
JSON_LINES = "".join(json.dumps(row) + "\n" for row in ROWS[:5]).encode()
TABS = "premise\thypothesis\tlabel\n" + "".join("\t".join(map(str, row.values())) + "\n" for row in ROWS[:5])
REPOSITORIES = {
    "toy/nli": Repository({OLD: NLI, NEW: {**NLI, "en/validation.parquet": as_parquet(ROWS[:11])}}),
    "toy/lines": Repository({OLD: {"README.md": card("jsonl", "en/test"), "en/test.jsonl": JSON_LINES}}),
    "toy/tabs": Repository({OLD: {"README.md": card("tsv", "en/test", extra='  sep: "\\t"\n'), "en/test.tsv": TABS.encode()}}),
    "toy/closed": Repository({OLD: NLI}, gated=dict.fromkeys([*NLI, "closed.py"], 401)),
    "toy/asked": Repository({OLD: NLI}, gated=dict.fromkeys(NLI.keys() - {"README.md"}, 403)),
    "toy/script": Repository({OLD: {"README.md": b"", "script.py": b"import datasets\n"}}),
    "toy/bare": Repository({OLD: {"README.md": b"nothing here"}}),
    "toy/cut": Repository({OLD: NLI}, cut=frozenset(NLI) - {"README.md"}),
    "toy/broken": Repository({OLD: {**NLI, "en/train.parquet": as_parquet(ROWS)[:-50]}}),
    "toy/words": Repository({OLD: {"README.md": card("jsonl", "en/test"), "en/test.jsonl": b"not json\n"}}),
}


@dataclass(frozen=True)
class Told:
    """What one client process said, and what it asked the hub for each split."""

    outcomes: Mapping[tuple[str, str, str, str], Mapping[str, Any]]
    settings: Mapping[str, Any]
    noise: str
    asked: list[list[str]]


def ask(home: Path, hub: FakeHub, asked: list[tuple[str, str, str, str]], **environment: str) -> Told:
    """Read (data set, configuration, split, revision) in another process whose Hugging Face folder is `home`."""
    identities = [dict(zip(("dataset", "config", "split", "revision"), one, strict=True)) for one in asked]
    before = len(hub.requests)
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hub_client.py"))],
        input=json.dumps(identities),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=client_environment(home, hub.address, **environment),
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    requests: list[list[str]] = []
    for request in hub.requests[before:]:
        if "README.md?" in request:  # the client's mark between two splits
            requests.append([])
        else:
            requests[-1].append(request)
    return Told(dict(zip(asked, told["outcomes"], strict=True)), told["settings"], ran.stderr, requests)


READ = {
    ("toy/nli", "en", "validation", OLD): ROWS[:12],
    ("toy/nli", "en", "train", OLD): ROWS,
    ("toy/nli", "sw", "validation", OLD): SWAHILI,
    ("toy/nli", "en", "validation", NEW): ROWS[:11],  # after OLD, so that it is the one `datasets` prepared last
    ("toy/lines", "en", "test", OLD): ROWS[:5],
    ("toy/tabs", "en", "test", OLD): ROWS[:5],
}
REFUSED = {
    ("toy/closed", "en", "train", OLD): ["gated", "https://huggingface.co/datasets/toy/closed,", "`hf auth login`"],
    ("toy/asked", "en", "train", OLD): ["gated", "https://huggingface.co/datasets/toy/asked,", "accept the conditions"],
    ("toy/nli", "en", "train", NONE): [f"no revision {NONE}", "`data.revisions: {toy/nli: COMMIT}`", "commits/main"],
    ("toy/none", "en", "train", OLD): [
        "no such data set, or it is private",
        "https://huggingface.co/datasets/toy/none;",
    ],
    ("toy/script", "en", "train", OLD): ["made by a script", "`data.revisions: {toy/script: COMMIT}`"],
    ("toy/nli", "xx", "train", OLD): ["no such configuration or split", "'xx'", "['en', 'sw']", "`data.revisions"],
    ("toy/nli", "en", "test", OLD): ["no such configuration or split", '"test"', "['train', 'validation']"],
    ("toy/bare", "default", "train", OLD): ["no such configuration or split", "doesn't contain any data files"],
    ("toy/cut", "en", "train", OLD): ["connection broke off", "received", "Run again", "HF_HUB_OFFLINE=1"],
    ("toy/broken", "en", "train", OLD): [
        "a file is damaged",
        "Parquet",
        "Delete",
        "datasets--toy--broken and run again",
    ],
    ("toy/words", "en", "test", OLD): ["a file is damaged", "JSON", "Delete", "datasets--toy--words and run again"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("huggingface")


@pytest.fixture(scope="module")
def online(home: Path) -> Told:
    with serve(REPOSITORIES) as hub:
        return ask(home, hub, [*READ, *REFUSED])


@pytest.fixture(scope="module", params=["told to be offline", "out of reach"])
def offline(request: pytest.FixtureRequest, home: Path, online: Told) -> Told:
    """The same folder later, without the hub."""
    environment = {"HF_HUB_OFFLINE": "1"} if request.param == "told to be offline" else {}
    return ask(
        home, FakeHub({}), [*READ, ("toy/nli", "sw", "validation", NEW), ("toy/none", "en", "train", OLD)], **environment
    )


@pytest.mark.parametrize("asked", READ, ids="-".join)
def test_reads_splits(online: Told, asked: tuple[str, str, str, str]) -> None:
    assert online.outcomes[asked] == {"rows": READ[asked]}


@pytest.mark.parametrize("asked", REFUSED, ids="-".join)
def test_says_what_is_wrong_and_what_to_do(online: Told, asked: tuple[str, str, str, str]) -> None:
    message = online.outcomes[asked]["error"]
    assert message.startswith("ORIGIN: ")
    assert message.endswith(", or read a mirror folder (`data.mirror`).")
    for words in REFUSED[asked]:
        assert words in message


def test_a_split_that_was_read_asks_the_hub_nothing(home: Path, online: Told) -> None:
    with serve(REPOSITORIES) as hub:
        again = ask(home, hub, [*READ])
    assert [again.outcomes[asked] for asked in READ] == [{"rows": rows} for rows in READ.values()]
    assert again.asked == [[]] * len(READ)
    assert online.asked[0] != []


def test_runs_no_code_and_downloads_only_its_configuration(online: Told) -> None:
    gets = [request for split in online.asked for request in split if request.startswith("GET /datasets/toy/nli")]
    assert any("/en/train.parquet" in request for request in gets)
    swahili = online.asked[list(online.outcomes).index(("toy/nli", "en", "train", OLD))]
    assert not any("/sw/" in request for request in swahili)


def test_is_silent_and_counts_nothing(online: Told, offline: Told) -> None:
    assert online.noise == offline.noise == ""
    asked = [request for split in online.asked for request in split]
    assert not [request for request in asked if "/counts" in request or "agent" in request or "telemetry" in request]
    assert online.settings == {
        "bars disabled": False,
        "level": 30,
        "counts": True,
        "telemetry disabled": False,
        "offline": False,
    }


@pytest.mark.parametrize("asked", READ, ids="-".join)
def test_reads_what_was_read_before_without_the_hub(offline: Told, asked: tuple[str, str, str, str]) -> None:
    assert offline.outcomes[asked] == {"rows": READ[asked]}


@pytest.mark.parametrize("asked", [("toy/nli", "sw", "validation", NEW), ("toy/none", "en", "train", OLD)])
def test_never_takes_another_revision_without_the_hub(offline: Told, asked: tuple[str, str, str, str]) -> None:
    message = offline.outcomes[asked]["error"]
    for words in ["ORIGIN: it is not in the cache", "cannot be reached", "HF_HOME", "`data.mirror`"]:
        assert words in message


def generation(cause: Exception) -> DatasetGenerationError:
    error = DatasetGenerationError("An error occurred while generating the dataset")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "there is no space left"),
        (generation(OSError(errno.ENOSPC, "No space left on device")), "there is no space left"),
        (generation(ValueError("Expected 3 fields in line 7, saw 4")), "a file is damaged"),
        (OSError("Consistency check failed: file should be of size 9 but has size 3"), "a file is damaged"),
        (TimeoutError("timed out"), "it is not in the cache, and the hub cannot be reached"),
        (PermissionError(errno.EACCES, "Permission denied"), "it cannot be read (PermissionError"),
        (RuntimeError("something new"), "it cannot be read (RuntimeError: something new)"),
    ],
)
def test_says_what_other_failures_mean(monkeypatch: pytest.MonkeyPatch, failure: Exception, said: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(datasets, "load_dataset", fail)
    file = Hub({}).find(XNLI, "eng_Latn", "train")
    assert file is not None
    with pytest.raises(DataError) as caught:
        Hub({}).table(file)
    assert str(caught.value).startswith(f"{file.origin}: {said}")
    assert str(failure.__cause__ or failure) in str(caught.value)
    assert caught.value.__cause__ is failure


# --- find


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr("socket.socket.connect", connect)
    monkeypatch.setattr("socket.getaddrinfo", connect)


def test_find_says_what_the_task_declares(no_network: None) -> None:
    found = Hub({}).find(XNLI, "eng_Latn", "train")
    assert found is not None
    revision = XNLI.data.revision
    assert found.identity == {"dataset": "facebook/xnli", "config": "en", "split": "train", "revision": revision}
    assert (found.rows, found.deviation) == (392_702, "")
    assert found.origin.startswith("https://huggingface.co/datasets/facebook/xnli (en/train, revision " + revision)


def test_rows_are_known_of_the_source_language_only(no_network: None) -> None:
    found = Hub({}).find(XNLI, "swh_Latn", "test")
    assert found is not None
    assert found.identity["config"] == "sw"
    assert found.rows is None


def test_find_uses_the_hubs_name_of_a_split(no_network: None) -> None:
    task = replace(TATOEBA, data=replace(TATOEBA.data, splits={"validation": "dev"}))
    found = Hub({}).find(task, "afr_Latn", "validation")
    assert found is not None
    assert found.identity["split"] == "dev"
    assert Hub({}).find(task, "afr_Latn", "test") is None


@pytest.mark.parametrize(
    ("verified", "revisions", "doubted"),
    [(False, {}, True), (True, {}, False), (False, {"facebook/xnli": NEW}, False), (False, {"other/set": NEW}, True)],
)
def test_an_unverified_revision_is_said_unless_the_user_chose_it(
    verified: bool, revisions: dict[str, str], doubted: bool, no_network: None
) -> None:
    task = replace(XNLI, data=replace(XNLI.data, verified=verified))
    source = open_source(DataSpec(revisions=revisions))
    found = source.find(task, "eng_Latn", "test")
    assert found is not None
    assert found.identity["revision"] == revisions.get("facebook/xnli", XNLI.data.revision)
    assert ("never verified" in found.origin) == doubted
    assert found.deviation == ""
