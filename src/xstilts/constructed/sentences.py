"""Tasks on one sentence or one short text: parts of speech, names, topics, acceptability, retrieval of translations."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xstilts.constructed import changes, lexicon, text_of, words_of
from xstilts.constructed.draw import Dice
from xstilts.constructed.items import Recipe
from xstilts.constructed.language import ENGLISH, Language
from xstilts.constructed.meaning import At, City, Clause, Event, Linked, Meaning, Text
from xstilts.constructed.parse import meaning_of
from xstilts.constructed.surface import Word, written
from xstilts.constructed.world import World

POS_LABELS = ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "VERB")
NER_LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
TOPICS = lexicon.KINDS
ACCEPTABILITY_LABELS = ("unacceptable", "acceptable")
EDITS = 3  # sentences beside each that differ from it in one thing


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, with a label where the task is to tell it, and a number that sets its dice."""

    text: Text
    label: str = ""
    number: int = 0

    @property
    def apart(self) -> tuple[Text, ...]:
        """The text may not stand in another split."""
        return (self.text,)


def sentence(world: World) -> Meaning:
    """Return a sentence of any sort but the kinds of things, of which there are few."""
    sort = world.dice.pick(("clause", "clause", "clause", "linked", "question", "and"))
    if sort == "linked":
        return world.linked()
    if sort == "question":
        return world.question(world.clause())
    return Linked("and", world.clause(), world.clause()) if sort == "and" else world.clause()


def sentence_group(world: World) -> tuple[Sample, ...]:
    """Return one sentence."""
    return (Sample((sentence(world),)),)


def pos_row(sample: Sample, language: Language) -> Mapping[str, Any]:
    """Return words and parts of speech in a language."""
    words = words_of(sample.text[0], language)
    return {"tokens": [word.text for word in words], "tags": [word.pos for word in words]}


def name_group(world: World) -> tuple[Sample, ...]:
    """Return an event with persons and, half the time, a city; six names are those of persons and of cities."""
    event = world.event()
    if world.dice.chance(0.5):
        relation = "to" if event.verb in lexicon.MOTIONS else "at"
        event = replace(event, place=At(relation, City(world.dice.pick(lexicon.CITIES))))
    return (Sample((event,)),)


def ner_row(sample: Sample, language: Language) -> Mapping[str, Any]:
    """Return words and name tags in a language."""
    (event,) = sample.text
    assert isinstance(event, Event), "names are tagged in events"
    in_city = isinstance(event.place, At) and isinstance(event.place.place, City)
    words = words_of(event, language)
    return {"tokens": [word.text for word in words], "tags": [_name_tag(word, in_city=in_city) for word in words]}


def _name_tag(word: Word, *, in_city: bool) -> str:
    if word.pos != "PROPN":
        return "O"
    if word.role == "place" and in_city:
        return "B-LOC"
    return "I-PER" if word.concept in lexicon.SURNAMES else "B-PER"


def topic_group(world: World) -> tuple[Sample, ...]:
    """Return a text whose things are of one kind, which is its topic, and a sentence without things."""
    topic = world.dice.pick(TOPICS)
    verbs = [verb for verb, kinds in lexicon.OBJECT_VERBS.items() if len(kinds) == len(TOPICS)]  # no verb tells the topic
    told: list[Meaning] = [
        replace(world.event(full=world.dice.chance(0.3)), verb=world.dice.pick(verbs), patient=world.thing((topic,)),
                recipient=None, source=None)
        for _ in range(2)
    ]  # fmt: skip
    told = [_at_rest(each) for each in told]
    told.append(Event(world.dice.pick(lexicon.DEEDS), world.person(), place=world.site(), tense=world.tense()))
    return (Sample(tuple(world.dice.order(told)), topic),)


def _at_rest(event: Meaning) -> Meaning:
    """Return an event without a goal, which its new verb does not have."""
    assert isinstance(event, Event), "topics are told in events"
    goal = isinstance(event.place, At) and event.place.relation == "to"
    return replace(event, place=None) if goal else event


def labelled_row(sample: Sample, language: Language) -> Mapping[str, str]:
    """Return text and label in a language."""
    return {"text": text_of(sample.text, language), "label": sample.label}


def acceptability_group(world: World) -> tuple[Sample, ...]:
    """Return a sentence twice: as it should be, and with two of its words in each other's place."""
    text, number = (sentence(world),), int("".join(world.dice.pick("0123456789") for _ in range(9)))
    return Sample(text, "acceptable", number), Sample(text, "unacceptable", number)


def acceptability_row(sample: Sample, language: Language) -> Mapping[str, str]:
    """Return a sentence of a language, or the same words in an order that is no sentence of it."""
    (meaning,) = sample.text
    text = text_of(meaning, language)
    return {
        "text": text if sample.label == "acceptable" else _disordered(meaning, language, sample.number),
        "label": sample.label,
    }


def _disordered(meaning: Meaning, language: Language, number: int) -> str:
    """Return a sentence with words exchanged until it is no sentence of the language."""
    words, dice = words_of(meaning, language), Dice("disorder", number)
    if language == ENGLISH and words[0].pos != "PROPN":
        words[0] = words[0]._replace(text=words[0].text if words[0].text in lexicon.TIMES else words[0].text.lower())
    *inner, final = words
    while True:
        i, j = dice.order(range(len(inner)))[:2]
        inner[i], inner[j] = inner[j], inner[i]
        text = written([*inner, final], spaced=language.spaced)
        text = text[0].upper() + text[1:] if language == ENGLISH else text
        read = meaning_of(text, language)
        if read is None or text_of(read, language) != text:
            return text


def translation_row(sample: Sample, language: Language) -> Mapping[str, str]:
    """Return a sentence in a language and in English."""
    return {"sentence1": text_of(sample.text, language), "sentence2": text_of(sample.text, ENGLISH)}


def edited_group(world: World) -> tuple[Sample, ...]:
    """Return a sentence and EDITS others that differ from it in one thing: for each, the others are what it is mistaken for."""
    clause = world.clause()
    made: dict[Clause, None] = {clause: None}
    ways = (
        changes.altered, changes.altered, changes.altered, changes.narrower, changes.wider, changes.excluded, _denied,
    )  # fmt: skip
    for _ in range(4 * EDITS):
        changed = world.dice.pick(ways)(clause, world)
        if changed is not None and len(made) <= EDITS:
            made[changed] = None
    return tuple(Sample((each,)) for each in made) if len(made) == EDITS + 1 else ()


def _denied(clause: Clause, _: World) -> Clause:
    return replace(clause, negated=not clause.negated)


POS = Recipe("pos", sentence_group, pos_row)
NER = Recipe("ner", name_group, ner_row)
TOPIC = Recipe("topic", topic_group, labelled_row)
ACCEPTABILITY = Recipe("acceptability", acceptability_group, acceptability_row)
RETRIEVAL = Recipe("retrieval", sentence_group, translation_row)
RETRIEVAL_HARD = Recipe("retrieval_hard", edited_group, translation_row)
