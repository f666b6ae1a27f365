"""Examples on which systems differ: text, gold, what each intermediate's model said, and how right that was.

Whether an example is right or wrong is told by its own score, 0 to 1, in the target's metric (`stats.examples`): right is a
score of 1. So a sentence of a tagging task is right when all of it is, an answer when it has just the words of a gold one.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xstilts.data import open_source
from xstilts.data.read import read_examples
from xstilts.errors import XstiltsError, unknown
from xstilts.languages import resolve
from xstilts.metrics.squad2 import answered
from xstilts.plan import PlannedScore
from xstilts.results import Results, read_variants
from xstilts.stats.examples import answer_threshold, example_scores
from xstilts.task import Choices, Example, LabelledText, Question, TaggedWords

VERDICTS = ("right", "wrong", "below", "above")
KINDS = ("classification", "multiple_choice", "tagging", "span")
RIGHT = 1 - 1e-9  # scores are sums of floats

Answer = str | tuple[str, ...] | None  # tags, acceptable answers: several


@dataclass(frozen=True)
class PairedExample:
    """One example, and what several systems made of it.

    Attributes:
        id: as in the prediction files: the row in the data file, from 0.
        texts: what the example shows, by name: `text` and `second text`, `words`, `text` and `question`, `text` and `option 0`.
        gold: the right label, the number of the right option, the tags, or the acceptable answers (none: it has no answer).
        predictions: intermediate -> what its model said, and its score on this example, 0 to 1. Where a SQuAD v2.0 model
            declines to answer, it said "".

    """

    id: str
    texts: tuple[tuple[str, str], ...]
    gold: Answer
    predictions: Mapping[str, tuple[Answer, float]]


@dataclass(frozen=True)
class Condition:
    """What one intermediate's score on an example must be; `bound` goes with below and above."""

    intermediate: str
    verdict: Literal["right", "wrong", "below", "above"]
    bound: float = 0.0

    def holds(self, score: float) -> bool:
        """Return whether a score of an example, 0 to 1, is as asked."""
        if self.verdict in ("right", "wrong"):
            return (score >= RIGHT) == (self.verdict == "right")
        return score < self.bound if self.verdict == "below" else score > self.bound


def read_where(text: str, intermediates: Sequence[str]) -> tuple[Condition, ...]:
    """Return the conditions of `baseline wrong, nli above 0.5`; none of an empty text.

    Args:
        text: conditions with commas between them: an intermediate, then right, wrong, or below or above a score from 0 to 1.
        intermediates: names that may occur.

    Raises:
        XstiltsError: with the position of the first word that is wrong, in characters from 1.

    """
    if not text.strip():
        return ()
    found, start = [], 0
    for part in text.split(","):
        words = [(match[0], start + match.start() + 1) for match in re.finditer(r"\S+", part)]
        found.append(_condition(words, start + 1, intermediates))
        start += len(part) + 1
    return tuple(found)


def _condition(words: Sequence[tuple[str, int]], start: int, intermediates: Sequence[str]) -> Condition:
    form = "Write '<intermediate> right', 'wrong', 'below 0.5' or 'above 0.5', with commas between conditions."
    if not words:
        raise XstiltsError(f"--where, character {start}: there is no condition. {form}")
    name, place = words[0]
    if name not in intermediates:
        raise XstiltsError(f"--where, character {place}: {unknown('intermediate', name, intermediates)} {form}")
    if len(words) == 1:
        raise XstiltsError(f"--where, character {place}: '{name}' has no verdict; allowed: {', '.join(VERDICTS)}. {form}")
    verdict, place = words[1]
    if verdict not in VERDICTS:
        raise XstiltsError(f"--where, character {place}: {unknown('verdict', verdict, VERDICTS)} {form}")
    wanted = 2 if verdict in ("right", "wrong") else 3
    if len(words) > wanted:
        word, place = words[wanted]
        raise XstiltsError(f"--where, character {place}: '{word}' stands after a whole condition. {form}")
    if wanted == 2:
        return Condition(name, verdict)  # type: ignore[arg-type]  # mypy does not narrow by `in`
    bound, place = words[2] if len(words) > 2 else ("", place + len(verdict))
    try:
        number = float(bound)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise XstiltsError(f"--where, character {place}: '{bound}' is no score; allowed: a number from 0 to 1. {form}")
    return Condition(name, verdict, number)  # type: ignore[arg-type]


def paired_examples(
    results: Results, target: str, language: str, where: str = "", *, encoder: str | None = None, seed: int | None = None
) -> tuple[PairedExample, ...]:
    """Return the examples of a target in one language that fulfil all conditions, in the order of the data file.

    Args:
        results: the study's results.
        target: its name in the study.
        language: in any spelling.
        where: conditions, see `read_where`; all examples when it is empty.
        encoder: its name in the study; the first one if None.
        seed: the first one of the study if None.

    Returns:
        Rows with the predictions of every intermediate that has a score.

    Raises:
        XstiltsError: for an unknown target, language, encoder or seed, a malformed condition, a score that a condition needs
            and that is missing, and a target of a kind without examples of its own (retrieval, ranking).
        DataError: when the data cannot be read any more.

    """
    study = results.plan.study
    conditions = read_where(where, list(study.intermediates))
    planned = _planned(results, target, language, (_chosen("encoder", encoder, study.encoders), _seed(seed, study.seeds)))
    found = {one.cell.intermediate: one for one in planned if results.store.state(one.stage) == "done"}
    for name in [condition.intermediate for condition in conditions] or [planned[0].cell.intermediate]:
        if name not in found:
            raise XstiltsError(_missing(next(one for one in planned if one.cell.intermediate == name), results))
    systems = {name: _scored(results, one) for name, one in found.items()}
    rows = {name: row for name, row in _texts(results, planned[0]).items() if name in next(iter(systems.values()))}
    return tuple(
        PairedExample(
            id=name,
            texts=texts,
            gold=next(iter(systems.values()))[name][0],
            predictions={system: said[name][1:] for system, said in systems.items()},
        )
        for name, texts in rows.items()
        if all(condition.holds(systems[condition.intermediate][name][2]) for condition in conditions)
    )


def _chosen(what: str, given: str | None, there: Mapping[str, Any]) -> str:
    if given is not None and given not in there:
        raise XstiltsError(f"{unknown(what, given, there)} Correct `--{what}`.")
    return given or next(iter(there))


def _seed(given: int | None, there: Sequence[int]) -> int:
    chosen = _chosen("seed", None if given is None else str(given), dict.fromkeys(map(str, there)))
    return int(chosen)


def _planned(results: Results, target: str, language: str, system: tuple[str, int]) -> list[PlannedScore]:
    """Return the planned scores of all intermediates in one language of a target."""
    plan = results.plan
    if target not in plan.study.targets:
        raise XstiltsError(f"{unknown('target', target, plan.study.targets)} Correct `--target`.")
    kind = plan.tasks[target].kind
    if kind not in KINDS:
        raise XstiltsError(
            f"{target} is a {kind} task: its predictions are neighbours among sentences, not answers to examples of its own. "
            f"Allowed: targets of the kinds {', '.join(KINDS)}. `xstilts predictions` has what was retrieved."
        )
    scores = [one for one in plan.scores if one.cell.target == target and one.cell.intermediate in plan.study.intermediates]
    if not scores:
        raise XstiltsError(
            f"{target} has no scores in this study: its evaluation data have no labels. Examples are paired by their scores; "
            "`xstilts predictions` has what was predicted."
        )
    tag = resolve(language, {one.language for one in scores})
    return [one for one in scores if one.language == tag and (one.cell.encoder, one.cell.seed) == system]


def _missing(one: PlannedScore, results: Results) -> str:
    cell, failure = one.cell, results.store.read_failure(one.stage)
    return (
        f"{results.plan.study.name} has no score of {cell.intermediate} on {cell.target} in {one.language}, encoder "
        f"{cell.encoder}, seed {cell.seed}{f' ({failure})' if failure else ''}. Run the study with `xstilts run`; "
        "`xstilts status` tells what is missing."
    )


def _scored(results: Results, one: PlannedScore) -> dict[str, tuple[Answer, Answer, float]]:
    """Return example id -> gold, prediction, score."""
    key = one.stage.key
    rows = read_variants(results.predictions(key)[0])[""]
    scores = example_scores(results, key, one.language)[""]
    predicted = [row["prediction"] for row in rows]
    if one.stage.value["metric"] == "squad2":
        predicted = answered(predicted, [row["null_difference"] for row in rows], answer_threshold(results, key))
    shares = [
        float(right / possible) if possible else 1.0  # no entity to find, none found
        for right, possible in zip(scores.right, scores.possible, strict=True)
    ]
    return {
        row["example_id"]: (_answer(row["gold"]), _answer(said), share)
        for row, said, share in zip(rows, predicted, shares, strict=True)
    }


def _answer(value: Any) -> Answer:
    return tuple(value) if isinstance(value, list) else value


def _texts(results: Results, one: PlannedScore) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return example id -> its texts, read as they were for the predictions."""
    plan = results.plan
    value = plan.stages[one.stage.inputs[0]].value
    examples = read_examples(
        open_source(plan.study.data), plan.tasks[one.cell.target], plan.file(value["data"]),
        limit=value["limit"], on_bad_row=value["on_bad_row"],
    )  # fmt: skip
    return {name: tuple(_named(example)) for name, example in zip(examples.ids, examples.items, strict=True)}


def _named(example: Example) -> list[tuple[str, str]]:
    if isinstance(example, LabelledText):
        return [("text", example.first), *([("second text", example.second)] if example.second is not None else [])]
    if isinstance(example, TaggedWords):
        return [("words", " ".join(example.words))]
    if isinstance(example, Question):
        return [("text", example.context), ("question", example.question)]
    assert isinstance(example, Choices), "the kind was checked"
    return [("text", example.prompt), *((f"option {i}", option) for i, option in enumerate(example.options))]


def lines(examples: Sequence[PairedExample]) -> list[str]:
    """Return examples as lines for people."""
    found = []
    for one in examples:
        found += ["", f"example {one.id}", *(f"  {name}: {text}" for name, text in one.texts)]
        found.append(f"  gold: {_told(one.gold)}")
        found += [f"  {system}: {_told(said)} ({score:.2f})" for system, (said, score) in one.predictions.items()]
    return found


def csv_text(examples: Sequence[PairedExample]) -> str:
    """Return examples as csv: `example_id`, a column for each text, `gold`, and two for each system; several values as JSON."""
    rows = [
        {"example_id": one.id, **dict(one.texts), "gold": _cell(one.gold)}
        | {system: _cell(said) for system, (said, _) in one.predictions.items()}
        | {f"{system} score": repr(score) for system, (_, score) in one.predictions.items()}
        for one in examples
    ]
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _told(value: Answer) -> str:
    if isinstance(value, tuple):
        return " ".join(value) if all(" " not in one for one in value) and value else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False) if value in (None, "") else value


def _cell(value: Answer) -> str | None:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value
