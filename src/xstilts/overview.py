"""What `xstilts plan` and `xstilts status` tell of a study."""

from collections import Counter
from typing import Any

from xstilts.benchmarks import BENCHMARKS
from xstilts.cost import gpu_hours
from xstilts.coverage import coverage
from xstilts.display import duration, print_table, size
from xstilts.encoder import weight_files
from xstilts.errors import XstiltsError
from xstilts.estimate import seconds_left, throughput
from xstilts.fingerprint import differing_fields
from xstilts.plan import Plan
from xstilts.stage import Stage
from xstilts.store import Store

LEAST_HOURS = 0.1  # below, the computed time is all start and end of stages, which is not in it


def overview(plan: Plan, store: Store) -> dict[str, Any]:
    """Return the plan in plain values: every stage with its state, cells, work and disk, and totals."""
    todo = plan.todo(store)
    to_run, speed = {stage.key for stage in todo}, throughput(store)
    stages = [_stage(plan, store, stage, stage.key in to_run) for stage in plan.stages.values()]
    trained = [stage for stage in todo if stage.kind == "train"]
    return {
        "study": plan.study.name,
        "store": str(store.out),
        "cells": len({cell for cells in plan.uses.values() for cell in cells}),
        "scores": len(plan.scores),
        "without_labels": len(plan.unscored),
        "stages": stages,
        "to_run": len(todo),
        "shared": sum(stage["shared"] for stage in stages),
        "training_examples_to_run": _sum(plan.work[stage.key].examples for stage in trained),
        "updates_to_run": _sum(plan.work[stage.key].updates for stage in trained),
        "bytes_on_disk": sum(stage["bytes"] for stage in stages),
        "bytes_to_come": _forecast(plan, trained),
        "seconds_to_run": seconds_left(plan, todo, speed),
        "h200_hours_to_run": gpu_hours(plan, todo),
        "languages": _languages(plan),
        "provisional_encoders": list(plan.provisional),
        "not_evaluated": {
            name: [one.lack for one in coverage(plan, BENCHMARKS[name]) if one.lack] for name in plan.study.benchmarks
        },
        "awaited_data": plan.awaited,
    }


def _stage(plan: Plan, store: Store, stage: Stage, to_run: bool) -> dict[str, Any]:
    cells = plan.uses[stage.key]
    work = plan.work.get(stage.key)
    return {
        "key": stage.key,
        "kind": stage.kind,
        "title": stage.title,
        "state": store.state(stage),
        "to_run": to_run,
        "cells": len(cells),
        "shared": len(cells) > 1,
        "inputs": list(stage.inputs),
        "examples": work and work.examples,
        "updates": work and work.updates,
        "bytes": store.size(stage),
    }


def _forecast(plan: Plan, stages: list[Stage]) -> int | None:
    """Return the bytes that the checkpoints of training stages will take: each is as large as its encoder's weights."""
    total = 0
    for stage in stages:
        folder = plan.encoders[plan.uses[stage.key][0].encoder].folder
        if folder is None:
            return None
        total += sum(path.stat().st_size for path in weight_files(folder))
    return total


def _sum(values: Any) -> int | None:
    known = list(values)
    return None if None in known else sum(known)


def _languages(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for planned in plan.predicted:
        found.setdefault(planned.cell.target, {})[planned.language] = None
    return {target: list(languages) for target, languages in found.items()}


def print_overview(view: dict[str, Any]) -> None:
    """Print a plan: training stages one by one, the others by kind, then the totals."""
    training = [stage for stage in view["stages"] if stage["kind"] == "train"]
    rows = [
        [
            s["key"],
            s["title"],
            s["cells"],
            s["examples"],
            s["updates"],
            _word(s),
            size(s["bytes"]) if s["bytes"] else "",
        ]
        for s in training
    ]
    if rows:
        print_table(["key", "stage", "cells", "examples", "updates", "state", "disk"], rows)
    kinds = []
    for kind in ("train", "predict", "embed", "score"):
        group = [stage for stage in view["stages"] if stage["kind"] == kind]
        if group:
            disk = sum(s["bytes"] for s in group)
            kinds.append([kind, len(group), sum(s["shared"] for s in group), sum(s["to_run"] for s in group), size(disk)])
    print_table(["kind", "stages", "shared by cells", "to run", "disk"], kinds)
    counted = [f"{target}: {len(tags)} language{'s' * (len(tags) != 1)}" for target, tags in view["languages"].items()]
    total = (
        f"{view['study']}: {view['cells']} cells, {view['scores']} scores, {len(view['stages'])} stages, "
        f"{view['to_run']} to run; {_known(view['updates_to_run'])} updates; "
        f"time {duration(view['seconds_to_run'])}; {_disk(view)}; {'; '.join(counted)}"
    )
    notes = [total]
    if view["without_labels"]:
        notes.append(
            f"{view['without_labels']} predictions of data without labels, not scored: `xstilts predictions` has them."
        )
    if view["seconds_to_run"] is None and view["to_run"]:
        notes.append("The time is known once a few stages of each kind have run in this store.")
    if view["h200_hours_to_run"] is not None and view["to_run"]:
        hours = view["h200_hours_to_run"]
        told = f"about {hours:.1f} hours" if hours >= LEAST_HOURS else "some minutes"
        notes.append(f"On one H200 {told} (computed from sizes, not measured).")
    for name, lacks in view["not_evaluated"].items():
        notes += [f"{name}: {lack}" for lack in lacks]
    for name in view["provisional_encoders"]:
        notes.append(f"Encoder {name} is not on this machine yet: its stages get other keys once its tokenizer is.")
    for dataset, obtain in view["awaited_data"].items():
        notes.append(f"{dataset} is not here yet, so the study cannot run, and its stages get other keys once it is. {obtain}")
    print_table(["store"], [[view["store"]]], notes=notes)


def _word(stage: dict[str, Any]) -> str:
    if stage["state"] == "released":
        return "to run again (weights deleted)" if stage["to_run"] else "done, weights deleted"
    return "to run" if stage["to_run"] else "done" if stage["state"] == "done" else "not needed"


def _disk(view: dict[str, Any]) -> str:
    to_come = view["bytes_to_come"]
    return f"disk {size(view['bytes_on_disk'])} now, checkpoints to come {'unknown' if to_come is None else size(to_come)}"


def _known(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def why(plan: Plan, store: Store, key: str) -> dict[str, Any]:
    """Say how a stage of the plan differs from the finished stage of its kind that is most like it.

    Args:
        plan: the plan.
        store: where finished stages lie.
        key: the stage's key, or the first digits of it.

    Raises:
        XstiltsError: when no stage, or more than one, has the key.

    """
    found = [stage for name, stage in plan.stages.items() if name.startswith(key)]
    if len(found) != 1:
        some = ", ".join(list(plan.stages)[:3])
        what = f"{len(found)} stages of {plan.study.name} have" if found else f"no stage of {plan.study.name} has"
        raise XstiltsError(
            f"{what} a key that starts with '{key}'. Keys are like {some}; `xstilts plan` lists them, all with --json. "
            f"Write {'more of the key' if found else 'one of them'}."
        )
    stage = found[0]
    answer: dict[str, Any] = {"key": stage.key, "title": stage.title, "nearest": None, "differences": []}
    if store.state(stage) != "missing":
        again = "runs again: its weights were deleted (--keep), and a stage that is to run needs them."
        ends = again if stage in plan.todo(store) else "is done; it does not run again."
        return {**answer, "answer": f"{stage.title} ({stage.key}) {ends}"}
    others = [manifest for manifest in store.finished_values(stage.kind) if manifest["key"] != stage.key]
    if not others:
        return {
            **answer,
            "answer": f"{stage.title} ({stage.key}) runs because the store has no finished {stage.kind} stage yet.",
        }
    compared = [(differing_fields(other["stage"], stage.canonical), other["key"]) for other in others]
    differences, nearest = min(compared, key=lambda pair: (len(pair[0]), pair[1]))
    listed = [{"field": field, "before": before, "now": now} for field, before, now in differences]
    return {
        **answer,
        "nearest": nearest,
        "differences": listed,
        "answer": f"{len(listed)} fields differ from {nearest}.",
    }


def status(plan: Plan, store: Store) -> dict[str, Any]:
    """Return how far a study is: stages by kind and state, failures with their reason, flags of degenerate runs."""
    todo = plan.todo(store)
    waiting = Counter(str(stage.kind) for stage in todo)
    failures = [(stage, reason) for stage in todo if (reason := store.read_failure(stage))]
    return {
        "study": plan.study.name,
        "store": str(store.out),
        "stages": len(plan.stages),
        "to_run": len(todo),
        "by_kind": {kind: {"stages": count, "to_run": waiting[kind]} for kind, count in _kinds(plan).items()},
        "failed": [{"key": s.key, "title": s.title, "reason": reason} for s, reason in failures],
        "without_labels": len(plan.unscored),
        "interrupted": [{"key": s.key, "title": s.title} for s in todo if store.partial(s).exists()],
        "seconds_to_run": seconds_left(plan, todo, throughput(store)),
    }


def _kinds(plan: Plan) -> Counter[str]:
    return Counter(str(stage.kind) for stage in plan.stages.values())


def print_status(state: dict[str, Any]) -> None:
    """Print the state of a study."""
    rows = [[kind, numbers["stages"], numbers["to_run"]] for kind, numbers in state["by_kind"].items()]
    notes = [f"failed: {one['title']} ({one['key']}): {one['reason']}" for one in state["failed"]]
    notes += [f"started, not finished: {one['title']} ({one['key']})" for one in state["interrupted"]]
    if state["without_labels"]:
        notes.append(
            f"{state['without_labels']} predictions of data without labels, not scored: `xstilts predictions` has them."
        )
    left = "complete" if not state["to_run"] else f"time left {duration(state['seconds_to_run'])}"
    print_table(["kind", "stages", "to run"], rows, title=f"{state['study']} in {state['store']}", notes=[*notes, left])
