"""A study that never ran, with a store drawn by rule: predictions, scores and training logs for the report.

Texts are in three scripts and hold markup. The encoders are hub ids of known shape, so nothing is downloaded or built.
"""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

import toy
from xstilts.metrics import METRICS
from xstilts.plan import Plan, PlannedScore
from xstilts.planner import make_plan
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study

COUNT = 30
SCRIPT = "<script>document.title = 'taken'</script>"
TEXTS = {"en": f"The door {SCRIPT} is open.", "ar": "الباب مفتوح اليوم.", "sw": "Mlango uko wazi.", "th": "ประตูเปิดอยู่"}
DEVIATION = f"first {COUNT} rows {SCRIPT} &amp;"
CLAIM = {
    "name": "nli-helps",
    "statement": f"NLI helps. {SCRIPT}",
    "effect": {"gain": {"intermediate": "nli", "over": {"target": "xnli"}, "encoder": "large"}},
    "expect": "increase",
}
LABELS = ("entailment", "neutral", "contradiction")
HELP = {"baseline": 0.45, "nli": 0.85, "qqp": 0.40}  # share of right predictions


def write_study(folder: Path, **changes: Any) -> Path:
    """Write a mirror and the study: two encoders, two intermediates, XNLI in four languages, Tatoeba in two layers."""
    rows = {
        f"{code}/{split}": [{"premise": text, "hypothesis": f"{i}", "label": i % 3} for i in range(COUNT)]
        for code, text in TEXTS.items()
        for split in ("train", "validation", "test")
    }
    datasets = toy.datasets() | {"facebook/xnli": rows}
    mirror = toy.write_mirror(folder / "mirror", datasets, {"facebook/xnli": {"ar/test": DEVIATION}})
    hub = {name: {"hub": f"FacebookAI/xlm-roberta-{name}", "revision": "0" * 40} for name in ("base", "large")}
    study = {
        "name": "world", "encoders": hub, "intermediates": {"baseline": [], "nli": ["mnli"], "qqp": ["qqp"]},
        "targets": ["xnli", "tatoeba"], "languages": {"xnli": list(TEXTS)}, "seeds": [1, 2], "claims": [CLAIM],
        "retrieval": {"layers": [0, 4]},
    }  # fmt: skip
    return toy.write_study(folder, folder, mirror, **(study | changes))


def fill(study: Path, out: Path) -> Plan:
    """Write the stages of a study as if they had run; return its plan."""
    plan, store = make_plan(load_study(study)), Store(out)
    for stage in plan.stages.values():
        if stage.kind == "train":
            _write(store, stage)
            log = {"losses": [[i + 1, 1.1 * 0.97**i] for i in range(100)], "best_update": 100, "best_value": 70.0}
            log["validation"] = [{"update": 100, stage.value["tasks"][0]["task"]: 70.0}]
            (store.folder(stage) / "training.json").write_text(json.dumps(log))
    for planned in plan.scores:
        predict = plan.stages[planned.stage.inputs[0]]
        rows = _retrieved(planned) if plan.tasks[planned.cell.target].kind == "retrieval" else _classified(planned)
        _write(store, predict)
        parquet.write_table(pyarrow.Table.from_pylist(rows), store.folder(predict) / "predictions.parquet")
        _write(store, planned.stage)
        scores = {"scores": _scores(planned.stage.value["metric"], rows), "flags": []}
        (store.folder(planned.stage) / "scores.json").write_text(json.dumps(scores))
    return plan


def _write(store: Store, stage: Stage) -> None:
    store.folder(stage).mkdir(parents=True, exist_ok=True)
    provenance = {"packages": {"torch": "2.13.0"}, "commit": "a" * 40, "python": "3.11.7", "platform": SCRIPT}
    manifest = {
        "key": stage.key, "stage": stage.canonical, "inputs": list(stage.inputs), "files": {}, "seconds": 1.5,
        "provenance": provenance, "device": "cpu",
    }  # fmt: skip
    (store.folder(stage) / "stage.json").write_text(json.dumps(manifest))


def _drawn(planned: PlannedScore) -> random.Random:
    return random.Random(f"{planned.cell} {planned.language}")


def _classified(planned: PlannedScore) -> list[dict[str, Any]]:
    draw, share = _drawn(planned), HELP[planned.cell.intermediate]
    rows = []
    for i in range(COUNT):
        gold = LABELS[i % 3]
        said = gold if draw.random() < share else LABELS[(i + 1) % 3]
        rows.append({"example_id": str(i), "gold": gold, "prediction": said, "probabilities": [0.4, 0.3, 0.3]})
    return rows


def _retrieved(planned: PlannedScore) -> list[dict[str, Any]]:
    draw = _drawn(planned)
    rows = []
    for layer in (0, 4):
        for direction in ("source-to-foreign", "foreign-to-source"):
            variant = f"layer={layer} pooling=mean similarity=cosine centred=false direction={direction}"
            share = HELP.get(planned.cell.intermediate, 0.1) * (0.5 + layer / 8)
            for i in range(COUNT):
                said = i if draw.random() < share else i + 1
                rows.append(
                    {"example_id": str(i), "gold": str(i), "prediction": str(said), "similarity": 0.5, "variant": variant}
                )
    return rows


def _scores(metric: str, rows: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    variants: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        variants.setdefault(row.get("variant", ""), []).append(row)
    scorer = METRICS[metric]
    return [
        {"metric": name, "value": value, "n": len(part), "variant": variant}
        for variant, part in variants.items()
        for name, value in scorer.compute([row["gold"] for row in part], [row["prediction"] for row in part]).items()
    ]
