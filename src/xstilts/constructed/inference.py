"""What follows from what: synonyms, the two sides of a transfer, kinds of kinds, negation, and what excludes each other.

The labels of the inference and paraphrase tasks are what these functions say; how a pair was made counts for nothing.
"""

from dataclasses import replace
from typing import TypeVar

from xstilts.constructed import lexicon
from xstilts.constructed.meaning import (
    At,
    Clause,
    Entity,
    Event,
    IsA,
    Linked,
    Located,
    Meaning,
    Person,
    Pronoun,
    Quality,
    Text,
    Thing,
)

_Entity = TypeVar("_Entity", Entity, Entity | None)
ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"
_FIRST = {second: first for first, second in lexicon.SYNONYMS}
_SIDES = {**lexicon.TRANSFERS, **{taken: given for given, taken in lexicon.TRANSFERS.items()}}
_GROUP = {_FIRST.get(word, word): i for i, group in enumerate(lexicon.EXCLUSIVE) for word in group}


def relation(premise: Text, hypothesis: Clause) -> str:
    """Return `entailment`, `neutral` or `contradiction`.

    "The dog" of the hypothesis is a dog of the premise, whatever else is said of it; nobody has two trades, and nothing is
    in two places of one sort at a time.
    """
    known = facts(premise)
    (claim,) = facts((hypothesis,))
    if any(_decides(fact, claim, claim.negated) for fact in known):
        return ENTAILMENT
    return CONTRADICTION if any(_decides(fact, claim, not claim.negated) for fact in known) else NEUTRAL


def same(one: Text, other: Text) -> bool:
    """Return whether two texts say the same, causes included."""
    return _content(one) == _content(other)


def facts(text: Text) -> tuple[Clause, ...]:
    """Return the clauses that a text asserts, in first synonyms, with names for pronouns."""
    found: list[Clause] = []
    person: Person | None = None
    thing: Thing | None = None
    for clause in (clause for meaning in text for clause in _clauses(meaning)):
        clause = _resolved(clause, person, thing)  # noqa: PLW2901
        subject = clause.agent if isinstance(clause, Event) else clause.subject
        patient = clause.patient if isinstance(clause, Event) else None
        person = subject if isinstance(subject, Person) else person
        thing = next((each for each in (patient, subject) if isinstance(each, Thing)), thing)
        found.append(_plain(clause))
    return tuple(found)


def _clauses(meaning: Meaning) -> tuple[Clause, ...]:
    if isinstance(meaning, Linked):
        return meaning.first, meaning.second
    assert isinstance(meaning, Event | Quality | Located | IsA), "questions and fragments assert nothing"
    return (meaning,)


def _resolved(clause: Clause, person: Person | None, thing: Thing | None) -> Clause:
    named = (clause.agent, clause.patient) if isinstance(clause, Event) else (clause.subject,)
    if not any(isinstance(entity, Pronoun) for entity in named):
        return clause
    meant = {"she": person, "he": person, "it": thing}
    if isinstance(clause, Event):
        agent = meant[clause.agent.word] if isinstance(clause.agent, Pronoun) else clause.agent
        patient = meant[clause.patient.word] if isinstance(clause.patient, Pronoun) else clause.patient
        assert agent, "a pronoun has something before it"
        return replace(clause, agent=agent, patient=patient)
    subject = meant[clause.subject.word] if isinstance(clause.subject, Pronoun) else clause.subject
    assert subject, "a pronoun has something before it"
    return replace(clause, subject=subject)


def _plain(clause: Clause) -> Clause:
    """Return the clause with first synonyms, told from the giver's side, its time in its usual place."""
    if isinstance(clause, Event):
        patient = _plain_thing(clause.patient)
        if patient is not clause.patient or clause.fronted or clause.verb in _FIRST:
            clause = replace(clause, verb=_FIRST.get(clause.verb, clause.verb), patient=patient, fronted=False)
        return _other_side(clause) if clause.source else clause
    subject = _plain_thing(clause.subject)
    if subject is not clause.subject:
        clause = replace(clause, subject=subject)
    if isinstance(clause, Quality) and clause.adjective in _FIRST:
        return replace(clause, adjective=_FIRST[clause.adjective])
    return clause


def _plain_thing(entity: _Entity) -> _Entity:
    if isinstance(entity, Thing) and entity.adjective in _FIRST:
        return replace(entity, adjective=_FIRST[entity.adjective])
    return entity


def _other_side(event: Event) -> Event:
    """Return a transfer as the other person tells it."""
    assert isinstance(event.agent, Person), "persons give and take"
    recipient = event.agent if event.source else None
    source = event.agent if event.recipient else None
    agent = event.source or event.recipient
    assert isinstance(agent, Person), "a transfer has two sides"
    return replace(event, verb=_SIDES[event.verb], agent=agent, recipient=recipient, source=source)


def _decides(fact: Clause, claim: Clause, denied: bool) -> bool:
    """Return whether a fact makes a claim false (`denied`) or true; the claim's own negation does not count."""
    if type(fact) is not type(claim):
        return False
    if fact.negated:
        return denied and any(_covers(side, fact) for side in _sides(claim))
    if denied:
        return _excludes(fact, claim)
    return any(_covers(side, claim) for side in _sides(fact))


def _sides(clause: Clause) -> tuple[Clause, ...]:
    """Return a clause, and a transfer from its other side too: it says "Anna bought it" as well as "Ben sold it"."""
    return (clause, _other_side(clause)) if isinstance(clause, Event) and clause.recipient else (clause,)


def _covers(one: Clause, other: Clause) -> bool:
    """Return whether whatever makes one clause true makes the other true, negation aside."""
    if type(one) is not type(other) or one.tense != other.tense:
        return False
    if isinstance(one, Event) and isinstance(other, Event):
        return (
            one.verb == other.verb
            and other.time in ("", one.time)
            and all(
                wanted is None or _is_one(had, wanted)
                for had, wanted in (
                    (one.agent, other.agent),
                    (one.patient, other.patient),
                    (one.recipient, other.recipient),
                    (one.source, other.source),
                    (one.place, other.place),
                )
            )
        )
    assert not isinstance(one, Event), "the two are of one type"
    assert not isinstance(other, Event), "the two are of one type"
    return _is_one(one.subject, other.subject) and _said(one) == _said(other)


def _is_one(one: object, other: object) -> bool:
    """Return whether "the other" may be said of one: a red dog is a dog and an animal."""
    if isinstance(one, Thing) and isinstance(other, Thing):
        return (
            other.noun in (one.noun, lexicon.kind_of(one.noun))
            and other.adjective in ("", one.adjective)
            and other.owner in ("", one.owner)
            and other.number == one.number
        )
    if isinstance(one, Person) and isinstance(other, Person):
        return one.name == other.name and other.surname in ("", one.surname)
    if isinstance(one, At) and isinstance(other, At):
        return one.relation == other.relation and _is_one(one.place, other.place)
    return one == other


def _said(clause: Clause) -> object:
    assert not isinstance(clause, Event), "an event says more than one thing"
    return clause.adjective if isinstance(clause, Quality) else clause.place if isinstance(clause, Located) else clause.noun


def _excludes(fact: Clause, claim: Clause) -> bool:
    """Return whether of two states only one can hold."""
    if isinstance(fact, Event) or isinstance(claim, Event) or fact.tense != claim.tense or fact.subject != claim.subject:
        return False
    if isinstance(fact, Quality) and isinstance(claim, Quality):
        together = _GROUP.get(fact.adjective) == _GROUP.get(claim.adjective) is not None
        return together and fact.adjective != claim.adjective
    if isinstance(fact, Located) and isinstance(claim, Located):
        both = isinstance(fact.place, At) and isinstance(claim.place, At)
        return both and fact.place != claim.place and fact.place.relation == claim.place.relation  # type: ignore[union-attr]
    return _said(fact) != _said(claim)


def _content(text: Text) -> list[object]:
    content: list[object] = []
    for meaning in text:
        known = facts((meaning,))
        if isinstance(meaning, Linked) and meaning.link in ("because", "so"):
            content.append(("cause", *(known if meaning.link == "so" else known[::-1])))
        else:
            content += known
    return content
