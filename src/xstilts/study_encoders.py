"""What a study says of its encoders' pretraining: languages in any spelling to canonical tags."""

from collections.abc import Mapping
from typing import Any

from xstilts.pretraining_languages import misspelt, readings
from xstilts.study_check import mapping, texts
from xstilts.study_yaml import Mistake, Place


def canonical_pretraining(data: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], list[Mistake]]:
    """Return encoder -> the tags of its `pretraining_languages`, all that a spelling may mean, and what is wrong with them."""
    found: dict[str, tuple[str, ...]] = {}
    mistakes = []
    for name, encoder in mapping(data.get("encoders")).items():
        place: Place = ("encoders", name, "pretraining_languages")
        written = list(texts(mapping(encoder).get("pretraining_languages"), place))
        where = f"`encoders.{name}.pretraining_languages`"
        mistakes += [Mistake(at, f"{where}: {wrong}") for at, code in written if (wrong := misspelt(code))]
        found[name] = tuple(readings(code for _, code in written))
    return found, mistakes
