"""The MLQA scorer: values computed with the official script, the normal form of each language, invariances."""

import pytest
from answer_cases import LANGUAGES, TEXTS, digest, questions
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError, LanguageError
from xstilts.languages import resolve
from xstilts.metrics.mlqa import ARTICLES, mlqa, normalise

# of f1 and exact_match that `mlqa_evaluation_v1.py` gives to the 2,100 cases of `questions`, in each language in turn
DIGEST_OF_THE_OFFICIAL_SCRIPT = "fb39b1f48f629df2757c1959ef35a37cea8d80ab93600122e9dff5b90cb12760"

ANSWERS = st.lists(TEXTS, min_size=1, max_size=3)


def test_scores_equal_those_of_the_official_script_to_the_last_digit():
    values = []
    for i, (gold, predicted, _) in enumerate(questions(2100)):
        found = mlqa(gold, predicted, LANGUAGES[i % len(LANGUAGES)])
        values += [found["f1"], found["exact_match"]]
    assert digest(values) == DIGEST_OF_THE_OFFICIAL_SCRIPT


@pytest.mark.parametrize(
    ("language", "text", "normal"),
    [
        ("en", "The “Denver—Broncos”, a team", "denverbroncos team"),
        ("es", "¿La casa de los Austrias?", "casa de austrias"),
        ("de", "Eine Straße des 17. Juni", "straße 17 juni"),
        ("vi", "những cái nhà của là", "nhà"),
        ("ar", "الطرق الترابية، بالبيت", "طرق ترابية ب بيت"),  # also within a word
        ("hi", "द हिन्दी।", "द हिन्दी"),
        ("zh", "约136 次，擒杀Broncos队、the", "约 136 次 擒 杀 broncos 队 the"),
        ("zh", "電話", "電 話"),
        ("zh", "\u9fa6\u3400a", "\u9fa6\u3400a"),  # characters outside the script's range stay together
        ("en", "$5 ^ 3", "5 3"),  # ASCII symbols count as punctuation
        ("en", "€5", "€5"),
    ],
)
def test_normal_form_of_each_language(language, text, normal):
    assert normalise(text, resolve(language, ARTICLES)) == normal


def test_f1_of_chinese_counts_characters():
    assert mlqa([("电化电池",)], ["电池"], "zh")["f1"] == pytest.approx(100 * 2 / 3)
    assert mlqa([("电化电池",)], ["电池"], "en")["f1"] == 0.0


@pytest.mark.parametrize("spelling", ["zh", "zho_Hans", "Chinese (Simplified)", "zho"])
def test_any_spelling_of_a_language_will_do(spelling):
    assert mlqa([("电化电池",)], ["电化"], spelling) == mlqa([("电化电池",)], ["电化"], "zh")


@given(ANSWERS, st.sampled_from(LANGUAGES))
def test_an_identical_answer_scores_100_unless_nothing_is_left_of_it(answers, language):
    rest = normalise(answers[0], resolve(language, ARTICLES))
    assert mlqa([answers], [answers[0]], language) == {"f1": 100.0 if rest else 0.0, "exact_match": 100.0}


@given(ANSWERS, TEXTS, st.sampled_from(LANGUAGES), st.randoms())
def test_bounds_and_order_of_answers(answers, text, language, random):
    found = mlqa([answers], [text], language)
    assert all(0 <= value <= 100 for value in found.values())
    assert mlqa([random.sample(answers, len(answers))], [text], language) == found


@given(TEXTS, st.sampled_from(list(ARTICLES)))
def test_what_is_left_has_no_punctuation_and_single_spaces(text, language):
    normal = normalise(text, language)
    assert normal == " ".join(normal.split())
    assert not set(normal) & set(".,;。？！؟،…«»–᠁—“”¿'$_")


def test_refuses_what_has_no_score():
    with pytest.raises(LanguageError, match="language 'sw' is not available here"):
        mlqa([("a",)], ["a"], "sw")
    with pytest.raises(DataError, match="0 questions"):
        mlqa([], [], "en")
    with pytest.raises(DataError, match="question 1 has 0 acceptable answers"):
        mlqa([()], ["a"], "en")
