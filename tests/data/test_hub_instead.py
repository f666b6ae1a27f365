"""Tasks whose own data set on the hub is a script are read from XTREME's copy, the languages told apart by the ids."""

from collections.abc import Mapping
from typing import Any

import datasets
import pytest

from xstilts.data import DataFile, open_source
from xstilts.data.read import read_examples
from xstilts.errors import DataError
from xstilts.spec import DataSpec
from xstilts.tasks import TASKS


def question(number: str) -> dict[str, Any]:
    answers = {"text": ["Denver"], "answer_start": [0]}
    return {"id": number, "title": "", "context": f"Denver {number}.", "question": "Who?", "answers": answers}


MIXED = [question(number) for number in ("english-1-0", "swahili-2-0", "english-3-0", "telugu-4-0")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What the hub is asked for; it has questions in three languages."""
    identities: list[Mapping[str, Any]] = []

    def load(file: DataFile) -> datasets.Dataset:
        identities.append(file.identity)
        return datasets.Dataset.from_list(MIXED)

    monkeypatch.delenv("XSTILTS_MIRROR", raising=False)
    monkeypatch.setattr("xstilts.data.hub._load", load)
    return identities


def contexts(task: str, language: str, split: Any) -> list[str]:
    source = open_source(DataSpec())
    file = source.find(TASKS[task], language, split)
    assert file is not None
    return [example.context for example in read_examples(source, TASKS[task], file).items]  # type: ignore[union-attr]


def test_a_language_s_rows_are_told_apart_by_their_ids(asked: list[Mapping[str, Any]]) -> None:
    assert contexts("tydiqa", "eng_Latn", "train") == ["Denver english-1-0.", "Denver english-3-0."]
    assert contexts("tydiqa", "swh_Latn", "test") == ["Denver swahili-2-0."]
    places = [tuple(one[name] for name in ("dataset", "config", "split", "prefix")) for one in asked]
    assert places == [
        ("google/xtreme", "tydiqa", "train", "english-"),
        ("google/xtreme", "tydiqa", "validation", "swahili-"),
    ]


def test_languages_of_one_configuration_have_keys_of_their_own() -> None:
    source = open_source(DataSpec())
    tydiqa = TASKS["tydiqa"]
    assert len({str(source.find(tydiqa, language, "test")) for language in tydiqa.languages}) == 9


def test_ids_of_another_form_are_refused(asked: list[Mapping[str, Any]]) -> None:
    with pytest.raises(DataError, match=r"no row has an `id` that begins with 'finnish-'.*columns are id, title, context"):
        contexts("tydiqa", "fin_Latn", "test")


def test_a_configuration_for_each_language_needs_no_ids(asked: list[Mapping[str, Any]]) -> None:
    assert len(contexts("mlqa", "zho_Hans", "validation")) == 4
    assert (asked[0]["dataset"], asked[0]["config"], "prefix" in asked[0]) == ("google/xtreme", "MLQA.zh.zh", False)


def test_both_name_the_commit_that_other_tasks_pin() -> None:
    pinned = {data.revision for task in TASKS.values() for data in (task.data, task.data.instead) if data is not None}
    xtreme = TASKS["udpos"].data.revision
    assert {TASKS[name].data.instead.revision for name in ("mlqa", "tydiqa")} == {xtreme} <= pinned  # type: ignore[union-attr]
