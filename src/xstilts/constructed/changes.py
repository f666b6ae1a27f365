"""Changes of a clause: narrower, wider, in other words, and to something else. Pairs of the tasks are made with them.

A change returns None where the clause has nothing to change in that way.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from xstilts.constructed import lexicon
from xstilts.constructed.meaning import At, Clause, Entity, Event, IsA, Located, Person, Pronoun, Quality, Thing, Wh
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
    made: list[Clause] = []
    if isinstance(clause, Event):
        if clause.place is None:
            made.append(replace(clause, place=world.site()))
        if not clause.time:
            made.append(replace(clause, time=world.when(clause.tense), fronted=world.dice.chance(0.3)))
        if isinstance(clause.patient, Thing):
            made += [replace(clause, patient=thing) for thing in _narrower_things(clause.patient, world)]
    elif isinstance(clause.subject, Thing):
        made += [replace(clause, subject=thing) for thing in _narrower_things(clause.subject, world)]
    return world.dice.pick(made) if made else None


def _narrower_things(thing: Thing, world: World) -> list[Thing]:
    made = []
    if not thing.adjective:
        made.append(replace(thing, adjective=world.dice.pick(lexicon.OF_THINGS)))
    if not thing.owner and thing.number < 2:
        made.append(replace(thing, owner=world.dice.pick(lexicon.NAMES)))
    if thing.noun in lexicon.KINDS:
        made.append(replace(thing, noun=world.dice.pick(world.domain.kinds[thing.noun])))
    return made


def wider(clause: Clause, world: World) -> Clause | None:
    """Return a clause that says less: the clause it was made of entails it, negation aside."""
    made: list[Clause] = []
    if isinstance(clause, Event):
        if clause.place is not None and clause.verb not in lexicon.MOTIONS:
            made.append(replace(clause, place=None))
        if clause.time:
            made.append(replace(clause, time="", fronted=False))
        if isinstance(clause.patient, Thing):
            made += [replace(clause, patient=thing) for thing in _wider_things(clause.patient)]
    elif isinstance(clause.subject, Thing):
        made += [replace(clause, subject=thing) for thing in _wider_things(clause.subject)]
    return world.dice.pick(made) if made else None


def _wider_things(thing: Thing) -> list[Thing]:
    made = []
    if thing.adjective:
        made.append(replace(thing, adjective=""))
    if thing.owner:
        made.append(replace(thing, owner=""))
    if kind := lexicon.kind_of(thing.noun):
        made.append(replace(thing, noun=kind))
    return made


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
    made: list[Clause | None] = [swapped(clause), misworded(clause, world)]
    if isinstance(clause, Event):
        made.append(replace(clause, agent=_another(clause.agent, world)))
        if clause.patient:
            made.append(replace(clause, patient=_another(clause.patient, world)))
        if clause.time and not isinstance(clause.time, Wh):
            others = [time for time, (_, tenses) in lexicon.TIMES.items() if clause.tense in tenses]
            made.append(replace(clause, time=world.dice.other(others, clause.time)))
    else:
        made.append(replace(clause, subject=_another(clause.subject, world)))
    possible = [each for each in made if each is not None]
    return world.dice.pick(possible) if possible else None


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
