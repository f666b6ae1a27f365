"""The state of a training run on disk: enough to go on as if nothing had happened."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file


def write_tensors(path: Path, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Write tensors and facts as one file, atomically: a reader sees the old file or the new one.

    Raises:
        OSError: with ENOSPC when the disk is full.

    """
    temporary = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with system_errors(path):
        save_file(tensors, temporary, metadata={"facts": json.dumps(facts)})
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """Raise as OSError what safetensors reports as text: "I/O error: No space left on device (os error 28)"."""
    try:
        yield
    except SafetensorError as error:
        found = re.search(r"\(os error (\d+)\)", str(error))
        if not found:
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(path)) from error


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]] | None:
    """Return the tensors (each in memory of its own) and facts of a file, None when there is none or it is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()["facts"])
            return {name: file.get_tensor(name).clone() for name in file.keys()}, facts  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None


def training_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return weights and optimizer state as flat named tensors; shared weights stand once."""
    tensors = {f"model/{name}": p.detach().contiguous() for name, p in model.named_parameters()}
    for position, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{position}/{name}": value for name, value in state.items()}
    return tensors


def load_training_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Put a state that `training_state` made back in place."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[f"model/{name}"])
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer/"):
            _, position, field = name.split("/")
            state.setdefault(int(position), {})[field] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
