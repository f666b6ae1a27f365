"""The table of means that `xstilts results` prints. Means are computed here, when they are shown, and never stored."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xstilts.display import print_table
from xstilts.metrics import METRICS
from xstilts.results import Results
from xstilts.spec import FLOOR

if TYPE_CHECKING:
    import pandas as pd

HEADLINES = {metric.headline for metric in METRICS.values()}
SAME_TASK = "the intermediate holds the target's own training task: a control"
FEW_PARTNERS = 4  # so many languages have a row for each that they are compared with
COLUMNS = (
    "encoder", "intermediate", "target", "variant", "source", "zero-shot", "seeds from..to", "languages", "seeds", "gain",
    "flags", "notes",
)  # fmt: skip


def summary(results: Results) -> tuple[list[list[Any]], list[str]]:
    """Return one row for each encoder, intermediate, target and variant, and the notes that belong to the rows.

    A row holds the columns of COLUMNS: the source language's score, the mean zero-shot score over languages, the least and
    the greatest of its means over seeds, the number of languages and seeds, the gain over the baseline (None for the baseline
    and the floor), each flag with the number of its scores, and note numbers.
    """
    frame = results.frame()
    frame = frame[frame["metric"].isin(HEADLINES)]
    frame = frame.assign(told=_told(frame["variant"].unique().tolist(), frame["variant"]))
    common = shared_settings(frame["told"].unique().tolist())
    groups = dict(list(frame.groupby(["encoder", "intermediate", "target", "told"], sort=False)))
    rows: list[list[Any]] = []
    notes: dict[str, int] = {}
    for (encoder, intermediate, target, variant), group in groups.items():
        zero_shot, source = group[group["zero_shot"]], group[~group["zero_shot"]]
        by_seed = zero_shot.groupby("seed")["value"].mean()
        reference = groups.get((encoder, results.plan.study.baseline, target, variant))
        gain = (
            None
            if intermediate in (FLOOR, results.plan.study.baseline) or reference is None
            else paired_gain(zero_shot, reference)
        )
        texts = [part for text in group["deviation"] for part in text.split("; ") if part]
        texts += [SAME_TASK] * results.plan.same_task(str(intermediate), str(target))
        rows.append(
            [
                encoder, intermediate, target, " ".join(part for part in str(variant).split() if part not in common),
                float(source["value"].mean()) if len(source) else None,
                float(by_seed.mean()) if len(by_seed) else None,
                f"{by_seed.min():.1f}..{by_seed.max():.1f}" if len(by_seed) > 1 else "",
                zero_shot["language"].nunique(), group["seed"].nunique(), None if gain is None else f"{gain:+.1f}",
                flag_counts(group),
                ",".join(map(str, sorted({notes.setdefault(text, len(notes) + 1) for text in texts}))),
            ]
        )  # fmt: skip
    retrieval = [f"retrieval: {' '.join(common)}"] if common else []
    return rows, [*retrieval, *(f"[{number}] {text}" for text, number in notes.items())]


def paired_gain(zero_shot: "pd.DataFrame", baseline: "pd.DataFrame") -> float | None:
    """Return the mean difference over the languages and seeds that both have; None when they share none."""
    pairs = zero_shot.merge(baseline, on=["language", "seed", "split", "variant"], suffixes=("", "_baseline"))
    return float((pairs["value"] - pairs["value_baseline"]).mean()) if len(pairs) else None


def _told(variants: list[str], column: "pd.Series[str]") -> "pd.Series[str]":
    """Return the variants with the partner languages of parallel texts counted where there are many: one mean is over all."""
    partners = {part for variant in variants for part in variant.split() if part.startswith("partner=")}
    if len(partners) <= FEW_PARTNERS:
        return column
    return column.str.replace(r"partner=\S+", f"partner=each-of-{len(partners)}", regex=True)


def flag_counts(scores: "pd.DataFrame") -> str:
    """Return each flag with the number of the scores that have it: `at-chance 1/3`."""
    flags = Counter(flag for text in scores["flags"] for flag in text.split(",") if flag)
    return ", ".join(f"{flag} {count}/{len(scores)}" for flag, count in sorted(flags.items()))


def shared_settings(variants: Iterable[str]) -> list[str]:
    """Return the settings that all variants share; they are told once, below the table."""
    parts = [variant.split() for variant in variants if variant]
    return [part for part in parts[0] if all(part in others for others in parts)] if parts else []


def print_summary(results: Results) -> None:
    """Print the table, its notes, and how many scores are missing."""
    rows, notes = summary(results)
    scores = results.plan.scores
    missing = sum(results.store.state(planned.stage) != "done" for planned in scores)
    if missing:
        notes.append(f"{missing} of {len(scores)} scores are missing: `xstilts status` tells why.")
    if results.plan.unscored:
        count = len(results.plan.unscored)
        notes.append(f"{count} predictions of data without labels, not scored: `xstilts predictions` has them.")
    print_table(
        COLUMNS, rows, title=f"{results.plan.study.name}: mean scores in per cent", notes=notes, names=COLUMNS.index("source")
    )
