"""Train a tokenizer; pretrain an encoder with it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from xstilts.data.corpus import Lines, read_lines
from xstilts.encoder import TOKENIZER
from xstilts.engine.checkpoint import system_errors
from xstilts.engine.corpus import Encoded, encode_corpus, vocabulary_of
from xstilts.engine.corpus_batches import shares
from xstilts.engine.model import concrete_class, device_of, from_weights, read_weights, refuse_missing, suitable_tokens
from xstilts.engine.new_encoder import new_encoder
from xstilts.engine.predict import Progress, no_progress
from xstilts.engine.pretrain import Joiner, Log, RunSettings, measure, pretrain
from xstilts.engine.step import NonFiniteError
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.engine.train_tokenizer import train_tokenizer, write_tokenizer
from xstilts.errors import DataError, EncoderError, TrainingFailedError
from xstilts.fingerprint import key_of
from xstilts.objectives.masked_lm import FIRST_POSITION
from xstilts.pretrain_plan import PretrainPlan
from xstilts.pretrain_spec import LearningSpec, ObjectiveSpec, SizeSpec
from xstilts.spec import RunSpec, from_keyed
from xstilts.stage import Stage
from xstilts.stages import quiet_transformers, share_processors, surroundings
from xstilts.store import Store, Writing, write_json


@dataclass
class Pretraining:
    """What the stages of a pretraining are run with."""

    plan: PretrainPlan
    store: Store
    run: RunSpec
    progress: Progress = no_progress

    def __post_init__(self) -> None:
        """Share the processors among the workers."""
        share_processors(self.run.workers)

    @property
    def device(self) -> torch.device:
        """The device this process works on."""
        return device_of(self.run.device)

    def lines(self) -> list[Lines]:
        """Return the corpus."""
        corpus = self.plan.spec.corpus
        return [read_lines(folder, held_out=corpus.held_out, limit=corpus.limit) for folder in self.plan.folders]

    @property
    def tokens(self) -> int:
        """How many padded sub-tokens the device trains on at a time."""
        return self.run.tokens_per_micro_batch or suitable_tokens(self.device, training=True)

    def tokenizer_folder(self, stage: Stage) -> Path:
        """Return where the tokenizer of an encoder lies."""
        spec = self.plan.spec
        if stage.inputs:
            return self.store.folder(self.plan.stages[stage.inputs[0]])
        found = spec.init.start or spec.tokenizer.path
        assert found is not None, "without a tokenizer stage the file names a folder"
        return found

    def execute(self, stage: Stage, writing: Writing) -> None:
        """Compute one stage into `writing.folder`.

        Raises:
            XstiltsError: when its corpus, encoder or training fails; the folder is then not completed.

        """
        writing.facts |= surroundings(self.run, self.device)
        quiet_transformers()
        {"tokenizer": self._tokenizer, "pretrain": self._pretrain}[stage.kind](stage, writing)

    def _tokenizer(self, stage: Stage, writing: Writing) -> None:
        """Write tokenizer.json and tokenizer_config.json."""
        value = stage.canonical
        lines = list(_balanced(self.lines(), value["corpus"]["alpha"]))
        if not lines:
            raise _lacking(self.plan, "a line with text")
        tokenizer = train_tokenizer(lines, value["kind"], value["size"])
        write_tokenizer(tokenizer, writing.folder)
        writing.facts |= {"lines": len(lines), "pieces": tokenizer.get_vocab_size()}

    def _pretrain(self, stage: Stage, writing: Writing) -> None:
        """Write a Hugging Face folder with `training.json`: losses, and what held-out lines show."""
        value = stage.canonical
        train, objective = from_keyed(LearningSpec, value["train"]), from_keyed(ObjectiveSpec, value["objective"])
        source = self.tokenizer_folder(stage)
        tokenizer = open_tokenizer(source)
        _check_special(source, tokenizer)
        model = self._model(value, len(tokenizer), train).to(self.device)
        limit = min(train.max_length, model.config.max_position_embeddings - 2)
        corpus = encode_corpus(self.lines(), tokenizer, self.plan.spec.corpus, objective, limit)
        _check(corpus, self.plan)
        vocabulary = vocabulary_of(tokenizer, model.config.vocab_size)
        joiner = Joiner(tokenizer.bos_token_id, tokenizer.eos_token_id, objective.restart_positions)
        how = RunSettings(
            train, objective, value["seed"], writing.scratch, self.tokens, self.run.checkpoint_seconds,
            self.progress,
        )  # fmt: skip
        try:
            log: Log = pretrain(model, corpus.groups, vocabulary, joiner, how)
        except NonFiniteError as error:
            raise TrainingFailedError(_diverged(stage, error, train)) from error
        except torch.OutOfMemoryError as error:
            raise TrainingFailedError(
                f"{self.device} has too little memory for {how.tokens_per_micro_batch} sub-tokens at a time ({error}). Give a "
                "smaller number with `--tokens-per-micro-batch`."
            ) from error
        if train.saved == "float16":
            model.half().float()  # so that what is measured is what is saved
        held_out = measure(model, corpus.held_out, vocabulary, joiner, share=objective.mask_share)
        with system_errors(writing.folder):
            model.to("cpu", torch.float16 if train.saved == "float16" else None).save_pretrained(writing.folder)
        _copy_tokenizer(source, writing.folder, model.config.max_position_embeddings - 2)
        write_json(writing.folder / "training.json", {"losses": log.losses, "tokens": log.tokens, "held_out": held_out})
        writing.facts |= {"updates": train.updates, "tokens": log.tokens}

    def _model(self, value: dict[str, Any], vocabulary: int, train: LearningSpec) -> Any:
        """Return the masked-LM model that training begins with."""
        start, seed = value["start"], int(key_of(["weights", value["seed"]]), 16) % 2**63
        if "size" in start:
            size = from_keyed(SizeSpec, start["size"])
            return new_encoder(size, vocabulary=vocabulary, max_length=train.max_length, mimetic=start["mimetic"], seed=seed)
        from transformers import AutoConfig

        folder = self.plan.spec.init.start
        assert folder is not None, "the plan took it from there"
        config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        config.dtype = torch.float32
        model_class = concrete_class("AutoModelForMaskedLM", config)
        torch.manual_seed(seed)  # a head that the folder lacks is random
        model, missing = from_weights(model_class, config, read_weights(folder))
        prefix = f"{model_class.base_model_prefix}."
        refuse_missing(folder, model_class, [name.removeprefix(prefix) for name in missing if name.startswith(prefix)])
        return model


def _balanced(folders: Sequence[Lines], alpha: float) -> Iterator[str]:
    """Yield as many lines as there are, of each language p ~ n^alpha of them, so that small ones get pieces of their own."""
    languages = sorted({language for folder in folders for language in folder.train})
    lines = {
        language: [line for line in chain.from_iterable(f.train.get(language, ()) for f in folders) if line]
        for language in languages
    }
    languages = [language for language in languages if lines[language]]
    sizes = [len(lines[language]) for language in languages]
    for language, share in zip(languages, shares(sizes, alpha, sum(sizes)), strict=True):
        have = lines[language]
        yield from (have[i % len(have)] for i in range(round(share)))


def _check(corpus: Encoded, plan: PretrainPlan) -> None:
    translation = plan.spec.objective.translation
    pairs = any(len(group.inputs[0]) > 1 for group in corpus.groups)
    if not corpus.groups or (translation > 0 and not pairs):
        what = "a line with a translation" if corpus.groups or translation == 1 else "a line with text"
        raise _lacking(plan, what)


def _lacking(plan: PretrainPlan, what: str) -> DataError:
    return DataError(f"the corpus of {plan.name} lacks {what}. Name folders that have some, or change `objective`.")


def _check_special(source: Path, tokenizer: Any) -> None:
    """Refuse a tokenizer that RoBERTa's layout has no place for: positions are counted from the padding's id."""
    names = ("bos_token", "pad_token", "eos_token", "mask_token")
    found = {name: getattr(tokenizer, f"{name}_id") for name in names}
    if found["pad_token"] != FIRST_POSITION - 1 or None in found.values():
        told = ", ".join(f"{name} {number}" for name, number in found.items())
        raise EncoderError(
            f"the tokenizer in {source} has the special ids {told}; an encoder in RoBERTa's layout needs each of them, "
            f"and pad_token {FIRST_POSITION - 1}. Name another tokenizer, or train one."
        )


def _diverged(stage: Stage, error: NonFiniteError, train: LearningSpec) -> str:
    return (
        f"{stage.title} failed: {error}. Lower `train.learning_rate` (now {train.learning_rate:g}) or raise "
        "`train.warmup`, and run again."
    )


def _copy_tokenizer(source: Path, folder: Path, longest: int) -> None:
    """Copy a tokenizer's files; of one that was trained here the longest input becomes the encoder's."""
    for path in sorted({path for pattern in TOKENIZER for path in source.glob(pattern)}):
        shutil.copyfile(path, folder / path.name)
    config = folder / "tokenizer_config.json"
    if config.is_file():
        settings = json.loads(config.read_bytes())
        config.write_text(json.dumps({**settings, "model_max_length": longest}, indent=1) + "\n")
