"""Cosmos QA: questions about what blog posts leave unsaid, four answers each, in English (Huang et al., EMNLP 2019)."""

from xstilts.task import Choices, HubData, Row, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Choices:
    """Read one hub row; `row["label"]` is the number of the right answer, counted from 0."""
    return Choices(f"{row['context']} {row['question']}", tuple(row[f"answer{i}"] for i in range(4)), row["label"])


TASK = Task(
    name="cosmosqa",
    title="Cosmos QA: questions about what blog posts leave unsaid, four answers each, in English",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="allenai/cosmos_qa",
        config="default",
        revision="ed50fe83db62b355759053b1cd5eef344ee371e0",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 25_262, "validation": 2_985},
    characters=1_785,
    licence="CC BY 4.0",
    citation=(
        "Huang, Le Bras, Bhagavatula and Choi, Cosmos QA: Machine Reading Comprehension with Contextual Commonsense "
        "Reasoning, EMNLP 2019"
    ),
    traps=(
        "The test labels are not public (-1 on the hub). The hub's main branch needs a loading script; the revision is one "
        "of its automatic conversion to Parquet, which the hub may delete when it converts anew. Most questions have "
        "'None of the above choices .' among their answers."
    ),
)
