"""The stages of a pretraining: a tokenizer, and one encoder for each size and seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.constructed.language import find
from xstilts.data.corpus import READER, Texts, text_folder
from xstilts.data.generated_text import GeneratedText
from xstilts.digests import sha256
from xstilts.encoder import TOKENIZER, identify
from xstilts.family_file import load_family
from xstilts.fingerprint import key_of
from xstilts.plan import children_of
from xstilts.pretrain_spec import CorpusSpec, PretrainSpec
from xstilts.spec import Encoder, keyed
from xstilts.stage import Stage
from xstilts.store import Store

STARTED = "start"  # how the one size is called when training goes on from an encoder


@dataclass(frozen=True)
class PlannedEncoder:
    """One encoder that a pretraining makes: name of its size, seed, stage."""

    size: str
    seed: int
    stage: Stage


@dataclass(frozen=True)
class PretrainPlan:
    """The stages of a pretraining, each once, inputs first.

    Attributes:
        folders: what the corpus reads.
        encoders: one for each size and seed.

    """

    spec: PretrainSpec
    stages: Mapping[str, Stage]
    folders: tuple[Texts, ...]
    encoders: tuple[PlannedEncoder, ...]

    @property
    def name(self) -> str:
        """The pretraining's."""
        return self.spec.name

    @property
    def languages(self) -> list[str]:
        """All languages of the corpus."""
        return sorted({language for folder in self.folders for language in folder.languages})

    def todo(self, store: Store) -> list[Stage]:
        """Return the stages to run, inputs first."""
        return [stage for stage in self.stages.values() if self.needed(stage, store)]

    def needed(self, stage: Stage, store: Store) -> bool:
        """Return whether one stage is to run: an encoder that is missing, a tokenizer that a missing encoder needs."""
        if store.state(stage) == "done":
            return False
        return stage.kind == "pretrain" or any(self.needed(child, store) for child in self.children[stage.key])

    def amount(self, stage: Stage) -> float | None:  # noqa: ARG002
        """Return None: sub-tokens of encoders of different sizes take different times."""
        return None

    @cached_property
    def children(self) -> Mapping[str, list[Stage]]:
        """Key of a stage -> the stages that have it as an input."""
        return children_of(self.stages)


def make_pretrain_plan(spec: PretrainSpec) -> PretrainPlan:
    """Return the plan of a pretraining whose folders `load_pretraining` has found.

    Raises:
        EncoderError: when the encoder under `init.start` cannot be opened.

    """
    corpus = spec.corpus
    folders = tuple(_texts(corpus))
    text: dict[str, Any] = {
        "reader": READER,
        "folders": [folder.identity for folder in folders],
        "alpha": corpus.alpha,
        "held_out": corpus.held_out,
        "limit": corpus.limit,
    }
    stages: dict[str, Stage] = {}
    tokenizer: dict[str, Any]
    starts: dict[str, dict[str, Any]]
    inputs: tuple[str, ...] = ()
    if spec.init.start is not None:
        identity = identify(Encoder(path=spec.init.start))
        tokenizer, starts = {"fingerprint": identity.tokenizer}, {STARTED: {"encoder": identity.weights}}
    else:
        starts = {name: {"size": keyed(size), "mimetic": spec.init.mimetic} for name, size in spec.sizes.items()}
        if spec.tokenizer.path is not None:
            tokenizer = {"content": _content(spec.tokenizer.path)}
        else:
            stage = Stage("tokenizer", {"corpus": text, "kind": spec.tokenizer.kind, "size": spec.tokenizer.size})
            stages[stage.key] = stage
            tokenizer, inputs = {"tokenizer": stage.key}, (stage.key,)
    shared = {
        "corpus": {**text, "pivot": corpus.pivot, "pivot_share": corpus.pivot_share},
        "tokenizer": tokenizer,
        "objective": keyed(spec.objective),
        "train": keyed(spec.train),
    }
    encoders = tuple(
        PlannedEncoder(name, seed, Stage("pretrain", {**shared, "start": start, "seed": seed}, inputs))
        for name, start in starts.items()
        for seed in spec.seeds
    )
    stages |= {planned.stage.key: planned.stage for planned in encoders}
    return PretrainPlan(spec, stages, folders, encoders)


def _texts(corpus: CorpusSpec) -> Iterator[Texts]:
    for path in corpus.text:
        yield text_folder(path, corpus.languages, parallel=False)
    for path in corpus.parallel:
        yield text_folder(path, corpus.languages, parallel=True)
    if (made := corpus.constructed) is not None:
        chosen = find(made.languages, load_family(made.family))
        for parallel in (False, True):
            yield GeneratedText(chosen, made.size, made.domains, parallel)


def _content(folder: Path) -> str:
    """Return the hash of a tokenizer's files."""
    files = sorted({path for pattern in TOKENIZER for path in folder.glob(pattern)})
    return key_of({path.name: sha256(path) for path in files})
