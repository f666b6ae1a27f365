"""The declarations of all tasks, and each reader on rows written here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xstilts.errors import XstiltsError
from xstilts.languages import candidates, language
from xstilts.metrics import METRICS
from xstilts.task import CONSTRUCTED, KINDS, BadRowError, Bitext, LabelledText, Sentence, TaggedWords
from xstilts.tasks import TASKS as ALL
from xstilts.tasks import task

ROOT = Path(__file__).parents[2]
TASKS = {
    name: each for name, each in ALL.items() if not each.data.path.startswith(CONSTRUCTED)
}  # the others: tests/constructed
NUMBER_OF_LANGUAGES = {
    "mnli": 1,
    "snli": 1,
    "qqp": 1,
    "xnli": 15,
    "pawsx": 7,
    "udpos": 38,
    "panx": 48,
    "sib200": 205,
    "tatoeba": 41,
    "bucc": 4,
    "anli_plus": 1,
    "squad_v1": 1,
    "squad_v2": 1,
    "hellaswag": 1,
    "cosmosqa": 1,
    "commonsenseqa": 1,
    "ccg": 1,
    "ccg_questions": 1,
    "siqa": 1,
    "copa": 1,
    "xquad": 12,
    "mlqa": 7,
    "tydiqa": 9,
    "xcopa": 11,
    "belebele": 122,
    "squad_sentences": 1,
    "lareqa": 11,
    "mewslix": 11,
    "flores200": 205,
}
INCOMPLETE_ON_THE_HUB = {"lareqa"}  # without the places where sentences begin
OPEN_LABELS = {"ccg", "ccg_questions"}  # they are those of the training data
SPLITS = {
    "mnli": {"train": "train", "validation": "validation_matched"},
    "tatoeba": {"test": "test"},
    "bucc": {"validation": "dev", "test": "test"},
    "xquad": {"test": "validation"},
    "mlqa": {"validation": "validation", "test": "test"},
    "tydiqa": {"train": "train", "test": "validation"},
    "xcopa": {"validation": "validation", "test": "test"},
    "belebele": {"test": "test"},
    "lareqa": {"test": "validation"},
    "flores200": {"validation": "dev", "test": "devtest"},
}
_SQUAD = ("squad_v1", "squad_v2", "squad_sentences")
NO_TEST = ("qqp", "anli_plus", *_SQUAD, "hellaswag", "cosmosqa", "commonsenseqa", "siqa", "copa", "ccg_questions")
SPLITS |= {name: {"train": "train", "validation": "validation"} for name in NO_TEST}
THREE = {"train": "train", "validation": "validation", "test": "test"}

every_task = pytest.mark.parametrize("each", TASKS.values(), ids=TASKS)


def test_all_tasks_are_listed_under_their_names_with_all_their_languages():
    assert {name: len(each.languages) for name, each in TASKS.items()} == NUMBER_OF_LANGUAGES
    assert all(name == each.name for name, each in TASKS.items())


def test_every_file_of_a_task_is_listed():
    files = {path.stem for path in (ROOT / "src/xstilts/tasks").glob("*.py")}
    assert files - {"__init__", "__main__", "codes", "constructed"} == set(TASKS)


@every_task
def test_nothing_is_left_blank(each):
    for field in ("title", "licence", "citation", "traps", "sizes", "languages", "metric"):
        assert getattr(each, field), field
    assert each.version >= 1
    assert each.kind in KINDS
    assert each.metric in METRICS
    without = each.kind in {"retrieval", "span", "multiple_choice", "ranking"} or each.name in OPEN_LABELS
    assert (each.labels == ()) == without
    assert len(set(each.labels)) == len(each.labels)
    assert re.search(r"\b20[0-9]{2}\b", each.citation)


@every_task
def test_data_are_pinned(each):
    for data in (*each.datasets, *(data.instead for data in each.datasets if data.instead)):
        assert re.fullmatch(r"[\w-]+/[\w-]+", data.path)
        assert re.fullmatch(r"[0-9a-f]{40}" if not each.obtain else "", data.revision)
        assert data.path.startswith("local/") == (bool(each.obtain) and each.name not in INCOMPLETE_ON_THE_HUB)
        assert set(data.splits) == set(each.data.splits)
    assert dict(each.data.splits) == SPLITS.get(each.name, THREE)
    assert set(each.sizes) <= set(each.data.splits)


def test_one_data_set_has_one_revision():
    """Otherwise `data.revisions` and docs/tasks.md could name but one of them."""
    pinned = {(data.path, data.revision) for each in TASKS.values() for data in each.datasets}
    assert len({path for path, _ in pinned}) == len(pinned)


@every_task
def test_every_task_but_retrieval_can_be_a_target(each):
    trained = each.training_task(TASKS)
    assert trained.train_from is None
    assert trained.kind == each.kind
    assert trained.labels == each.labels
    assert ("train" in trained.data.splits) == (each.kind != "retrieval")
    assert (trained is each) == ("train" in each.data.splits or each.kind == "retrieval")


def test_what_targets_without_training_data_are_trained_on():
    found = {name: each.train_from for name, each in TASKS.items() if each.train_from}
    assert found == {
        "xquad": "squad_v1",
        "mlqa": "squad_v1",
        "xcopa": "copa",
        "belebele": "cosmosqa",
        "lareqa": "squad_sentences",
    }


def test_anli_plus_is_snli_mnli_and_the_rounds_of_anli():
    each = task("anli_plus")
    assert [(data.path, data.config, *data.splits.values()) for data in each.datasets] == [
        ("stanfordnlp/snli", "plain_text", "train", "validation"),
        ("nyu-mll/glue", "mnli", "train", "validation_matched"),
        ("facebook/anli", "plain_text", "train_r1", "dev_r1"),
        ("facebook/anli", "plain_text", "train_r2", "dev_r2"),
        ("facebook/anli", "plain_text", "train_r3", "dev_r3"),
    ]
    rounds = {"train": 16_946 + 45_460 + 100_459, "validation": 1_000 + 1_000 + 1_200}
    parts = (task("snli").sizes, task("mnli").sizes, rounds)
    assert dict(each.sizes) == {split: sum(sizes[split] for sizes in parts) for split in rounds}


@every_task
def test_languages_are_canonical_and_have_a_configuration_of_their_own(each):
    assert [language(tag).tag for tag in each.languages] == list(each.languages)
    assert all(tag in [reading.tag for reading in candidates(code)] for tag, code in each.languages.items())
    if len(each.languages) > 1:
        assert len({each.config(tag) for tag in each.languages}) == len(each.languages)


@pytest.mark.parametrize(
    ("name", "tag", "config"),
    [
        ("mnli", "eng_Latn", "mnli"),
        ("snli", "eng_Latn", "plain_text"),
        ("qqp", "eng_Latn", "qqp"),
        ("xnli", "swh_Latn", "sw"),
        ("pawsx", "zho_Hans", "zh"),
        ("udpos", "pes_Arab", "udpos.Persian"),
        ("panx", "arb_Arab", "ar"),
        ("sib200", "nqo_Nkoo", "nqo_Nkoo"),
        ("udpos", "wol_Latn", "wo"),
        ("tatoeba", "zho_Hans", "cmn-eng"),
        ("tatoeba", "azj_Latn", "aze-eng"),
        ("flores200", "est_Latn", "ekk_Latn"),
        ("flores200", "aka_Latn", "twi_Latn_akua1239"),
        ("bucc", "zho_Hans", "zh-en"),
        ("xquad", "ron_Latn", "xquad.ro"),
        ("mlqa", "zho_Hans", "mlqa.zh.zh"),
        ("tydiqa", "swh_Latn", "sw"),
        ("xcopa", "quy_Latn", "qu"),
        ("belebele", "hin_Latn", "hin_Latn"),
        ("lareqa", "zho_Hans", "zh"),
        ("mewslix", "pes_Arab", "fa"),
    ],
)
def test_configuration_of_a_language(name, tag, config):
    assert task(name).config(tag) == config


def test_udpos_reads_the_languages_that_xtreme_r_added_from_a_copy_of_its_own():
    each = task("udpos")
    added = ["lit_Latn", "pol_Latn", "ron_Latn", "ukr_Cyrl", "wol_Latn"]
    assert [tag for tag in each.languages if each.data_of(tag) != each.data] == added
    assert [data.path for data in each.datasets] == ["google/xtreme", "izhx/xtreme-r-udpos"]


def test_flores_has_the_languages_of_sib200():
    assert list(task("flores200").languages) == list(task("sib200").languages)


def test_sentence_rows():
    row = {"id": 7, "iso_639_3": "deu", "text": " Es regnet.\n", "url": "u"}
    assert task("flores200").read(row) == Sentence("7", "Es regnet.")
    with pytest.raises(BadRowError, match="the sentence is empty"):
        task("flores200").read({**row, "text": " "})


def test_an_unknown_task_is_refused_with_the_nearest_name():
    with pytest.raises(XstiltsError) as caught:
        task("xlni")
    assert str(caught.value) == f"unknown task 'xlni'. Did you mean 'xnli'? `xstilts tasks` lists all {len(ALL)}."


def test_the_tasks_need_no_large_package():
    """`xstilts tasks` and `plan` start at once because of it."""
    code = "import json, sys, xstilts.tasks; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
    assert not {"torch", "transformers", "datasets", "pyarrow", "pandas", "numpy", "pydantic"} & set(loaded)


PAIR = {"premise": "It rains.", "hypothesis": "It is wet.", "idx": 7}


@pytest.mark.parametrize("name", ["mnli", "snli", "xnli"])
@pytest.mark.parametrize(("label", "meaning"), [(0, "entailment"), (1, "neutral"), (2, "contradiction")])
def test_inference_rows(name, label, meaning):
    assert task(name).read({**PAIR, "label": label}) == LabelledText("It rains.", "It is wet.", meaning)


def test_only_snli_and_pawsx_leave_out_rows_without_a_label():
    assert task("snli").read({**PAIR, "label": -1}) is None
    assert task("pawsx").read({"sentence1": "a", "sentence2": "b", "label": -1}) is None
    for name in ("mnli", "xnli"):
        with pytest.raises(BadRowError, match=r"label -1; expected an integer 0\.\.2"):
            task(name).read({**PAIR, "label": -1})


def test_paraphrase_rows():
    question = {"question1": "Why?", "question2": "How come?", "idx": 0}
    assert task("qqp").read({**question, "label": 1}) == LabelledText("Why?", "How come?", "duplicate")
    assert task("qqp").read({**question, "label": 0}).label == "not_duplicate"
    sentence = {"id": 3, "sentence1": "A b.", "sentence2": "B a."}
    assert task("pawsx").read({**sentence, "label": 1}) == LabelledText("A b.", "B a.", "paraphrase")
    assert task("pawsx").read({**sentence, "label": 0}).label == "not_paraphrase"


def test_tagged_rows():
    row = {"tokens": ["The", "dog", "barks", "."], "pos_tags": [5, 7, 15, 12]}
    assert task("udpos").read(row) == TaggedWords(("The", "dog", "barks", "."), ("DET", "NOUN", "VERB", "PUNCT"))
    row = {"tokens": ["Ada", "Lovelace", "saw", "Rome"], "ner_tags": [1, 2, 0, 5], "langs": ["en"] * 4}
    assert task("panx").read(row) == TaggedWords(("Ada", "Lovelace", "saw", "Rome"), ("B-PER", "I-PER", "O", "B-LOC"))


@pytest.mark.parametrize("name", ["ccg", "ccg_questions"])
def test_supertagged_rows(name):
    row = {"tokens": ["Rain", "fell", "-LRB-"], "ccg_tags": ["N", "S[dcl]\\NP", "LRB"]}
    assert task(name).read(row) == TaggedWords(("Rain", "fell", "-LRB-"), ("N", "S[dcl]\\NP", "LRB"))


def test_topic_rows():
    row = {"index_id": 1, "category": "travel", "text": "The ferry leaves at noon."}
    assert task("sib200").read(row) == LabelledText("The ferry leaves at noon.", None, "travel")
    with pytest.raises(BadRowError, match="label 'food'; expected one of science/technology, travel"):
        task("sib200").read({**row, "category": "food"})


def test_tatoeba_rows_lose_their_line_ends():
    row = {"sentence1": "Es regnet.\n", "sentence2": "It is raining.\n"}
    assert task("tatoeba").read(row) == Bitext(("Es regnet.",), ("It is raining.",), ((0, 0),))


BUCC = {
    "sentence1": ["Anfang .", "Im Jahr 1848 .", "Nichts .", "Es sind 300 km .", "Ende ."],
    "sentence2": ["Start .", "A distance of 300 km .", "Nothing .", "In 1848 .", "End ."],
}


@pytest.mark.parametrize("gold", [[[1, 3], [3, 1]], [[2, 4], [4, 2]]], ids=["from 0", "from 1"])
def test_bucc_gold_may_count_from_0_or_from_1(gold):
    example = task("bucc").read({**BUCC, "gold": gold})
    assert example == Bitext(tuple(BUCC["sentence1"]), tuple(BUCC["sentence2"]), ((1, 3), (3, 1)))


def test_bucc_gold_that_leaves_the_lists_by_one_count_has_the_other():
    sentences = {"sentence1": ["eins", "zwei"], "sentence2": ["two", "one"]}
    assert task("bucc").read({**sentences, "gold": [[0, 1]]}).gold == ((0, 1),)
    assert task("bucc").read({**sentences, "gold": [[1, 2]]}).gold == ((0, 1),)
    with pytest.raises(BadRowError, match=r"gold pair \(0, 2\) points outside"):
        task("bucc").read({**sentences, "gold": [[0, 2]]})


def test_bucc_gold_that_might_count_either_way_is_refused():
    row = {"sentence1": ["a", "b", "c"], "sentence2": ["d", "e", "f"], "gold": [[1, 1]]}
    with pytest.raises(BadRowError, match="cannot tell whether gold counts from 0 or from 1: 0 and 0 of 1 pairs"):
        task("bucc").read(row)


@every_task
def test_a_missing_column_is_named(each):
    with pytest.raises(BadRowError, match=r"no column '\w+'; the columns are other"):
        each.read({"other": 1})
