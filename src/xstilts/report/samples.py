"""A few examples of each target and language with what every intermediate's model said of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xstilts.errors import XstiltsError
from xstilts.example_pairs import KINDS, PairedExample, paired_examples
from xstilts.report.numbers import Names
from xstilts.results import Results

TOTAL = 600  # examples of the whole page, about, so that it stays small
MOST = 4  # of one target in one language
TEXT, ANSWER = 240, 120  # characters of them that are shown


def samples(results: Results) -> dict[tuple[str, str, str], list[PairedExample]]:
    """Return (encoder, target, language) -> examples, of the study's first seed.

    They are those on which systems differ most, so no random sample; targets without examples of their own (retrieval),
    without scores, or whose data cannot be read any more have none.
    """
    wanted = list(_wanted(results))
    count = max(1, min(MOST, TOTAL // max(1, len(wanted))))
    found = {}
    for encoder, target, language in wanted:
        try:
            pairs = paired_examples(results, target, language, encoder=encoder)
        except XstiltsError:
            continue
        found[encoder, target, language] = most_different(pairs, count)
    return found


def samples_json(
    found: Mapping[tuple[str, str, str], Sequence[PairedExample]], names: Names
) -> dict[str, list[dict[str, Any]]]:
    """Return `encoder/target/language`, by the numbers of their names, -> examples; long texts are cut."""
    kinds = ("encoder", "target", "language")
    return {
        "/".join(str(names.number(kind, name)) for kind, name in zip(kinds, place, strict=True)): [
            _json(one, names) for one in examples
        ]
        for place, examples in found.items()
    }


def _wanted(results: Results) -> Iterator[tuple[str, str, str]]:
    scored = {(one.cell.encoder, one.cell.target, one.language): None for one in results.plan.scores}
    return (place for place in scored if results.plan.tasks[place[1]].kind in KINDS)


def most_different(pairs: Sequence[PairedExample], count: int) -> list[PairedExample]:
    """Return the examples with the most different answers, the first of equals; in the order of the data."""
    ranked = sorted(pairs, key=lambda one: -len({said for said, _ in one.predictions.values()}))[:count]
    return [one for one in pairs if one in ranked]


def _json(one: PairedExample, names: Names) -> dict[str, Any]:
    answers: dict[str, int] = {}
    said = {
        names.number("intermediate", name): [answers.setdefault(_told(answer), len(answers)), round(score, 2)]
        for name, (answer, score) in one.predictions.items()
    }
    texts = [[name, cut(text, TEXT)] for name, text in one.texts]
    return {"id": one.id, "texts": texts, "gold": _told(one.gold), "answers": list(answers), "said": said}


def _told(answer: str | tuple[str, ...] | None) -> str:
    if answer is None or answer in ("", ()):
        return "(no answer)"
    if isinstance(answer, str):
        return cut(answer, ANSWER)
    plain = all(" " not in one for one in answer)
    return cut(" ".join(answer) if plain else json.dumps(answer, ensure_ascii=False), ANSWER)


def cut(text: str, length: int) -> str:
    """Return at most `length` characters of a text; an ellipsis says that there were more."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
