"""Social IQa: why people act and what follows, three answers a question, in English (Sap et al., EMNLP 2019)."""

from xstilts.task import Choices, HubData, Row, Task, position
from xstilts.tasks.codes import by_tag

LABELS = ("1", "2", "3")  # `label` is text on the hub, for answers A, B and C


def read_row(row: Row) -> Choices:
    """Read one hub row; `row["label"]` is one of LABELS."""
    options = (row["answerA"], row["answerB"], row["answerC"])
    return Choices(f"{row['context']} {row['question']}", options, position(LABELS, row["label"]))


TASK = Task(
    name="siqa",
    title="Social IQa: why people act and what follows, three answers a question, in English",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="lighteval/siqa",
        config="default",
        revision="54c6a1f8cb6daf4f5abf24a601852612fb35eb25",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 33_410, "validation": 1_954},
    characters=387,
    licence="CC BY 4.0",
    citation="Sap, Rashkin, Chen, Le Bras and Choi, Social IQa: Commonsense Reasoning about Social Interactions, EMNLP 2019",
    traps=(
        "The authors' own copy on the hub (allenai/social_i_qa) needs a loading script; this one holds the same rows. "
        "There is no test split. Labels count from 1."
    ),
)
