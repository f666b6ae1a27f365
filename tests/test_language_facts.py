"""The oracles are what the sources' own publications say, and what is generally known."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from xstilts.language_facts import SCRIPTS, SOURCES, facts_of
from xstilts.languages import all_languages, language

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "src/xstilts/language_facts.csv"
# examples that Table 1 of the paper gives for its classes
EXAMPLES = {
    5: "English Spanish German Japanese French",
    4: "Russian Hungarian Vietnamese Dutch Korean",
    3: "Indonesian Ukrainian Cebuano Afrikaans Hebrew",
    2: "Zulu Lao Maltese Irish",
    1: "Fijian Bhojpuri",
}
FAMILIES = {
    "Indo-European": "English Hindi Russian Persian Sinhala Armenian Kashubian",
    "Afro-Asiatic": "Arabic Hebrew Hausa Somali Amharic Maltese Kabyle Berber",
    "Atlantic-Congo": "Swahili Yoruba Zulu Wolof Igbo",
    "Austronesian": "Indonesian Tagalog Malagasy Maori Javanese",
    "Sino-Tibetan": "zho_Hans yue Burmese Tibetan Mizo",
    "Turkic": "Turkish Kazakh Uyghur Tatar",
    "Uralic": "Finnish Estonian Hungarian mhr",
    "Dravidian": "Tamil Telugu Kannada Malayalam",
    "Tai-Kadai": "Thai Lao Shan",
    "Austroasiatic": "Vietnamese Khmer Santali",
    "Quechuan": "Quechua",
    "Koreanic": "Korean",
    "Japonic": "Japanese",
    "Basque (isolate)": "Basque",
    "Artificial Language": "Esperanto Ido Interlingua",
}
MILLIONS = {"en": (1000, 2000), "hi": (500, 700), "sw": (80, 250), "is": (0.3, 0.45), "mt": (0.3, 0.6), "qu": (3, 12)}


NATURAL = [each for each in all_languages() if not each.local]


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_one_row_for_each_language_in_its_order() -> None:
    assert [row["tag"] for row in rows()] == [each.tag for each in NATURAL]


def test_a_value_stands_with_what_its_source_calls_the_language() -> None:
    for row in rows():
        pairs = (("glottocode", "family"), ("taxonomy_name", "resource_class"), ("cldr_codes", "speakers"))
        for entry, value in pairs:
            assert bool(row[entry]) == bool(row[value]), (row["tag"], entry, value)
        assert row["resource_class"] in {"", *"012345"}
        assert not row["speakers"] or int(row["speakers"]) > 0


def test_exactly_the_scripts_of_the_tags_have_names() -> None:
    assert set(SCRIPTS) == {each.tag[4:] for each in all_languages()}
    assert [language(code).facts.script for code in ("hi", "zho_Hant", "sat", "hin_Latn")] == [
        "Devanagari", "Traditional Han", "Ol Chiki", "Latin",
    ]  # fmt: skip


@pytest.mark.parametrize("number", EXAMPLES)
def test_resource_classes_are_those_of_the_papers_examples(number: int) -> None:
    assert {name: language(name).facts.resource_class for name in EXAMPLES[number].split()} == dict.fromkeys(
        EXAMPLES[number].split(), number
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_families(family: str) -> None:
    assert {name: language(name).facts.family for name in FAMILIES[family].split()} == dict.fromkeys(
        FAMILIES[family].split(), family
    )


@pytest.mark.parametrize("code", MILLIONS)
def test_speakers_are_of_the_right_size(code: str) -> None:
    speakers = language(code).facts.speakers
    assert speakers is not None
    assert MILLIONS[code][0] * 1e6 < speakers < MILLIONS[code][1] * 1e6
    assert float(f"{speakers:.2e}") == speakers  # three digits


def test_script_variants_have_the_facts_of_their_language() -> None:
    found = defaultdict(set)
    for each in all_languages():
        facts = each.facts
        found[each.tag[:3]].add((facts.family, facts.resource_class, facts.speakers))
    assert {code for code, facts in found.items() if len(facts) > 1} == set()


def test_what_no_source_tells_is_none() -> None:
    assert facts_of("acm_Arab").resource_class is None
    assert facts_of("acm_Arab").entries["resource_class"] == ""
    for tag in ("epo_Latn", "lat_Latn", "prs_Arab"):
        assert facts_of(tag).speakers is None
    constructed = facts_of("qaa_Latn")
    assert (constructed.family, constructed.script, constructed.resource_class, constructed.speakers) == (
        None,
        "Latin",
        None,
        None,
    )
    assert facts_of("dyu_Latn").resource_class == 0  # class 0 is a class, not an absent one


def test_every_fact_has_a_source_with_a_licence() -> None:
    assert list(SOURCES) == ["family", "script", "resource_class", "speakers"]
    for source in SOURCES.values():
        assert source.citation
        assert source.licence
        assert source.rule.endswith(".")
        assert source.url.startswith("https://")
    for each in all_languages():
        assert list(each.facts.entries) == list(SOURCES)


def test_the_page_tells_the_coverage() -> None:
    known = {field: sum(getattr(each.facts, field) is not None for each in NATURAL) for field in SOURCES}
    page = (
        (ROOT / "docs/file_formats.md").read_text(encoding="utf-8").partition("## Facts of languages")[2].partition("\n## ")[0]
    )
    for field, count in known.items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| `{field}` |"))
        assert f" {count} of {len(NATURAL)} " in line
