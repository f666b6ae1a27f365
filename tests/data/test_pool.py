"""Queries, candidates, and the files that hold the pool."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xstilts.data import Source, open_source
from xstilts.data.pool import pool_files, read_candidates, read_queries
from xstilts.errors import DataError
from xstilts.fingerprint import key_of
from xstilts.passages import Search
from xstilts.spec import DataSpec
from xstilts.task import HubData, Row
from xstilts.tasks import TASKS

LAREQA = TASKS["lareqa"]
FIRST, SECOND = "It rains. It is wet. It rains.", "Bo ran."


def question(name: str, context: str, start: int, breaks: list[list[int]]) -> dict[str, Any]:
    answers = {"text": [context[start : start + 2]], "answer_start": [start]}
    return {"id": name, "context": context, "question": f"{name}?", "answers": answers, "sentence_breaks": breaks}


THREE = [[0, 9], [10, 20], [21, 30]]
ROWS = [
    question("a", FIRST, 10, THREE),
    question("b", FIRST, 0, THREE),
    question("c", SECOND, 0, [[0, 7]]),
    question("d", FIRST, 16, THREE),
    question("lost", SECOND, 0, [[3, 7]]),  # the answer stands in no sentence
]


@pytest.fixture
def source(tmp_path: Path, write_mirror: Callable[..., Path]) -> Source:
    files = {"en/validation": ROWS, "zh/validation": ROWS[:1]}
    return open_source(DataSpec(mirror=write_mirror(tmp_path / "mirror", {LAREQA.data.path: files})))


def test_candidates_stand_once_with_the_keys_of_all_their_queries(source: Source) -> None:
    english, chinese = pool_files(source, LAREQA)
    assert (english.identity["config"], chinese.identity["config"]) == ("en", "zh")
    found = read_candidates(source, LAREQA, english)
    assert dict(zip(found.names, zip(found.items, found.keys, strict=True), strict=True)) == {
        "en_1_0": (("It rains.", FIRST), ("b",)),
        "en_1_1": (("It is wet.", FIRST), ("a", "d")),
        "en_1_2": (("It rains.", FIRST), ("b",)),  # the same sentence again is as right, as in the official script
        "en_2_0": (("Bo ran.", SECOND), ("c",)),
    }
    assert read_candidates(source, LAREQA, chinese).names == ("zh_1_0", "zh_1_1", "zh_1_2")


def test_queries_and_their_limit(source: Source) -> None:
    english, _ = pool_files(source, LAREQA)
    found = read_queries(source, LAREQA, english)
    assert found.items == (("a?", None), ("b?", None), ("c?", None), ("d?", None))
    assert (found.names, found.keys) == (("a", "b", "c", "d"), (("a",), ("b",), ("c",), ("d",)))
    assert set(read_queries(source, LAREQA, english, limit=2).names) < set(found.names)
    assert len(read_queries(source, LAREQA, english, limit=2).names) == 2


def test_training_pairs_are_searched_among_their_own_passages(tmp_path: Path, write_mirror: Callable[..., Path]) -> None:
    task = TASKS["squad_sentences"]
    rows = [{name: row[name] for name in ("context", "question", "answers")} for row in ROWS[:4]]
    mirror = write_mirror(tmp_path / "mirror", {"rajpurkar/squad": {"plain_text/validation": rows}})
    source = open_source(DataSpec(mirror=mirror))
    (file,) = pool_files(source, task)
    queries, candidates = read_queries(source, task, file), read_candidates(source, task, file)
    assert queries.names == ("0", "1", "2", "3")
    passages = (("It is wet.", FIRST), ("It rains.", FIRST), ("Bo ran.", SECOND))
    keys = [key_of(list(passage)) for passage in passages]
    assert candidates.items == passages
    assert candidates.names == (f"plain_text_1_{keys[0]}", f"plain_text_1_{keys[1]}", f"plain_text_2_{keys[2]}")
    assert candidates.keys == tuple((key,) for key in keys)
    assert queries.keys == tuple((keys[i],) for i in (0, 1, 2, 0))


def test_bad_rows_are_named_or_counted(tmp_path: Path, write_mirror: Callable[..., Path]) -> None:
    rows: list[Row] = [*ROWS, {**ROWS[0], "question": ""}]
    mirror = write_mirror(tmp_path / "mirror", {LAREQA.data.path: {"en/validation": rows}})
    source = open_source(DataSpec(mirror=mirror))
    (file,) = pool_files(source, LAREQA)
    with pytest.raises(DataError, match=r"row 5 \(counted from 0\): the question is empty"):
        read_candidates(source, LAREQA, file)
    assert read_candidates(source, LAREQA, file, on_bad_row="skip").skipped == 1
    assert read_queries(source, LAREQA, file, on_bad_row="skip").skipped == 1


def test_one_pool_for_all_languages(tmp_path: Path, write_mirror: Callable[..., Path]) -> None:
    own = HubData("local/own", "all", "", splits={"test": "entities"})
    task = replace(TASKS["mewslix"], pool=own)
    source = open_source(DataSpec(mirror=write_mirror(tmp_path / "mirror", {"local/own": {"all/entities": [{"id": "Q1"}]}})))
    (file,) = pool_files(source, task)
    assert file.identity["config"] == "all"
    with pytest.raises(DataError, match=r"no candidates of mewslix: local/mewslix, configuration candidates, split entities"):
        pool_files(source, TASKS["mewslix"])


def test_a_search_has_a_text() -> None:
    with pytest.raises(ValueError, match="the query is empty"):
        Search(" ", "a", "b")
