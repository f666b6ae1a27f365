"""PretrainSpec: what a pretraining asks, as frozen values."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from xstilts.frozen import Count, Frozen, Name

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")  # ids 0 to 3, as in XLM-R; <mask> has the last id
SMALLEST_VOCABULARY = 64


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | Path) else value


Folders = Annotated[tuple[Path, ...], BeforeValidator(_several)]


class GeneratedSpec(Frozen):
    """Text in constructed languages: their own, and translations of each other.

    Attributes:
        languages: codes, as `xstilts constructed list` shows them.
        size: lines, and as many translations, of a language whose resource is 1.
        domains: of the world that is spoken of.
        family: a file that declares more languages.

    """

    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    size: Count = 6_000
    domains: Annotated[tuple[Literal["village", "harbour"], ...], Field(min_length=1)] = ("village",)
    family: Path | None = None


class CorpusSpec(Frozen):
    """Raw text: folders of `<language>.txt` or `<language>.txt.gz`, one sentence or paragraph a line; or constructed languages.

    Attributes:
        text: folders whose files have nothing to do with one another.
        parallel: folders in which the same line of every file is the same sentence; an empty line is one that is missing.
        constructed: languages whose text is made.
        languages: file names without their ending; () takes all that the folders hold.
        pivot: the language that is in every pair of translations; None pairs all languages with each other.
        pivot_share: how many of the pairs have the pivot; the others are drawn from all the other pairs.
        alpha: a language, and a pair of languages, is drawn with p ~ n^alpha, n its lines (Conneau and Lample, 2019, 3.1).
        held_out: lines of each folder (of each file of a text folder) that are measured on and never trained on.
        limit: at most so many lines of a file, the first ones.

    """

    text: Folders = ()
    parallel: Folders = ()
    constructed: GeneratedSpec | None = None
    languages: tuple[str, ...] = ()
    pivot: str | None = None
    pivot_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    alpha: Annotated[float, Field(ge=0, le=1)] = 0.7
    held_out: Annotated[int, Field(ge=0, strict=True)] = 50
    limit: Count | None = None

    @field_validator("languages")
    @classmethod
    def _no_language_twice(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({language for language in languages if languages.count(language) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; remove one")
        return languages

    @model_validator(mode="after")
    def _some_folder(self) -> Self:
        if not self.text and not self.parallel and not self.constructed:
            raise ValueError(
                "name a folder under `text:`, one with translations under `parallel:`, or languages under `constructed:`"
            )
        if self.pivot_share < 1 and self.pivot is None:
            raise ValueError("`pivot_share` goes with `pivot:`, the language that this share of the pairs has")
        return self


class TokenizerSpec(Frozen):
    """A tokenizer to train (`kind`, `size`), or one that exists (`path`, a Hugging Face folder)."""

    kind: Literal["unigram", "bpe"] = "unigram"
    size: Annotated[int, Field(ge=SMALLEST_VOCABULARY, strict=True)] = 16_000
    path: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.path is not None and {"kind", "size"} & self.model_fields_set:
            raise ValueError("give `path:` (a tokenizer that exists), or `kind:` and `size:` (one to train), not both")
        return self


class SizeSpec(Frozen):
    """The shape of an encoder: width of a state, layers, attention heads, width of the feed-forward layer (4 x hidden)."""

    hidden: Count
    layers: Count
    heads: Count
    intermediate: Count | None = None

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden % self.heads:
            raise ValueError(f"`hidden: {self.hidden}` is no multiple of `heads: {self.heads}`; change one of them")
        return self


class ObjectiveSpec(Frozen):
    """What is predicted.

    Attributes:
        translation: share of the inputs that are a pair of translations (translation LM); the others are one line.
        mask_share: share of the sub-tokens that are to be predicted.
        restart_positions: count positions from the start again in the second sentence of a pair.
        joined_lines: consecutive lines that an input of masked LM holds, so that positions beyond a line are trained too.

    """

    translation: Annotated[float, Field(ge=0, le=1)] = 0.5
    mask_share: Annotated[float, Field(gt=0, lt=1)] = 0.3
    restart_positions: bool = True
    joined_lines: Count = Field(default=1, json_schema_extra={"older_runs": 1})


class LearningSpec(Frozen):
    """The settings of a pretraining run that change its weights.

    Attributes:
        updates: of the weights; 0 trains nothing and only measures.
        tokens: sub-tokens of one update, padding included.
        max_length: sub-tokens of one input; longer lines are cut into several, longer pairs are cut off.
        warmup: share of the updates in which the learning rate rises linearly.
        decay_from: share of the updates after which it falls linearly to 0.
        precision: of training; measuring is in float32.
        saved: precision of the weights in the folder.

    """

    updates: Annotated[int, Field(ge=0, strict=True)]
    tokens: Annotated[int, Field(ge=64, strict=True)] = 2048
    max_length: Annotated[int, Field(ge=16, le=8192, strict=True)] = 256
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    adam_betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.98)
    adam_epsilon: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 0.01
    warmup: Annotated[float, Field(ge=0, le=1)] = 0.05
    decay_from: Annotated[float, Field(ge=0, le=1)] = 0.3
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    precision: Literal["float32", "bfloat16"] = "float32"
    saved: Literal["float32", "float16"] = Field(default="float32", json_schema_extra={"older_runs": "float32"})

    @model_validator(mode="after")
    def _an_input_fits(self) -> Self:
        if self.max_length > self.tokens:
            raise ValueError(f"`tokens: {self.tokens}` of an update do not hold one input of `max_length: {self.max_length}`")
        return self


class InitSpec(Frozen):
    """Where the weights come from: random, with `mimetic` attention or without, or (`start`) an encoder that exists."""

    mimetic: bool = True
    start: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.start is not None and "mimetic" in self.model_fields_set:
            raise ValueError("`mimetic` is about random weights; with `start:` the weights exist. Remove one of the two")
        return self


class PretrainSpec(Frozen):
    """One encoder for each size and seed, trained on one corpus with one tokenizer."""

    name: Name
    corpus: CorpusSpec
    tokenizer: TokenizerSpec = TokenizerSpec()
    sizes: dict[Name, SizeSpec] = Field(default_factory=dict)
    objective: ObjectiveSpec = ObjectiveSpec()
    train: LearningSpec
    init: InitSpec = InitSpec()
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, strict=True)], ...], Field(min_length=1)] = (1,)

    @property
    def default_out(self) -> Path:
        """The store's folder when none is given, in the working directory."""
        return Path("runs") / self.name
