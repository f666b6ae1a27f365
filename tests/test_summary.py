"""The table of means: paired gains, flags with their counts, notes."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from xstilts.results import COLUMNS
from xstilts.spec import FLOOR, StudySpec
from xstilts.summary import COLUMNS as SHOWN
from xstilts.summary import summary

STUDY = StudySpec.model_validate(
    {
        "name": "s",
        "encoders": {"e": {"path": "/e"}},
        "intermediates": {"none": [], "nli": ["mnli"]},
        "targets": ["xnli"],
        "seeds": [1],
    }
)


@dataclass
class Plan:
    study: StudySpec = STUDY
    scores: tuple[Any, ...] = ()
    controls: tuple[tuple[str, str], ...] = ()

    def same_task(self, intermediate: str, target: str) -> bool:
        return (intermediate, target) in self.controls


@dataclass
class Rows:
    """Stands for the results of a store: the rows given."""

    given: list[dict[str, Any]]
    plan: Plan

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.given, columns=list(COLUMNS))


def row(intermediate: str, language: str, value: float, **changes: Any) -> dict[str, Any]:
    plain = {
        "study": "s", "encoder": "e", "intermediate": intermediate, "target": "xnli", "language": language, "seed": 1,
        "split": "test", "metric": "accuracy", "value": value, "n": 10, "zero_shot": language != "eng_Latn", "deviation": "",
        "score_key": "k", "variant": "", "flags": "",
    }  # fmt: skip
    return {**plain, **changes}


def shown(*rows: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    results: Any = Rows(list(rows), Plan())
    table, notes = summary(results)
    return [dict(zip(SHOWN, line, strict=True)) for line in table], notes


def test_means_are_over_languages_without_the_source() -> None:
    (line,), _ = shown(row("none", "eng_Latn", 90.0), row("none", "deu_Latn", 60.0), row("none", "swh_Latn", 40.0))
    assert (line["source"], line["zero-shot"], line["languages"], line["seeds"]) == (90.0, 50.0, 2, 1)
    assert line["gain"] is None


def test_gains_compare_the_same_languages_and_seeds() -> None:
    lines, _ = shown(
        row("none", "deu_Latn", 60.0), row("none", "swh_Latn", 10.0), row("nli", "deu_Latn", 63.0),
        row("none", "deu_Latn", 70.0, seed=2), row("nli", "deu_Latn", 71.0, seed=2), row("nli", "deu_Latn", 99.0, seed=3),
    )  # fmt: skip
    assert [line["gain"] for line in lines] == [None, "+2.0"]  # Swahili and seed 3 have no partner


def test_the_least_and_greatest_mean_of_seeds_are_shown() -> None:
    (line,), _ = shown(row("none", "deu_Latn", 60.0), row("none", "deu_Latn", 70.0, seed=2))
    assert (line["seeds from..to"], line["zero-shot"]) == ("60.0..70.0", 65.0)


def test_the_floor_has_no_gain() -> None:
    lines, _ = shown(row("none", "deu_Latn", 60.0), row(FLOOR, "deu_Latn", 10.0))
    assert [line["gain"] for line in lines] == [None, None]


def test_flags_are_counted() -> None:
    (line,), _ = shown(
        row("none", "deu_Latn", 60.0, flags="at-chance,one-class"), row("none", "swh_Latn", 1.0, flags="at-chance")
    )
    assert line["flags"] == "at-chance 2/2, one-class 1/2"


def test_every_deviation_is_a_numbered_note() -> None:
    lines, notes = shown(row("none", "deu_Latn", 60.0, deviation="a; b"), row("nli", "deu_Latn", 60.0, deviation="b; c"))
    assert [line["notes"] for line in lines] == ["1,2", "2,3"]
    assert notes == ["[1] a", "[2] b", "[3] c"]


def test_a_control_is_noted() -> None:
    results: Any = Rows([row("none", "deu_Latn", 60.0), row("nli", "deu_Latn", 61.0)], Plan(controls=(("nli", "xnli"),)))
    table, notes = summary(results)
    assert [line[-1] for line in table] == ["", "1"]
    assert notes == ["[1] the intermediate holds the target's own training task: a control"]


def test_what_all_variants_share_is_told_once() -> None:
    lines, notes = shown(
        row("none", "deu_Latn", 60.0, variant="layer=1 pooling=mean"),
        row("none", "deu_Latn", 50.0, variant="layer=2 pooling=mean"),
    )
    assert [line["variant"] for line in lines] == ["layer=1", "layer=2"]
    assert notes == ["retrieval: pooling=mean"]


def test_only_headline_values_are_shown() -> None:
    lines, _ = shown(row("none", "deu_Latn", 60.0), row("none", "deu_Latn", 1.0, metric="precision"))
    assert [line["zero-shot"] for line in lines] == [pytest.approx(60.0)]


def test_many_partners_make_one_row_that_says_so() -> None:
    def pair(intermediate: str, partner: str, value: float) -> dict[str, Any]:
        variant = f"layer=7 partner={partner} direction=to-partner"
        return row(intermediate, "deu_Latn", value, target="flores200", variant=variant)

    partners = ["eng_Latn", "fra_Latn", "spa_Latn", "swh_Latn", "tur_Latn"]
    rows = [pair(name, one, i + gain) for i, one in enumerate(partners) for name, gain in (("none", 0.0), ("nli", i * 10.0))]
    (plain, trained), notes = shown(*rows)
    assert plain["variant"] == ""
    assert notes == ["retrieval: layer=7 partner=each-of-5 direction=to-partner"]
    assert (plain["zero-shot"], trained["zero-shot"], trained["gain"]) == (2.0, 22.0, "+20.0")
    few, notes = shown(*[one for one in rows if "tur_Latn" not in one["variant"]])
    assert [line["variant"] for line in few if line["intermediate"] == "none"] == [f"partner={one}" for one in partners[:4]]
    assert notes == ["retrieval: layer=7 direction=to-partner"]
