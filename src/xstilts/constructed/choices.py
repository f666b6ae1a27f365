"""Multiple choice as in COPA: a sentence that breaks off behind `because` or `so`, and two ways to go on.

Two rules of the world make two examples with the same two options: each is right once and wrong once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.constructed import lexicon, words_of
from xstilts.constructed.items import Recipe
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Clause, Linked, Person, Tense, Text, Thing
from xstilts.constructed.surface import written
from xstilts.constructed.world import RULES, Part, World, link

_OF_THINGS = tuple(rule for rule in RULES if rule[0].adjective and rule[0].kind)
_OF_PERSONS = tuple(rule for rule in RULES if rule not in _OF_THINGS)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is said first, the link, two ways to go on, and which is right."""

    premise: Clause
    link: str
    options: tuple[Clause, Clause]
    label: int

    @property
    def apart(self) -> tuple[Text, ...]:
        """No premise may stand in another split with the same link; there are few ways to go on, and they may."""
        return ((Linked(self.link, self.premise, self.premise),),)


def choice_group(world: World) -> tuple[Choice, ...]:
    """Return two choices that have their options in common; none where one of them might be right in both."""
    rules = world.dice.pick((_OF_THINGS, _OF_PERSONS, _OF_PERSONS, _OF_PERSONS))
    one, two = world.dice.order(rules)[:2]
    if _alike(one, two) or _alike(two, one):
        return ()
    word, hero, tense = world.dice.pick(("because", "so")), world.person(), world.tense()
    first, second = (_linked(rule, word, hero, world.rule_thing(rule), tense, world) for rule in (one, two))
    group = []
    for right, wrong in ((first, second), (second, first)):
        label = int(world.dice.pick("01"))
        options = (right.second, wrong.second) if label == 0 else (wrong.second, right.second)
        group.append(Choice(right.first, word, options, label))
    return tuple(group)


def _linked(rule: tuple[Part, Part], word: str, hero: Person, thing: Thing, tense: Tense, world: World) -> Linked:
    cause, effect = world.consequence(rule, hero, thing, tense)
    return link(word, cause, effect, hero, thing)


def _alike(one: tuple[Part, Part], two: tuple[Part, Part]) -> bool:
    """Return whether the cause of one rule says what the effect of the other says."""
    pair = {one[0].adjective, two[1].adjective}
    return any(pair == set(words) for words in lexicon.SYNONYMS) or (one[0].verb, one[0].kind) == (
        two[1].verb,
        two[1].kind,
    ) != ("", "")


def row(choice: Choice, language: Language) -> Mapping[str, Any]:
    """Return the beginning, the two options and the right one's number in a language."""
    texts = []
    for option in choice.options:
        words = words_of(Linked(choice.link, choice.premise, option), language)
        cut = next(i for i, word in enumerate(words) if word.concept == choice.link) + 1
        prompt = written(words[:cut], spaced=language.spaced)
        texts.append(written(words[cut:], spaced=language.spaced))
    return {"prompt": prompt, "option1": texts[0], "option2": texts[1], "label": choice.label}


CHOICE = Recipe("choice", choice_group, row)
