"""Meanings for the tests: one of each construction, and many drawn from the world."""

from xstilts.constructed import lexicon
from xstilts.constructed.draw import Dice
from xstilts.constructed.meaning import (
    MANY,
    At,
    City,
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
from xstilts.constructed.world import World

ANNA, BEN = Person("Anna"), Person("Ben", "Berg")
DOG, DOGS = Thing("dog", "big"), Thing("dog", "small", "Emma", MANY)
APPLES = Thing("apple", "red", "", 3)
SHE, IT = Pronoun("she"), Pronoun("it")


def at(noun: str, relation: str = "at", owner: str = "") -> At:
    return At(relation, Thing(noun, owner=owner))


EACH = {  # English, checked by eye -> meaning
    "Anna saw Emma's small dogs at the market yesterday.": Event("see", ANNA, DOGS, place=at("market"), time="yesterday"),
    "On Monday, Anna gave 3 red apples to Ben Berg.": Event("give", ANNA, APPLES, BEN, time="Monday", fronted=True),
    "Ben Berg will receive the apple from Anna in Florence.": Event(
        "receive", BEN, Thing("apple"), source=ANNA, place=At("at", City("Florence")), tense="future"
    ),
    "The big dog did not go to Rome.": Event("go", DOG, place=At("to", City("Rome")), negated=True),
    "The dogs do not sleep.": Event("sleep", Thing("dog", number=MANY), tense="present", negated=True),
    "Anna does not cry.": Event("cry", ANNA, tense="present", negated=True),
    "Anna cries at night.": Event("cry", ANNA, tense="present", time="night"),
    "Anna washes the knives in the morning.": Event("wash", ANNA, Thing("knife", number=MANY), tense="present", time="morning"),
    "She goes to the beach today.": Event("go", SHE, place=at("beach", "to"), tense="present", time="today"),
    "Anna hurried to Ida's mill.": Event("hurry", ANNA, place=at("mill", "to", "Ida")),
    "Anna hugged Ben Berg on the island.": Event("hug", ANNA, BEN, place=at("island")),
    "3 red apples fell.": Event("fall", APPLES),
    "The boxes will be old.": Quality(Thing("box", number=MANY), "old", "future"),
    "The big dog was not wet.": Quality(DOG, "wet", negated=True),
    "Emma's small dogs were wet.": Quality(DOGS, "wet"),
    "Ben Berg is tired.": Quality(BEN, "tired", "present"),
    "The dog is big.": Quality(Thing("dog"), "big", "present"),
    "The net was in the crate.": Located(Thing("net"), at("crate", "inside")),
    "The net is not under the bench.": Located(Thing("net"), at("bench", "under"), "present", negated=True),
    "Anna will be behind the lighthouse.": Located(ANNA, at("lighthouse", "behind"), "future"),
    "An apple is a fruit.": IsA(Thing("apple"), "fruit"),
    "A uniform is a garment.": IsA(Thing("uniform"), "garment"),
    "A hen is an animal.": IsA(Thing("hen"), "animal"),
    "Anna is not a baker.": IsA(ANNA, "baker", negated=True),
    "Anna was tired because she worked.": Linked("because", Quality(ANNA, "tired"), Event("work", SHE)),
    "Anna worked, so she was tired.": Linked("so", Event("work", ANNA), Quality(SHE, "tired")),
    "The shirt was dirty, so Anna washed it.": Linked("so", Quality(Thing("shirt"), "dirty"), Event("wash", ANNA, IT)),
    "Anna sang and Ben Berg danced.": Linked("and", Event("sing", ANNA), Event("dance", BEN)),
    "Who saw the big dog?": Question(Event("see", Wh("who"), DOG)),
    "Who did Anna see?": Question(Event("see", ANNA, Wh("who"))),
    "Who will Anna see?": Question(Event("see", ANNA, Wh("who"), tense="future")),
    "Who will see Anna?": Question(Event("see", Wh("who"), ANNA, tense="future")),
    "What did Anna buy at the market?": Question(Event("buy", ANNA, Wh("what"), place=at("market"))),
    "Who did Anna give the apple to at night?": Question(Event("give", ANNA, Thing("apple"), Wh("who"), time="night")),
    "Where did Anna see the big dog?": Question(Event("see", ANNA, DOG, place=Wh("where"))),
    "When does Ben Berg see the big dog?": Question(Event("see", BEN, DOG, time=Wh("when"), tense="present")),
    "Do the dogs sleep?": Question(Event("sleep", Thing("dog", number=MANY), tense="present")),
    "Was Anna happy?": Question(Quality(ANNA, "happy")),
    "Who was happy?": Question(Quality(Wh("who"), "happy")),
    "Will the dog be wet?": Question(Quality(Thing("dog"), "wet", "future")),
    "Where will the net be?": Question(Located(Thing("net"), Wh("where"), "future")),
    "What was in the box?": Question(Located(Wh("what"), at("box", "inside"))),
    "Is Anna a baker?": Question(IsA(ANNA, "baker")),
    "Emma's small dogs": Fragment(DOGS),
    "the apple": Fragment(Thing("apple")),
    "near the mill": Fragment(at("mill", "near")),
    "in Oslo": Fragment(At("at", City("Oslo"))),
}


def drawn(seed: int | str, rounds: int, domain: str = "village") -> list[Meaning]:
    """Return meanings of all sorts from the world."""
    world = World(lexicon.domain(domain), Dice("test", seed))
    found: list[Meaning] = []
    for _ in range(rounds):
        found += [
            world.event(), world.event(full=True), world.state(), world.linked(), world.kind(), world.question(world.event()),
            world.question(world.state()), *world.story(2), Linked("and", world.clause(), world.clause()),
            Fragment(world.thing(lexicon.KINDS)), Fragment(world.near()), Fragment(world.site("to")),
        ]  # fmt: skip
    return found
