"""The update whose loss compares all examples: cutting the batch changes neither the loss nor the weights."""

from collections.abc import Sequence

import pytest
import torch
from torch import nn

from tiny_encoders import random_model
from xstilts.engine.batches import collate
from xstilts.engine.dual_encoder import dual_encoder
from xstilts.engine.step import train_step
from xstilts.kinds import IGNORE, Batch, Features, kind_functions

KIND = kind_functions("ranking")


class Net(nn.Module):
    """A dual encoder, called as the training loop calls its models; counts its passes."""

    def __init__(self, dtype: torch.dtype, architecture: str = "xlm-roberta") -> None:
        super().__init__()
        given = random_model(architecture, "AutoModelForSequenceClassification")
        torch.manual_seed(0)
        self.model = dual_encoder(type(given))(given.config)
        self.model.base_model.load_state_dict(given.base_model.state_dict())
        self.to(dtype).train()
        self.passes: list[bool] = []  # with a graph or without

    def forward(self, batch: Batch) -> torch.Tensor:
        self.passes.append(torch.is_grad_enabled())
        return KIND.head(self.model, batch)

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return KIND.loss(logits, batch)

    def compares_examples(self, batch: Batch) -> bool:
        assert batch.sizes
        return KIND.compares_examples


def pairs(count: int = 32) -> list[list[Features]]:
    """Return queries with passages; every fifth has a passage that another has too."""
    draw = torch.Generator().manual_seed(1)

    def ids(longest: int) -> list[int]:
        length = int(torch.randint(3, longest, (1,), generator=draw))
        return [0, *torch.randint(5, 300, (length - 2,), generator=draw).tolist(), 2]

    passages = [ids(30) for _ in range(count)]
    for i in range(0, count, 5):
        passages[i] = passages[i // 2]
    numbers = {str(passage): i for i, passage in enumerate(passages)}
    return [
        [Features(ids(12), None, IGNORE, i), Features(passage, None, numbers[str(passage)], i)]
        for i, passage in enumerate(passages)
    ]


def cut(examples: Sequence[Sequence[Features]], size: int) -> list[Batch]:
    return [collate(examples[at : at + size], "", padding=1) for at in range(0, len(examples), size)]


def update(net: Net, batches: Sequence[Batch], dtype: torch.dtype = torch.float32, seed: int = 3) -> float:
    parameters = list(net.parameters())
    torch.manual_seed(seed)
    return train_step(net, parameters, torch.optim.SGD(parameters, lr=0.1), batches, max_grad_norm=0.5, dtype=dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_cutting_the_batch_changes_no_weight(dtype: torch.dtype, tolerance: float) -> None:
    outcomes = []
    for size in (32, 8, 1):
        net = Net(dtype)
        outcomes.append((update(net, cut(pairs(), size)), list(net.parameters()), net.passes))
    (loss, weights, passes), *others = outcomes
    assert passes == [True], "one micro-batch needs no second pass"
    start = list(Net(dtype).parameters())
    assert sum(not torch.equal(mine, old) for mine, old in zip(weights, start, strict=True)) > 20
    for other_loss, other_weights, other_passes in others:
        assert sorted(other_passes) == [False] * (len(other_passes) // 2) + [True] * (len(other_passes) // 2)
        assert other_loss == pytest.approx(loss, rel=1e-6)  # that of one micro-batch is added up in float32
        for mine, reference in zip(other_weights, weights, strict=True):
            torch.testing.assert_close(mine, reference, atol=tolerance, rtol=tolerance)


def test_the_loss_is_a_mean_over_queries_against_all_passages() -> None:
    net = Net(torch.float64)
    examples = pairs()
    with torch.no_grad():
        expected = KIND.loss(net(cut(examples, 32)[0]), cut(examples, 32)[0]).item() / 32
        alone = sum(KIND.loss(net(one), one).item() for one in cut(examples, 8)) / 32
    assert update(net, cut(examples, 8)) == pytest.approx(expected, rel=1e-12)
    assert expected > alone + 0.1, "fewer passages would be an easier task"


def test_both_passes_drop_the_same_positions_out() -> None:
    """The gradient of the second pass is that of the loss of the first: of the masks that the seed gives each micro-batch."""
    batches = cut(pairs(), 8)
    net, reference = (Net(torch.float64, "xlm-roberta-dropout") for _ in range(2))
    loss = update(net, batches, seed=3)
    parts = []
    for number, batch in enumerate(batches):
        torch.manual_seed(3 + number)
        parts.append(reference(batch))
    whole = cut(pairs(), 32)[0]
    expected = KIND.loss(torch.cat(parts), whole) / 32
    expected.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(reference.parameters(), 0.5)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    with torch.no_grad():
        for mine, parameter in zip(net.parameters(), reference.parameters(), strict=True):
            moved = parameter if parameter.grad is None else parameter - 0.1 * parameter.grad
            torch.testing.assert_close(mine, moved, atol=1e-12, rtol=1e-12)
    assert update(Net(torch.float64, "xlm-roberta-dropout"), batches, seed=4) != pytest.approx(loss, rel=1e-6)


def test_bfloat16_is_near_float32() -> None:
    exact, rough = (update(Net(torch.float32), cut(pairs(), 8), dtype) for dtype in (torch.float32, torch.bfloat16))
    assert rough != exact, "autocast did nothing"
    assert rough == pytest.approx(exact, rel=0.05)
