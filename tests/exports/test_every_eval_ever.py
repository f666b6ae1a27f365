"""Records of Every Eval Ever: they have the fields of its schema 0.2.2, and the scores of the study."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import toy
from xstilts.cli import main
from xstilts.errors import XstiltsError
from xstilts.exports.every_eval_ever import write_records
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store
from xstilts.study_file import load_study

# What version 0.2.2 of the schema asks for, as far as the records have it: a type, the values that are allowed, or the types
# of the fields and which are required. No other field may occur: at the top the schema forbids it, below nobody would read it.
STRINGS = "strings"
Shape = Any
SOURCE: Shape = (
    {"dataset_name": str, "source_type": ("hf_dataset", "other"), "hf_repo": str, "hf_split": ("train", "validation", "test"),
     "samples_number": int, "additional_details": STRINGS},
    {"dataset_name", "source_type"},
)  # fmt: skip
METRIC: Shape = (
    {"evaluation_description": str, "metric_id": str, "metric_name": str, "metric_unit": str, "metric_parameters": dict,
     "lower_is_better": bool, "score_type": ("continuous",), "min_score": float, "max_score": float},
    {"lower_is_better", "min_score", "max_score"},  # the latter two where the score is continuous
)  # fmt: skip
RESULT: Shape = (
    {"evaluation_result_id": str, "evaluation_name": str, "source_data": SOURCE, "metric_config": METRIC,
     "score_details": ({"score": float, "details": STRINGS}, {"score"})},
    {"evaluation_name", "source_data", "metric_config", "score_details"},
)  # fmt: skip
RECORD: Shape = (
    {
        "schema_version": ("0.2.2",), "evaluation_id": str, "retrieved_timestamp": str,
        "source_metadata": (
            {"source_name": str, "source_type": ("documentation", "evaluation_run"), "source_organization_name": str,
             "evaluator_relationship": ("first_party", "third_party", "collaborative", "other")},
            {"source_type", "source_organization_name", "evaluator_relationship"},
        ),
        "model_info": ({"name": str, "id": str, "additional_details": STRINGS}, {"name", "id"}),
        "eval_library": ({"name": str, "version": str}, {"name", "version"}),
        "evaluation_results": [RESULT],
    },
    {"schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info", "eval_library",
     "evaluation_results"},
)  # fmt: skip


def check(value: Any, shape: Shape, where: str = "") -> None:
    if isinstance(shape, list):
        assert isinstance(value, list), where
        for i, one in enumerate(value):
            check(one, shape[0], f"{where}[{i}]")
    elif isinstance(shape, tuple) and isinstance(shape[0], dict):
        fields, required = shape
        assert isinstance(value, Mapping), where
        assert required <= value.keys() <= fields.keys(), where
        for name, one in value.items():
            check(one, fields[name], f"{where}.{name}")
    elif isinstance(shape, tuple):
        assert value in shape, where
    elif shape == STRINGS:
        assert all(isinstance(one, str) for one in value.values()), where
    else:
        assert type(value) is shape, where


@pytest.fixture(scope="module")
def results(toy_run: toy.Run) -> Results:
    return Results(make_plan(load_study(toy_run.study)), Store(toy_run.out))


def test_records_have_the_fields_of_the_schema(results: Results, tmp_path: Path) -> None:
    written = write_records(results, tmp_path, "A group")
    cells = {(row["intermediate"], row["target"]) for row in results.rows()}
    assert len(written) == len(set(written)) == len(cells) == 4 * 3 + 1  # the floor of tatoeba
    for path in written:
        record = json.loads(path.read_text())
        check(record, RECORD)
        assert path.parent == tmp_path / "toy" / "xstilts" / record["model_info"]["name"]
        assert record["source_metadata"]["source_organization_name"] == "A group"


def test_records_have_the_scores_of_the_study(results: Results, tmp_path: Path) -> None:
    found = {}
    for path in write_records(results, tmp_path, "A group"):
        record = json.loads(path.read_text())
        for one in record["evaluation_results"]:
            found[one["evaluation_result_id"], record["model_info"]["additional_details"]["intermediate"]] = one
    rows = list(results.rows())
    assert len(found) == len(rows)
    for row in rows:
        name = "/".join(filter(None, (row["score_key"], row["metric"], row["variant"])))
        one = found[name, row["intermediate"]]
        assert one["score_details"]["score"] == row["value"]
        assert one["score_details"]["details"]["language"] == row["language"]
        assert one["score_details"]["details"]["examples"] == str(row["n"])
        if row["target"] == "xnli":
            data = {"hf_repo": "facebook/xnli", "hf_split": "test", "samples_number": 24}
            assert one["source_data"].items() >= data.items()
            assert one["source_data"]["additional_details"] == {"config": row["language"][:2]}


def test_files_are_named_alike_each_time(results: Results, tmp_path: Path) -> None:
    first, second = (
        {path.relative_to(to) for path in write_records(results, to, "x")} for to in (tmp_path / "1", tmp_path / "2")
    )
    assert first == second


def test_the_command_and_an_empty_store(
    toy_run: toy.Run, results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["xstilts", "export", "every-eval-ever", toy_run.study, "--out", toy_run.out, "--to", tmp_path]
    monkeypatch.setattr("sys.argv", [*map(str, command)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert capsys.readouterr().out == f"13 records written to {tmp_path}.\n"
    with pytest.raises(XstiltsError, match="toy has no score yet"):
        write_records(Results(results.plan, Store(tmp_path / "empty")), tmp_path, "x")
