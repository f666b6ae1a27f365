"""The gains of a study for the report, and what they say in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xstilts.gain_table import Answer, By, Question, answers, nothing_to_compare, p_text
from xstilts.results import Results
from xstilts.stats.gains import Gain
from xstilts.stats.inference import Estimate

ALPHA = 0.05


@dataclass(frozen=True)
class Settings:
    """How gains and claims are computed, as by `xstilts gains` and `xstilts claims`.

    Attributes:
        margin: gains below so many points count as none.
        resamples: how often examples are drawn again.
        claims: file of the claims, None for those of the study file.

    """

    margin: float
    resamples: int
    claims: Path | None = None


@dataclass(frozen=True)
class Measured:
    """The gains of a study.

    Attributes:
        by_target: over zero-shot languages; None where there are none.
        by_language: of each language; None where there are none.
        why_none: what there is to say where there are none.

    """

    by_target: Answer | None
    by_language: Answer | None
    why_none: str

    @property
    def targets(self) -> tuple[Gain, ...]:
        """One row an encoder, target (with variant) and intermediate."""
        return self.by_target.gains if self.by_target else ()

    @property
    def languages(self) -> tuple[Gain, ...]:
        """One row an encoder, target (with variant), language and intermediate."""
        return self.by_language.gains if self.by_language else ()


def measure(results: Results, settings: Settings) -> Measured:
    """Return the gains of a study over its baseline; a study without any has a reason in their place."""
    rows: tuple[By, By] = ("target", "language")
    asked = [Question(by, "xtreme", results.plan.study.baseline, "", settings.margin, settings.resamples) for by in rows]
    found = answers(results, asked)
    by_target, by_language = (one if one.measured else None for one in found)
    return Measured(by_target, by_language, "" if by_target else nothing_to_compare(found[0]))


@dataclass(frozen=True)
class Finding:
    """What the gains on one target say.

    Attributes:
        row: of the best intermediate in `Measured.targets`.
        gain: the same as a value.
        verdict: two or three words.
        text: a sentence or two with the numbers.

    """

    row: int
    gain: Gain
    verdict: str
    text: str


def findings(gains: Sequence[Gain], margin: float) -> tuple[Finding, ...]:
    """Return the best intermediate of each encoder and target, in words; targets without a gain have none."""
    groups: dict[tuple[str, str], list[tuple[Estimate, int]]] = {}
    for number, gain in enumerate(gains):
        if gain.estimate:
            groups.setdefault((gain.encoder, gain.target), []).append((gain.estimate, number))
    found = []
    for group in groups.values():
        best, number = max(group, key=lambda one: one[0].gain)
        verdict, text = _in_words(gains[number], best, len(group), margin)
        found.append(Finding(number, gains[number], verdict, text))
    return tuple(found)


def _in_words(gain: Gain, best: Estimate, compared: int, margin: float) -> tuple[str, str]:
    low, high = best.interval.low, best.interval.high
    numbers = f"{gain.intermediate} {best.gain:+.2f} points ({low:+.2f} to {high:+.2f})"
    adjusted = 1.0 if gain.p_holm is None else gain.p_holm
    if gain.n_flagged and gain.n_flagged == gain.n_seeds * gain.n_languages:
        found = "learnt nothing", f"The best is {numbers}, but in every pair a run learnt nothing: that is noise."
    elif high < 0:
        found = "nothing helps", f"Even the best loses: {numbers}."
    elif low > 0 and adjusted < ALPHA:
        found = "helps", f"The best is {numbers}, p {p_text(adjusted)} after Holm."
    elif low > 0:
        found = "may help", f"The best is {numbers}, but p is {p_text(adjusted)} after Holm over all rows."
    elif best.p_equivalent < ALPHA:
        found = "about nothing", f"The best, {numbers}, is surely within {margin:g} points of 0."
    else:
        found = (
            "no gain shown",
            f"The best is {numbers}; a gain of {best.mde:.2f} points would have been found 4 times out of 5.",
        )
    return found[0], " ".join([found[1], *_reservations(gain, compared)])


def _reservations(gain: Gain, compared: int) -> list[str]:
    said = []
    if compared > 1:
        said.append(f"Chosen from {compared} after looking, so it flatters itself.")
    if gain.n_seeds == 1:
        said.append("One seed: it holds for these trained models alone.")
    else:
        said.append(f"{gain.n_seeds} seeds.")
    if 0 < gain.n_flagged < gain.n_seeds * gain.n_languages:
        said.append(f"In {gain.n_flagged} of its pairs a run learnt nothing.")
    if gain.n_missing:
        said.append(f"{gain.n_missing} pairs are missing.")
    return said
