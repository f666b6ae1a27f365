"""What is wrong with a file before it is a study: absent, unreadable, not YAML, not a mapping."""

from pathlib import Path

import pytest

from study_world import assert_one
from xstilts.errors import Problem, StudyError
from xstilts.study_yaml import read_document

# content, line, words of the message
BROKEN = [
    (b"", None, ["the file is empty", "`name: my-study`"]),
    (b"# only a comment\n", None, ["the file is empty"]),
    (b"---\n...\n", None, ["the file is empty"]),
    (b"# a list\n- a\n", 2, ["the file holds a list, not a mapping"]),
    (b"xnli\n", 1, ["the file holds text, not a mapping"]),
    (b"name: a\ntitle: caf\xe9\n", 2, ["byte 0xe9 is not UTF-8", "Save the file as UTF-8."]),
    ("name: ä\n".encode("utf-16"), 1, ["is not UTF-8"]),
    (b"a: 1\nb: \x07\n", 2, ["the character U+0007 is not allowed", "Remove it."]),
    (b"a: 1\nb:\n\tc: 2\n", 3, ["a tab stands where YAML wants spaces"]),
    (b"a: {b: 1,\n\tc d: 2, e: [}\n", 2, ["not valid YAML"]),
    (b'a: 1\n"\\tb": 2\n', 2, ["a tab stands"]),
    (b"a: 1\nb: {c: 1\n", 2, ["not valid YAML", "'<stream end>'", "missing bracket"]),
    (b"a: 'x\n\n\n", 1, ["not valid YAML: found unexpected end of stream"]),
    (b"a:\n  - 1\n b: 2\n", 3, ["not valid YAML", "that begins in line"]),
    (b"a: b: c\n", 1, ["mapping values are not allowed here"]),
    (b"a: 1\nb: @x\n", 2, ["character '@' that cannot start any token"]),
    (b"a: 1\nb: [*nli]\n", 2, ["undefined alias 'nli'", "no anchor of this name stands above", "`&`"]),
    (b"a: 1\n---\nb: 2\n", 2, ["a second document begins here", "one study"]),
    (b"nli: &a [*a]\n", 1, ["the anchor &a contains itself", "Write out"]),
    (b"a: 1\nnli: &a {mix: [b, {c: *a}]}\n", 2, ["the anchor &a contains itself"]),
    (b"a: 1\nb: !!python/name:os.system x\n", 2, ["the tag tag:yaml.org,2002:python/name:os.system", "Remove the tag."]),
    (b"a: 1\nb: !task [xnli]\n", 2, ["the tag !task means nothing"]),
    (b"a: 1\n!task b: 1\n", 2, ["the tag !task means nothing"]),
    (b"? [a, b]\n: c\n", 1, ["a list or mapping stands where a name is expected"]),
    (b'a: 1\nb: "\\UFFFFFFFF"\n', 2, ["`\\U` escape names no character"]),
    (b'a: 1\nb: "\\ud800"\n', 2, ["half a character"]),
    (b"a: " + b"[" * 500, None, ["nested too deeply"]),
    (
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 9)),
        None,
        ["the aliases expand to more than 100000 values"],
    ),
]  # fmt: skip


def _problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        read_document(path)
    return caught.value.problems


@pytest.mark.parametrize(("content", "line", "words"), BROKEN, ids=[str(content[:40]) for content, _, _ in BROKEN])
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, content: bytes, line: int | None, words: list[str]) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    found = _problems(path)
    assert_one(found, found[0].line if "aliases" in words[0] else line, *words)


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "no: no\nrate: 2e-4\nrate2: 2.0e-4\ncount: 1_000\noctal: 0o17\nten: 010\nhex: 0x1f\ndate: 2024-01-01\n"
        "time: 1:30\nempty:\ntilde: ~\nyes: true\nquoted: '2'\ntagged: !!str 3\ninf: -.inf\n1: one\n"
    )
    data = read_document(path).data
    assert data == {
        "no": "no", "rate": 0.0002, "rate2": 0.0002, "count": 1000, "octal": 15, "ten": 10, "hex": 31,
        "date": "2024-01-01", "time": "1:30", "empty": None, "tilde": None, "yes": True, "quoted": "2", "tagged": "3",
        "inf": float("-inf"), "1": "one",
    }  # fmt: skip
    assert data["yes"] is True
    assert isinstance(data["count"], int)


def test_lines_are_those_of_names_items_and_anchors(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(
        b"\xef\xbb\xbf# with a byte order mark and CRLF\r\na:\r\n  - b\r\n  - &x\r\n    c:\r\n      1\r\nd: [*x]\r\n"
    )
    document = read_document(path)
    assert document.data == {"a": ["b", {"c": 1}], "d": [{"c": 1}]}
    assert document.lines == {
        (): 2, ("a",): 2, ("a", 0): 3, ("a", 1): 4, ("a", 1, "c"): 5, ("d",): 7, ("d", 0): 4, ("d", 0, "c"): 5,
    }  # fmt: skip
    assert document.origins == {("d", 0): ("a", 1), ("d", 0, "c"): ("a", 1, "c")}


def test_a_name_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("a: 1\nb: {c: 1,\n  c: 2}\na: 3\n")
    document = read_document(path)
    assert document.data == {"a": 1, "b": {"c": 1}}
    assert [(problem.line, problem.message[:42]) for problem in document.found] == [
        (3, "`c` stands twice, first in line 2; only on"),
        (4, "`a` stands twice, first in line 1; only on"),
    ]


def test_an_absent_file_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "real_text.yaml").touch()
    assert_one(_problems(tmp_path / "realtext.yaml"), None, "no such file", f"Did you mean '{tmp_path / 'real_text.yaml'}'?")
    assert_one(_problems(tmp_path / "x.yaml"), None, "no such file", "holds real_text.yaml")
    assert_one(_problems(tmp_path / "none" / "x.yaml"), None, "no such file", "no .yaml file")


def test_a_folder_is_told_with_the_studies_in_it(tmp_path: Path) -> None:
    (tmp_path / "b.yml").touch()
    (tmp_path / "a.yaml").touch()
    assert_one(_problems(tmp_path), None, "this is a folder", "holds a.yaml, b.yml")


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    assert_one(_problems(tmp_path / name), None, "cannot be read")
