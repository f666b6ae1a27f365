"""Whether claims hold in a study's results: the rules, and the numbers behind each verdict.

A claim says that a number lies in a region: [8.2 - 1, infinity) for "at least 8.2, within 1", (0, infinity) for "increase". It
is supported when the whole 95% interval lies in the region, contradicted when none of the interval does, else inconclusive.
The confidence is the share of resampled values, those that the interval is made of, in the region.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xstilts.claim_spec import MARGIN, Claim, Expectation
from xstilts.claims.effects import Effects, Unmeasured
from xstilts.claims.quotation import grounding
from xstilts.claims.wording import expected_in_words
from xstilts.results import Results
from xstilts.stats.contrasts import Contrast, Part, Used, contrast_table
from xstilts.stats.gains import RESAMPLES
from xstilts.stats.inference import Interval

SUPPORTED, CONTRADICTED, INCONCLUSIVE, NOT_MEASURED = "supported", "contradicted", "inconclusive", "not measured"
LEAST = math.nextafter(0.0, 1.0)  # the least number above 0: an increase of exactly 0 is none


@dataclass(frozen=True)
class Verdict:
    """What a study's results say of a claim.

    Attributes:
        claim: the claim.
        expected: what it expects, in words.
        measured: 95% interval of the effect, in points; of the difference where a claim compares two effects.
        verdict: supported, contradicted, inconclusive or not measured.
        confidence: share of resampled values in which the statement holds.
        seeds, languages, examples: what the number is computed from.
        grounded: whether the quotation stands in its document; see `claims.quotation`.
        rows: keys of the score stages behind it.
        value: the effect, in points, the mean over seeds.
        reason: what one has to know of the verdict: one seed, why nothing was measured, what is missing.

    """

    claim: Claim
    expected: str
    measured: Interval | None
    verdict: str
    confidence: float | None
    seeds: int
    languages: int
    examples: int
    grounded: str
    rows: tuple[str, ...]
    value: float | None = None
    reason: str = ""

    @property
    def told(self) -> str:
        """The verdict as it is shown: with `(one seed)` where other seeds were not looked at."""
        return f"{self.verdict} (one seed)" if self.measured is not None and self.seeds == 1 else self.verdict


def check_claims(
    results: Results, claims: Sequence[Claim], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Verdict, ...]:
    """Return the verdict on each claim.

    Args:
        results: the study's; scores that are missing leave claims unmeasured.
        claims: of `load_claims` for the same study.
        resamples: how often examples are drawn again.
        seed: of the draws: the same seed, the same verdicts.

    Raises:
        XstiltsError: when a target's metric has no scores of single examples, or a document cannot be read.

    """
    effects = Effects(results)
    keys = {
        Used(cell.encoder, cell.intermediate, cell.target, planned.language, cell.seed): planned.stage.key
        for planned in results.plan.scores
        for cell in (planned.cell,)
    }
    parts = [_parts(claim, effects) for claim in claims]
    wanted = [found for found, _ in parts if not isinstance(found, Unmeasured)]
    contrasts = iter(contrast_table(wanted, resamples=resamples, seed=seed))
    verdicts = []
    for claim, (found, chosen) in zip(claims, parts, strict=True):
        measured = found if isinstance(found, Unmeasured) else next(contrasts) or Unmeasured("no seed has all the scores")
        verdicts.append(_verdict(claim, measured, chosen, keys))
    return tuple(verdicts)


def region(expect: Expectation) -> tuple[float, float]:
    """Return the least and the greatest value with which a claim holds, of the effect or of the difference of two."""
    if expect.at_least is not None:
        return expect.at_least - expect.within, math.inf
    if expect.at_most is not None:
        return -math.inf, expect.at_most + expect.within
    if expect.equal is not None:
        return expect.equal - expect.within, expect.equal + expect.within
    if expect.change == "decrease":
        return -math.inf, -LEAST
    if expect.change == "increase" or expect.greater_than is not None:
        return LEAST, math.inf
    margin = MARGIN if expect.none is None else expect.none
    return -margin, margin


def judge(interval: Interval, holds: tuple[float, float]) -> str:
    """Return the verdict on a 95% interval and the region in which a claim holds."""
    least, most = holds
    if least <= interval.low and interval.high <= most:
        return SUPPORTED
    return CONTRADICTED if interval.high < least or interval.low > most else INCONCLUSIVE


def _parts(claim: Claim, effects: Effects) -> tuple[tuple[Part, ...] | Unmeasured, str]:
    """Return the parts of a claim's effect, less those of the one it is compared with, and what `best` stood for."""
    effects.chosen.clear()
    if claim.effect is None or claim.expect is None:
        return Unmeasured("the claim names no effect of this study"), ""
    mine = effects.parts(claim.effect)
    if not isinstance(mine, Unmeasured) and claim.expect.greater_than is not None:
        other = effects.parts(claim.expect.greater_than)
        if isinstance(other, Unmeasured):
            return other, ""
        mine = (*mine, *(Part(-part.weight, part.panel, part.languages, part.intermediate) for part in other))
    return mine, "; ".join(dict.fromkeys(effects.chosen))


def _verdict(claim: Claim, found: Contrast | Unmeasured, chosen: str, keys: Mapping[Used, str]) -> Verdict:
    expected, grounded = expected_in_words(claim.expect), grounding(claim.source)
    if isinstance(found, Unmeasured) or claim.expect is None:
        reason = found.reason if isinstance(found, Unmeasured) else ""
        return Verdict(claim, expected, None, NOT_MEASURED, None, 0, 0, 0, grounded, (), None, reason)
    least, most = region(claim.expect)
    holds = (found.drawn >= least) & (found.drawn <= most)
    return Verdict(
        claim, expected, found.interval, judge(found.interval, (least, most)), float(holds.mean()), found.n_seeds,
        found.n_languages, found.n_examples, grounded, tuple(dict.fromkeys(keys[used] for used in found.used)), found.value,
        _reason(found, chosen),
    )  # fmt: skip


def _reason(found: Contrast, chosen: str) -> str:
    parts = []
    if found.n_seeds == 1:
        parts.append("one seed: it holds for these trained models alone")
    if chosen:
        parts.append(f"best, chosen by the scores it is measured with: {chosen}")
    if found.n_missing:
        parts.append(f"{found.n_missing} scores or pairs of scores are missing")
    if found.n_flagged:
        parts.append(f"{found.n_flagged} scores are of runs that learnt nothing")
    return "; ".join(parts)
