"""Claim: a statement about a study's results as a value: which effect, what is expected of it, who says so."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from xstilts.frozen import Count, Frozen

BEST = "best"  # in place of an intermediate: of each target the one with the highest mean
MARGIN = 1.0  # points within which `none` counts as none, as in `xstilts gains`
Margin = Annotated[float, Field(ge=0)]
GROUPS = ("family", "script", "resource_class", "seen")


class Over(Frozen):
    """What an effect is averaged over; without any field the zero-shot languages of every target, targets alike.

    Attributes:
        target: this one alone.
        language: this one alone, the source language too.
        family, script, resource_class, seen: zero-shot languages of this group alone.
        benchmark: the benchmark's average, or with `target` its score of that task: the official languages and values.
        without: what the benchmark's average leaves out.

    """

    target: str | None = None
    language: str | None = None
    family: str | None = None
    script: str | None = None
    resource_class: Annotated[int, Field(ge=0, le=5, strict=True)] | None = None
    seen: Literal["seen", "unseen"] | None = None
    benchmark: str | None = None
    without: Literal["retrieval", "retrieval and tydiqa"] | None = None

    @property
    def group(self) -> tuple[str, str] | None:
        """The name of the fact and of the group; None where all zero-shot languages count."""
        named = [(by, str(value)) for by in GROUPS if (value := getattr(self, by)) is not None]
        return named[0] if named else None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        narrowed = [name for name in ("language", *GROUPS) if getattr(self, name) is not None]
        if len(narrowed) > 1:
            raise ValueError(f"{' and '.join(narrowed)} exclude each other. Name one, or write a claim for each")
        if self.benchmark and narrowed:
            raise ValueError(f"a benchmark has languages of its own. Take `{narrowed[0]}` or `benchmark` out")
        if self.without and (self.benchmark is None or self.target):
            raise ValueError("`without` goes with the average of a `benchmark`. Take it out, or name the benchmark alone")
        return self


def _over_from_text(value: Any) -> Any:
    """Read `targets` and a target's name."""
    return ({} if value == "targets" else {"target": value}) if isinstance(value, str) else value


class Score(Frozen):
    """The mean score of one intermediate.

    Attributes:
        intermediate: its name in the study, or `best`.
        over: what the mean is over.
        encoder: which of several.
        variant: of retrieval, the one whose name has this text, beside the direction that benchmarks take.

    """

    intermediate: str
    over: Annotated[Over, BeforeValidator(_over_from_text)] = Over()
    encoder: str | None = None
    variant: str = ""


class Gain(Score):
    """The mean gain of one intermediate over another one; None is the baseline."""

    reference: str | None = None


class Effect(Frozen):
    """A number that a study measures: a gain or a score."""

    gain: Gain | None = None
    score: Score | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.gain is None) == (self.score is None):
            raise ValueError("give either `gain:` or `score:`, as in `gain: {intermediate: mnli, over: targets}`")
        return self

    @property
    def quantity(self) -> Score:
        """The gain or the score."""
        found = self.gain or self.score
        assert found is not None
        return found


def _expectation_from_text(value: Any) -> Any:
    return {"change": value} if isinstance(value, str) else value


class Expectation(Frozen):
    """What is said of an effect, in points. Exactly one of the fields but `within` is given.

    Attributes:
        at_least, at_most, equal: holds up to `within` points.
        within: how far off these three may be.
        change: `increase` (above 0), `decrease` (below 0), or `none` (at most MARGIN points from 0).
        none: at most so many points from 0.
        greater_than: another effect.

    """

    at_least: float | None = None
    at_most: float | None = None
    equal: float | None = None
    within: Margin = 0.0
    change: Literal["increase", "decrease", "none"] | None = None
    none: Margin | None = None
    greater_than: Effect | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        fields = ("at_least", "at_most", "equal", "change", "none", "greater_than")
        given = [name for name in fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"{'names ' + ' and '.join(given) if given else 'names nothing'}; expected exactly one of `increase`, "
                "`decrease`, `none`, `{at_least: x}`, `{at_most: x}`, `{equal: x}`, `{none: margin}`, `{greater_than: ...}`. "
                "Write a claim for each"
            )
        if "within" in self.model_fields_set and given[0] not in ("at_least", "at_most", "equal"):
            raise ValueError("`within` goes with at_least, at_most or equal; equivalence is `{none: margin}`. Take it out")
        return self


class Source(Frozen):
    """Who says it, and where.

    Attributes:
        document: a text file in which the quotation is looked up.
        cite: the work, in words.
        quotation: its words.
        page: where they stand.
        verified: whether somebody compared the claim with the document.

    """

    document: Path | None = None
    cite: str = ""
    quotation: str = ""
    page: Count | None = None
    verified: Annotated[bool, Field(strict=True)] = False


class Claim(Frozen):
    """A statement, and what would show it.

    Attributes:
        name: short, unique.
        statement: in words.
        effect: None for a statement that the study has no number for; it is "not measured".
        expect: None exactly where `effect` is.

    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    statement: Annotated[str, Field(min_length=1)]
    effect: Effect | None = None
    expect: Annotated[Expectation, BeforeValidator(_expectation_from_text)] | None = None
    source: Source = Source()

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.effect is None) != (self.expect is None):
            raise ValueError("`effect` and `expect` go together. Add the other one, or take both out: then nothing is measured")
        return self


class ClaimFile(Frozen):
    """What a file of claims holds."""

    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
