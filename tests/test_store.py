"""The store: complete or absent, one runner a stage, damage told, weights released, full disks survived."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors import SafetensorError

from xstilts.errors import StoreError
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import MANIFEST, Store, read_json, write_text

STAGE = Stage("train", {"tasks": [{"task": "mnli"}], "seed": 1})
HOLDER = """
import sys, time
from pathlib import Path
from xstilts.stage import Stage
from xstilts.store import Store
with Store(Path(sys.argv[1])).lock(Stage("train", {"tasks": [{"task": "mnli"}], "seed": 1})) as mine:
    print(mine, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "out")


def write(store: Store, stage: Stage = STAGE, **facts: Any) -> Path:
    """Write a finished stage with weights, a further head, and a small file."""
    with store.writing(stage) as writing:
        (writing.folder / "model.safetensors").write_bytes(b"w" * 1000)
        (writing.folder / "heads" / "qqp").mkdir(parents=True)
        (writing.folder / "heads" / "qqp" / "model.safetensors").write_bytes(b"h" * 100)
        (writing.folder / "config.json").write_text("{}")
        writing.scratch.mkdir()
        (writing.scratch / "state.safetensors").write_bytes(b"s")
        writing.facts |= facts
    return store.folder(stage)


def test_a_finished_stage_is_a_folder_named_by_its_key(store: Store) -> None:
    assert (store.state(STAGE), store.manifest(STAGE), store.damage(STAGE)) == ("missing", None, None)
    folder = write(store, updates=7)
    assert folder == store.out / "train" / STAGE.key
    manifest = store.manifest(STAGE)
    assert manifest is not None
    assert (manifest["key"], manifest["stage"], manifest["inputs"], manifest["updates"]) == (STAGE.key, STAGE.canonical, [], 7)
    assert sorted(manifest["files"]) == ["config.json", "heads/qqp/model.safetensors", "model.safetensors"]
    assert manifest["files"]["model.safetensors"] == {
        "bytes": 1000,
        "sha256": "04ffd92aef8aafe6f4f8388bc9f7c5b0d39eae37128b1ca693647b8569f8e629",  # of 1000 w, by sha256sum
    }
    assert not (folder / "scratch").exists()
    assert (store.state(STAGE), store.damage(STAGE)) == ("done", None)
    assert store.size(STAGE) == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert [one["key"] for one in store.finished_values("train")] == [STAGE.key]
    assert list(store.finished_values("score")) == []


def test_others_may_read_what_the_umask_lets_them(store: Store) -> None:
    before = os.umask(0o022)
    try:
        with store.writing(STAGE) as writing:
            (writing.folder / "model.safetensors").touch(mode=0o600)  # as safetensors does
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder(STAGE).iterdir()}
    assert modes == {"model.safetensors": 0o644, MANIFEST: 0o644}


@pytest.mark.parametrize("resumable", [False, True])
def test_a_crash_while_writing_leaves_no_finished_folder(store: Store, resumable: bool) -> None:
    def crash() -> None:
        with store.writing(STAGE, resumable=resumable) as writing:
            (writing.folder / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert store.state(STAGE) == "missing"
    assert not store.folder(STAGE).exists()
    assert list(store.finished_values("train")) == []
    assert (store.partial(STAGE) / "half").exists() == resumable  # what a resumable stage goes on from
    with store.writing(STAGE, resumable=resumable) as writing:
        assert (writing.folder / "half").exists() == resumable
    assert store.state(STAGE) == "done"
    assert not store.partial(STAGE).exists()


def test_discard_takes_away_a_failed_attempt(store: Store) -> None:
    store.partial(STAGE).mkdir(parents=True)
    store.discard(STAGE)
    store.discard(STAGE)
    assert not store.partial(STAGE).exists()


def test_a_lock_keeps_others_out_until_its_holder_dies(store: Store) -> None:
    command = [sys.executable, "-c", HOLDER, str(store.out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with store.lock(STAGE) as mine, store.lock(Stage("train", {"seed": 2})) as other:
            assert (mine, other) == (False, True)
        holder.send_signal(signal.SIGKILL)
    with store.lock(STAGE) as mine:
        assert mine
        with store.lock(STAGE) as again:
            assert not again
    with store.lock(STAGE) as mine:
        assert mine


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda f: (f / "config.json").unlink(), "config.json is missing"),
        (lambda f: os.truncate(f / "model.safetensors", 999), "model.safetensors has 999 bytes instead of 1000"),
        (lambda f: flip(f / "model.safetensors"), "model.safetensors has changed since it was written"),
        (lambda f: flip(f / "heads" / "qqp" / "model.safetensors"), "heads/qqp/model.safetensors has changed"),
        (lambda f: (f / MANIFEST).unlink(), "stage.json is missing or unreadable"),
        (lambda f: (f / MANIFEST).write_text("{"), "stage.json is missing or unreadable"),
        (lambda f: (f / MANIFEST).write_text("[]"), "stage.json is missing or unreadable"),
        (lambda f: (f / MANIFEST).write_text('{"key": 1}'), "stage.json is missing or unreadable"),
        (lambda f: (f / MANIFEST).write_bytes(b"\xff\x00"), "stage.json is missing or unreadable"),
        (lambda f: rename_key(f / MANIFEST), "stage.json is missing or unreadable"),
    ],
)
def test_damage_is_told_and_set_aside(store: Store, spoil: Any, reason: str) -> None:
    folder = write(store)
    assert store.damage(STAGE) is None  # the digests are remembered now
    spoil(folder)
    assert reason in str(store.damage(STAGE))
    moved = store.set_aside(STAGE)
    assert (store.state(STAGE), folder.exists(), moved.parent) == ("missing", False, store.out / "damaged")
    assert (moved / "model.safetensors").exists()
    write(store)
    assert store.damage(STAGE) is None
    assert store.set_aside(STAGE) != moved


def flip(path: Path) -> None:
    """Change one byte and put the time of change back, as a copy that keeps times does."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def rename_key(path: Path) -> None:
    path.write_text(path.read_text().replace(STAGE.key, "0" * 16))


def test_release_deletes_weights_and_vectors_alone(store: Store) -> None:
    folder = write(store)
    assert store.release(STAGE) == 1100
    assert (store.state(STAGE), store.damage(STAGE)) == ("released", None)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["config.json", MANIFEST]
    assert store.release(STAGE) == 0
    predictions = Stage("predict", {"task": "xnli"})
    with store.writing(predictions) as writing:
        (writing.folder / "predictions.parquet").write_bytes(b"p")
    assert store.release(predictions) == 0
    assert (store.state(predictions), store.damage(predictions)) == ("done", None)
    assert store.release(Stage("train", {"seed": 9})) == 0


def test_a_released_stage_can_be_made_again(store: Store) -> None:
    write(store)
    store.release(STAGE)
    write(store)
    assert (store.state(STAGE), store.damage(STAGE), store.size(STAGE) > 1100) == ("done", None, True)


def test_a_release_leaves_a_stage_that_another_process_works_on(store: Store) -> None:
    write(store)
    with store.lock(STAGE):
        assert store.release(STAGE) == 0
    assert store.state(STAGE) == "done"


def test_failures_are_remembered_until_they_are_forgotten(store: Store) -> None:
    store.record_failure(STAGE, None)
    assert store.read_failure(STAGE) is None
    store.record_failure(STAGE, "a loss that is not finite")
    assert store.read_failure(STAGE) == "a loss that is not finite"
    assert store.state(STAGE) == "missing"
    store.record_failure(STAGE, None)
    assert store.read_failure(STAGE) is None


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def full_to_safetensors(*_: Any, **__: Any) -> Any:
    # word for word what safetensors 0.8.0 raises on a full tmpfs
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize("place", ["os.fsync", "stage", "safetensors", "pyarrow"])
def test_a_full_disk_is_told_and_harms_nothing(store: Store, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Stage("train", {"seed": 2})
    write(store, other)

    def fill() -> None:
        with monkeypatch.context() as patch, store.writing(STAGE) as writing:
            (writing.folder / "half").write_text("x")
            if place == "os.fsync":
                patch.setattr("os.fsync", full)
            elif place == "pyarrow":  # a real write to a device that is always full
                (writing.folder / "p.parquet").symlink_to("/dev/full")
                pq.write_table(pa.table({"a": [1]}), writing.folder / "p.parquet")
            else:
                full() if place == "stage" else full_to_safetensors()

    with pytest.raises(StoreError) as caught:
        fill()
    for words in (f"the disk of {store.out} is full", "MB free", "What was finished is safe", "--keep none", "run again"):
        assert words in str(caught.value)
    assert (store.state(STAGE), store.state(other), store.damage(other)) == ("missing", "done", None)
    write(store)
    assert (store.state(STAGE), store.damage(STAGE)) == ("done", None)


ACTS: dict[str, Callable[[Store], Any]] = {
    "lock": lambda store: store.lock(STAGE).__enter__(),
    "release": lambda store: store.release(STAGE),
    "record_failure": lambda store: store.record_failure(STAGE, "reason"),
    "set_aside": lambda store: store.set_aside(STAGE),
    "results": lambda store: Results(make_empty_plan(), store).write(),
}


def make_empty_plan() -> Any:
    return type("Plan", (), {"scores": (), "stages": {}})


@pytest.mark.parametrize("act", ACTS)
def test_a_full_disk_is_told_wherever_the_store_writes(store: Store, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store)
    for name in ("os.fsync", "pathlib.Path.mkdir", "pathlib.Path.rename"):
        monkeypatch.setattr(name, full)
    with pytest.raises(StoreError, match="is full"):
        ACTS[act](store)
    monkeypatch.undo()
    assert (store.state(STAGE), store.damage(STAGE)) == ("done", None)


def test_other_errors_of_safetensors_are_not_the_disk(store: Store) -> None:
    for text in ("Error while deserializing header: invalid JSON", "I/O error: No such file (os error 2)"):
        with pytest.raises(SafetensorError), store.writing(STAGE):
            raise SafetensorError(text)


def test_a_folder_that_cannot_be_written_is_told(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/locks cannot be written \(Not a directory\). Give another folder with --out."):
        Store(tmp_path / "file").lock(STAGE).__enter__()

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/some/where")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(StoreError, match=r"/some/where cannot be written \(Permission denied\). Give another folder"):
        write(store)


def test_a_text_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, wrong in (
        (tmp_path, tmp_path.name + r" cannot be written \(Is a directory\)"),
        (tmp_path / "file/x", r"file cannot be written \(File exists\)"),
    ):
        with pytest.raises(StoreError, match=wrong + r".*Name another file"):
            write_text(path, "x")
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


def test_reading_json_never_raises(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(json.dumps({"a": 1}))
    (tmp_path / "b").write_text("[1]")
    assert [read_json(tmp_path / name) for name in "abc"] == [{"a": 1}, None, None]
