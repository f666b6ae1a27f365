"""Shared texts, counted one by one on small data; and what tasks are known to share."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.study_file import load_study
from xstilts.supply.overlap import WHOLE, Overlap, Shared, near_texts, study_overlap
from xstilts.supply.relations import RELATIONS

PARAGRAPH = "The Normans were the people who in the 10th and 11th centuries gave their name to a region in France. "
ASKED = "of the questions that were asked about the Normans in the first paragraph is this one?"
ANSWERS = {"text": ["France"], "answer_start": [PARAGRAPH.index("France")]}


def question(number: int, context: str = PARAGRAPH) -> toy.Row:
    return {"context": context, "question": f"Which {number} {ASKED}", "answers": ANSWERS}


def compare(write_study: Callable[..., Path], folder: Path, data: dict[str, Any], **changes: Any) -> Overlap:
    mirror = toy.write_mirror(folder / "mirror", data)
    return study_overlap(load_study(write_study(data={"mirror": str(mirror)}, **changes), need_data=False))


def by_pair(overlap: Overlap) -> dict[tuple[str, str, str], Shared]:
    return {(one.training, one.evaluation, one.field): one for one in overlap.shared}


@pytest.fixture
def squad() -> dict[str, Any]:
    """Return SQuAD whose validation split has XQuAD's English paragraphs and two of its three questions."""
    other = [question(i, f"{PARAGRAPH}{'More of it. ' * (i + 9)}") for i in range(4, 8)]
    validation = [question(0), {**question(1), "question": f"WHICH  １ {ASKED}"}, *other]
    english = [question(i) for i in range(3)]
    german = [{**row, "question": f"Welche {i}?"} for i, row in enumerate(english)]
    return {
        "rajpurkar/squad": {"plain_text/train": other, "plain_text/validation": validation},
        "google/xquad": {"xquad.en/validation": english, "xquad.de/validation": german},
    }


def test_xquad_s_paragraphs_are_found_in_squad_s_validation_split(
    write_study: Callable[..., Path], tmp_path: Path, squad: dict[str, Any]
) -> None:
    found = compare(write_study, tmp_path, squad, targets=["xquad"], intermediates={"baseline": []})
    pair = ("rajpurkar/squad plain_text/validation", "google/xquad xquad.en/validation")
    shared = by_pair(found)
    context = shared[(*pair, "context")]
    assert (context.role, context.texts, context.exact, context.near, context.share) == ("validation", 3, 3, 0, 100.0)
    asked = shared[(*pair, "question")]
    assert (asked.exact, asked.near) == (2, 1)  # the third differs from the first in a digit
    assert (shared[(*pair, WHOLE)].exact, shared[(*pair, WHOLE)].near) == (2, None)
    german = shared[pair[0], "google/xquad xquad.de/validation", "context"]
    assert german.exact == 3
    assert (pair[0], "google/xquad xquad.de/validation", WHOLE) not in shared
    assert found.shared[0].share == 100.0
    (known,) = found.known
    assert (known.trained, known.evaluated) == (("squad_v1",), ("xquad",))
    assert "240 paragraphs" in known.text


def definition(trained: list[str], evaluated: list[str]) -> tuple[int, int]:
    """Count by the definition, one pair after another."""

    def form(text: str) -> str:
        return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

    def grams(text: str) -> set[str]:
        return {text[i : i + 5] for i in range(max(1, len(text) - 4))}

    ours = {form(text) for text in trained}
    theirs = [form(text) for text in evaluated]
    near = sum(any(5 * len(grams(a) & grams(b)) >= 4 * len(grams(a) | grams(b)) for a in ours) for b in theirs)
    exact = sum(text in ours for text in theirs)
    return exact, near - exact


def test_counts_are_those_of_the_definition(write_study: Callable[..., Path], tmp_path: Path) -> None:
    data = toy.datasets()
    overlap = compare(write_study, tmp_path, data)
    found = by_pair(overlap)
    columns = {"first text": "premise", "second text": "hypothesis"}
    checked = 0
    for dataset, name in (("nyu-mll/glue", "mnli/train"), ("facebook/xnli", "en/train"), ("facebook/xnli", "en/validation")):
        trained = [row[column] for row in data[dataset][name] for column in ("premise", "hypothesis")]
        for code in toy.CODES:
            for field, column in columns.items():
                evaluated = [row[column] for row in data["facebook/xnli"][f"{code}/test"]]
                expected = definition(trained, evaluated)
                shared = found.get((f"{dataset} {name}", f"facebook/xnli {code}/test", field))
                assert ((shared.exact, shared.near) if shared else (0, 0)) == expected
                checked += sum(expected)
    assert checked > 20
    words = {" ".join(row["tokens"]) for row in data["google/xtreme"]["udpos.English/train"]}
    tests = [" ".join(row["tokens"]) for row in data["google/xtreme"]["udpos.English/test"]]
    tagged = found["google/xtreme udpos.English/train", "google/xtreme udpos.English/test", "sentence"]
    assert (tagged.exact, tagged.texts) == (sum(text in words for text in tests), 24)
    assert {one.field for one in overlap.shared if "tatoeba" in one.evaluation} <= {"foreign", "source"}
    assert len(overlap.training) == 8
    assert len(overlap.evaluation) == 6


def test_only_what_the_study_reads_is_compared(write_study: Callable[..., Path], tmp_path: Path, squad: dict[str, Any]) -> None:
    found = compare(write_study, tmp_path, squad, targets=["xquad"], intermediates={"baseline": []}, limit={"evaluate": 1})
    assert {one.texts for one in found.shared} == {1}


def test_a_file_that_cannot_be_read_hides_no_other(
    write_study: Callable[..., Path], tmp_path: Path, squad: dict[str, Any]
) -> None:
    del squad["rajpurkar/squad"]["plain_text/train"]
    mirror = toy.write_mirror(tmp_path / "mirror", squad)
    (mirror / "google--xquad" / "xquad.de" / "validation.parquet").write_bytes(b"half")
    study = write_study(data={"mirror": str(mirror)}, targets=["xquad"], intermediates={"baseline": []})
    found = study_overlap(load_study(study, need_data=False))
    assert set(found.failures) == {"rajpurkar/squad plain_text/train", "google/xquad xquad.de/validation"}
    assert (found.training, found.evaluation) == (
        ("rajpurkar/squad plain_text/validation",),
        ("google/xquad xquad.en/validation",),
    )
    assert found.shared[0].exact == 3


def test_options_are_one_text(write_study: Callable[..., Path], tmp_path: Path) -> None:
    row = {"premise": "He fell.", "choice1": "He ran.", "choice2": "He sat.", "question": "cause", "label": 0}
    other = {**row, "premise": "She fell over a chair.", "choice1": "She ran.", "label": 1}
    data = {
        "aps/super_glue": {"copa/train": [row, other], "copa/validation": [other, {**other, "label": 0}]},
        "cambridgeltl/xcopa": {"it/test": [{**row, "label": 1}, other]},
    }
    found = by_pair(compare(write_study, tmp_path, data, targets=["xcopa"], intermediates={"baseline": []}))
    pair = ("aps/super_glue copa/train", "cambridgeltl/xcopa it/test")
    assert [(found[(*pair, name)].exact, found[(*pair, name)].texts) for name in ("prompt", "options", WHOLE)] == [(2, 2)] * 3


def test_the_pool_is_indexed_in_parts() -> None:
    pool = ["the river is here", "a door stood open", "the bridge is closed"]
    trained = [dict.fromkeys(["the river is here", "nothing"]), dict.fromkeys(["the bridge is closed!", "a door stood open"])]
    expected = [{pool[0]}, {pool[1], pool[2]}]
    assert near_texts(trained, pool) == expected
    assert near_texts(trained, pool, memory=1) == expected
    assert near_texts(trained, []) == [set(), set()]


def test_known_relations_need_no_data(write_study: Callable[..., Path], tmp_path: Path) -> None:
    found = compare(
        write_study, tmp_path, toy.datasets(), targets=["sib200", "belebele", "xnli", "xcopa"],
        intermediates={"baseline": [], "nli": ["mnli"], "again": [{"mix": ["xnli", "cosmosqa"]}]},
    )  # fmt: skip
    told = {(one.trained, one.evaluated) for one in found.known}
    assert told == {
        (("sib200",), ("sib200", "belebele")),
        (("xnli", "mnli"), ("xnli",)),
        (("copa",), ("xcopa",)),
        (("xnli",), ("xnli",)),
        (("cosmosqa",), ("belebele",)),
    }
    assert len(found.failures) > 100  # nothing of it is at hand


def test_a_mixture_that_has_examples_twice_is_told(write_study: Callable[..., Path], tmp_path: Path) -> None:
    def known(*phases: dict[str, list[str]] | str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        changes = {"targets": ["udpos"], "intermediates": {"baseline": [], "nli": list(phases)}}
        return [(one.trained, one.evaluated) for one in compare(write_study, tmp_path, toy.datasets(), **changes).known]

    assert known({"mix": ["snli", "anli_plus", "qqp"]}) == [(("snli", "anli_plus"), ())]
    assert known("snli", "anli_plus") == []  # one after the other, each once


def test_a_task_beside_itself_is_no_relation(write_study: Callable[..., Path], tmp_path: Path) -> None:
    assert compare(write_study, tmp_path, toy.datasets(), targets=["xnli"], intermediates={"baseline": []}).known == ()


def test_relations_have_two_tasks_and_name_a_source() -> None:
    assert all(len(relation.tasks) > 1 for relation in RELATIONS)
    assert {"xquad", "lareqa", "squad_v1"} <= RELATIONS[0].tasks
    assert {"sib200", "belebele"} <= RELATIONS[1].tasks
