"""The model card of a trained cell: what it was trained on, how well it does in each language, and what it is not for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.languages import language
from xstilts.plan import Cell
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.task import Task

PIPELINES = {"classification": "text-classification", "tagging": "token-classification", "span": "question-answering"}
USE = {
    "classification": """from transformers import pipeline

classify = pipeline("text-classification", model="{folder}")
classify({{"text": "the first text", "text_pair": "the second"}})  # a task of single texts: classify("the text")""",
    "tagging": """from transformers import pipeline

tag = pipeline("token-classification", model="{folder}", aggregation_strategy="first")
tag("...")  # the first sub-token of a word carries its tag; words are cut by the tokenizer's rules, not by the data's""",
    "span": """from transformers import AutoModelForQuestionAnswering, AutoTokenizer  # transformers 5 has no pipeline for it

model = AutoModelForQuestionAnswering.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
logits = model(**tokenizer("the question", "the text", return_tensors="pt"))  # .start_logits, .end_logits""",
    "multiple_choice": """from transformers import AutoModelForMultipleChoice, AutoTokenizer

model = AutoModelForMultipleChoice.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
options = tokenizer([prompt] * len(options), options, padding=True, return_tensors="pt")
logits = model(**{{name: ids.unsqueeze(0) for name, ids in options.items()}}).logits  # [1, options]""",
}


def card(results: Results, cell: Cell, stage: Stage, study_file: Path) -> str:
    """Return README.md: the hub's metadata with a `model-index` of all scores, and the text.

    Args:
        results: of the study; scores that are missing are left out.
        cell: whose model it is.
        stage: that trained it.
        study_file: named as what the model was made with.

    """
    from huggingface_hub import EvalResult, ModelCardData

    plan, task = results.plan, results.plan.tasks[cell.target]
    name = f"{plan.study.name}-{cell.encoder}-{cell.intermediate}-{cell.target}-{cell.seed}"
    rows = [row for row in results.rows() if (row["encoder"], row["intermediate"], row["target"], row["seed"]) == _names(cell)]
    chain = list(_chain(results, stage))
    encoder = plan.study.encoders[cell.encoder]
    found = [
        EvalResult(
            task_type=PIPELINES.get(task.kind, "multiple-choice"),
            task_name=task.kind.replace("_", " "),
            metric_type=row["metric"], metric_name=f"{row['metric']} ({row['language']}, per cent)",
            metric_value=row["value"], **_data_set(results, task, row),
        )
        for row in rows
    ]  # fmt: skip
    data = ModelCardData(
        base_model=encoder.hub,
        datasets=list(dict.fromkeys(filter(None, (_hub_data(results, part) for one in chain for part in one.value["tasks"])))),
        eval_results=found or None,
        language=sorted({language(row["language"]).iso639_1 or row["language"][:3] for row in rows}) or None,
        library_name="transformers",
        metrics=sorted({row["metric"] for row in rows}) or None,
        model_name=name,
        pipeline_tag=PIPELINES.get(task.kind),
        tags=["xstilts", "cross-lingual-transfer", task.kind.replace("_", "-")],
    )
    return f"---\n{data.to_yaml()}\n---\n\n{_text(results, cell, chain, rows, study_file)}"


def _names(cell: Cell) -> tuple[str, str, str, int]:
    return cell.encoder, cell.intermediate, cell.target, cell.seed


def _chain(results: Results, stage: Stage) -> Iterator[Stage]:
    """Yield the training stages of a model, the first phase first."""
    for key in stage.inputs:
        yield from _chain(results, results.plan.stages[key])
    yield stage


def _hub_data(results: Results, part: Mapping[str, Any]) -> str | None:
    """Return the hub's name of the data set that a task was trained on; None where it is not on the hub."""
    data = results.plan.tasks[part["task"]].data
    return data.path if data.revision else None


def _data_set(results: Results, task: Task, row: Mapping[str, Any]) -> dict[str, Any]:
    plan = results.plan
    data = plan.stages[plan.stages[row["score_key"]].inputs[0]].value["data"]
    return {
        "dataset_type": task.data.path if task.data.revision else task.name,
        "dataset_name": f"{task.title} ({row['language']})",
        "dataset_config": data.get("config"),
        "dataset_split": row["split"],
        "dataset_revision": data.get("revision"),
    }


def _text(results: Results, cell: Cell, chain: Sequence[Stage], rows: Sequence[Mapping[str, Any]], study_file: Path) -> str:
    plan, task = results.plan, results.plan.tasks[cell.target]
    source = plan.study.source
    encoder = plan.study.encoders[cell.encoder]
    start = f"{encoder.hub} at {encoder.revision}" if encoder.hub else f"a local folder, called {cell.encoder} in the study"
    steps = "then directly" if len(chain) == 1 else f"first on {_listed(chain[:-1])} (intermediate '{cell.intermediate}'), then"
    sections = [
        f"# {cell.intermediate} > {cell.target}, seed {cell.seed}",
        f"The encoder {start}, trained {steps} on {_listed(chain[-1:])} in {language(source).name} ({source}), for "
        f"{task.title}. Labels of no other language were read, in training or in choosing a checkpoint.",
        "## Use",
        f"```python\n{USE[task.kind].format(folder='FOLDER')}\n```",
        f"Inputs were cut at {chain[-1].value['settings']['max_length']} sub-tokens.",
        *_threshold(results, task, rows),
        "## Training",
        "\n".join(_phases(results, chain)),
        f"Made with `xstilts run {study_file.name}` of the study '{plan.study.name}', xstilts "
        f"{_version(results, chain[-1])}, stage {chain[-1].key}.",
        "## Scores",
        "\n".join(_scores(rows)),
        "## Intended use and limits",
        "For research on transfer between languages and tasks. One seed of one setting: scores of other seeds differ, so "
        f"compare means over seeds ({', '.join(map(str, plan.study.seeds))} in the study), not this model. Languages that are "
        "not in the table were not evaluated. What the encoder and the data sets hold of bias and error, this model has too.",
        *[f"Differs from the standard task: {text}." for text in dict.fromkeys(row["deviation"] for row in rows) if text],
        "## Licence",
        "This card states none: what holds is what the encoder's licence and those of the data allow. "
        + _licences(results, chain),
    ]
    return "\n\n".join(sections) + "\n"


def _listed(chain: Sequence[Stage]) -> str:
    return ", then ".join(" + ".join(part["task"] for part in stage.value["tasks"]) for stage in chain)


def _version(results: Results, stage: Stage) -> str:
    manifest = results.store.manifest(stage) or {}
    return str(manifest.get("provenance", {}).get("packages", {}).get("xstilts", "of unknown version"))


def _threshold(results: Results, task: Task, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what to know of SQuAD v2.0: transformers has no place for the threshold."""
    if task.metric != "squad2" or not rows:
        return []
    from xstilts.stats.examples import answer_threshold

    threshold = answer_threshold(results, rows[0]["score_key"])
    return [
        "A question counts as unanswerable when the logits of the first position (start and end, added) minus those of the "
        f"best answer are greater than {threshold:.4f}: the threshold that the scores below were computed with."
    ]


def _phases(results: Results, chain: Sequence[Stage]) -> Iterator[str]:
    yield "| phase | data | examples | learning rate | epochs | batch | precision | seed |"
    yield "|---|---|---|---|---|---|---|---|"
    for number, stage in enumerate(chain, start=1):
        settings = stage.value["settings"]
        names = "; ".join(f"{part['task']} ({results.plan.tasks[part['task']].title})" for part in stage.value["tasks"])
        count = (results.store.manifest(stage) or {}).get("examples", "")
        yield (
            f"| {number} | {_escaped(names)} | {count} | {settings['learning_rate']:g} | {settings['epochs']:g} | "
            f"{settings['batch_size']} | {settings['precision']} | {stage.value['seed']} |"
        )


def _scores(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "In per cent. Zero-shot: labels of the language were not read."
    yield ""
    yield "| language | split | metric | value | examples | zero-shot | flags |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        name = f"{language(row['language']).name} ({row['language']})"
        yield (
            f"| {name} | {row['split']} | {row['metric']} | {row['value']:.2f} | {row['n']} | "
            f"{'yes' if row['zero_shot'] else 'no'} | {row['flags']} |"
        )


def _licences(results: Results, chain: Sequence[Stage]) -> str:
    names = dict.fromkeys(part["task"] for stage in chain for part in stage.value["tasks"])
    return " ".join(f"{name}: {results.plan.tasks[name].licence or 'not stated'}." for name in names)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
