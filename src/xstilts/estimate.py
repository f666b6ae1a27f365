"""How long the rest of a study takes, from what finished stages of the same store took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from xstilts.plan import Stages
from xstilts.stage import Stage
from xstilts.store import Store


def throughput(store: Store) -> dict[str, float]:
    """Return kind of stage -> work a second: trained examples, predicted or embedded examples, scores."""
    work: dict[str, float] = defaultdict(float)
    seconds: dict[str, float] = defaultdict(float)
    for kind in ("train", "predict", "embed", "score"):
        for manifest in store.finished_values(kind):
            work[kind] += _measured(kind, manifest)
            seconds[kind] += manifest.get("seconds", 0.0)
    return {kind: work[kind] / seconds[kind] for kind in work if seconds[kind] > 0 and work[kind] > 0}


def _measured(kind: str, manifest: Mapping[str, Any]) -> float:
    if kind == "train":
        return float(manifest.get("updates", 0) * manifest["stage"]["settings"]["batch_size"])
    return float(manifest.get("examples", 1))


def seconds_left(plan: Stages, stages: Iterable[Stage], speed: Mapping[str, float]) -> float | None:
    """Return the seconds that `stages` will take one after another, None when a speed or a size is not known."""
    total = 0.0
    for stage in stages:
        amount = plan.amount(stage)
        if amount is None or stage.kind not in speed:
            return None
        total += amount / speed[stage.kind]
    return total
