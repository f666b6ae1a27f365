"""Checksums: right, remembered only as long as the file stays as it was; files written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from xstilts.digests import cache_folder, file_sha256, sha256, write_atomically

OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"  # printf a | sha256sum
OF_B = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"a")
    return path


def test_an_unchanged_file_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sha256(file) == file_sha256(file) == OF_A
    monkeypatch.setattr("xstilts.digests.file_sha256", lambda path: pytest.fail(f"{path} is read again"))
    assert sha256(file) == OF_A


def test_a_changed_file_is_read_again_whatever_its_times_say(file: Path) -> None:
    assert sha256(file) == OF_A
    before = file.stat()
    file.write_bytes(b"b")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sha256(file) == OF_B
    other = file.with_name("other")
    other.write_bytes(b"a")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)  # as `cp -p` and `mv` do
    assert sha256(file) == OF_A


@pytest.mark.parametrize("spoilt", [b"", b"short", b"\xff" * 64, b" " * 64], ids=["empty", "short", "bytes", "spaces"])
def test_a_damaged_note_or_a_cache_that_cannot_be_written_only_costs_time(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: bytes
) -> None:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))
    assert sha256(file) == OF_A
    (note,) = (tmp_path / "cache" / "sha256").iterdir()
    note.write_bytes(spoilt)
    assert sha256(file) == OF_A
    monkeypatch.setenv("XSTILTS_CACHE", str(file))  # a file where the folder should be
    assert sha256(file) == OF_A


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256(tmp_path / "none")


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("XSTILTS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "xstilts"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "xstilts"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        assert file.read_bytes() == b"a"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(file, b"new")
    assert [(path.name, path.read_bytes()) for path in file.parent.iterdir()] == [("file", b"a")]
    write_atomically(file, b"new")
    assert [(path.name, path.read_bytes()) for path in file.parent.iterdir()] == [("file", b"new")]


def test_a_written_file_has_the_rights_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
