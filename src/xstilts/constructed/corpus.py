"""Raw text in the family's languages, for training encoders.

    FOLDER/mono/<lang>.txt            one line a text of up to three sentences, a question or a fragment
    FOLDER/parallel/<lang>.txt        line i is the same in every language; empty in a language that has no more lines

A language has as many lines as its `resource` says, in both: SIZE lines are a resource of 1. A smaller corpus is the beginning
of a larger one; what is monolingual is another text in each language.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from pathlib import Path

from xstilts.constructed import lexicon, text_of
from xstilts.constructed.draw import Dice
from xstilts.constructed.language import ENGLISH, Language
from xstilts.constructed.meaning import Fragment, Linked, Meaning, Text
from xstilts.constructed.world import World
from xstilts.digests import write_atomically

SIZE = 6_000  # lines of text, and as many pairs, of a language with a resource of 1
DOMAINS = ("village",)


def texts(stream: str, domains: Sequence[str] = DOMAINS) -> Iterator[Text]:
    """Yield texts without end; the name of the stream is their seed."""
    dice = Dice("corpus", stream)
    worlds = [World(lexicon.domain(domain), dice) for domain in domains]
    while True:
        yield _text(dice.pick(worlds))


def _text(world: World) -> Text:
    made = world.dice.pick(_SORTS)(world)
    return made if isinstance(made, tuple) else (made,)


def _both(world: World) -> Meaning:
    return Linked("and", world.clause(), world.clause())


def _question(world: World) -> Meaning:
    return world.question(world.clause())


def _told_and_asked(world: World) -> Text:
    told = world.clause()
    return told, world.question(told)


def _story(world: World) -> Text:
    return world.story(2 + world.dice.chance(0.5))


def _fragment(world: World) -> Meaning:
    if world.dice.chance(0.5):
        return Fragment(world.thing(lexicon.KINDS))
    return Fragment(world.near() if world.dice.chance(0.5) else world.site())


_SHARES: tuple[tuple[Callable[[World], Meaning | Text], int], ...] = (  # of 40 lines
    (World.clause, 14), (World.linked, 6), (_both, 2), (_question, 5), (_told_and_asked, 4), (_story, 6), (World.kind, 1),
    (_fragment, 2),
)  # fmt: skip
_SORTS = tuple(sort for sort, share in _SHARES for _ in range(share))


def monolingual(language: Language, size: int = SIZE, domains: Sequence[str] = DOMAINS) -> Iterator[str]:
    """Yield the lines of a language's own text."""
    for text in islice(texts(f"mono {language.code}", domains), _count(language, size)):
        yield text_of(text, language)


def parallel(language: Language, lines: int, size: int = SIZE, domains: Sequence[str] = DOMAINS) -> Iterator[str]:
    """Yield so many lines that say the same in every language; "" beyond a language's own number. English has them all."""
    own = lines if language == ENGLISH else min(lines, _count(language, size))
    for text in islice(texts("pairs", domains), own):
        yield text_of(text, language)
    yield from repeat("", lines - own)


def longest(languages: Sequence[Language], size: int = SIZE) -> int:
    """Return how many lines the largest parallel text among languages has."""
    return max((_count(language, size) for language in languages if language != ENGLISH), default=0)


def write(folder: Path, languages: Sequence[Language], size: int = SIZE, domains: Sequence[str] = DOMAINS) -> list[Path]:
    """Write the text of languages and their translations; return the files."""
    for kind in ("mono", "parallel"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    lines, written = longest(languages, size), []
    for language in languages:
        name = f"{language.code}.txt"
        written.append(_write(folder / "mono" / name, monolingual(language, size, domains)))
        if lines:
            written.append(_write(folder / "parallel" / name, parallel(language, lines, size, domains)))
    return written


def _count(language: Language, size: int) -> int:
    return max(1, round(size * language.resource))


def _write(path: Path, lines: Iterator[str]) -> Path:
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
    return path
