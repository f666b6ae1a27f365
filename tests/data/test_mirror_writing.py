"""A mirror while it is written: it lists what is complete, at every moment."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xstilts.data.mirror import ListedDataset, Mirror
from xstilts.data.mirror_writing import MirrorWriter, writing_to
from xstilts.digests import file_sha256
from xstilts.errors import DataError
from xstilts.tasks.xnli import TASK as XNLI

REVISION, OTHER = "a" * 40, "b" * 40
SET = XNLI.data.path
ABOUT = ListedDataset(files={}, licence="free", source="somewhere")


def writes(rows: int) -> Callable[[Path], int]:
    def make(place: Path) -> int:
        import pyarrow
        from pyarrow import parquet

        table = pyarrow.Table.from_pylist([{"premise": "p", "hypothesis": "h", "label": i % 3} for i in range(rows)])
        parquet.write_table(table, place)
        return rows

    return make


def listed(folder: Path) -> Any:
    return json.loads((folder / "mirror.yaml").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with writing_to(tmp_path / "new" / "mirror") as writer:
        writer.add(SET, "en/test", writes(12), ABOUT, REVISION)
        writer.add(SET, "de/test", writes(3), ABOUT, None)
    return tmp_path / "new" / "mirror"


def test_what_was_written_can_be_read(folder: Path) -> None:
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "eng_Latn", "test")
    assert file is not None
    assert mirror.table(file).num_rows == file.rows == 12
    digest = file_sha256(folder / "facebook--xnli" / "en" / "test.parquet")
    entry = {"rows": 12, "sha256": digest, "revision": REVISION}
    assert listed(folder)[SET]["files"]["en/test"] == entry
    assert (listed(folder)[SET]["licence"], listed(folder)[SET]["source"]) == ("free", "somewhere")
    assert "revision" not in listed(folder)[SET]["files"]["de/test"]
    assert "revision" not in file.identity  # what it was made from is no part of a key


def test_what_is_there_stays(folder: Path) -> None:
    before = listed(folder)
    about = ListedDataset(files={}).model_copy(update={"deviation": {"sw/test": "REDUCED", "xx/test": "another's"}})
    with writing_to(folder) as writer:
        writer.add(SET, "sw/test", writes(2), about, None)
        writer.add("other/set", "en/test", writes(1), ABOUT, None)
    after = listed(folder)
    assert after[SET]["files"]["en/test"] == before[SET]["files"]["en/test"]
    assert (after[SET]["licence"], after[SET]["deviation"]) == ("free", {"sw/test": "REDUCED"})
    assert set(after) == {SET, "other/set"}


def test_has_only_what_is_whole_and_wanted(folder: Path) -> None:
    writer = MirrorWriter(folder)
    digest = listed(folder)[SET]["files"]["en/test"]["sha256"]
    assert writer.has(SET, "en/test")
    assert writer.has(SET, "en/test", revision=REVISION, sha256=digest)
    assert not writer.has(SET, "en/test", revision=OTHER)
    assert not writer.has(SET, "en/test", sha256="0" * 64)
    assert not writer.has(SET, "en/train")
    assert not writer.has("other/set", "en/test")
    place = writer.place(SET, "en/test")
    whole = place.read_bytes()
    state = place.stat()
    place.write_bytes(whole[:-1] + b"?")  # same size and, as after a crash of the machine, same times
    os.utime(place, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert not writer.has(SET, "en/test")
    place.unlink()
    assert not writer.has(SET, "en/test")


def test_a_file_that_cannot_be_made_leaves_nothing(folder: Path) -> None:
    before = sorted(folder.rglob("*")), listed(folder)

    def fail(place: Path) -> int:
        place.write_bytes(b"half")
        raise DataError("no more")

    with pytest.raises(DataError, match="no more"), writing_to(folder) as writer:
        writer.add(SET, "en/test", fail, ABOUT, OTHER)
    assert (sorted(folder.rglob("*")), listed(folder)) == before


def test_the_manifest_never_lists_other_content(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between any two files that are put in place, a mirror can be read."""
    replace, seen = Path.replace, []

    def check() -> None:
        files = listed(folder)[SET]["files"]
        seen.append(sorted(files))
        for name, entry in files.items():
            assert file_sha256(folder / "facebook--xnli" / f"{name}.parquet") == entry["sha256"]

    def watched(path: Path, target: Path) -> None:
        check()
        replace(path, target)
        check()

    monkeypatch.setattr(Path, "replace", watched)
    with writing_to(folder) as writer:
        writer.add(SET, "en/test", writes(5), ABOUT, OTHER)
        writer.add(SET, "en/train", writes(4), ABOUT, OTHER)
    both, without = ["de/test", "en/test"], ["de/test"]
    assert seen == [both, without, without, without, without, both, both, both, both, [*both, "en/train"]]


def test_what_a_killed_process_left_is_removed(folder: Path) -> None:
    left = folder / "facebook--xnli" / "en" / ".train.parquet.0a1b2c3d"
    left.write_bytes(b"half")
    with writing_to(folder):
        pass
    assert not left.exists()
    assert (folder / "facebook--xnli" / "en" / "test.parquet").exists()


def test_one_process_writes_at_a_time(folder: Path) -> None:
    imports = "import pathlib, sys\nfrom xstilts.data.mirror_writing import writing_to\n"
    code = f"{imports}with writing_to(pathlib.Path(sys.argv[1])): pass"
    with writing_to(folder):
        other = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert "DataError" in other.stderr
    assert "another process writes this mirror. Wait until it ends" in other.stderr
    with writing_to(folder):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="no mirror can be written there"), writing_to(tmp_path / "file" / "mirror"):
        pass
