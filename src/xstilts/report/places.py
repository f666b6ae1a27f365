"""The order in which languages stand, and what stands beside their names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xstilts.constructed.language import FAMILY, Language, distance
from xstilts.language_facts import facts_of
from xstilts.languages import language


@dataclass(frozen=True)
class Place:
    """A language in its place.

    Attributes:
        tag: canonical.
        name: English.
        label: the name, and what the order goes by: `Swahili (class 2, Atlantic-Congo)`, `Constructed aa (distance 0.02)`.

    """

    tag: str
    name: str
    label: str


def placed(tags: Iterable[str], declared: Sequence[Language] = ()) -> tuple[Place, ...]:
    """Return languages in order: constructed ones by their typological distance from English, the others by resource class.

    Classes go from 5 (most) to 0 (least), then come those without one; within a class families stand together.

    Args:
        tags: canonical tags.
        declared: constructed languages that a study declares, which are in no registry.

    """
    made = {one.tag: one for one in (*FAMILY.values(), *declared) if one.code != "en"}
    return tuple(place for _, place in sorted((_place(tag, made.get(tag)) for tag in set(tags)), key=lambda pair: pair[0]))


def _place(tag: str, made: Language | None) -> tuple[tuple[int, float, str, str], Place]:
    if made:
        name, far = f"Constructed {made.code}", distance(made)
        return (0, far, "", name), Place(tag, name, f"{name} (distance {far:.2f})")
    name = language(tag).name
    facts = facts_of(tag)
    rank = 6 if facts.resource_class is None else 5 - facts.resource_class
    family = facts.family or "family not known"
    known = "class not known" if facts.resource_class is None else f"class {facts.resource_class}"
    return (1, rank, family, name), Place(tag, name, f"{name} ({known}, {family})")
