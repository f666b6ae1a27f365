"""Results by what languages have in common: means and gains of groups of languages, and rows with the facts."""

from typing import TYPE_CHECKING, Any

from xstilts.display import print_table
from xstilts.language_facts import SOURCES, facts_of
from xstilts.language_groups import By, group_of, told_source
from xstilts.results import Results
from xstilts.spec import FLOOR
from xstilts.summary import HEADLINES, flag_counts, paired_gain, shared_settings

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("encoder", "intermediate", "target", "variant", "group", "languages", "zero-shot", "gain", "flags")


def by_group(results: Results, by: By) -> tuple[list[list[Any]], list[str]]:
    """Return one row for each encoder, intermediate, target, variant and group of languages, and the notes below the table.

    A row holds COLUMNS: the number of the group's zero-shot languages, the mean of their scores, and the gain over the
    baseline, the mean over languages and seeds of paired differences (None for the baseline, the floor, and where nothing
    pairs), and its flags with their counts. Source languages are left out. Languages without the fact are the group
    "unknown", shown last.
    """
    encoders = results.plan.study.encoders
    frame = results.frame()
    frame = frame[frame["metric"].isin(HEADLINES) & frame["zero_shot"].astype(bool)]
    named = zip(frame["language"], frame["encoder"], strict=True)
    frame = frame.assign(group=[group_of(tag, by, encoders[encoder]) for tag, encoder in named])
    common = shared_settings(frame["variant"].unique().tolist())
    cells = dict(list(frame.groupby(["encoder", "intermediate", "target", "variant"], sort=False)))
    baseline = results.plan.study.baseline
    rows: list[list[Any]] = []
    for (encoder, intermediate, target, variant), cell in cells.items():
        reference = None if intermediate in (FLOOR, baseline) else cells.get((encoder, baseline, target, variant))
        settings = " ".join(part for part in str(variant).split() if part not in common)
        for group, part in cell.groupby("group"):  # sorted; "unknown" stands behind digits and capitals
            gain = None if reference is None else paired_gain(part, reference)
            rows.append(
                [
                    encoder, intermediate, target, settings, group, part["language"].nunique(), float(part["value"].mean()),
                    None if gain is None else f"{gain:+.1f}", flag_counts(part),
                ]
            )  # fmt: skip
    notes = [f"retrieval: {' '.join(common)}"] if common else []
    return rows, [
        *notes,
        told_source(by),
        "Deviations are told without --by.",
    ]


def print_groups(results: Results, by: By) -> None:
    """Print the table of groups and its notes."""
    rows, notes = by_group(results, by)
    print_table(
        [by.replace("_", " ") if name == "group" else name for name in COLUMNS],
        rows,
        title=f"{results.plan.study.name}: mean zero-shot scores in per cent by {by.replace('_', ' ')}",
        notes=notes,
        names=COLUMNS.index("languages"),
    )


def with_facts(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows of `Results.frame` with four more columns, the facts of their languages; unknown facts are null."""
    facts = [facts_of(tag) for tag in frame["language"]]
    added = frame.assign(**{name: [getattr(each, name) for each in facts] for name in SOURCES})
    return added.astype({"resource_class": "Int64", "speakers": "Int64"})
