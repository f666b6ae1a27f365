"""Toy data that an encoder of a few thousand weights learns, in the hub's form, and the studies that use it.

Sentences are made of words that all toy languages share, so that what is learnt in English shows in the others. The first
word of a second sentence tells the class; each word has one part of speech.
"""

import json
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

Row = dict[str, Any]

WORDS = {  # part of speech -> words, of letters that the tiny encoders' tokenizer knows
    "NOUN": ("river", "bridge", "door", "house"),
    "VERB": ("opened", "closed", "is", "stood"),
    "DET": ("the", "a", "an"),
    "ADV": ("today", "here", "soon"),
}
PATTERN = ("DET", "NOUN", "VERB", "ADV")
TAGS = {"ADV": 2, "DET": 5, "NOUN": 7, "VERB": 15}  # in the hub's rows
ENDINGS = {"English": "", "German": "en", "Swahili": "a"}
CODES = {"en": "English", "de": "German", "sw": "Swahili"}
MARKS = ("yes", "who", "not")  # entailment, neutral, contradiction


@dataclass(frozen=True)
class Run:
    """A finished run: study file, store, and what the command printed."""

    study: Path
    out: Path
    stdout: str
    stderr: str


def xstilts(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "xstilts.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def datasets(train: int = 48, evaluate: int = 24) -> dict[str, dict[str, list[Row]]]:
    """Return rows of mnli, qqp, xnli, udpos and tatoeba: data set -> "config/split" -> rows.

    Other languages have training and validation splits too: a study must leave them alone.
    """
    sizes = {"train": train, "validation": evaluate, "test": evaluate}
    xnli = {f"{code}/{split}": _inference(sizes[split], name, split) for code, name in CODES.items() for split in sizes}
    udpos = {f"udpos.{name}/{split}": _tagged(sizes[split], name, split) for name in ("English", "German") for split in sizes}
    return {
        "nyu-mll/glue": {
            "mnli/train": _inference(train, "English", "mnli"),
            "mnli/validation_matched": _inference(evaluate, "English", "mnli validation"),
            "qqp/train": _questions(train, "train"),
            "qqp/validation": _questions(evaluate, "validation"),
        },
        "facebook/xnli": xnli,
        "google/xtreme": udpos,
        "mteb/tatoeba-bitext-mining": {"deu-eng/test": _translations(evaluate)},
    }


def write_mirror(
    folder: Path,
    datasets: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]],
    deviations: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Write a mirror of `{"owner/name": {"config/split": rows}}`, with notes in the same form; return its folder."""
    manifest = {}
    for dataset, files in datasets.items():
        listed = {}
        for name, rows in files.items():
            path = folder / dataset.replace("/", "--") / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
            listed[name] = {"rows": len(rows), "sha256": sha256(path.read_bytes()).hexdigest()}
        manifest[dataset] = {"deviation": dict((deviations or {}).get(dataset, {})), "files": listed}
    (folder / "mirror.yaml").write_text(json.dumps(manifest, indent=2))  # JSON is YAML
    return folder


def write_study(folder: Path, encoder: Path, mirror: Path, **changes: Any) -> Path:
    """Write a study of all toy tasks; `changes` replace its fields, and None takes one out."""
    study: dict[str, Any] = {
        "name": "toy",
        "encoders": {"tiny": {"path": str(encoder)}},
        "intermediates": {
            "baseline": [],
            "nli": ["mnli"],
            "nli-then-qqp": ["mnli", "qqp"],
            "both": [{"mix": ["mnli", "qqp"], "sampling": {"proportional": {"cap": 32}}}],
        },
        "targets": ["xnli", "udpos", "tatoeba"],
        "seeds": [1],
        "train": {"learning_rate": 3e-3, "epochs": 10, "batch_size": 8, "max_length": 64, "precision": "float32"},
        "data": {"mirror": str(mirror)},
    }
    study |= changes
    path = folder / f"{study['name']}.yaml"
    path.write_text(json.dumps({name: value for name, value in study.items() if value is not None}, indent=1))  # JSON is YAML
    return path


def small(**changes: Any) -> Mapping[str, Any]:
    """Return the changes that make a study of six training updates and two languages."""
    settings = {"learning_rate": 5e-3, "epochs": 1, "batch_size": 8, "max_length": 64, "precision": "float32"}
    return {
        "intermediates": {"baseline": [], "nli": ["mnli"]},
        "targets": ["xnli"],
        "languages": {"xnli": ["en", "de"]},
        "train": settings,
        **changes,
    }


def _sentence(draw: random.Random, language: str) -> list[tuple[str, str]]:
    return [(draw.choice(WORDS[tag]) + ENDINGS[language], tag) for tag in PATTERN]


def _text(words: Sequence[tuple[str, str]]) -> str:
    return " ".join(word for word, _ in words)


def _inference(count: int, language: str, seed: str) -> list[Row]:
    draw = random.Random(f"{language} {seed}")
    rows = []
    for i in range(count):
        premise, label = _text(_sentence(draw, language)), i % len(MARKS)
        rows.append({"premise": premise, "hypothesis": f"{MARKS[label]} {premise}", "label": label})
    draw.shuffle(rows)
    return rows


def _questions(count: int, seed: str) -> list[Row]:
    draw = random.Random(f"questions {seed}")
    rows = []
    for i in range(count):
        first, label = _text(_sentence(draw, "English")), i % 2
        rows.append({"question1": first, "question2": f"{MARKS[2 * label]} {first}", "label": label})
    draw.shuffle(rows)
    return rows


def _tagged(count: int, language: str, seed: str) -> list[Row]:
    draw = random.Random(f"tags {language} {seed}")
    sentences = [_sentence(draw, language) for _ in range(count)]
    return [{"tokens": [w for w, _ in s], "pos_tags": [TAGS[tag] for _, tag in s]} for s in sentences]


def _translations(count: int) -> list[Row]:
    draw = random.Random("translations")
    sentences = [_sentence(draw, "English") + _sentence(draw, "English") for _ in range(count)]
    german = [" ".join(word + ENDINGS["German"] for word, _ in sentence) for sentence in sentences]
    return [{"sentence1": there, "sentence2": _text(here)} for there, here in zip(german, sentences, strict=True)]
