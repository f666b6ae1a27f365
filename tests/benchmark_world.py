"""Toy data of every task of XTREME, and of XCOPA, in two or three languages, and the study that names the benchmark."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import toy

ROWS = 20
SPLITS = ("train", "validation", "test")


def datasets() -> dict[str, dict[str, list[toy.Row]]]:
    """Return the rows: data set -> "config/split" -> rows."""
    found = toy.datasets(train=16, evaluate=ROWS)
    squad = {f"plain_text/{split}": questions(split, "squad") for split in ("train", "validation")}
    found |= {
        "rajpurkar/squad": squad,
        "google/xquad": {f"xquad.{code}/validation": questions(code, "xquad") for code in ("en", "th")},
        "facebook/mlqa": {f"mlqa.{code}.{code}/test": questions(code, "mlqa") for code in ("en", "de")},
        "juletxara/tydiqa_xtreme": {
            "en/train": questions("en", "tydiqa train"),
            **{f"{code}/validation": questions(code, "tydiqa") for code in ("sw", "ko")},
        },
        "google-research-datasets/paws-x": {
            f"{code}/{split}": paraphrases(f"{code} {split}") for code in ("en", "fr") for split in SPLITS
        },
        "unimelb-nlp/wikiann": {f"{code}/{split}": names(f"{code} {split}") for code in ("en", "de") for split in SPLITS},
        "aps/super_glue": {f"copa/{split}": choices(split) for split in ("train", "validation")},
        "cambridgeltl/xcopa": {f"{code}/test": choices(code) for code in ("it", "sw")},
        "mteb/BUCC": {"de-en/dev": collections("dev"), "de-en/test": collections("test"), "ru-en/dev": collections("ru")},
    }
    return found


def write_study(folder: Path, encoder: Path, **changes: Any) -> Path:
    """Write the mirror and a study of XTREME and XCOPA with two intermediates and two seeds."""
    settings = {"learning_rate": 3e-3, "epochs": 3, "batch_size": 8, "max_length": 32, "precision": "float32"}
    mirror = folder / "mirror"
    if not mirror.exists():
        toy.write_mirror(mirror, datasets())
    study: Mapping[str, Any] = {
        "name": "benchmarks",
        "intermediates": {"baseline": [], "nli": ["mnli"]},
        "targets": ["xtreme", "xcopa"],
        "seeds": [1, 2],
        "train": settings,
        **changes,
    }
    return toy.write_study(folder, encoder, mirror, **study)


def sentence(draw: random.Random, length: int = 5) -> str:
    """Return words of letters that the tiny encoders' tokenizer knows."""
    words = [word for tag in toy.WORDS.values() for word in tag]
    return " ".join(draw.choice(words) for _ in range(length))


def questions(seed: str, task: str) -> list[toy.Row]:
    """Return rows whose answers differ, with ids; some have two acceptable answers."""
    draw, found = random.Random(f"{task} {seed}"), []
    for i in range(ROWS):
        context = sentence(draw)
        words = context.split()
        starts = [0, len(words[0]) + 1]
        texts = [" ".join(words[:2]), words[1]]
        answers = {"text": texts[: 1 + i % 2], "answer_start": starts[: 1 + i % 2]}
        found.append({"id": f"{task}-{seed}-{i}", "title": "t", "context": context, "question": "who", "answers": answers})
    return found


def paraphrases(seed: str) -> list[toy.Row]:
    """Return pairs, some without a label: the task leaves those out."""
    draw = random.Random(f"pawsx {seed}")
    rows = [{"sentence1": sentence(draw), "sentence2": sentence(draw), "label": i % 2} for i in range(ROWS)]
    rows[3]["label"] = -1
    return rows


def names(seed: str) -> list[toy.Row]:
    """Return sentences with tags of persons and places."""
    draw = random.Random(f"panx {seed}")
    return [{"tokens": sentence(draw, 3 + i % 3).split(), "ner_tags": [1, 2, 5, 0, 5][: 3 + i % 3]} for i in range(ROWS)]


def choices(seed: str) -> list[toy.Row]:
    """Return premises with two ways to go on."""
    draw = random.Random(f"copa {seed}")
    return [
        {
            "premise": sentence(draw),
            "choice1": sentence(draw),
            "choice2": sentence(draw),
            "question": ("cause", "effect")[i % 2],
            "label": draw.randrange(2),
        }
        for i in range(ROWS)
    ]


def collections(seed: str) -> list[toy.Row]:
    """Return one row with two collections, of whose sentences some are translations of each other."""
    draw = random.Random(f"bucc {seed}")
    numbers = draw.sample(range(1000, 9999), 3 * ROWS)
    foreign = [f"{sentence(draw)} {number}" for number in numbers[: 2 * ROWS]]
    source = [f"{sentence(draw)} {number}" for number in numbers[ROWS:]]
    return [{"sentence1": foreign, "sentence2": source, "gold": [[ROWS + i, i] for i in range(ROWS)]}]
