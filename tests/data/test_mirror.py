import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from xstilts.data import open_source
from xstilts.data.mirror import Mirror
from xstilts.errors import DataError
from xstilts.spec import DataSpec
from xstilts.tasks.udpos import TASK as UDPOS
from xstilts.tasks.xnli import TASK as XNLI

ROWS = [{"premise": f"premise {i}", "hypothesis": f"hypothesis {i}", "label": i % 3} for i in range(30)]
DIGEST = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, write_mirror: Callable[..., Path]) -> Path:
    files = {"en/train": ROWS, "en/test": ROWS[:12], "sw/test": ROWS[:12], "zh/validation": ROWS[:3]}
    return write_mirror(tmp_path / "mirror", {"facebook/xnli": files}, {"facebook/xnli": {"en/train": "REDUCED: 30"}})


def edited(folder: Path, change: Callable[[Any], None]) -> Path:
    manifest = json.loads((folder / "mirror.yaml").read_text())
    change(manifest)
    (folder / "mirror.yaml").write_text(json.dumps(manifest))
    return folder


def test_find_says_what_the_manifest_lists(folder: Path) -> None:
    found = Mirror(folder).find(XNLI, "eng_Latn", "train")
    assert found is not None
    path = folder / "facebook--xnli" / "en" / "train.parquet"
    digest = sha256(path.read_bytes()).hexdigest()
    assert found.identity == {"dataset": "facebook/xnli", "config": "en", "split": "train", "sha256": digest}
    assert (found.rows, found.deviation, found.origin) == (30, "REDUCED: 30", str(path))


def test_find_returns_none_for_what_is_not_listed(folder: Path) -> None:
    mirror = Mirror(folder)
    assert mirror.find(XNLI, "swh_Latn", "test") is not None
    assert mirror.find(XNLI, "swh_Latn", "train") is None
    assert mirror.find(XNLI, "tha_Thai", "test") is None
    assert mirror.find(UDPOS, "eng_Latn", "test") is None


def test_find_does_not_touch_the_file(folder: Path) -> None:
    before = Mirror(folder).find(XNLI, "swh_Latn", "test")
    (folder / "facebook--xnli" / "sw" / "test.parquet").unlink()
    assert Mirror(folder).find(XNLI, "swh_Latn", "test") == before


def test_lists_its_data_sets(folder: Path) -> None:
    assert list(Mirror(folder).listing) == ["facebook/xnli"]


def test_table_has_the_rows_in_order(folder: Path) -> None:
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "eng_Latn", "train")
    assert file is not None
    assert mirror.table(file).to_pylist() == ROWS


def test_open_source_takes_the_study_before_the_environment(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XSTILTS_MIRROR", str(tmp_path / "nowhere"))
    source = open_source(DataSpec(mirror=folder))
    found = source.find(XNLI, "eng_Latn", "train")
    assert found is not None
    assert Path(found.origin).is_relative_to(folder)
    with pytest.raises(DataError, match="nowhere: no such folder"):
        open_source(DataSpec())


# --- the remembered manifest


def test_the_manifest_is_parsed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Mirror(folder).find(XNLI, "eng_Latn", "train")

    def parse(*_: object) -> None:
        raise AssertionError("the manifest was parsed again")

    monkeypatch.setattr("xstilts.data.mirror._parse", parse)
    assert Mirror(folder).find(XNLI, "eng_Latn", "train") == first
    (folder / "mirror.yaml").write_text((folder / "mirror.yaml").read_text() + "\n")
    with pytest.raises(AssertionError, match="parsed again"):
        Mirror(folder)


@pytest.mark.parametrize("content", [b"", b"{", b'{"facebook/xnli": 3}'])
def test_a_damaged_memory_is_no_matter(folder: Path, tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))
    first = Mirror(folder).find(XNLI, "eng_Latn", "train")
    (remembered,) = (tmp_path / "cache" / "mirrors").iterdir()
    good = remembered.read_bytes()
    remembered.write_bytes(content)
    assert Mirror(folder).find(XNLI, "eng_Latn", "train") == first
    assert remembered.read_bytes() == good


def test_works_without_a_cache(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "file" / "cache"))
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "eng_Latn", "train")
    assert file is not None
    assert mirror.table(file).num_rows == 30


def test_finding_files_imports_nothing_heavy(folder: Path) -> None:
    Mirror(folder)  # so that the manifest is remembered
    code = (
        "import sys\nfrom pathlib import Path\nfrom xstilts.data.hub import Hub\n"
        "from xstilts.data.mirror import Mirror\nfrom xstilts.tasks.xnli import TASK\n"
        f"for source in (Mirror(Path({str(folder)!r})), Hub({{}})): assert source.find(TASK, 'eng_Latn', 'test')\n"
        "print(sorted({'pyarrow', 'datasets', 'huggingface_hub', 'ruamel', 'pandas', 'torch'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert ran.stdout.strip() == "[]"


# --- what can be wrong with a manifest


def entry(**changes: Any) -> Any:
    return {"x/y": {"files": {"en/test": {"rows": 3, "sha256": DIGEST, **changes}}}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x/y:\n  files: {en/test: [\n", ["line 3", "not valid YAML"]),
        ("x/y: {files: {}}\nz/y: {files: {}}\nx/y: {files: {}}\n", ["line 3", "duplicate key"]),
        (b"x/y: \xff\xfe", ["not valid YAML"]),
        ("", ["the file", "None", "valid dictionary"]),
        ([entry()], ["the file", "valid dictionary"]),
        ({"xy": entry()["x/y"]}, ["xy", "should match pattern"]),
        ({"x/y": {"licence": "MIT"}}, ["x/y, files", "missing"]),
        ({"x/y": {"files": {"test": {"rows": 3, "sha256": DIGEST}}}}, ["x/y, files, test", "'test'"]),
        (entry(rows="ten"), ["en/test, rows", "'ten'", "valid integer"]),
        (entry(rows=-1), ["en/test, rows", "-1", "greater than or equal to 0"]),
        (entry(rows=True), ["en/test, rows", "True", "valid integer"]),
        (entry(sha256="abc"), ["en/test, sha256", "'abc'", "{64}"]),
        (entry(sha256="A" * 64), ["en/test, sha256", "0-9a-f"]),
        (entry(sha256=12), ["en/test, sha256", "12", "valid string"]),
        (entry(sah256=DIGEST), ["en/test, sah256", "Did you mean 'sha256'?"]),
        ({"x/y": {"files": {"en/test": {"rows": 3}}}}, ["en/test, sha256", "missing"]),
        ({"x/y": {**entry()["x/y"], "deviations": {}}}, ["x/y, deviations", "Did you mean 'deviation'?"]),
        ({"x/y": {**entry()["x/y"], "deviation": {"en/tset": "less"}}}, ["x/y", "'en/tset'", "mean 'en/test'?"]),
        ({"x/y": {**entry()["x/y"], "deviation": {"en/test": ""}}}, ["deviation, en/test", "at least 1 character"]),
    ],
)
def test_a_malformed_manifest_is_refused(tmp_path: Path, content: Any, said: list[str]) -> None:
    manifest = tmp_path / "mirror.yaml"
    text = content if isinstance(content, bytes | str) else json.dumps(content)
    manifest.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError) as caught:
        Mirror(tmp_path)
    for words in [str(manifest), "copy the file again", *said]:
        assert words in str(caught.value)


@pytest.mark.parametrize("kind", ["no folder", "no manifest", "a file"])
def test_a_missing_mirror_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "mirror"
    if kind == "no manifest":
        folder.mkdir()
    elif kind == "a file":
        folder.touch()
    with pytest.raises(DataError) as caught:
        Mirror(folder)
    said = "no readable mirror.yaml" if kind == "no manifest" else "no such folder"
    for words in [str(folder), said, "`data.mirror`", "XSTILTS_MIRROR"]:
        assert words in str(caught.value)


# --- what can be wrong with a file


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))  # a clock may be too coarse to tell this writing from the one before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, ["no such file", "with 12 rows", "Copy it again"]),
        (make_folder, ["cannot be read", "Is a directory"]),
        (flip_a_byte, ["SHA-256", "Copy it again"]),
        (cut, ["SHA-256", "Copy it again"]),
    ],
)
def test_a_damaged_file_is_refused(folder: Path, damage: Callable[[Path], None], said: list[str]) -> None:
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "swh_Latn", "test")
    assert file is not None
    assert mirror.table(file).num_rows == 12  # its checksum is remembered from now on
    damage(Path(file.origin))
    with pytest.raises(DataError) as caught:
        mirror.table(file)
    for words in [file.origin, *said]:
        assert words in str(caught.value)


def test_the_error_says_both_checksums(folder: Path) -> None:
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "swh_Latn", "test")
    assert file is not None
    cut(Path(file.origin))
    found = sha256(Path(file.origin).read_bytes()).hexdigest()
    with pytest.raises(DataError, match=f"is {found}, but .* lists {file.identity['sha256']}"):
        mirror.table(file)


def test_a_listed_file_that_is_no_parquet_is_refused(folder: Path) -> None:
    path = folder / "facebook--xnli" / "sw" / "test.parquet"
    path.write_text("premise\thypothesis\n")
    digest = sha256(path.read_bytes()).hexdigest()
    edited(folder, lambda manifest: manifest["facebook/xnli"]["files"]["sw/test"].update(sha256=digest))
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "swh_Latn", "test")
    assert file is not None
    with pytest.raises(DataError, match=r"test.parquet: not readable as Parquet .* Write the mirror again"):
        mirror.table(file)


def test_another_number_of_rows_is_refused(folder: Path) -> None:
    edited(folder, lambda manifest: manifest["facebook/xnli"]["files"]["sw/test"].update(rows=13))
    mirror = Mirror(folder)
    file = mirror.find(XNLI, "swh_Latn", "test")
    assert file is not None
    with pytest.raises(DataError, match=r"12 rows, but .* lists 13\. Correct `rows` .* sw/test"):
        mirror.table(file)


# --- real data


def test_the_real_mirror_opens_and_is_sound(shared_mirror: Path) -> None:
    mirror = Mirror(shared_mirror)
    test = mirror.find(XNLI, "swh_Latn", "test")
    train = mirror.find(XNLI, "eng_Latn", "train")
    assert test is not None
    assert train is not None
    assert (test.rows, test.deviation) == (5010, "")  # XNLI's published size
    assert train.deviation.startswith("REDUCED: never report as the standard task")
    assert mirror.table(test).num_rows == 5010
