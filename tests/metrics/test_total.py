"""The sum in one order."""

from xstilts.metrics.total import total


def test_adds_from_the_first_to_the_last_in_every_python():
    # the least digits are lost, as XTREME's published check values lost them; `sum` keeps them from Python 3.12 on
    assert total([1e16, 1.0, -1e16]) == 0.0
    assert total([0.1] * 10) == 0.9999999999999999
    assert total(x for x in [1.5, 2.5]) == 4.0
    assert total([]) == 0.0
