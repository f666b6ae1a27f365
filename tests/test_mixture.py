import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.mixture import Work, batches_per_epoch, planned_work, quotas, total_updates, weights
from xstilts.spec import Sampling, TrainSpec

SIZES = st.lists(st.integers(1, 100_000), min_size=1, max_size=6)
SAMPLINGS = st.one_of(
    st.builds(Sampling),
    st.builds(lambda cap: Sampling(cap=cap), st.integers(1, 50_000)),
    st.builds(lambda t: Sampling(method="temperature", temperature=t), st.floats(1, 20)),
    st.just(Sampling(method="uniform")),
)


def test_weights_by_hand() -> None:
    assert weights([100, 400], Sampling()) == [100, 400]
    assert weights([100, 400], Sampling(cap=250)) == [100, 250]
    assert weights([100, 400], Sampling(method="temperature", temperature=2)) == [10, 20]
    assert weights([100, 400], Sampling(method="uniform")) == [1, 1]


def test_quotas_by_hand() -> None:
    sizes = [392_702, 363_846, 9_741]  # MNLI, QQP, CommonsenseQA
    assert quotas(sizes, Sampling()) == sizes
    assert quotas(sizes, Sampling(cap=131_072)) == [131_072, 131_072, 9_741]
    assert quotas([100, 400], Sampling(method="uniform")) == [250, 250]
    assert quotas([100, 900], Sampling(method="temperature", temperature=2)) == [250, 750]
    assert quotas([1, 1, 5], Sampling(method="uniform")) == [3, 2, 2]  # 7/3 each; the first of equal remainders gets the rest
    # shares 1.65, 1.65 and 3.69: the greatest remainder is the last task's
    assert quotas([1, 1, 5], Sampling(method="temperature", temperature=2)) == [2, 1, 4]
    assert quotas([1, 10**6], Sampling(method="temperature", temperature=1)) == [1, 10**6]


@given(sizes=SIZES, sampling=SAMPLINGS)
def test_quotas_are_shares_of_an_epoch(sizes: list[int], sampling: Sampling) -> None:
    counts = quotas(sizes, sampling)
    share = weights(sizes, sampling)
    total = round(sum(share)) if sampling.method == "proportional" else sum(sizes)
    assert all(count >= 1 for count in counts)
    assert total <= sum(counts) <= total + len(sizes)  # at least one example of each
    for count, part in zip(counts, share, strict=True):
        assert count == 1 or abs(count - total * part / sum(share)) < 1 + 1e-6


@given(sizes=SIZES, cap=st.one_of(st.none(), st.integers(1, 200_000)))
def test_proportional_quotas_are_the_sizes_up_to_the_cap(sizes: list[int], cap: int | None) -> None:
    assert quotas(sizes, Sampling(cap=cap)) == [min(size, cap or size) for size in sizes]


@given(counts=SIZES, batch_size=st.integers(1, 512), epochs=st.floats(0.01, 50))
def test_updates(counts: list[int], batch_size: int, epochs: float) -> None:
    per_epoch = batches_per_epoch(counts, batch_size)
    assert per_epoch == sum(-(-count // batch_size) for count in counts)
    updates = total_updates(counts, batch_size, epochs)
    assert updates >= 1
    assert updates == 1 or abs(updates - epochs * per_epoch) <= 0.5 + 1e-9


def test_updates_by_hand() -> None:
    assert batches_per_epoch([100, 33], 32) == 4 + 2
    assert total_updates([100, 33], 32, 2) == 12
    assert total_updates([100, 33], 32, 0.5) == 3
    assert total_updates([100], 32, 0.01) == 1


@pytest.mark.parametrize(
    ("sizes", "sampling", "limit", "work"),
    [
        ([100, 33], Sampling(), None, Work(133, 12, 2 * (100 * 7 + 33 * 5))),
        ([100, 33], Sampling(), 50, Work(83, 8, 2 * (50 * 7 + 33 * 5))),
        ([100, 33], Sampling(cap=10), 50, Work(20, 4, 2 * (10 * 7 + 10 * 5))),
        ([100, None], Sampling(), None, Work(None, None, None)),
    ],
)
def test_planned_work(sizes: list[int | None], sampling: Sampling, limit: int | None, work: Work) -> None:
    assert planned_work(sizes, [7, 5], sampling, TrainSpec(epochs=2, batch_size=32), limit) == work


def test_characters_are_unknown_where_a_task_was_never_measured() -> None:
    assert planned_work([10, 10], [7, 0], Sampling(), TrainSpec(epochs=1, batch_size=4), None) == Work(20, 6, None)
