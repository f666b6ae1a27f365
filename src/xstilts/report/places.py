"""The order in which languages stand, and what stands beside their names."""

from collections.abc import Iterable
from dataclasses import dataclass

from xstilts.constructed.language import FAMILY, distance
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


def placed(tags: Iterable[str]) -> tuple[Place, ...]:
    """Return languages in order: constructed ones by their typological distance from English, the others by resource class.

    Classes go from 5 (most) to 0 (least), then come those without one; within a class families stand together.
    """
    return tuple(place for _, place in sorted((_place(tag) for tag in set(tags)), key=lambda pair: pair[0]))


def _place(tag: str) -> tuple[tuple[int, float, str, str], Place]:
    name = language(tag).name
    made = next((one for one in FAMILY.values() if one.tag == tag and one.code != "en"), None)
    if made:
        far = distance(made)
        return (0, far, "", name), Place(tag, name, f"{name} (distance {far:.2f})")
    facts = facts_of(tag)
    rank = 6 if facts.resource_class is None else 5 - facts.resource_class
    family = facts.family or "family not known"
    known = "class not known" if facts.resource_class is None else f"class {facts.resource_class}"
    return (1, rank, family, name), Place(tag, name, f"{name} ({known}, {family})")
