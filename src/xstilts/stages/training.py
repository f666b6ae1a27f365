"""Train an encoder on the tasks of one phase."""

import shutil
from typing import Any

from xstilts.data.read import labels_in, read_examples
from xstilts.engine.fit import FitSpec, Log, TaskData, fit
from xstilts.engine.model import HeadSpec, build, save
from xstilts.engine.step import NonFiniteError
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.errors import TrainingFailedError
from xstilts.fingerprint import key_of
from xstilts.spec import Sampling, TrainSpec, from_keyed
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.store import Writing, write_json

RETRY = "retry-in-float32"  # marks, for a run that is killed meanwhile, that the scratch folder is the second attempt's


def train(stage: Stage, context: Context, writing: Writing) -> None:
    """Train, and write a Hugging Face folder with `training.json`: losses and validation values.

    A loss that is not finite is tried once more in float32, from the start.

    Raises:
        TrainingFailedError: when it is not finite in float32 either.

    """
    value = stage.canonical
    settings = from_keyed(TrainSpec, value["settings"])
    tasks, skipped = _read(value, context)
    retry = writing.scratch / RETRY
    if settings.precision == "float32" or not retry.exists():
        try:
            _fit(stage, context, writing, tasks, settings)
        except NonFiniteError as error:
            if settings.precision == "float32":
                raise TrainingFailedError(_failed(value, error, "float32")) from error
            shutil.rmtree(writing.scratch, ignore_errors=True)
            retry.parent.mkdir(parents=True)
            retry.touch()
    if retry.exists():
        writing.facts["retried_in"] = "float32"
        try:
            _fit(stage, context, writing, tasks, settings.model_copy(update={"precision": "float32"}))
        except NonFiniteError as error:
            raise TrainingFailedError(_failed(value, error, "bfloat16 and then in float32")) from error
    writing.facts |= {"skipped_rows": skipped, "examples": sum(len(task.train) for task in tasks)}


def _failed(value: dict[str, Any], error: NonFiniteError, precisions: str) -> str:
    names = "+".join(task["task"] for task in value["tasks"])
    return (
        f"training on {names} with seed {value['seed']} failed in {precisions}: {error}. The rest of the study goes on; "
        f"lower `learning_rate` (now {value['settings']['learning_rate']}) for this task in `overrides` and run again."
    )


def _read(value: dict[str, Any], context: Context) -> tuple[list[TaskData], int]:
    """Read the training and validation examples of each task; returns them and the number of bad rows left out."""
    limits, tasks, skipped = value["limit"], [], 0
    for part in value["tasks"]:
        task = context.task(part)
        training = context.plan.file(part["train"])
        read = read_examples(context.source, task, training, limit=limits["train"], on_bad_row=value["on_bad_row"])
        skipped += read.skipped
        validation: tuple[Any, ...] = ()
        if "validation" in part:
            file = context.plan.file(part["validation"])
            found = read_examples(
                context.source, task, file, limit=limits["evaluate"], on_bad_row=value["on_bad_row"], evaluation=True
            )
            validation, skipped = found.items, skipped + found.skipped
        has_labels = task.kind in ("classification", "tagging")
        labels = task.labels or (tuple(sorted(labels_in(read.items))) if has_labels else ())
        head = HeadSpec(task.name, task.kind, labels)
        tasks.append(TaskData(head, read.items, validation, task.metric, language=context.plan.study.source))
    return tasks, skipped


def _fit(stage: Stage, context: Context, writing: Writing, tasks: list[TaskData], settings: TrainSpec) -> None:
    value = stage.canonical
    start = context.model_folder(value["start"], value["tokenizer"])
    tokenizer = open_tokenizer(start)
    heads_seed = int(key_of(["heads", value["seed"]]), 16) % 2**63
    model = build(start, [task.head for task in tasks], seed=heads_seed).to(context.device)
    spec = FitSpec(
        train=settings,
        sampling=from_keyed(Sampling, value.get("sampling", {})),
        seed=value["seed"],
        scratch=writing.scratch,
        tokens_per_micro_batch=context.tokens(training=True),
        checkpoint_seconds=context.run.checkpoint_seconds,
        progress=context.progress,
    )
    log: Log = fit(model, tasks, tokenizer, spec)
    save(model.cpu(), writing.folder, start)
    write_json(writing.folder / "training.json", vars(log))
    writing.facts["updates"] = log.losses[-1][0]
    context.opened.clear()
