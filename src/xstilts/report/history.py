"""What the stages of a study say of themselves: training curves, cost, versions and data."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts.plan import Plan
from xstilts.results import Results
from xstilts.stage import Stage

POINTS = 40  # of a training curve
Manifests = Mapping[str, dict[str, Any]]


def read_manifests(results: Results) -> Manifests:
    """Return key -> stage.json of the finished stages of the study."""
    found = ((key, results.store.manifest(stage)) for key, stage in results.plan.stages.items())
    return {key: manifest for key, manifest in found if manifest}


@dataclass(frozen=True)
class Training:
    """One training run.

    Attributes:
        tasks: joined with `+`.
        after: the intermediates whose cells need it.
        losses: at most POINTS of (update, mean loss since the last one, in nats a label).
        validation: the source language's values at the end of the best epoch, in words; empty without a validation split.

    """

    key: str
    tasks: str
    seed: int
    after: str
    updates: int
    best_update: int | None
    losses: tuple[tuple[int, float], ...]
    validation: str
    seconds: float


def trainings(results: Results, manifests: Manifests) -> tuple[Training, ...]:
    """Return the finished training runs, in the order of the plan."""
    return tuple(
        _training(results.plan, stage, log, manifests[stage.key])
        for stage, log in results.training_logs()
        if stage.key in manifests
    )


def _training(plan: Plan, stage: Stage, log: Mapping[str, Any], manifest: Mapping[str, Any]) -> Training:
    names = tuple(dict.fromkeys(cell.intermediate for cell in plan.uses[stage.key]))
    best = log["best_update"]
    values: Mapping[str, float] = next((at for at in log["validation"] if at["update"] == best), {})
    return Training(
        key=stage.key,
        tasks="+".join(part["task"] for part in stage.value["tasks"]),
        seed=stage.value["seed"],
        after=names[0] if len(names) == 1 else f"{len(names)} intermediates",
        updates=int(log["losses"][-1][0]),
        best_update=best,
        losses=thinned(log["losses"]),
        validation=", ".join(f"{name} {value:.2f}" for name, value in values.items() if name != "update"),
        seconds=manifest["seconds"],
    )


def thinned(losses: Sequence[Sequence[float]]) -> tuple[tuple[int, float], ...]:
    """Return a curve as means of consecutive blocks, POINTS at most; a block stands at its last update."""
    size = -(-len(losses) // POINTS)
    blocks = [losses[start : start + size] for start in range(0, len(losses), size)]
    return tuple((int(block[-1][0]), round(sum(loss for _, loss in block) / len(block), 4)) for block in blocks)


@dataclass(frozen=True)
class Cost:
    """What one kind of stage took: seconds of wall time, and what it would have been had no cell shared a stage."""

    kind: str
    stages: int
    finished: int
    shared: int
    seconds: float
    seconds_unshared: float


def costs(plan: Plan, manifests: Manifests) -> tuple[Cost, ...]:
    """Return the cost of each kind of stage that the plan has."""
    kinds: dict[str, list[Stage]] = defaultdict(list)
    for stage in plan.stages.values():
        kinds[stage.kind].append(stage)
    found = []
    for kind, stages in kinds.items():
        taken = {stage.key: float(manifests[stage.key]["seconds"]) for stage in stages if stage.key in manifests}
        found.append(
            Cost(
                kind, len(stages), len(taken), sum(len(plan.uses[stage.key]) > 1 for stage in stages), sum(taken.values()),
                sum(seconds * len(plan.uses[key]) for key, seconds in taken.items()),
            )
        )  # fmt: skip
    return tuple(found)


def surroundings(manifests: Manifests) -> list[tuple[str, str, int]]:
    """Return (what, version, number of stages) of packages, commits, Python, platforms and devices that stages ran with."""
    counts: Counter[tuple[str, str]] = Counter()
    for manifest in manifests.values():
        said = manifest.get("provenance", {})
        packages = said.get("packages", {})
        plain = {"commit": said.get("commit"), "python": said.get("python"), "platform": said.get("platform")}
        everything = {**plain, "device": manifest.get("device"), **packages}
        counts.update((name, str(version)) for name, version in everything.items() if version)
    return [(name, version, count) for (name, version), count in sorted(counts.items())]


def data_files(plan: Plan) -> list[tuple[str, str, str, str, str]]:
    """Return (data set, configuration, split, version, deviation) of every file of the plan."""
    found = []
    for file in plan.files.values():
        rest = {name: value for name, value in file.identity.items() if name not in ("dataset", "config", "split")}
        version = " ".join(
            f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)}"
            for name, value in rest.items()
        )
        dataset, config, split = (str(file.identity.get(name, "")) for name in ("dataset", "config", "split"))
        found.append((dataset, config, split, version, file.deviation))
    return sorted(found)


def encoders(plan: Plan) -> list[tuple[str, str, str]]:
    """Return (name, identity of the weights, fingerprint of the tokenizer) of every encoder."""
    return [
        (name, " ".join(f"{what} {value}" for what, value in one.weights.items()), one.tokenizer or "not on this machine")
        for name, one in plan.encoders.items()
    ]


def scorers(plan: Plan) -> list[tuple[str, str]]:
    """Return (metric, version) of every scorer."""
    found = {(str(s.value["metric"]), str(s.value["version"])) for s in plan.stages.values() if s.kind == "score"}
    return sorted(found)
