"""Changes of a clause: narrower, wider, in other words, and to something else. Pairs of the tasks are made with them.

A change returns None where the clause has nothing to change in that way.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from xstilts.constructed import lexicon
from xstilts.constructed.meaning import At, Clause, Entity, Event, IsA, Located, Person, Pronoun, Quality, Thing
from xstilts.constructed.world import World

_PAIRS = {**dict(lexicon.SYNONYMS), **{second: first for first, second in lexicon.SYNONYMS}}
_SIDES = {**lexicon.TRANSFERS, **{taken: given for given, taken in lexicon.TRANSFERS.items()}}
_FIRST = {second: first for first, second in lexicon.SYNONYMS}


_MENDED = ("fix", "repair")  # only tools and vehicles are mended, but these may be found and hidden as well
_POOLS = tuple(  # words with synonyms that stand in one place
    tuple(word for word in words if word in _PAIRS)
    for words in (lexicon.OF_THINGS, lexicon.OF_PERSONS, lexicon.PERSON_VERBS, tuple(lexicon.OBJECT_VERBS), lexicon.MOTIONS)
)


def narrower(clause: Clause, world: World) -> Clause | None:
    """Return a clause that says more: it entails the clause it was made of, negation aside."""
    thing = _thing_of(clause)
    ways = []
    if isinstance(clause, Event):
        ways += ["place"] * (clause.place is None) + ["time"] * (not clause.time)
    if thing:
        ways += ["adjective"] * (not thing.adjective) + ["owner"] * (not thing.owner and thing.number < 2)
        ways += ["noun"] * (thing.noun in lexicon.KINDS)
    if not ways:
        return None
    way = world.dice.pick(ways)
    if isinstance(clause, Event) and way == "place":
        return replace(clause, place=world.site())
    if isinstance(clause, Event) and way == "time":
        return replace(clause, time=world.when(clause.tense), fronted=world.dice.chance(0.3))
    assert thing, "there is a thing to say more of"
    words = {"adjective": lexicon.OF_THINGS, "owner": lexicon.NAMES, "noun": world.domain.kinds.get(thing.noun, ())}
    more: dict[str, Any] = {way: world.dice.pick(words[way])}
    return _with_thing(clause, replace(thing, **more))


def wider(clause: Clause, world: World) -> Clause | None:
    """Return a clause that says less: the clause it was made of entails it, negation aside."""
    thing = _thing_of(clause)
    ways: list[tuple[str, str]] = []
    if isinstance(clause, Event):
        ways += [("place", "")] * (clause.place is not None and clause.verb not in lexicon.MOTIONS)
        ways += [("time", "")] * bool(clause.time)
    if thing:
        ways += [("adjective", "")] * bool(thing.adjective) + [("owner", "")] * bool(thing.owner)
        kind = lexicon.kind_of(thing.noun)
        ways += [("noun", kind)] * bool(kind)
    if not ways:
        return None
    field, less = world.dice.pick(ways)
    if isinstance(clause, Event) and field in ("place", "time"):
        return replace(clause, place=None) if field == "place" else replace(clause, time="", fronted=False)
    assert thing, "there is a thing to say less of"
    change: dict[str, Any] = {field: less}
    return _with_thing(clause, replace(thing, **change))


def _thing_of(clause: Clause) -> Thing | None:
    """Return the thing that a clause is about: an event's object, a state's subject."""
    entity = clause.patient if isinstance(clause, Event) else clause.subject
    return entity if isinstance(entity, Thing) else None


def _with_thing(clause: Clause, thing: Thing) -> Clause:
    return replace(clause, patient=thing) if isinstance(clause, Event) else replace(clause, subject=thing)


def fronted(clause: Clause) -> Clause | None:
    """Return the clause with its time moved to the front, or back."""
    if isinstance(clause, Event) and clause.time:
        return replace(clause, fronted=not clause.fronted)
    return None


def synonymous(clause: Clause) -> Clause | None:
    """Return the clause with a synonym for its verb, or else for an adjective."""
    return _reworded(clause, _PAIRS.get)


def misworded(clause: Clause, world: World) -> Clause | None:
    """Return the clause with another word where `synonymous` has a synonym; that word has synonyms too."""
    if isinstance(clause, Event) and (clause.recipient or clause.source) and clause.verb in _PAIRS:
        return None
    return _reworded(clause, lambda word: _no_synonym(word, world))


def _reworded(clause: Clause, other: Callable[[str], str | None]) -> Clause | None:
    if isinstance(clause, Event):
        if verb := other(clause.verb):
            return replace(clause, verb=verb)
        thing = clause.patient
        if isinstance(thing, Thing) and (adjective := other(thing.adjective)):
            return replace(clause, patient=replace(thing, adjective=adjective))
        return None
    if isinstance(clause, Quality) and (adjective := other(clause.adjective)):
        return replace(clause, adjective=adjective)
    return None


def _no_synonym(word: str, world: World) -> str | None:
    """Return a word with synonyms that may stand in the place of another one, and is not its synonym."""
    if word not in _PAIRS:
        return None
    pool = next(words for words in _POOLS if word in words)
    others = [each for each in pool if each not in (word, _PAIRS[word], *_MENDED)]
    return world.dice.pick(others) if others else None


def other_side(clause: Clause) -> Clause | None:
    """Return a transfer as the other person tells it."""
    if not isinstance(clause, Event) or not isinstance(clause.agent, Person):
        return None
    if clause.recipient and isinstance(clause.recipient, Person):
        return replace(
            clause,
            verb=_SIDES[_FIRST.get(clause.verb, clause.verb)],
            agent=clause.recipient,
            recipient=None,
            source=clause.agent,
        )
    if clause.source:
        return replace(
            clause, verb=_SIDES[_FIRST.get(clause.verb, clause.verb)], agent=clause.source, source=None, recipient=clause.agent
        )
    return None


def swapped(clause: Clause) -> Clause | None:
    """Return the clause with two persons in each other's place."""
    if not isinstance(clause, Event) or not isinstance(clause.agent, Person):
        return None
    if isinstance(clause.recipient, Person):
        return replace(clause, agent=clause.recipient, recipient=clause.agent)
    if clause.source:
        return replace(clause, agent=clause.source, source=clause.agent)
    if isinstance(clause.patient, Person):
        return replace(clause, agent=clause.patient, patient=clause.agent)
    return None


def altered(clause: Clause, world: World) -> Clause | None:
    """Return the clause with something else in one place, of the same sort: about this it says nothing."""
    ways = ["words", "who"]
    if isinstance(clause, Event):
        ways += (
            ["persons"] + ["whom"] * (clause.patient is not None) + ["time"] * isinstance(clause.time, str) * bool(clause.time)
        )
    way = world.dice.pick(ways)
    if way == "words":
        return misworded(clause, world)
    if not isinstance(clause, Event):
        return replace(clause, subject=_another(clause.subject, world))
    if way == "persons":
        return swapped(clause)
    if way == "time":
        others = [time for time, (_, tenses) in lexicon.TIMES.items() if clause.tense in tenses]
        return replace(clause, time=world.dice.other(others, clause.time))
    if way == "whom" and clause.patient:
        return replace(clause, patient=_another(clause.patient, world))
    return replace(clause, agent=_another(clause.agent, world))


def _another(entity: Entity, world: World) -> Entity:
    if isinstance(entity, Person):
        return replace(entity, name=world.dice.other(lexicon.NAMES, entity.name))
    if not isinstance(entity, Thing):
        return Pronoun("he") if entity == Pronoun("she") else Pronoun("she")
    kind = lexicon.kind_of(entity.noun)
    if not kind:
        return replace(entity, noun=world.dice.other(lexicon.KINDS, entity.noun))
    return replace(entity, noun=world.dice.other(world.domain.kinds[kind], entity.noun))


def excluded(clause: Clause, world: World) -> Clause | None:
    """Return a state that cannot hold together with this one."""
    if isinstance(clause, Quality):
        words = lexicon.OF_PERSONS if isinstance(clause.subject, Person) else lexicon.OF_THINGS
        others = [each for each in _rivals(clause.adjective) if each in words]
        return replace(clause, adjective=world.dice.pick(others)) if others else None
    if isinstance(clause, Located) and isinstance(clause.place, At):
        if isinstance(clause.subject, Person):
            return replace(clause, place=world.site())
        return replace(clause, place=world.spot())
    if isinstance(clause, IsA):
        return replace(clause, noun=world.dice.other(world.domain.trades, clause.noun))
    return None


def _rivals(adjective: str) -> Sequence[str]:
    """Return the properties that exclude one, with their synonyms."""
    names = (adjective, _PAIRS.get(adjective, ""))
    for group in lexicon.EXCLUSIVE:
        if any(name in group for name in names):
            others = [each for each in group if each not in names]
            return others + [_PAIRS[each] for each in others if each in _PAIRS]
    return ()
