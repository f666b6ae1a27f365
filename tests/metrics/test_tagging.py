"""The xtreme-compat tag scorer: values computed with seqeval 0.0.12, merging rules, invariances."""

import hashlib
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.tagging import spans, tagging_f1

# from `seqeval.metrics.sequence_labeling.get_entities` of seqeval 0.0.12
SPANS_OF_SEQEVAL = {
    "B-PER I-PER O B-LOC": [("PER", 0, 1), ("LOC", 3, 3)],
    "B-PER B-PER": [("PER", 0, 0), ("PER", 1, 1)],
    "B-PER I-LOC": [("PER", 0, 0), ("LOC", 1, 1)],
    "I-PER I-PER O I-PER": [("PER", 0, 1), ("PER", 3, 3)],
    "B-PER E-PER": [("PER", 0, 1)],
    "B-PER E-PER I-PER": [("PER", 0, 1), ("PER", 2, 2)],
    "S-PER E-PER E-PER": [("PER", 0, 0), ("PER", 1, 1), ("PER", 2, 2)],
    "B-PER S-PER I-PER": [("PER", 0, 0), ("PER", 1, 1), ("PER", 2, 2)],
    "O E-PER": [("PER", 1, 1)],
    "I-PER E-LOC I-LOC": [("PER", 0, 0), ("LOC", 1, 1), ("LOC", 2, 2)],
    "B-A-PER I-B-PER": [("PER", 0, 1)],  # only the text after the last "-" is the type
    "NOUN NOUN VERB": [("NOUN", 0, 1), ("VERB", 2, 2)],  # equal neighbours merge
    "CCONJ CCONJ SCONJ SCONJ": [("CCONJ", 0, 1), ("SCONJ", 2, 2), ("SCONJ", 3, 3)],  # "S" stands alone
    "SYM SYM X X X": [("SYM", 0, 0), ("SYM", 1, 1), ("X", 2, 4)],
    "N-PER . N-PER": [("PER", 0, 0), ("PER", 2, 2)],
    ". . NOUN": [("NOUN", 2, 2)],
    "O-PER A-PER NOUN": [("PER", 0, 1), ("NOUN", 2, 2)],  # the start of the span before is kept
    "B I I": [("B", 0, 0), ("I", 1, 2)],
    "B-O O": [("O", 0, 0)],  # an "O" ends a span also where the types are equal
    "O O": [],
}
# SHA-256 of the scores that seqeval 0.0.12 gives to the 2,000 cases of `random_cases`
DIGEST_OF_SEQEVAL = "c9f00db42aa8ea840502632a99fe85c376935bdd92bc5845dbc4e0e84fc6585e"
ENTITY_TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
TAGS = (*ENTITY_TAGS, ".", "NOUN", "NOUN", "SYM", "CCONJ", "SCONJ", "ADJ-PER")
VALUES = ("f1", "precision", "recall", "token_accuracy")

TAG_PAIRS = st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS))
SENTENCES = st.lists(st.lists(TAG_PAIRS, min_size=1, max_size=8), min_size=1, max_size=5)


def random_cases():
    """Yield (gold, predicted); only `Random.random` is used, the one method that is the same in every Python."""
    random = Random(12)

    def pick(choices):
        return choices[int(random.random() * len(choices))]

    for _ in range(2000):
        gold = [[pick(TAGS) for _ in range(pick(range(1, 9)))] for _ in range(pick(range(1, 4)))]
        yield gold, [[tag if random.random() < 0.6 else pick(TAGS) for tag in sentence] for sentence in gold]


def sides(sentences):
    """Split sentences of (gold, predicted) tags into the two sides."""
    return [[pair[0] for pair in s] for s in sentences], [[pair[1] for pair in s] for s in sentences]


@pytest.mark.parametrize("tags", SPANS_OF_SEQEVAL)
def test_spans_equal_those_of_seqeval(tags):
    assert list(spans([tags.split()])) == SPANS_OF_SEQEVAL[tags]


def test_no_span_crosses_a_sentence_and_each_sentence_adds_one_position():
    found = list(spans([["NOUN"], ["NOUN", "NOUN"], [], ["I-PER"]]))
    assert found == [("NOUN", 0, 0), ("NOUN", 2, 3), ("PER", 6, 6)]


def test_scores_equal_those_of_seqeval_to_the_last_digit():
    lines = []
    for gold, predicted in random_cases():
        scores = tagging_f1(gold, predicted)
        lines.append(" ".join(repr(scores[value]) for value in VALUES))
    assert lines[0] == "63.1578947368421 66.66666666666666 60.0 50.0"
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == DIGEST_OF_SEQEVAL


def test_cconj_and_sconj_differ():
    assert tagging_f1([["CCONJ", "NOUN"]], [["SCONJ", "NOUN"]])["f1"] == 50.0


@given(SENTENCES)
def test_bounds_and_identity(sentences):
    gold, predicted = sides(sentences)
    assert all(0 <= value <= 100 for value in tagging_f1(gold, predicted).values())
    assume(any(True for _ in spans(gold)))
    assert tagging_f1(gold, gold) == dict.fromkeys(VALUES, 100.0)


@given(SENTENCES)
def test_swapping_the_sides_swaps_precision_and_recall(sentences):
    gold, predicted = sides(sentences)
    there, back = tagging_f1(gold, predicted), tagging_f1(predicted, gold)
    assert (there["precision"], there["recall"]) == (back["recall"], back["precision"])
    assert there["token_accuracy"] == back["token_accuracy"]


# a tag whose prefix is "O" but that has a type takes the start of an earlier span with it, so none is drawn here
@given(SENTENCES, st.randoms())
def test_order_of_sentences_does_not_matter(sentences, random):
    shuffled = random.sample(sentences, len(sentences))
    assert tagging_f1(*sides(sentences)) == tagging_f1(*sides(shuffled))


@given(st.lists(st.sampled_from(["NOUN", "VERB", "X", "PUNCT"]), min_size=1, max_size=12))
def test_part_of_speech_spans_are_the_runs_of_equal_tags(tags):
    changes = sum(a != b for a, b in pairwise(tags))
    found = list(spans([tags]))
    assert len(found) == changes + 1
    assert [tag for tag, begin, end in found for _ in range(begin, end + 1)] == tags


def test_without_spans_f1_is_zero_and_token_accuracy_tells_the_rest():
    assert tagging_f1([["O", "O"]], [["O", "O"]]) == {
        "f1": 0.0,
        "precision": 0.0,
        "recall": 0.0,
        "token_accuracy": 100.0,
    }


def test_refuses_sides_of_different_length():
    with pytest.raises(ValueError, match="sentence 1: 2 gold tags, 1 predicted tags"):
        tagging_f1([["X"], ["X", "X"]], [["X"], ["X"]])
    with pytest.raises(ValueError, match="zip"):
        tagging_f1([["X"]], [["X"], ["X"]])


@pytest.mark.parametrize("sentences", [[], [[]]])
def test_refuses_nothing_to_score(sentences):
    with pytest.raises(DataError, match="0 gold labels"):
        tagging_f1(sentences, sentences)
