import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import get_linear_schedule_with_warmup

from tiny_encoders import random_model
from xstilts.engine.batches import collate
from xstilts.engine.step import NonFiniteError, learning_rate, make_optimizer, train_step
from xstilts.kinds import IGNORE, Batch, Features, kind_functions

NO_CLIPPING = 1e9


class Net(nn.Module):
    """An XLM-R with one head, called as the training loop calls its models."""

    def __init__(self, kind: str, dtype: torch.dtype) -> None:
        super().__init__()
        self.kind = kind_functions(kind)
        labels = 2 if kind == "span" else 4
        self.model = random_model("xlm-roberta", self.kind.auto_class, num_labels=labels).to(dtype).train()

    def forward(self, batch: Batch) -> torch.Tensor:
        return self.kind.head(self.model, batch)

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return self.kind.loss(logits, batch)

    def compares_examples(self, batch: Batch) -> bool:  # noqa: ARG002
        return self.kind.compares_examples


def classification(count: int = 32) -> list[list[Features]]:
    draw = torch.Generator().manual_seed(1)
    lengths = torch.randint(3, 30, (count,), generator=draw).tolist()
    return [[Features(_ids(n, draw), None, i % 4, i)] for i, n in enumerate(lengths)]


def multiple_choice(count: int = 32) -> list[list[Features]]:
    """Return examples of two to five options; one in eight is without a label."""
    draw = torch.Generator().manual_seed(3)
    examples = []
    for i in range(count):
        lengths = torch.randint(3, 30, (2 + i % 4,), generator=draw).tolist()
        right = IGNORE if i % 8 == 7 else i % len(lengths)
        examples.append([Features(_ids(n, draw), None, IGNORE if k else right, i) for k, n in enumerate(lengths)])
    return examples


def span(count: int = 32) -> list[list[Features]]:
    """Return examples of one to three windows, of which at most one holds the answer."""
    draw = torch.Generator().manual_seed(4)
    examples = []
    for i in range(count):
        lengths = torch.randint(4, 30, (1 + i % 3,), generator=draw).tolist()
        places = [(1, n - 2) if k == i % 4 else (0, 0) for k, n in enumerate(lengths)]
        examples.append([Features(_ids(n, draw), None, place, i) for n, place in zip(lengths, places, strict=True)])
    return examples


def tagging(count: int = 32) -> list[list[Features]]:
    """Return sentences of which every eighth is 40 tokens long and the others three: labels are spread unevenly."""
    draw = torch.Generator().manual_seed(2)
    lengths = [40 if i % 8 == 0 else 3 for i in range(count)]
    labels = [[IGNORE, *torch.randint(0, 4, (n - 2,), generator=draw).tolist(), IGNORE] for n in lengths]
    return [[Features(_ids(n, draw), None, labels[i], i)] for i, n in enumerate(lengths)]


def _ids(length: int, draw: torch.Generator) -> list[int]:
    return [0, *torch.randint(5, 300, (length - 2,), generator=draw).tolist(), 2]


KINDS = {
    "classification": classification(),
    "multiple_choice": multiple_choice(),
    "tagging": tagging(),
    "span": span(),
}


def cut(examples: Sequence[Sequence[Features]], size: int) -> list[Batch]:
    return [collate(examples[at : at + size], "", padding=1) for at in range(0, len(examples), size)]


class KeepGradients(torch.optim.SGD):
    """Plain gradient descent that notes the gradients it was given."""

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        self.seen = [p.grad.clone() for group in self.param_groups for p in group["params"]]
        super().step(closure)


def step(net: Net, batches: Sequence[Batch], clip: float = NO_CLIPPING, **how: Any) -> tuple[float, list[torch.Tensor]]:
    parameters = [p for p in net.parameters() if p.requires_grad]
    optimizer = KeepGradients(parameters, lr=0.1)
    loss = train_step(net, parameters, optimizer, batches, max_grad_norm=clip, dtype=how.get("dtype", torch.float32))
    return loss, optimizer.seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_cutting_the_batch_changes_neither_gradient_nor_weights(kind: str, dtype: torch.dtype, tolerance: float) -> None:
    outcomes = []
    for size in (32, 8, 1):
        net = Net(kind, dtype)
        loss, gradients = step(net, cut(KINDS[kind], size), clip=0.5)
        outcomes.append((loss, [*gradients, *net.parameters()]))
    (loss_at_once, at_once), *others = outcomes
    for loss, tensors in others:
        assert loss == pytest.approx(loss_at_once, rel=1e-6)  # added up in float32
        for mine, reference in zip(tensors, at_once, strict=True):
            torch.testing.assert_close(mine, reference, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("kind", ["classification", "tagging"])
def test_loss_is_the_mean_over_all_labels(kind: str) -> None:
    examples, net = KINDS[kind], Net(kind, torch.float64)
    surprises = []  # -log p of each label, one sentence at a time, without padding
    with torch.no_grad():
        for (one,) in examples:
            assert not isinstance(one.labels, tuple)
            logits = net.model(input_ids=torch.tensor([one.ids])).logits[0]
            gold = [one.labels] if isinstance(one.labels, int) else one.labels
            for scores, label in zip(logits.reshape(len(gold), -1).tolist(), gold, strict=True):
                if label != IGNORE:
                    surprises.append(math.log(math.fsum(map(math.exp, scores))) - scores[label])
    expected = math.fsum(surprises) / len(surprises)
    loss, _ = step(net, cut(examples, 8))
    assert loss == pytest.approx(expected, rel=1e-6)  # the loss itself is taken in float32


def test_loss_of_options_is_that_of_transformers() -> None:
    """Which wants the options of one example padded to one length, and here gets one example at a time."""
    examples, net = KINDS["multiple_choice"], Net("multiple_choice", torch.float64)
    losses = []
    with torch.no_grad():
        for options in examples:
            together = collate([options], "", padding=1)
            mask = torch.ones_like(together.ids) if together.mask is None else together.mask
            if options[0].labels != IGNORE:
                label = torch.tensor([options[0].labels])
                losses.append(net.model(together.ids[None], attention_mask=mask[None], labels=label).loss.item())
    assert len(losses) == 28
    loss, _ = step(net, cut(examples, 8))
    assert loss == pytest.approx(math.fsum(losses) / len(losses), rel=1e-6)


def test_loss_of_spans_is_that_of_transformers() -> None:
    """Which is the mean of the losses of the first and last sub-token, here of one window at a time, without padding."""
    examples, net = KINDS["span"], Net("span", torch.float64)
    losses = []
    with torch.no_grad():
        for window in (window for windows in examples for window in windows):
            assert isinstance(window.labels, tuple)
            first, last = (torch.tensor([position]) for position in window.labels)
            losses.append(net.model(torch.tensor([window.ids]), start_positions=first, end_positions=last).loss.item())
    loss, _ = step(net, cut(examples, 8))
    assert loss == pytest.approx(math.fsum(losses) / len(losses), rel=1e-6)


def test_a_mean_of_means_would_be_another_gradient() -> None:
    net, reference = (Net("tagging", torch.float64) for _ in range(2))
    batches = cut(tagging(), 1)
    _, gradients = step(net, batches)
    means = [functional.cross_entropy(reference(b).flatten(0, 1), b.labels.flatten(), ignore_index=IGNORE) for b in batches]
    wrong = torch.autograd.grad(torch.stack(means).mean(), list(reference.parameters()))
    differences = [(mine - other).abs().max().item() for mine, other in zip(gradients, wrong, strict=True)]
    assert max(differences) > 1e-3


def test_gradient_is_clipped_to_the_norm_of_the_whole_batch() -> None:
    net = Net("classification", torch.float64)
    _, gradients = step(net, cut(classification(), 8), clip=1e-3)
    assert torch.cat([g.flatten() for g in gradients]).norm().item() == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_leaves_the_weights(bad: float) -> None:
    class Broken(Net):
        def forward(self, batch: Batch) -> torch.Tensor:
            return super().forward(batch) * (bad if len(batch.ids) == 4 else 1.0)

    net = Broken("classification", torch.float32)
    parameters = list(net.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=0.1)
    before = [p.detach().clone() for p in parameters]
    with pytest.raises(NonFiniteError, match="the gradient's norm is"):
        train_step(
            net,
            parameters,
            optimizer,
            cut(classification(12), 8),
            max_grad_norm=1.0,
            dtype=torch.float32,
        )
    assert all(torch.equal(p, old) for p, old in zip(parameters, before, strict=True))
    assert all(p.grad is None for p in parameters), "the next update would add to this gradient"
    assert not optimizer.state


def test_bfloat16_is_near_float32() -> None:
    exact = step(Net("classification", torch.float32), cut(classification(), 8))
    rough = step(Net("classification", torch.float32), cut(classification(), 8), dtype=torch.bfloat16)
    assert rough[0] != exact[0], "autocast did nothing"
    assert rough[0] == pytest.approx(exact[0], rel=0.02)
    one, other = (torch.cat([g.flatten() for g in gradients]) for gradients in (exact[1], rough[1]))
    assert functional.cosine_similarity(one, other, dim=0) > 0.99
    assert all(g.dtype == torch.float32 for g in rough[1])


# The official schedule starts at 0, so that its first update does nothing; ours is its next value while it rises.
@pytest.mark.parametrize(("total", "warmup"), [(100, 0.1), (37, 0.25), (50, 0.0), (10, 1.0), (1, 0.1), (3, 0.5)])
def test_learning_rate_is_the_official_one(total: int, warmup: float) -> None:
    rising = round(total * warmup)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    official = get_linear_schedule_with_warmup(optimizer, rising, total).lr_lambdas[0]  # type: ignore[no-untyped-call]
    rates = [learning_rate(update, total, peak=2e-5, warmup=warmup) for update in range(total)]
    expected = [2e-5 * official(update + 1 if update < rising else update) for update in range(total)]
    assert rates == pytest.approx([2e-5 if rising == total and u == total - 1 else e for u, e in enumerate(expected)])


def test_learning_rate_rises_to_its_peak_and_falls_to_nearly_nothing() -> None:
    rates = [learning_rate(update, 200, peak=1e-4, warmup=0.1) for update in range(200)]
    assert rates[0] == pytest.approx(1e-4 / 20)
    assert [rates[19], rates[20], max(rates)] == pytest.approx([1e-4] * 3)
    assert rates[:20] == sorted(rates[:20])
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert 0 < rates[-1] == pytest.approx(1e-4 / 180)


def test_weights_decay_but_biases_and_layer_norms_do_not() -> None:
    net = Net("classification", torch.float32)
    optimizer = make_optimizer(
        list(net.named_parameters()), learning_rate=1e-3, weight_decay=0.3, betas=(0.8, 0.9), epsilon=1e-6
    )
    decay = {id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert len(decay) == len(list(net.parameters()))
    for name, parameter in net.named_parameters():
        assert decay[id(parameter)] == (0.0 if name.endswith("bias") or "LayerNorm" in name else 0.3), name


def test_optimizer_is_adamw() -> None:
    """Three updates by the formulas of Loshchilov and Hutter (2019), algorithm 2, in plain float64."""
    matrix, bias = (torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(shape) for shape in ((2, 3), (6,)))
    named = [("matrix", nn.Parameter(matrix.clone())), ("bias", nn.Parameter(bias.clone()))]
    rate, decay, b1, b2, epsilon = 0.01, 0.1, 0.9, 0.99, 1e-6
    optimizer = make_optimizer(named, learning_rate=rate, weight_decay=decay, betas=(b1, b2), epsilon=epsilon)
    expected = {"matrix": (matrix, decay), "bias": (bias, 0.0)}
    moments = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, (w, _) in expected.items()}
    for t in (1, 2, 3):
        for name, parameter in named:
            parameter.grad = torch.sin(t * parameter.detach() + 1)
            (weight, own), (m, v) = expected[name], moments[name]
            gradient = torch.sin(t * weight + 1)
            m, v = b1 * m + (1 - b1) * gradient, b2 * v + (1 - b2) * gradient**2
            update = (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + epsilon)
            expected[name], moments[name] = (weight - rate * own * weight - rate * update, own), (m, v)
        optimizer.step()
    for name, parameter in named:
        torch.testing.assert_close(parameter.detach(), expected[name][0], atol=1e-12, rtol=0)
