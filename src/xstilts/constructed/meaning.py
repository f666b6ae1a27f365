"""What a sentence says, apart from any language: frozen trees of events, states and their participants.

Words stand in meanings as concepts, which are English lemmas (`dog`, `see`). Synonyms are two concepts; that they say the same
is the world model's knowledge (`inference`).
"""

from dataclasses import dataclass
from typing import Literal

Tense = Literal["past", "present", "future"]
MANY = 0  # number of a plural without a numeral: "the apples"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name: "Anna", "Anna Berg"."""

    name: str
    surname: str = ""


@dataclass(frozen=True, slots=True)
class Pronoun:
    """`she`, `he` or `it`."""

    word: str


@dataclass(frozen=True, slots=True)
class City:
    """A city; some cities and persons share a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Thing:
    """An animal, object, site or person named by a noun: "Anna's 3 red apples".

    Attributes:
        noun: concept.
        adjective: concept, empty for none.
        owner: name of a person, empty for none.
        number: 1, MANY, or 2 to 9, which is spoken.

    """

    noun: str
    adjective: str = ""
    owner: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Wh:
    """What a question asks for: `who`, `what`, `where` or `when`."""

    word: str


Entity = Person | Pronoun | Thing | Wh


@dataclass(frozen=True, slots=True)
class At:
    """A place: `at`, `inside`, `near`, `behind`, `under` or `to` (a goal) something."""

    relation: str
    place: Thing | City


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody does something.

    Attributes:
        verb: concept.
        agent: who does it.
        patient: what or whom it is done to.
        recipient: to whom something goes.
        source: from whom it comes.
        place: where.
        time: concept of a time, a question for it, or empty.
        tense: when, seen from the speaker.
        negated: whether it is said not to be so.
        fronted: whether the time stands first, which says the same.

    """

    verb: str
    agent: Entity
    patient: Entity | None = None
    recipient: Person | Wh | None = None
    source: Person | None = None
    place: At | Wh | None = None
    time: str | Wh = ""
    tense: Tense = "past"
    negated: bool = False
    fronted: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """Something is so, as in "The dog was wet"."""

    subject: Entity
    adjective: str
    tense: Tense = "past"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """Something is somewhere, as in "The net is in the box"."""

    subject: Entity
    place: At | Wh
    tense: Tense = "past"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsA:
    """A kind belongs to a kind, or somebody has a trade, as in "A dog is an animal" and "Anna is a baker"."""

    subject: Entity
    noun: str
    tense: Tense = "present"
    negated: bool = False


Clause = Event | Quality | Located | IsA


@dataclass(frozen=True, slots=True)
class Linked:
    """Two clauses and what joins them: `and`, `because` (the second is the cause) or `so` (the first is)."""

    link: str
    first: Clause
    second: Clause


@dataclass(frozen=True, slots=True)
class Question:
    """A clause that is asked: with a `Wh` in it for that, without one for yes or no."""

    clause: Clause


@dataclass(frozen=True, slots=True)
class Fragment:
    """A phrase on its own: "the red apple", "near the mill"."""

    phrase: Thing | At


Meaning = Clause | Linked | Question | Fragment
Text = tuple[Meaning, ...]


def asked(clause: Clause) -> Wh | None:
    """Return what a clause asks for, None where it asks for nothing."""
    fields = (clause.agent, clause.patient, clause.recipient, clause.place, clause.time) if isinstance(clause, Event) else (
        clause.subject, clause.place if isinstance(clause, Located) else None)  # fmt: skip
    return next((field for field in fields if isinstance(field, Wh)), None)
