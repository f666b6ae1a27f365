"""SNLI: natural language inference about captions of photographs, in English (Bowman et al., EMNLP 2015)."""

from xstilts.task import HubData, LabelledText, Row, Task, label_name, text_pair
from xstilts.tasks.codes import by_tag

LABELS = ("entailment", "neutral", "contradiction")  # position = integer label in the hub's rows
NO_MAJORITY = -1  # the annotators did not agree; every published result leaves these pairs out


def read_row(row: Row) -> LabelledText | None:
    """Read one hub row; `row["label"]` is an index into LABELS, or NO_MAJORITY: then the row is left out."""
    if row["label"] == NO_MAJORITY:
        return None
    return text_pair(row["premise"], row["hypothesis"], label_name(LABELS, row["label"]))


TASK = Task(
    name="snli",
    title="SNLI: natural language inference about captions of photographs, in English",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(
        path="stanfordnlp/snli",
        config="plain_text",
        revision="cdb5c3d5eed6ead6e5a341c8e56e669bb666725b",
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 549_367, "validation": 9_842, "test": 9_824},
    characters=107,
    licence="CC BY-SA 4.0",
    citation=(
        "Bowman, Angeli, Potts and Manning, A large annotated corpus for learning natural language inference, EMNLP 2015"
    ),
    traps="Pairs without a majority label are marked -1 on the hub; they are left out, and the sizes are without them.",
)
