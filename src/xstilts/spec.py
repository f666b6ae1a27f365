"""Encoder, Phase, TrainSpec, StudySpec, RunSpec: what a study asks, as frozen values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from xstilts.claim_spec import Claim
from xstilts.fingerprint import canonical_json
from xstilts.frozen import Count, Frozen, Name

SOURCE_LANGUAGE = "eng_Latn"
BASELINE = "baseline"  # how the empty intermediate is called in messages; in a study it may have any name
FLOOR = "random-initialisation"  # in the column `intermediate`: the encoder's shape with random weights

Model = TypeVar("Model", bound=Frozen)


def keyed(value: Frozen) -> dict[str, Any]:
    """Return a model's fields as they stand in keys.

    A field that is added when results exist notes what runs did before it: `Field(..., json_schema_extra={"older_runs": x})`.
    Where it has this value it stands in no key, so that older results stay valid. Its default may be another.
    """
    older = _older_runs(type(value))
    fields = value.model_dump(mode="json")
    return {n: v for n, v in fields.items() if n not in older or canonical_json(v) != canonical_json(older[n])}


def from_keyed(kind: type[Model], fields: Mapping[str, Any]) -> Model:
    """Return the model whose fields `keyed` gave."""
    return kind.model_validate({**_older_runs(kind), **fields})


def _older_runs(kind: type[Frozen]) -> dict[str, Any]:
    notes = {name: info.json_schema_extra for name, info in kind.model_fields.items()}
    return {name: note["older_runs"] for name, note in notes.items() if isinstance(note, dict) and "older_runs" in note}


class Encoder(Frozen):
    """A pretrained multilingual encoder: a local Hugging Face folder, or a hub id with its commit.

    `pretraining_languages` says what its text was written in, for the groups "seen" and "unseen". It is in no key: the
    planner takes an encoder's identity from its files.
    """

    path: Path | None = None
    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    pretraining_languages: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError(
                "give either `path:` (a Hugging Face folder) or `hub:` (an id such as FacebookAI/xlm-roberta-base)"
            )
        if self.hub is not None and self.revision is None:
            raise ValueError(
                f"`hub: {self.hub}` needs `revision:`, the 40-digit commit shown under 'Files and versions' on its page: "
                "a branch may change and then old results would stand for another model"
            )
        if self.path is not None and self.revision is not None:
            raise ValueError("`revision:` goes with `hub:`; a folder is identified by its content")
        return self


class Sampling(Frozen):
    """How often each task of a mixture is drawn: p ~ min(n, cap), p ~ n^(1/temperature), or uniform."""

    method: Literal["proportional", "temperature", "uniform"] = "proportional"
    cap: Count | None = None
    temperature: Annotated[float, Field(ge=1.0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        """Read `uniform`, `{proportional: {cap: 1000}}` and `{temperature: 2.0}`."""
        if isinstance(value, str):
            return {"method": value}
        if isinstance(value, dict) and len(value) == 1 and not {"method", "cap"} & value.keys():
            ((method, setting),) = value.items()
            if isinstance(setting, dict):
                return {"method": method, **setting}
            return {"method": method, ("temperature" if method == "temperature" else "cap"): setting}
        return value

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        if (self.method == "temperature") != (self.temperature is not None):
            raise ValueError("`temperature` sampling needs a number: {temperature: 2.0}; other methods take none")
        if self.cap is not None and self.method != "proportional":
            raise ValueError("`cap` goes with proportional sampling: {proportional: {cap: 131072}}")
        return self


def _phase_from_name(value: Any) -> Any:
    return {"mix": [value]} if isinstance(value, str) else value


class Phase(Frozen):
    """One training run on a mixture of tasks."""

    mix: Annotated[tuple[str, ...], Field(min_length=1)]
    sampling: Sampling = Sampling()

    @field_validator("mix")
    @classmethod
    def _no_task_twice(cls, mix: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({task for task in mix if mix.count(task) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice in one mixture; weigh tasks with `sampling` instead")
        return mix

    @property
    def name(self) -> str:
        """The tasks joined with `+`, as used in `overrides`."""
        return "+".join(self.mix)


PhaseOrName = Annotated[Phase, BeforeValidator(_phase_from_name)]


class TrainSpec(Frozen):
    """The settings of a training run that change its weights. Defaults: the published ones of Phang et al. (2020).

    Attributes:
        epochs: passes over the data; a fraction is allowed.
        batch_size: examples of one update, whatever micro-batches the device works in.
        max_length: sub-tokens of one input, special ones included.
        warmup: share of the updates in which the learning rate rises linearly; then it falls linearly to 0.
        checkpoint: keep the `best` weights by the source language's validation split (at the end of each epoch), or the `last`.

    """

    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 1e-5
    epochs: Annotated[float, Field(gt=0, le=10_000)] = 2
    batch_size: Count = 32
    max_length: Annotated[int, Field(ge=8, le=8192, strict=True)] = 256
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    warmup: Annotated[float, Field(ge=0, le=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 0.01
    adam_betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    adam_epsilon: Annotated[float, Field(gt=0, lt=1)] = 1e-8
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    checkpoint: Literal["best", "last"] = "best"


class Limit(Frozen):
    """At most so many examples of a split: the first ones of a shuffle that is the same for every seed and language."""

    train: Count | None = None
    evaluate: Count | None = None


class DataSpec(Frozen):
    """Where rows are read: the hub at pinned revisions, or a mirror folder with the hub's columns.

    Attributes:
        mirror: folder with `mirror.yaml` (see docs/file_formats.md); None reads the hub.
        local: such a folder for what is not on the hub (CCGbank), beside the hub or another mirror.
        on_bad_row: `stop` with file and row, or `skip` and count it in the results.
        revisions: dataset id -> commit, to read another revision than the task declares.

    """

    mirror: Path | None = None
    local: Path | None = None
    on_bad_row: Literal["stop", "skip"] = "stop"
    revisions: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]] = {}


class RetrievalSpec(Frozen):
    """How sentences are turned into vectors and compared.

    Attributes:
        layers: hidden states to score (0 = embeddings); `middle` is 14/24 of the depth, the layer of XLM-R Large that the
            paper's authors used; `all` scores each.
        centred: subtract each language's mean vector first (`both` gives both rows).
        similarity: cosine, or the ratio margin over 4 neighbours (Artetxe and Schwenk, 2019); BUCC always uses the margin.
        floor: add the same encoder with random weights as a reference row.
        partners: of a parallel text (FLORES-200): the languages that each language is compared with; None is the source
            language, `all` every other language of the study.

    """

    layers: Literal["middle", "all"] | tuple[Annotated[int, Field(ge=0, strict=True)], ...] = "middle"
    pooling: Literal["mean"] = "mean"
    centred: bool | Literal["both"] = False
    similarity: Literal["cosine", "margin"] = "cosine"
    max_length: Annotated[int, Field(ge=8, le=8192, strict=True)] = 512
    floor: bool = True
    partners: Literal["all"] | Annotated[tuple[str, ...], Field(min_length=1)] | None = None


class OwnData(Frozen):
    """The files of an own task: language, in any spelling, -> file of each split."""

    train: dict[str, Path] = {}
    validation: dict[str, Path] = {}
    test: dict[str, Path] = {}


class OwnTask(Frozen):
    """A task whose data are the user's files (docs/own_tasks.md).

    Attributes:
        columns: role -> column of the files, or columns; a role that is left out is the name of its column.
        labels: classes or tags; empty for those of the training examples.
        metric: None for the kind's usual one.
        train_from: task whose training data it is trained on as a target, in place of its own.

    """

    kind: Literal["classification", "multiple_choice", "tagging", "span", "retrieval"]
    data: OwnData
    columns: dict[str, str | Count | tuple[str, ...]] = {}
    labels: tuple[str, ...] = ()
    metric: str | None = None
    train_from: str | None = None


class StudySpec(Frozen):
    """The grid encoders x intermediates x targets x seeds, and how it is trained and measured.

    Attributes:
        targets: names of tasks; `load_study` puts a benchmark's tasks in its place.
        benchmarks: the benchmarks that a study file names among its targets; set by `load_study`, never written there.
        claims: what is said of its results; `xstilts claims` checks them. In no key.

    """

    name: Name
    encoders: Annotated[dict[Name, Encoder], Field(min_length=1)]
    tasks: dict[Name, OwnTask] = {}
    intermediates: Annotated[dict[Name, tuple[PhaseOrName, ...]], Field(min_length=1)]
    targets: Annotated[tuple[str, ...], Field(min_length=1)]
    benchmarks: tuple[str, ...] = ()
    languages: dict[str, tuple[str, ...]] = {}
    source: str = SOURCE_LANGUAGE
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, strict=True)], ...], Field(min_length=1)]
    train: TrainSpec = TrainSpec()
    overrides: dict[str, dict[str, Any]] = {}
    limit: Limit = Limit()
    retrieval: RetrievalSpec = RetrievalSpec()
    data: DataSpec = DataSpec()
    claims: tuple[Claim, ...] = ()

    @property
    def baseline(self) -> str:
        """The name of the empty intermediate; `load_study` guarantees exactly one."""
        return next(name for name, phases in self.intermediates.items() if not phases)

    @property
    def default_out(self) -> Path:
        """The store's folder when none is given, in the working directory."""
        return Path("runs") / self.name

    def settings(self, role: Literal["target", "intermediate"], name: str) -> TrainSpec:
        """Return the settings of one training run: `train`, then overrides for its role, then for its name."""
        changes = {**self.overrides.get(role, {}), **self.overrides.get(f"{role}/{name}", {})}
        return TrainSpec.model_validate({**self.train.model_dump(), **changes})


class RunSpec(Frozen):
    """Where and how a study runs. Nothing of it is in a key: it must not change a result.

    Attributes:
        out: the store's folder.
        workers: processes that share the work through the store's locks.
        tokens_per_micro_batch: padded sub-tokens the device works on at a time; None takes what suits it.
        keep: which checkpoints stay once their predictions exist: `all`; `shared`, those that other training starts from,
            and the leaves as far as `leaf_gigabytes` allows; `none`.
        leaf_gigabytes: how much disk the checkpoints that only serve for predictions may take (10^9 bytes).
        checkpoint_seconds: how much work a killed run may lose inside a training stage.

    """

    out: Path
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    workers: Count = 1
    tokens_per_micro_batch: Count | None = None
    keep: Literal["all", "shared", "none"] = "shared"
    leaf_gigabytes: Annotated[float, Field(ge=0)] = 20.0
    checkpoint_seconds: Annotated[float, Field(ge=0)] = 60.0
