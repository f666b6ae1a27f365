from collections import Counter
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tiny_encoders import random_model
from xstilts import mixture
from xstilts.engine.batches import POOL, collate, epoch_batches, micro_batches
from xstilts.engine.model import HeadSpec, MultiHeadModel
from xstilts.engine.predict import Inference, logits_of
from xstilts.kinds import IGNORE, Features, kind_functions
from xstilts.spec import Sampling

TASKS = st.lists(st.lists(st.integers(1, 512), min_size=1, max_size=120), min_size=1, max_size=3)
BATCH_SIZES = st.integers(1, 40)
CAPS = st.one_of(st.none(), st.integers(1, 150))


def sentence(length: int, label: int | None = None, example: int = 0) -> Features:
    """Return ids 0, 5, 6, ... 2 with one label, or with a label on each token between the special ones."""
    ids = [0, *range(5, 3 + length), 2]
    labels = [IGNORE, *(i % 3 for i in ids[1:-1]), IGNORE] if label is None else label
    return Features(ids, None, labels, example)


@given(lengths=TASKS, cap=CAPS, batch_size=BATCH_SIZES, seed=st.integers(0, 2**32), epoch=st.integers(0, 5))
def test_an_epoch_holds_each_tasks_quota(
    lengths: list[list[int]], cap: int | None, batch_size: int, seed: int, epoch: int
) -> None:
    counts = mixture.quotas([len(task) for task in lengths], Sampling(cap=cap))
    batches = epoch_batches(lengths, counts, batch_size, seed, epoch)
    assert len(batches) == mixture.batches_per_epoch(counts, batch_size)
    assert all(1 <= len(examples) <= batch_size for _, examples in batches)
    for task, sizes in enumerate(lengths):
        seen = Counter(i for t, examples in batches if t == task for i in examples)
        if cap is None:
            assert seen == Counter(range(len(sizes)))
        else:
            assert seen.total() == min(len(sizes), cap)


@given(lengths=TASKS, cap=CAPS, batch_size=BATCH_SIZES, seed=st.integers(0, 2**32))
def test_every_example_is_seen_before_any_is_seen_again(
    lengths: list[list[int]], cap: int | None, batch_size: int, seed: int
) -> None:
    counts = mixture.quotas([len(task) for task in lengths], Sampling(cap=cap))
    seen = [Counter(dict.fromkeys(range(len(task)), 0)) for task in lengths]
    for epoch in range(5):
        for task, examples in epoch_batches(lengths, counts, batch_size, seed, epoch):
            seen[task].update(examples)
        for counter in seen:
            assert max(counter.values()) - min(counter.values()) <= 1


@given(sizes=st.lists(st.integers(1, 60), min_size=2, max_size=3), epoch=st.integers(0, 3))
def test_small_tasks_repeat_evenly(sizes: list[int], epoch: int) -> None:
    counts = mixture.quotas(sizes, Sampling(method="uniform"))
    for task, size in enumerate(sizes):
        seen = Counter(dict.fromkeys(range(size), 0))
        for t, examples in epoch_batches([[1] * n for n in sizes], counts, 8, 1, epoch):
            seen.update(examples if t == task else [])
        assert seen.total() == counts[task]
        assert max(seen.values()) - min(seen.values()) <= 2  # an epoch may begin and end inside a pass


def test_order_follows_from_seed_and_epoch() -> None:
    lengths, counts = [[5] * 100, [7] * 60], [100, 60]
    first = epoch_batches(lengths, counts, 8, seed=1, epoch=0)
    assert first == epoch_batches(lengths, counts, 8, seed=1, epoch=0)
    others = [first, epoch_batches(lengths, counts, 8, 2, 0), epoch_batches(lengths, counts, 8, 1, 1)]
    assert len({str(other) for other in others}) == 3
    assert len({str([task for task, _ in other]) for other in others}) == 3, "tasks take turns in another order"
    assert len({str(sorted(examples for _, examples in other)) for other in others}) == 3


def test_like_lengths_share_an_update() -> None:
    lengths = torch.randint(3, 200, (1000,), generator=torch.Generator().manual_seed(0)).tolist()
    padded = 0
    for _, examples in epoch_batches([lengths], [1000], 10, seed=1, epoch=0):
        padded += len(examples) * max(lengths[i] for i in examples)
    assert padded < 1.05 * sum(lengths)
    assert POOL * 10 < 1000, "more than one pool"


EXAMPLES = st.lists(st.lists(st.integers(2, 90), min_size=1, max_size=5), min_size=1, max_size=40)


@given(examples=EXAMPLES, max_tokens=st.integers(1, 600))
def test_micro_batches_are_a_partition_within_the_budget(examples: list[list[int]], max_tokens: int) -> None:
    """Of whole examples: an example's inputs are never apart."""
    inputs = [[sentence(length) for length in lengths] for lengths in examples]
    longest, sizes = [max(lengths) for lengths in examples], [len(lengths) for lengths in examples]
    runs = list(micro_batches(inputs, max_tokens))
    assert sorted(i for run in runs for i in run) == list(range(len(examples)))
    for run in runs:
        assert len(run) == 1 or sum(sizes[i] for i in run) * max(longest[i] for i in run) <= max_tokens
    for run, following in pairwise(runs):  # no run could have taken the next example too
        assert sum(sizes[i] for i in [*run, following[0]]) * max(longest[i] for i in run) > max_tokens
        assert min(longest[i] for i in run) >= longest[following[0]]


@given(examples=EXAMPLES)
def test_a_batch_knows_which_inputs_are_of_one_example(examples: list[list[int]]) -> None:
    """Also where an example stands in it twice, as it does when a small task repeats."""
    inputs = [[sentence(length, label=IGNORE, example=i) for length in lengths] for i, lengths in enumerate(examples)] * 2
    batch = collate(inputs, "t", padding=1)
    assert batch.sizes == tuple(len(lengths) for lengths in examples) * 2
    rows = iter(batch.ids.tolist())
    for one in inputs:
        for feature in one:
            assert next(rows)[: len(feature.ids)] == feature.ids


def test_collate_pads_on_the_right() -> None:
    first, second = Features([0, 7, 2], [0, 0, 1], 2, 0), Features([0, 8, 9, 4, 2], [0, 1, 1, 1, 1], IGNORE, 1)
    batch = collate([[first], [second]], "xnli", padding=1)
    assert batch.task == "xnli"
    assert batch.ids.tolist() == [[0, 7, 2, 1, 1], [0, 8, 9, 4, 2]]
    assert batch.mask is not None
    assert batch.mask.tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert batch.types is not None
    assert batch.types.tolist() == [[0, 0, 1, 0, 0], [0, 1, 1, 1, 1]]
    assert batch.labels.tolist() == [2, IGNORE]
    assert batch.num_labels == 1


def test_collate_pads_tags() -> None:
    batch = collate([[sentence(3)], [sentence(5)]], "udpos", padding=1)
    assert batch.labels.tolist() == [[IGNORE, 2, IGNORE, IGNORE, IGNORE], [IGNORE, 2, 0, 1, IGNORE]]
    assert batch.num_labels == 4
    assert batch.types is None


def test_collate_renumbers_padding_too() -> None:
    batch = collate([[sentence(3), sentence(4)]], "udpos", padding=1, renumber=lambda ids: ids * 10)
    assert batch.ids.tolist() == [[0, 50, 20, 10], [0, 50, 60, 20]]


def test_no_padding_no_mask() -> None:
    assert collate([[sentence(4)], [sentence(4)]], "udpos", padding=1).mask is None


def test_collate_leaves_the_places_of_answers() -> None:
    windows = [Features([0, 7, 2], None, (0, 0), 0), Features([0, 8, 9, 4, 2], None, (2, 3), 0)]
    batch = collate([windows], "xquad", padding=1)
    assert batch.labels.tolist() == [[0, 0], [2, 3]]
    assert (batch.num_labels, batch.sizes) == (4, (2,))


SHAPES = {"classification": (3,), "multiple_choice": (1,), "tagging": (None, 3), "span": (None, 2)}
WITHOUT_A_HEAD = {("eurobert", "multiple_choice"), ("eurobert", "span")}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert", "eurobert"])
def test_padding_does_not_change_logits(architecture: str, kind: str) -> None:
    if (architecture, kind) in WITHOUT_A_HEAD:
        pytest.skip("transformers has no such class")
    model = random_model(architecture, kind_functions(kind).auto_class, num_labels=2 if kind == "span" else 3)
    whole = MultiHeadModel({"t": model}, [HeadSpec("t", kind, ("a", "b", "c"))])
    features = [sentence(length, label=0) for length in (9, 30, 3, 17)]
    together = logits_of(whole, features, "t", Inference(padding=1, max_tokens=10_000))
    for one, logits in zip(features, together, strict=True):
        (alone,) = logits_of(whole, [one], "t", Inference(padding=1, max_tokens=10_000))
        assert logits.shape == tuple(size or len(one.ids) for size in SHAPES[kind])
        torch.testing.assert_close(logits, alone, atol=1e-5, rtol=0)
