"""What each format makes of a sound file: columns, rows, and the lines that rows begin in."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from xstilts.data.formats import FORMATS, format_of
from xstilts.errors import DataError

EVERYTHING = {"a", "b", "words", *map(str, range(1, 11))}


def read(path: Path, content: str | bytes, wanted: Any = EVERYTHING) -> tuple[tuple[str, ...], list[Any]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    form = format_of(path)
    return form.columns(path), list(form.records(path, wanted))


def test_csv_rows_begin_in_the_line_an_editor_shows(tmp_path: Path) -> None:
    content = 'a,b\n1,"two\nlines, ""quoted"""\n"3\n\n\n",4\n5,6\n'
    assert read(tmp_path / "x.csv", content) == (
        ("a", "b"),
        [(2, {"a": "1", "b": 'two\nlines, "quoted"'}), (4, {"a": "3\n\n\n", "b": "4"}), (8, {"a": "5", "b": "6"})],
    )


@pytest.mark.parametrize("name", ["x.csv", "x.CSV"])
def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, b"\xef\xbb\xbfa,b\r\n1,2\r\n") == (("a", "b"), [(2, {"a": "1", "b": "2"})])


def test_only_the_wanted_columns_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path / "x.csv", "a,b\n1,2\n", {"b"}) == (("a", "b"), [(2, {"b": "2"})])


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl"])
def test_empty_lines_at_the_end_are_no_rows(tmp_path: Path, name: str) -> None:
    content = {"x.csv": "a,b\n1,2\n", "x.tsv": "a\tb\n1\t2\n", "x.jsonl": '{"a": "1", "b": "2"}\n'}[name]
    _, rows = read(tmp_path / name, f"{content}\n\n")
    assert [row for _, row in rows] == [{"a": "1", "b": "2"}]


def test_a_quote_in_tsv_is_a_character(tmp_path: Path) -> None:
    assert read(tmp_path / "x.tsv", 'a\tb\n"x\t5" y\n')[1] == [(2, {"a": '"x', "b": '5" y'})]


def test_jsonl_objects_keep_their_types(tmp_path: Path) -> None:
    rows = [{"a": ["x", "ü"], "b": 1}, {"a": None, "b": {"c": True}}]
    assert read(tmp_path / "x.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows)) == (
        ("a", "b"),
        [(1, rows[0]), (2, rows[1])],
    )


def test_parquet_rows_have_no_lines(tmp_path: Path) -> None:
    rows = [{"a": "x", "b": [1, 2]}, {"a": None, "b": []}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "y.parquet")
    assert read(tmp_path / "x.parquet", (tmp_path / "y.parquet").read_bytes()) == (("a", "b"), [(None, row) for row in rows])


def test_parquet_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    column = pyarrow.array([b"\xff"], pyarrow.binary()).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"a": column}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="not readable as Parquet"):
        list(FORMATS[".parquet"].records(tmp_path / "x.parquet", {"a"}))


def test_conll_sentences_begin_in_their_first_line(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- O\n\n\nEU NNP B-ORG\nrejects VBZ O\n\n# X O\nGerman JJ B-MISC\n"
    assert read(tmp_path / "x.conll", content) == (
        ("1", "2", "3"),
        [
            (4, {"1": ["EU", "rejects"], "2": ["NNP", "VBZ"], "3": ["B-ORG", "O"]}),
            (7, {"1": ["#", "German"], "2": ["X", "JJ"], "3": ["O", "B-MISC"]}),
        ],
    )


def test_conllu_words_are_without_comments_ranges_and_empty_nodes(tmp_path: Path) -> None:
    def word(number: str, form: str, tag: str) -> str:
        return "\t".join([number, form, "_", tag, *"______"]) + "\n"

    content = "# sent_id = 1\n# text = vámonos\n" + word("1-2", "vámonos", "_") + word("1", "vamos", "VERB")
    content += word("2", "nos", "PRON") + word("2.1", "vamos", "VERB") + "\n# sent_id = 2\n" + word("1", "a b", "X")
    columns, rows = read(tmp_path / "x.conllu", content)
    assert len(columns) == 10
    assert [(line, row["2"], row["4"]) for line, row in rows] == [(4, ["vamos", "nos"], ["VERB", "PRON"]), (9, ["a b"], ["X"])]
