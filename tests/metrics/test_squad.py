"""The SQuAD v1.1 scorer: values computed with the official script, its normal form, invariances, what it refuses."""

import pytest
from answer_cases import TEXTS, digest, questions
from hypothesis import assume, given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.metrics.squad import normalise, squad, token_f1

# of f1 and exact_match that `evaluate-v1.1.py` gives to the 2,000 cases of `questions`
DIGEST_OF_THE_OFFICIAL_SCRIPT = "744996c0682fac73a78f75317049a59fccc1cb4f0e002af7879e3063696d998b"

ANSWERS = st.lists(TEXTS, min_size=1, max_size=3)
QUESTIONS = st.lists(st.tuples(ANSWERS, st.none() | TEXTS), min_size=1, max_size=5)


def sides(questions):
    gold, predicted = zip(*questions, strict=True)
    return gold, predicted


def test_scores_equal_those_of_the_official_script_to_the_last_digit():
    values = []
    for gold, predicted, _ in questions(2000):
        found = squad(gold, predicted)
        values += [found["f1"], found["exact_match"]]
    assert digest(values) == DIGEST_OF_THE_OFFICIAL_SCRIPT


def test_hand_counts():
    gold = [("Denver Broncos", "The Denver Broncos"), ("308",)]
    assert squad(gold, ["Denver Broncos won", "308 points"]) == {
        "f1": pytest.approx(100 * (0.8 + 2 / 3) / 2),
        "exact_match": 0.0,
    }
    assert squad(gold, ["the denver broncos!", "308"]) == {"f1": 100.0, "exact_match": 100.0}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  U.S.\tArmy", "us army"),
        ("an A-team", "ateam"),
        ("theatre, then", "theatre then"),
        ("“Denver”", "“denver”"),  # ASCII punctuation alone
        ("308分", "308分"),
        ("136 次", "136 次"),
        ("شمال، شرق", "شمال، شرق"),
        ("คำ ตอบ", "คำ ตอบ"),
        (" ... the ", ""),
    ],
)
def test_normal_form(text, normal):
    assert normalise(text) == normal


@given(ANSWERS)
def test_an_identical_answer_scores_100_unless_nothing_is_left_of_it(answers):
    found = squad([answers], [answers[-1]])
    assert found == {"f1": 100.0 if normalise(answers[-1]) else 0.0, "exact_match": 100.0}


@given(ANSWERS)
def test_an_empty_answer_scores_nothing_but_an_exact_match_of_nothing(answers):
    found = squad([answers], [""])
    assert found == {"f1": 0.0, "exact_match": 0.0 if all(map(normalise, answers)) else 100.0}


@given(ANSWERS)
def test_a_question_left_out_scores_0(answers):
    assert squad([answers], [None]) == {"f1": 0.0, "exact_match": 0.0}


@given(QUESTIONS, st.randoms())
def test_bounds_and_order_of_questions_and_answers(questions, random):
    found = squad(*sides(questions))
    assert all(0 <= value <= 100 for value in found.values())
    shuffled = [(random.sample(answers, len(answers)), text) for answers, text in random.sample(questions, len(questions))]
    assert squad(*sides(shuffled)) == pytest.approx(found)


@given(ANSWERS, TEXTS, TEXTS)
def test_another_acceptable_answer_never_lowers_the_score(answers, another, text):
    before, after = squad([answers], [text]), squad([[*answers, another]], [text])
    assert all(after[name] >= before[name] for name in before)


@given(TEXTS, TEXTS)
def test_f1_is_symmetric_and_an_exact_match_has_f1_100(one, other):
    assert squad([[one]], [other])["f1"] == pytest.approx(squad([[other]], [one])["f1"])
    assume(normalise(one))
    found = squad([[one]], [other])
    assert (found["exact_match"] == 100.0) <= (found["f1"] == 100.0)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [("a b", "a b", 1.0), ("a a b", "a b b", 2 / 3), ("a b", "b a", 1.0), ("a", "b", 0.0), ("", "", 0.0), ("a", "", 0.0)],
)
def test_f1_of_words_counts_each_as_often_as_both_have_it(gold, predicted, expected):
    assert token_f1(gold.split(), predicted.split()) == pytest.approx(expected)


def test_refuses_what_has_no_score():
    with pytest.raises(DataError, match="0 questions"):
        squad([], [])
    with pytest.raises(DataError, match="question 2 has 0 acceptable answers"):
        squad([("a",), ()], ["a", ""])
    with pytest.raises(ValueError, match="zip"):
        squad([("a",)], [])
