from hypothesis import given
from hypothesis import strategies as st

from xstilts.data.order import shuffled


def test_the_order_is_fixed_for_ever() -> None:
    """Old results stand for this order: a change of it would need new keys."""
    assert shuffled(10, "examples", 1, 0) == [4, 7, 6, 1, 0, 3, 2, 8, 9, 5]


@given(count=st.integers(0, 300), seed=st.integers())
def test_every_number_once(count: int, seed: int) -> None:
    order = shuffled(count, seed)
    assert sorted(order) == list(range(count))
    assert order == shuffled(count, seed)


def test_every_part_of_the_seed_counts() -> None:
    orders = [shuffled(50, *seed) for seed in ((1,), (2,), (1, 0), (1, 1), (11,), ("examples", 1), ("updates", 1))]
    assert len({tuple(order) for order in orders}) == len(orders)


def test_no_place_is_favoured() -> None:
    firsts = [shuffled(4, seed)[0] for seed in range(2000)]
    assert all(430 < firsts.count(value) < 570 for value in range(4))  # 500 expected, standard deviation 19
