"""Write the predictions of one cell row in the layout of XTREME's files, and the gold labels in the same layout.

`<task>/test-<language>.<format>`: see `data.xtreme_files` for the formats and `scorefolder` for how they are scored.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.benchmarks import Benchmark, BenchmarkTask
from xstilts.coverage import coverage
from xstilts.data import open_source
from xstilts.data.read import read_bitext
from xstilts.errors import XstiltsError, unknown
from xstilts.plan import Plan, PlannedScore
from xstilts.results import Results, chosen_pairs
from xstilts.store import write_text
from xstilts.task import Question, Task

if TYPE_CHECKING:
    import pyarrow

SUITES = ("xtreme", "xtreme-r")  # benchmarks with a layout
NUMBERED = ("pawsx",)  # tasks whose labels the layout writes as numbers


@dataclass(frozen=True)
class CellRow:
    """What a submission is of: one point of the grid in all targets; `variant` are parts that retrieval's must have."""

    encoder: str
    intermediate: str
    seed: int
    variant: str = ""


@dataclass(frozen=True)
class Sides:
    """The content of two files, the predictions and the labels, and the ending of their names."""

    predictions: str
    labels: str
    ending: str


def choose(plan: Plan, encoder: str | None, intermediate: str | None, seed: int | None, variant: str = "") -> CellRow:
    """Return the cell row of a submission; what a study has one of need not be given.

    Raises:
        XstiltsError: when the study has several of something that is not given, or not what is given.

    """
    study = plan.study
    return CellRow(
        encoder=_one("encoder", encoder, study.encoders),
        intermediate=_one("intermediate", intermediate, study.intermediates),
        seed=int(_one("seed", None if seed is None else str(seed), [str(one) for one in study.seeds])),
        variant=variant,
    )


def _one(what: str, given: str | None, there: Collection[str]) -> str:
    if given is None and len(there) > 1:
        raise XstiltsError(
            f"a submission is of one {what}, and the study has {len(there)}: {', '.join(there)}. "
            f"Choose one, for example `--{what} {next(iter(there))}`."
        )
    if given is not None and given not in there:
        raise XstiltsError(f"{unknown(what, given, there)} Correct `--{what}`.")
    return given or next(iter(there))


def write_submission(results: Results, suite: Benchmark, chosen: CellRow, to: Path, labels: Path | None) -> list[str]:
    """Write the files of every task and language of a benchmark that has a score, and return what was left out.

    Args:
        results: of the study.
        suite: whose tasks, languages and names of files.
        chosen: the cell row.
        to: folder of the predictions; new or empty.
        labels: folder of the gold labels, None when they are not wanted.

    Raises:
        XstiltsError: when a folder is not empty, nothing is finished, or several variants of retrieval are there.
        StoreError: when the folders cannot be written.

    """
    for folder in filter(None, (to, labels)):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise XstiltsError(
                f"{folder} is there already. A submission is written into a new or an empty folder: name another."
            )
    notes, written = [], 0
    for one in coverage(results.plan, suite):
        notes += [one.lack] if one.lack else []
        for planned in results.plan.scores:
            cell = planned.cell
            if (cell.encoder, cell.intermediate, cell.seed) != (chosen.encoder, chosen.intermediate, chosen.seed):
                continue
            if cell.target != one.task.name or planned.language not in one.languages:
                continue
            code = one.languages[planned.language]
            if results.store.state(planned.stage) != "done":
                notes.append(f"{one.task.name}: {code} has no score yet, so it is left out.")
                continue
            sides = _sides(results, one.task, planned, chosen.variant)
            name = f"{one.task.folder}/test-{code}.{sides.ending}"
            write_text(to / name, sides.predictions)
            if labels:
                write_text(labels / name, sides.labels)
            written += 1
    if not written:
        raise XstiltsError(
            f"{results.plan.study.name} has no score of {chosen.encoder}, {chosen.intermediate}, seed {chosen.seed} in a task "
            f"of {suite.name}, so there is nothing to export. `xstilts status` tells what is to run."
        )
    return [f"{written} files written to {to}.", *notes]


def _sides(results: Results, one: BenchmarkTask, planned: PlannedScore, variant: str) -> Sides:
    """Return the two files of one language of a task."""
    import pyarrow.parquet as pq

    paths, task = results.predictions(planned.stage.key), results.plan.tasks[one.name]
    if one.metric == "bucc_f1":
        found = {name: (predicted, gold) for name, gold, predicted in chosen_pairs(paths)}
        return _both("tsv", lambda pairs: _lines(map("\t".join, pairs)), *found[_variant(one, found, variant)])
    rows = pq.read_table(paths[0]).to_pylist()
    if task.kind == "retrieval":
        wanted = _variant(one, dict.fromkeys(row["variant"] for row in rows), variant)
        rows = _by_english([row for row in rows if row["variant"] == wanted], results.plan, planned)
    if task.kind == "span":
        return _questions(results.plan, planned, task, rows)
    predicted, gold = ([row[column] for row in rows] for column in ("prediction", "gold"))
    if one.metric == "map_at_20":
        names = [row["example_id"] for row in rows]
        return _both("json", lambda items: json.dumps(dict(zip(names, items, strict=True)), indent=1) + "\n", predicted, gold)
    return _both(*_form(one, task), predicted, gold)


def _form(one: BenchmarkTask, task: Task) -> tuple[str, Callable[[list[Any]], str]]:
    """Return the ending of the files of a task with one answer an example, and what writes their content."""
    if task.kind == "tagging":
        return "tsv", lambda sentences: "\n".join(map(_lines, sentences))
    if task.kind == "multiple_choice":
        return "jsonl", lambda labels: _lines(json.dumps({"label": int(label)}) for label in labels)
    if one.name in NUMBERED:
        return "tsv", lambda labels: _lines(str(task.labels.index(label)) for label in labels)
    return "tsv", _lines


def _both(ending: str, form: Callable[[list[Any]], str], predicted: list[Any], gold: list[Any]) -> Sides:
    """Return both files, written in the same form."""
    return Sides(form(predicted), form(gold), ending)


def _lines(values: Iterable[str]) -> str:
    return "".join(f"{value}\n" for value in values)


def _variant(one: BenchmarkTask, there: Iterable[str], given: str) -> str:
    """Return the one variant that the benchmark and the user mean.

    Raises:
        XstiltsError: when there is none or more than one.

    """
    fixed = one.variant.split()
    fitting = [variant for variant in there if set(fixed) <= set(variant.split())]
    chosen = [variant for variant in fitting if set(given.split()) <= set(variant.split())]
    if len(chosen) == 1:
        return chosen[0]
    common = set.intersection(*(set(variant.split()) for variant in fitting))
    told = [" ".join(part for part in variant.split() if part not in common) or variant for variant in fitting]
    raise XstiltsError(
        f"{one.name} has {len(chosen)} variants{f' with {given}' if given else ''}, and a submission has one of each task. "
        f"There are: {'; '.join(told)}. Choose one, for example `--variant '{told[0]}'`."
    )


def _by_english(rows: list[dict[str, Any]], plan: Plan, planned: PlannedScore) -> list[dict[str, Any]]:
    """Return Tatoeba's rows in the order of their English sentences, as XTREME's files have them."""
    value = plan.stages[plan.stages[planned.stage.inputs[0]].inputs[0]].value
    task, file = plan.tasks[planned.cell.target], plan.file(value["data"])
    source = open_source(plan.study.data)
    english = read_bitext(source, task, file, limit=value["limit"], on_bad_row=value["on_bad_row"]).bitext.source
    return sorted(rows, key=lambda row: english[int(row["example_id"])])


def _questions(plan: Plan, planned: PlannedScore, task: Task, rows: Sequence[Mapping[str, Any]]) -> Sides:
    """Return answers by the ids of the data set, and its questions in SQuAD's format."""
    data = plan.stages[planned.stage.inputs[0]].value["data"]
    table = open_source(plan.study.data).table(plan.file(data))
    names = _ids(table, [int(row["example_id"]) for row in rows])
    paragraphs = list(_paragraphs(task, table, rows, names))
    answers = {name: row["prediction"] for name, row in zip(names, rows, strict=True)}
    labels = {"data": [{"title": task.title, "paragraphs": paragraphs}]}
    predictions, gold = (json.dumps(side, ensure_ascii=False, indent=1) + "\n" for side in (answers, labels))
    return Sides(predictions, gold, "json")


def _ids(table: "pyarrow.Table", numbers: Sequence[int]) -> list[str]:
    """Return the ids of rows; their numbers where the data set has no ids, or one id for several."""
    if "id" in table.column_names:
        names = [str(name) for name in table.column("id").take(numbers).to_pylist()]
        if len(set(names)) == len(names):
            return names
    return [str(number) for number in numbers]


def _paragraphs(
    task: Task, table: "pyarrow.Table", rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for row, name in zip(rows, names, strict=True):
        example = task.read(table.slice(int(row["example_id"]), 1).to_pylist()[0])
        assert isinstance(example, Question), "a row that was predicted is a question"
        places = zip(example.answers, example.starts, strict=True)
        answers = [{"text": text, "answer_start": start} for text, start in places]
        question = {"id": name, "question": example.question, "answers": answers}
        yield {"context": example.context, "qas": [question]}
