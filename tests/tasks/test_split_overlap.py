"""No example of a task's training data is in its own validation or test data: all fields together, in the local copy.

What is there in spite of that is in the data as it was published, and listed here with its number. A number may only
shrink, and a file may only leave the list.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from xstilts.data import DataFile
from xstilts.data.joined import Joined
from xstilts.data.mirror import Mirror
from xstilts.data.read import read_examples
from xstilts.supply.fields import texts_of
from xstilts.task import Task
from xstilts.tasks import TASKS

# task, language, split -> examples whose texts are all in the train split of the same language
KNOWN = {
    ("ccg_questions", "eng_Latn", "validation"): 1,
    ("panx", "eng_Latn", "validation"): 325,
    ("pawsx", "eng_Latn", "validation"): 2,  # both are parts of the official validation split
    ("sib200", "bam_Latn", "validation"): 1,
    ("udpos", "eng_Latn", "test"): 124,
    ("udpos", "eng_Latn", "validation"): 96,
    ("udpos", "tel_Telu", "test"): 4,
    ("udpos", "tel_Telu", "validation"): 2,
    ("udpos", "vie_Latn", "test"): 2,
    ("udpos", "vie_Latn", "validation"): 7,
}


def files(mirror: Joined, task: Task) -> Iterator[tuple[str, str, DataFile, DataFile]]:
    for language in task.languages:
        train = mirror.find(task, language, "train") if "train" in task.data.splits else None
        for split in ("validation", "test"):
            held_out = mirror.find(task, language, split)
            if train and held_out:
                yield language, split, train, held_out


def examples(mirror: Joined, task: Task, file: DataFile) -> list[tuple[str, ...]]:
    return [tuple(texts_of(example).values()) for example in read_examples(mirror, task, file, on_bad_row="skip").items]


@pytest.mark.parametrize("name", [task.name for task in TASKS.values() if task.kind != "retrieval" and not task.train_from])
def test_no_training_example_is_held_out(name: str, shared_mirror: Path) -> None:
    mirror, task = Joined(Mirror(shared_mirror)), TASKS[name]
    found = {}
    for language, split, train, held_out in files(mirror, task):
        trained = set(examples(mirror, task, train))
        shared = sum(example in trained for example in examples(mirror, task, held_out))
        if shared:
            found[name, language, split] = shared
    assert found == {place: count for place, count in KNOWN.items() if place[0] == name}
