"""The readers of queries, passages and candidates, on rows written here, and on XQuAD-R where it is at hand."""

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from xstilts.passages import Candidate, Match, Search
from xstilts.task import BadRowError
from xstilts.tasks import task
from xstilts.tasks.squad_sentences import sentences

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[2] / "../shared"))
XQUAD_R = SHARED / "data" / "mirror" / "google-research-datasets--xquad_r"
CONTEXT = "Bo ran. Dr. Al won 24 to 10. It was late."
QUESTION = {"id": "q1", "context": CONTEXT, "question": "Who won?", "answers": {"text": ["Al"], "answer_start": [12]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONTEXT, ["Bo ran.", "Dr. Al won 24 to 10.", "It was late."]),
        ("  One only ", ["One only"]),
        (
            'He said "no." Then J. R. Bo left!  (It rained.) 5 stayed.',
            ['He said "no."', "Then J. R. Bo left!", "(It rained.)", "5 stayed."],
        ),
        ("It fell.[2] The end? yes. no.", ["It fell.[2]", "The end? yes. no."]),
        ("a. b.\nC", ["a. b.", "C"]),
        (" ", []),
    ],
)
def test_sentences(text, expected):
    assert [text[begin:end] for begin, end in sentences(text)] == expected


def test_squad_rows_are_questions_with_the_sentence_that_answers():
    expected = Match("Who won?", "Dr. Al won 24 to 10.", CONTEXT)
    assert task("squad_sentences").read(QUESTION) == expected
    several = {**QUESTION, "answers": {"text": ["Al", "Bo"], "answer_start": [12, 0]}}
    assert task("squad_sentences").read(several) == expected  # the first answer counts
    with pytest.raises(BadRowError, match="the question has no answer"):
        task("squad_sentences").read({**QUESTION, "answers": {"text": [], "answer_start": []}})


def test_lareqa_rows_are_a_query_and_the_sentences_of_its_paragraph():
    row = {**QUESTION, "sentence_breaks": [[0, 7], [8, 28], [29, 41]]}
    assert task("lareqa").read(row) == Search(
        "Who won?",
        "q1",
        "q1",
        (
            Candidate("Bo ran.", CONTEXT, "0", ()),
            Candidate("Dr. Al won 24 to 10.", CONTEXT, "1", ("q1",)),
            Candidate("It was late.", CONTEXT, "2", ()),
        ),
    )
    assert task("lareqa").read({**row, "sentence_breaks": [[0, 7], [29, 41]]}) is None
    for without in (QUESTION, {**QUESTION, "sentence_breaks": None}):
        with pytest.raises(BadRowError, match=r"no column 'sentence_breaks', .*Take xquad-r/"):
            task("lareqa").read(without)


def spans(*pairs):
    return [{"start": begin, "end": end} for begin, end in pairs]


NEWS = {"text": "It rained. {Smith} met\n Smith  in {Rome}. It ended.", "sentence_spans": spans((0, 10), (11, 41), (42, 51))}
MENTION = {"example_id": "m1", "entity_id": "Q1", "mention_span": {"start": 24, "end": 29, "text": "Smith"}}
DESCRIPTION = "Smith  is\na smith. He left."
ENTITY = {"entity_id": "Q1", "title": "Smith", "description": DESCRIPTION, "sentence_spans": spans((0, 18), (19, 27))}
MARKED = "Smith: (Smith) met  { Smith }  in (Rome)."


def test_mentions_are_marked_in_their_sentence():
    """By hand after `preprocess_mention`: newlines become spaces, then each two spaces one, from left to right."""
    assert task("mewslix").read({"context": NEWS, "mention": MENTION}) == Search(MARKED, "m1", "Q1")
    plain = {"text": "For Smith, it rained.", "sentence_spans": spans((0, 21))}
    mention = {**MENTION, "mention_span": {"start": 4, "end": 9, "text": "Smith"}}
    assert task("mewslix").read({"context": plain, "mention": mention}).query == "Smith: For { Smith } , it rained."


def test_training_pairs_and_entities():
    entity = Candidate("Smith is a smith. He left.", None, "Q1", ("Q1",))
    assert task("mewslix").read(ENTITY) == entity
    pair = {"contextual_mention": {"context": NEWS, "mention": MENTION}, "entity": ENTITY}
    assert task("mewslix").read(pair) == Match(MARKED, entity.passage)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ({"start": 23, "end": 28, "text": "Smith"}, "the context has ' Smit' at characters 23 to 28; expected the mention 'Sm"),
        ({"start": 51, "end": 52, "text": "x"}, "the context has '' at characters 51 to 52"),
        ({"start": 3, "end": 18, "text": NEWS["text"][3:18]}, "no sentence holds the mention"),
    ],
)
def test_mentions_must_be_where_they_say(span, message):
    with pytest.raises(BadRowError, match=message):
        task("mewslix").read({"context": NEWS, "mention": {**MENTION, "mention_span": span}})


in_xquad_r = pytest.mark.skipif(not XQUAD_R.is_dir(), reason=f"no XQuAD-R at {XQUAD_R}")
CODES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
OFFICIAL = dict(zip(CODES, (1222, 1276, 1234, 1180, 1215, 1244, 1219, 852, 1167, 1209, 1196), strict=True))


def xquad_r(code):
    return pq.read_table(XQUAD_R / code / "validation.parquet").to_pylist()


@in_xquad_r
def test_the_sentences_are_nearly_those_of_the_release():
    released = {row["context"]: {tuple(pair) for pair in row["sentence_breaks"]} for row in xquad_r("en")}
    both = sum(len(set(sentences(context)) & breaks) for context, breaks in released.items())
    mine = sum(len(list(sentences(context))) for context in released)
    assert 2 * both / (mine + OFFICIAL["en"]) > 0.985
    found = [(task("squad_sentences").read(row), task("lareqa").read(row)) for row in xquad_r("en")]
    same = sum(match.passage == next(one.passage for one in search.candidates if one.keys) for match, search in found)
    assert same > 0.98 * 1190


@in_xquad_r
@pytest.mark.parametrize("code", OFFICIAL)
def test_every_language_has_the_candidates_of_the_release_and_the_same_questions(code):
    rows = xquad_r(code)
    found = [task("lareqa").read(row) for row in rows]
    assert None not in found
    assert len({(one.context, one.name) for search in found for one in search.candidates}) == OFFICIAL[code]
    assert {search.key for search in found} == {row["id"] for row in xquad_r("en")}
    assert all(any(search.key in one.keys for one in search.candidates) for search in found)
