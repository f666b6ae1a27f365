"""Line-parallel text in three languages of a few words each, which a tiny encoder learns in seconds; and its pretraining."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ADJECTIVES = ("old", "new", "red", "big")
NOUNS = ("river", "bridge", "door", "house", "garden", "school")
VERBS = ("opens", "closes", "sees", "has")
FIELDS: dict[str, Any] = {
    "name": "toy",
    "corpus": {"parallel": "text", "held_out": 20, "alpha": 0.5},
    "tokenizer": {"kind": "bpe", "size": 90},
    "sizes": {"pico": {"hidden": 32, "layers": 2, "heads": 4}},
    "objective": {"translation": 0.5},
    "train": {"updates": 12, "tokens": 128, "max_length": 32, "learning_rate": 2e-3},
    "seeds": [1],
}


def parallel(count: int, seed: int = 0) -> dict[str, list[str]]:
    """Return language -> lines: English; its words backwards; its words in capitals, in another order."""
    draw = random.Random(seed)
    found = [[draw.choice(words) for words in (ADJECTIVES, NOUNS, VERBS, ADJECTIVES, NOUNS)] for _ in range(count)]
    return {
        "en": [" ".join(words) for words in found],
        "xx": [" ".join(word[::-1] for word in words) for words in found],
        "yy": [" ".join(words[place].upper() for place in (1, 0, 4, 3, 2)) for words in found],
    }


def write_folder(folder: Path, lines: Mapping[str, Sequence[str]]) -> Path:
    """Write language -> lines as `<language>.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, text in lines.items():
        (folder / f"{language}.txt").write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    return folder


def write_pretraining(folder: Path, lines: Mapping[str, Sequence[str]] | None = None, **changes: Any) -> Path:
    """Write a corpus and the file of a pretraining on it; a change of None takes the field out."""
    write_folder(folder / "text", lines or parallel(400))
    file = folder / "toy.yaml"
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    file.write_text(json.dumps(fields, indent=1))  # JSON is YAML too
    return file
