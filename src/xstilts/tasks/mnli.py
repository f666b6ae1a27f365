"""MultiNLI: natural language inference in English over ten genres (Williams et al., NAACL 2018)."""

from xstilts.task import HubData, LabelledText, Row, Task, label_name, text_pair
from xstilts.tasks.codes import by_tag

LABELS = ("entailment", "neutral", "contradiction")  # position = integer label in the hub's rows


def read_row(row: Row) -> LabelledText:
    """Read one hub row; `row["label"]` is an index into LABELS."""
    return text_pair(row["premise"], row["hypothesis"], label_name(LABELS, row["label"]))


TASK = Task(
    name="mnli",
    title="MultiNLI: natural language inference in English over ten genres",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(
        path="nyu-mll/glue",
        config="mnli",
        revision="bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c",
        splits={"train": "train", "validation": "validation_matched"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 392_702, "validation": 9_815},
    characters=181,
    licence="OANC and others, by source text (see the paper)",
    citation=(
        "Williams, Nangia and Bowman, A Broad-Coverage Challenge Corpus for Sentence Understanding through Inference, "
        "NAACL 2018"
    ),
    traps=(
        "GLUE keeps the test labels to itself, so there is no test split; validation is the matched half. MNLI is the "
        "English training data of XNLI: a cell from mnli to xnli is transfer within the same data."
    ),
)
