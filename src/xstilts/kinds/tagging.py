"""Tagging of words: the first sub-token of a word carries its tag; a sentence that is too long becomes several windows."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from xstilts.kinds import IGNORE, Features, KindFunctions, Prediction
from xstilts.task import TaggedWords


def encode(examples: Sequence[TaggedWords], tokenizer: Any, labels: Sequence[str], max_length: int) -> list[Features]:
    """Return the windows of each sentence, in order; every word stands in exactly one of them, so every word gets a tag.

    A word without sub-tokens (only characters that the tokenizer drops) is given the unknown token; a word longer than a
    window keeps its first sub-tokens. A tag that the head does not know has no label: it cannot be predicted. Nor have the
    words of a sentence without tags.
    """
    if not examples:
        return []
    number: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
    before, after = _special_tokens(tokenizer)
    room = max_length - len(before) - len(after)
    features = []
    for i, (example, words) in enumerate(zip(examples, _subtokens(examples, tokenizer, room), strict=True)):
        tags = example.tags or (None,) * len(words)
        for first, last in _windows([len(word) for word in words], room):
            ids, starts, targets = list(before), [], [IGNORE] * len(before)
            for word, tag in zip(words[first:last], tags[first:last], strict=True):
                starts.append(len(ids))
                ids += word
                targets += [number.get(tag, IGNORE), *[IGNORE] * (len(word) - 1)]
            features.append(Features(ids + after, None, targets + [IGNORE] * len(after), i, starts))
    return features


def _special_tokens(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids that the tokenizer puts before and after one text."""
    encoded = tokenizer("a", return_special_tokens_mask=True)
    ids, mask = encoded["input_ids"], encoded["special_tokens_mask"]
    first = mask.index(0)
    last = len(mask) - mask[::-1].index(0)
    return ids[:first], ids[last:]


def _subtokens(examples: Sequence[TaggedWords], tokenizer: Any, room: int) -> list[list[list[int]]]:
    """Return the sub-token ids of each word of each sentence, as the tokenizer cuts the words in their sentence."""
    encoded = tokenizer(
        [list(example.words) for example in examples], is_split_into_words=True, add_special_tokens=False, padding=False
    )
    # a tokenizer that cuts text into bytes has no unknown token; its mask says the same, a word that cannot be read
    unknown = [tokenizer.mask_token_id if tokenizer.unk_token_id is None else tokenizer.unk_token_id]
    sentences = []
    for i, example in enumerate(examples):
        words: list[list[int]] = [[] for _ in example.words]
        for piece, word in zip(encoded["input_ids"][i], encoded.word_ids(i), strict=True):
            if len(words[word]) < room:
                words[word].append(piece)
        sentences.append([word or unknown for word in words])
    return sentences


def _windows(lengths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Cut words into runs that fit in `room` sub-tokens; yields (first word, word after the last)."""
    first, used = 0, 0
    for word, length in enumerate(lengths):
        if used + length > room:
            yield first, word
            first, used = word, 0
        used += length
    yield first, len(lengths)


def decode(features: Sequence[Features], logits: Sequence[torch.Tensor], labels: Sequence[str]) -> list[Prediction]:
    """Return the tags of each sentence, its windows joined, and the probability of each chosen tag."""
    tags: dict[int, list[str]] = {}
    chances: dict[int, list[float]] = {}
    for window, scores in zip(features, logits, strict=True):
        best = scores[window.starts].float().softmax(-1).max(-1)  # of [words, C]
        tags.setdefault(window.example, []).extend(labels[tag] for tag in best.indices.tolist())
        chances.setdefault(window.example, []).extend(best.values.tolist())
    return [Prediction(tags[example], chances[example]) for example in sorted(tags)]


def gold(example: TaggedWords) -> tuple[str, ...] | None:
    """Return the tags."""
    return example.tags


FUNCTIONS = KindFunctions(encode, "AutoModelForTokenClassification", decode, gold, reads_first_token=False)
