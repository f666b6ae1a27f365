"""SQuAD v2.0: SQuAD v1.1 and questions that the paragraph does not answer (Rajpurkar et al., ACL 2018)."""

from xstilts.task import HubData, Question, Row, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Question:
    """Read one hub row; the lists in `row["answers"]` are empty where the paragraph holds no answer."""
    answers = row["answers"]
    return Question(row["context"], row["question"], tuple(answers["text"]), tuple(answers["answer_start"]))


TASK = Task(
    name="squad_v2",
    title="SQuAD v2.0: SQuAD v1.1 and questions that the paragraph does not answer, in English",
    version=1,
    kind="span",
    labels=(),
    data=HubData(
        path="rajpurkar/squad_v2",
        config="squad_v2",
        revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="squad2",
    read_row=read_row,
    sizes={"train": 130_319, "validation": 11_873},
    characters=899,
    licence="CC BY-SA 4.0",
    citation="Rajpurkar, Jia and Liang, Know What You Don't Know: Unanswerable Questions for SQuAD, ACL 2018",
    traps=(
        "The test split is not public. A third of the training questions and half of the validation questions have no "
        "answer: a model that never answers scores 50. XQuAD's 240 paragraphs are from the validation split."
    ),
)
