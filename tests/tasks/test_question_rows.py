"""The readers of questions and choices, on rows written here."""

import pytest

from xstilts.task import BadRowError, Choices, Question
from xstilts.tasks import TASKS, task

PARAGRAPH = {"id": "1", "title": "Denver", "context": "\ufeffDenver won 24 to 10.", "question": "Who won?"}


@pytest.mark.parametrize("name", ["squad_v1", "squad_v2", "xquad", "mlqa", "tydiqa"])
def test_question_rows(name):
    row = {**PARAGRAPH, "answers": {"text": ["Denver", "Denver won"], "answer_start": [1, 1]}}
    assert task(name).read(row) == Question(PARAGRAPH["context"], "Who won?", ("Denver", "Denver won"), (1, 1))
    with pytest.raises(BadRowError, match="the context has 'enver ' at character 2; expected the answer 'Denver'"):
        task(name).read({**row, "answers": {"text": ["Denver"], "answer_start": [2]}})


def test_only_squad_v2_has_questions_without_an_answer():
    row = {**PARAGRAPH, "answers": {"text": [], "answer_start": []}}
    assert task("squad_v2").read(row) == Question(PARAGRAPH["context"], "Who won?", (), ())
    for name in ("squad_v1", "xquad", "mlqa", "tydiqa"):
        with pytest.raises(BadRowError, match="the question has no answer; expected at least one"):
            task(name).read(row)


CHOICE_ROWS = {  # task -> a row, the column that tells the right answer and its mark for the second option, the example
    "hellaswag": (
        {"ctx_a": "A man sits.", "ctx_b": "he", "ctx": "A man sits. he", "endings": ["sleeps.", "runs.", "is red.", "is."]},
        ("label", "1"),
        Choices("A man sits.", ("he sleeps.", "he runs.", "he is red.", "he is."), 1),
    ),
    "cosmosqa": (
        {"context": "It rained .", "question": "Why ?", **{f"answer{i}": f"{i} clouds ." for i in range(4)}},
        ("label", 1),
        Choices("It rained . Why ?", ("0 clouds .", "1 clouds .", "2 clouds .", "3 clouds ."), 1),
    ),
    "commonsenseqa": (
        {"question": "Where?", "question_concept": "place", "choices": {"label": [*"ABCDE"], "text": [*"vwxyz"]}},
        ("answerKey", "B"),
        Choices("Where?", ("v", "w", "x", "y", "z"), 1),
    ),
    "siqa": (
        {"context": "Bo fell.", "question": "How is Bo?", "answerA": "glad", "answerB": "hurt", "answerC": "late"},
        ("label", "2"),
        Choices("Bo fell. How is Bo?", ("glad", "hurt", "late"), 1),
    ),
    "copa": (
        {"premise": "It fell.", "choice1": "I held it.", "choice2": "I let it go.", "question": "cause", "idx": 0},
        ("label", 1),
        Choices("It fell. What was the cause of this?", ("I held it.", "I let it go."), 1),
    ),
    "xcopa": (
        {
            "premise": "Es fiel.",
            "choice1": "Es hielt.",
            "choice2": "Es brach.",
            "question": "effect",
            "idx": 0,
            "changed": False,
        },
        ("label", 1),
        Choices("Es fiel. What happened as a result?", ("Es hielt.", "Es brach."), 1),
    ),
    "belebele": (
        {
            "flores_passage": "It rains.",
            "question": "What?",
            **{f"mc_answer{i}": f"{i}" for i in range(1, 5)},
            "question_number": 1,
        },
        ("correct_answer_num", "2"),
        Choices("It rains. What?", ("1", "2", "3", "4"), 1),
    ),
}


def test_every_task_of_choices_has_a_row_here():
    made = {name for name in TASKS if name.startswith("c_choice")}
    assert {name for name, each in TASKS.items() if each.kind == "multiple_choice"} - made == set(CHOICE_ROWS)


@pytest.mark.parametrize("name", CHOICE_ROWS)
def test_choice_rows(name):
    row, (column, mark), expected = CHOICE_ROWS[name]
    assert task(name).read({**row, column: mark}) == expected


@pytest.mark.parametrize("name", CHOICE_ROWS)
def test_an_answer_that_is_not_told_is_refused(name):
    """The hub marks hidden answers with -1 or an empty text."""
    row, (column, mark), _ = CHOICE_ROWS[name]
    hidden, words = (-1, "label -1") if isinstance(mark, int) else ("", "the right answer is ''")
    with pytest.raises(BadRowError, match=f"{words}; expected "):
        task(name).read({**row, column: hidden})


def test_a_question_of_copa_is_for_the_cause_or_the_effect():
    row, (column, mark), _ = CHOICE_ROWS["copa"]
    with pytest.raises(BadRowError, match="question 'reason'; expected one of cause, effect"):
        task("copa").read({**row, column: mark, "question": "reason"})
