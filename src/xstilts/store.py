"""The store: a folder of finished stages. A folder that bears a stage's key is complete."""

import contextlib
import errno
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from safetensors import SafetensorError

from xstilts.digests import sha256, write_atomically
from xstilts.errors import StoreError
from xstilts.stage import Stage

MANIFEST = "stage.json"
WEIGHTS_AND_VECTORS = (
    "*.safetensors",
    "heads/*/*.safetensors",
)  # what the keep-policy may delete; predictions and scores never

State = Literal["done", "released", "missing"]


class Store:
    """Finished stages under `out/<kind>/<key>/`, each with a manifest of checksums.

    Args:
        out: the store's folder; made when the first stage is written.

    """

    def __init__(self, out: Path) -> None:
        self.out = out

    def folder(self, stage: Stage) -> Path:
        """Return the stage's folder, whether it exists or not."""
        return self.out / stage.kind / stage.key

    def partial(self, stage: Stage) -> Path:
        """Return the folder a runner works in until the stage is complete; a killed runner leaves it behind."""
        return self.out / stage.kind / f".{stage.key}.partial"

    def manifest(self, stage: Stage) -> dict[str, Any] | None:
        """Return what the finished stage says of itself, None when there is no such folder or it cannot be read."""
        found = _read_manifest(self.folder(stage) / MANIFEST)
        return found if found and found["key"] == stage.key else None

    def state(self, stage: Stage) -> State:
        """Return `done`, `released` (finished, its weights deleted by the keep-policy) or `missing`; files are not read."""
        if not os.path.exists(f"{self.out}/{stage.kind}/{stage.key}"):  # noqa: PTH110 (a plan asks this thousands of times)
            return "missing"
        manifest = self.manifest(stage)
        if manifest is None:
            return "missing"
        return "released" if manifest.get("released") else "done"

    def damage(self, stage: Stage) -> str | None:
        """Return what is wrong with a stage's folder, None when nothing is or there is no folder. Checksums are compared."""
        folder = self.folder(stage)
        if not folder.exists():
            return None
        manifest = self.manifest(stage)
        if manifest is None:
            return f"{MANIFEST} is missing or unreadable"
        kept = {name: file for name, file in manifest["files"].items() if name not in manifest.get("released", ())}
        found = (_file_damage(folder, name, file) for name, file in kept.items())
        return next(filter(None, found), None)

    def set_aside(self, stage: Stage) -> Path:
        """Move a damaged folder out of the way, to `out/damaged/`, and return where it lies now."""
        folder = self.folder(stage)
        number = 1
        while (target := self.out / "damaged" / f"{stage.kind}-{stage.key}-{number}").exists():
            number += 1
        with disk_errors(self.out):
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
        return target

    @contextlib.contextmanager
    def lock(self, stage: Stage) -> Iterator[bool]:
        """Try to become the one runner of a stage; yields False when another process is. The kernel frees a dead one's lock."""
        path = self.out / "locks" / f"{stage.kind}-{stage.key}.lock"
        lock = FileLock(path, timeout=0)
        try:
            with disk_errors(self.out):
                path.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    @contextlib.contextmanager
    def writing(self, stage: Stage, *, resumable: bool = False) -> Iterator["Writing"]:
        """Give a folder to write a stage in; it becomes the stage's folder when the block ends without an error.

        Args:
            stage: the stage, whose lock the caller holds.
            resumable: keep what an interrupted run left in the folder, for the stage to go on from.

        Raises:
            StoreError: when the disk is full or the folder cannot be written; what was finished before stays valid.

        """
        partial = self.partial(stage)
        with disk_errors(self.out):
            if not resumable:
                shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True, exist_ok=True)
            writing = Writing(partial)
            try:
                yield writing
            except BaseException:
                if not resumable:
                    shutil.rmtree(partial, ignore_errors=True)
                raise
            shutil.rmtree(writing.scratch, ignore_errors=True)
            write_json(partial / MANIFEST, self._describe(stage, writing))
            mode = (partial / MANIFEST).stat().st_mode
            for path in [*partial.rglob("*"), partial]:
                if path.is_file():
                    path.chmod(mode)  # safetensors lets nobody but the owner read; a store may be shared
                _sync(path)
            folder = self.folder(stage)
            if folder.exists():  # a released stage is made again: the new folder holds all of it
                shutil.rmtree(folder)
            partial.rename(folder)
            _sync(folder.parent)

    def _describe(self, stage: Stage, writing: "Writing") -> dict[str, Any]:
        files = sorted(path for path in writing.folder.rglob("*") if path.is_file())
        return {
            "key": stage.key,
            "stage": stage.canonical,
            "inputs": list(stage.inputs),
            **writing.facts,
            "seconds": round(time.monotonic() - writing.started, 3),
            "files": {
                str(path.relative_to(writing.folder)): {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in files
            },
        }

    def discard(self, stage: Stage) -> None:
        """Delete what an attempt that failed left behind."""
        shutil.rmtree(self.partial(stage), ignore_errors=True)

    def size(self, stage: Stage) -> int:
        """Return the bytes of a stage's folder, 0 where there is none."""
        total = 0
        for path in self.folder(stage).rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # another process may release it meanwhile
                total += path.stat().st_size if path.is_file() else 0
        return total

    def release(self, stage: Stage) -> int:
        """Delete a finished stage's weights or vectors, and return how many bytes that freed. Predictions are never touched.

        Nothing is done while another process has the stage's lock: it releases the stage itself, or makes it again.
        """
        folder = self.folder(stage)
        with self.lock(stage) as mine, disk_errors(self.out):
            manifest = self.manifest(stage) if mine else None
            paths = [path for pattern in WEIGHTS_AND_VECTORS for path in folder.glob(pattern)]
            if manifest is None or not paths:
                return 0
            freed = sum(path.stat().st_size for path in paths)
            names = [str(path.relative_to(folder)) for path in paths]
            write_json(folder / MANIFEST, {**manifest, "released": sorted({*manifest.get("released", ()), *names})})
            for path in paths:
                path.unlink()
            return freed

    def read_failure(self, stage: Stage) -> str | None:
        """Return why the last attempt at a stage failed, None when it did not."""
        failure = read_json(self._failure(stage))
        return str(failure["reason"]) if failure else None

    def record_failure(self, stage: Stage, reason: str | None) -> None:
        """Remember why a stage failed, or (None) forget it."""
        path = self._failure(stage)
        with disk_errors(self.out):
            if reason is None:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, {"key": stage.key, "stage": stage.canonical, "reason": reason})

    def _failure(self, stage: Stage) -> Path:
        return self.out / "failures" / f"{stage.kind}-{stage.key}.json"

    def finished_values(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the manifests of all finished stages of a kind, of any study."""
        for path in sorted(self.out.glob(f"{kind}/*/{MANIFEST}")):
            manifest = _read_manifest(path)
            if manifest and not path.parent.name.startswith("."):
                yield manifest


class Writing:
    """A stage being written.

    Attributes:
        folder: what lies here when the block ends is the stage.
        scratch: a folder inside it for what is needed while the stage runs (checkpoints); deleted at the end.
        facts: goes in stage.json as it is: run settings, provenance, counts.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.facts: dict[str, Any] = {}
        self.started = time.monotonic()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write readable JSON atomically."""
    write_atomically(path, (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode())


def write_text(path: Path, text: str) -> None:
    """Write a text that a user asked for atomically, with the folders above it."""
    with disk_errors(path.parent, "Name another file."):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a file's JSON object, None when the file is missing or damaged."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _file_damage(folder: Path, name: str, expected: Mapping[str, Any]) -> str | None:
    path = folder / name
    try:
        if path.stat().st_size != expected["bytes"]:
            return f"{name} has {path.stat().st_size} bytes instead of {expected['bytes']}"
        return None if sha256(path) == expected["sha256"] else f"{name} has changed since it was written"
    except FileNotFoundError:
        return f"{name} is missing"
    except OSError as error:
        return f"{name} cannot be read ({error.strerror})"


def _read_manifest(path: Path) -> dict[str, Any] | None:
    found = read_json(path)
    whole = found and all(isinstance(found.get(n), kind) for n, kind in (("key", str), ("stage", dict), ("files", dict)))
    return found if whole else None


@contextlib.contextmanager
def disk_errors(out: Path, mend: str = "Give another folder with --out.") -> Iterator[None]:
    """Turn a full disk and a place that cannot be written into a StoreError; `out` is the folder, `mend` says what to do."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        number = _error_number(error)
        if number in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(out).free // 2**20 if out.exists() else 0
            raise StoreError(
                f"the disk of {out} is full ({free} MB free). What was finished is safe: free some space, or move the "
                "folder, or run with `--keep none`, and run again; it goes on where it stopped."
            ) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
            where = getattr(error, "filename2", None) or getattr(error, "filename", None) or out
            raise StoreError(f"{where} cannot be written ({os.strerror(number)}). {mend}") from error
        raise


def _error_number(error: OSError | SafetensorError) -> int | None:
    """Return the system's number of an error; safetensors tells it in its text alone, as `(os error 28)`."""
    if isinstance(error, OSError):
        return error.errno
    found = re.search(r"os error (\d+)", str(error))
    return int(found[1]) if found else None


def _sync(path: Path) -> None:
    """Have the kernel write a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
