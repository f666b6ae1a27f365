"""Natural language inference and paraphrase: pairs of which one sentence stands with every label.

Each hypothesis stands in three examples, one a label, and each second sentence of the paraphrase task in two: so a sentence
alone tells nothing. Premises are made for all labels by the same changes, negation included; the label is what
`inference` says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from xstilts.constructed import changes, text_of
from xstilts.constructed.inference import CONTRADICTION, ENTAILMENT, NEUTRAL, relation, same
from xstilts.constructed.items import Recipe
from xstilts.constructed.language import Language
from xstilts.constructed.meaning import Clause, Linked, Text
from xstilts.constructed.world import RULES, World, link

NLI_LABELS = (ENTAILMENT, NEUTRAL, CONTRADICTION)
PARAPHRASE_LABELS = ("not_paraphrase", "paraphrase")
TRIES = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts and how they relate."""

    first: Text
    second: Text
    label: str

    @property
    def apart(self) -> tuple[Text, ...]:
        """Neither text may stand in another split."""
        return (self.first, self.second)


def inference_group(world: World) -> tuple[Pair, ...]:
    """Return three premises for one hypothesis, one a label; none where the hypothesis does not lend itself."""
    hypothesis = replace(world.event() if world.dice.chance(0.6) else world.state(), negated=False)
    if world.dice.chance(0.5):
        hypothesis = changes.wider(hypothesis, world) or hypothesis
    hypothesis = replace(hypothesis, negated=world.dice.chance(0.4))
    pairs = []
    for label in NLI_LABELS:
        premise = _premise(hypothesis, label, world)
        if premise is None:
            return ()
        pairs.append(Pair(premise, (hypothesis,), label))
    return tuple(pairs)


def _premise(hypothesis: Clause, label: str, world: World) -> Text | None:
    for _ in range(TRIES):
        clause = _restated(_changed(hypothesis, label, world), world)
        if clause == hypothesis:
            continue
        premise = _among_others(clause, world)
        if relation(premise, hypothesis) == label:
            return premise
    return None


def _changed(clause: Clause, label: str, world: World) -> Clause:
    """Return a clause that may have the label; whether it has is another's to say."""
    opposite = replace(clause, negated=not clause.negated)
    narrow, wide = (changes.narrower, changes.wider) if not clause.negated else (changes.wider, changes.narrower)
    ways: tuple[Callable[[], Clause | None], ...]
    if label == ENTAILMENT:
        # a state follows from the denial of its contrary's; so entailment does not always go with equal polarity
        ways = (lambda: narrow(clause, world), lambda: clause, lambda: narrow(clause, world))
        if clause.negated:
            ways += (lambda: changes.excluded(replace(clause, negated=False), world),) * 4
    elif label == CONTRADICTION:
        ways = (lambda: wide(opposite, world), lambda: opposite, lambda: wide(opposite, world))
        if not clause.negated:
            ways += (lambda: changes.excluded(clause, world),) * 4
    else:
        other = world.dice.pick((clause, opposite))
        ways = (
            lambda: changes.altered(other, world),
            lambda: changes.swapped(other) or changes.altered(other, world),
            lambda: changes.swapped(other) or changes.altered(other, world),
            lambda: wide(clause, world),
            lambda: narrow(opposite, world),
        )
    return world.dice.pick(ways)() or clause


def _restated(clause: Clause, world: World) -> Clause:
    """Return a clause in other words where it may be, as often for every label."""
    for change in (changes.fronted, changes.synonymous, changes.other_side):
        if world.dice.chance(0.4):
            clause = change(clause) or clause
    return clause


def _among_others(clause: Clause, world: World) -> Text:
    """Return a clause alone, or with another before or behind it."""
    if world.dice.chance(0.4):
        return (clause,)
    other = replace(world.clause(), negated=world.dice.chance(0.4))
    pair = (clause, other) if world.dice.chance(0.5) else (other, clause)
    return (Linked("and", *pair),) if world.dice.chance(0.3) else pair


def paraphrase_group(world: World) -> tuple[Pair, ...]:
    """Return two first sentences for one second: one that says the same and one that does not, as much like it in words."""
    made = world.dice.pick((_order, _word, _word, _side, _cause))(world)
    if made is None:
        return ()
    second, alike, unlike = made
    if same((second,), (unlike,)) or not same((second,), (alike,)):
        return ()
    return Pair((alike,), (second,), "paraphrase"), Pair((unlike,), (second,), "not_paraphrase")


Three = tuple[Clause | Linked, Clause | Linked, Clause | Linked]


def _order(world: World) -> Three | None:
    """Return a clause, the clause with its time elsewhere, and with its persons in each other's place."""
    clause = replace(world.event(full=True), negated=False)
    alike, turned = changes.fronted(clause), changes.swapped(clause)
    unlike = changes.fronted(turned) if turned else None  # the time moves in both: only the persons differ
    return (clause, alike, unlike) if alike and unlike else None


def _word(world: World) -> Three | None:
    """Return a clause, the clause with a synonym, and with another word in its place."""
    clause = world.clause()
    alike, unlike = changes.synonymous(clause), changes.misworded(clause, world)
    return (clause, alike, unlike) if alike and unlike else None


def _side(world: World) -> Three | None:
    """Return a transfer, the transfer told from the other side, and told so but for the persons."""
    clause = world.event()
    alike = changes.other_side(clause)
    unlike = changes.swapped(alike) if alike else None
    return (clause, alike, unlike) if alike and unlike else None


def _cause(world: World) -> Three:
    """Return cause and effect, the same with the other link, and effect and cause."""
    rule = world.dice.pick(RULES)
    hero, thing = world.person(), world.rule_thing(rule)
    cause, effect = world.consequence(rule, hero, thing, world.tense())
    if world.dice.chance(0.5):
        cause, effect = effect, cause  # which of the two is the cause is told by the link alone
    words = ("because", "so") if world.dice.chance(0.5) else ("so", "because")
    return (
        link(words[0], cause, effect, hero, thing),
        link(words[1], cause, effect, hero, thing),
        link(words[1], effect, cause, hero, thing),  # with the first link it would share more words than the paraphrase
    )


def row(pair: Pair, language: Language) -> Mapping[str, str]:
    """Return the two texts in a language, and the label."""
    return {"first": text_of(pair.first, language), "second": text_of(pair.second, language), "label": pair.label}


NLI = Recipe("nli", inference_group, row)
PARAPHRASE = Recipe("paraphrase", paraphrase_group, row)
