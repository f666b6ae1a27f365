"""The world: what may happen to whom, and what follows from what. Every choice is drawn with `Dice`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xstilts.constructed import lexicon
from xstilts.constructed.draw import Dice
from xstilts.constructed.lexicon import Domain
from xstilts.constructed.meaning import (
    MANY,
    At,
    City,
    Clause,
    Event,
    IsA,
    Linked,
    Located,
    Meaning,
    Person,
    Pronoun,
    Quality,
    Question,
    Tense,
    Text,
    Thing,
    Wh,
)

SHELTERS = ("box", "basket", "cupboard", "barrel", "crate", "locker")  # holders that things lie in; under the others


@dataclass(frozen=True)
class Part:
    """One side of a rule: a deed or a property of a person, or of a thing that a person deals with.

    Attributes:
        verb: concept of an event, empty for a property.
        adjective: concept of a property.
        kind: of the thing that the event has as its object, or that the property is of; empty for none.
        goal: whether the event leads to a site.
        negated: whether it is not so.

    """

    verb: str = ""
    adjective: str = ""
    kind: str = ""
    goal: bool = False
    negated: bool = False


# cause, effect. No effect has two causes here and no cause two effects: so a rule's effect is wrong for all other causes
RULES: tuple[tuple[Part, Part], ...] = (
    (Part("lose", kind="garment"), Part(adjective="cold")),
    (Part("work"), Part(adjective="tired")),
    (Part("lose", kind="vehicle"), Part(adjective="late")),
    (Part("eat", kind="fruit", negated=True), Part(adjective="hungry")),
    (Part("sell", kind="vehicle"), Part(adjective="rich")),
    (Part("buy", kind="vehicle"), Part(adjective="poor")),
    (Part("find", kind="animal"), Part(adjective="happy")),
    (Part("lose", kind="animal"), Part(adjective="sad")),
    (Part("wear", kind="garment"), Part(adjective="warm")),
    (Part("hurry", goal=True), Part(adjective="early")),
    (Part("wait"), Part(adjective="angry")),
    (Part("fall"), Part("cry")),
    (Part(adjective="weary"), Part("sleep")),
    (Part(adjective="glad"), Part("sing")),
    (Part(adjective="thirsty"), Part("peel", kind="fruit")),
    (Part(adjective="calm"), Part("smile")),
    (Part(adjective="dirty", kind="garment"), Part("wash", kind="garment")),
    (Part(adjective="old", kind="tool"), Part("repair", kind="tool")),
    (Part(adjective="expensive", kind="vehicle"), Part("buy", kind="vehicle", negated=True)),
    (Part(adjective="hungry", kind="animal"), Part("feed", kind="animal")),
    (Part(adjective="cheap", kind="tool"), Part("purchase", kind="tool")),
)


@dataclass(frozen=True)
class World:
    """A domain, and the dice that choose in it.

    Attributes:
        domain: its nouns.
        dice: every call of a method draws from them.

    """

    domain: Domain
    dice: Dice

    def person(self) -> Person:
        """Return somebody; one in seven has a surname."""
        name = self.dice.pick(lexicon.NAMES)
        return Person(name, self.dice.pick(lexicon.SURNAMES) if self.dice.chance(0.15) else "")

    def other(self, *persons: Person) -> Person:
        """Return somebody with another first name."""
        return Person(self.dice.other(lexicon.NAMES, *(person.name for person in persons)))

    def thing(self, kinds: Sequence[str], *, plain: bool = False) -> Thing:
        """Return a thing of one of these kinds; a plain one is single and without attributes."""
        noun = self.dice.pick(self.domain.kinds[self.dice.pick(kinds)])
        if plain:
            return Thing(noun)
        adjective = self.dice.pick(lexicon.OF_THINGS) if self.dice.chance(0.35) else ""
        owner = self.dice.pick(lexicon.NAMES) if self.dice.chance(0.12) else ""
        number = 1
        if self.dice.chance(0.25):
            number = MANY if owner or self.dice.chance(0.6) else int(self.dice.pick(lexicon.NUMERALS))
        return Thing(noun, adjective, owner, number)

    def site(self, relation: str = "at") -> At:
        """Return a site of the domain, or a city."""
        if self.dice.chance(0.2):
            return At(relation, City(self.dice.pick(lexicon.CITIES)))
        return At(relation, Thing(self.dice.pick(self.domain.sites)))

    def spot(self) -> At:
        """Return where a thing lies."""
        holder = self.dice.pick(self.domain.holders)
        return At("inside" if holder in SHELTERS else "under", Thing(holder))

    def when(self, tense: Tense) -> str:
        """Return a time that goes with a tense."""
        return self.dice.pick([time for time, (_, tenses) in lexicon.TIMES.items() if tense in tenses])

    def tense(self) -> Tense:
        """Return a tense; most of what is told is past."""
        return "past" if self.dice.chance(0.65) else self.dice.pick(("present", "future"))

    def event(self, agent: Person | Pronoun | None = None, *, full: bool = False) -> Event:
        """Return an event, in a full one with place and time.

        Args:
            agent: who does it; somebody where None.
            full: whether it has both a place (a goal where something moves) and a time.

        """
        tense = self.tense()
        event = replace(self._deed(agent or self.person()), tense=tense)
        if isinstance(event.patient, Thing) and isinstance(event.agent, Person) and event.patient.owner == event.agent.name:
            event = replace(event, patient=replace(event.patient, owner=""))  # English would say "her own"
        if event.place is None and (full or self.dice.chance(0.35)):
            event = replace(event, place=self.near() if self.dice.chance(0.2) else self.site())
        if full or self.dice.chance(0.35):
            event = replace(event, time=self.when(tense), fronted=self.dice.chance(0.25))
        return replace(event, negated=self.dice.chance(0.12))

    def near(self) -> At:
        """Return a place beside a site."""
        return At(self.dice.pick(("near", "behind")), Thing(self.dice.pick(self.domain.sites)))

    def _deed(self, agent: Person | Pronoun) -> Event:
        sort = self.dice.pick(("object", "object", "object", "person", "transfer", "transfer", "motion", "deed"))
        if sort == "object":
            verb = self.dice.pick(tuple(lexicon.OBJECT_VERBS))
            return Event(verb, agent, self.thing(lexicon.OBJECT_VERBS[verb]))
        if sort == "person":
            return Event(self.dice.pick(lexicon.PERSON_VERBS), agent, self.other(*_persons(agent)))
        if sort == "transfer":
            return self.transfer(agent)
        if sort == "motion":
            return Event(self.dice.pick(lexicon.MOTIONS), agent, place=self.site("to"))
        return Event(self.dice.pick(lexicon.DEEDS + self.domain.deeds), agent)

    def transfer(self, agent: Person | Pronoun) -> Event:
        """Return an event in which something goes from one person to another, told from either side."""
        verb = self.dice.pick(tuple(lexicon.TRANSFERS))
        thing, other = self.thing(lexicon.KINDS), self.other(*_persons(agent))
        if self.dice.chance(0.5):
            return Event(verb, agent, thing, recipient=other)
        return Event(lexicon.TRANSFERS[verb], agent, thing, source=other)

    def state(self) -> Clause:
        """Return a property, a place or a trade of somebody or something."""
        sort, negated = (
            self.dice.pick(("quality", "quality", "of person", "located", "located", "trade")),
            self.dice.chance(0.12),
        )
        if sort == "quality":
            subject = self.thing(lexicon.KINDS)
            adjective = self.dice.other(lexicon.OF_THINGS, subject.adjective)
            return Quality(subject, adjective, self.tense(), negated)
        if sort == "of person":
            return Quality(self.person(), self.dice.pick(lexicon.OF_PERSONS), self.tense(), negated)
        if sort == "trade":
            return IsA(self.person(), self.dice.pick(self.domain.trades), negated=negated)
        if self.dice.chance(0.5):
            return Located(self.person(), self.site(), self.tense(), negated)
        return Located(self.thing(("fruit", "tool", "garment")), self.spot(), self.tense(), negated)

    def clause(self) -> Clause:
        """Return an event or, less often, a state."""
        return self.event() if self.dice.chance(0.75) else self.state()

    def kind(self) -> IsA:
        """Return to which kind a noun belongs."""
        kind = self.dice.pick(lexicon.KINDS)
        return IsA(Thing(self.dice.pick(self.domain.kinds[kind])), kind)

    def story(self, sentences: int) -> Text:
        """Return what somebody did, one thing after another: named first, then by pronoun."""
        hero = self.person()
        told: list[Meaning] = [self.event(hero)]
        while len(told) < sentences:
            told.append(self.event(pronoun(hero)))
        return tuple(told)

    def question(self, clause: Clause) -> Question:
        """Return a question that a clause answers, by yes or no or by one of its parts."""
        if isinstance(clause, Event):
            clause = replace(clause, negated=False, fronted=False)
            asked: list[Clause] = [clause, replace(clause, agent=Wh("who"))]
            if clause.patient:
                asked.append(replace(clause, patient=Wh("who" if isinstance(clause.patient, Person) else "what")))
            if clause.recipient:
                asked.append(replace(clause, recipient=Wh("who")))
            if clause.place:
                asked += [replace(clause, place=Wh("where"))] * 2
            if clause.time:
                asked.append(replace(clause, time=Wh("when")))
            return Question(self.dice.pick(asked))
        clause = replace(clause, negated=False)
        if isinstance(clause, Located):
            return Question(self.dice.pick((clause, replace(clause, place=Wh("where")))))
        return Question(clause)

    def consequence(self, rule: tuple[Part, Part], hero: Person, thing: Thing, tense: Tense) -> tuple[Clause, Clause]:
        """Return the cause and the effect of a rule, both with the names in full."""
        goal, (cause, effect) = self.site("to"), rule
        return _part(cause, hero, thing, tense, goal), _part(effect, hero, thing, tense, goal)

    def linked(self) -> Linked:
        """Return cause and effect, joined with `because` or `so`; the second clause has pronouns for what both name."""
        rule = self.dice.pick(RULES)
        hero, thing = self.person(), self.rule_thing(rule)
        cause, effect = self.consequence(rule, hero, thing, self.tense())
        return link(self.dice.pick(("because", "so")), cause, effect, hero, thing)

    def rule_thing(self, rule: tuple[Part, Part]) -> Thing:
        """Return a thing that a rule may be about."""
        return self.thing((rule[0].kind or rule[1].kind or "tool",), plain=True)


def link(word: str, cause: Clause, effect: Clause, hero: Person, thing: Thing) -> Linked:
    """Join cause and effect."""
    first, second = (effect, cause) if word == "because" else (cause, effect)
    return Linked(word, first, taken_up(second, first, hero, thing))


def taken_up(clause: Clause, before: Clause, hero: Person, thing: Thing) -> Clause:
    """Return a clause with pronouns for what the clause before it names."""
    named = (before.agent, before.patient) if isinstance(before, Event) else (before.subject,)
    if isinstance(clause, Event):
        agent = pronoun(hero) if clause.agent == hero in named else clause.agent
        patient = Pronoun("it") if clause.patient == thing in named else clause.patient
        return replace(clause, agent=agent, patient=patient)
    if clause.subject == hero and hero in named:
        return replace(clause, subject=pronoun(hero))
    return replace(clause, subject=Pronoun("it")) if clause.subject == thing and thing in named else clause


def pronoun(person: Person) -> Pronoun:
    """Return the pronoun for somebody."""
    return Pronoun("she" if person.name in lexicon.WOMEN else "he")


def _persons(agent: Person | Pronoun) -> tuple[Person, ...]:
    return (agent,) if isinstance(agent, Person) else ()


def _part(part: Part, hero: Person, thing: Thing, tense: Tense, goal: At) -> Clause:
    if part.adjective:
        return Quality(thing if part.kind else hero, part.adjective, tense, part.negated)
    place, patient = goal if part.goal else None, thing if part.kind else None
    return Event(part.verb, hero, patient, place=place, tense=tense, negated=part.negated)
