"""SQuAD v1.1: questions about English Wikipedia, answered by a part of the paragraph (Rajpurkar et al., EMNLP 2016)."""

from xstilts.task import BadRowError, HubData, Question, Row, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Question:
    """Read one row in SQuAD's form; `row["answers"]` holds lists of equal length, `text` and `answer_start` (characters)."""
    answers = row["answers"]
    if not answers["text"]:
        raise BadRowError("the question has no answer; expected at least one")
    return Question(row["context"], row["question"], tuple(answers["text"]), tuple(answers["answer_start"]))


TASK = Task(
    name="squad_v1",
    title="SQuAD v1.1: questions about English Wikipedia, answered by a part of the paragraph",
    version=1,
    kind="span",
    labels=(),
    data=HubData(
        path="rajpurkar/squad",
        config="plain_text",
        revision="7b6d24c440a36b6815f21b70d25016731768db1f",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="squad",
    read_row=read_row,
    sizes={"train": 87_599, "validation": 10_570},
    characters=951,
    licence="CC BY-SA 4.0",
    citation="Rajpurkar, Zhang, Lopyrev and Liang, SQuAD: 100,000+ Questions for Machine Comprehension of Text, EMNLP 2016",
    traps=(
        "The test split is not public. XQuAD's 240 paragraphs are from the validation split: choosing a checkpoint on it is "
        "choosing on XQuAD's English questions. Every answerable question of SQuAD v2.0 is one of these. Training questions "
        "have one answer, validation questions several."
    ),
)
