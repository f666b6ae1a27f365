"""What `xstilts data` prints."""

from collections.abc import Sequence

from xstilts.display import print_table, size
from xstilts.supply.check import Finding
from xstilts.supply.overlap import Overlap

NEAR = "near: not the same, but the sets of character 5-grams of the two texts have a Jaccard similarity of 0.8 or more."
SHORT = 12  # digits of a revision or checksum


def print_findings(study: str, findings: Sequence[Finding]) -> None:
    """Print one line for each group of files that differ in nothing but their configuration, then every problem."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        title, _, split = _split(one)
        groups.setdefault((title, split, one.state, one.roles, *one.tasks, one.licence, _revision(one)), []).append(one)
    rows = [_row(group) for group in groups.values()]
    notes = [_problem(group) for group in groups.values() if group[0].problem]
    ready = f"{study}: {sum(not one.problem for one in findings)} of {len(findings)} files and encoders are in order"
    there = sum(one.state == "on the hub" for one in findings)
    notes.append(f"{ready}{f', {there} of them not downloaded yet' if there else ''}.")
    notes.append("`xstilts data overlap` tells what training and evaluation data share.")
    columns = [
        "data",
        "configurations",
        "split",
        "state",
        "read for",
        "tasks",
        "version",
        "gated",
        "licence",
        "rows",
        "size",
        "bad rows",
    ]
    print_table(columns, rows, notes=notes)


def _problem(group: Sequence[Finding]) -> str:
    """Word what is wrong with the first file of a group, and name the others, with which the same is wrong."""
    first, *others = group
    more = f" The same is wrong with {len(others)} more: {', '.join(_split(one)[1] for one in others)}." if others else ""
    return f"{first.name}: {first.state}. {first.problem}{more}"


def _split(one: Finding) -> tuple[str, str, str]:
    """Return data set, configuration and split of a name; an encoder has only a name."""
    if one.roles == "encoder":
        return one.name, "", ""
    title, _, rest = one.name.partition(" ")
    config, _, split = rest.rpartition("/")
    return title, config, split


def _revision(one: Finding) -> str:
    """Return a version by which files are told apart: of files in a mirror each has a checksum of its own."""
    return one.version if len(one.version) == 40 else ""


def _row(group: Sequence[Finding]) -> list[object]:
    first = group[0]
    title, config, split = _split(first)
    bad = [one.bad_rows for one in group if one.bad_rows is not None]
    gated = {True: "yes", False: "no", None: ""}[first.gated]
    return [
        title,
        config if len(group) == 1 else f"{len(group)}: {_split(group[0])[1]} ... {_split(group[-1])[1]}",
        split,
        first.state,
        first.roles,
        ", ".join(first.tasks),
        first.version[:SHORT] if len(group) == 1 or _revision(first) else "",
        gated,
        first.licence or first.hub_licence,
        _sum([one.rows for one in group]),
        _size([one.bytes for one in group]),
        sum(bad) if bad else None,
    ]


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _size(numbers: Sequence[int | None]) -> str:
    total = _sum(numbers)
    return "" if total is None else size(total)


def print_overlap(study: str, overlap: Overlap) -> None:
    """Print what is known beforehand, then the pairs of files that share texts."""
    known = [[", ".join(one.trained), ", ".join(one.evaluated), one.text] for one in overlap.known]
    if known:
        print_table(["trained on", "evaluated on", "known beforehand"], known)
    rows = [
        [one.training, one.role, one.evaluation, one.field, one.texts, one.exact, one.near, f"{one.share:.1f}%"]
        for one in overlap.shared
    ]
    pairs = len(overlap.training) * len(overlap.evaluation)
    notes = [f"{name}: not compared: {why}" for name, why in overlap.failures.items()]
    sharing = len({(one.training, one.evaluation) for one in overlap.shared})
    notes.append(f"{study}: {pairs} pairs of a training file and an evaluation file were compared; {sharing} share texts.")
    notes.append(NEAR)
    columns = ["training file", "read for", "evaluation file", "field", "texts", "exact", "near", "share"]
    print_table(columns, rows, notes=notes)
