from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from in_memory import FILE, Memory, first_of_shuffle, real

from xstilts.data.mirror import Mirror
from xstilts.data.read import read_bitext
from xstilts.errors import DataError
from xstilts.task import Bitext, Row, Task
from xstilts.tasks.bucc import TASK as BUCC
from xstilts.tasks.tatoeba import TASK as TATOEBA


def read_collection(row: Row) -> Bitext:
    return Bitext(tuple(row["sentence1"]), tuple(row["sentence2"]), tuple((i, j) for i, j in row["gold"]))


COLLECTIONS = replace(BUCC, name="collections", read_row=read_collection)  # BUCC's own reader tells the count of gold


def pairs(count: int) -> list[dict[str, Any]]:
    return [{"sentence1": f"foreign {i}", "sentence2": f"source {i}"} for i in range(count)]


def collection(name: str, foreign: int, source: int, gold: list[tuple[int, int]]) -> dict[str, Any]:
    sides = {"sentence1": [f"{name} {i}" for i in range(foreign)], "sentence2": [f"{name} {j}" for j in range(source)]}
    return {**sides, "gold": [list(pair) for pair in gold]}


def test_pairs_are_joined() -> None:
    read = read_bitext(Memory(pairs(4)), TATOEBA, FILE)
    assert read.bitext.foreign == tuple(f"foreign {i}" for i in range(4))
    assert read.bitext.source == tuple(f"source {i}" for i in range(4))
    assert read.bitext.gold == ((0, 0), (1, 1), (2, 2), (3, 3))
    assert read.ids == ("0", "1", "2", "3")


def test_a_limit_takes_pairs_as_it_takes_examples() -> None:
    read = read_bitext(Memory(pairs(50)), TATOEBA, FILE, limit=6)
    assert list(read.ids) == first_of_shuffle(50, 6)
    assert read.bitext.foreign == tuple(f"foreign {row}" for row in read.ids)
    assert read.bitext.source == tuple(f"source {row}" for row in read.ids)
    assert read.bitext.gold == tuple((i, i) for i in range(6))


def test_gold_pairs_move_with_their_collections() -> None:
    rows = [collection("a", 3, 5, [(0, 4), (2, 1)]), collection("b", 2, 1, []), collection("c", 1, 2, [(0, 1)])]
    read = read_bitext(Memory(rows), COLLECTIONS, FILE)
    assert (len(read.bitext.foreign), len(read.bitext.source)) == (6, 8)
    assert read.bitext.gold == ((0, 4), (2, 1), (5, 7))
    assert read.ids == ("0.0", "0.1", "0.2", "1.0", "1.1", "2.0")
    told = [(read.bitext.foreign[i], read.bitext.source[j]) for i, j in read.bitext.gold]
    assert told == [("a 0", "a 4"), ("a 2", "a 1"), ("c 0", "c 1")]


def test_a_collection_is_never_cut() -> None:
    rows = [collection("a", 30, 50, [(0, 4), (2, 1)]), collection("b", 2, 1, [])]
    assert read_bitext(Memory(rows), COLLECTIONS, FILE, limit=1) == read_bitext(Memory(rows), COLLECTIONS, FILE)


@pytest.mark.parametrize(
    ("task", "rows", "bad", "said"),
    [
        (TATOEBA, pairs(3), {"sentence1": "\n"}, "foreign sentence 0 is empty"),
        (TATOEBA, pairs(3), {"sentence2": ""}, "source sentence 0 is empty"),
        (TATOEBA, pairs(3), {"sentence2": None}, "a value of a wrong type"),
        (
            COLLECTIONS,
            [collection("a", 2, 2, [(0, 0)])] * 3,
            {"gold": [[0, 2], [9, 0]]},
            "gold pair (0, 2) points outside",
        ),
        (COLLECTIONS, [collection("a", 2, 2, [(0, 0)])] * 3, {"sentence1": ["x", " "]}, "foreign sentence 1 is empty"),
        (COLLECTIONS, [collection("a", 2, 2, [(0, 0)])] * 3, {"gold": None}, "a value of a wrong type"),
    ],
)
def test_bad_rows_of_bitexts(task: Task, rows: list[dict[str, Any]], bad: dict[str, Any], said: str) -> None:
    rows = [rows[0], {**rows[1], **bad}, rows[2]]
    with pytest.raises(DataError) as caught:
        read_bitext(Memory(rows), task, FILE)
    assert str(caught.value).startswith(f"memory.parquet, row 1 (counted from 0): {said}")
    read = read_bitext(Memory(rows), task, FILE, on_bad_row="skip")
    assert read.skipped == 1
    assert {row.split(".")[0] for row in read.ids} == {"0", "2"}


def test_a_bitext_without_gold_or_sentences_is_refused() -> None:
    with pytest.raises(DataError, match="2 foreign and 3 source sentences, but no gold pair"):
        read_bitext(Memory([collection("a", 2, 3, [])]), COLLECTIONS, FILE)
    with pytest.raises(DataError, match="none of its 0 rows is an example of tatoeba"):
        read_bitext(Memory(pyarrow.Table.from_pylist(pairs(1)).slice(0, 0)), TATOEBA, FILE)


def test_real_bitexts(shared_mirror: Path) -> None:
    mirror = Mirror(shared_mirror)
    tatoeba = read_bitext(mirror, TATOEBA, real(mirror, TATOEBA, "afr_Latn", "test"), limit=300)
    assert len(tatoeba.ids) == len(tatoeba.bitext.source) == len(tatoeba.bitext.gold) == 300
    bucc = real(mirror, BUCC, "zho_Hans", "validation")
    whole = read_bitext(mirror, BUCC, bucc)
    assert whole == read_bitext(mirror, BUCC, bucc, limit=10)
    assert len(whole.ids) == len(set(whole.ids)) == len(whole.bitext.foreign) > 1000
    assert 0 < len(whole.bitext.gold) < len(whole.bitext.foreign) / 10  # most sentences have no translation
