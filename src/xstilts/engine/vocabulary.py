"""Train with the embedding rows that a run's data uses, and put the others back afterwards: the same weights, less memory.

Rows that never occur get no gradient, so AdamW leaves them alone but for the weight decay, a known factor. XLM-R Large
keeps 256 of its 560 million parameters in this matrix, and English data uses a few per cent of its rows.
"""

from collections.abc import Iterable

import torch
from torch import nn


class TrimmedVocabulary:
    """The embedding of a model cut to some ids, and the way back.

    Args:
        model: a transformers model; its input embedding is replaced.
        used: ids that occur in the data, any order, repeats allowed.
        padding: id of the padding token. It keeps its number where it can: RoBERTa-like models count positions from it.

    """

    def __init__(self, model: nn.Module, used: Iterable[int], padding: int) -> None:
        self.model = model
        self.full: nn.Embedding = model.get_input_embeddings()  # type: ignore[operator]
        kept = sorted({*used, padding} - {padding})
        kept.insert(min(padding, len(kept)), padding)
        self.kept = torch.tensor(kept)
        self.number = torch.full((self.full.num_embeddings,), -1)
        self.number[self.kept] = torch.arange(len(kept))
        position = int(self.number[padding])
        small = nn.Embedding(
            len(kept), self.full.embedding_dim, padding_idx=None if self.full.padding_idx is None else position
        )
        small.weight = nn.Parameter(self.full.weight.detach()[self.kept].clone())
        model.set_input_embeddings(small)  # type: ignore[operator]
        self.small = small
        self.full.cpu()  # nothing looks at it until the end

    def renumber(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the rows of the small matrix for ids of the full one, same shape."""
        return self.number[ids]

    def restore(self, decay: float = 1.0) -> None:
        """Put the full matrix back: kept rows as they are now, the others multiplied by `decay`."""
        weight = self.full.weight.detach() * decay
        weight[self.kept] = self.small.weight.detach().to(weight.device, weight.dtype)
        self.full.weight = nn.Parameter(weight)
        self.full.to(self.small.weight.device)
        self.model.set_input_embeddings(self.full)  # type: ignore[operator]
