"""A study with one own task of any kind: good files of each kind, which a test replaces by bad ones."""

import json
from pathlib import Path
from typing import Any

from study_world import make_encoder

CSV = "first,label\nwho opened the door,billing\nthe bridge is closed,network\n"
CONLL = "river B-LOC\nis O\n\ndoor O\nhouse I-LOC\n"
JSONL: dict[str, list[dict[str, Any]]] = {
    "multiple_choice": [
        {"prompt": "the river is high", "options": ["close the bridge", "open the door"], "label": 0},
        {"prompt": "who is here", "options": ["the house", "the door", "today"], "label": "the door"},
    ],
    "span": [
        {"context": "the old house", "question": "which house", "answers": ["old"], "starts": [4]},
        {"context": "a high river", "question": "which river", "answers": {"text": ["high"], "answer_start": [2]}},
    ],
    "retrieval": [{"foreign": "mto", "source": "river"}, {"foreign": "mlango", "source": "door"}],
}
GOOD = {"classification": ("en.csv", CSV), "tagging": ("en.conll", CONLL)} | {
    kind: ("en.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows)) for kind, rows in JSONL.items()
}


def write(path: Path, content: str | bytes) -> Path:
    """Write a file as it is given, line ends included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def own_task(folder: Path, kind: str, /, **changes: Any) -> dict[str, Any]:
    """Write the good file of a kind and return a task that trains on it; `changes` replace its fields."""
    name, content = GOOD[kind]
    write(folder / "data" / name, content)
    split = "validation" if kind == "retrieval" else "train"
    task: dict[str, Any] = {"kind": kind, "data": {split: {"en": f"data/{name}"}}}
    if kind in ("classification", "tagging"):
        task["labels"] = ["billing", "network"] if kind == "classification" else ["B-LOC", "I-LOC", "O"]
    task |= changes
    return {field: value for field, value in task.items() if value is not None}


def own_study(folder: Path, tasks: dict[str, Any], **changes: Any) -> Path:
    """Write a study of these tasks, all of them targets, over an encoder that is only looked at; JSON is YAML."""
    if not (folder / "encoder").exists():
        make_encoder(folder / "encoder")
    study = {
        "name": "own",
        "encoders": {"tiny": {"path": "encoder"}},
        "tasks": tasks,
        "intermediates": {"baseline": []},
        "targets": list(tasks),
        "seeds": [1],
        **changes,
    }
    return write(folder / "study.yaml", json.dumps(study, indent=1))
