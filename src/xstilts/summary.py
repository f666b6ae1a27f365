"""The table of means that `xstilts results` prints. Means are computed here, when they are shown, and never stored."""

from typing import Any

from xstilts.display import print_table
from xstilts.metrics import METRICS
from xstilts.results import Results
from xstilts.store import Store

HEADLINES = {metric.headline for metric in METRICS.values()}


def summary(results: Results) -> tuple[list[list[Any]], list[str]]:
    """Return one row for each encoder, intermediate, target and variant, and the notes that belong to the rows.

    A row holds the source language's score, the mean zero-shot score over languages, the least and the greatest of its means
    over seeds, the number of languages and seeds, the gain (zero-shot mean less the baseline's), flags and note numbers.
    """
    frame = results.frame()
    frame = frame[frame["metric"].isin(HEADLINES)]
    baseline, keys = results.plan.study.baseline, ["encoder", "intermediate", "target", "variant"]
    rows: list[list[Any]] = []
    notes: dict[str, int] = {}
    means: dict[tuple[Any, ...], float] = {}
    for name, group in frame.groupby(keys, sort=False):
        encoder, intermediate, target, variant = name
        zero_shot, source = group[group["zero_shot"]], group[~group["zero_shot"]]
        by_seed = zero_shot.groupby("seed")["value"].mean()
        means[name] = float(by_seed.mean()) if len(by_seed) else float("nan")
        reference = means.get((encoder, baseline, target, variant))
        gain = means[name] - reference if reference is not None and intermediate != baseline else None
        marks = sorted({notes.setdefault(text, len(notes) + 1) for text in _parts(group["deviation"])})
        flags = sorted({flag for cell in group["flags"] for flag in cell.split(",") if flag})
        spread = f"{by_seed.min():.1f}..{by_seed.max():.1f}" if len(by_seed) > 1 else ""
        rows.append(
            [
                encoder, intermediate, target, variant, float(source["value"].mean()) if len(source) else None,
                means[name] if len(by_seed) else None, spread, zero_shot["language"].nunique(), group["seed"].nunique(),
                None if gain is None else f"{gain:+.1f}", " ".join(flags), ",".join(map(str, marks)),
            ]
        )  # fmt: skip
    return rows, [f"[{number}] {text}" for text, number in notes.items()]


def _parts(deviations: Any) -> list[str]:
    return [part for text in deviations for part in text.split("; ") if part]


def print_summary(results: Results) -> None:
    """Print the table, its notes, and how many scores are missing."""
    rows, notes = summary(results)
    columns = [
        "encoder", "intermediate", "target", "variant", "source", "zero-shot", "seeds from..to", "languages", "seeds",
        "gain", "flags", "notes",
    ]  # fmt: skip
    missing = len(results.plan.scores) - _present(results)
    if missing:
        notes.append(f"{missing} of {len(results.plan.scores)} scores are missing: `xstilts status` tells why.")
    print_table(columns, rows, title=f"{results.plan.study.name}: mean scores in per cent", notes=notes)


def _present(results: Results) -> int:
    store: Store = results.store
    return sum(store.state(planned.stage) == "done" for planned in results.plan.scores)
