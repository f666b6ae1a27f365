import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from xstilts.engine import checkpoint
from xstilts.engine.checkpoint import load_training_state, read_tensors, system_errors, training_state, write_tensors
from xstilts.engine.step import make_optimizer

OLD = {"a": torch.arange(6.0).reshape(2, 3)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scratch" / "state.safetensors"


def test_what_is_written_is_read(path: Path) -> None:
    tensors = {"a/b": torch.randn(3, 4), "count": torch.tensor(7), "half": torch.ones(2, dtype=torch.bfloat16)}
    facts = {"update": 3, "log": {"losses": [[1, 0.1 + 0.2]], "best": None}}
    write_tensors(path, tensors, facts)
    found = read_tensors(path)
    assert found is not None
    assert found[1] == facts
    assert found[0].keys() == tensors.keys()
    assert all(torch.equal(found[0][name], tensor) and found[0][name].dtype == tensor.dtype for name, tensor in tensors.items())
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_tensors_do_not_lean_on_the_file(path: Path) -> None:
    write_tensors(path, OLD, {})
    found = read_tensors(path)
    assert found is not None
    path.write_bytes(bytes(path.stat().st_size))
    assert torch.equal(found[0]["a"], OLD["a"])


@pytest.mark.parametrize("moment", ["save_file", "replace"])
def test_a_write_that_is_cut_short_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    write_tensors(path, OLD, {"update": 1})

    def killed(*_: object, **__: object) -> None:
        if moment == "save_file":
            path.with_name(f".{path.name}.new").write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(*((checkpoint, "save_file", killed) if moment == "save_file" else (Path, "replace", killed)))
    with pytest.raises(KeyboardInterrupt):
        write_tensors(path, {"a": torch.zeros(1)}, {"update": 2})
    monkeypatch.undo()
    found = read_tensors(path)
    assert found is not None
    assert (found[1], torch.equal(found[0]["a"], OLD["a"])) == ({"update": 1}, True)
    write_tensors(path, {"a": torch.zeros(1)}, {"update": 2})
    again = read_tensors(path)
    assert again is not None
    assert again[1] == {"update": 2}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "header", "no facts", "folder"])
def test_a_damaged_file_counts_as_none(path: Path, damage: str) -> None:
    write_tensors(path, OLD, {"update": 1})
    content = path.read_bytes()
    path.unlink()
    if damage == "no facts":
        save_file(OLD, path)
    elif damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": content[:-4], "header": b"\xff" * 8 + content[8:]}[damage])
    assert read_tensors(path) is None


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_systems_error_comes_through(path: Path) -> None:
    """A real refusal of the system in the middle of a write: the text that safetensors makes of it is not ours to choose."""
    write_tensors(path, OLD, {"update": 1})
    with files_of_at_most(10_000), pytest.raises(OSError, match=os.strerror(errno.EFBIG)) as caught:
        write_tensors(path, {"a": torch.zeros(100_000)}, {"update": 2})
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(path)
    found = read_tensors(path)
    assert found is not None
    assert found[1] == {"update": 1}


def test_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:  # what safetensors 0.8 says on a full file system
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(OSError, match=r"No space left on device: .*state\.safetensors") as caught:
        write_tensors(path, OLD, {})
    assert caught.value.errno == errno.ENOSPC


def test_other_errors_of_safetensors_stay(path: Path) -> None:
    with pytest.raises(SafetensorError, match="MetadataIncompleteBuffer"), system_errors(path):
        raise SafetensorError("Error while deserializing header: MetadataIncompleteBuffer")


def test_training_goes_on_from_a_state(path: Path) -> None:
    def made() -> tuple[nn.Sequential, torch.optim.Optimizer]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
        named = list(model.named_parameters())
        return model, make_optimizer(named, learning_rate=0.1, weight_decay=0.1, betas=(0.9, 0.99), epsilon=1e-8)

    def update(model: nn.Sequential, optimizer: torch.optim.Optimizer, number: int) -> None:
        inputs = torch.randn(5, 4, generator=torch.Generator().manual_seed(number))
        optimizer.zero_grad()
        model(inputs).square().sum().backward()
        optimizer.step()

    straight, optimizer = made()
    for number in range(6):
        update(straight, optimizer, number)
    stopped, optimizer = made()
    for number in range(3):
        update(stopped, optimizer, number)
    write_tensors(path, training_state(stopped, optimizer), {})

    resumed, optimizer = made()
    found = read_tensors(path)
    assert found is not None
    load_training_state(resumed, optimizer, found[0])
    for number in range(3, 6):
        update(resumed, optimizer, number)
    for mine, expected in zip(resumed.parameters(), straight.parameters(), strict=True):
        assert torch.equal(mine, expected)


def test_shared_weights_stand_once() -> None:
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, layer)
    state = training_state(model, torch.optim.AdamW(model.parameters(), lr=0.1))
    assert sorted(state) == ["model/0.bias", "model/0.weight"]
