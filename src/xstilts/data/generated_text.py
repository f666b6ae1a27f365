"""Raw text in constructed languages as a corpus for pretraining, made when it is read."""

from dataclasses import dataclass
from typing import Any

from xstilts.constructed import VERSION
from xstilts.constructed.corpus import longest, monolingual, parallel
from xstilts.constructed.language import Language
from xstilts.fingerprint import key_of


@dataclass(frozen=True)
class GeneratedText:
    """What `xstilts constructed write` writes, without the files.

    Attributes:
        chosen: the languages.
        size: lines of a language whose resource is 1.
        domains: of the world.
        parallel: the translations, in place of each language's own text.

    """

    chosen: tuple[Language, ...]
    size: int
    domains: tuple[str, ...]
    parallel: bool

    @property
    def identity(self) -> dict[str, Any]:
        """What stands in keys: all that the lines depend on."""
        return {
            "parallel": self.parallel,
            "generator": VERSION,
            "languages": {each.code: key_of({**each.identity(), "resource": each.resource}) for each in self.chosen},
            "size": self.size,
            "domains": list(self.domains),
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Their codes."""
        return tuple(sorted(each.code for each in self.chosen))

    def read(self) -> dict[str, list[str]]:
        """Return code -> lines."""
        if self.parallel:
            lines = longest(self.chosen, self.size)
            return {each.code: list(parallel(each, lines, self.size, self.domains)) for each in self.chosen}
        return {each.code: list(monolingual(each, self.size, self.domains)) for each in self.chosen}
