"""A task of each kind that an encoder of a few thousand weights learns in seconds, and one way to train on them."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from xstilts.engine.fit import FitSpec, Log, TaskData, fit
from xstilts.engine.model import HeadSpec, MultiHeadModel, build
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.passages import Match
from xstilts.spec import Sampling, TrainSpec
from xstilts.task import Choices, LabelledText, Question, TaggedWords

WORDS = {
    "NOUN": ("river", "bridge", "door", "house"),
    "VERB": ("opened", "closed", "is"),
    "DET": ("the", "a"),
    "X": ("桥", "мост"),
}
TAG_OF = {word: tag for tag, words in WORDS.items() for word in words}
ANSWERS = HeadSpec("answers", "classification", ("yes", "no", "who"))
WORD_CLASSES = HeadSpec("word_classes", "tagging", tuple(WORDS))
ENDINGS = HeadSpec("endings", "multiple_choice", ())
PLACES = HeadSpec("places", "span", ())
PASSAGES = HeadSpec("passages", "ranking", ())
SETTINGS = {"learning_rate": 3e-3, "epochs": 3, "batch_size": 8, "max_length": 16, "precision": "float32", "weight_decay": 0.1}


def answers(train: int, validation: int = 24) -> TaskData:
    """Return a task whose label is the first word of the second text."""

    def example(draw: random.Random) -> LabelledText:
        label = draw.choice(ANSWERS.labels)
        first, second = (" ".join(draw.choices(list(TAG_OF), k=draw.randint(1, 7))) for _ in range(2))
        return LabelledText(first, f"{label} {second}", label)

    return TaskData(ANSWERS, _many(example, train, 1), _many(example, validation, 2), "accuracy")


def word_classes(train: int, validation: int = 12) -> TaskData:
    """Return a task in which every word has one tag; some sentences need several windows."""

    def example(draw: random.Random) -> TaggedWords:
        words = draw.choices(list(TAG_OF), k=draw.choice((2, 3, 5, 30)))
        return TaggedWords(tuple(words), tuple(TAG_OF[word] for word in words))

    return TaskData(WORD_CLASSES, _many(example, train, 3), _many(example, validation, 4), "tagging_f1")


def endings(train: int, validation: int = 24) -> TaskData:
    """Return a task of two to five options, of which one is a verb."""

    def example(draw: random.Random) -> Choices:
        nouns = draw.sample(WORDS["NOUN"], draw.randint(1, 4))
        label = draw.randrange(len(nouns) + 1)
        return Choices(draw.choice(WORDS["DET"]), (*nouns[:label], draw.choice(WORDS["VERB"]), *nouns[label:]), label)

    return TaskData(ENDINGS, _many(example, train, 5), _many(example, validation, 6), "accuracy")


def places(train: int, validation: int = 24) -> TaskData:
    """Return a task that asks for the one foreign word of a text, which one text in four has not; some need many windows."""

    def example(draw: random.Random) -> Question:
        words = draw.choices(WORDS["DET"] + WORDS["NOUN"], k=draw.choice((2, 3, 4, 20)))
        if draw.random() < 0.25:
            return Question(" ".join(words), "who", (), ())
        answer, at = draw.choice(WORDS["X"]), draw.randint(0, len(words))
        before = "".join(f"{word} " for word in words[:at])
        return Question(before + " ".join([answer, *words[at:]]), "who", (answer,), (len(before),))

    return TaskData(PLACES, _many(example, train, 7), _many(example, validation, 8), "squad2")


def passages(train: int, validation: int = 24) -> TaskData:
    """Return a task whose right passage has the query's words; a few passages are right for several queries."""

    def example(draw: random.Random) -> Match:
        words = [draw.choice(WORDS[tag]) for tag in ("NOUN", "VERB", "X")]
        return Match(f"who {' '.join(words)}", " ".join(["the", *words]))

    return TaskData(PASSAGES, _many(example, train, 9), _many(example, validation, 10), "map_at_20")


def _many(example: Callable[[random.Random], Any], count: int, seed: int) -> list[Any]:
    draw = random.Random(seed)
    return [example(draw) for _ in range(count)]


def train(folder: Path, tasks: Sequence[TaskData], scratch: Path, **how: Any) -> tuple[MultiHeadModel, Log]:
    """Build and train a model; `how` changes SETTINGS, or the fields of `FitSpec` that do not change weights."""
    model = build(folder, [task.head for task in tasks], seed=5)
    work = {name: how.pop(name) for name in ("tokens_per_micro_batch", "checkpoint_seconds", "progress") if name in how}
    sampling, seed = how.pop("sampling", Sampling()), how.pop("seed", 7)
    spec = FitSpec(
        train=TrainSpec(**{**SETTINGS, **how}),
        sampling=sampling,
        seed=seed,
        scratch=scratch,
        **{"tokens_per_micro_batch": 1000, "checkpoint_seconds": 0.0, **work},
    )
    return model, fit(model, tasks, open_tokenizer(folder), spec)


def weights(model: MultiHeadModel) -> dict[str, torch.Tensor]:
    """Return a copy of all weights."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
