import json
import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from xstilts.encoder import EncoderIdentity, identify
from xstilts.engine.tokenizer import fingerprint, open_tokenizer
from xstilts.errors import EncoderError
from xstilts.spec import Encoder

INDEX = "model.safetensors.index.json"
Processes = list[list[str]]


@pytest.fixture
def folder(tmp_path: Path, tiny_encoder: Path) -> Path:
    return Path(shutil.copytree(tiny_encoder, tmp_path / "encoder"))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XSTILTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def processes(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Processes:
    """The processes asked for a fingerprint; the first answers "1", the second "2", without being started."""
    asked: Processes = []

    def answer(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps({"fingerprint": str(len(asked))}), stderr="")

    monkeypatch.setattr("xstilts.encoder.subprocess.run", answer)
    return asked


def split_weights(folder: Path) -> None:
    """Replace the weights by two files and their index."""
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    for i, part in enumerate((weights[:1000], weights[1000:])):
        (folder / f"model-{i}.safetensors").write_bytes(part)
    names = {"first": "model-0.safetensors", "second": "model-1.safetensors", "third": "model-1.safetensors"}
    (folder / INDEX).write_text(json.dumps({"weight_map": names}))


def pickle_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def whole(folder: Path) -> None:
    pass


def weights_of(folder: Path) -> dict[str, Any]:
    return identify(Encoder(path=folder)).weights


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


# --- weights


@pytest.mark.parametrize("form", [whole, split_weights, pickle_weights])
def test_a_folder_is_identified_by_its_content_alone(folder: Path, processes: Processes, form: Callable[[Path], None]) -> None:
    form(folder)
    before = weights_of(folder)
    copy = Path(shutil.copytree(folder, folder.parent / "elsewhere" / "copy"))
    for path in copy.iterdir():
        os.utime(path, (1_000_000, 1_000_000))
    assert weights_of(copy) == before
    assert str(folder) not in json.dumps(before)
    for name in ("README.md", "generation_config.json", "tf_model.h5", "model.onnx"):
        (copy / name).write_text("{}")
    assert weights_of(copy) == before


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (whole, "config.json"),
        (whole, "model.safetensors"),
        (split_weights, "config.json"),
        (split_weights, "model-0.safetensors"),
        (split_weights, "model-1.safetensors"),
        (pickle_weights, "pytorch_model.bin"),
    ],
)
def test_other_weights_or_configuration_are_another_encoder(
    folder: Path, processes: Processes, form: Callable[[Path], None], name: str
) -> None:
    form(folder)
    before, times = weights_of(folder), (folder / name).stat()
    flip_a_bit(folder / name)
    os.utime(folder / name, ns=(times.st_atime_ns, times.st_mtime_ns))  # of the same size and age: content decides
    after = weights_of(folder)
    assert after != before
    flip_a_bit(folder / name)
    assert weights_of(folder) == before


def test_safetensors_go_before_pickled_weights(folder: Path, processes: Processes) -> None:
    before = weights_of(folder)
    (folder / "pytorch_model.bin").write_bytes(b"others")
    assert weights_of(folder) == before
    (folder / "model.safetensors").unlink()
    assert weights_of(folder) != before


# --- tokenizer


def test_a_tokenizer_is_opened_once_by_another_process(folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fingerprint(open_tokenizer(folder))
    assert identify(Encoder(path=folder)) == EncoderIdentity(weights_of(folder), expected, folder)
    monkeypatch.setattr("xstilts.encoder.subprocess.run", None)
    copy = Path(shutil.copytree(folder, folder.parent / "copy"))
    assert identify(Encoder(path=copy)).tokenizer == expected


def test_another_tokenizer_is_opened_anew(folder: Path, processes: Processes) -> None:
    first = identify(Encoder(path=folder))
    vocabulary = folder / "tokenizer.json"
    vocabulary.write_text(vocabulary.read_text() + " ")
    second = identify(Encoder(path=folder))
    assert (first.tokenizer, second.tokenizer) == ("1", "2")
    assert second.weights == first.weights
    assert identify(Encoder(path=folder)) == second
    assert len(processes) == 2


@pytest.mark.parametrize("library", ["transformers", "tokenizers"])
def test_another_library_opens_the_tokenizer_anew(
    folder: Path, processes: Processes, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    identify(Encoder(path=folder))
    monkeypatch.setattr("xstilts.encoder.version", lambda name: "0.0" if name == library else version(name))
    assert identify(Encoder(path=folder)).tokenizer == "2"


def test_works_without_a_cache_that_can_be_written(folder: Path, own_cache: Path, processes: Processes) -> None:
    own_cache.write_text("a file")
    assert identify(Encoder(path=folder)).tokenizer == "1"
    assert identify(Encoder(path=folder)).tokenizer == "2"


def test_a_tokenizer_that_cannot_be_opened_is_an_error(folder: Path, own_cache: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"the tokenizer of .*encoder cannot be opened \(.+\)\. It needs tokenizer\.json"):
        identify(Encoder(path=folder))
    assert not list((own_cache / "tokenizers").glob("*"))


# --- incomplete folders


def without(*names: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def without_a_part(folder: Path) -> None:
    split_weights(folder)
    (folder / "model-1.safetensors").unlink()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (without("config.json"), "model.safetensors, tokenizer.json, tokenizer_config.json"),
        (without("model.safetensors"), "config.json, tokenizer.json, tokenizer_config.json"),
        (without("tokenizer.json"), "config.json, model.safetensors, tokenizer_config.json"),
        (without_a_part, f"config.json, model-0.safetensors, {INDEX}, tokenizer.json, tokenizer_config.json"),
        (shutil.rmtree, "nothing"),
    ],
    ids=["configuration", "weights", "tokenizer", "part of the weights", "all"],
)
def test_an_incomplete_folder_is_an_error(
    folder: Path, processes: Processes, change: Callable[[Path], None], found: str
) -> None:
    change(folder)
    with pytest.raises(EncoderError) as caught:
        identify(Encoder(path=folder))
    message = str(caught.value)
    assert message.startswith(f"no Hugging Face folder: {folder} needs config.json, model.safetensors (or ")
    assert f"; it holds {found}. Save the model" in message
    assert "`save_pretrained`" in message
    assert processes == []


@pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"weight_map": 3}'])
def test_an_index_that_says_nothing_is_an_error(folder: Path, processes: Processes, content: str) -> None:
    (folder / INDEX).write_text(content)
    with pytest.raises(EncoderError, match=r"index\.json does not say which files .*`weight_map`.*copy or download"):
        identify(Encoder(path=folder))
