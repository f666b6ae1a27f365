"""Back from a sentence to its meaning, in English and in every constructed language.

Words are looked up, grouped into phrases from left to right, and given their roles by adpositions, cases and order. It reads
what `grammar` and `english` write; whether other word orders are sentences is told by writing the meaning again.
"""

from dataclasses import dataclass, field, replace

from xstilts.constructed import lexicon
from xstilts.constructed.language import Language
from xstilts.constructed.lookup import Token, UnreadableError, category_of, looked_up, tokens
from xstilts.constructed.meaning import (
    MANY,
    At,
    City,
    Clause,
    Entity,
    Event,
    Fragment,
    IsA,
    Linked,
    Located,
    Meaning,
    Person,
    Pronoun,
    Quality,
    Question,
    Tense,
    Thing,
    Wh,
)
from xstilts.constructed.words import TENSES

DATIVE = "to"


def meaning_of(text: str, language: Language) -> Meaning | None:
    """Return the meaning of one sentence, question or fragment; None where it has none in this language."""
    words = tokens(text, language)
    try:
        return _meaning(words, language)
    except UnreadableError:
        return None


def _meaning(words: list[str], language: Language) -> Meaning:
    final = words[-1] if words and words[-1] in ".?" else ""
    read = looked_up(words[: len(words) - bool(final)], language)
    if not final:
        phrases = _Phrases(language)
        phrases.read(read)
        return phrases.fragment()
    links = [place for place, (concept, _) in enumerate(read) if concept in lexicon.LINKS]
    if links:
        first, second = read[: links[0]], read[links[0] + 1 :]
        return Linked(read[links[0]][0], _clause(first, language), _clause(second, language))
    clause = _clause([token for token in read if token[0] != "question"], language)
    return Question(clause) if final == "?" else clause


def _clause(read: list[Token], language: Language) -> Clause:
    phrases = _Phrases(language)
    phrases.read(read)
    return phrases.clause()


@dataclass
class _Phrases:
    """What has been read of a clause: phrases with their relations, and words that wait for their noun."""

    language: Language
    found: list[tuple[str, Entity]] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    verb: str = ""
    tense: Tense | None = None
    negated: bool = False
    time: str | Wh = ""
    fronted: bool = False
    where: bool = False
    before_verb: int = 0
    relations: list[str] = field(default_factory=list)  # prepositions that wait for their phrase
    adjective: str = ""
    owner: str = ""
    number: int = 1
    after_noun: bool = False

    def read(self, read: list[Token]) -> None:
        """Take in the words of a clause in turn."""
        for concept, features in read:
            category = category_of().get(concept)
            if category is None:
                raise UnreadableError
            was_noun = self.after_noun
            self.after_noun = category == "noun" or (category == "plural" and was_noun)
            getattr(self, f"_{category}")(concept, features.split("+"), was_noun)
        self._loose_adjective()

    def fragment(self) -> Fragment:
        """Return the one phrase that was read."""
        if len(self.found) != 1 or self.verb:
            raise UnreadableError
        relation, phrase = self.found[0]
        if relation:
            return Fragment(self._at(relation, phrase))
        if not isinstance(phrase, Thing):
            raise UnreadableError
        return Fragment(phrase)

    def clause(self) -> Clause:
        """Return the clause that was read."""
        bare = [phrase for relation, phrase in self.found if not relation]
        if self.language.code == "en" and bare and isinstance(bare[0], Wh):
            if self.relations:
                self.found.append((self.relations.pop(), bare.pop(0)))  # "Who did Anna give the apple to?"
            elif self.before_verb == 2:
                bare.append(bare.pop(0))  # "What did Anna buy?"
        elif self.language.order.index("O") < self.language.order.index("S"):
            bare.reverse()
        if not 1 <= len(bare) <= 2 or not self.verb:
            raise UnreadableError
        tense = self.tense or "present"
        if self.verb == "be":
            return replace(self._state(bare), tense=tense, negated=self.negated)
        return replace(self._event(bare), time=self.time, tense=tense, negated=self.negated, fronted=self.fronted)

    def _state(self, bare: list[Entity]) -> Clause:
        places = [(relation, phrase) for relation, phrase in self.found if relation]
        if self.where or places:
            return Located(bare[0], Wh("where") if self.where else self._at(*places[0]))
        if len(bare) == 2:
            if not isinstance(bare[1], Thing):
                raise UnreadableError
            return IsA(bare[0], bare[1].noun)
        if self.properties:
            return Quality(bare[0], self.properties[0])
        if isinstance(bare[0], Thing) and bare[0].adjective:  # it stood beside its subject
            return Quality(replace(bare[0], adjective=""), bare[0].adjective)
        raise UnreadableError

    def _event(self, bare: list[Entity]) -> Event:
        event = Event(self.verb, bare[0], bare[1] if len(bare) == 2 else None, place=Wh("where") if self.where else None)
        for relation, phrase in self.found:
            if not relation:
                continue
            if relation == "from" and isinstance(phrase, Person):
                event = replace(event, source=phrase)
            elif relation == DATIVE and isinstance(phrase, Person | Wh) and self.verb not in lexicon.MOTIONS:
                event = replace(event, recipient=phrase)
            else:
                event = replace(event, place=self._at(relation, phrase))
        return event

    def _at(self, relation: str, phrase: Entity) -> At:
        if isinstance(phrase, Person):
            return At(relation, City(phrase.name))
        if not isinstance(phrase, Thing):
            raise UnreadableError
        inside = self.language.code == "en" and relation == "at" and phrase.noun in lexicon.HOLDERS
        return At("inside" if inside else relation, phrase)

    def _phrase(self, phrase: Entity, features: list[str]) -> None:
        relation = self.relations.pop() if self.relations else DATIVE if "dative" in features else ""
        self.found.append((relation, phrase))

    def _loose_adjective(self) -> None:
        if self.adjective:
            self.properties.append(self.adjective)
            self.adjective = ""

    def _own(self, name: str) -> None:
        if self.language.genitive == "before":
            self.owner = name
            return
        relation, thing = self._last()
        if not isinstance(thing, Thing):
            raise UnreadableError
        self.found.append((relation, replace(thing, owner=name)))

    def _last(self) -> tuple[str, Entity]:
        """Take back the phrase that was read last."""
        if not self.found:
            raise UnreadableError
        return self.found.pop()

    # one method a category: concept, features, whether the word before ended a noun

    def _noun(self, concept: str, features: list[str], _: bool) -> None:
        number = self.number if self.number > 1 else MANY if "plural" in features else 1
        self._phrase(Thing(concept, self.adjective, self.owner, number), features)
        self.adjective, self.owner, self.number = "", "", 1

    def _plural(self, *_: object) -> None:
        relation, thing = self._last()
        if not isinstance(thing, Thing):
            raise UnreadableError
        self.found.append((relation, replace(thing, number=thing.number if thing.number > 1 else MANY)))

    def _adjective(self, concept: str, _: list[str], after_noun: bool) -> None:
        if self.language.adjective == "before":
            self._loose_adjective()
            self.adjective = concept
        elif after_noun and isinstance(thing := self.found[-1][1], Thing):
            self.found[-1] = (self.found[-1][0], replace(thing, adjective=concept))
        else:
            self.properties.append(concept)

    def _number(self, concept: str, *_: object) -> None:
        self._loose_adjective()
        self.number = int(concept)

    def _name(self, concept: str, features: list[str], _: bool) -> None:
        self._loose_adjective()
        if "genitive" in features:
            self._own(concept)
        elif self.relations and self.relations[-1] == "of":
            self.relations.pop()
            self._own(concept)
        else:
            self._phrase(Person(concept), features)

    def _surname(self, concept: str, features: list[str], _: bool) -> None:
        relation, person = self._last()
        if not isinstance(person, Person):
            raise UnreadableError
        self.found.append((DATIVE if "dative" in features else relation, replace(person, surname=concept)))

    def _pronoun(self, concept: str, features: list[str], _: bool) -> None:
        self._loose_adjective()
        self._phrase(Wh(concept) if concept in lexicon.QUESTION_WORDS else Pronoun(concept), features)

    def _adposition(self, concept: str, *_: object) -> None:
        self._loose_adjective()
        if self.language.adposition == "before":
            self.relations.append(concept)
        elif not self.found:
            raise UnreadableError
        elif concept == "of":
            person = self._last()[1]
            if not isinstance(person, Person):
                raise UnreadableError
            self._own(person.name)
        else:
            self.found[-1] = (concept, self.found[-1][1])

    def _time(self, concept: str, *_: object) -> None:
        self._loose_adjective()
        if self.language.code == "en" and concept != "when" and lexicon.TIMES[concept][0]:
            self._preposition_of_time()
        self.fronted = concept != "when" and not self.found and not self.verb and not self.tense
        self.time = Wh(concept) if concept == "when" else concept

    def _preposition_of_time(self) -> None:
        """Forget the preposition of "on Monday"."""
        if not self.relations:
            raise UnreadableError
        self.relations.pop()

    def _verb(self, concept: str, features: list[str], _: bool) -> None:
        self._loose_adjective()
        self.verb, self.before_verb = concept, len(self.found)
        self.tense = self.tense or next((tense for tense in TENSES if tense in features), None)

    def _tense(self, concept: str, *_: object) -> None:
        self._loose_adjective()
        self.tense = next(tense for tense in TENSES if tense == concept)

    def _not(self, *_: object) -> None:
        self._loose_adjective()
        self.negated = True

    def _where(self, *_: object) -> None:
        self._loose_adjective()
        self.where = True

    def _article(self, *_: object) -> None:
        """English articles say nothing that the construction does not."""
