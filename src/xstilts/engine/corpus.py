"""The lines of a corpus as sub-tokens, in the groups that are drawn from."""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from xstilts.data.corpus import Lines, pairs_of
from xstilts.engine.corpus_batches import Group, Sentences, Tokens, shares
from xstilts.objectives.masked_lm import Vocabulary
from xstilts.objectives.translation_lm import cut_to
from xstilts.pretrain_spec import CorpusSpec, ObjectiveSpec

CHUNK = 10_000  # lines that are handed to the tokenizer together


@dataclass(frozen=True)
class Measured:
    """Held-out inputs of one language.

    Attributes:
        lines: to be predicted on their own.
        pairs: (translation, line), of which the line is to be predicted.

    """

    lines: list[Sentences]
    pairs: list[Sentences]


@dataclass(frozen=True)
class Encoded:
    """A corpus as sub-tokens: what is trained on, and language -> what is measured on."""

    groups: list[Group]
    held_out: dict[str, Measured]


def vocabulary_of(tokenizer: Any, size: int) -> Vocabulary:
    """Return what masking must know of a transformers tokenizer; `size` is the number of rows of the embeddings."""
    beyond = range(len(tokenizer), size)  # rows without a piece
    return Vocabulary(size, tokenizer.pad_token_id, tokenizer.mask_token_id, [*tokenizer.all_special_ids, *beyond])


def encode_corpus(
    folders: Sequence[Lines], tokenizer: Any, corpus: CorpusSpec, objective: ObjectiveSpec, max_length: int
) -> Encoded:
    """Turn lines into sub-tokens and share the inputs out among languages and pairs of languages.

    Args:
        folders: what was read.
        tokenizer: of transformers.
        corpus: how languages are sampled and paired.
        objective: how many of the inputs are pairs.
        max_length: sub-tokens of an input, special ones included.

    """
    train = [{lang: _encode(lines, tokenizer) for lang, lines in folder.train.items()} for folder in folders]
    kept = [{lang: _encode(lines, tokenizer) for lang, lines in folder.held_out.items()} for folder in folders]
    parallel = [i for i, folder in enumerate(folders) if folder.parallel]
    groups: list[Group] = []
    if objective.translation < 1:
        joined = [{lang: _joined(lines, objective.joined_lines) for lang, lines in folder.items()} for folder in train]
        groups += _line_groups(joined, corpus.alpha, 1 - objective.translation, max_length)
    if objective.translation > 0:
        groups += _pair_groups([train[i] for i in parallel], corpus, objective.translation, max_length)
    return Encoded(groups, _measured(kept, [kept[i] for i in parallel], corpus, max_length))


def _encode(lines: Sequence[str], tokenizer: Any) -> list[Tokens]:
    """Return the sub-tokens of each line, without special ones."""
    found: list[Tokens] = []
    for at in range(0, len(lines), CHUNK):
        encoded = tokenizer.backend_tokenizer.encode_batch_fast(lines[at : at + CHUNK], add_special_tokens=False)
        found += [array("i", one.ids) for one in encoded]
    return found


def _joined(lines: list[Tokens], count: int) -> list[Tokens]:
    """Join each `count` lines that follow one another."""
    return (
        [array("i", chain.from_iterable(lines[at : at + count])) for at in range(0, len(lines), count)] if count > 1 else lines
    )


def _line_groups(folders: Sequence[Mapping[str, list[Tokens]]], alpha: float, total: float, max_length: int) -> list[Group]:
    inputs: dict[str, list[Sentences]] = defaultdict(list)
    for folder in folders:
        for language, lines in folder.items():
            inputs[language] += [(part,) for line in lines for part in _parts(line, max_length - 2)]
    return _groups(inputs, alpha, total)


def _parts(line: Tokens, room: int) -> list[Tokens]:
    """Cut a line that is too long into parts of like length; an empty one has none."""
    count = -(-len(line) // room)
    if count == 1:
        return [line]  # no copy: the pairs hold it too
    return [line[len(line) * i // count : len(line) * (i + 1) // count] for i in range(count)]


def _pair_groups(
    folders: Sequence[Mapping[str, list[Tokens]]], corpus: CorpusSpec, total: float, max_length: int
) -> list[Group]:
    with_pivot: dict[str, list[Sentences]] = defaultdict(list)
    others: dict[str, list[Sentences]] = defaultdict(list)
    for folder in folders:
        for pairs, inputs in zip(pairs_of(folder, corpus.pivot, corpus.pivot_share), (with_pivot, others), strict=True):
            for first, second in pairs:
                inputs[f"{first}-{second}"] += _pairs(folder[first], folder[second], max_length)
    if not any(others.values()):
        return _groups(with_pivot, corpus.alpha, total)
    share = corpus.pivot_share * total if any(with_pivot.values()) else 0.0
    return [*_groups(with_pivot, corpus.alpha, share), *_groups(others, corpus.alpha, total - share)]


def _pairs(first: Sequence[Tokens], second: Sequence[Tokens], max_length: int) -> list[Sentences]:
    """Return the lines that both languages have."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a and b]
    return [tuple(cut_to(a, b, max_length - 4)) for a, b in both]


def _groups(inputs: Mapping[str, list[Sentences]], alpha: float, total: float) -> list[Group]:
    names = [name for name, found in sorted(inputs.items()) if found]
    sizes = [len(inputs[name]) for name in names]
    parts = shares(sizes, alpha, total)
    return [Group(name, part, inputs[name]) for name, part in zip(names, parts, strict=True)]


def _measured(
    folders: Sequence[Mapping[str, list[Tokens]]],
    parallel: Sequence[Mapping[str, list[Tokens]]],
    corpus: CorpusSpec,
    max_length: int,
) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    for language in sorted({language for folder in folders for language in folder}):
        lines = [line for folder in folders for line in folder.get(language, ())]
        inputs: list[Sentences] = [(line[: max_length - 2],) for line in lines if line]
        pairs: list[Sentences] = []
        for folder in parallel:
            partner = _partner(language, sorted(folder), corpus.pivot)
            if partner and language in folder:
                pairs += _pairs(folder[partner], folder[language], max_length)
        found[language] = Measured(inputs, pairs)
    return found


def _partner(language: str, languages: Sequence[str], pivot: str | None) -> str | None:
    """Return the language whose line is shown beside a measured one: the pivot, else the first other language."""
    others = [other for other in languages if other != language]
    return pivot if pivot in others else next(iter(others), None)
