"""The results of a study: one row a score, each traceable to its score and prediction folders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.digests import write_atomically
from xstilts.metrics.bucc import Pair, best_threshold, gold_pairs, mined_pairs
from xstilts.plan import Cell, Plan, PlannedScore
from xstilts.stage import Stage
from xstilts.store import Store, disk_errors, read_json

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "study", "encoder", "intermediate", "target", "language", "seed", "split", "metric", "value", "n", "zero_shot",
    "deviation", "score_key", "variant", "flags",
)  # fmt: skip


def read_variants(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a prediction file by variant; "" stands for those of a kind that has none."""
    import pyarrow.parquet as pq

    variants: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(path).to_pylist():
        variants.setdefault(row.get("variant", ""), []).append(row)
    return variants


def chosen_pairs(paths: Sequence[Path]) -> Iterator[tuple[str, list[Pair], list[Pair]]]:
    """Yield each variant with its gold pairs and the mined pairs above the threshold (BUCC).

    The threshold is the best one on the dev split, or, where that is the only split, on the scored one itself.

    Args:
        paths: the predictions of the scored split, and those of the dev split where it is another.

    """
    evaluated, tuned = read_variants(paths[0]), read_variants(paths[-1])
    for variant, rows in evaluated.items():
        threshold, _ = best_threshold(mined_pairs(tuned[variant]), gold_pairs(tuned[variant]))
        predicted = [(i, j) for i, j, margin in mined_pairs(rows) if margin >= threshold]
        yield variant, sorted(gold_pairs(rows)), predicted


@dataclass(frozen=True)
class Results:
    """Reads the rows of a plan from its store."""

    plan: Plan
    store: Store

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a value, in the order of the plan; scores that are missing have none."""
        for planned in self.plan.scores:
            found = self._scores.get(planned.stage.key)
            if found is None:
                continue
            flags = self._flags(planned)
            deviation = self._deviation(planned)
            for score in found["scores"]:
                yield {
                    "study": self.plan.study.name,
                    "encoder": planned.cell.encoder,
                    "intermediate": planned.cell.intermediate,
                    "target": planned.cell.target,
                    "language": planned.language,
                    "seed": planned.cell.seed,
                    "split": planned.split,
                    "metric": score["metric"],
                    "value": score["value"],
                    "n": score["n"],
                    "zero_shot": planned.zero_shot,
                    "deviation": deviation,
                    "score_key": planned.stage.key,
                    "variant": score["variant"],
                    "flags": ",".join(flags),
                }

    def frame(self) -> "pd.DataFrame":
        """Return the rows as a data frame with the columns of COLUMNS."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS))

    def write(self) -> Path:
        """Write results.parquet and results.csv in the store's folder; returns the parquet file's path.

        Raises:
            StoreError: when the disk is full or the folder cannot be written; earlier files then stay as they are.

        """
        frame, path = self.frame(), self.store.out / "results.parquet"
        with disk_errors(self.store.out):
            self.store.out.mkdir(parents=True, exist_ok=True)
            write_atomically(path, frame.to_parquet(index=False))
            write_atomically(path.with_suffix(".csv"), frame.to_csv(index=False).encode())
        return path

    def predictions(self, score_key: str) -> list[Path]:
        """Return the prediction files that a score was computed from."""
        return [self.store.folder(self.plan.stages[key]) / "predictions.parquet" for key in self.plan.stages[score_key].inputs]

    def training_logs(self) -> Iterator[tuple[Stage, dict[str, Any]]]:
        """Yield each finished training stage with its training.json, in the order of the plan."""
        for stage in self.plan.stages.values():
            log = read_json(self.store.folder(stage) / "training.json") if stage.kind == "train" else None
            if log and log["losses"]:
                yield stage, log

    @cached_property
    def _scores(self) -> dict[str, Any]:
        stages = {planned.stage.key: planned.stage for planned in self.plan.scores}
        found = {key: read_json(self.store.folder(stage) / "scores.json") for key, stage in stages.items()}
        return {key: scores for key, scores in found.items() if scores is not None}

    @cached_property
    def _at_chance(self) -> set[Cell]:
        """Cells whose score in the source language is at chance: what they do elsewhere is noise."""
        return {
            planned.cell
            for planned in self.plan.scores
            if not planned.zero_shot and "at-chance" in self._scores.get(planned.stage.key, {"flags": ()})["flags"]
        }

    @cached_property
    def _facts(self) -> dict[str, dict[str, Any]]:
        return {key: self.store.manifest(stage) or {} for key, stage in self.plan.stages.items() if stage.kind != "score"}

    def _flags(self, planned: PlannedScore) -> list[str]:
        flags = list(self._scores[planned.stage.key]["flags"])
        if planned.cell in self._at_chance:
            flags.append("source-at-chance")
        if any(self._facts[key].get("retried_in") for key in self._ancestors(planned.stage.key)):
            flags.append("retried-in-float32")
        return flags

    def _deviation(self, planned: PlannedScore) -> str:
        skipped = sum(self._facts[key].get("skipped_rows", 0) for key in self._ancestors(planned.stage.key))
        left_out = f"{skipped} bad row{'s' * (skipped > 1)} left out" if skipped else ""
        return "; ".join(filter(None, [planned.deviation, left_out]))

    def _ancestors(self, key: str) -> set[str]:
        inputs = self.plan.stages[key].inputs
        return {*inputs, *(further for one in inputs for further in self._ancestors(one))}
