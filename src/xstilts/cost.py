"""What a study costs on a large GPU, from the sizes of its data and encoders: an estimate before anything has run.

A training run takes 6 floating-point operations a weight and sub-token, a prediction 2 (Kaplan et al., 2020, section 2.1);
weights are those of the layers, for embeddings are looked up. Attention between sub-tokens (4 % at 256 sub-tokens of XLM-R
Large) is left out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xstilts.plan import Plan
from xstilts.stage import Stage

CHARACTERS = 4.3  # of one sub-token: about what XLM-R's vocabulary cuts English into
PEAK = 989e12  # operations a second of an H200 in bfloat16, dense, from its data sheet
UTILISATION = 0.35  # the share of it that training such encoders reaches; 0.3 to 0.5 is usual
GATED = ("modernbert", "eurobert")  # three matrices in the feed-forward part of a layer in place of two


@dataclass(frozen=True)
class Shape:
    """The size of an encoder: number of layers, width, width of the feed-forward part, its number of matrices."""

    layers: int
    hidden: int
    intermediate: int
    matrices: int = 2

    @property
    def weights(self) -> int:
        """The weights that every sub-token meets."""
        return self.layers * self.hidden * (4 * self.hidden + self.matrices * self.intermediate)


BASE = Shape(12, 768, 3072)
SHAPES = {  # so that a plan can tell the cost before an encoder is downloaded
    "FacebookAI/xlm-roberta-base": BASE,
    "FacebookAI/xlm-roberta-large": Shape(24, 1024, 4096),
    "facebook/xlm-roberta-xl": Shape(36, 2560, 10240),
    "facebook/xlm-roberta-xxl": Shape(48, 4096, 16384),
    "google-bert/bert-base-multilingual-cased": BASE,
    "microsoft/mdeberta-v3-base": BASE,
}


def gpu_hours(plan: Plan, stages: Iterable[Stage]) -> float | None:
    """Return the hours that one H200 takes for `stages`, None when a size is not known.

    It assumes UTILISATION of the data sheet's PEAK and CHARACTERS a sub-token: right within a factor of two at best.
    """
    operations = 0.0
    for stage in stages:
        if stage.kind == "score" or "vectors" in stage.value:
            continue
        shape, characters = _shape(plan, stage), _characters(plan, stage)
        if shape is None or characters is None:
            return None
        operations += (6 if stage.kind == "train" else 2) * shape.weights * characters / CHARACTERS
    return operations / (PEAK * UTILISATION) / 3600


def _shape(plan: Plan, stage: Stage) -> Shape | None:
    name = plan.uses[stage.key][0].encoder
    folder = plan.encoders[name].folder
    return read_shape(folder) if folder else SHAPES.get(plan.study.encoders[name].hub or "")


def read_shape(folder: Path) -> Shape | None:
    """Return the shape that a Hugging Face folder's config.json tells, None when it is not told by the usual names."""
    config = json.loads((folder / "config.json").read_bytes())
    layers, hidden, intermediate = (config.get(name) for name in ("num_hidden_layers", "hidden_size", "intermediate_size"))
    if not (isinstance(layers, int) and isinstance(hidden, int) and isinstance(intermediate, int)):
        return None
    return Shape(layers, hidden, intermediate, 3 if config.get("model_type") in GATED else 2)


def _characters(plan: Plan, stage: Stage) -> float | None:
    if stage.kind == "train":
        return plan.work[stage.key].characters
    task, data = plan.tasks[stage.value["task"]], plan.file(stage.value["data"])
    rows, limit = data.rows or task.sizes.get("test"), stage.value["limit"]
    if rows is None or not task.characters:
        return None
    return float(min(rows, limit) if limit else rows) * task.characters
