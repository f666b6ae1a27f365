"""Means and gains by family, script and resource class; rows with the facts of their languages."""

import json
from typing import Any

import pandas as pd
import pytest

from test_summary import Plan, Rows, row
from xstilts.groups import COLUMNS, by_group, with_facts
from xstilts.results import COLUMNS as ROW
from xstilts.spec import FLOOR


def shown(by: Any, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    results: Any = Rows(list(rows), Plan())
    return [dict(zip(COLUMNS, line, strict=True)) for line in by_group(results, by)[0]]


def brief(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(line["intermediate"], line["group"], line["languages"], line["zero-shot"], line["gain"]) for line in lines]


def test_groups_are_families_of_zero_shot_languages() -> None:
    lines = shown(
        "family", row("none", "eng_Latn", 99.0), row("none", "swh_Latn", 40.0), row("none", "deu_Latn", 60.0),
        row("none", "hin_Deva", 50.0),
    )  # fmt: skip
    assert brief(lines) == [("none", "Atlantic-Congo", 1, 40.0, None), ("none", "Indo-European", 2, 55.0, None)]


def test_gains_of_a_group_pair_its_own_languages_and_seeds() -> None:
    lines = shown(
        "script", row("none", "deu_Latn", 60.0), row("none", "hin_Deva", 50.0), row("none", "fra_Latn", 10.0),
        row("nli", "deu_Latn", 62.0), row("nli", "swh_Latn", 90.0), row("nli", "hin_Deva", 49.0),
        row("none", "deu_Latn", 70.0, seed=2), row("nli", "deu_Latn", 76.0, seed=2),
    )  # fmt: skip
    assert brief(lines)[2:] == [("nli", "Devanagari", 1, 49.0, "-1.0"), ("nli", "Latin", 2, 76.0, "+4.0")]


def test_a_group_without_a_partner_in_the_baseline_has_no_gain() -> None:
    lines = shown("script", row("none", "hin_Deva", 50.0), row("nli", "deu_Latn", 62.0))
    assert brief(lines)[1:] == [("nli", "Latin", 1, 62.0, None)]


def test_unknown_facts_are_a_group_shown_last_and_class_0_is_not_among_them() -> None:
    lines = shown(
        "resource_class", row("none", "acm_Arab", 30.0), row("none", "deu_Latn", 60.0), row("none", "dyu_Latn", 20.0),
        row("none", "hin_Deva", 50.0),
    )  # fmt: skip
    assert [(line["group"], line["zero-shot"]) for line in lines] == [("0", 20.0), ("4", 50.0), ("5", 60.0), ("unknown", 30.0)]


def test_the_floor_has_groups_but_no_gain() -> None:
    lines = shown("script", row("none", "deu_Latn", 60.0), row(FLOOR, "deu_Latn", 10.0))
    assert brief(lines)[1:] == [(FLOOR, "Latin", 1, 10.0, None)]


def test_flags_are_counted_in_each_group() -> None:
    lines = shown(
        "script", row("none", "deu_Latn", 60.0, flags="at-chance"), row("none", "swh_Latn", 1.0), row("none", "hin_Deva", 1.0)
    )
    assert [line["flags"] for line in lines] == ["", "at-chance 1/2"]


def test_only_headline_values_count() -> None:
    assert brief(shown("script", row("none", "deu_Latn", 60.0), row("none", "deu_Latn", 1.0, metric="precision"))) == [
        ("none", "Latin", 1, 60.0, None)
    ]


def test_a_study_without_scores_has_no_groups() -> None:
    assert shown("family") == []


@pytest.mark.parametrize(("by", "source"), [("family", "Glottolog"), ("script", "CLDR"), ("resource_class", "ACL 2020")])
def test_the_source_and_what_variants_share_are_noted(by: Any, source: str) -> None:
    results: Any = Rows([row("none", "deu_Latn", 60.0, variant="layer=1 pooling=mean")], Plan())
    lines, notes = by_group(results, by)
    assert lines[0][3] == ""
    assert notes[0] == "retrieval: layer=1 pooling=mean"
    assert source in notes[1]


def test_rows_with_facts_keep_their_columns_and_tell_unknown_facts_by_null() -> None:
    frame = pd.DataFrame([row("none", "acm_Arab", 30.0), row("none", "swh_Latn", 40.0)], columns=list(ROW))
    added = with_facts(frame)
    assert list(added.columns) == [*ROW, "family", "script", "resource_class", "speakers"]
    first, second = json.loads(added.to_json(orient="records"))
    assert (first["family"], first["script"], first["resource_class"]) == ("Afro-Asiatic", "Arabic", None)
    assert (second["family"], second["resource_class"], second["speakers"]) == ("Atlantic-Congo", 2, 194_000_000)
    assert added.to_csv(index=False).splitlines()[2].endswith(",Atlantic-Congo,Latin,2,194000000")
    assert list(with_facts(frame[:0]).columns) == list(added.columns)
