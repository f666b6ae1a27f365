"""What is compared of queries and passages: the fields of the questions that they are."""

from xstilts.passages import Candidate, Match, Search
from xstilts.supply.fields import texts_of
from xstilts.task import Question

CONTEXT = "it rained. bo ran."


def test_queries_are_compared_with_questions_and_their_paragraphs_with_contexts() -> None:
    asked = texts_of(Question(CONTEXT, "who ran?", ("bo",), (11,)))
    assert texts_of(Match("who ran?", "bo ran.", CONTEXT)) == asked
    assert texts_of(Search("who ran?", "q", "q", (Candidate("bo ran.", CONTEXT, "1", ("q",)),))) == asked
    assert texts_of(Search("who ran?", "q", "q")).keys() == {"question"}
    alone = texts_of(Candidate("bo ran.", None, "Q1", ("Q1",)))
    assert alone == {"context": texts_of(Match("who", "bo ran."))["context"]}
