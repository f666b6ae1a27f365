"""A training run: the loop reads in order here."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from xstilts import mixture
from xstilts.engine.batches import collate, epoch_batches, micro_batches
from xstilts.engine.checkpoint import load_training_state, read_tensors, training_state, write_tensors
from xstilts.engine.model import HeadSpec, MultiHeadModel
from xstilts.engine.predict import Inference, Progress, logits_of, no_progress
from xstilts.engine.step import learning_rate, make_optimizer, train_step
from xstilts.engine.vocabulary import TrimmedVocabulary
from xstilts.fingerprint import key_of
from xstilts.kinds import Features, kind_functions
from xstilts.metrics import metric
from xstilts.metrics.squad2 import answered, best_thresholds
from xstilts.spec import Sampling, TrainSpec


@dataclass(frozen=True)
class TaskData:
    """What one task brings to a run.

    Attributes:
        head: its head.
        train: training examples.
        validation: of the source language; may be empty.
        metric: name of the scorer that picks the best checkpoint.
        language: of `validation`, for a metric whose rules depend on it.

    """

    head: HeadSpec
    train: Sequence[Any]
    validation: Sequence[Any]
    metric: str
    language: str | None = None


@dataclass(frozen=True)
class FitSpec:
    """How a run trains (`train`, `sampling`, `seed`: they change the weights) and works (the others: they do not)."""

    train: TrainSpec
    sampling: Sampling
    seed: int
    scratch: Path
    tokens_per_micro_batch: int
    checkpoint_seconds: float
    progress: Progress = no_progress


@dataclass
class Log:
    """What a run reports: kept in the checkpoint, so that a resumed run reports the same."""

    losses: list[list[float]] = field(default_factory=list)  # [update, mean loss per label in nats], one in `every` updates
    validation: list[dict[str, float]] = field(default_factory=list)  # update and the headline value of each task
    best_update: int | None = None
    best_value: float | None = None


def fit(model: MultiHeadModel, tasks: Sequence[TaskData], tokenizer: Any, spec: FitSpec) -> Log:
    """Train `model` in place, going on from the checkpoint in `spec.scratch` where there is one.

    Everything random follows from the seed and the number of the update, so a run that was interrupted ends with the same
    weights as one that was not.

    Raises:
        NonFiniteError: when a loss or gradient is not finite.

    """
    run = _Run(model, tasks, tokenizer, spec)
    run.resume()
    while run.update < run.total:
        epoch, position = divmod(run.update, run.per_epoch)
        for task, examples in run.batches(epoch)[position:]:
            run.step(task, examples)
            if run.update in (run.total, (epoch + 1) * run.per_epoch):
                run.validate()
            run.checkpoint_if_due()
            if run.update == run.total:
                break
    run.finish()
    return run.log


class _Run:
    """A run in progress: what the loop above reads and changes."""

    def __init__(self, model: MultiHeadModel, tasks: Sequence[TaskData], tokenizer: Any, spec: FitSpec) -> None:
        self.model, self.tasks, self.spec = model, tasks, spec
        self.padding: int = tokenizer.pad_token_id
        self.train = [_by_example(_encode(task, task.train, tokenizer, spec)) for task in tasks]
        self.validation = [_encode(task, task.validation, tokenizer, spec) for task in tasks]
        everything = [
            *(f for task in self.train for example in task for f in example),
            *(f for t in self.validation for f in t),
        ]
        self.vocabulary = TrimmedVocabulary(model.main.base_model, {i for f in everything for i in f.ids}, self.padding)
        self.lengths = [[max(len(f.ids) for f in example) for example in task] for task in self.train]
        self.counts = mixture.quotas([len(task) for task in self.train], spec.sampling)
        self.per_epoch = mixture.batches_per_epoch(self.counts, spec.train.batch_size)
        self.total = mixture.total_updates(self.counts, spec.train.batch_size, spec.train.epochs)
        self.device = next(model.parameters()).device
        self.dtype = torch.bfloat16 if spec.train.precision == "bfloat16" else torch.float32
        self.parameters = list(model.parameters())
        self.optimizer = make_optimizer(
            list(model.named_parameters()),
            learning_rate=spec.train.learning_rate,
            weight_decay=spec.train.weight_decay,
            betas=spec.train.adam_betas,
            epsilon=spec.train.adam_epsilon,
        )
        self.log, self.update = Log(), 0
        self.saved = time.monotonic()
        model.shorten()
        model.train()

    def batches(self, epoch: int) -> list[tuple[int, list[int]]]:
        return epoch_batches(self.lengths, self.counts, self.spec.train.batch_size, self.spec.seed, epoch)

    def step(self, task: int, examples: Sequence[int]) -> None:
        train, name = self.spec.train, self.tasks[task].head.task
        inputs = [self.train[task][example] for example in examples]
        batches = [
            collate([inputs[i] for i in run], name, self.padding, self.vocabulary.renumber).to(self.device)
            for run in micro_batches(inputs, self.spec.tokens_per_micro_batch)
        ]
        rate = learning_rate(self.update, self.total, peak=train.learning_rate, warmup=train.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(int(key_of([self.spec.seed, self.update]), 16) % 2**63)  # dropout: the same after a resume
        loss = train_step(
            self.model, self.parameters, self.optimizer, batches, max_grad_norm=train.max_grad_norm, dtype=self.dtype
        )
        self.update += 1
        if self.update % max(1, self.total // 200) == 0 or self.update == self.total:
            self.log.losses.append([self.update, loss])
        self.spec.progress(self.update, self.total, loss)

    def validate(self) -> None:
        """Score the source language's validation split; keep the weights when their mean value is the best so far."""
        if self.spec.train.checkpoint != "best" or not any(self.validation):
            return
        values = {
            task.head.task: self._score(task, features)
            for task, features in zip(self.tasks, self.validation, strict=True)
            if features
        }
        self.log.validation.append({"update": self.update, **values})
        mean = sum(values.values()) / len(values)
        if self.log.best_value is None or mean > self.log.best_value:
            self.log.best_update, self.log.best_value = self.update, mean
            weights = {name: p.detach().contiguous() for name, p in self.model.named_parameters()}
            write_tensors(self.spec.scratch / "best.safetensors", weights, {"update": self.update})
            self.saved = float("-inf")  # the checkpoint must know of it

    def _score(self, task: TaskData, features: list[Features]) -> float:
        how = Inference(self.padding, self.spec.tokens_per_micro_batch, self.dtype, self.vocabulary.renumber)
        logits = logits_of(self.model, features, task.head.task, how)
        kind, scorer = kind_functions(task.head.kind), metric(task.metric)
        found = kind.decode(features, logits, task.head.labels)
        gold, predicted = [kind.gold(example) for example in task.validation], [one.predicted for one in found]
        if scorer.name == "squad2":
            null = [one.null_difference for one in found if one.null_difference is not None]
            predicted = answered(predicted, null, best_thresholds(gold, predicted, null)["best_f1_thresh"])
        return scorer.compute(gold, predicted, language=task.language)[scorer.headline]

    def checkpoint_if_due(self) -> None:
        if time.monotonic() - self.saved >= self.spec.checkpoint_seconds and self.update < self.total:
            facts = {"update": self.update, "log": vars(self.log)}
            write_tensors(self.spec.scratch / "state.safetensors", training_state(self.model, self.optimizer), facts)
            self.saved = time.monotonic()

    def resume(self) -> None:
        found = read_tensors(self.spec.scratch / "state.safetensors")
        if found:
            tensors, facts = found
            load_training_state(self.model, self.optimizer, tensors)
            self.update, self.log = facts["update"], Log(**facts["log"])
            self.spec.progress(self.update, self.total)

    def finish(self) -> None:
        """Leave the chosen weights in the model, with the full vocabulary."""
        reached = self.total
        if self.log.best_update is not None:
            found = read_tensors(self.spec.scratch / "best.safetensors")
            assert found is not None, "the best weights are written before the log names them"
            with torch.no_grad():
                for name, parameter in self.model.named_parameters():
                    parameter.copy_(found[0][name])
            reached = self.log.best_update
        train, decay = self.spec.train, 1.0
        for update in range(reached):
            decay *= 1 - train.weight_decay * learning_rate(update, self.total, peak=train.learning_rate, warmup=train.warmup)
        self.vocabulary.restore(decay)


def _encode(task: TaskData, examples: Sequence[Any], tokenizer: Any, spec: FitSpec) -> list[Features]:
    return kind_functions(task.head.kind).encode(examples, tokenizer, task.head.labels, spec.train.max_length)


def _by_example(features: Sequence[Features]) -> list[list[Features]]:
    """Group the inputs of each example."""
    return [list(inputs) for _, inputs in groupby(features, key=lambda feature: feature.example)]
