"""Bad input of every sort is refused by `load_study`, before anything is trained, and the message says what to do."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from own_world import CSV, own_study, own_task, write
from study_world import assert_one, problems
from xstilts.study_file import load_study

ROW = "the river is high,billing\n"
CHOICE = {"prompt": "a", "options": ["b", "c"], "label": 0}
SPAN = {"context": "the old house", "question": "which", "answers": ["old"], "starts": [4]}


def lines(*rows: Any) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def text(content: str, *words: str, name: str = "sw.csv", kind: str = "classification", **task: Any) -> Any:
    return kind, name, content, words, task


def table(columns: dict[str, Any], *words: str) -> Any:
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.table(columns), sink)
    return "classification", "sw.parquet", sink.getvalue().to_pybytes(), words, {}


FILES: dict[str, Any] = {  # what is wrong -> kind, file, its content, what the message says, changes of the task
    "csv: missing column": text(
        f"label,second\nbilling,{ROW}", "unknown column 'first'. The file has label, second.",
            "hold `first`: name the right one"
    ),
    "csv: misspelt column": text(f"frist,label\n{ROW}", "unknown column 'first'. Did you mean 'frist'?"),
    "csv: misspelt label column": text(f"first,lable\n{ROW}", "unknown column 'label'. Did you mean 'lable'?"),
    "csv: too few cells": text(
        f"first,label\n{ROW}alone\n", "sw.csv, line 3: 1 cell; expected 2 (first, label). Correct the row, or set"
    ),
    "csv: too many cells": text(
        'first,label\n"a\nb",billing\na,b,network\n',
            "sw.csv, line 4: 3 cells; expected 2 (first, label); text with a comma goes in"
    ),
    "csv: quote left open": text(
        f'first,label\n{ROW}"the river,billing\n{ROW}', "sw.csv, line 3: the row that begins here is not CSV",
            "Correct the quotes"
    ),
    "csv: text behind a quote": text('first,label\n"a" b,billing\n',
        "sw.csv, line 2: the row that begins here is not CSV (',' exp"),
    "csv: empty file": text("",
        "sw.csv, line 1: the file is empty; expected the names of the columns. Write them in the first"),
    "csv: empty header": text(f"\n{ROW}", "sw.csv, line 1: the first line is empty; expected the names"),
    "csv: header only": text("first,label\n", "sw.csv: none of its 0 rows is an example of mine. Write rows, or take the file"),
    "csv: not UTF-8": (
        "classification", "sw.csv", b"first,label\nh\xe9,billing\n",
        ["sw.csv, line 2: byte 0xe9 at byte 13 (counted from 0) is not UTF-8; expected text in UTF-8. Save the file"], {},
    ),
    "csv: not UTF-8 behind a byte order mark": (
        "classification", "sw.csv", b"\xef\xbb\xbffirst\xff,label\n",
            ["sw.csv, line 1: byte 0xff at byte 8 (counted from 0)"], {},
    ),
    "csv: UTF-16": (
        "classification", "sw.csv", CSV.encode("utf-16"), ["line 1: a NUL byte at byte 3",
            "begins as UTF-16 does; expected text in"], {},
    ),
    "csv: NUL byte": text("first,label\na\0b,billing\n",
        "sw.csv, line 2: a NUL byte at byte 13 (counted from 0); expected"),
    "csv: column twice": text(f"first,label,label\n{ROW}", "sw.csv, line 1: the column 'label' stands twice in the header",
        "Rename one"),
    "csv: semicolons": text("first;label\na;billing\n", "sw.csv, line 1: the header is one column, 'first;label'",
        "';' stands between"),
    "csv: unknown label": text(
        f"first,label\n{ROW}a,biling\n",
        "sw.csv, line 3: label 'biling' in column 'label'; expected one of billing, network; perhaps 'billing'. Correct",
    ),
    "csv: unknown label in a named column": text(
        "first,label,topic\na,billing,noise\n", "line 2: label 'noise' in column 'topic'", columns={"label": "topic"},
            data_en="topic"
    ),
    "csv: empty text": text(f"first,label\n{ROW} ,network\n",
        "sw.csv, line 3: column 'first' is empty; expected text. Correct the"),
    "csv: row without a label": text(
        f"first,label\n{ROW}the door,\n",
            "sw.csv, line 3: column 'label' is empty; expected a label (a file without labels has no such"
    ),
    "csv: empty line in the middle": text(f"first,label\n{ROW}\n{ROW}", "sw.csv, line 3: the line is empty; expected a row"),
    "csv: one label all over": text("first,label\n" + ROW * 10, "all 10 examples have the label 'billing', a placeholder"),
    "tsv: commas": text(CSV, "sw.tsv, line 1: the header is one column, 'first,label'", "or call it .csv", name="sw.tsv"),
    "tsv: too few cells": text("first\tlabel\na billing\n", "sw.tsv, line 2: 1 cell; expected 2 (first, label)", name="sw.tsv"),
    "tsv: empty text": text("first\tlabel\n\tbilling\n", "sw.tsv, line 2: column 'first' is empty", name="sw.tsv"),
    "jsonl: not JSON": text(
        lines({"first": "a", "label": "billing"}, '{"first": a}'), "sw.jsonl, line 2: not JSON at column 11 (", name="sw.jsonl"
    ),
    "jsonl: trailing comma": text(
        lines({"first": "a", "label": "billing"}, '{"first": "a", "label": "network",}'),
        "sw.jsonl, line 2: not JSON at column ", "a comma may stand only between two values", name="sw.jsonl",
    ),
    "jsonl: a list": text('["a", "billing"]\n', "sw.jsonl, line 1: a list; expected one JSON object a line. Write",
        name="sw.jsonl"),
    "jsonl: a value": text(lines({"first": "a", "label": "billing"}, "7"), "line 2: a single value; expected", name="sw.jsonl"),
    "jsonl: empty file": text("\n\n", "sw.jsonl, line 1: the file is empty; expected one JSON object a line", name="sw.jsonl"),
    "jsonl: missing key": text(
        lines({"first": "a", "label": "billing"}, {"fist": "a", "label": "network"}),
        "sw.jsonl, line 2: no column 'first', but 'fist'; expected the columns of the first row", name="sw.jsonl",
    ),
    "jsonl: labels in some rows only": text(
        lines({"first": "a", "label": "billing"}, {"first": "b"}), "sw.jsonl, line 2: no column 'label'", name="sw.jsonl"
    ),
    "jsonl: labels in later rows only": text(
        lines({"first": "a"}, {"first": "b", "label": "billing"}),
        "sw.jsonl, line 2: column 'label' is \"billing\", but the first row has no such column", "in every row, or in none",
        name="sw.jsonl",
    ),
    "jsonl: wrong type": text(
        lines({"first": 5, "label": "billing"}), "sw.jsonl, line 1: column 'first' is 5; expected text", name="sw.jsonl"
    ),
    "jsonl: key twice": text('{"first": "a", "first": "b"}\n', "line 1: the key 'first' stands twice", name="sw.jsonl"),
    "jsonl: empty line in the middle": text(
        lines({"first": "a", "label": "billing"}, "", {"first": "a", "label": "network"}), "line 2: the line is empty",
            name="sw.jsonl"
    ),
    "jsonl: half a character": text(
        '{"first": "\\ud800", "label": "billing"}\n', "line 1: column 'first' holds half a character", name="sw.jsonl"
    ),
    "parquet: not Parquet": text("first", "sw.parquet: not readable as Parquet", "give its true extension", name="sw.parquet"),
    "parquet: missing column": table({"text": ["a"], "label": ["billing"]}, "unknown column 'first'",
        "The file has text, label."),
    "parquet: wrong type": table(
        {"first": [1.5], "label": ["billing"]}, "sw.parquet, row 0 (counted from 0): column 'first' is 1.5; expected text"
    ),
    "parquet: null": table(
        {"first": ["a", None], "label": ["billing", "network"]},
            "sw.parquet, row 1 (counted from 0): column 'first' is null; expected"
    ),
    "conll: missing column": text(
        "a O\n", "sw.conll: no column 5 for `tags`; the first sentence has 2. Give the number", name="sw.conll", kind="tagging",
        columns={"tags": 5}, data_en="tags",
    ),
    "conll: ragged": text(
        "a O\nb O\n\nc\n", "sw.conll, line 4: 1 column in line 4; expected 2, as in the first", name="sw.conll", kind="tagging"
    ),
    "conll: ragged within a sentence": text(
        "a O\n\nb O\nc O x\n", "sw.conll, line 3: 3 columns in line 4; expected 2", name="sw.conll", kind="tagging"
    ),
    "conll: unknown tag": text(
        "a O\n\nb O\nc I-LOK\n", "line 3: tag 'I-LOK' of word 2 of the sentence, 'c'; expected one of B-LOC",
            "; perhaps 'I-LOC'. Correct",
        name="sw.conll", kind="tagging",
    ),
    "conll: no sentence": text("# text = a\n\n", "sw.conll: no sentence in the file; expected one word", name="sw.conll",
        kind="tagging"),
    "tagging: words are text": text(
        lines({"words": "a b", "tags": ["O", "O"]}), "column 'words' is \"a b\"; expected a list of texts", name="sw.jsonl",
            kind="tagging"
    ),
    "tagging: fewer tags than words": text(
        lines({"words": ["a", "b"], "tags": ["O"]}), "line 1: 2 words but 1 tags; expected one tag a word", name="sw.jsonl",
            kind="tagging"
    ),
    "span: answer elsewhere": text(
        lines(SPAN, SPAN | {"starts": [5]}),
            "sw.jsonl, line 2: the context has 'ld ' at character 5; expected the answer 'old'",
        name="sw.jsonl", kind="span",
    ),
    "span: start is text": text(
        lines(SPAN | {"starts": ["four"]}), "line 1: column 'starts' is \"four\"; expected where the", name="sw.jsonl",
            kind="span"
    ),
    "span: no starts": text(lines({k: v for k, v in SPAN.items() if k != "starts"}), "no column 'starts'", name="sw.jsonl",
    kind="span"),
    "choice: one option": text(
        lines(CHOICE | {"options": ["b"]}), "line 1: 1 options; expected at least 2", name="sw.jsonl", kind="multiple_choice"
    ),
    "choice: label out of range": text(
        lines(CHOICE | {"label": 2}), "line 1: column 'label' is 2; expected an option's number, 0..1, or its text",
        name="sw.jsonl", kind="multiple_choice",
    ),
    "choice: label is no option": text(
        "prompt,a,b,label\np,closed,open,clsed\n", "sw.csv, line 2: column 'label' is \"clsed\"", "; perhaps 'closed'. Correct",
        kind="multiple_choice", columns={"options": ["a", "b"]}, data_en="options",
    ),
    "span: no answer for the metric": text(
        "context,question,answers,starts\nan old house,which,old,3\na house,which,,\n",
        "sw.csv, row 1 (counted from 0): the question has no answer", "Set `metric: squad2`", kind="span",
    ),
    "labels: none of the training data's": text(
        "first,label\na,Billing\nb,Network\n", "sw.csv: its labels are Billing, Network; expected some of", "billing, network.",
        labels=None,
    ),
    "retrieval: unequal sides": text(
        "foreign,source\nmto,river\nmlango,\n", "sw.csv, line 3: column 'source' is empty; expected text", kind="retrieval"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES.values(), ids=FILES.keys())
def test_a_bad_file_is_refused(case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))
    kind, name, content, words, changes = case
    task = own_task(tmp_path, kind, **{field: value for field, value in changes.items() if field != "data_en"})
    if "data_en" in changes:  # the good file has not the columns that this task names
        task["data"] = {}
    task["data"]["test"] = {"sw": f"data/{name}"}
    write(tmp_path / "data" / name, content)
    study = own_study(tmp_path, {"mine": task}, targets=["xnli", "mine"] if kind == "retrieval" else ["xnli"])
    line = 1 + study.read_text().splitlines().index(f'     "sw": "data/{name}"')
    assert_one(problems(study), line, "`tasks.mine`: ", str(tmp_path / "data" / name), *words)


@pytest.mark.parametrize("split", ["train", "test"])
def test_questions_without_an_answer_may_be_trained_on_and_be_scored_with_squad2(split: str, tmp_path: Path) -> None:
    task = own_task(tmp_path, "span", metric="squad2" if split == "test" else "squad")
    write(tmp_path / "data/more.csv", "context,question,answers,starts\na house,which,,\nan old house,which,old,3\n")
    task["data"][split] = {"en": "data/more.csv"}
    assert set(load_study(own_study(tmp_path, {"mine": task}, targets=["xnli"]), need_data=False).tasks) == {"mine"}


def test_a_label_that_training_lacks_beside_one_that_it_has_is_no_mistake(tmp_path: Path) -> None:
    task = own_task(tmp_path, "classification", labels=None)
    write(tmp_path / "data/test.csv", "first,label\na,billing\nb,weather\n")
    task["data"]["test"] = {"en": "data/test.csv"}
    for _ in range(2):  # read, then remembered
        load_study(own_study(tmp_path, {"mine": task}, targets=["xnli"]), need_data=False)


def test_there_are_fifty_ways() -> None:
    assert len(FILES) >= 50
