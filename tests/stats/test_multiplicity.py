"""Adjusted p-values against the definitions, spelled out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.stats.multiplicity import benjamini_hochberg, holm

p_values = st.lists(st.floats(0.0001, 1), max_size=12)


def test_holm_s_own_steps() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()
    assert holm([0.6, 0.7]) == (1.0, 1.0)


def test_benjamini_and_hochberg_s_own_example() -> None:
    """The 15 p-values of their section 3.2; at 5% the four smallest are findings, Bonferroni has three."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    adjusted = benjamini_hochberg(p)
    assert [one < 0.05 for one in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)
    assert [one < 0.05 for one in holm(p)] == [True] * 3 + [False] * 12


@given(p_values)
def test_both_reject_what_the_stepwise_rules_reject(p: list[float]) -> None:
    m, order = len(p), sorted(range(len(p)), key=lambda i: p[i])
    down = next((k for k, i in enumerate(order) if p[i] > 0.05 / (m - k)), m)
    up = max((k for k, i in enumerate(order, start=1) if p[i] <= 0.05 * k / m), default=0)
    assert sum(one <= 0.05 + 1e-12 for one in holm(p)) == down
    assert sum(one <= 0.05 + 1e-12 for one in benjamini_hochberg(p)) == up


@given(p_values, st.randoms())
def test_the_order_of_tests_does_not_matter(p: list[float], draw: object) -> None:
    order = sorted(range(len(p)), key=lambda _: draw.random())  # type: ignore[attr-defined]
    for adjust in (holm, benjamini_hochberg):
        whole = adjust(p)
        assert adjust([p[i] for i in order]) == tuple(whole[i] for i in order)
        assert all(before <= after + 1e-12 and after <= 1 for before, after in zip(p, whole, strict=True))
