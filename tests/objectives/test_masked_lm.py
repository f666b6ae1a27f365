from typing import Any

import pytest
import torch
from torch.nn import functional

from tiny_encoders import VOCABULARY, random_model
from xstilts.objectives import masked_lm
from xstilts.objectives.cross_entropy import CHUNK, summed_cross_entropy
from xstilts.objectives.masked_lm import Input, MaskedModel, Vocabulary, masked_batch, single
from xstilts.objectives.translation_lm import pair

SPECIAL = (0, 1, 2, 3, 4)
WORDS = Vocabulary(VOCABULARY, padding=1, mask=4, special=SPECIAL)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def lines(lengths: list[int], seed: int = 0) -> list[Input]:
    return [single(torch.randint(5, VOCABULARY, (n,), generator=generator(seed + n)).tolist(), 0, 2) for n in lengths]


def model(dtype: torch.dtype = torch.float64) -> Any:
    return random_model("xlm-roberta", "AutoModelForMaskedLM").to(dtype)


@pytest.mark.parametrize("share", [0.15, 0.3, 0.99])
def test_so_many_are_masked(share: float) -> None:
    inputs = lines([40] * 50)
    batch = masked_batch(inputs, WORDS, share, generator())
    assert batch.num_labels == round(share * 40 * 50)
    assert len(set(batch.places.tolist())) == batch.num_labels
    before = torch.tensor([one.ids for one in inputs]).flatten()
    assert torch.equal(batch.labels, before[batch.places])
    untouched = torch.ones(len(before), dtype=torch.bool)
    untouched[batch.places] = False
    assert torch.equal(batch.ids.flatten()[untouched], before[untouched])


def test_what_stands_in_their_place() -> None:
    """80% <mask>, 10% a random piece, 10% as it was (Devlin et al., 2019, 3.1); 20,000 draws, so 1.2% is four deviations."""
    batch = masked_batch(lines([100] * 250), WORDS, 0.8, generator())
    shown = batch.ids.flatten()[batch.places]
    masked, same = shown == WORDS.mask, shown == batch.labels
    assert abs(masked.double().mean().item() - 0.8) < 0.012
    assert abs(same.double().mean().item() - 0.1) < 0.012
    random = shown[~masked & ~same]
    assert set(random.tolist()) == set(range(5, VOCABULARY))  # any piece, and nothing special


def test_special_tokens_and_padding_are_never_masked() -> None:
    inputs = [*lines([3, 9, 1]), Input([0, 3, 3, 7, 4, 2], [2, 3, 4, 5, 6, 7])]
    for seed in range(20):
        batch = masked_batch(inputs, WORDS, 0.9, generator(seed))
        assert set(batch.labels.tolist()).isdisjoint(SPECIAL)
        ends = batch.ids == 2
        assert ends.sum() == 4
        assert bool((batch.ids[:, 0] == 0).all())
    assert batch.mask is not None
    assert batch.mask.sum(1).tolist() == [len(one.ids) for one in inputs]
    assert torch.equal(batch.ids == 1, batch.mask == 0)
    assert bool((batch.positions[batch.mask == 0] == 1).all())


def test_a_given_part_is_not_masked() -> None:
    (line,) = lines([30])
    batch = masked_batch([Input(line.ids, line.positions, maskable_from=20)] * 4, WORDS, 0.5, generator())
    assert min(place % 32 for place in batch.places.tolist()) >= 20
    assert batch.num_labels == round(0.5 * 11 * 4)


def test_inputs_of_one_length_need_no_mask() -> None:
    assert masked_batch(lines([7, 7]), WORDS, 0.5, generator()).mask is None


def test_at_least_one_is_masked_and_none_where_there_is_nothing() -> None:
    assert masked_batch(lines([1]), WORDS, 0.1, generator()).num_labels == 1
    assert masked_batch(lines([0]), WORDS, 0.1, generator()).num_labels == 0


def test_the_loss_is_that_of_the_whole_vocabulary() -> None:
    """The loss and every gradient, against transformers' own loss on full logits, in double precision."""
    mine, theirs = model(), model()
    batch = masked_batch([*lines([9, 5, 7]), pair([9, 8], [7, 6, 5], 0, 2, restart=True)], WORDS, 0.4, generator())
    wrapped = MaskedModel(mine)
    loss = wrapped.loss(wrapped(batch), batch)
    labels = torch.full(batch.ids.shape, -100)
    labels.view(-1)[batch.places] = batch.labels
    full = theirs(input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions, labels=labels)
    torch.testing.assert_close(loss / batch.num_labels, full.loss, rtol=1e-12, atol=0)
    loss.backward()
    (full.loss * batch.num_labels).backward()
    for (name, one), other in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        if other.grad is None:
            assert one.grad is None, name
        else:
            torch.testing.assert_close(one.grad, other.grad, rtol=1e-9, atol=1e-11, msg=name)
    assert torch.equal(wrapped.predicted(batch), full.logits.flatten(0, 1)[batch.places].argmax(-1))


@pytest.mark.parametrize("count", [1, CHUNK, 2 * CHUNK + 3])
def test_cross_entropy_in_pieces(count: int) -> None:
    torch.manual_seed(0)
    rows, weight, bias = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in ((count, 5), (11, 5), (11,)))
    labels = torch.randint(11, (count,))
    loss = summed_cross_entropy(rows, weight, bias, labels)
    expected = functional.cross_entropy(functional.linear(rows, weight, bias), labels, reduction="sum")
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=0)
    mine = torch.autograd.grad(3 * loss, (rows, weight, bias))
    torch.testing.assert_close(mine, torch.autograd.grad(3 * expected, (rows, weight, bias)), rtol=1e-10, atol=1e-12)


def test_padding_changes_nothing() -> None:
    """Each input alone and all together: the same rows."""
    inputs = [*lines([9, 4]), pair([9, 8, 7], [7, 6], 0, 2, restart=True)]
    whole = masked_batch(inputs, WORDS, 0.5, generator())
    wrapped, longest = MaskedModel(model()), whole.ids.shape[1]
    together = wrapped(whole)
    for row, one in enumerate(inputs):
        here = (whole.places // longest) == row
        alone = masked_lm.MaskedBatch(
            ids=whole.ids[row : row + 1, : len(one.ids)],
            positions=whole.positions[row : row + 1, : len(one.ids)],
            mask=None,
            places=whole.places[here] % longest,
            labels=whole.labels[here],
        )
        torch.testing.assert_close(wrapped(alone), together[here], rtol=1e-10, atol=1e-12)
