"""Reading the files of XTREME's layout: each format, and what is said of files that are not of it."""

import json

import pytest

from xstilts.data.xtreme_files import read_answers, read_labels, read_pairs, read_questions, read_rankings, read_tags
from xstilts.errors import DataError


@pytest.fixture
def write(tmp_path):
    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def squad(*questions):
    """Return a file of SQuAD's format with (id, answers) in one paragraph."""
    qas = [{"id": key, "question": "?", "answers": [{"text": text} for text in answers]} for key, answers in questions]
    return json.dumps({"version": "1.1", "data": [{"paragraphs": [{"context": "", "qas": qas}]}]})


@pytest.mark.parametrize("content", ["yes\nno\n", "yes\r\nno\r\n", "yes\nno", "\ufeffyes \n no\n\n\n"])
def test_labels_stand_one_a_line(write, content):
    assert read_labels(write("test-en.tsv", content)) == ["yes", "no"]


def test_other_line_separators_of_unicode_do_not_cut_a_line(write):
    assert read_labels(write("test-en.tsv", "a\u2028b\nc\u0085d\n")) == ["a\u2028b", "c\u0085d"]


def test_labels_of_jsonl_stand_under_label(write):
    assert read_labels(write("test-et.jsonl", '{"idx": 0, "label": 1}\n{"label": "0", "premise": "x"}\n')) == ["1", "0"]


def test_tags_keep_the_empty_lines_between_sentences(write):
    assert read_tags(write("test-en.tsv", "O\nB-PER\n\nO\n\n")) == ["O", "B-PER", "", "O"]


def test_pairs_have_a_tab(write):
    assert read_pairs(write("test-de.tsv", "de-1\ten-7\nde-2\ten-5\n")) == [("de-1", "en-7"), ("de-2", "en-5")]


def test_questions_have_all_their_answers(write):
    assert read_questions(write("test-ar.json", squad(("q1", ["شمال", "x"]), ("q2", [])))) == {"q1": ("شمال", "x"), "q2": ()}


def test_answers_are_one_object(write):
    assert read_answers(write("test-ar.json", '{"q1": "شمال", "q2": ""}')) == {"q1": "شمال", "q2": ""}


def test_rankings_of_json_and_jsonl_are_the_same(write):
    expected = {"m1": ("Q1", "Q2"), "m2": ()}
    assert read_rankings(write("test-ar.json", '{"m1": ["Q1", "Q2"], "m2": []}')) == expected
    assert read_rankings(write("test-ar.jsonl", '{"m1": ["Q1", "Q2"]}\n{"m2": []}\n')) == expected


MALFORMED = [
    (read_labels, "t.tsv", "yes\n\nno\n", r"t\.tsv, line 2 is empty: ''; expected one label a line\. Correct"),
    (read_labels, "t.tsv", "yes\nno\tx\n", r"t\.tsv, line 2 has 2 columns: 'no\\tx'; expected one label a line"),
    (read_labels, "t.tsv", b"\xef\xbb\xbfyes\n\xe9n", r"t\.tsv, line 2: byte 0xe9 is not UTF-8"),
    (read_labels, "t.tsv", b"yes\nn\xe9\n", r"t\.tsv, line 2: byte 0xe9 is not UTF-8; .* Save the file as UTF-8"),
    (read_labels, "t.jsonl", '{"label": 1}\n{"label" 1}\n', r"t\.jsonl, line 2, column 10 is not JSON: Expecting ':'"),
    (read_labels, "t.jsonl", '{"label": 1}\n[1]\n', r"t\.jsonl, line 2 holds \[1\]; expected an object in braces"),
    (read_labels, "t.jsonl", '{"label": 1}\n{"lable": 1}\n', r"line 2: the label is nothing; expected a text or a whole"),
    (read_labels, "t.jsonl", '{"label": 1.5}\n', r"line 1: the label is 1\.5; expected a text or a whole number under 'label'"),
    (read_labels, "t.jsonl", '{"label": true}\n', r"line 1: the label is True"),
    (read_labels, "t.jsonl", '{"label": 1, "label": 2}\n', r"t\.jsonl, line 1: 'label' stands twice in one object"),
    (read_tags, "t.tsv", "O\nword\tB-PER\n", r"line 2 has 2 columns: 'word\\tB-PER'; expected one tag a line, and an"),
    (read_pairs, "t.tsv", "de-1\ten-1\nde-2 en-2\n", r"line 2 has 1 columns: 'de-2 en-2'; expected two sentence ids a line"),
    (read_pairs, "t.tsv", "a\tb\tc\n", r"line 1 has 3 columns"),
    (read_pairs, "t.tsv", "a\tb\n\nc\td\n", r"line 2 is empty"),
    (read_answers, "t.json", '{"q1": "x",\n "q2": y}', r"t\.json, line 2, column 8 is not JSON: Expecting value"),
    (read_answers, "t.json", "", r"t\.json, line 1, column 1 is not JSON"),
    (read_answers, "t.json", '["x"]', r"t\.json holds \['x'\]; expected an object in braces"),
    (read_answers, "t.json", '{"q1": ["x"]}', r"the answer to question 'q1' is \['x'\]; expected a text\. Write one answer"),
    (read_answers, "t.json", '{"q1": null}', r"the answer to question 'q1' is nothing; expected a text"),
    (read_answers, "t.json", '{"q1": "x", "q1": "y"}', r"t\.json: 'q1' stands twice in one object; expected it once\. Keep"),
    (read_questions, "t.json", "{}", r"t\.json has nothing under 'data'; expected a list\. Write the questions in"),
    (read_questions, "t.json", '{"data": [{"paragraphs": 3}]}', r"t\.json, data\[0\] has 3 under 'paragraphs'; expected"),
    (read_questions, "t.json", '{"data": [{"paragraphs": [[]]}]}', r"data\[0\], paragraphs\[0\] has nothing under 'qas'"),
    (read_questions, "t.json", '{"data": [{"paragraphs": [{"qas": [{}]}]}]}', r"qas\[0\] has nothing under 'id'; expected"),
    (read_questions, "t.json", '{"data": [{"paragraphs": [{"qas": [{"id": "a"}]}]}]}', r"qas\[0\] has nothing under 'answers'"),
    (read_questions, "t.json", squad(("q", ["x"])).replace('"x"', "7"), r"qas\[0\], answers\[0\] has 7 under 'text'"),
    (read_questions, "t.json", squad(("q", ["x"]), ("q", ["y"])), r"qas\[1\] has the id 'q' of an earlier question"),
    (read_rankings, "t.json", '{"m1": "Q1"}', r"t\.json: query 'm1' has 'Q1'; expected a list of ids in quotes\. Write"),
    (read_rankings, "t.json", '{"m1": [1]}', r"query 'm1' has \[1\]; expected a list of ids in quotes"),
    (read_rankings, "t.jsonl", '{"m1": []}\n{"m1": []}\n', r"t\.jsonl, line 2: query 'm1' stands twice"),
    (read_rankings, "t.jsonl", '{"m1": []}\n{"m2": 3}\n', r"t\.jsonl, line 2: query 'm2' has 3"),
]


@pytest.mark.parametrize(("read", "name", "content", "message"), MALFORMED)
def test_malformed_files_are_refused_with_the_place(write, read, name, content, message):
    with pytest.raises(DataError, match=message) as caught:
        read(write(name, content))
    assert str(caught.value).count("\n") == 0


def test_long_values_are_cut_in_messages(write):
    with pytest.raises(DataError) as caught:
        read_answers(write("t.json", json.dumps({"q1": ["x" * 10_000]})))
    assert len(str(caught.value)) < 400


def test_a_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_labels(tmp_path)
