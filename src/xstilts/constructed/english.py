"""Any meaning in plain English: articles, third person -s, irregular past, questions with `do`, plurals."""

from functools import cache

from xstilts.constructed import lexicon
from xstilts.constructed.grammar import POS_OF_LINK
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
    Quality,
    Question,
    Tense,
    Thing,
    Wh,
    asked,
)
from xstilts.constructed.surface import Word, mark

VOWELS = "aeiou"
SOUND_AS_Y = ("uniform",)  # a uniform
BE = {("past", True): "was", ("past", False): "were", ("present", True): "is", ("present", False): "are"}
DO = {("past", True): "did", ("past", False): "did", ("present", True): "does", ("present", False): "do"}


def plural(noun: str) -> str:
    """Return the plural of a noun."""
    return lexicon.IRREGULAR_PLURAL.get(noun) or _with_s(noun)


def past(verb: str) -> str:
    """Return the past of a verb."""
    if verb in lexicon.IRREGULAR_PAST:
        return lexicon.IRREGULAR_PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if verb in lexicon.DOUBLED else f"{verb}ed"


@cache
def inflected(verb: str, tense: Tense, singular: bool) -> str:
    """Return the form of a verb without auxiliaries."""
    if tense == "past":
        return past(verb)
    return ("goes" if verb == "go" else _with_s(verb)) if singular else verb


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in VOWELS else f"{word}s"


def sentence(meaning: Meaning) -> list[Word]:
    """Return the words of a meaning, with its final mark; a sentence begins with a capital."""
    if isinstance(meaning, Fragment):
        return _at(meaning.phrase, "") if isinstance(meaning.phrase, At) else _thing(meaning.phrase, "")
    if isinstance(meaning, Linked):
        link = Word(meaning.link, meaning.link, "", POS_OF_LINK[meaning.link])
        comma = [mark(",")] if meaning.link == "so" else []
        words = [*_clause(meaning.first), *comma, link, *_clause(meaning.second), mark(".")]
    elif isinstance(meaning, Question):
        words = [*_question(meaning.clause), mark("?")]
    else:
        words = [*_clause(meaning), mark(".")]
    first = words[0]
    words[0] = first._replace(text=first.text[0].upper() + first.text[1:])
    return words


def _clause(clause: Clause) -> list[Word]:
    subject = clause.agent if isinstance(clause, Event) else clause.subject
    generic = isinstance(clause, IsA) and isinstance(subject, Thing)
    words = _entity(subject, "agent", "a" if generic else "the")
    auxiliary, verb = _verb(clause, _singular(subject))
    negation = [Word("not", "not", "", "PART")] if clause.negated else []
    words += [*auxiliary, *negation, verb] if auxiliary else [verb, *negation]
    words += _rest(clause, None)
    if isinstance(clause, Event) and clause.fronted:
        return [*_time(clause.time), mark(","), *words]
    return words


def _question(clause: Clause) -> list[Word]:
    subject = clause.agent if isinstance(clause, Event) else clause.subject
    wanted = asked(clause)
    if wanted is not None and subject == wanted:
        return _clause(clause)
    auxiliary, verb = _verb(clause, _singular(subject), asking=True)
    first = [] if wanted is None else [_wh(wanted, clause)]
    if not auxiliary:  # "Is the dog wet?"
        return [*first, verb, *_entity(subject, "agent"), *_rest(clause, wanted)]
    return [*first, *auxiliary, *_entity(subject, "agent"), verb, *_rest(clause, wanted)]


def _wh(wanted: Wh, clause: Clause) -> Word:
    roles = {"where": "place", "when": "time", "what": "patient"}
    role = "recipient" if isinstance(clause, Event) and clause.recipient == wanted else "patient"
    return Word(
        wanted.word, wanted.word, "", "ADV" if wanted.word in ("where", "when") else "PRON", roles.get(wanted.word, role)
    )


def _verb(clause: Clause, singular: bool, *, asking: bool = False) -> tuple[list[Word], Word]:
    """Return the auxiliary, if there is one, and the verb."""
    concept, tense = (clause.verb if isinstance(clause, Event) else "be"), clause.tense
    pos = "AUX" if concept == "be" else "VERB"
    if tense == "future":
        return [Word("will", "future", "", "AUX")], Word(concept, concept, "", pos)
    if concept == "be":
        return [], Word(BE[tense, singular], "be", tense, pos)
    if clause.negated or asking:
        return [Word(DO[tense, singular], "do", tense, "AUX")], Word(concept, concept, "", pos)
    return [], Word(inflected(concept, tense, singular), concept, tense, pos)


def _rest(clause: Clause, wanted: Wh | None) -> list[Word]:
    """Return what follows the verb, without what a question word stands for."""
    if isinstance(clause, Quality):
        return [Word(clause.adjective, clause.adjective, "", "ADJ")]
    if isinstance(clause, IsA):
        return _thing(Thing(clause.noun), "", "a")
    if isinstance(clause, Located):
        return [] if isinstance(clause.place, Wh) else _at(clause.place, "place")
    words = [] if clause.patient is None or clause.patient == wanted else _entity(clause.patient, "patient")
    if clause.recipient:
        words.append(Word("to", "to", "", "ADP"))
        words += [] if clause.recipient == wanted else _entity(clause.recipient, "recipient")
    if clause.source:
        words += [Word("from", "from", "", "ADP"), *_entity(clause.source, "source")]
    if isinstance(clause.place, At):
        words += _at(clause.place, "place")
    return words if clause.fronted else words + _time(clause.time)


def _entity(entity: Entity, role: str, article: str = "the") -> list[Word]:
    if isinstance(entity, Thing):
        return _thing(entity, role, article)
    if isinstance(entity, Person):
        names = [Word(entity.name, entity.name, "", "PROPN", role)]
        return [*names, Word(entity.surname, entity.surname, "", "PROPN", role)] if entity.surname else names
    return [Word(entity.word, entity.word, "", "PRON", role)]


def _thing(thing: Thing, role: str, article: str = "the") -> list[Word]:
    words = []
    if thing.owner:
        words.append(Word(f"{thing.owner}'s", thing.owner, "genitive", "PROPN", role))
    if thing.number > 1:
        words.append(Word(str(thing.number), str(thing.number), "", "NUM", role))
    if thing.adjective:
        words.append(Word(thing.adjective, thing.adjective, "", "ADJ", role))
    one = thing.number == 1
    words.append(Word(thing.noun if one else plural(thing.noun), thing.noun, "" if one else "plural", "NOUN", role))
    if thing.owner or thing.number > 1:
        return words
    if article == "a" and words[0].text[0] in VOWELS and words[0].text not in SOUND_AS_Y:
        article = "an"
    return [Word(article, article, "", "DET"), *words]


def _at(at: At, role: str) -> list[Word]:
    if isinstance(at.place, City):
        name = "in" if at.relation == "at" else at.relation
        return [Word(name, at.relation, "", "ADP"), Word(at.place.name, at.place.name, "", "PROPN", role)]
    name = {"at": lexicon.SITE_PREPOSITIONS.get(at.place.noun, "at"), "inside": "in"}.get(at.relation, at.relation)
    return [Word(name, at.relation, "", "ADP"), *_thing(at.place, role)]


def _time(time: str | Wh) -> list[Word]:
    if not time or isinstance(time, Wh):
        return []
    before = [Word(word, word, "", "DET" if word == "the" else "ADP") for word in lexicon.TIMES[time][0].split()]
    pos = "NOUN" if before else "ADV"
    return [*before, Word(time, time, "", pos, "time")]


def _singular(subject: Entity) -> bool:
    return not isinstance(subject, Thing) or subject.number == 1
