"""Own tasks as values: which columns hold what, the examples they make, and what identifies their files."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from own_world import CSV, own_study, own_task, write
from study_world import problems
from xstilts.data import DataFile
from xstilts.data.own import Own
from xstilts.data.read import read_bitext, read_examples
from xstilts.own_tasks import own_tasks
from xstilts.spec import OwnTask
from xstilts.study_file import load_study
from xstilts.task import Choices, Example, LabelledText, Question, TaggedWords, Task


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))


def found_file(folder: Path, kind: str, name: str, content: str, **fields: Any) -> tuple[Task, Own, DataFile]:
    """Return a task with one test file, a source, and the file as it finds it."""
    path = write(folder / name, content)
    spec = OwnTask.model_validate({"kind": kind, "data": {"test": {"swh_Latn": path}}, **fields})
    task, source = own_tasks({"mine": spec})["mine"], Own()
    file = source.find(task, "swh_Latn", "test")
    assert file is not None
    return task, source, file


def lines(*rows: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


ASKED = {"context": "the old house", "question": "which"}
OLD = Question("the old house", "which", ("old",), (4,))
READ: dict[str, Any] = {  # what it is -> kind, file, content, further fields, the examples
    "one text": ("classification", "x.csv", CSV, {}, [LabelledText("who opened the door", None, "billing"),
        LabelledText("the bridge is closed", None, "network")]),
    "a pair without being asked": ("classification", "x.csv", "second,first,label\nb,a,x\nd,c,y\n", {},
        [LabelledText("a", "b", "x"), LabelledText("c", "d", "y")]),
    "named columns": ("classification", "x.tsv", "t\tu\tv\na\tb\tx\n", {"columns": {"first": "u", "second": "v", "label": "t"}},
        [LabelledText("b", "x", "a")]),
    "labels that are numbers": ("classification", "x.jsonl", lines({"first": "a", "label": 1}), {"labels": ["0", "1"]},
        [LabelledText("a", None, "1")]),
    "no labels": ("classification", "x.csv", "id,first\n1,a\n", {}, [LabelledText("a")]),
    "options in columns, some with fewer": ("multiple_choice", "x.csv", "prompt,a,b,c,label\np,x,y,,y\nq,x,y,z,2\nr,2,1,,1\n",
        {"columns": {"options": ["a", "b", "c"]}},
        [Choices("p", ("x", "y"), 1), Choices("q", ("x", "y", "z"), 2), Choices("r", ("2", "1"), 1)]),
    "options in a list": ("multiple_choice", "x.jsonl", lines({"prompt": "p", "options": ["x", "y"], "label": 0}), {},
        [Choices("p", ("x", "y"), 0)]),
    "options without the right one": ("multiple_choice", "x.jsonl", lines({"prompt": "p", "options": ["x", "y"]}), {},
        [Choices("p", ("x", "y"), None)]),
    "conll, first and last column": ("tagging", "x.conll", "a _ O\nb _ B-X\n", {}, [TaggedWords(("a", "b"), ("O", "B-X"))]),
    "conll, columns by number": ("tagging", "x.conll", "1 a N O\n", {"columns": {"words": 2, "tags": 3}}, [TaggedWords(("a",
        ), ("N",))]),
    "conll without tags": ("tagging", "x.conll", "a\nb\n\nc\n", {}, [TaggedWords(("a", "b"), None), TaggedWords(("c",), None)]),
    "CoNLL-U": ("tagging", "x.conllu", "1\ta\t_\tDET\t_\t_\t_\t_\t_\t_\n", {}, [TaggedWords(("a",), ("DET",))]),
    "words in lists": ("tagging", "x.jsonl", lines({"words": ["a"], "tags": ["O"]}), {}, [TaggedWords(("a",), ("O",))]),
    "SQuAD's answers": ("span", "x.jsonl", lines({**ASKED, "answers": {"text": ["old"], "answer_start": [4]}}), {}, [OLD]),
    "answers and starts": ("span", "x.jsonl", lines({**ASKED, "answers": ["old"], "starts": [4]}), {}, [OLD]),
    "flat answers": ("span", "x.csv", "context,question,text,at\nthe old house,which,old,4\nthe old house,which,,\n",
        {"columns": {"answers": "text", "starts": "at"}}, [OLD, Question("the old house", "which", (), ())]),
    "no answers told": ("span", "x.csv", "context,question\nthe old house,which\n", {}, [Question("the old house", "which",
        (), ())]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ.values(), ids=READ.keys())
def test_rows_become_examples(case: Any, tmp_path: Path) -> None:
    kind, name, content, fields, expected = case
    task, source, file = found_file(tmp_path, kind, name, content, **fields)
    found: list[Example] = list(read_examples(source, task, file).items)
    assert found == expected
    hidden = any(getattr(one, field, 0) is None for one in expected for field in ("label", "tags"))
    unanswered = kind == "span" and not any(one.answers for one in expected)
    assert file.labelled is not (hidden or unanswered)


def test_pairs_of_sentences_become_a_bitext(tmp_path: Path) -> None:
    content = "foreign,source\nmto,river\nmlango,door\n"
    task, source, file = found_file(tmp_path, "retrieval", "x.csv", content)
    found = read_bitext(source, task, file).bitext
    assert (found.foreign, found.source, found.gold) == (("mto", "mlango"), ("river", "door"), ((0, 0), (1, 1)))


def test_a_file_is_identified_by_its_content(tmp_path: Path) -> None:
    _, _, file = found_file(tmp_path, "classification", "x.csv", CSV)
    _, _, moved = found_file(tmp_path, "classification", "elsewhere/y.csv", CSV)
    _, _, changed = found_file(tmp_path, "classification", "x.csv", CSV + "c,network\n")
    _, _, tabs = found_file(tmp_path, "classification", "x.tsv", CSV.replace(",", "\t"))
    assert moved.identity == file.identity
    assert file.identity["columns"] == {"first": ["first"], "label": ["label"]}
    assert (file.identity["format"], file.identity["reader"], file.identity["labelled"]) == ("csv", 1, True)
    assert changed.identity["sha256"] != file.identity["sha256"] != tabs.identity["sha256"]


def test_a_file_that_changed_since_is_refused(tmp_path: Path) -> None:
    task, source, file = found_file(tmp_path, "classification", "x.csv", CSV)
    write(tmp_path / "x.csv", CSV + "c,network\n")
    with pytest.raises(Exception, match="the file changed since the study was planned"):
        read_examples(source, task, file)


def test_bad_rows_are_counted_where_they_may_be_skipped(tmp_path: Path) -> None:
    content = CSV + "c,netwrk\n\nalone\nd,network\n"
    mine = own_task(tmp_path, "classification")
    mine["data"]["test"] = {"sw": "data/sw.csv"}
    write(tmp_path / "data" / "sw.csv", content)
    assert len(problems(own_study(tmp_path, {"mine": mine}))) == 1
    study = load_study(own_study(tmp_path, {"mine": mine}, data={"on_bad_row": "skip"}))
    task, source = own_tasks(study.tasks)["mine"], Own()
    file = source.find(task, "swh_Latn", "test")
    assert file is not None
    read = read_examples(source, task, file, on_bad_row="skip")
    assert (len(read.items), read.skipped, read.ids) == (3, 3, ("0", "1", "5"))


def test_a_sound_file_is_read_again_for_other_labels(tmp_path: Path) -> None:
    mine = own_task(tmp_path, "classification")
    load_study(own_study(tmp_path, {"mine": mine}, targets=["xnli"]))
    (told,) = problems(own_study(tmp_path, {"mine": mine | {"labels": ["billing", "other"]}}, targets=["xnli"]))
    assert "label 'network' in column 'label'; expected one of billing, other" in told.message


def test_load_study_gives_absolute_paths_and_canonical_tags(tmp_path: Path) -> None:
    study = load_study(own_study(tmp_path, {"mine": own_task(tmp_path, "classification")}, targets=["xnli"]))
    assert study.tasks["mine"].data.train == {"eng_Latn": tmp_path / "data" / "en.csv"}
    again = write(tmp_path / "helper.json", study.model_dump_json(exclude_none=True, exclude={"benchmarks", "declared"}))
    assert load_study(again.rename(tmp_path / "helper.yaml")) == study  # what helper processes are sent


def test_labels_are_those_of_the_task_it_is_trained_from(tmp_path: Path) -> None:
    write(tmp_path / "data" / "sw.csv", "first,second,label\na,b,neutral\nc,d,entailment\n")
    mine = own_task(tmp_path, "classification", labels=None, train_from="xnli", data={"test": {"sw": "data/sw.csv"}})
    study = load_study(own_study(tmp_path, {"mine": mine}))
    assert study.tasks["mine"].labels == ("entailment", "neutral", "contradiction")
    write(tmp_path / "data" / "sw.csv", "first,second,label\na,b,neutrl\nc,d,entailment\n")
    (told,) = problems(own_study(tmp_path, {"mine": mine}))
    assert (
        "label 'neutrl' in column 'label'; expected one of entailment, neutral, contradiction; perhaps 'neutral'. Correct"
        in told.message
    )


def test_a_long_file_takes_little_memory(tmp_path: Path) -> None:
    rows = 20_000
    content = "first,note,label\n" + "".join(f"{i} the bridge is closed,{'x' * 200},network\n" for i in range(rows))
    _, source, file = found_file(tmp_path, "classification", "x.csv", content)
    tracemalloc.start()
    table = source.table(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table.num_rows == rows
    assert peak / rows < 300  # Python's part: the rows of one block, not those of the file
    assert table.nbytes / rows < 100
