"""The world's things, properties and deeds, by domain, with the English forms that no rule gives.

Two domains, `village` and `harbour`, share names, properties and most verbs; nouns are their own. The kinds (`animal`, `fruit`)
are shared, so that the same is said of other things: that is the domain shift.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

DOMAINS = ("village", "harbour")


@dataclass(frozen=True)
class Domain:
    """The nouns of a domain.

    Attributes:
        name: `village` or `harbour`.
        kinds: what belongs to a kind, `animal` -> `dog`, ...
        sites: where people are.
        holders: what things lie in or under.
        trades: what people are.
        deeds: intransitive verbs of the domain.

    """

    name: str
    kinds: Mapping[str, tuple[str, ...]]
    sites: tuple[str, ...]
    holders: tuple[str, ...]
    trades: tuple[str, ...]
    deeds: tuple[str, ...]

    @property
    def things(self) -> tuple[str, ...]:
        """What people own, carry and lose: all but sites, holders and trades."""
        return tuple(noun for nouns in self.kinds.values() for noun in nouns)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_VILLAGE = Domain(
    "village",
    {
        "animal": _words("dog cat horse cow goat hen"),
        "fruit": _words("apple pear plum cherry peach grape"),
        "tool": _words("hammer spade axe rake ladder bucket"),
        "garment": _words("coat hat shirt scarf glove dress"),
        "vehicle": _words("cart bicycle truck tractor wagon bus"),
    },
    _words("market school church farm garden mill bakery"),
    _words("box basket table cupboard"),
    _words("teacher farmer baker doctor miller tailor"),
    _words("dance dig whistle"),
)
_HARBOUR = Domain(
    "harbour",
    {
        "animal": _words("seal gull crab whale dolphin turtle"),
        "fruit": _words("lemon orange coconut melon banana mango"),
        "tool": _words("net anchor oar compass knife lantern"),
        "garment": _words("boot cap jacket belt sweater uniform"),
        "vehicle": _words("boat ship ferry raft canoe yacht"),
    },
    _words("beach pier island lighthouse dock tavern shipyard"),
    _words("barrel crate bench locker"),
    _words("sailor captain fisher cook pilot diver"),
    _words("swim row dive"),
)
_DOMAINS = {"village": _VILLAGE, "harbour": _HARBOUR}

WOMEN = _words("Anna Clara Emma Grace Ida Kate Mary Nora Rosa Tina Bella Diana Helen Florence Sydney Charlotte")
MEN = _words("Ben David Frank Hugo Jack Leo Oscar Paul Sam Victor Adam Carl Austin Lincoln Chester")
NAMES = tuple(sorted(WOMEN + MEN))
SURNAMES = _words("Berg Stone Wood Lang Moss Reed")
CITIES = _words("Florence Sydney Charlotte Austin Lincoln Chester London Rome Oslo Lima")  # six are persons' names too
NUMERALS = _words("2 3 4 5 6 7 8 9")

# what is done to what; the kinds of objects a verb takes
OBJECT_VERBS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        _words("see find discover lose want hide conceal bring steal buy purchase"),
        _words("animal fruit tool garment vehicle"),
    ),
    **dict.fromkeys(_words("eat peel taste"), ("fruit",)),
    **dict.fromkeys(_words("feed chase"), ("animal",)),
    **dict.fromkeys(_words("wash clean"), _words("animal garment tool vehicle")),
    **dict.fromkeys(_words("fix repair"), _words("tool vehicle")),
    **dict.fromkeys(_words("wear sew"), ("garment",)),
    **dict.fromkeys(_words("drive park"), ("vehicle",)),
    "paint": _words("tool vehicle"),
}
PERSON_VERBS = _words("see help assist call phone visit thank follow greet hug invite")
TRANSFERS: Mapping[str, str] = {"give": "receive", "sell": "buy", "lend": "borrow"}  # "A gives it to B": "B receives it from A"
MOTIONS = _words("go walk run return hurry rush")
DEEDS = _words("sleep laugh cry work wait sing rest shout smile fall")

SYNONYMS: tuple[tuple[str, str], ...] = (
    ("big", "large"), ("small", "little"), ("dirty", "filthy"), ("fast", "quick"), ("expensive", "costly"),
    ("happy", "glad"), ("sad", "unhappy"), ("tired", "weary"), ("angry", "furious"), ("sick", "ill"), ("rich", "wealthy"),
    ("find", "discover"), ("hide", "conceal"), ("fix", "repair"), ("help", "assist"), ("call", "phone"),
    ("hurry", "rush"), ("buy", "purchase"),
)  # fmt: skip
# properties of which a thing has at most one, by their first synonym
EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    _words("big small"), _words("dirty spotless"), _words("fast slow"), _words("expensive cheap"),
    _words("happy sad angry calm"), _words("tired awake"), _words("sick healthy"), _words("rich poor"),
    _words("red green blue white black"), _words("wet dry"), _words("old new"), _words("warm cold"), _words("heavy light"),
    _words("hungry thirsty"), _words("late early"),
)  # fmt: skip
OF_THINGS = _words(
    "big large small little dirty filthy spotless expensive costly cheap red green blue white black wet dry old new heavy light"
)
OF_PERSONS = _words(
    "happy glad sad unhappy angry furious calm tired weary awake sick ill healthy rich wealthy poor hungry thirsty late early "
    "wet dry warm cold fast quick slow"
)
ADJECTIVES = tuple(dict.fromkeys(OF_THINGS + OF_PERSONS))

# time -> the preposition of English, and the tenses it goes with
TIMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "yesterday": ("", ("past",)),
    "today": ("", ("past", "present", "future")),
    "tomorrow": ("", ("future",)),
    "Monday": ("on", ("past", "future")),
    "Tuesday": ("on", ("past", "future")),
    "Friday": ("on", ("past", "future")),
    "Sunday": ("on", ("past", "future")),
    "morning": ("in the", ("past", "present", "future")),
    "evening": ("in the", ("past", "present", "future")),
    "night": ("at", ("past", "present", "future")),
}
RELATIONS = _words("at inside near behind under to from of")
SITE_PREPOSITIONS: Mapping[str, str] = {  # how English says `at` of a site where it does not say "at"
    "garden": "in", "island": "on", "beach": "on", "pier": "on", "lighthouse": "in", "tavern": "in", "bakery": "in",
}  # fmt: skip
LINKS = _words("and because so")
PRONOUNS = _words("she he it")
QUESTION_WORDS = _words("who what where when")

IRREGULAR_PAST: Mapping[str, str] = {
    "see": "saw", "find": "found", "lose": "lost", "hide": "hid", "bring": "brought", "steal": "stole", "buy": "bought",
    "eat": "ate", "feed": "fed", "wear": "wore", "drive": "drove", "give": "gave", "sell": "sold", "lend": "lent",
    "go": "went", "run": "ran", "sleep": "slept", "sing": "sang", "fall": "fell", "dig": "dug", "swim": "swam",
}  # fmt: skip
DOUBLED = _words("hug")  # hugged; other verbs of one short syllable here are irregular
IRREGULAR_PLURAL: Mapping[str, str] = {"knife": "knives"}


def domain(name: str) -> Domain:
    """Return the nouns of a domain."""
    return _DOMAINS[name]


@cache
def kind_of(noun: str) -> str:
    """Return the kind that a noun belongs to, empty where it has none."""
    kinds = ((kind, nouns) for each in _DOMAINS.values() for kind, nouns in each.kinds.items())
    return next((kind for kind, nouns in kinds if noun in nouns), "")


KINDS = tuple(_VILLAGE.kinds)
SITES = _VILLAGE.sites + _HARBOUR.sites
HOLDERS = _VILLAGE.holders + _HARBOUR.holders
TRADES = _VILLAGE.trades + _HARBOUR.trades
NOUNS = KINDS + _VILLAGE.things + _HARBOUR.things + SITES + HOLDERS + TRADES
VERBS = tuple(
    dict.fromkeys(
        (*OBJECT_VERBS, *PERSON_VERBS, *TRANSFERS, *TRANSFERS.values(), *MOTIONS, *DEEDS, *_VILLAGE.deeds, *_HARBOUR.deeds)
    )
)
