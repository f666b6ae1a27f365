"""XNLI: natural language inference in 15 languages (Conneau et al., EMNLP 2018)."""

from xstilts.task import HubData, LabelledText, Row, Task, label_name, text_pair
from xstilts.tasks.codes import by_tag

LABELS = ("entailment", "neutral", "contradiction")  # position = integer label in the hub's rows


def read_row(row: Row) -> LabelledText:
    """Read one hub row; `row["label"]` is an index into LABELS."""
    return text_pair(row["premise"], row["hypothesis"], label_name(LABELS, row["label"]))


TASK = Task(
    name="xnli",
    title="XNLI: natural language inference in 15 languages",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(path="facebook/xnli", config="{code}", revision="b8dd5d7af51114dbda02c0e3f6133f332186418e"),
    languages=by_tag("ar bg de el en es fr hi ru sw th tr ur vi zho_Hans=zh"),
    metric="accuracy",
    read_row=read_row,
    parallel=True,
    sizes={"train": 392_702, "validation": 2_490, "test": 5_010},
    characters=181,
    licence="CC BY-NC 4.0",
    citation=(
        "Conneau, Rinott, Lample, Williams, Bowman, Schwenk and Stoyanov, XNLI: Evaluating Cross-lingual Sentence "
        "Representations, EMNLP 2018"
    ),
    traps=(
        "The English train split is MultiNLI; that of every other language is its machine translation. Validation and "
        "test are the same sentences in all languages, translated by people. Some libraries call a version without the "
        "neutral class XNLI: its numbers are another task's. Chinese is in simplified characters, Arabic is standard."
    ),
)
