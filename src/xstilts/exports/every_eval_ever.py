"""Scores as records of Every Eval Ever, the shared database of evaluation results of the EvalEval coalition.

The records follow version 0.2.2 of its schema, `every_eval_ever/schemas/eval.schema.json` in the repository
github.com/evaleval/every_eval_ever at commit 21b3d1ab: one file a model, as `<benchmark>/<developer>/<model>/<uuid>.json`.
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.data import mirror_folder
from xstilts.errors import XstiltsError
from xstilts.results import Results
from xstilts.store import write_text

VERSION = "0.2.2"
CELL = ("encoder", "intermediate", "target", "seed")


def write_records(results: Results, to: Path, organization: str) -> list[Path]:
    """Write one record for each cell that has scores; return their files.

    Args:
        results: of the study.
        to: folder, made where there is none.
        organization: who ran the study, for the field that the schema requires.

    Raises:
        XstiltsError: when the study has no score.
        StoreError: when the folder cannot be written.

    """
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in results.rows():
        cells.setdefault(tuple(row[name] for name in CELL), []).append(row)
    study = results.plan.study.name
    if not cells:
        raise XstiltsError(f"{study} has no score yet, so there is nothing to export. `xstilts status` tells what is to run.")
    written = []
    for (encoder, intermediate, target, seed), rows in cells.items():
        model = f"{study}-{encoder}-{intermediate}-{target}-{seed}"
        keys = "/".join(dict.fromkeys(row["score_key"] for row in rows))
        path = to / study / "xstilts" / model / f"{uuid.uuid5(uuid.NAMESPACE_OID, keys)}.json"
        write_text(path, json.dumps(_record(results, model, rows, organization), indent=2, ensure_ascii=False) + "\n")
        written.append(path)
    return written


def _record(results: Results, model: str, rows: Sequence[Mapping[str, Any]], organization: str) -> dict[str, Any]:
    study, first, now = results.plan.study, rows[0], str(time.time())
    base = study.encoders[first["encoder"]]
    details = {name: str(first[name]) for name in CELL}
    if base.hub:
        details |= {"base_model": base.hub, "base_model_revision": str(base.revision)}
    stage = results.plan.stages[first["score_key"]]
    packages = (results.store.manifest(stage) or {}).get("provenance", {}).get("packages", {})
    return {
        "schema_version": VERSION,
        "evaluation_id": f"{study.name}/xstilts/{model}/{now}",
        "retrieved_timestamp": now,
        "source_metadata": {
            "source_name": f"xstilts study {study.name}",
            "source_type": "evaluation_run",
            "source_organization_name": organization,
            "evaluator_relationship": "first_party",  # who trained the model measures it
        },
        "model_info": {"name": model, "id": f"xstilts/{model}", "additional_details": details},
        "eval_library": {"name": "xstilts", "version": str(packages.get("xstilts") or "unknown")},
        "evaluation_results": [_result(results, row) for row in rows],
    }


def _result(results: Results, row: Mapping[str, Any]) -> dict[str, Any]:
    plan = results.plan
    score = plan.stages[row["score_key"]]
    names = filter(None, (row["target"], row["language"], row["variant"], row["metric"]))
    details = {
        "examples": str(row["n"]), "zero_shot": str(row["zero_shot"]).lower(), "language": row["language"],
        "deviation": row["deviation"], "flags": row["flags"], "variant": row["variant"],
    }  # fmt: skip
    return {
        "evaluation_result_id": "/".join(filter(None, (row["score_key"], row["metric"], row["variant"]))),
        "evaluation_name": " ".join(names),
        "source_data": _source(results, row),
        "metric_config": {
            "evaluation_description": plan.tasks[row["target"]].title,
            "metric_id": f"xstilts.{score.value['metric']}.{row['metric']}",
            "metric_name": row["metric"],
            "metric_unit": "percent",
            "metric_parameters": {"scorer_version": score.value["version"]},
            "lower_is_better": row["metric"] == "xsim",  # an error rate
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 100.0,
        },
        "score_details": {"score": row["value"], "details": {name: text for name, text in details.items() if text}},
    }


def _source(results: Results, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the evaluation data come from; what is not on the hub has no address."""
    task = results.plan.tasks[row["target"]]
    name = f"{task.name} {row['language']}"
    data = task.data_of(row["language"])
    if not data.revision:
        return {"dataset_name": name, "source_type": "other"}
    spec, details = results.plan.study.data, {"config": task.config(row["language"])}
    if mirror_folder(spec) is None:  # a mirror's files need not be those of the revision
        details["revision"] = spec.revisions.get(data.path, data.revision)
    return {
        "dataset_name": name,
        "source_type": "hf_dataset",
        "hf_repo": data.path,
        "hf_split": row["split"],
        "samples_number": row["n"],
        "additional_details": details,
    }
