"""What identifies an encoder in keys, and where its files lie on this machine."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xstilts.data.hub import advice, quietly
from xstilts.digests import cache_folder, sha256, write_atomically
from xstilts.errors import EncoderError
from xstilts.fingerprint import key_of
from xstilts.spec import Encoder

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"
WEIGHTS = ("model*.safetensors", INDEX)
PICKLED = "pytorch_model.bin"  # read without running code; only where there are no safetensors
VOCABULARIES = ("tokenizer.json", "*.model", "vocab.txt", "vocab.json")  # without one of them there is no tokenizer
TOKENIZER = (*VOCABULARIES, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt")
ADVICE = {  # reason of a failed download -> what is wrong and what to do; each ends with "or copy its folder"
    "gated": "the model is gated and this login may not read it. Open {page}, accept the conditions, then run `hf auth login`",
    "no revision": "the hub has no revision {revision} of this model. Take a commit from {page}/commits/main",
    "not found": "the hub has no such model, or it is private. Look for it at {page}; if it is private, run `hf auth login`",
    "no connection": "it is not in the cache {cache}, and the hub cannot be reached or the connection broke off ({error}). "
    "Run again: what was downloaded is kept; or run once where there is a connection, copy the folder HF_HOME and set "
    "HF_HUB_OFFLINE=1",
    "damaged": "a file did not arrive as the hub has it ({error}). Run again",
    "disk full": "there is no space left to keep it ({error}). Free some, or set HF_HOME to a folder on a larger disk",
    "other": "it cannot be downloaded ({error}). Mend this and run again",
}

# Cases, digits, combining marks, joiners, right-to-left, scripts without spaces: where tokenizers change between versions.
PROBE = (
    "The Quick brown FOX couldn't jump 1,234.5 m; e-mail: a_b@c.org!",
    "Zażółć gęślą jaźń – İstanbul'da ığdır, Ångström ﬁn",
    "ما الذي يَحدُث؟ خانهٔ ما می‌رویم",
    "हिन्दी में क्‍या है? বাংলা தமிழ் తెలుగు ಕನ್ನಡ",
    "我们今天去学校。東京タワーは高いです　全角ＡＢＣ",
    "ภาษาไทยไม่มีช่องว่าง ဗမာစာ ភាសាខ្មែរ 한국어 문장",
    "Привет, мир! Γειά σου Κόσμε ქართული ⵜⴰⵎⴰⵣⵉⵖⵜ 🙂👩‍👧",
    "  two  spaces\tand a tab\nand a line ",
)


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
            f"no Hugging Face folder: {_lacking(folder)}. Save the model and the tokenizer with `save_pretrained`."
        )
    return EncoderIdentity({"content": key_of({path.name: sha256(path) for path in files})}, tokenizer, folder)


def fetch(encoder: Encoder, cache: Path | None = None) -> Path:
    """Return the encoder's folder, downloading it from the hub where needed.

    Args:
        encoder: the encoder.
        cache: a folder of the hub's layout to keep it in; None takes the user's (HF_HUB_CACHE).

    Raises:
        EncoderError: when the hub cannot be reached, refuses, or sends an incomplete set of files.

    """
    if encoder.path:
        return encoder.path
    found = _in_hub_cache(encoder, cache)
    if found:
        return found
    folder = _download(encoder, [CONFIG, *WEIGHTS, *TOKENIZER], cache)
    if not weight_files(folder):
        folder = _download(encoder, [PICKLED], cache)
    if not _complete(folder):  # snapshot_download returns a partial folder without a word when its listing request fails
        raise EncoderError(
            f"encoder {encoder.hub} at {encoder.revision} is incomplete: {_lacking(folder)}. Run again with a network. If the "
            "hub has no more of it, choose another revision, or save the model anew and give `path:`."
        )
    return folder


def download_size(encoder: Encoder) -> int:
    """Return how many bytes of an encoder's files the hub would send; nothing is downloaded but their list.

    Raises:
        EncoderError: when the hub cannot be reached or refuses, or has no weights of the encoder.

    """
    files = _snapshot(encoder, [CONFIG, *WEIGHTS, *TOKENIZER], dry_run=True)
    if not any(file.filename.endswith(".safetensors") for file in files):
        pickled = _snapshot(encoder, [PICKLED], dry_run=True)
        if not pickled:
            raise EncoderError(
                f"encoder {encoder.hub} at {encoder.revision} has no weights on the hub: neither model.safetensors nor "
                f"{PICKLED}. Choose another revision, or save the model anew and give `path:`."
            )
        files += pickled
    return sum(int(file.file_size) for file in files)


def _download(encoder: Encoder, patterns: list[str], cache: Path | None) -> Path:
    """Return the encoder's folder in the hub's cache with the files that fit the patterns."""
    return Path(_snapshot(encoder, patterns, cache_dir=cache))


def _snapshot(encoder: Encoder, patterns: list[str], **how: Any) -> Any:
    """Ask `huggingface_hub` for an encoder's files that fit the patterns."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE

    hub, revision = str(encoder.hub), str(encoder.revision)
    with quietly():
        try:
            return snapshot_download(hub, revision=revision, allow_patterns=patterns, **how)
        except Exception as error:  # of those that it passes on, some are of its network library alone
            said = advice(error, ADVICE, page=f"https://huggingface.co/{hub}", revision=revision, cache=HF_HUB_CACHE)
            raise EncoderError(f"encoder {hub} at {revision}: {said}, or copy its folder and give `path:`.") from error


def tokenizer_fingerprint(folder: Path) -> str:
    """Return the hash of the probe's ids, computed once per tokenizer files and library versions.

    Another process computes it: transformers imports torch, which planning must not.
    """
    files = {path.name: sha256(path) for path in _matching(folder, (*TOKENIZER, CONFIG))}
    key = key_of({"probe": PROBE, "files": files, "transformers": version("transformers"), "tokenizers": version("tokenizers")})
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
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, done.stdout.encode())
    return str(json.loads(done.stdout)["fingerprint"])


def _in_hub_cache(encoder: Encoder, cache: Path | None = None) -> Path | None:
    if encoder.hub is None:
        return None
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = (cache or Path(HF_HUB_CACHE)) / f"models--{encoder.hub.replace('/', '--')}" / "snapshots" / str(encoder.revision)
    return folder if _complete(folder) and _as_listed(encoder, cache) else None


def _as_listed(encoder: Encoder, cache: Path | None) -> bool:
    """Whether the cache holds all the files for the tokenizer that the hub listed, as far as the list is cached.

    A tokenizer opens without its tokenizer_config.json too, and then cuts text in another way.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import IncompleteSnapshotError

    hub, revision = str(encoder.hub), encoder.revision
    try:
        snapshot_download(hub, revision=revision, cache_dir=cache, allow_patterns=[CONFIG, *TOKENIZER], local_files_only=True)
    except IncompleteSnapshotError:
        return False
    return True


def _complete(folder: Path) -> bool:
    """Whether configuration, all weights and a tokenizer are there."""
    weights = weight_files(folder)
    return (
        (folder / CONFIG).is_file() and bool(_matching(folder, VOCABULARIES) and weights) and all(p.is_file() for p in weights)
    )


def weight_files(folder: Path) -> list[Path]:
    """Return the files that hold the weights, those that the index names included whether they are there or not.

    Raises:
        EncoderError: when there is an index, and it cannot be read.

    """
    index = folder / INDEX
    if index.is_file():
        try:
            names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EncoderError(
                f"{index} does not say which files hold the weights ({type(error).__name__}: {error}): it needs a JSON "
                "mapping with `weight_map`. Delete it and copy or download the folder again."
            ) from error
        return [index, *(folder / name for name in names)]
    single = [folder / name for name in ("model.safetensors", PICKLED) if (folder / name).is_file()]
    return single[:1]


def _lacking(folder: Path) -> str:
    """Word what a folder needs and what it holds."""
    return (
        f"{folder} needs {CONFIG}, model.safetensors (or all files of its index, or {PICKLED}) and a tokenizer; it holds "
        f"{', '.join(path.name for path in sorted(folder.glob('*'))) or 'nothing'}"
    )


def _matching(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
