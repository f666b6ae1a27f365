"""SHA-256 of files, computed once: remembered per user by path, size and time of change."""

import contextlib
import hashlib
import json
import os
import re
import secrets
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of what can be recomputed: `XSTILTS_CACHE`, else `xstilts` in the user's cache folder."""
    if chosen := os.environ.get("XSTILTS_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xstilts"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content; unchanged files (path, size, times of change, inode) are not read again.

    Raises:
        OSError: when the file cannot be read.

    """
    status = path.stat()
    # a copy may keep the old file's mtime; nothing sets ctime back
    state = [str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    note = cache_folder() / "sha256" / hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]
    with contextlib.suppress(OSError, ValueError):
        known = note.read_text()
        if re.fullmatch(r"[0-9a-f]{64}", known):
            return known
    digest = file_sha256(path)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, digest.encode())
    return digest


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, reading it now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part; it is on disk when this returns."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # not tempfile: its files only their owner may read
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
