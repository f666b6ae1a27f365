"""Any meaning in any constructed language: one linear grammar that reads the language's dials.

clause        the order's S, O and V; the recipient, source, place and time follow the first phrase where the verb is last,
              else the clause; a fronted time stands first
S, O          a noun phrase; O of `be` is a property, a kind or a place
V             `not`, tense word, verb (verb, tense word where the verb is last)
noun phrase   [owner] numeral [adjective] noun plural-word [adjective] [owner], as `genitive` and `adjective` say
at            adposition and noun phrase, as `adposition` says
question      the clause with its question words in place, and a particle: last where the verb is last, else first
"""

from dataclasses import dataclass
from functools import cache

from xstilts.constructed.language import Language
from xstilts.constructed.meaning import (
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
    Thing,
    Wh,
)
from xstilts.constructed.surface import Word, mark
from xstilts.constructed.words import forms

POS_OF_LINK = {"and": "CCONJ", "so": "CCONJ", "because": "SCONJ"}


@dataclass(frozen=True)
class Grammar:
    """The grammar of one language.

    Attributes:
        language: its dials.
        form: (concept, features) -> written form.

    """

    language: Language
    form: dict[tuple[str, str], str]

    @property
    def verb_last(self) -> bool:
        """Whether the verb ends the clause."""
        return self.language.order.endswith("V")

    def sentence(self, meaning: Meaning) -> list[Word]:
        """Return the words of a meaning, with its final mark."""
        if isinstance(meaning, Fragment):
            phrase = meaning.phrase
            return self.at(phrase, "") if isinstance(phrase, At) else self.thing(phrase, "", "")
        if isinstance(meaning, Linked):
            link = self.word(meaning.link, POS_OF_LINK[meaning.link])
            return [*self.clause(meaning.first), link, *self.clause(meaning.second), mark(".")]
        if isinstance(meaning, Question):
            clause, particle = self.clause(meaning.clause), self.word("question", "PART")
            return [*clause, particle, mark("?")] if self.verb_last else [particle, *clause, mark("?")]
        return [*self.clause(meaning), mark(".")]

    def clause(self, clause: Clause) -> list[Word]:
        """Return the words of a clause."""
        obliques: list[Word] = []
        time: list[Word] = []
        if isinstance(clause, Event):
            subject = clause.agent
            pieces = {"O": self.entity(clause.patient, "accusative", "patient") if clause.patient else []}
            concept, time = clause.verb, self.time(clause.time)
            if clause.recipient:
                obliques += self.recipient(clause.recipient)
            if clause.source:
                obliques += self.adposed("from", self.entity(clause.source, "", "source"))
            if clause.place:
                obliques += self.place(clause.place)
            if not clause.fronted:
                obliques += time
        else:
            subject, concept = clause.subject, "be"
            pieces = {"O": self.predicate(clause)}
        pieces["S"] = self.entity(subject, "", "agent")
        pieces["V"] = self.verb(concept, clause, subject)
        order = [pieces[piece] for piece in self.language.order if pieces[piece]]
        order.insert(1 if self.verb_last else len(order), obliques)
        words = [word for piece in order for word in piece]
        return time + words if isinstance(clause, Event) and clause.fronted else words

    def predicate(self, clause: Quality | Located | IsA) -> list[Word]:
        """Return what is said of the subject."""
        if isinstance(clause, Quality):
            return [self.word(clause.adjective, "ADJ")]
        if isinstance(clause, Located):
            return self.place(clause.place)
        return self.thing(Thing(clause.noun), "", "")

    def verb(self, concept: str, clause: Clause, subject: Entity) -> list[Word]:
        """Return the verb with its negation and tense."""
        person = agreement(subject) if self.language.agreement != "none" else ""
        as_affix = self.language.inflection != "word"
        features = "+".join(part for part in (clause.tense if as_affix else "", person) if part)
        words = [self.word(concept, "AUX" if concept == "be" else "VERB", features)]
        if not as_affix and clause.tense != "present":
            words.insert(1 if self.verb_last else 0, self.word(clause.tense, "AUX"))
        return [self.word("not", "PART"), *words] if clause.negated else words

    def recipient(self, recipient: Person | Wh) -> list[Word]:
        """Return to whom something goes: a case where the language has cases, else an adposition."""
        if self.language.case != "none":
            return self.entity(recipient, "dative", "recipient")
        return self.adposed("to", self.entity(recipient, "", "recipient"))

    def place(self, place: At | Wh) -> list[Word]:
        """Return where something is."""
        return [self.word(place.word, "ADV", role="place")] if isinstance(place, Wh) else self.at(place, "place")

    def at(self, at: At, role: str) -> list[Word]:
        """Return a phrase with its adposition."""
        if isinstance(at.place, City):
            return self.adposed(at.relation, [self.cased(at.place.name, "PROPN", "", role)])
        return self.adposed(at.relation, self.thing(at.place, "", role))

    def time(self, time: str | Wh) -> list[Word]:
        """Return when something is."""
        concept = time.word if isinstance(time, Wh) else time
        return [self.word(concept, "ADV", role="time")] if concept else []

    def entity(self, entity: Entity, case: str, role: str) -> list[Word]:
        """Return a participant."""
        if isinstance(entity, Thing):
            return self.thing(entity, case, role)
        if isinstance(entity, Person):
            if not entity.surname:
                return [self.cased(entity.name, "PROPN", case, role)]
            return [self.word(entity.name, "PROPN", role=role), self.cased(entity.surname, "PROPN", case, role)]
        return [self.cased(entity.word, "PRON", case, role)]

    def thing(self, thing: Thing, case: str, role: str) -> list[Word]:
        """Return a noun phrase."""
        as_affix = self.language.inflection != "word"
        plural = thing.number != 1
        words = [self.cased(thing.noun, "NOUN", case, role, "plural" if plural and as_affix else "")]
        if plural and not as_affix:
            words.append(self.word("plural", "PART", role=role))
        if thing.adjective:
            words.insert(0 if self.language.adjective == "before" else len(words), self.word(thing.adjective, "ADJ", role=role))
        if thing.number > 1:
            words.insert(0, self.word(str(thing.number), "NUM", role=role))
        if thing.owner:
            owner = self.owner(thing.owner, role)
            words = owner + words if self.language.genitive == "before" else words + owner
        return words

    def owner(self, name: str, role: str) -> list[Word]:
        """Return whose a thing is: a case where the language has cases, else an adposition."""
        if self.language.case != "none":
            return [self.cased(name, "PROPN", "genitive", role)]
        return self.adposed("of", [self.cased(name, "PROPN", "", role)], role)

    def adposed(self, relation: str, phrase: list[Word], role: str = "") -> list[Word]:
        """Return a phrase with an adposition on the language's side of it."""
        adposition = self.word(relation, "ADP", role=role)
        return [adposition, *phrase] if self.language.adposition == "before" else [*phrase, adposition]

    def cased(self, concept: str, pos: str, case: str, role: str, number: str = "") -> Word:
        """Return a word that bears the case, in a language that has cases."""
        case = case if self.language.case != "none" else ""
        return self.word(concept, pos, "+".join(part for part in (number, case) if part), role)

    def word(self, concept: str, pos: str, features: str = "", role: str = "") -> Word:
        """Return a word in its form."""
        return Word(self.form[concept, features], concept, features, pos, role)


def agreement(subject: Entity) -> str:
    """Return what a verb agrees with: `person`, `persons`, `thing` or `things`."""
    if isinstance(subject, Thing):
        return "thing" if subject.number == 1 else "things"
    is_thing = isinstance(subject, Pronoun | Wh) and subject.word in ("it", "what")
    return "thing" if is_thing else "person"


@cache
def grammar(language: Language) -> Grammar:
    """Return the grammar of a constructed language."""
    return Grammar(language, forms(language).written)
