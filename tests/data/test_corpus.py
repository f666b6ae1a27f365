import gzip
from pathlib import Path

import pytest

from toy_corpus import parallel, write_folder
from xstilts.data.corpus import languages_of, pairs_of, read_lines, text_folder
from xstilts.errors import DataError


def test_files_are_plain_or_gzip(tmp_path: Path) -> None:
    write_folder(tmp_path, {"en": ["one", " two ", ""], "both": ["plain"]})
    (tmp_path / "de.txt.gz").write_bytes(gzip.compress(b"eins\nzwei\ndrei\n"))
    (tmp_path / "both.txt.gz").write_bytes(gzip.compress(b"packed\n"))
    (tmp_path / "README.md").write_text("no language")
    assert {language: file.name for language, file in languages_of(tmp_path).items()} == {
        "en": "en.txt",
        "de": "de.txt.gz",
        "both": "both.txt",
    }
    lines = read_lines(text_folder(tmp_path, ("en", "de"), parallel=True), held_out=0, limit=None)
    assert lines.train == {"en": ["one", "two", ""], "de": ["eins", "zwei", "drei"]}
    assert read_lines(text_folder(tmp_path, (), parallel=False), held_out=0, limit=2).train["de"] == ["eins", "zwei"]


def test_no_line_is_measured_with_its_translation_trained_on(tmp_path: Path) -> None:
    text = {language: [f"{language} {i}" for i in range(300)] for language in ("en", "de")}
    folder = text_folder(write_folder(tmp_path, text), (), parallel=True)
    lines = read_lines(folder, held_out=20, limit=None)
    numbers = {language: [line.split()[1] for line in kept] for language, kept in lines.held_out.items()}
    assert numbers["en"] == numbers["de"]
    assert len(set(numbers["en"])) == 20
    for language in ("en", "de"):
        assert sorted(lines.train[language] + lines.held_out[language]) == sorted(text[language])
        assert [line.split()[1] for line in lines.train[language]] == [
            str(i) for i in range(300) if str(i) not in numbers["en"]
        ]


def test_at_most_a_tenth_is_held_out(tmp_path: Path) -> None:
    folder = text_folder(write_folder(tmp_path, {"en": ["line"] * 35}), (), parallel=False)
    assert len(read_lines(folder, held_out=20, limit=None).held_out["en"]) == 3
    assert read_lines(folder, held_out=20, limit=9).held_out["en"] == []


def test_an_identity_tells_content_not_place(tmp_path: Path) -> None:
    here, there = (text_folder(write_folder(tmp_path / name, parallel(9)), (), parallel=True) for name in ("a", "b"))
    other = text_folder(write_folder(tmp_path / "c", parallel(9, seed=1)), (), parallel=True)
    assert here.identity == there.identity
    assert here.identity != other.identity
    assert here.identity != text_folder(tmp_path / "a", (), parallel=False).identity
    assert here.identity != text_folder(tmp_path / "a", ("en", "xx"), parallel=True).identity


def test_parallel_files_have_the_same_number_of_lines(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {"en": ["a"] * 3, "de": ["b"] * 3, "fr": ["c"] * 4})
    for limit in (None, 2):
        with pytest.raises(DataError, match=r"the text in fr has 4 lines and others have 3.*name the folder under `text:`"):
            read_lines(text_folder(folder, (), parallel=True), held_out=0, limit=limit)
    assert len(read_lines(text_folder(folder, (), parallel=False), held_out=0, limit=None).train["fr"]) == 4
    assert len(read_lines(text_folder(folder, ("en", "de"), parallel=True), held_out=0, limit=None).train["en"]) == 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("en.txt", b"good\nbad \xff\n", "en.txt, line 2: byte 0xff is not UTF-8 text"),
        ("en.txt", b"\xef\xbb\xbfgood\n\xffbad", "en.txt, line 2: byte 0xff is not UTF-8 text"),
        ("en.txt.gz", b"no gzip", "en.txt.gz cannot be read"),
        ("en.txt.gz", gzip.compress(b"line\n" * 99, mtime=0)[:-12], "en.txt.gz cannot be read"),
        ("en.txt.gz", gzip.compress(b"line\n" * 99, mtime=0)[:12] + b"\xff\xff\xff" + b"x" * 20, "en.txt.gz cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_lines(text_folder(tmp_path, (), parallel=False), held_out=0, limit=None)


def test_pairs() -> None:
    every = [("ar", "de"), ("ar", "en"), ("de", "en")]
    assert pairs_of(["en", "de", "ar"], None, 1.0) == ([], every)
    assert pairs_of(["en", "de", "ar"], "en", 1.0) == ([("ar", "en"), ("de", "en")], [])
    assert pairs_of(["en", "de", "ar"], "en", 0.5) == ([("ar", "en"), ("de", "en")], [("ar", "de")])
    assert pairs_of(["de", "ar"], "en", 0.5) == ([], [("ar", "de")])
    assert pairs_of(["de", "ar"], "en", 1.0) == ([], [])
