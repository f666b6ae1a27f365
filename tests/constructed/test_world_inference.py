"""What follows from what, by examples whose answers were written by hand."""

import pytest
from meanings import ANNA, BEN, SHE, at

from xstilts.constructed.inference import relation, same
from xstilts.constructed.meaning import Event, IsA, Linked, Located, Person, Quality, Thing

EMMA = Person("Emma")
BOUGHT = Event("buy", ANNA, Thing("apple", "red"), place=at("market"), time="Monday")
NOT_BOUGHT = Event("buy", ANNA, Thing("apple"), negated=True)
GAVE = Event("give", ANNA, Thing("apple"), EMMA)
CASES = [
    (BOUGHT, Event("buy", ANNA, Thing("apple")), "entailment"),
    (BOUGHT, Event("purchase", ANNA, Thing("fruit", "red"), time="Monday", fronted=True), "entailment"),
    (BOUGHT, Event("buy", ANNA, Thing("apple", "green")), "neutral"),
    (BOUGHT, Event("buy", ANNA, Thing("apple"), time="Friday"), "neutral"),
    (BOUGHT, Event("buy", ANNA, Thing("apple"), tense="future"), "neutral"),
    (BOUGHT, Event("buy", ANNA, Thing("apple", number=2)), "neutral"),
    (BOUGHT, Event("buy", ANNA, Thing("apple"), negated=True), "contradiction"),
    (Event("buy", ANNA, Thing("fruit")), Event("buy", ANNA, Thing("apple")), "neutral"),
    (NOT_BOUGHT, Event("buy", ANNA, Thing("apple", "red"), negated=True), "entailment"),
    (NOT_BOUGHT, BOUGHT, "contradiction"),
    (NOT_BOUGHT, Event("buy", ANNA, Thing("fruit"), negated=True), "neutral"),
    (NOT_BOUGHT, Event("buy", ANNA, Thing("fruit")), "neutral"),
    (GAVE, Event("receive", EMMA, Thing("apple"), source=ANNA), "entailment"),
    (GAVE, Event("receive", ANNA, Thing("apple"), source=EMMA), "neutral"),
    (GAVE, Event("receive", EMMA, Thing("apple")), "entailment"),
    (GAVE, Event("receive", EMMA, Thing("apple"), source=ANNA, negated=True), "contradiction"),
    (Event("help", BEN, ANNA), Event("assist", Person("Ben"), ANNA), "entailment"),
    (Event("help", Person("Ben"), ANNA), Event("help", BEN, ANNA), "neutral"),
    (Event("help", BEN, ANNA), Event("help", ANNA, BEN), "neutral"),
    (Quality(ANNA, "glad"), Quality(ANNA, "happy"), "entailment"),
    (Quality(ANNA, "glad"), Quality(ANNA, "unhappy"), "contradiction"),
    (Quality(ANNA, "glad"), Quality(ANNA, "unhappy", negated=True), "entailment"),
    (Quality(ANNA, "glad", negated=True), Quality(ANNA, "sad"), "neutral"),
    (Quality(ANNA, "glad"), Quality(ANNA, "tired"), "neutral"),
    (Quality(Thing("dog"), "wet"), Quality(Thing("cat"), "dry"), "neutral"),
    (Quality(Thing("dog", "old"), "wet"), Quality(Thing("animal"), "wet"), "entailment"),
    (Located(Thing("net"), at("crate", "inside")), Located(Thing("net"), at("locker", "inside")), "contradiction"),
    (Located(Thing("net"), at("crate", "inside")), Located(Thing("net"), at("bench", "under")), "neutral"),
    (IsA(ANNA, "baker"), IsA(ANNA, "doctor"), "contradiction"),
    (IsA(ANNA, "baker"), IsA(ANNA, "doctor", negated=True), "entailment"),
    (IsA(ANNA, "baker", negated=True), IsA(ANNA, "doctor"), "neutral"),
    (Linked("so", Event("work", ANNA), Quality(SHE, "tired")), Quality(ANNA, "weary"), "entailment"),
    (Linked("because", Quality(ANNA, "tired"), Event("work", SHE)), Event("work", ANNA, negated=True), "contradiction"),
    (Event("sleep", ANNA), Quality(ANNA, "tired"), "neutral"),
]


@pytest.mark.parametrize(("premise", "hypothesis", "label"), CASES)
def test_relation(premise, hypothesis, label):
    assert relation((premise,), hypothesis) == label
    assert relation((Event("dance", EMMA), premise), hypothesis) == label


SO = Linked("so", Event("work", ANNA), Quality(SHE, "tired"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (SO, Linked("because", Quality(ANNA, "weary"), Event("work", SHE)), True),
        (SO, Linked("because", Event("work", ANNA), Quality(SHE, "tired")), False),
        (SO, Linked("and", Event("work", ANNA), Quality(SHE, "tired")), False),
        (GAVE, Event("receive", EMMA, Thing("apple"), source=ANNA), True),
        (GAVE, Event("give", EMMA, Thing("apple"), ANNA), False),
        (BOUGHT, Event("buy", ANNA, Thing("apple", "red"), place=at("market")), False),
        (Event("find", ANNA, Thing("dog", "large")), Event("discover", ANNA, Thing("dog", "big")), True),
        (Quality(ANNA, "glad"), Quality(ANNA, "glad", negated=True), False),
    ],
)
def test_saying_the_same(one, other, expected):
    assert same((one,), (other,)) is expected
    assert same((other,), (one,)) is expected
