"""What gains say in words: each verdict, and its reservations."""

from dataclasses import replace

import pytest

from xstilts.report.findings import Finding, findings
from xstilts.stats.gains import Gain
from xstilts.stats.inference import Estimate, Interval


def gain(name: str, point: float, low: float, high: float, **changes: float) -> Gain:
    one = Estimate(point, Interval(low, high), None, 1.0, 4.0, 0.01, changes.get("none", 0.9), 3.5)
    holm = changes.get("holm", 0.01)
    return Gain("target", "e", name, "xnli", "", one, holm, 0.01, int(changes.get("seeds", 3)), 14, 900, 0, 0)


def only(*gains: Gain) -> Finding:
    (found,) = findings(gains, 1.0)
    return found


@pytest.mark.parametrize(
    ("best", "verdict", "said"),
    [
        (gain("nli", 2, 0.5, 3.5), "helps", "nli +2.00 points (+0.50 to +3.50), p 0.0100 after Holm."),
        (gain("nli", 2, 0.5, 3.5, holm=0.3), "may help", "p is 0.30 after Holm"),
        (gain("nli", -2, -3, -1), "nothing helps", "Even the best loses: nli -2.00 points (-3.00 to -1.00)."),
        (gain("nli", 0.1, -0.5, 0.7, none=0.01), "about nothing", "surely within 1 points of 0"),
        (gain("nli", 2, -1, 5), "no gain shown", "a gain of 3.50 points would have been found 4 times out of 5"),
    ],
)
def test_verdicts(best: Gain, verdict: str, said: str) -> None:
    found = only(gain("worse", -5, -6, -4), best)
    assert (found.verdict, found.row) == (verdict, 1)
    assert said in found.text
    assert "Chosen from 2 after looking" in found.text


def test_seeds_and_flags_are_told() -> None:
    assert "One seed: it holds for these trained models alone." in only(gain("nli", 2, 1, 3, seeds=1)).text
    several = only(replace(gain("nli", 2, 1, 3), n_flagged=4, n_missing=2)).text
    assert "3 seeds. In 4 of its pairs a run learnt nothing. 2 pairs are missing." in several
    assert "Chosen from" not in several  # there was one alone


def test_noise_is_called_noise() -> None:
    noise = replace(gain("nli", 2, 1, 3), n_flagged=3 * 14)
    assert only(noise).verdict == "learnt nothing"
    assert "in every pair a run learnt nothing" in only(noise).text
    assert only(replace(noise, n_flagged=3 * 14 - 1)).verdict == "helps"


def test_what_was_not_measured_is_no_finding() -> None:
    unmeasured = replace(gain("nli", 2, 1, 3), estimate=None)
    assert findings([unmeasured], 1.0) == ()
    other = replace(gain("qqp", 1, 0, 2), target="tatoeba")
    assert [one.gain.target for one in findings([unmeasured, other], 1.0)] == ["tatoeba"]
