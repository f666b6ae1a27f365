"""The `xtreme-compat` scorer of tag sequences: span F1 by the rules of seqeval 0.0.12, token accuracy beside it.

XTREME's published part-of-speech and named-entity numbers were made with seqeval 0.0.x. From 1.0 on seqeval drops
the first letter of a tag without "-" (CCONJ and SCONJ become equal) and gives other numbers, so the older rules are
frozen here.

A tag is read as (prefix, type): its first character, and its text after the last "-" (all of it when there is none).
Part-of-speech tags go through the same rules: NOUN is prefix "N" and type "NOUN", so equal neighbours merge into one
span, save those that start with B, S or E, such as SYM and SCONJ.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from xstilts.metrics.accuracy import token_accuracy
from xstilts.metrics.f1 import precision_recall_f1

Span = tuple[str, int, int]  # type, first position, last position


def tagging_f1(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, float]:
    """Score tag sequences, one a sentence: micro-averaged f1, precision and recall of spans, and token_accuracy.

    A span is right when its type, start and end are. All values are percentages; without any gold or any predicted
    span, f1 is 0, also where both sides agree that there is none.

    Raises:
        DataError: when there is no token to score.
        ValueError: when the number of sentences, or of a sentence's tags, differs.

    """
    by_word = token_accuracy(gold, predicted)["accuracy"]
    gold_spans, predicted_spans = set(spans(gold)), set(spans(predicted))
    correct = len(gold_spans & predicted_spans)
    scores = precision_recall_f1(correct, predicted=len(predicted_spans), gold=len(gold_spans))
    return {**scores, "token_accuracy": by_word}


def spans(sentences: Sequence[Sequence[str]]) -> Iterator[Span]:
    """Yield the spans of tagged sentences, as `get_entities` of seqeval 0.0.12 does.

    The sentences form one sequence, in which every sentence is followed by an "O"; positions count in it.
    """
    begin = 0
    prefix, kind = "O", ""
    for position, tag in enumerate(chain.from_iterable((*sentence, "O") for sentence in sentences)):
        next_prefix, next_kind = tag[0], tag.rpartition("-")[2]
        if _ends(prefix, next_prefix, same_type=kind == next_kind):
            yield kind, begin, position - 1
        if _starts(prefix, next_prefix, same_type=kind == next_kind):
            begin = position
        prefix, kind = next_prefix, next_kind


def _ends(prefix: str, next_prefix: str, *, same_type: bool) -> bool:
    """Tell whether a span ends between two neighbours."""
    if prefix in "ES":
        return True
    if prefix in "BI" and next_prefix in "BSO":
        return True
    return prefix not in "O." and not same_type


def _starts(prefix: str, next_prefix: str, *, same_type: bool) -> bool:
    """Tell whether a span starts with the second of two neighbours."""
    if next_prefix in "BS":
        return True
    if prefix in "ESO" and next_prefix in "EI":
        return True
    return next_prefix not in "O." and not same_type
