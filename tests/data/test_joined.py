"""A task of several data sets: found where all are, identified by all, read one after another."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.data import DataFile, Source, open_source
from xstilts.data.read import read_examples
from xstilts.errors import DataError
from xstilts.fingerprint import key_of
from xstilts.planner import make_plan
from xstilts.spec import DataSpec
from xstilts.study_file import load_study
from xstilts.task import LabelledText, Split
from xstilts.tasks import TASKS

TASK = TASKS["anli_plus"]


def row(text: str, label: int) -> dict[str, Any]:
    return {"premise": f"premise of {text}", "hypothesis": f"hypothesis of {text}", "label": label}


def files() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Rows of the five data sets, each with columns of its own; SNLI has a row that is left out."""
    rounds = [f"{split}_r{number}" for split in ("train", "dev") for number in (1, 2, 3)]
    return {
        "stanfordnlp/snli": {
            f"plain_text/{split}": [row(f"snli {split}", 0), row("no majority", -1)]
            for split in ("train", "validation", "test")
        },
        "nyu-mll/glue": {
            f"mnli/{split}": [{"idx": i, **row(f"mnli {split} {i}", i)} for i in (1, 2)]
            for split in ("train", "validation_matched")
        },
        "facebook/anli": {f"plain_text/{name}": [{"uid": "u", **row(name, 2), "reason": "r"}] for name in rounds},
    }


def mirror(folder: Path, rows: Mapping[str, Mapping[str, list[dict[str, Any]]]], **deviations: Mapping[str, str]) -> Source:
    notes = {name.replace("__", "/"): note for name, note in deviations.items()}
    return open_source(DataSpec(mirror=toy.write_mirror(folder, rows, notes)))


def found(source: Source, split: Split = "train") -> DataFile:
    file = source.find(TASK, "eng_Latn", split)
    assert file is not None
    return file


def test_one_split_is_the_rows_of_all_data_sets_in_turn(tmp_path: Path) -> None:
    source = mirror(tmp_path, files())
    file = found(source)
    assert file.rows == 7
    read = read_examples(source, TASK, file)
    texts = ["snli train", "mnli train 1", "mnli train 2", "train_r1", "train_r2", "train_r3"]
    labels = ["entailment", "neutral", *["contradiction"] * 4]
    assert read.items == tuple(
        LabelledText(f"premise of {text}", f"hypothesis of {text}", label) for text, label in zip(texts, labels, strict=True)
    )
    assert read.ids == ("0", "2", "3", "4", "5", "6")  # row 1 has no majority label
    validation = read_examples(source, TASK, found(source, "validation")).items
    assert [e.first for e in validation if isinstance(e, LabelledText)][-1] == "premise of dev_r3"


def test_a_limit_takes_from_all_of_them(tmp_path: Path) -> None:
    rows = files()
    rows["facebook/anli"]["plain_text/train_r3"] = [row(f"r3 {i}", 2) for i in range(500)]
    source = mirror(tmp_path, rows)
    read = read_examples(source, TASK, found(source), limit=400)
    assert sum("r3" in e.first for e in read.items if isinstance(e, LabelledText)) > 380
    assert len(read.items) == 400


@pytest.mark.parametrize("dataset", files())
def test_every_part_is_in_the_identity(tmp_path: Path, dataset: str) -> None:
    before = found(mirror(tmp_path / "before", files()))
    rows = files()
    first = next(name for name in rows[dataset] if "train" in name)
    rows[dataset][first].append(row("one more", 0))
    after = found(mirror(tmp_path / "after", rows))
    assert key_of(before.identity) != key_of(after.identity)
    assert after.rows == 8
    assert found(mirror(tmp_path / "again", files())).identity == before.identity


@pytest.mark.parametrize(
    ("dataset", "file"),
    [("stanfordnlp/snli", "plain_text/train"), ("nyu-mll/glue", "mnli/train"), ("facebook/anli", "plain_text/train_r2")],
)
def test_a_part_of_the_data_sets_is_not_the_task(tmp_path: Path, dataset: str, file: str) -> None:
    rows = files()
    del rows[dataset][file]
    source = mirror(tmp_path, rows)
    assert source.find(TASK, "eng_Latn", "train") is None
    assert source.find(TASK, "eng_Latn", "validation") is not None
    assert source.find(TASK, "eng_Latn", "test") is None


def test_deviations_say_whose_they_are(tmp_path: Path) -> None:
    source = mirror(
        tmp_path,
        files(),
        stanfordnlp__snli={"plain_text/train": "revised"},
        facebook__anli={f"plain_text/train_r{n}": "test" for n in (1, 3)},
    )
    assert found(source).deviation.split("; ") == [
        "stanfordnlp/snli/plain_text/train: revised",
        "facebook/anli/plain_text/train_r1, facebook/anli/plain_text/train_r3: test",
    ]
    assert found(source, "validation").deviation == ""


def test_errors_name_all_files(tmp_path: Path) -> None:
    rows = files()
    rows["nyu-mll/glue"]["mnli/train"][1]["label"] = 7
    source = mirror(tmp_path, rows)
    with pytest.raises(DataError, match=r"snli/.*, then .*glue/.*train_r3\.parquet, row 3 \(counted from 0\): label 7"):
        read_examples(source, TASK, found(source))


def test_columns_of_other_types_are_told(tmp_path: Path) -> None:
    rows = files()
    rows["facebook/anli"]["plain_text/train_r2"][0]["label"] = "c"
    source = mirror(tmp_path, rows)
    with pytest.raises(DataError, match=r"cannot be read as one .*the same type in all"):
        read_examples(source, TASK, found(source))


def test_on_the_hub_the_size_is_the_task_s() -> None:
    revision = "0" * 40
    source = open_source(DataSpec(revisions={"facebook/anli": revision}))
    file = found(source)
    assert file.rows == 1_104_934
    assert [part["revision"] == revision for part in file.identity["parts"]] == [False, False, True, True, True]
    assert [part.rows for part in file.parts] == [None] * 5


def test_other_tasks_are_found_as_before(tmp_path: Path) -> None:
    source = mirror(tmp_path, files())
    file = source.find(TASKS["snli"], "eng_Latn", "train")
    assert file is not None
    assert (file.identity["dataset"], file.rows, file.parts) == ("stanfordnlp/snli", 2, ())


def test_a_study_trains_one_head_on_all(tmp_path: Path, tiny_encoder: Path, write_mirror: Callable[..., Path]) -> None:
    folder = write_mirror(tmp_path / "mirror", toy.datasets() | files())
    study = toy.write_study(tmp_path, tiny_encoder, folder, **toy.small(intermediates={"none": [], "plus": ["anli_plus"]}))
    plan = make_plan(load_study(study))
    (stage,) = [s for s in plan.stages.values() if s.kind == "train" and s.value["tasks"][0]["task"] == "anli_plus"]
    (part,) = stage.value["tasks"]
    assert plan.file(part["train"]).rows == 7
    assert len(part["train"]["parts"]) == len(part["validation"]["parts"]) == 5
    assert plan.work[stage.key].examples == 7
