"""Writing into a mirror: a file first, then its entry, so that the manifest never lists what is not complete."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xstilts.data.mirror import MANIFEST, ListedDataset, ListedFile, Mirror
from xstilts.digests import file_sha256, write_atomically
from xstilts.errors import DataError

BUSY = ".writing.lock"


class MirrorWriter:
    """A mirror folder that is being filled. Use it as `with writing_to(folder) as writer`.

    Args:
        folder: the mirror; it need not exist.

    Raises:
        DataError: when its mirror.yaml is malformed.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listing = dict(Mirror(folder).listing) if (folder / MANIFEST).exists() else {}

    def has(self, dataset: str, name: str, *, revision: str | None = None, sha256: str | None = None) -> bool:
        """Return whether a file is there as listed, and of the wanted revision or checksum; its content is read."""
        listed = self.listing[dataset].files.get(name) if dataset in self.listing else None
        if listed is None or revision not in (None, listed.revision) or sha256 not in (None, listed.sha256):
            return False
        place = self.place(dataset, name)
        # a remembered checksum would not tell of a disk that lost bytes
        return place.is_file() and file_sha256(place) == listed.sha256

    def place(self, dataset: str, name: str) -> Path:
        """Return where a file of the mirror lies; `name` is configuration/split."""
        return self.folder / dataset.replace("/", "--") / f"{name}.parquet"

    def add(self, dataset: str, name: str, make: Callable[[Path], int], about: ListedDataset, revision: str | None) -> None:
        """Add a file, or put it in the place of another.

        Args:
            dataset: owner/name.
            name: configuration/split.
            make: writes the file at a path, and returns its number of rows.
            about: licence and source of the data set, and the deviation of the file if it has one.
            revision: the commit of the hub that the rows are from, None where it is not known.

        """
        place = self.place(dataset, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            rows = make(temporary)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            entry = ListedFile(rows=rows, sha256=file_sha256(temporary), revision=revision)
            self._unlist(dataset, name)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
        old = self.listing.get(dataset, ListedDataset(files={}))
        self.listing[dataset] = ListedDataset(
            files={**old.files, name: entry},
            deviation=old.deviation | {key: text for key, text in about.deviation.items() if key == name},
            licence=about.licence or old.licence,
            source=about.source or old.source,
        )
        self._write()

    def _unlist(self, dataset: str, name: str) -> None:
        old = self.listing.get(dataset)
        if old and name in old.files:
            files = {key: file for key, file in old.files.items() if key != name}
            deviation = {key: text for key, text in old.deviation.items() if key != name}
            self.listing[dataset] = old.model_copy(update={"files": files, "deviation": deviation})
            self._write()

    def _write(self) -> None:
        plain = {name: entry.model_dump(exclude_defaults=True) for name, entry in sorted(self.listing.items())}
        content = json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True)  # JSON is YAML
        write_atomically(self.folder / MANIFEST, f"{content}\n".encode())


@contextmanager
def writing_to(folder: Path) -> Iterator[MirrorWriter]:
    """Open a mirror for writing, for one process at a time; what a killed one left half written is removed.

    Raises:
        DataError: when another process writes there, or the folder cannot be made.

    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / BUSY, timeout=0)
        lock.acquire()
    except Timeout:
        raise DataError(
            f"{folder}: another process writes this mirror. Wait until it ends, or choose another folder."
        ) from None
    except OSError as error:
        raise DataError(f"{folder}: no mirror can be written there ({error}). Choose another folder.") from error
    try:
        for left in folder.glob("*--*/*/.*.parquet.*"):
            left.unlink()
        yield MirrorWriter(folder)
    finally:
        lock.release()
