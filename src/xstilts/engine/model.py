"""One encoder with a head for each task of a phase; plain Hugging Face folders in and out."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from xstilts.encoder import TOKENIZER
from xstilts.engine.checkpoint import system_errors
from xstilts.engine.dual_encoder import dual_encoder
from xstilts.engine.first_token import read_first_token_only
from xstilts.errors import EncoderError
from xstilts.kinds import Batch, kind_functions, kind_of
from xstilts.kinds.ranking import AUTO_CLASS

MAIN_TASK = "xstilts_task"  # config field: the task whose head lies in the folder's own weights
POOLERS = ("pooler.",)  # of some base models; unused by the heads of others, so they may be missing from a checkpoint


@dataclass(frozen=True)
class HeadSpec:
    """What a head is made for: task name, kind, labels in the order of its outputs."""

    task: str
    kind: str
    labels: tuple[str, ...]


class MultiHeadModel(nn.Module):
    """Transformers models, one a task, that share one encoder.

    Args:
        models: task name -> model; all hold the same base model. The first is the folder's own when saved.
        heads: task name -> what its head is made for.

    """

    def __init__(self, models: Mapping[str, nn.Module], heads: Sequence[HeadSpec]) -> None:
        super().__init__()
        self.models = nn.ModuleDict({_module_name(task): model for task, model in models.items()})
        self.heads = {head.task: head for head in heads}

    def of(self, task: str) -> Any:
        """Return the transformers model of a task."""
        return self.models[_module_name(task)]

    @property
    def main(self) -> Any:
        """The model whose head lies in the folder's own weights."""
        return self.of(next(iter(self.heads)))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return logits [B, C], or [B, T, C] where each position has its own."""
        return kind_functions(self.heads[batch.task].kind).head(self.of(batch.task), batch)

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the loss of a batch's logits, summed over its labels, in nats."""
        return kind_functions(self.heads[batch.task].kind).loss(logits, batch)

    def compares_examples(self, batch: Batch) -> bool:
        """Return whether the loss of a batch's task compares the examples of an update with each other."""
        return kind_functions(self.heads[batch.task].kind).compares_examples

    def shorten(self) -> None:
        """Skip what no head reads; call it when all heads read the first position alone (no return)."""
        if all(kind_functions(head.kind).reads_first_token for head in self.heads.values()):
            read_first_token_only(self.main.base_model)


def _module_name(task: str) -> str:
    return task.replace(".", "_")  # nn.ModuleDict refuses dots


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return a folder's weights, each in memory of its own.

    Tensors mapped from a file may be unaligned, and then a matrix product differs in its last digit from that of the model
    that was saved.

    Raises:
        EncoderError: when the folder has no weights that can be read safely.

    """
    index = folder / "model.safetensors.index.json"
    shards = json.loads(index.read_text())["weight_map"].values() if index.is_file() else ["model.safetensors"]
    files = sorted(set(shards))
    pickled = folder / "pytorch_model.bin"
    try:
        if all((folder / name).is_file() for name in files):
            return {name: tensor.clone() for file in files for name, tensor in load_file(folder / file).items()}
        if pickled.is_file():
            weights: dict[str, torch.Tensor] = torch.load(pickled, map_location="cpu", weights_only=True)
            return weights
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        reason = str(error).split("\n")[0]
        raise EncoderError(f"the weights in {folder} cannot be read ({reason}). Copy or save the model again.") from error
    raise EncoderError(
        f"{folder} has no weights: it needs model.safetensors (with all files of its index) or pytorch_model.bin."
    )


def build(folder: Path, heads: Sequence[HeadSpec], *, seed: int) -> MultiHeadModel:
    """Return the encoder of a folder with a fresh head for each task.

    A head that the folder may hold is left out, also when it would fit: a target never starts with an intermediate's head.

    Raises:
        EncoderError: when the folder's weights do not fill the encoder.

    """
    weights = read_weights(folder)
    torch.manual_seed(seed)
    # a pooler belongs to the base model of BERT's classifier but not of its tagger, and of XLM-R's multiple choice alone:
    # share a base model that serves all
    giver = min(heads, key=lambda head: (head.kind != "multiple_choice", not kind_functions(head.kind).reads_first_token))
    models = {head.task: _with_head(folder, weights if head is giver else None, head) for head in heads}
    shared = models[giver.task].base_model
    for model in models.values():
        setattr(model, model.base_model_prefix, shared)
    return MultiHeadModel(models, heads)


def _with_head(folder: Path, weights: dict[str, torch.Tensor] | None, head: HeadSpec) -> Any:
    """Return the model of one kind: encoder from `weights` (None: random, to be replaced) and a random head."""
    config = _config(folder, head)
    model_class = concrete_class(kind_functions(head.kind).auto_class, config)
    config.architectures = [model_class.__name__]  # `load` reads the kind from it, also of heads saved on their own
    if weights is None:
        return model_class._from_config(config)
    prefix = f"{model_class.base_model_prefix}."
    if any(name.startswith(prefix) for name in weights):
        weights = {name: tensor for name, tensor in weights.items() if name.startswith(prefix)}
    else:
        weights = {prefix + name: tensor for name, tensor in weights.items()}
    if head.kind == "multiple_choice" and not _has_pretrained_pooler(config):
        weights = {name: tensor for name, tensor in weights.items() if not name.removeprefix(prefix).startswith(POOLERS)}
    model, missing = from_weights(model_class, config, weights)
    refuse_missing(folder, model_class, [name.removeprefix(prefix) for name in missing if name.startswith(prefix)])
    return model


def _has_pretrained_pooler(config: Any) -> bool:
    """Whether an encoder's pooler is a part of it, as BERT's is. That of RoBERTa and its kin was never trained.

    It then belongs to the head of a multiple-choice task; transformers leaves it out of their classifiers.
    """
    with torch.device("meta"):
        classifier = concrete_class("AutoModelForSequenceClassification", config)._from_config(config)
    return getattr(classifier.base_model, "pooler", None) is not None


def refuse_missing(folder: Path, model_class: Any, missing: Sequence[str]) -> None:
    """Refuse an encoder that would start with random weights; `missing` are names of tensors of its base model.

    Raises:
        EncoderError: when any but a pooler is missing.

    """
    if absent := [name for name in missing if not name.startswith(POOLERS)]:
        raise EncoderError(
            f"{folder}: the weights lack {len(absent)} tensors of a {model_class.__name__} or have them in another shape, "
            f"first {absent[0]}. config.json and the weights must come from one model: save it again with `save_pretrained`."
        )


def concrete_class(auto_class: str, config: Any) -> Any:
    """Return the transformers class that an auto class stands for.

    Raises:
        EncoderError: when this kind of encoder has no such class.

    """
    import transformers

    if auto_class == AUTO_CLASS:
        return dual_encoder(concrete_class("AutoModelForSequenceClassification", config))
    mapping = getattr(transformers, auto_class)._model_mapping
    if type(config) not in mapping:
        raise EncoderError(
            f"encoders of type {config.model_type} have no {auto_class.removeprefix('AutoModel') or 'bare model'} in "
            "transformers, so this kind of task cannot be trained with them. Choose another encoder."
        )
    found = mapping[type(config)]
    return found[0] if isinstance(found, tuple) else found


def from_weights(model_class: Any, config: Any, weights: dict[str, torch.Tensor]) -> tuple[Any, list[str]]:
    """Return a float32 model filled with weights, and the names of its tensors that `weights` lack or have in another shape."""
    model, report = model_class.from_pretrained(
        None,
        config=config,
        state_dict=weights,
        output_loading_info=True,
        dtype=torch.float32,
        ignore_mismatched_sizes=True,  # they are in the report
    )
    return model, sorted({*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])})


def _config(folder: Path, head: HeadSpec) -> Any:
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    outputs = kind_functions(head.kind).outputs or head.labels
    config.id2label = dict(enumerate(outputs))
    config.label2id = {label: i for i, label in enumerate(outputs)}
    config.dtype = torch.float32
    setattr(config, MAIN_TASK, head.task)
    return config


def save(model: MultiHeadModel, folder: Path, tokenizer_from: Path) -> None:
    """Write a folder that plain transformers loads: the first task's model, the tokenizer's files as they were, other heads.

    `heads/<task>/` holds the configuration and the head's own weights of each further task of a mixture.

    Raises:
        OSError: with ENOSPC when the disk is full.

    """
    tasks = list(model.heads)
    with system_errors(folder):
        model.main.save_pretrained(folder)
    for path in sorted({path for pattern in TOKENIZER for path in tokenizer_from.glob(pattern)}):
        shutil.copyfile(path, folder / path.name)
    for task in tasks[1:]:
        other, place = model.of(task), folder / "heads" / task
        other.config.save_pretrained(place)
        prefix = f"{other.base_model_prefix}."
        own = {name: tensor.contiguous() for name, tensor in other.state_dict().items() if not name.startswith(prefix)}
        with system_errors(place):
            save_file(own, place / "model.safetensors", metadata={"format": "pt"})


def load(folder: Path, task: str) -> MultiHeadModel:
    """Return the trained model of one task of a folder that `save` wrote.

    Raises:
        EncoderError: when the folder has no head for the task.

    """
    from transformers import AutoConfig

    main = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    place = folder if getattr(main, MAIN_TASK, None) == task else folder / "heads" / task
    if not (place / "config.json").is_file():
        raise EncoderError(f"{folder} has no head for {task}; it was trained on {getattr(main, MAIN_TASK, 'no task')}.")
    config = AutoConfig.from_pretrained(str(place), local_files_only=True)
    weights = read_weights(folder)
    kind = kind_of(config.architectures[0])
    functions = kind_functions(kind)
    model_class = concrete_class(functions.auto_class, config)
    if place != folder:
        prefix = f"{model_class.base_model_prefix}."
        weights = {name: tensor for name, tensor in weights.items() if name.startswith(prefix)} | read_weights(place)
    model, missing = from_weights(model_class, config, weights)
    if missing:
        raise EncoderError(f"{place} lacks {len(missing)} tensors, first {missing[0]}; run again with the folder removed.")
    labels = () if functions.outputs else tuple(config.id2label[i] for i in range(len(config.id2label)))
    return MultiHeadModel({task: model}, [HeadSpec(task, kind, labels)]).eval()


def device_of(choice: str) -> torch.device:
    """Return the device to use; `auto` takes a GPU where there is one."""
    if choice != "auto":
        return torch.device(choice)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def suitable_tokens(device: torch.device, *, training: bool) -> int:
    """Return how many padded sub-tokens a device should work on at a time; only rounding and dropout masks depend on it.

    On a processor, what fits its cache: predicting 1,024 at a time was 1.7 times as fast as 16,384 (docs/performance.md).
    """
    if device.type == "cpu":
        return 4096 if training else 1024
    return 16_384
