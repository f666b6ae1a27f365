"""A pretraining run: the loop reads in order here, and so does what is measured at its end."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from xstilts.engine.checkpoint import load_training_state, read_tensors, training_state, write_tensors
from xstilts.engine.corpus import Measured
from xstilts.engine.corpus_batches import Draw, Group, Schedule, Sentences
from xstilts.engine.predict import Progress, no_progress
from xstilts.engine.step import learning_rate, make_optimizer, train_step
from xstilts.fingerprint import key_of
from xstilts.objectives.masked_lm import Input, MaskedBatch, MaskedModel, Vocabulary, masked_batch, single
from xstilts.objectives.translation_lm import pair
from xstilts.pretrain_spec import LearningSpec, ObjectiveSpec

POINTS = 200  # of the loss curve
MEASURED_TOKENS = 1024  # in one batch of held-out inputs, on every device: which sub-tokens are masked depends on it


@dataclass(frozen=True)
class RunSettings:
    """How a run trains (`train`, `objective`, `seed`) and works (the others).

    Where `tokens_per_micro_batch` cuts an update, it decides which sub-tokens are masked, as another seed would.
    """

    train: LearningSpec
    objective: ObjectiveSpec
    seed: int
    scratch: Path
    tokens_per_micro_batch: int
    checkpoint_seconds: float
    progress: Progress = no_progress


@dataclass
class Log:
    """What a run reports: kept in the checkpoint, so that a resumed run reports the same."""

    losses: list[list[float]] = field(default_factory=list)  # [update, mean loss since the last point, in nats]
    tokens: int = 0  # sub-tokens read, padding not counted
    open: list[float] = field(default_factory=list)  # losses since the last point


@dataclass(frozen=True)
class Joiner:
    """Puts special tokens around sentences: ids of the first and of the last one, and whether positions restart."""

    begin: int
    end: int
    restart: bool

    def join(self, sentences: Sentences, *, swapped: bool = False) -> Input:
        """Return the input of a line or of a pair."""
        if len(sentences) == 1:
            return single(sentences[0], self.begin, self.end)
        first, second = reversed(sentences) if swapped else sentences
        return pair(first, second, self.begin, self.end, restart=self.restart)


def pretrain(model: Any, groups: Sequence[Group], vocabulary: Vocabulary, joiner: Joiner, how: RunSettings) -> Log:
    """Train a masked-LM model in place, going on from the checkpoint in `how.scratch` where there is one.

    Everything random follows from the seed and the number of the update.

    Raises:
        NonFiniteError: when a gradient is not finite.

    """
    device, train = next(model.parameters()).device, how.train
    dtype = torch.bfloat16 if train.precision == "bfloat16" else torch.float32
    parameters = list(model.parameters())
    optimizer = make_optimizer(
        list(model.named_parameters()),
        learning_rate=train.learning_rate,
        weight_decay=train.weight_decay,
        betas=train.adam_betas,
        epsilon=train.adam_epsilon,
    )
    update, log = _resume(model, optimizer, how)
    saved = time.monotonic()
    model.train()
    if update == train.updates:
        return log
    for draws in Schedule(groups, train.tokens, how.seed).updates(update):
        batches = [batch.to(device) for batch in _batches(draws, vocabulary, joiner, how, update)]
        _set_rate(optimizer, update, train)
        torch.manual_seed(_seed("dropout", how.seed, update))  # an encoder under `init.start` may have dropout
        loss = train_step(MaskedModel(model), parameters, optimizer, batches, max_grad_norm=train.max_grad_norm, dtype=dtype)
        update += 1
        _note(log, update, loss, draws, train.updates)
        how.progress(update, train.updates, loss)
        if update == train.updates:
            break
        if time.monotonic() - saved >= how.checkpoint_seconds:
            facts = {"update": update, "log": vars(log)}
            write_tensors(how.scratch / "state.safetensors", training_state(model, optimizer), facts)
            saved = time.monotonic()
    return log


def _resume(model: Any, optimizer: torch.optim.Optimizer, how: RunSettings) -> tuple[int, Log]:
    found = read_tensors(how.scratch / "state.safetensors")
    if not found:
        return 0, Log()
    tensors, facts = found
    load_training_state(model, optimizer, tensors)
    how.progress(facts["update"], how.train.updates)
    return facts["update"], Log(**facts["log"])


def _set_rate(optimizer: torch.optim.Optimizer, update: int, train: LearningSpec) -> None:
    rate = learning_rate(update, train.updates, peak=train.learning_rate, warmup=train.warmup, decay_from=train.decay_from)
    for group in optimizer.param_groups:
        group["lr"] = rate


def _note(log: Log, update: int, loss: float, draws: Sequence[Draw], total: int) -> None:
    log.tokens += sum(draw.length for draw in draws)
    log.open.append(loss)
    if update % max(1, total // POINTS) == 0 or update == total:
        log.losses.append([update, sum(log.open) / len(log.open)])
        log.open = []


def _batches(draws: Sequence[Draw], vocabulary: Vocabulary, joiner: Joiner, how: RunSettings, update: int) -> list[MaskedBatch]:
    """Join and mask the inputs of one update, and cut them into micro-batches."""
    generator = torch.Generator().manual_seed(_seed("masks", how.seed, update))
    rows = max(1, how.tokens_per_micro_batch // draws[0].length)  # the longest comes first
    inputs = [joiner.join(draw.sentences, swapped=draw.swapped) for draw in draws]
    share = how.objective.mask_share
    return [masked_batch(inputs[at : at + rows], vocabulary, share, generator) for at in range(0, len(inputs), rows)]


def _seed(what: str, *numbers: int) -> int:
    return int(key_of([what, *numbers]), 16) % 2**63


@torch.inference_mode()
def measure(
    model: Any, held_out: Mapping[str, Measured], vocabulary: Vocabulary, joiner: Joiner, *, share: float
) -> dict[str, dict[str, float]]:
    """Return language -> per cent of masked sub-tokens that are predicted right, and of how many.

    `masked` is over lines on their own. `translated` is over lines beside their translation, which is whole. Which
    sub-tokens are masked depends on the language and the lines alone.
    """
    model.eval()
    found: dict[str, dict[str, float]] = {}
    for language, inputs in held_out.items():
        lines = [joiner.join(one) for one in inputs.lines]
        pairs = [replace(joiner.join(one), maskable_from=len(one[0]) + 2) for one in inputs.pairs]
        found[language] = {}
        for name, joined in (("masked", lines), ("translated", pairs)):
            right, count = _right(model, joined, vocabulary, share)
            if count:
                found[language] |= {name: 100 * right / count, f"{name}_n": count}
    return found


def _right(model: Any, inputs: Sequence[Input], vocabulary: Vocabulary, share: float) -> tuple[int, int]:
    """Return how many masked sub-tokens are predicted right, and how many there are."""
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(0)
    masked, right, count = MaskedModel(model), 0, 0
    left = sorted(inputs, key=lambda one: -len(one.ids))
    while left:
        rows = max(1, MEASURED_TOKENS // len(left[0].ids))
        batch = masked_batch(left[:rows], vocabulary, share, generator).to(device)
        right += int((masked.predicted(batch) == batch.labels).sum())
        count += batch.num_labels
        left = left[rows:]
    return right, count
