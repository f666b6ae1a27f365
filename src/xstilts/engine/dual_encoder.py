"""The model that turns queries and passages into vectors: a transformers encoder and one number, the scale of cosines."""

import math
from typing import Any

import torch
from torch import nn

SCALE = 100.0  # of cosines before the first update, as in XTREME-R's baseline (`third_party/bert.py`)


def dual_encoder(classifier: Any) -> Any:
    """Return a class with the encoder of a transformers classifier, and in place of its head `log_scale`, shape [1].

    The official baseline learns the scale itself; its logarithm keeps it positive. The class is made from the classifier's,
    so that a mixture can share one encoder, and is named `...ForRanking`.
    """

    class DualEncoder(classifier):  # type: ignore[misc]
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            for name in [name for name, _ in self.named_children() if name != self.base_model_prefix]:
                delattr(self, name)
            self.log_scale = nn.Parameter(torch.full((1,), math.log(SCALE)))

        def _init_weights(self, module: nn.Module) -> None:
            """Start the scale where a checkpoint has none; transformers calls this for each module."""
            if module is not self:
                super()._init_weights(module)
            elif hasattr(self, "log_scale"):
                nn.init.constant_(self.log_scale, math.log(SCALE))

    DualEncoder.__name__ = DualEncoder.__qualname__ = classifier.__name__.replace("ForSequenceClassification", "ForRanking")
    return DualEncoder
