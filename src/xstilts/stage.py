"""Stage: one computation with its inputs, named by the key of its value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from xstilts.fingerprint import canonical, key_of

StageKind = Literal["train", "predict", "embed", "score", "tokenizer", "pretrain"]
RESUMABLE = ("train", "pretrain")  # kinds that go on from a checkpoint after a run was killed
FORMAT = 1  # of the folders; raise it when what a stage writes changes its meaning


@dataclass(frozen=True)
class Stage:
    """One computation. Its value holds what its output depends on, its inputs' keys included, and nothing else."""

    kind: StageKind
    value: Mapping[str, Any]
    inputs: tuple[str, ...] = ()

    @cached_property
    def canonical(self) -> Any:
        """The value as plain JSON types, as hashed and as written in stage.json."""
        return canonical({"stage": self.kind, "format": FORMAT, **self.value})

    @cached_property
    def key(self) -> str:
        """The hash of the value; the stage's folder is named by it."""
        return key_of({"stage": self.kind, "format": FORMAT, **self.value})

    @property
    def title(self) -> str:
        """A short line for people: `train mnli+snli, seed 1`, `predict xnli sw test`."""
        value = self.value
        if self.kind == "train":
            return f"train {'+'.join(part['task'] for part in value['tasks'])}, seed {value['seed']}"
        if self.kind == "score":
            return f"score {value['metric']}"
        if self.kind == "tokenizer":
            return f"tokenizer of {value['size']} {value['kind']} pieces"
        if self.kind == "pretrain":
            shape = value["start"].get("size")
            what = f"{shape['layers']} layers of {shape['hidden']}" if shape else "from a checkpoint"
            return f"pretrain {what}, seed {value['seed']}"
        if "vectors" in value:
            return f"predict {value['task']} from vectors"
        return f"{self.kind} {value['task']} {value['data']['config']} {value['data']['split']}"
