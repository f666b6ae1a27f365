from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from in_memory import FILE, Memory, first_of_shuffle, real

from xstilts.data.mirror import Mirror
from xstilts.data.read import OnBadRow, read_examples
from xstilts.errors import DataError
from xstilts.task import Example, LabelledText, Row, TaggedWords, Task
from xstilts.tasks.siqa import TASK as SIQA
from xstilts.tasks.udpos import TASK as UDPOS
from xstilts.tasks.xnli import TASK as XNLI
from xstilts.tasks.xquad import TASK as XQUAD


def nli(count: int, label: Callable[[int], int] = lambda i: i % 3) -> list[dict[str, Any]]:
    return [{"premise": f"premise {i}", "hypothesis": f"hypothesis {i}", "label": label(i)} for i in range(count)]


def leaving_out(task: Task, left_out: Callable[[Row], bool]) -> Task:
    return replace(task, read_row=lambda row: None if left_out(row) else task.read_row(row))


# --- whole files


def test_reads_every_row_in_order() -> None:
    examples = read_examples(Memory(nli(2500)), XNLI, FILE)
    assert examples.ids == tuple(map(str, range(2500)))
    assert examples.items[2000] == LabelledText("premise 2000", "hypothesis 2000", "contradiction")
    assert examples.skipped == 0


def test_rows_left_out_by_definition_count_nowhere() -> None:
    examples = read_examples(Memory(nli(9)), leaving_out(XNLI, lambda row: row["label"] == 1), FILE)
    assert examples.ids == ("0", "2", "3", "5", "6", "8")
    assert examples.skipped == 0


def test_reads_tags() -> None:
    examples = read_examples(Memory([{"tokens": ["she", "sleeps"], "pos_tags": [10, 15]}]), UDPOS, FILE)
    assert examples.items == (TaggedWords(("she", "sleeps"), ("PRON", "VERB")),)


# --- bad rows


BAD_CLASSIFICATION: list[tuple[dict[str, Any], str]] = [
    ({"label": -1}, "label -1; expected an integer 0..2 for entailment, neutral, contradiction"),
    ({"label": 3}, "label 3; expected an integer 0..2"),
    ({"label": None}, "label None; expected an integer 0..2"),
    ({"premise": ""}, "the first text is empty; expected text"),
    ({"premise": " \t\n"}, "the first text is empty; expected text"),
    ({"hypothesis": "\u3000"}, "the second text is empty; expected text"),
]
BAD_COLUMNS: list[tuple[dict[str, Any], str]] = [
    ({"premise": "a", "hypothesis": "b", "label": "neutral"}, "label 'neutral'; expected an integer 0..2"),
    ({"premise": "a", "hypothesis": "b", "label": 1.0}, "label 1.0; expected an integer 0..2"),
    ({"premise": 3, "hypothesis": "b", "label": 1}, "the first text is 3; expected text"),
    ({"premise": ["a"], "hypothesis": "b", "label": 1}, "the first text is ['a']; expected text"),
    ({"premise": None, "hypothesis": "b", "label": 1}, "the first text is None; expected text"),
    ({"premise": "a", "hypothesis": None, "label": 1}, "the second text is None; expected text"),
    ({"premise": "a", "hypothesis": "b", "label": True}, "label True; expected an integer 0..2"),
    ({"sentence1": "a", "hypothesis": "b", "label": 1}, "no column 'premise'; the columns are sentence1, hypothesis"),
]
BAD_TAGGING: list[tuple[dict[str, Any], str]] = [
    ({"tokens": ["a", "b"], "pos_tags": [1]}, "2 words but 1 tags; expected one tag a word"),
    ({"tokens": [], "pos_tags": []}, "the sentence has no words"),
    ({"tokens": None, "pos_tags": [1]}, "a value of a wrong type"),
    ({"tokens": ["a", None], "pos_tags": [1, 1]}, "word 1 is None; expected text"),
    ({"tokens": ["a", ""], "pos_tags": [1, 1]}, "word 1 is ''; expected text"),
    ({"tokens": ["a"], "pos_tags": [17]}, "label 17; expected an integer 0..16"),
    ({"tokens": ["a"], "pos_tags": [None]}, "label None; expected an integer 0..16"),
]


@pytest.mark.parametrize(("change", "said"), BAD_CLASSIFICATION)
def test_a_bad_row_stops_with_file_and_row(change: dict[str, Any], said: str) -> None:
    rows = nli(20)
    rows[17] |= change
    with pytest.raises(DataError) as caught:
        read_examples(Memory(rows), XNLI, FILE)
    assert str(caught.value).startswith(f"memory.parquet, row 17 (counted from 0): {said}")
    assert str(caught.value).endswith("Correct the row, or set `data.on_bad_row: skip` to count and leave out such rows.")


@pytest.mark.parametrize(("row", "said"), BAD_TAGGING)
def test_a_bad_sentence_stops_with_file_and_row(row: dict[str, Any], said: str) -> None:
    good = {"tokens": ["she", "sleeps"], "pos_tags": [10, 15]}
    with pytest.raises(DataError) as caught:
        read_examples(Memory([good, good, row]), UDPOS, FILE)
    assert str(caught.value).startswith(f"memory.parquet, row 2 (counted from 0): {said}")


@pytest.mark.parametrize(("row", "said"), BAD_COLUMNS)
def test_bad_columns_stop_at_the_first_row(row: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        read_examples(Memory([row, row]), XNLI, FILE)
    assert str(caught.value).startswith(f"memory.parquet, row 0 (counted from 0): {said}")


@pytest.mark.parametrize("change", [change for change, _ in BAD_CLASSIFICATION])
def test_skipped_rows_are_counted_and_ids_stay(change: dict[str, Any]) -> None:
    rows = nli(20)
    rows[3] |= change
    rows[17] |= change
    examples = read_examples(Memory(rows), XNLI, FILE, on_bad_row="skip")
    assert examples.skipped == 2
    assert examples.ids == tuple(str(i) for i in range(20) if i not in {3, 17})
    assert examples.items[3] == LabelledText("premise 4", "hypothesis 4", "neutral")


@pytest.mark.parametrize("on_bad_row", ["stop", "skip"])
def test_a_file_without_examples_is_refused(on_bad_row: OnBadRow) -> None:
    empty = pyarrow.Table.from_pylist(nli(1)).slice(0, 0)
    with pytest.raises(DataError, match=r"memory.parquet: none of its 0 rows is an example of xnli\. Use a copy"):
        read_examples(Memory(empty), XNLI, FILE, on_bad_row=on_bad_row)
    with pytest.raises(DataError, match="none of its 9 rows is an example of xnli"):
        read_examples(Memory(nli(9)), leaving_out(XNLI, lambda _: True), FILE, on_bad_row=on_bad_row)


def test_skipping_everything_is_refused_with_the_first_reason() -> None:
    with pytest.raises(DataError, match=r"none of its 20 rows .*; 20 are bad, the first is row 0 .*label -1; expected"):
        read_examples(Memory(nli(20, lambda _: -1)), XNLI, FILE, on_bad_row="skip")


def test_text_that_is_not_utf8_is_refused() -> None:
    texts = pyarrow.array([b"good", b"\xff\xfe bad"]).view(pyarrow.string())
    table = pyarrow.table({"premise": texts, "hypothesis": ["a", "b"], "label": [0, 1]})
    with pytest.raises(DataError, match=r"memory.parquet: .*UTF8.* Write the file again, its text in UTF-8"):
        read_examples(Memory(table), XNLI, FILE)


# --- limits


@pytest.mark.parametrize(("count", "limit"), [(50, 5), (50, 49), (5010, 100), (1, 1)])
def test_a_limit_takes_the_first_of_the_shuffle_in_file_order(count: int, limit: int) -> None:
    examples = read_examples(Memory(nli(count)), XNLI, FILE, limit=limit)
    assert list(examples.ids) == first_of_shuffle(count, limit)
    texts = [example.first for example in examples.items if isinstance(example, LabelledText)]
    assert texts == [f"premise {row}" for row in examples.ids]


def test_a_limit_beyond_the_file_takes_all() -> None:
    whole = read_examples(Memory(nli(30)), XNLI, FILE)
    assert read_examples(Memory(nli(30)), XNLI, FILE, limit=30) == whole
    assert read_examples(Memory(nli(30)), XNLI, FILE, limit=31) == whole


def test_a_higher_limit_keeps_the_examples_of_a_lower_one() -> None:
    ids = [set(read_examples(Memory(nli(1000)), XNLI, FILE, limit=limit).ids) for limit in (1, 100, 200, 999)]
    assert [len(taken) for taken in ids] == [1, 100, 200, 999]
    assert all(fewer < more for fewer, more in pairwise(ids))


def test_a_limit_takes_the_same_rows_in_every_language(tmp_path: Path, write_mirror: Callable[..., Path]) -> None:
    languages = {"ar": "arb_Arab", "sw": "swh_Latn", "zh": "zho_Hans"}
    files = {f"{code}/test": [{**row, "premise": f"{code} {row['premise']}"} for row in nli(60)] for code in languages}
    mirror = Mirror(write_mirror(tmp_path, {"facebook/xnli": files}))
    found = [mirror.find(XNLI, tag, "test") for tag in languages.values()]
    read = [read_examples(mirror, XNLI, file, limit=7) for file in found if file]
    assert len(read) == 3
    assert len({examples.ids for examples in read}) == 1
    assert len({examples.items for examples in read}) == 3


def test_a_limit_is_filled_past_rows_that_are_left_out_or_skipped() -> None:
    rows = nli(40)
    for i in range(0, 40, 4):
        rows[i]["label"] = -1
    task = leaving_out(XNLI, lambda row: row["label"] == 2)
    examples = read_examples(Memory(rows), task, FILE, limit=8, on_bad_row="skip")
    labels: list[int] = []
    met = 0
    while len(labels) < 8:  # the shortest start of the shuffle with eight usable rows
        met += 1
        started = first_of_shuffle(40, met)
        labels = [rows[int(row)]["label"] for row in started if rows[int(row)]["label"] in {0, 1}]
    assert examples.ids == tuple(row for row in started if rows[int(row)]["label"] in {0, 1})
    assert examples.skipped == sum(rows[int(row)]["label"] == -1 for row in started) > 0


@pytest.mark.parametrize("block", [1, 3, 64])
def test_the_block_size_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = nli(50)
    for i in range(0, 50, 5):
        rows[i]["label"] = -1

    def read() -> list[object]:
        return [read_examples(Memory(rows), XNLI, FILE, limit=n, on_bad_row="skip") for n in (1, 20, None)]

    expected = read()
    monkeypatch.setattr("xstilts.data.read.BLOCK", block)
    assert read() == expected


def test_rows_beyond_the_limit_are_not_looked_at() -> None:
    rows = nli(50)
    taken = {int(row) for row in first_of_shuffle(50, 10)}
    for i in set(range(50)) - taken:
        rows[i]["label"] = -1
    read: list[Row] = []

    def read_row(row: Row) -> Example | None:
        read.append(row)
        return XNLI.read_row(row)

    examples = read_examples(Memory(rows), replace(XNLI, read_row=read_row), FILE, limit=10)
    assert {int(row) for row in examples.ids} == taken
    assert len(read) == 10
    with pytest.raises(DataError, match="label -1"):
        read_examples(Memory(rows), XNLI, FILE, limit=11)


# --- placeholders


def test_constant_labels_of_an_evaluation_split_are_a_placeholder() -> None:
    source = Memory(nli(10, lambda _: 1))
    with pytest.raises(DataError) as caught:
        read_examples(source, XNLI, FILE, evaluation=True)
    for words in ["memory.parquet", "all 10 examples", "'neutral'", "placeholder", "entailment", "`data.mirror`"]:
        assert words in str(caught.value)
    assert len(read_examples(source, XNLI, FILE).items) == 10


def test_few_examples_may_have_one_label() -> None:
    assert len(read_examples(Memory(nli(9, lambda _: 1)), XNLI, FILE, evaluation=True).items) == 9


def test_the_whole_file_decides_not_what_the_limit_leaves() -> None:
    taken = {int(row) for row in first_of_shuffle(50, 12)}
    other = next(i for i in range(50) if i not in taken)
    mixed, constant = Memory(nli(50, lambda i: int(i == other))), Memory(nli(50, lambda _: 0))
    limited = read_examples(mixed, XNLI, FILE, limit=12, evaluation=True)
    assert {example.label for example in limited.items if isinstance(example, LabelledText)} == {"entailment"}
    with pytest.raises(DataError, match="all 50 examples"):
        read_examples(constant, XNLI, FILE, limit=2, evaluation=True)


def test_constant_tags_are_a_placeholder() -> None:
    rows = [{"tokens": ["a", "b"], "pos_tags": [7, 7]}] * 10
    with pytest.raises(DataError, match="all 10 examples have the label 'NOUN', a placeholder"):
        read_examples(Memory(rows), UDPOS, FILE, evaluation=True)
    rows[4] = {"tokens": ["a", "b"], "pos_tags": [7, 0]}
    assert len(read_examples(Memory(rows), UDPOS, FILE, evaluation=True).items) == 10


def test_one_option_that_is_always_right_is_a_placeholder() -> None:
    row = {"context": "Bo fell.", "question": "How is Bo?", "answerA": "glad", "answerB": "hurt", "answerC": "late"}
    rows = [{**row, "label": "2"}] * 10
    with pytest.raises(DataError, match=r"all 10 examples have the label '1', a placeholder .* expected several\. A score"):
        read_examples(Memory(rows), SIQA, FILE, evaluation=True)
    rows[3] = {**row, "label": "1"}
    assert len(read_examples(Memory(rows), SIQA, FILE, evaluation=True).items) == 10


def test_one_answer_to_all_questions_is_a_placeholder() -> None:
    row = {"context": "Denver won.", "question": "Who?", "answers": {"text": ["Denver"], "answer_start": [0]}}
    rows = [row] * 10
    with pytest.raises(DataError, match="all 10 examples have the label 'Denver', a placeholder"):
        read_examples(Memory(rows), XQUAD, FILE, evaluation=True)
    rows[3] = {**row, "answers": {"text": ["won"], "answer_start": [7]}}
    assert len(read_examples(Memory(rows), XQUAD, FILE, evaluation=True).items) == 10


def test_a_split_without_labels_is_no_placeholder() -> None:
    task = replace(XNLI, read_row=lambda row: LabelledText(row["premise"], row["hypothesis"]))
    assert len(read_examples(Memory(nli(20)), task, FILE, evaluation=True).items) == 20


# --- real data


def test_limited_xnli_is_parallel(shared_mirror: Path) -> None:
    """XNLI's test set is one set of sentences: the same rows have the same labels in all 15 languages."""
    mirror = Mirror(shared_mirror)
    read = [read_examples(mirror, XNLI, real(mirror, XNLI, tag, "test"), limit=200, evaluation=True) for tag in XNLI.languages]
    assert len(read) == 15
    assert len({examples.ids for examples in read}) == 1
    labels = {tuple(e.label for e in examples.items if isinstance(e, LabelledText)) for examples in read}
    assert [len(row) for row in labels] == [200]
