"""Cross-entropy over a vocabulary in pieces that fit a processor's cache: logits are made, used and forgotten.

The gradient is made together with the loss (as in Hsu et al., 2024, Liger Kernel), so that of the three large products none is
repeated and no softmax is kept. On one core with 600 rows, 192 columns and 16,000 ids this takes two thirds of the time of
`functional.cross_entropy`, which is about what the products alone take.
"""

from typing import Any

import torch

CHUNK = 128  # rows; 64 to 300 are alike


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the loss; keep the gradients."""
        to_rows, to_weight, to_bias = torch.empty_like(rows), torch.zeros_like(weight), torch.zeros_like(bias)
        loss = rows.new_zeros(())
        for at in range(0, len(rows), CHUNK):
            part, labels_here = rows[at : at + CHUNK], labels[at : at + CHUNK, None]
            logits = torch.addmm(bias, part, weight.T)  # [CHUNK, V]
            normaliser = logits.logsumexp(1, keepdim=True)
            loss += (normaliser - logits.gather(1, labels_here)).sum()
            gradient = logits.sub_(normaliser).exp_()  # the softmax, less 1 at the label
            gradient.scatter_add_(1, labels_here, gradient.new_full(labels_here.shape, -1.0))
            torch.mm(gradient, weight, out=to_rows[at : at + CHUNK])
            to_weight.addmm_(gradient.T, part)
            to_bias += gradient.sum(0)
        ctx.save_for_backward(to_rows, to_weight, to_bias)
        return loss

    @staticmethod
    def backward(ctx: Any, scale: torch.Tensor) -> Any:
        """Return the gradients of rows, weight and bias."""
        return *(gradient * scale for gradient in ctx.saved_tensors), None


def summed_cross_entropy(rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of `rows @ weight.T + bias` with the labels, summed, in nats.

    Args:
        rows: [M, H].
        weight: [V, H].
        bias: [V].
        labels: [M], below V.

    """
    loss: torch.Tensor = _SummedCrossEntropy.apply(rows, weight, bias, labels)  # type: ignore[no-untyped-call]
    return loss
