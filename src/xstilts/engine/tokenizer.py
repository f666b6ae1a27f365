"""Tokenizers, and the fingerprint that keeps scores of two tokenisations apart."""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from xstilts.encoder import PROBE
from xstilts.fingerprint import key_of


def open_tokenizer(folder: Path) -> Any:
    """Return the folder's tokenizer, always of the kind that maps sub-tokens to words.

    Raises:
        ValueError: when the folder holds no fast tokenizer and none can be made from its files.

    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    if not tokenizer.is_fast:
        raise ValueError(f"{folder} has no tokenizer.json and {type(tokenizer).__name__} cannot be converted to one")
    return tokenizer


def fingerprint(tokenizer: Any) -> str:
    """Return the hash of the probe's ids, single and as pairs; two tokenizers with one fingerprint cut text alike."""
    single = [tokenizer(text)["input_ids"] for text in PROBE]
    pairs = [tokenizer(a, b)["input_ids"] for a, b in pairwise(PROBE)]
    words = tokenizer([text.split() for text in PROBE], is_split_into_words=True)["input_ids"]
    return key_of([single, pairs, words])


if __name__ == "__main__":  # xstilts.encoder runs this in a process of its own
    sys.stdout.write(json.dumps({"fingerprint": fingerprint(open_tokenizer(Path(sys.argv[1])))}))
