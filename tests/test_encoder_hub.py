import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fake_hub import FakeHub, Repository, client_environment, serve
from xstilts.engine.tokenizer import fingerprint, open_tokenizer

COMMIT, NONE = "a" * 40, "b" * 40
INDEX = "model.safetensors.index.json"
CLIENT = Path(__file__).with_name("encoder_client.py")
PARTS = {
    INDEX: json.dumps({"weight_map": {"a": "model-0.safetensors", "b": "model-1.safetensors"}}).encode(),
    "model-0.safetensors": b"one part",
    "model-1.safetensors": b"another part",
}
OTHERS = {  # what many repositories also hold
    "README.md": b"a model",
    ".gitattributes": b"",
    "pytorch_model.bin": b"the same weights",
    "tf_model.h5": b"the same weights",
    "onnx/model.safetensors": b"the same weights",
    "onnx/config.json": b"{}",
}
HELD = ("whole", "parts", "pickled", "late", "mended")  # encoders that are in the cache in the end
LEFT_OUT = ("half", "lacking", "none")  # and those that are not


@dataclass(frozen=True)
class Told:
    """What one client process said of each step, and what it asked the hub."""

    outcomes: Mapping[tuple[str, str, str], Mapping[str, Any]]
    torch: bool
    requests: Sequence[str]

    def asked(self, name: str) -> list[str]:
        """Return the paths of an encoder's files that were asked for, and "" for their list."""
        asked = [request.split("?")[0].split("/") for request in self.requests if request.startswith("GET ")]
        return sorted("/".join(parts[parts.index(COMMIT) + 1 :]) for parts in asked if name in parts and COMMIT in parts)


def step(verb: str, name: str, revision: str = COMMIT) -> tuple[str, str, str]:
    return verb, name, revision


def ask(home: Path, steps: Sequence[tuple[str, str, str]], hub: FakeHub, **environment: str) -> Told:
    """Take steps in another process whose Hugging Face folder is `home`."""
    before = len(hub.requests)
    ran = subprocess.run(
        [sys.executable, str(CLIENT)],
        input=json.dumps([(verb, {"hub": f"toy/{name}", "revision": revision}) for verb, name, revision in steps]),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=client_environment(home, hub.address, XSTILTS_CACHE=str(home / "xstilts"), **environment),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    return Told(dict(zip(steps, told["outcomes"], strict=True)), told["torch"], hub.requests[before:])


def snapshot(home: Path, name: str) -> Path:
    return home / "hub" / f"models--toy--{name}" / "snapshots" / COMMIT


@pytest.fixture(scope="module")
def files(tiny_encoder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tiny_encoder.iterdir()}


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> str:
    return fingerprint(open_tokenizer(tiny_encoder))


@pytest.fixture(scope="module")
def models(files: dict[str, bytes]) -> dict[str, Repository]:
    weightless = {name: content for name, content in files.items() if name != "model.safetensors"}
    wordless = {name: content for name, content in files.items() if name != "tokenizer.json"}
    contents = {
        "whole": {**files, **OTHERS},
        "parts": {**weightless, **PARTS, **OTHERS},
        "pickled": {**weightless, "pytorch_model.bin": b"weights"},
        "late": files,
        "mended": {**weightless, **PARTS},
        "lacking": {name: content for name, content in {**weightless, **PARTS}.items() if name != "model-1.safetensors"},
        "weightless": {**weightless, "tf_model.h5": b"weights"},
        "wordless": wordless,
        "half": files,
        "closed": files,
        "asked": files,
        "down": files,
    }
    faults: dict[str, dict[str, Any]] = {
        "late": {"cut": frozenset({"model.safetensors"})},
        "closed": {"gated": dict.fromkeys(files, 401)},
        "asked": {"gated": dict.fromkeys(files, 403)},
        "down": {"listing": 503},
        "half": {"listing": 503},
    }
    return {f"toy/{name}": Repository({COMMIT: held}, **faults.get(name, {})) for name, held in contents.items()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> Path:
    """A Hugging Face folder in which another program left a part of one encoder."""
    home = tmp_path_factory.mktemp("huggingface")
    snapshot(home, "half").mkdir(parents=True)
    for name, content in files.items():
        if name != "model.safetensors":
            (snapshot(home, "half") / name).write_bytes(content)
    return home


FETCHED = ("whole", "parts", "pickled", "mended")
REFUSED = {
    ("closed", COMMIT): ["gated", "Open https://huggingface.co/toy/closed, accept the conditions", "`hf auth login`"],
    ("asked", COMMIT): ["gated", "Open https://huggingface.co/toy/asked, accept the conditions", "`hf auth login`"],
    ("none", COMMIT): ["no such model, or it is private", "https://huggingface.co/toy/none;", "`hf auth login`"],
    ("whole", NONE): [f"the hub has no revision {NONE}", "https://huggingface.co/toy/whole/commits/main"],
    ("late", COMMIT): ["connection broke off (RemoteProtocolError", "received", "Run again: what was downloaded is kept"],
    ("down", COMMIT): ["hub cannot be reached", "503 Service Unavailable", "HF_HUB_OFFLINE=1"],
}
INCOMPLETE = {
    "lacking": f"config.json, model-0.safetensors, {INDEX}, tokenizer.json, tokenizer_config.json",
    "weightless": "config.json, tokenizer.json, tokenizer_config.json",
    "wordless": "config.json, model.safetensors, tokenizer_config.json",
    "half": "config.json, tokenizer.json, tokenizer_config.json",  # the list of files did not come; no word from the library
}


@pytest.fixture(scope="module")
def online(home: Path, models: dict[str, Repository]) -> Told:
    before = [step("identify", name) for name in (*FETCHED, "half")]
    fetches = [step("fetch", name) for name in (*FETCHED, *INCOMPLETE)] + [step("fetch", *wrong) for wrong in REFUSED]
    with serve({}, models) as hub:
        return ask(home, [*before, *fetches], hub)


@pytest.fixture(scope="module")
def later(home: Path, models: dict[str, Repository], online: Told) -> Told:
    """The hub is sound again, and files are gone from the cache."""
    for path in (snapshot(home, "mended") / "tokenizer_config.json", snapshot(home, "parts") / "model-1.safetensors"):
        path.resolve().unlink()
        path.unlink()
    sound = {name: Repository(model.commits) for name, model in models.items()}
    with serve({}, sound) as hub:
        return ask(home, [*(step("identify", name) for name in HELD), *(step("fetch", name) for name in HELD)], hub)


@pytest.fixture(scope="module", params=["told to be offline", "out of reach"])
def offline(request: pytest.FixtureRequest, home: Path, later: Told) -> Told:
    """The same folder later, without the hub."""
    verbs = [step(verb, name) for name in (*HELD, *LEFT_OUT) for verb in ("identify", "fetch")]
    environment = {"HF_HUB_OFFLINE": "1"} if request.param == "told to be offline" else {}
    return ask(home, verbs, FakeHub({}), **environment)


@pytest.mark.parametrize("name", [*FETCHED, "half"])
def test_before_the_download_an_encoder_is_its_id_and_revision(online: Told, name: str) -> None:
    weights = {"hub": f"toy/{name}", "revision": COMMIT}
    assert online.outcomes[step("identify", name)] == {"weights": weights, "tokenizer": None, "folder": None}


@pytest.mark.parametrize(
    ("name", "weights"),
    [("whole", ["model.safetensors"]), ("parts", sorted(PARTS)), ("pickled", ["pytorch_model.bin"])],
)
def test_fetches_what_is_read_and_nothing_else(
    home: Path, online: Told, models: dict[str, Repository], name: str, weights: list[str]
) -> None:
    wanted = ["config.json", *weights, "tokenizer.json", "tokenizer_config.json"]
    assert online.outcomes[step("fetch", name)] == {"folder": str(snapshot(home, name))}
    assert online.asked(name) == ["", *sorted(wanted)]
    held = {path.name: path.read_bytes() for path in snapshot(home, name).iterdir()}
    assert held == {path: models[f"toy/{name}"].commits[COMMIT][path] for path in wanted}


def test_asks_the_hub_for_encoders_only(online: Told) -> None:
    assert not [request for request in online.requests if "/toy/" not in request]  # no counts, no telemetry


@pytest.mark.parametrize(("name", "revision"), REFUSED, ids=" ".join)
def test_says_why_an_encoder_cannot_be_fetched(home: Path, online: Told, name: str, revision: str) -> None:
    message = online.outcomes[step("fetch", name, revision)]["error"]
    assert message.startswith(f"encoder toy/{name} at {revision}: ")
    assert message.endswith(", or copy its folder and give `path:`.")
    for words in REFUSED[name, revision]:
        assert words in message


@pytest.mark.parametrize("name", INCOMPLETE)
def test_never_takes_a_part_of_an_encoder(home: Path, online: Told, name: str) -> None:
    message = online.outcomes[step("fetch", name)]["error"]
    assert message.startswith(f"encoder toy/{name} at {COMMIT} is incomplete: {snapshot(home, name)} needs config.json, model.")
    assert f"; it holds {INCOMPLETE[name]}. Run again with a network." in message


@pytest.mark.parametrize("name", HELD)
def test_knows_the_folder_once_all_its_files_are_there(home: Path, later: Told, tokenizer: str, name: str) -> None:
    complete = name in {"whole", "pickled"}
    assert later.outcomes[step("identify", name)] == {
        "weights": {"hub": f"toy/{name}", "revision": COMMIT},
        "tokenizer": tokenizer if complete else None,
        "folder": str(snapshot(home, name)) if complete else None,
    }


def test_fetches_only_what_is_missing(home: Path, later: Told, models: dict[str, Repository]) -> None:
    missing = {"late": "model.safetensors", "parts": "model-1.safetensors", "mended": "tokenizer_config.json"}
    for name in HELD:
        assert later.outcomes[step("fetch", name)] == {"folder": str(snapshot(home, name))}
    for name, path in missing.items():
        assert (snapshot(home, name) / path).read_bytes() == models[f"toy/{name}"].commits[COMMIT][path]
    # no request more: neither `identify` nor the process that opens a tokenizer asks the hub
    urls = [f"/toy/{name}/resolve/{COMMIT}/{path}" for name, path in missing.items()]
    assert sorted(later.requests) == sorted(f"{verb} {url}" for verb in ("HEAD", "GET") for url in urls)
    assert not later.torch


@pytest.mark.parametrize("name", HELD)
def test_needs_no_hub_for_what_is_in_the_cache(home: Path, offline: Told, tokenizer: str, name: str) -> None:
    assert offline.outcomes[step("fetch", name)] == {"folder": str(snapshot(home, name))}
    assert offline.outcomes[step("identify", name)] == {
        "weights": {"hub": f"toy/{name}", "revision": COMMIT},
        "tokenizer": tokenizer,
        "folder": str(snapshot(home, name)),
    }


@pytest.mark.parametrize("name", LEFT_OUT)
def test_says_without_the_hub_what_is_not_in_the_cache(home: Path, offline: Told, name: str) -> None:
    assert offline.outcomes[step("identify", name)]["folder"] is None
    message = offline.outcomes[step("fetch", name)]["error"]
    if name == "none":
        expected = [f"toy/none at {COMMIT}: it is not in the cache {home / 'hub'}, ", "cannot be reached", "HF_HUB_OFFLINE=1"]
    else:
        expected = [f"encoder toy/{name} at {COMMIT} is incomplete", INCOMPLETE[name], "Run again with a network"]
    for words in expected:
        assert words in message
