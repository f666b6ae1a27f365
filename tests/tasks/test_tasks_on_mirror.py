"""Every task on the rows of a local copy of its data set, and against XTREME's golden files.

`python tests/tasks/test_tasks_on_mirror.py` writes tests/golden/task_digests.json anew, after a reader's version was
raised.
"""

import json
import os
from collections import Counter
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet
import pytest

from xstilts.fingerprint import key_of
from xstilts.languages import resolve
from xstilts.task import CONSTRUCTED, BadRowError, Question
from xstilts.tasks import TASKS as ALL

ROOT = Path(__file__).parents[2]
TASKS = {
    name: each for name, each in ALL.items() if not each.data.path.startswith(CONSTRUCTED)
}  # the others: tests/constructed
SHARED = Path(os.environ.get("XSTILTS_SHARED", ROOT / "../shared"))
MIRROR = SHARED / "data" / "mirror"
LABELS = SHARED / "golden" / "xtreme" / "labels"
DIGESTS = ROOT / "tests" / "golden" / "task_digests.json"
SECOND = {  # the language whose digest is kept beside the English one
    "xnli": "swh_Latn",
    "pawsx": "deu_Latn",
    "udpos": "tam_Taml",
    "panx": "swh_Latn",
    "sib200": "yor_Latn",
    "tatoeba": "afr_Latn",
    "bucc": "zho_Hans",
    "xquad": "tha_Thai",
    "mlqa": "zho_Hans",
    "tydiqa": "kor_Hang",
    "xcopa": "quy_Latn",
    "lareqa": "zho_Hans",
}
GOLDEN = {"xnli", "pawsx", "udpos", "panx", "tatoeba", "bucc", "xquad", "mlqa", "tydiqa"}  # tasks with golden files
ABSENT = {"belebele", "ccg", "flores200", "mewslix"}  # tasks of which the local copy has nothing
ONLY_IN_XTREME_R = {"xquad": "ro", "udpos": "lt pl ro uk wo", "panx": "az gu lt pa pl qu ro uk", "tatoeba": "az lt pl ro uk"}
ONE_TREEBANK_FIRST = "af eu nl fr el he hi hu kk mr te th ur vi"  # in the others XTREME's files begin with another one

TATOEBA_ADDED = [resolve(code, TASKS["tatoeba"].languages) for code in ONLY_IN_XTREME_R["tatoeba"].split()]

pytestmark = pytest.mark.skipif(not MIRROR.is_dir(), reason=f"no copy of the data sets at {MIRROR}")
every_task = pytest.mark.parametrize("each", [each for each in TASKS.values() if each.name not in ABSENT], ids=lambda e: e.name)


def paths(task, tag, split):
    """Return the files of one split, none where the local copy lacks any of them."""
    found = []
    for data in (task.data_of(tag), *task.more):
        config = data.config.format(code=task.languages[tag])
        found.append(MIRROR / data.path.replace("/", "--") / config / f"{data.splits[split]}.parquet")
    return found if all(file.exists() for file in found) else []


def rows(file):
    for batch in pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=1000):
        yield from batch.to_pylist()


def examples(task, tag, split):
    found = (task.read(row) for file in paths(task, tag, split) for row in rows(file))
    return (example for example in found if example is not None)


def digests(task):
    tags = [tag for tag in ("eng_Latn", SECOND.get(task.name)) if tag in task.languages]
    return {
        f"{tag}/{split}": key_of([asdict(example) for example in islice(examples(task, tag, split), 20)])
        for tag in tags
        for split in task.data.splits
        if paths(task, tag, split)
    }


@every_task
def test_a_reader_changes_only_with_its_version(each):
    kept = json.loads(DIGESTS.read_text())[each.name]
    found = {"version": each.version, "digests": digests(each)}
    assert found["digests"], "no file of this task was read"
    assert found == kept, "raise the task's version, then write the digests anew (see the top of this file)"


@every_task
def test_every_row_can_be_read(each):
    files = [file for tag in each.languages for split in each.data.splits for file in paths(each, tag, split)]
    bad = []
    count = 0
    for file in files:
        for number, row in enumerate(rows(file)):
            count += 1
            try:
                each.read(row)
            except BadRowError as error:
                bad.append(f"{file}, row {number}: {error}")
    assert count > 0
    assert bad == []


@pytest.mark.parametrize("each", [each for each in TASKS.values() if each.labels], ids=lambda each: each.name)
def test_every_label_occurs_in_english_validation_data(each):
    counts = Counter()
    for example in examples(each, "eng_Latn", "validation"):
        counts.update(example.tags if each.kind == "tagging" else [example.label])
    assert set(counts) == set(each.labels)


@pytest.mark.parametrize(
    ("name", "tag", "options"),
    [
        ("hellaswag", "eng_Latn", 4),
        ("cosmosqa", "eng_Latn", 4),
        ("commonsenseqa", "eng_Latn", 5),
        ("siqa", "eng_Latn", 3),
        ("copa", "eng_Latn", 2),
        *(("xcopa", tag, 2) for tag in TASKS["xcopa"].languages),
    ],
)
def test_every_option_is_right_at_times(name, tag, options):
    found = list(examples(TASKS[name], tag, "validation"))
    assert {len(example.options) for example in found} == {options}
    counts = Counter(example.label for example in found)
    assert set(counts) == set(range(options))
    assert min(counts.values()) > 0.8 * len(found) / options


def test_squad_v2_has_questions_with_and_without_answers():
    found = Counter(bool(example.answers) for example in examples(TASKS["squad_v2"], "eng_Latn", "validation"))
    assert found == {True: 337, False: 360}


golden = pytest.mark.skipif(not LABELS.is_dir(), reason=f"XTREME's golden files are not at {LABELS}")


def golden_lines(task, code):
    return (LABELS / task / f"test-{code}.tsv").read_text(encoding="utf-8").splitlines()


@golden
@pytest.mark.parametrize(("name", "folder"), [(name, "bucc2018" if name == "bucc" else name) for name in sorted(GOLDEN)])
def test_languages_are_those_of_the_official_scorer(name, folder):
    codes = [file.stem.removeprefix("test-") for file in (LABELS / folder).glob("test-*.*")]
    only_in_xtreme_r = {resolve(code, TASKS[name].languages) for code in ONLY_IN_XTREME_R.get(name, "").split()}
    assert {resolve(code, TASKS[name].languages) for code in codes} == set(TASKS[name].languages) - only_in_xtreme_r
    assert len(codes) == len(TASKS[name].languages) - len(only_in_xtreme_r)


@golden
@pytest.mark.parametrize("code", TASKS["xnli"].languages.values())
def test_xnli_labels_are_the_official_ones(code):
    expected = golden_lines("xnli", code)
    found = examples(TASKS["xnli"], resolve(code, TASKS["xnli"].languages), "test")
    assert [example.label for example in islice(found, len(expected))] == expected


@golden
@pytest.mark.parametrize("code", TASKS["pawsx"].languages.values())
def test_pawsx_labels_are_the_official_ones(code):
    expected = [{"0": "not_paraphrase", "1": "paraphrase"}[line] for line in golden_lines("pawsx", code)]
    found = examples(TASKS["pawsx"], resolve(code, TASKS["pawsx"].languages), "test")
    assert [example.label for example in islice(found, len(expected))] == expected


@golden
@pytest.mark.parametrize("code", ONE_TREEBANK_FIRST.split())
def test_udpos_tags_are_the_official_ones(code):
    expected = [tuple(sentence.split("\n")) for sentence in "\n".join(golden_lines("udpos", code)).strip().split("\n\n")]
    found = examples(TASKS["udpos"], resolve(code, TASKS["udpos"].languages), "test")
    assert [example.tags for example in islice(found, 2)] == expected


@golden
@pytest.mark.parametrize("tag", [tag for tag in TASKS["tatoeba"].languages if tag not in TATOEBA_ADDED])
def test_tatoeba_pairs_are_the_official_ones(tag):
    """XTREME sorts the English sentences; its gold is the line of the foreign file that translates each."""
    pairs = list(examples(TASKS["tatoeba"], tag, "test"))
    by_english = sorted(range(len(pairs)), key=lambda i: pairs[i].source[0])
    codes = (file.stem.removeprefix("test-") for file in (LABELS / "tatoeba").glob("test-*.tsv"))
    (code,) = (code for code in codes if resolve(code, TASKS["tatoeba"].languages) == tag)
    expected = [int(line) for line in golden_lines("tatoeba", code)]
    assert by_english[: len(expected)] == expected


@pytest.mark.parametrize("tag", ["lit_Latn", "pol_Latn", "ron_Latn", "ukr_Cyrl", "wol_Latn"])
def test_the_languages_that_xtreme_r_added_have_the_same_tags(tag):
    """Every tag of the copy is one of the declared ones, and the frequent ones are where one expects them."""
    counts = Counter(label for example in islice(examples(TASKS["udpos"], tag, "validation"), 300) for label in example.tags)
    assert counts["NOUN"] > counts["PROPN"] > counts["INTJ"]
    assert counts["VERB"] > counts["SYM"]


def golden_questions(task, code):
    """Yield the questions of an official file as examples, with their ids."""
    for article in json.loads((LABELS / task / f"test-{code}.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for each in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in each["answers"])
                starts = tuple(answer["answer_start"] for answer in each["answers"])
                yield each["id"], Question(paragraph["context"], each["question"], answers, starts)


@golden
@pytest.mark.parametrize("tag", [tag for tag in TASKS["xquad"].languages if tag != "ron_Latn"])
def test_xquad_questions_are_the_official_ones(tag):
    task = TASKS["xquad"]
    (file,) = paths(task, tag, "test")
    found = {row["id"]: task.read(row) for row in rows(file)}
    expected = dict(golden_questions("xquad", task.languages[tag]))
    assert expected
    assert {name: found[name] for name in expected} == expected


@golden
@pytest.mark.parametrize("name", ["mlqa", "tydiqa"])
def test_official_answers_are_where_their_starts_say(name):
    """The local copy has no official test split of these tasks; `Question` itself refuses an answer that is elsewhere."""
    for code in TASKS[name].languages.values():
        assert all(example.answers for _, example in golden_questions(name, code))


@pytest.mark.parametrize("split", ["validation", "test"])
def test_xcopa_has_the_right_choices_of_copa(split):
    """The translated pairs stand in COPA's order; their `question` differs from COPA's in five languages (see its traps)."""
    (file,) = paths(replace(TASKS["copa"], data=replace(TASKS["copa"].data, splits={split: split})), "eng_Latn", split)
    copa = list(rows(file))
    other = {}
    for tag, code in TASKS["xcopa"].languages.items():
        found = [row for file in paths(TASKS["xcopa"], tag, split) for row in rows(file)]
        assert [row["label"] for row in found] == [row["label"] for row in copa]
        other[code] = sum(row["question"] != original["question"] for row, original in zip(found, copa, strict=True))
    expected = {
        "test": {"id": 4, "it": 4, "sw": 37, "th": 250, "tr": 51},
        "validation": {"id": 5, "it": 5, "sw": 6, "th": 52, "tr": 52},
    }
    assert {code: count for code, count in other.items() if count} == expected[split]


def test_bucc_reads_the_same_pairs_whether_gold_counts_from_0_or_from_1():
    task = TASKS["bucc"]
    (file,) = paths(task, "zho_Hans", "validation")
    (row,) = rows(file)
    example = task.read(row)
    assert example == task.read({**row, "gold": [[i + 1, j + 1] for i, j in row["gold"]]})
    i, j = example.gold[0]
    assert "1000万" in example.foreign[i]
    assert "10 million" in example.source[j]


if __name__ == "__main__":
    present = {name: each for name, each in TASKS.items() if name not in ABSENT}
    written = {name: {"version": each.version, "digests": digests(each)} for name, each in present.items()}
    DIGESTS.write_text(json.dumps(written, indent=2) + "\n")
