"""Extractive question answering: where in a text the answer begins and ends. A long text becomes overlapping windows.

The settings are those of BERT's script for SQuAD, which the framework of Phang et al. (2020) keeps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch.nn import functional

from xstilts.kinds import Batch, Features, KindFunctions, Prediction, Window, summed_loss
from xstilts.task import Question

STRIDE = 128  # sub-tokens from the beginning of one window to that of the next
QUESTION = 64  # sub-tokens of a question; what is longer loses its end
ANSWER = 30  # sub-tokens of a predicted answer
N_BEST = 20  # answers that share the probability
NO_ANSWER = 0  # the position that stands for it: the input's first
MASKED = -1e9  # the logit of a position that cannot be chosen; finite, so that sums of two are numbers


@dataclass(frozen=True)
class _Frame:
    """What the tokenizer puts before, between and after two texts.

    Attributes:
        before, between, after: sub-token ids.
        segments: segment ids of the five parts, of each text only one; None for encoders that have no segments.

    """

    before: list[int]
    between: list[int]
    after: list[int]
    segments: tuple[list[int], list[int], list[int], list[int], list[int]] | None

    @property
    def size(self) -> int:
        return len(self.before) + len(self.between) + len(self.after)

    def around(self, question: list[int], context: list[int]) -> tuple[list[int], list[int] | None]:
        """Return the ids of a pair and its segment ids."""
        ids = self.before + question + self.between + context + self.after
        if self.segments is None:
            return ids, None
        before, asked, between, text, after = self.segments
        return ids, before + asked * len(question) + between + text * len(context) + after


def encode(examples: Sequence[Question], tokenizer: Any, labels: Sequence[str], max_length: int) -> list[Features]:  # noqa: ARG001
    """Return the windows of each text, each with the whole question, in order.

    Labels are the first and the last sub-token of the first acceptable answer; NO_ANSWER twice in a window that does not hold
    all of it.
    """
    if not examples:
        return []
    frame = _frame(tokenizer)
    longest = min(QUESTION, (max_length - frame.size) // 2)
    questions = tokenizer([example.question for example in examples], add_special_tokens=False)["input_ids"]
    contexts = _contexts(examples, tokenizer)
    features = []
    for i, (example, question) in enumerate(zip(examples, questions, strict=True)):
        pieces, characters = contexts[example.context]
        answer = _answer(example, characters)
        room = max_length - frame.size - len(question[:longest])
        offset = len(frame.before) + len(question[:longest]) + len(frame.between)
        for first, last in _windows(len(pieces), room):
            ids, types = frame.around(question[:longest], pieces[first:last])
            held = answer is not None and first <= answer[0] and answer[1] < last
            target = (offset + answer[0] - first, offset + answer[1] - first) if answer and held else (NO_ANSWER, NO_ANSWER)
            features.append(Features(ids, types, target, i, window=Window(example.context, offset, characters[first:last])))
    return features


def _frame(tokenizer: Any) -> _Frame:
    encoded = tokenizer("a", "a")
    ids, types, texts = encoded["input_ids"], encoded.get("token_type_ids"), encoded.sequence_ids(0)
    a, b = texts.index(0), texts.index(1)
    after_a, after_b = (len(texts) - texts[::-1].index(text) for text in (0, 1))
    segments = (types[:a], types[a : a + 1], types[after_a:b], types[b : b + 1], types[after_b:]) if types else None
    return _Frame(ids[:a], ids[after_a:b], ids[after_b:], segments)


def _contexts(examples: Sequence[Question], tokenizer: Any) -> dict[str, tuple[list[int], torch.Tensor]]:
    """Return text -> its sub-tokens and the characters [n, 2] that each stands for; many questions share a text."""
    texts = list(dict.fromkeys(example.context for example in examples))
    encoded = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    return {
        text: (ids, torch.tensor([_stripped(text, *place) for place in places], dtype=torch.int32).reshape(-1, 2))
        for text, ids, places in zip(texts, encoded["input_ids"], encoded["offset_mapping"], strict=True)
    }


def _stripped(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return a part of a text without the spaces around it, which many tokenizers count to the sub-token that follows."""
    while begin < end and text[begin].isspace():
        begin += 1
    while begin < end and text[end - 1].isspace():
        end -= 1
    return begin, end


def _answer(example: Question, characters: torch.Tensor) -> tuple[int, int] | None:
    """Return the first and last sub-token of the text that the first acceptable answer touches."""
    if not example.answers:
        return None
    begin, end = example.starts[0], example.starts[0] + len(example.answers[0])
    touched = (characters[:, 1] > begin) & (characters[:, 0] < end) & (characters[:, 0] < characters[:, 1])
    positions = touched.nonzero().flatten().tolist()
    return (positions[0], positions[-1]) if positions else None


def _windows(length: int, room: int) -> Iterator[tuple[int, int]]:
    """Cut a text into overlapping parts of at most `room` sub-tokens; yields (first, after the last).

    The stride is smaller where there is little room, so that every answer of ANSWER sub-tokens (of half the room, if that is
    less) stands whole in a window.
    """
    stride = min(STRIDE, max(room - ANSWER, room // 2, 1))
    first = 0
    while first + room < length:
        yield first, first + room
        first += stride
    yield first, length


def head(model: Any, batch: Batch) -> torch.Tensor:
    """Return how much each position looks like an answer's first and last sub-token, [B, T, 2]; MASKED where it is padding."""
    found = model(**batch.inputs)
    logits = torch.stack([found.start_logits, found.end_logits], -1)
    return logits if batch.mask is None else logits.masked_fill(batch.mask.unsqueeze(-1) == 0, MASKED)


def loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the cross-entropy over positions, summed over the first and last sub-token of each input, in nats."""
    return summed_loss(logits.transpose(1, 2), batch.labels)


def decode(features: Sequence[Features], logits: Sequence[torch.Tensor], labels: Sequence[str]) -> list[Prediction]:  # noqa: ARG001
    """Return the best answer of each question over all windows, as it stands in the text, also where none is more likely.

    An answer's score is the sum of its two logits. Its probability is its share among the N_BEST best; `null_difference` is
    the score of no answer, in the window where it is lowest, minus the answer's. "" is for texts without a sub-token.
    """
    predictions = []
    for _, pairs in groupby(zip(features, logits, strict=True), key=lambda pair: pair[0].example):
        windows = [(feature.window, scores.float()) for feature, scores in pairs]
        null = min(float(scores[NO_ANSWER].sum()) for _, scores in windows)
        found: dict[tuple[int, int], float] = {}
        for window, scores in windows:
            assert window is not None, "encode gives every input its window"
            for place, score in _best_answers(window, scores).items():
                found[place] = max(score, found.get(place, score))
        best = sorted(found, key=lambda place: -found[place])[:N_BEST]
        if not best:
            predictions.append(Prediction("", [0.0], null - MASKED))
            continue
        (begin, end), score = best[0], found[best[0]]
        probability = torch.tensor([found[place] for place in best]).softmax(-1)[0].item()
        predictions.append(Prediction(windows[0][0].context[begin:end], [probability], null - score))  # type: ignore[union-attr]
    return predictions


def _best_answers(window: Window, scores: torch.Tensor) -> dict[tuple[int, int], float]:
    """Return the N_BEST best answers of a window, (begin, end) in characters -> score, from its logits [T, 2]."""
    count = len(window.characters)
    if not count:
        return {}
    starts, ends = scores[window.first : window.first + count].unbind(-1)
    begins, stops = window.characters.unbind(-1)
    # [count, ANSWER]: each first sub-token with each last one from itself on
    ends = functional.pad(ends, (0, ANSWER - 1), value=MASKED).unfold(0, ANSWER, 1)
    stops = functional.pad(stops, (0, ANSWER - 1)).unfold(0, ANSWER, 1)
    empty = stops <= begins.unsqueeze(-1)
    sums = (starts.unsqueeze(-1) + ends).masked_fill(empty, MASKED).flatten()
    best = sums.topk(min(N_BEST, len(sums)))
    found: dict[tuple[int, int], float] = {}
    for score, at in zip(best.values.tolist(), best.indices.tolist(), strict=True):
        if score > MASKED / 2:
            row, column = divmod(at, ANSWER)
            found.setdefault((int(begins[row]), int(stops[row, column])), score)
    return found


def gold(example: Question) -> tuple[str, ...]:
    """Return the acceptable answers; none where the text holds none."""
    return example.answers


FUNCTIONS = KindFunctions(
    encode,
    "AutoModelForQuestionAnswering",
    decode,
    gold,
    reads_first_token=False,
    head=head,
    loss=loss,
    outputs=("start", "end"),
)
