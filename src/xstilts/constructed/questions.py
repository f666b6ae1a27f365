"""Extractive question answering: three sentences of three persons, and a question about one of them.

Who is asked about and what was done both stand in the text, also where it holds no answer: then they stand in two sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xstilts.constructed import lexicon, text_of, words_of
from xstilts.constructed.items import Recipe
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Event, Person, Question, Text, Thing, Wh
from xstilts.constructed.surface import places
from xstilts.constructed.world import World

# role that is asked for -> what must be kept in the question to tell which event is meant
ROLES = ("patient", "recipient", "place", "time", "agent")


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, a question about it, and what answers it.

    Attributes:
        context: the sentences.
        question: the question.
        sentence: number of the sentence with the answer, -1 where there is none.
        role: what answers it there.

    """

    context: Text
    question: Question
    sentence: int
    role: str

    @property
    def apart(self) -> tuple[Text, ...]:
        """No text may stand in another split; questions may."""
        return (self.context,)


def answerable_group(world: World) -> tuple[Asked, ...]:
    """Return one question with an answer; it may ask for the agent."""
    events = _events(world)
    place = int(world.dice.pick("012"))
    question, role = _question(events[place], world, agents=True)
    if _fits(question, events, place):
        return (Asked(events, question, place, role),)
    return ()


def doubtful_group(world: World) -> tuple[Asked, ...]:
    """Return two questions about one text that differ in who is asked about; the second has no answer."""
    events = _events(world)
    asked_of, other = world.dice.order((0, 1, 2))[:2]
    question, role = _question(events[asked_of], world, agents=False)
    assert isinstance(question.clause, Event), "events are asked about"
    without = Question(replace(question.clause, agent=events[other].agent))
    named = (question.clause.patient, question.clause.recipient, question.clause.source)
    if not _fits(question, events, asked_of) or _near(events[other].verb, question.clause.verb) or events[other].agent in named:
        return ()
    return (Asked(events, question, asked_of, role), Asked(events, without, -1, ""))


def _events(world: World) -> tuple[Event, Event, Event]:
    """Return three events of three persons; half the time two of them do the same."""
    first = world.person()
    second = world.other(first)
    third = world.other(first, second)
    tense = world.tense()
    one, two, three = (
        replace(event, tense=tense, negated=False, time=event.time if _goes(event.time, tense) else world.when(tense))
        for event in (world.event(person, full=True) for person in (first, second, third))
    )
    if world.dice.chance(0.5):
        place = world.site("to") if one.verb in lexicon.MOTIONS else world.site()
        like = replace(one, agent=second, place=place, time=two.time, fronted=two.fronted)
        if isinstance(one.patient, Thing):
            like = replace(like, patient=world.thing((lexicon.kind_of(one.patient.noun),)))
        if isinstance(one.patient, Person):
            like = replace(like, patient=world.other(first, second))
        if one.recipient or one.source:
            other = world.other(first, second)
            like = replace(like, recipient=other if one.recipient else None, source=other if one.source else None)
        two = like
    shuffled = world.dice.order((one, two, three))
    return shuffled[0], shuffled[1], shuffled[2]


def _near(one: str, other: str) -> bool:
    """Return whether who does one of two things may be said to do the other."""
    transfers = (*lexicon.TRANSFERS, *lexicon.TRANSFERS.values(), "purchase")
    groups = (*lexicon.SYNONYMS, lexicon.MOTIONS, transfers)
    return one == other or any(one in group and other in group for group in groups)


def _goes(time: object, tense: str) -> bool:
    return isinstance(time, str) and bool(time) and tense in lexicon.TIMES[time][1]


def _question(event: Event, world: World, *, agents: bool) -> tuple[Question, str]:
    """Return a question about an event, without the parts that it does not need, and the role it asks for."""
    role = world.dice.pick([role for role in ROLES if getattr(event, role) and (agents or role != "agent")])
    words = {"patient": "who" if isinstance(event.patient, Person) else "what", "place": "where", "time": "when"}
    changes: dict[str, Any] = {"fronted": False, role: Wh(words.get(role, "who"))}
    if role != "time" and world.dice.chance(0.7):
        changes["time"] = ""
    if role != "place" and event.verb not in lexicon.MOTIONS and world.dice.chance(0.7):
        changes["place"] = None
    return Question(replace(event, **changes)), role


def _fits(question: Question, events: tuple[Event, ...], place: int) -> bool:
    """Return whether a question is answered by the event at a place, and by no other."""
    asked = question.clause
    assert isinstance(asked, Event), "events are asked about"
    matches = [
        event.verb == asked.verb
        and all(
            wanted in (None, "") or isinstance(wanted, Wh) or wanted == getattr(event, role)
            for role in (*ROLES, "source")
            for wanted in (getattr(asked, role),)
        )
        for event in events
    ]
    return matches[place] and sum(matches) == 1


def row(asked: Asked, language: Language) -> Mapping[str, Any]:
    """Return context, question and answers in a language, in SQuAD's columns."""
    context = text_of(asked.context, language)
    answers: dict[str, list[Any]] = {"text": [], "answer_start": []}
    if asked.sentence >= 0:
        before = text_of(asked.context[: asked.sentence], language)
        offset = len(before) + (language.spaced and asked.sentence > 0)
        words = words_of(asked.context[asked.sentence], language)
        spans = [
            span for word, span in zip(words, places(words, spaced=language.spaced), strict=True) if word.role == asked.role
        ]
        begin, end = offset + spans[0][0], offset + spans[-1][1]
        answers = {"text": [context[begin:end]], "answer_start": [begin]}
    return {"context": context, "question": text_of(asked.question, language), "answers": answers}


ANSWERABLE = Recipe("qa", answerable_group, row)
DOUBTFUL = Recipe("qa2", doubtful_group, row)
