"""Which languages are evaluated, and on which split."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from xstilts.data import DataFile
from xstilts.data.availability import available_languages, eval_languages, evaluation_file
from xstilts.errors import DataError
from xstilts.spec import StudySpec
from xstilts.task import Split, Task
from xstilts.tasks import TASKS

TASK = replace(TASKS["xnli"], languages={"eng_Latn": "en", "deu_Latn": "de", "swh_Latn": "sw"})


@dataclass(frozen=True)
class Listed:
    """A source that has the splits it is told of."""

    files: Iterable[tuple[str, Split]]

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        if (language, split) not in self.files:
            return None
        return DataFile(identity={"config": task.config(language), "split": split}, rows=1, deviation="", origin="here")

    def table(self, file: DataFile) -> Any:
        raise AssertionError(f"no row of {file} is needed")


SOURCE = Listed({("eng_Latn", "train"), ("deu_Latn", "test"), ("deu_Latn", "validation"), ("swh_Latn", "validation")})


def _study(**languages: tuple[str, ...]) -> StudySpec:
    return StudySpec.model_validate(
        {
            "name": "s",
            "encoders": {"e": {"path": "e"}},
            "intermediates": {"baseline": []},
            "targets": ["xnli"],
            "seeds": [1],
            "languages": languages,
        }
    )


def test_the_test_split_comes_before_the_validation_split() -> None:
    file, split = evaluation_file(SOURCE, TASK, "deu_Latn")
    assert (split, file.identity["split"], file.identity["config"]) == ("test", "test", "de")
    file, split = evaluation_file(SOURCE, TASK, "swh_Latn")
    assert (split, file.identity["split"]) == ("validation", "validation")


def test_training_data_is_no_evaluation_data() -> None:
    with pytest.raises(DataError, match=r"no evaluation data of xnli in eng_Latn: neither .* facebook/xnli, configuration en"):
        evaluation_file(SOURCE, TASK, "eng_Latn")


def test_without_a_list_all_that_the_source_has_are_evaluated() -> None:
    assert available_languages(SOURCE, TASK) == ("deu_Latn", "swh_Latn")
    assert eval_languages(_study(), TASK, SOURCE) == ("deu_Latn", "swh_Latn")


def test_a_list_is_taken_as_it_is_written() -> None:
    assert eval_languages(_study(xnli=("swh_Latn", "deu_Latn")), TASK, SOURCE) == ("swh_Latn", "deu_Latn")
    assert eval_languages(_study(pawsx=("deu_Latn",)), TASK, SOURCE) == ("deu_Latn", "swh_Latn")
