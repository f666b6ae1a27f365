"""Names, numbers, layers, curves and the order of languages."""

from typing import Any

from xstilts.constructed.language import Language, distance
from xstilts.example_pairs import PairedExample
from xstilts.report.history import POINTS, thinned
from xstilts.report.numbers import Score, labels, main_targets, means_targets, shared_settings, sweep_json, two
from xstilts.report.page import embedded
from xstilts.report.places import placed
from xstilts.report.samples import cut, most_different
from xstilts.spec import FLOOR


def test_languages_stand_by_class_then_family_and_constructed_ones_by_distance() -> None:
    tags = ["swh_Latn", "deu_Latn", "acm_Arab", "qac_Latn", "arb_Arab", "qab_Latn", "hin_Deva"]
    places = placed(tags)
    assert [place.tag for place in places] == [
        "qab_Latn", "qac_Latn", "arb_Arab", "deu_Latn", "hin_Deva", "swh_Latn", "acm_Arab",
    ]  # fmt: skip
    labels = {place.tag: place.label for place in places}
    assert labels["swh_Latn"] == "Swahili (class 2, Atlantic-Congo)"
    assert labels["acm_Arab"].endswith("(class not known, Afro-Asiatic)")
    assert "(distance 0." in labels["qab_Latn"]


def test_declared_languages_stand_among_the_constructed_ones() -> None:
    own = Language("own1", "qzz_Latn", cognates=0.15)
    places = placed(["qzz_Latn", "qac_Latn", "deu_Latn"], [own])
    assert [place.tag for place in places] == ["qzz_Latn", "qac_Latn", "deu_Latn"]
    assert places[0].label == f"Constructed own1 (distance {distance(own):.2f})"


def test_the_heat_map_has_the_middle_layer_of_retrieval() -> None:
    targets = ["xnli", *(f"tatoeba layer={layer} direction={d}" for layer in range(13) for d in ("a", "b"))]
    assert main_targets(targets) == {"xnli", "tatoeba layer=7 direction=a", "tatoeba layer=7 direction=b"}
    assert main_targets(["xnli", "udpos"]) == {"xnli", "udpos"}


def score(layer: int, seed: int, value: float, **changes: Any) -> Score:
    names = {"encoder": "e", "intermediate": "nli", "language": "deu_Latn", "zero_shot": True} | changes
    return Score(target=f"tatoeba layer={layer} direction=a", seed=seed, value=value, key="k", predictions=("p",), **names)


def test_layers_have_means_over_seeds_of_means_over_languages() -> None:
    rows = sweep_json(
        [
            score(0, 1, 10.0), score(0, 1, 20.0, language="swh_Latn"), score(0, 2, 40.0),
            score(4, 1, 50.0), score(0, 1, 3.0, intermediate=FLOOR), score(0, 1, 99.0, zero_shot=False),
        ]
    )  # fmt: skip
    assert [(row["layer"], row["score"], row["seeds"], row["floor"]) for row in rows] == [
        (0, 27.5, 2, False), (4, 50.0, 1, False), (0, 3.0, 1, True),
    ]  # fmt: skip
    assert {row["panel"] for row in rows} == {"tatoeba"}
    assert rows[0]["targets"] == ["tatoeba layer=0 direction=a"]


def test_variants_are_named_by_what_tells_them_apart() -> None:
    targets = [
        "xnli",
        "tatoeba layer=7 centred=no direction=a",
        "tatoeba layer=7 centred=no direction=b",
        "bucc layer=7 centred=no",
    ]
    assert list(labels(targets).values()) == ["xnli", "tatoeba direction=a", "tatoeba direction=b", "bucc"]
    assert shared_settings(targets) == ["tatoeba: layer=7 centred=no", "bucc: layer=7 centred=no"]


def test_a_row_of_means_leads_to_its_targets() -> None:
    targets = ["xnli", "flores layer=0 partner=eng_Latn", "flores layer=0 partner=swh_Latn", "flores layer=4 partner=eng_Latn"]
    assert means_targets({"target": "flores", "variant": "layer=0 partner=each-of-9"}, targets) == targets[1:3]
    assert means_targets({"target": "flores", "variant": "layer=4 partner=eng_Latn"}, targets) == targets[3:]
    assert means_targets({"target": "xnli", "variant": ""}, targets) == ["xnli"]


def test_curves_are_thinned_by_means_of_blocks() -> None:
    assert thinned([[1, 3.0], [2, 1.0]]) == ((1, 3.0), (2, 1.0))
    thin = thinned([[i + 1, float(i)] for i in range(2 * POINTS + 1)])
    assert thin[:2] == ((3, 1.0), (6, 4.0))
    assert (len(thin), thin[-1][0]) == (27, 2 * POINTS + 1)


def test_nothing_in_embedded_json_begins_a_tag() -> None:
    text = embedded({"a": "</script><!--<script>&amp;", "b": "ب"})
    assert not set("<>&") & set(text)
    assert "\\u003c/script\\u003e" in text
    assert "ب" in text


def test_numbers_have_the_digits_that_tables_show() -> None:
    assert [f"{two(value):.2f}" for value in (0.125, 33.335, -0.004)] == [f"{value:.2f}" for value in (0.125, 33.335, -0.004)]


def test_examples_are_those_on_which_systems_differ_in_the_order_of_the_data() -> None:
    def pair(name: str, *said: str) -> PairedExample:
        return PairedExample(name, (), "a", {str(i): (one, 0.0) for i, one in enumerate(said)})

    pairs = [pair("0", "a", "a", "a"), pair("1", "a", "b", "a"), pair("2", "a", "a", "a"), pair("3", "a", "b", "c")]
    assert [one.id for one in most_different(pairs, 2)] == ["1", "3"]
    assert [one.id for one in most_different(pairs, 3)] == ["0", "1", "3"]
    assert (cut("abcdef", 6), cut("abcdef", 4)) == ("abcdef", "abc…")
