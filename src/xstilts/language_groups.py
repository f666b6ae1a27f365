"""The group that a language belongs to: family, script and resource class are its own, seen or not is the encoder's."""

from typing import Literal

from xstilts.language_facts import SOURCES, facts_of
from xstilts.pretraining_languages import pretraining_languages
from xstilts.spec import Encoder

By = Literal["family", "script", "resource_class", "seen"]
SEEN, UNSEEN, UNKNOWN = "seen", "unseen", "unknown"


def group_of(language: str, by: By, encoder: Encoder) -> str:
    """Return the name of a language's group.

    Args:
        language: canonical tag.
        by: which fact; `seen` is whether the encoder was pretrained on text in this language and script.
        encoder: whose pretraining counts.

    """
    if by == "seen":
        seen = pretraining_languages(encoder)
        return UNKNOWN if seen is None else SEEN if language in seen else UNSEEN
    value = getattr(facts_of(language), by)
    return UNKNOWN if value is None else str(value)


def told_source(by: By) -> str:
    """Return the note on where a grouping is from."""
    if by == "seen":
        return (
            "seen: languages that the encoder was pretrained on, as the study's `pretraining_languages` says, as is published "
            "for its hub id, or as `xstilts pretrain` wrote; unknown where none of them says it."
        )
    source = SOURCES[by]
    return f"{by.replace('_', ' ')}: {source.citation}. Licence: {source.licence}."
