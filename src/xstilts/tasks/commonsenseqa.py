"""CommonsenseQA: five answers to a question about everyday knowledge, in English (Talmor et al., NAACL 2019)."""

from xstilts.task import Choices, HubData, Row, Task, position
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Choices:
    """Read one hub row; `row["answerKey"]` is one of the letters in `row["choices"]["label"]`."""
    choices = row["choices"]
    return Choices(row["question"], tuple(choices["text"]), position(choices["label"], row["answerKey"]))


TASK = Task(
    name="commonsenseqa",
    title="CommonsenseQA: five answers to a question about everyday knowledge, in English",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="tau/commonsense_qa",
        config="default",
        revision="94630fe30dad47192a8546eb75f094926d47e155",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 9_741, "validation": 1_221},
    characters=388,
    licence="MIT",
    citation=(
        "Talmor, Herzig, Lourie and Berant, CommonsenseQA: A Question Answering Challenge Targeting Commonsense Knowledge, "
        "NAACL 2019"
    ),
    traps=(
        "Version 1.11, random split. The hub keeps the test labels to itself. The prompt is the question alone: "
        "`question_concept` is not read."
    ),
)
