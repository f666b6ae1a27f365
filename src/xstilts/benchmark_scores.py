"""The averages of a benchmark over a study's results, and what is missing for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from xstilts.benchmarks import Benchmark, averages, benchmark, task_averages
from xstilts.coverage import Coverage, coverage
from xstilts.display import print_table
from xstilts.metrics.total import total
from xstilts.results import Results
from xstilts.spec import FLOOR

# one seed's scores of one task: setting of retrieval ("" for other tasks) -> language -> value -> percent
Scores = dict[str, dict[str, dict[str, float]]]
SETTINGS = ("layer", "centred")  # the parts of a variant that a study chooses for all retrieval tasks alike


def benchmark_scores(results: Results, suite: Benchmark) -> dict[str, Any]:
    """Return a benchmark's averages for every encoder, intermediate and setting of retrieval, each a mean over seeds.

    A task counts in the averages when every seed has a score in each of the benchmark's languages. The score of another
    is over the languages that all seeds have; `languages` and `of` say how many these are.

    Returns:
        `{"benchmark", "rows": [{"encoder", "intermediate", "setting", "seeds", "tasks": {task: {"score": percent or None,
        "avg_<value>": percent, "languages": n, "of": n, "complete"}}, "groups": {group: percent}, "overall",
        "without_retrieval", "without_retrieval_and_tydiqa": percent or None}], "deviations": [text], "flags": [text],
        "notes": [text]}`

    """
    covered = coverage(results.plan, suite)
    rows = [row for row in results.rows() if row["intermediate"] != FLOOR and _counts(row, covered)]
    found: dict[tuple[str, str], dict[int, dict[str, Scores]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    settings: dict[str, None] = {}
    for row in rows:
        setting = _setting(row["variant"])
        settings |= {setting: None} if setting else {}
        scores = found[row["encoder"], row["intermediate"]][row["seed"]][row["target"]]
        scores.setdefault(setting, {}).setdefault(row["language"], {})[row["metric"]] = row["value"]
    study = results.plan.study
    names = [(encoder, intermediate) for encoder in study.encoders for intermediate in study.intermediates]
    averaged = [
        {"encoder": pair[0], "intermediate": pair[1], "setting": setting, "seeds": len(study.seeds)}
        | _averaged(suite, covered, [found[pair][seed] for seed in study.seeds], setting)
        for pair in names
        for setting in settings or {"": None}
    ]
    return {
        "benchmark": suite.name,
        "rows": averaged,
        "deviations": sorted({part for row in rows for part in row["deviation"].split("; ") if part}),
        "flags": sorted({flag for row in rows for flag in row["flags"].split(",") if flag}),
        "notes": [suite.overall, *_lacks(covered, averaged)],
    }


def _counts(row: Mapping[str, Any], covered: Iterable[Coverage]) -> bool:
    """Whether a row of the results is one that the benchmark averages."""
    one = next((one for one in covered if one.task.name == row["target"]), None)
    return (
        one is not None
        and row["language"] in one.languages
        and row["metric"] in one.task.values
        and set(one.task.variant.split()) <= set(row["variant"].split())
    )


def _setting(variant: str) -> str:
    return " ".join(part for part in variant.split() if part.partition("=")[0] in SETTINGS)


def _averaged(suite: Benchmark, covered: Iterable[Coverage], seeds: list[dict[str, Scores]], setting: str) -> dict[str, Any]:
    tasks, whole = {}, {}
    for one in covered:
        by_seed = [(scores.get(one.task.name) or {}) for scores in seeds]
        tables = [scores.get(setting, scores.get("", {})) for scores in by_seed]
        present = [tag for tag in one.languages if all(len(table.get(tag, ())) == len(one.task.values) for table in tables)]
        means = [task_averages(one.task, {tag: table[tag] for tag in present}) for table in tables] if present else []
        values = {name: total(mean[name] for mean in means) / len(means) for name in means[0]} if means else {}
        score = values.pop("avg_metric", None)
        complete = bool(present) and len(present) == len(one.languages)
        counts = {"languages": len(present), "of": len(one.languages) or len(one.task.languages), "complete": complete}
        tasks[one.task.name] = {"score": score, **values, **counts}
        if complete and score is not None:
            whole[one.task.name] = score
    means_of_tasks = averages(suite, whole)
    return {"tasks": tasks, **vars(means_of_tasks), "groups": dict(means_of_tasks.groups)}


def _lacks(covered: Iterable[Coverage], rows: list[dict[str, Any]]) -> list[str]:
    """Say what is not in the averages: what the study does not evaluate, then what it has not yet."""
    notes = [one.lack for one in covered if one.lack]
    for one in covered:
        waiting = sum(row["tasks"][one.task.name]["languages"] < len(one.planned) for row in rows)
        if waiting:
            notes.append(f"{one.task.name}: scores are missing in {waiting} of {len(rows)} rows; `xstilts status` tells why.")
    if notes:
        notes.append("A score in brackets is over the languages that are there, (n/all); no average counts it.")
    return notes


def print_benchmark(scores: Mapping[str, Any]) -> None:
    """Print a line of task scores and a line of averages for each encoder, intermediate and setting; then the notes."""
    suite, rows = benchmark(scores["benchmark"]), scores["rows"]
    several = len({row["setting"] for row in rows}) > 1
    first = ["encoder", "intermediate", *(["retrieval"] if several else [])]
    names = [[row["encoder"], row["intermediate"], *([row["setting"]] if several else [])] for row in rows]
    tasks, seeds = [one.name for one in suite.tasks], rows[0]["seeds"]
    print_table(
        [*first, *tasks],
        [start + [_shown(row["tasks"][task]) for task in tasks] for start, row in zip(names, rows, strict=True)],
        title=f"{suite.title}: task scores in per cent, means over {seeds} seed{'s' * (seeds != 1)}",
    )
    overall = ("overall", "without_retrieval", "without_retrieval_and_tydiqa")
    means = [[row["groups"].get(group) for group in suite.groups] + [row[name] for name in overall] for row in rows]
    notes = list(scores["notes"])
    if rows[0]["setting"] and not several:
        notes.append(f"Retrieval: {rows[0]['setting']}.")
    if scores["deviations"]:
        notes.append("Not the benchmark's own numbers, for scores deviate from the standard tasks: see their `deviation`.")
    if scores["flags"]:
        notes.append(f"Among the scores are some with the flags {', '.join(scores['flags'])}.")
    print_table(
        [*first, *suite.groups, *(name.replace("_", " ") for name in overall)],
        [
            start + [_shown({"score": mean, "complete": True}) for mean in line]
            for start, line in zip(names, means, strict=True)
        ],
        title="averages of complete tasks",
        notes=notes,
    )


def _shown(task: Mapping[str, Any]) -> str:
    if task["score"] is None:
        return "-"
    return f"{task['score']:.1f}" if task["complete"] else f"[{task['score']:.1f}] ({task['languages']}/{task['of']})"
