"""When a claim is supported, contradicted or neither: the rule on intervals, and how often it errs in simulated panels."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from gain_world import World
from xstilts.claim_spec import Expectation
from xstilts.claims.verdicts import judge, region
from xstilts.stats.contrasts import Part, contrast_table
from xstilts.stats.inference import Interval

INF = float("inf")
CASES = [  # expectation, interval, verdict
    ({"at_least": 8.2, "within": 1.0}, (7.3, 9.0), "supported"),
    ({"at_least": 8.2, "within": 1.0}, (7.1, 9.0), "inconclusive"),
    ({"at_least": 8.2, "within": 1.0}, (5.0, 7.1), "contradicted"),
    ({"at_least": 8.2}, (8.0, 20.0), "inconclusive"),
    ({"at_most": 3.0, "within": 0.5}, (-9.0, 3.4), "supported"),
    ({"at_most": 3.0, "within": 0.5}, (3.6, 4.0), "contradicted"),
    ({"equal": 5.0, "within": 1.0}, (4.1, 5.9), "supported"),
    ({"equal": 5.0, "within": 1.0}, (4.1, 6.1), "inconclusive"),
    ({"equal": 5.0, "within": 1.0}, (3.0, 3.9), "contradicted"),
    ({"equal": 5.0, "within": 1.0}, (6.1, 6.9), "contradicted"),
    ({"change": "increase"}, (0.1, 2.0), "supported"),
    ({"change": "increase"}, (-0.1, 2.0), "inconclusive"),
    ({"change": "increase"}, (-2.0, 0.0), "contradicted"),
    ({"change": "increase"}, (0.0, 0.0), "contradicted"),
    ({"change": "decrease"}, (-2.0, -0.1), "supported"),
    ({"change": "decrease"}, (0.0, 1.0), "contradicted"),
    ({"change": "none"}, (-0.9, 0.9), "supported"),
    ({"change": "none"}, (-0.9, 1.1), "inconclusive"),
    ({"none": 2.0}, (-0.9, 1.1), "supported"),
    ({"none": 0.0}, (0.1, 1.1), "contradicted"),
    ({"greater_than": {"gain": {"intermediate": "nli"}}}, (0.1, 1.0), "supported"),
    ({"greater_than": {"gain": {"intermediate": "nli"}}}, (-1.0, -0.1), "contradicted"),
]


@pytest.mark.parametrize(("expect", "interval", "verdict"), CASES)
def test_the_rule(expect: dict[str, Any], interval: tuple[float, float], verdict: str) -> None:
    assert judge(Interval(*interval), region(Expectation.model_validate(expect))) == verdict


def verdicts(world: World, expect: Any, count: int = 300) -> Counter[str]:
    """Return how often each verdict is given on independent comparisons, the languages of one panel."""
    panel = world.panel(count, np.random.default_rng(5))
    wanted = [(Part(1.0, panel, (i,), "nli"), Part(-1.0, panel, (i,), "baseline")) for i in range(count)]
    holds = region(Expectation.model_validate(expect))
    found = Counter[str]()
    for one in contrast_table(wanted, resamples=1000):
        assert one is not None
        found[judge(one.interval, holds)] += 1
        inside = float(((one.drawn >= holds[0]) & (one.drawn <= holds[1])).mean())
        told = judge(one.interval, holds)
        assert (inside >= 0.949) == (told == "supported") or told == "inconclusive"
        assert inside <= 0.026 or told != "contradicted"
    return found


TYPICAL = {"seed": 1.5, "example": 20.0, "rest": 45.0}


def test_a_claim_at_the_border_is_decided_wrongly_once_in_forty() -> None:
    """A true gain of 0: each side of "increase" is a false finding, 2.5% each (below 6% of 300 with probability 0.999)."""
    found = verdicts(World(**TYPICAL), {"change": "increase"})
    assert 0 < found["supported"] < 18
    assert 0 < found["contradicted"] < 18


@pytest.mark.parametrize(
    ("gain", "expect", "verdict", "least"),
    [
        (15.0, {"change": "increase"}, "supported", 0.9),
        (-15.0, {"change": "increase"}, "contradicted", 0.9),
        (0.0, {"none": 15.0}, "supported", 0.9),
        (0.0, {"none": 0.5}, "inconclusive", 0.9),  # far fewer examples than equivalence within half a point needs
        (8.0, {"at_least": 8.2, "within": 15.0}, "supported", 0.9),
    ],
)
def test_what_is_clearly_so_is_found(gain: float, expect: Any, verdict: str, least: float) -> None:
    found = verdicts(World(**TYPICAL, gain=gain), expect, count=100)
    assert found[verdict] >= least * 100
