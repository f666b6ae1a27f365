"""QQP: are two English questions duplicates? (Iyer et al., Quora 2017; as in GLUE, Wang et al., ICLR 2019)."""

from xstilts.task import HubData, LabelledText, Row, Task, label_name, text_pair
from xstilts.tasks.codes import by_tag

LABELS = ("not_duplicate", "duplicate")  # position = integer label in the hub's rows


def read_row(row: Row) -> LabelledText:
    """Read one hub row; `row["label"]` is an index into LABELS."""
    return text_pair(row["question1"], row["question2"], label_name(LABELS, row["label"]))


TASK = Task(
    name="qqp",
    title="QQP: duplicate questions of Quora, in English",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(
        path="nyu-mll/glue",
        config="qqp",
        revision="bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 363_846, "validation": 40_430},
    characters=121,
    licence="Quora's terms of service, non-commercial",
    citation="Iyer, Dandekar and Csernai, First Quora Dataset Release: Question Pairs, 2017 (as in GLUE, ICLR 2019)",
    traps=(
        "GLUE keeps the test labels to itself, so there is no test split. Some 37% of the pairs are duplicates; GLUE's "
        "table shows F1 beside accuracy, this task has accuracy."
    ),
)
