"""The gains of a study as a table of a paper: LaTeX, Markdown, or csv with every number."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xstilts.gain_table import Answer, shared_parts
from xstilts.stats.gains import Gain
from xstilts.stats.inference import Interval

Adjustment = Literal["holm", "bh"]
LEVELS = (0.001, 0.01, 0.05)  # of three, two and one mark
NAMES: Mapping[Adjustment, str] = {"holm": "Holm", "bh": "Benjamini and Hochberg"}
SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One gain as it is shown: its digits, how many marks, and whether it is the greatest of its row."""

    text: str
    marks: int
    best: bool


@dataclass(frozen=True)
class Matrix:
    """Gains with a row for each encoder and average, and a column for each intermediate.

    Attributes:
        head: titles of the columns; as many of them as rows have names stand for names.
        rows: names of the row, and its cells; None where a gain was not measured.
        caption: what one has to know to read it.

    """

    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell | None, ...]], ...]
    caption: str


def matrix(found: Answer, adjustment: Adjustment) -> Matrix:
    """Return the gains of a study side by side.

    Args:
        found: of `gain_table.answer`.
        adjustment: which p-values the marks go by.

    """
    gains, question = found.gains, found.question
    shared = shared_parts([gain.target for gain in gains])
    intermediates = tuple(dict.fromkeys(gain.intermediate for gain in gains))
    by_place = {(gain.encoder, gain.target, gain.group, gain.intermediate): gain for gain in gains}
    places = dict.fromkeys((gain.encoder, gain.target, gain.group) for gain in gains)
    grouped, several = any(gain.group for gain in gains), len({gain.encoder for gain in gains}) > 1
    rows = []
    for encoder, target, group in places:
        short = " ".join(part for part in target.split() if part not in shared)
        names = (*([encoder] if several else []), short, *([group] if grouped else []))
        rows.append((names, _cells([by_place.get((encoder, target, group, name)) for name in intermediates], adjustment)))
    head = (*(["encoder"] if several else []), "target", *([question.by.replace("_", " ")] if grouped else []), *intermediates)
    return Matrix(head, tuple(rows), _caption(found, adjustment, shared))


def _cells(gains: Sequence[Gain | None], adjustment: Adjustment) -> tuple[Cell | None, ...]:
    texts = [f"{gain.estimate.gain:+.2f}" if gain and gain.estimate else "" for gain in gains]
    measured = [float(text) for text in texts if text]
    best = max(measured) if len(measured) > 1 else None
    return tuple(
        Cell(text, _marks(gain.p_holm if adjustment == "holm" else gain.p_bh), float(text) == best) if gain and text else None
        for gain, text in zip(gains, texts, strict=True)
    )


def _marks(p: float | None) -> int:
    return 0 if p is None else sum(p < level for level in LEVELS)


def _caption(found: Answer, adjustment: Adjustment, shared: Sequence[str]) -> str:
    question, gains = found.question, found.gains
    seeds = sorted({gain.n_seeds for gain in gains if gain.estimate})
    told = str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    parts = [
        f"Gains over {question.reference} in points, study {found.study}, means over {told} seed{'s' * (seeds != [1])}.",
        f"Marks: p < 0.05 (*), < 0.01 (**), < 0.001 (***), two-sided, adjusted over the {len(gains)} gains of the table "
        f"({NAMES[adjustment]}).",
        "Bold: the greatest gain of its row.",
    ]
    flagged, missing = sum(gain.n_flagged for gain in gains), sum(gain.n_missing for gain in gains)
    if shared:
        parts.append(f"Retrieval: {' '.join(shared)}.")
    if flagged:
        parts.append(f"In {flagged} of the pairs that are averaged a run learnt nothing.")
    if missing:
        parts.append(f"{missing} pairs of scores are missing.")
    return " ".join(parts)


def latex(table: Matrix, label: str) -> str:
    r"""Return a `table` environment for documents that load `booktabs` and `siunitx`, to be read with `\input`."""
    names = len(table.rows[0][0])
    columns = len(table.head) - names
    column = r"S[table-format=+3.2, table-space-text-post={\textsuperscript{***}}]"
    head = [_latex(name) for name in table.head[:names]] + [f"{{{_latex(name)}}}" for name in table.head[names:]]
    body = [" & ".join([*map(_latex, parts), *map(_latex_cell, cells)]) for parts, cells in table.rows]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs} and \usepackage{siunitx}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex(table.caption).replace('<', '$<$')}}}",
            rf"\label{{{label}}}",
            r"\sisetup{retain-explicit-plus, detect-weight, mode=text, table-align-text-post=false}",
            rf"\begin{{tabular}}{{{'l' * names}{f' {column}' * columns}}}",
            r"\toprule",
            " & ".join(head) + r" \\",
            r"\midrule",
            *(f"{line} \\\\" for line in body),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _latex(text: str) -> str:
    return "".join(SPECIAL.get(one, one) for one in text)


def _latex_cell(cell: Cell | None) -> str:
    if cell is None:
        return "{--}"
    marks = rf" \textsuperscript{{{'*' * cell.marks}}}" if cell.marks else ""
    return rf"{chr(92)}bfseries {cell.text}{marks}" if cell.best else f"{cell.text}{marks}"


def markdown(table: Matrix) -> str:
    """Return a table of GitHub's Markdown, with the caption above it."""
    names = len(table.rows[0][0])
    lines = [list(map(_markdown, table.head)), ["---"] * names + ["---:"] * (len(table.head) - names)]
    lines += [[*map(_markdown, parts), *map(_markdown_cell, cells)] for parts, cells in table.rows]
    return "\n".join([_markdown(table.caption), "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def _markdown(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\|*_`<[" else one for one in text)


def _markdown_cell(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    return (f"**{cell.text}**" if cell.best else cell.text) + r"\*" * cell.marks


def csv_text(found: Answer) -> str:
    """Return one line a gain with all its numbers in full; empty where a number does not exist."""
    rows = [_record(gain) for gain in found.gains]
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _record(gain: Gain) -> dict[str, Any]:
    one = gain.estimate
    low, high = _ends(one.interval if one else None)
    other_low, other_high = _ends(one.elsewhere if one else None)
    return {
        "encoder": gain.encoder, "intermediate": gain.intermediate, "target": gain.target, "group": gain.group,
        "gain": one and one.gain, "low": low, "high": high, "low_elsewhere": other_low, "high_elsewhere": other_high,
        "p": one and one.p, "p_holm": gain.p_holm, "p_bh": gain.p_bh, "p_equivalent": one and one.p_equivalent,
        "mde": one and one.mde, "seeds": gain.n_seeds, "languages": gain.n_languages, "examples": gain.n_examples,
        "missing": gain.n_missing, "flagged": gain.n_flagged,
    }  # fmt: skip


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.low, interval.high) if interval else (None, None)
