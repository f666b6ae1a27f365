"""The report as one HTML file that holds all it needs."""

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from xstilts import summary
from xstilts.claims.table import record
from xstilts.display import duration
from xstilts.gain_table import COLUMNS, shared_parts, table_notes, table_row
from xstilts.report import matrices, numbers
from xstilts.report.charts import Shown, charts
from xstilts.report.content import Content
from xstilts.report.findings import findings
from xstilts.report.samples import samples_json
from xstilts.store import write_text

SCRIPTS = ("tables.js", "details.js", "charts.js")


def write_report(content: Content, to: Path) -> None:
    """Write the report as one file.

    Raises:
        StoreError: when the file cannot be written.

    """
    write_text(to, render(content))


def render(content: Content) -> str:
    """Return the report as the text of an HTML page."""
    import jinja2
    import vl_convert
    from markupsafe import Markup

    sweep = numbers.sweep_json(content.scores)
    drawn = charts(_shown(content, sweep))
    template = jinja2.Environment(
        loader=jinja2.FunctionLoader(_own),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("page.html.jinja")
    data = _data(content, sweep) | {
        "curves": [[one.key, one.tasks, one.after, one.seed, one.losses] for one in content.trainings],
        "specs": drawn,
    }
    return template.render(
        _values(content),
        content=content,
        sweep=sweep,
        charts=drawn,
        data=Markup(embedded(data)),  # noqa: S704 (no character of it can end the element it stands in)
        library=Markup(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")),  # noqa: S704
        scripts=[Markup(_own(name)) for name in SCRIPTS],  # noqa: S704
        style=Markup(_own("look.css")),  # noqa: S704
        duration=duration,
        command=partial(_command, content),
    )


def embedded(value: Any) -> str:
    """Return JSON that can stand inside a script element: nothing in it begins a tag, an end tag or a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _shown(content: Content, sweep: Sequence[numbers.Json]) -> Shown:
    there = Counter(gain.intermediate for gain in content.measured.languages if gain.estimate)
    main = numbers.main_targets(gain.target for gain in content.measured.languages)
    short = numbers.labels(gain.target for gain in content.measured.languages if gain.target in main)
    gains = [abs(gain.estimate.gain) for gain in content.measured.targets if gain.estimate and gain.target in main]
    return Shown(
        extent=max(gains, default=0.0) or 1.0,
        first=max(there, key=lambda name: there[name], default=""),
        intermediates=tuple(there),
        encoders=tuple(content.study.encoders),
        sizes=content.weights,
        targets=tuple(short.values()),
        panels=tuple(dict.fromkeys(row["panel"] for row in sweep)),
        trained=tuple(dict.fromkeys(one.tasks for one in content.trainings)),
    )


def _values(content: Content) -> dict[str, Any]:
    """Return what the template shows besides the content itself."""
    measured = content.measured
    shared = shared_parts([gain.target for gain in measured.targets])
    rows, notes = content.means
    shown = numbers.main_targets(gain.target for gain in measured.targets)
    main = [gain.target for gain in measured.targets if gain.target in shown]
    found = findings(measured.targets, content.settings.margin)
    return {
        "findings": [one for one in found if one.gain.target in shown],
        "labels": numbers.labels(main),
        "settings": numbers.shared_settings(main),
        "verdicts": [record(verdict) | {"told": verdict.told} for verdict in content.verdicts],
        "heat": matrices.heat(measured.targets),
        "languages": matrices.by_language(measured.languages, content.places),
        "columns": COLUMNS,
        "gains": [table_row(gain, shared) for gain in measured.targets],
        "retrieval": " ".join(shared),
        "notes": table_notes(measured.by_target) if measured.by_target else [],
        "mean_columns": summary.COLUMNS,
        "means": [["" if cell is None else cell for cell in row] for row in rows],
        "mean_notes": notes,
        "deviations": [note for note in notes if note.startswith("[") and not note.endswith(summary.SAME_TASK)],
        "how": _how(content),
        "claims_file": _claims_file(content),
        "flags": [named for row in rows if (named := dict(zip(summary.COLUMNS, row, strict=True)))["flags"]],
    }


def _command(content: Content, verb: str, *options: str) -> str:
    return shlex.join(["xstilts", verb, str(content.file), "--out", str(content.out), *options])


def _how(content: Content) -> tuple[str, ...]:
    return (*_drawn(content), "--margin", f"{content.settings.margin:g}")


def _drawn(content: Content) -> tuple[str, ...]:
    return ("--resamples", str(content.settings.resamples))


def _claims_file(content: Content) -> tuple[str, ...]:
    return ("--claims", str(content.settings.claims)) if content.settings.claims else ()


def _data(content: Content, sweep: Sequence[numbers.Json]) -> dict[str, Any]:
    """Return what the scripts of the page show: see `numbers` and `samples` for the parts."""
    names = numbers.Names()
    targets = list(dict.fromkeys(one.target for one in content.scores))
    means = [dict(zip(summary.COLUMNS, row, strict=True)) for row in content.means[0]]
    found = numbers.scores_json(content.scores, names) | {"gains": numbers.gains_json(content.measured, content.scores, names)}
    pairs = samples_json(content.samples, names)
    how = _how(content)
    main = numbers.main_targets(names.lists["target"])
    return found | {
        "names": names.listed(),
        "labels": numbers.labels(main) | {target: target for target in names.lists["target"] if target not in main},
        "layers": sweep,
        "means": [[row["encoder"], row["intermediate"], numbers.means_targets(row, targets)] for row in means],
        "claims": [[one.claim.name, one.claim.statement, one.rows] for one in content.verdicts],
        "samples": pairs,
        "places": numbers.languages_json(content.places),
        "weights": dict(content.weights),
        "baseline": content.study.baseline,
        "store": str(content.out),
        "commands": {
            "run": _command(content, "run"),
            "predictions": _command(content, "predictions"),
            "claims": _command(content, "claims", *_drawn(content), *_claims_file(content)),
            "targets": _command(content, "gains", *how),
            "languages": _command(content, "gains", "--by", "language", *how),
        },
    }
