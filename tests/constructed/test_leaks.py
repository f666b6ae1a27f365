"""Labels are balanced, and what tells nothing by design tells nothing: counting classifiers stay near chance.

Each learns on training rows in English and is scored on others, as a model would be.
"""

from collections import Counter, defaultdict

import pytest

from xstilts.constructed.items import items
from xstilts.constructed.language import FAMILY
from xstilts.constructed.sets import RECIPES
from xstilts.constructed.show import sentences_of
from xstilts.tasks import TASKS

SIZES = {"nli": 6_000, "paraphrase": 3_000, "choice": 2_000, "acceptability": 2_000, "qa": 1_000, "qa2": 2_000, "topic": 1_000}


def rows(name, split="train", language="en"):
    size = SIZES.get(name, 1_000) if split == "train" else 600
    recipe = RECIPES[name]
    return [recipe.row(item, FAMILY[language]) for item in items(recipe, "village", split, size)]


def learnt(train, test, features, label):
    """The accuracy on `test` of naive counting: each feature votes with the labels it was seen with in `train`."""
    counts = defaultdict(Counter)
    for row in train:
        for feature in features(row):
            counts[feature][label(row)] += 1
    right = 0
    labels = sorted({label(row) for row in train}, key=str)
    for row in test:
        votes = Counter(dict.fromkeys(labels, 0.0))
        for feature in features(row):
            seen = counts.get(feature, Counter())
            for each in labels:
                votes[each] += (seen[each] + 1) / (sum(seen.values()) + len(labels))
        right += max(labels, key=lambda each: votes[each]) == label(row)
    return right / len(test)


def words(text):
    return [word.strip(".?,") for word in text.split()]


def shared(row):
    first, second = set(words(row["first"].lower())), set(words(row["second"].lower()))
    return [(round(4 * len(first & second) / len(second)), round(4 * len(first & second) / len(first | second)))]


def label_of(row):
    return row["label"]


@pytest.mark.parametrize("name", ["nli", "paraphrase", "choice", "acceptability", "topic"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_labels_are_balanced(name, split):
    counts = Counter(str(row["label"]) for row in rows(name, split))
    mean = sum(counts.values()) / len(counts)
    slack = 0.2 if name in ("choice", "topic") else 0.001  # these two are drawn
    assert all(abs(count - mean) <= slack * mean + 1 for count in counts.values()), counts


@pytest.mark.parametrize(
    ("name", "features", "bound"),
    [
        ("nli", lambda row: words(row["second"]), 0.36),  # chance 1/3
        ("nli", lambda row: [row["second"]], 0.36),
        ("nli", shared, 0.46),
        ("nli", lambda row: [len(words(row["first"]))], 0.38),
        ("nli", lambda row: words(row["first"]), 0.46),
        ("paraphrase", lambda row: words(row["second"]), 0.53),  # chance 1/2
        ("paraphrase", lambda row: words(row["first"]), 0.55),
        ("paraphrase", shared, 0.53),
        ("paraphrase", lambda row: [len(words(row["first"])) - len(words(row["second"]))], 0.53),
        ("acceptability", lambda row: words(row["text"].lower()), 0.53),
        ("acceptability", lambda row: [len(row["text"])], 0.53),
    ],
)
def test_what_tells_little(name, features, bound):
    found = learnt(rows(name), rows(name, "test"), features, label_of)
    assert found <= bound


def test_the_counting_classifier_can_learn():
    """Else the bounds above would hold for anything."""
    assert learnt(rows("topic"), rows("topic", "test"), lambda row: words(row["text"]), label_of) > 0.9


def test_options_of_a_choice_tell_nothing_alone():
    def option_rows(split):
        return [{"text": row[f"option{i + 1}"], "label": row["label"] == i} for row in rows("choice", split) for i in range(2)]

    assert learnt(option_rows("train"), option_rows("test"), lambda row: [row["text"]], label_of) <= 0.55
    right = Counter(row["label"] for row in rows("choice", "test"))
    assert abs(right[0] - right[1]) < 80


def test_questions_do_not_tell_whether_they_have_an_answer():
    def shared_with_context(row):
        question = words(row["question"])
        return [round(6 * len(set(question) & set(words(row["context"]))) / len(question))]

    def answered(row):
        return bool(row["answers"]["text"])

    train, test = rows("qa2"), rows("qa2", "test")
    assert sum(map(answered, test)) == len(test) / 2
    assert learnt(train, test, lambda row: words(row["question"]), answered) <= 0.55
    assert learnt(train, test, shared_with_context, answered) <= 0.6


@pytest.mark.parametrize("name", RECIPES)
def test_splits_share_no_text_that_is_to_be_kept_apart(name):
    recipe = RECIPES[name]
    seen = {}
    for split in ("test", "validation", "train"):
        found = items(recipe, "village", split, 600)
        assert len(set(found)) == len(found)
        seen[split] = {text for item in found for text in item.apart}
    assert not seen["test"] & seen["train"]
    assert not seen["test"] & seen["validation"]
    assert not seen["validation"] & seen["train"]


@pytest.mark.parametrize("name", ["nli", "paraphrase", "qa", "qa2", "topic", "acceptability"])
def test_splits_share_no_sentence_in_any_language_s_surface(name):
    columns = {"nli": ("first", "second"), "paraphrase": ("first", "second"), "qa": ("context",), "qa2": ("context",)}
    for language in ("en", "cc", "iso"):
        test, train = (
            {row[column] for row in rows(name, split, language) for column in columns.get(name, ("text",))}
            for split in ("test", "train")
        )
        if name == "acceptability":  # a disordered sentence may be that of another one
            assert len(test & train) <= 2
        else:
            assert not test & train


def test_a_smaller_set_is_the_beginning_of_a_larger_one():
    for name in ("nli", "qa", "choice"):
        recipe = RECIPES[name]
        assert items(recipe, "village", "train", 200) == items(recipe, "village", "train", 500)[:200]
    assert TASKS["c_qa_500"].sizes["train"] == 500


def test_every_sentence_of_every_task_can_be_read_back():
    from xstilts.constructed import text_of
    from xstilts.constructed.parse import meaning_of

    for recipe in RECIPES.values():
        for domain in ("village", "harbour"):
            for item in items(recipe, domain, "test", 30):
                for meaning in sentences_of(item):
                    for code in ("en", "cc", "ff", "nosp", "aggl", "iso", "ngen", "post"):
                        text = text_of(meaning, FAMILY[code])
                        assert meaning_of(text, FAMILY[code]) == meaning
