"""What `xstilts predictions` gives: where the predictions of a target lie, and what they say."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xstilts.display import print_table
from xstilts.errors import XstiltsError, unknown
from xstilts.languages import resolve
from xstilts.plan import PlannedPrediction
from xstilts.results import Results

if TYPE_CHECKING:
    import pandas as pd


def chosen(results: Results, target: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return the predictions of a target that match, in the order of the plan: cell, language, split, state and path.

    Args:
        results: of the study.
        target: its name.
        wanted: `language` (in any spelling), `intermediate`, `encoder`, `seed`; None takes all.

    Raises:
        XstiltsError: when the study has no such target, language, intermediate, encoder or seed.

    """
    planned = _matching(results.plan.predicted, "target", target)
    language = wanted.pop("language", None)
    if language is not None:
        evaluated = {one.language for one in planned}
        codes = results.plan.tasks[target].languages
        tag = resolve(language, {tag: code for tag, code in codes.items() if tag in evaluated})
        planned = [one for one in planned if one.language == tag]
    for name, value in wanted.items():
        planned = planned if value is None else _matching(planned, name, value)
    return [_row(results, one) for one in planned]


def _matching(planned: Sequence[PlannedPrediction], name: str, value: Any) -> list[PlannedPrediction]:
    found = [one for one in planned if getattr(one.cell, name) == value]
    if not found:
        raise XstiltsError(unknown(name, value, {str(getattr(one.cell, name)) for one in planned}))
    return found


def _row(results: Results, one: PlannedPrediction) -> dict[str, Any]:
    return {
        "encoder": one.cell.encoder,
        "intermediate": one.cell.intermediate,
        "target": one.cell.target,
        "language": one.language,
        "seed": one.cell.seed,
        "split": one.split,
        "state": results.store.state(one.stage),
        "path": str(results.store.folder(one.stage) / "predictions.parquet"),
    }


def table(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    """Return the predictions themselves, one row an example: the cell, then the columns of the files, lists as JSON.

    Raises:
        XstiltsError: when none of them is there yet.

    """
    import pandas as pd
    import pyarrow.parquet as pq

    found = []
    for row in (row for row in rows if row["state"] == "done"):
        cell = {name: row[name] for name in ("encoder", "intermediate", "target", "language", "seed", "split")}
        for example in pq.read_table(row["path"]).to_pylist():
            lists = {name: json.dumps(value, ensure_ascii=False) for name, value in example.items() if isinstance(value, list)}
            found.append({**cell, **example, **lists})
    if not found:
        raise XstiltsError(f"none of the {len(rows)} prediction files is there yet. `xstilts run` makes them.")
    return pd.DataFrame(found)


def print_predictions(rows: list[dict[str, Any]]) -> None:
    """Print where the predictions lie."""
    columns = list(rows[0])
    print_table(columns, [[row[name] for name in columns] for row in rows], notes=["`--format csv` prints what they say."])
