"""What each stage computes: from its value and its inputs' folders to the files of its own folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from xstilts.data import Source, open_source
from xstilts.encoder import fetch, tokenizer_fingerprint
from xstilts.engine.model import device_of, suitable_tokens
from xstilts.engine.predict import Progress, no_progress
from xstilts.errors import EncoderError, TrainingFailedError
from xstilts.plan import Plan
from xstilts.provenance import provenance
from xstilts.spec import RunSpec
from xstilts.stage import Stage
from xstilts.store import Store, Writing
from xstilts.task import Task

SMALLEST_MICRO_BATCH = 128  # padded sub-tokens


@dataclass
class Context:
    """What stages are run with. `opened` keeps the last model, for stages that use the same one after another."""

    plan: Plan
    store: Store
    run: RunSpec
    progress: Progress = no_progress
    opened: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Share the processors among the workers."""
        share_processors(self.run.workers)

    @property
    def source(self) -> Source:
        """Where the study's rows lie."""
        return open_source(self.plan.study.data, self.plan.study.declared)

    @property
    def device(self) -> torch.device:
        """The device this process works on."""
        return device_of(self.run.device)

    def input_folder(self, key: str) -> Path:
        """Return the finished folder of an input."""
        return self.store.folder(self.plan.stages[key])

    def model_folder(self, model: Mapping[str, Any], tokenizer: str) -> Path:
        """Return the folder of the model a stage starts from, its tokenizer checked against the key.

        Args:
            model: `{"train": key}`, `{"encoder": identity}` or `{"random": {"config": identity, "seed": n}}`.
            tokenizer: the fingerprint in the stage's value.

        Raises:
            EncoderError: when the encoder cannot be had, or its tokenizer now cuts text in another way.

        """
        if "train" in model:
            return self.input_folder(model["train"])
        wanted = model["encoder"] if "encoder" in model else model["random"]["config"]
        same = [name for name, identity in self.plan.encoders.items() if identity.weights == wanted]
        name = next((name for name in same if self.plan.encoders[name].tokenizer == tokenizer), same[0])
        folder = fetch(self.plan.study.encoders[name])
        found = tokenizer_fingerprint(folder)
        if found != tokenizer:
            raise EncoderError(
                f"the tokenizer of encoder {name} cuts text in another way than planned (fingerprint {found}, "
                f"planned {tokenizer}). "
                "Its files or the transformers package changed meanwhile: run again, and the plan is made anew."
            )
        return folder

    def task(self, value: Mapping[str, Any]) -> Task:
        """Return the task that a stage's value names."""
        return self.plan.tasks[value["task"]]

    def tokens(self, *, training: bool) -> int:
        """Return how many padded sub-tokens the device works on at a time."""
        return self.run.tokens_per_micro_batch or suitable_tokens(self.device, training=training)

    def halve_micro_batches(self, error: Exception) -> None:
        """Make room on the device after it ran out of memory; how a batch is cut changes rounding and dropout masks alone.

        Raises:
            TrainingFailedError: when the micro-batches are as small as a single input already.

        """
        tokens = (self.run.tokens_per_micro_batch or suitable_tokens(self.device, training=True)) // 2
        if tokens < SMALLEST_MICRO_BATCH:
            raise TrainingFailedError(
                f"{self.device} has too little memory for one input at a time ({error}). Use a smaller encoder, a shorter "
                "`max_length`, or a device with more memory."
            ) from error
        self.run = self.run.model_copy(update={"tokens_per_micro_batch": tokens})
        self.opened.clear()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def keep(self, key: str, make: Any) -> Any:
        """Return what `make()` gives, made once as long as `key` stays the same."""
        if key not in self.opened:
            self.opened = {key: make()}
        return self.opened[key]


def execute(stage: Stage, context: Context, writing: Writing) -> None:
    """Compute one stage into `writing.folder`.

    Raises:
        XstiltsError: when its data, encoder or training fails; the folder is then not completed.

    """
    from xstilts.stages import embedding, prediction, ranking, scoring, training

    writing.facts |= surroundings(context.run, context.device)
    quiet_transformers()
    ranked = stage.value.get("kind") == "ranking"
    compute = {
        "train": training.train,
        "predict": ranking.predict_ranking if ranked else prediction.predict_stage,
        "embed": ranking.embed_side if ranked else embedding.embed_stage,
        "score": scoring.score,
    }[stage.kind]
    while True:
        try:
            compute(stage, context, writing)
        except torch.OutOfMemoryError as error:
            context.halve_micro_batches(error)
            writing.facts["tokens_per_micro_batch"] = context.run.tokens_per_micro_batch
        else:
            return


def share_processors(workers: int) -> None:
    """Share the processors among the workers: more threads than processors only wait for one another."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, min(torch.get_num_threads(), processors // workers)))


def surroundings(run: RunSpec, device: torch.device) -> dict[str, Any]:
    """Return what stage.json says of where and how a stage ran."""
    return {"run": run.model_dump(mode="json"), "provenance": provenance(), "device": str(device)}


def quiet_transformers() -> None:
    """Keep load reports and progress bars off the display: what matters in them is checked in `engine.model`."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
