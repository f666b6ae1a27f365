from collections import Counter
from itertools import islice

import pytest

from xstilts.engine.corpus_batches import Draw, Group, Schedule, shares


def group(name: str, share: float, count: int, length: int = 4, sentences: int = 1) -> Group:
    return Group(name, share, [tuple([i] * (length + i % 3) for _ in range(sentences)) for i in range(count)])


def names(draws: list[Draw], groups: list[Group]) -> list[tuple[str, int]]:
    place = {id(one): (group.name, i) for group in groups for i, one in enumerate(group.inputs)}
    return [place[id(draw.sentences)] for draw in draws]


def test_shares_follow_the_exponent() -> None:
    assert shares([900, 100], 1, 1.0) == pytest.approx([0.9, 0.1])
    assert shares([900, 100], 0.5, 1.0) == pytest.approx([0.75, 0.25])  # 30 : 10
    assert shares([900, 100, 0], 0, 0.8) == pytest.approx([0.4, 0.4, 0.0])


def test_groups_are_drawn_by_their_shares() -> None:
    """Shares too small for one pool come true over many; no draw is off by more than one."""
    wanted = {"a": 0.7, "b": 0.2993, "c": 0.0007}
    groups = [group(name, share, 50) for name, share in wanted.items()]
    schedule = Schedule(groups, 64, seed=3)
    pools = [names([draw for batch in schedule._pool(i) for draw in batch], groups) for i in range(40)]
    count = Counter(name for pool in pools for name, _ in pool)
    for name, share in wanted.items():
        assert abs(count[name] - 40 * schedule.pool_size * share) < 1
    assert count["c"] > 0


def test_each_input_is_drawn_once_before_any_is_drawn_twice() -> None:
    groups = [group("a", 0.8, 300), group("b", 0.2, 37)]
    schedule = Schedule(groups, 64, seed=3)
    drawn: Counter[tuple[str, int]] = Counter()
    for pool in range(20):
        drawn.update(names([draw for batch in schedule._pool(pool) for draw in batch], groups))
        for one in groups:
            counts = [drawn[one.name, i] for i in range(len(one.inputs))]
            assert max(counts) - min(counts) <= 1, "a pass begins when the one before it ends"


def test_an_update_holds_so_many_sub_tokens_and_little_padding() -> None:
    groups = [Group("a", 1.0, [([1] * n,) for n in range(1, 100)] * 10)]
    batches = list(islice(Schedule(groups, 512, seed=1).updates(0), 200))
    padded = [len(batch) * batch[0].length for batch in batches]
    assert max(padded) <= 512
    assert all(batch[0].length == max(draw.length for draw in batch) for batch in batches)
    assert sum(draw.length for batch in batches for draw in batch) / sum(padded) > 0.97
    assert sum(padded) / len(batches) > 0.85 * 512


def test_updates_may_begin_anywhere() -> None:
    groups = [group("a", 0.6, 80), group("b-c", 0.4, 50, sentences=2)]
    whole = list(islice(Schedule(groups, 128, seed=5).updates(0), 300))
    for start in (1, 63, 64, 65, 150, 299):
        assert next(Schedule(groups, 128, seed=5).updates(start)) == whole[start]


def test_the_seed_decides() -> None:
    groups = [group("a", 1.0, 80)]
    one, other = (list(islice(Schedule(groups, 128, seed=seed).updates(0), 5)) for seed in (1, 2))
    assert one != other


def test_either_sentence_of_a_pair_comes_first() -> None:
    groups = [group("a-b", 1.0, 500, sentences=2)]
    draws = [draw for batch in islice(Schedule(groups, 128, seed=1).updates(0), 100) for draw in batch]
    assert 0.4 < sum(draw.swapped for draw in draws) / len(draws) < 0.6
    assert draws[0].length == sum(map(len, draws[0].sentences)) + 4
