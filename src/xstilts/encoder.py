"""What identifies an encoder in keys, and where its files lie on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xstilts.digests import cache_folder, sha256, write_atomically
from xstilts.errors import EncoderError
from xstilts.fingerprint import key_of
from xstilts.spec import Encoder

CONFIG = "config.json"
WEIGHTS = ("model*.safetensors", "model.safetensors.index.json")
PICKLED = "pytorch_model.bin"  # read without running code; only where there are no safetensors
VOCABULARIES = ("tokenizer.json", "*.model", "vocab.txt", "vocab.json")  # without one of them there is no tokenizer
TOKENIZER = (*VOCABULARIES, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt")


@dataclass(frozen=True)
class EncoderIdentity:
    """What goes in keys for an encoder.

    Attributes:
        weights: content hash of a folder's configuration and weights, or hub id and revision.
        tokenizer: hash of the ids that the tokenizer gives a fixed multilingual text; None while its files are not on this
            machine, and then keys are provisional.
        folder: where the files lie; None while they are not on this machine.

    """

    weights: dict[str, Any]
    tokenizer: str | None
    folder: Path | None


def identify(encoder: Encoder) -> EncoderIdentity:
    """Return the identity of an encoder, without the network and without importing torch.

    Raises:
        EncoderError: when a local folder lacks its configuration or weights, or its tokenizer cannot be opened.

    """
    folder = encoder.path or _in_hub_cache(encoder)
    tokenizer = tokenizer_fingerprint(folder) if folder and _complete(folder) else None
    if encoder.hub:
        return EncoderIdentity({"hub": encoder.hub, "revision": encoder.revision}, tokenizer, folder)
    assert folder is not None
    files = [path for path in (folder / CONFIG, *weight_files(folder)) if path.is_file()]
    if not _complete(folder):
        raise EncoderError(
            f"{folder} is not a Hugging Face folder: it needs {CONFIG}, model.safetensors (or all files of its index) and a "
            f"tokenizer; found {', '.join(path.name for path in sorted(folder.glob('*'))) or 'nothing'}. Save the model and "
            "the tokenizer with `save_pretrained`."
        )
    return EncoderIdentity({"content": key_of({path.name: sha256(path) for path in files})}, tokenizer, folder)


def fetch(encoder: Encoder) -> Path:
    """Return the encoder's folder, downloading it from the hub where needed.

    Raises:
        EncoderError: when the hub cannot be reached, refuses, or sends an incomplete set of files.

    """
    if encoder.path:
        return encoder.path
    found = _in_hub_cache(encoder)
    if found:
        return found
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    where = f"https://huggingface.co/{encoder.hub}"
    hub, revision = str(encoder.hub), encoder.revision
    try:
        folder = Path(snapshot_download(hub, revision=revision, allow_patterns=[CONFIG, *WEIGHTS, *TOKENIZER]))
        if not weight_files(folder):
            snapshot_download(hub, revision=revision, allow_patterns=[PICKLED])
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise EncoderError(
            f"encoder {hub} at {revision} could not be downloaded ({type(error).__name__}: {reason}). If it is gated, accept "
            f"its conditions at {where} and run `hf auth login`; without a network, copy the folder and give `path:`."
        ) from error
    if not _complete(folder):  # snapshot_download returns a partial folder without a word when its listing request fails
        raise EncoderError(
            f"encoder {hub} at {revision} is incomplete in {folder}: it needs {CONFIG}, all of its weights (safetensors, or "
            f"{PICKLED}) and a tokenizer. Run again with a network."
        )
    return folder


def tokenizer_fingerprint(folder: Path) -> str:
    """Return the hash of the probe's ids, computed once per tokenizer files and library versions.

    Another process computes it: transformers imports torch, which planning must not.
    """
    files = {path.name: sha256(path) for path in _matching(folder, (*TOKENIZER, CONFIG))}
    key = key_of({"files": files, "transformers": version("transformers"), "tokenizers": version("tokenizers")})
    note = cache_folder() / "tokenizers" / f"{key}.json"
    if note.is_file():
        return str(json.loads(note.read_text())["fingerprint"])
    command = [sys.executable, "-m", "xstilts.engine.tokenizer", str(folder)]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().split("\n")[-1]
        raise EncoderError(
            f"the tokenizer of {folder} cannot be opened ({reason}). It needs tokenizer.json or a tokenizer model."
        )
    note.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(note, done.stdout.encode())
    return str(json.loads(done.stdout)["fingerprint"])


def _in_hub_cache(encoder: Encoder) -> Path | None:
    if encoder.hub is None:
        return None
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE) / f"models--{encoder.hub.replace('/', '--')}" / "snapshots" / str(encoder.revision)
    return folder if _complete(folder) else None


def _complete(folder: Path) -> bool:
    """Whether configuration, all weights and a tokenizer are there."""
    weights = weight_files(folder)
    return (
        (folder / CONFIG).is_file() and bool(_matching(folder, VOCABULARIES) and weights) and all(p.is_file() for p in weights)
    )


def weight_files(folder: Path) -> list[Path]:
    """Return the files that hold the weights, those that the index names included whether they are there or not."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return [index, *sorted({folder / name for name in json.loads(index.read_text())["weight_map"].values()})]
    single = [folder / name for name in ("model.safetensors", PICKLED) if (folder / name).is_file()]
    return single[:1]


def _matching(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
