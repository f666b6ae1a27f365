"""COPA: which of two sentences is the cause or the effect of a third, in English (Roemmele et al., AAAI symposium 2011)."""

from xstilts.task import BadRowError, Choices, HubData, Row, Task
from xstilts.tasks.codes import by_tag

QUESTIONS = {"cause": "What was the cause of this?", "effect": "What happened as a result?"}


def read_row(row: Row) -> Choices:
    """Read one hub row; `row["question"]` is `cause` or `effect` and becomes a question behind the premise."""
    if row["question"] not in QUESTIONS:
        raise BadRowError(f"question {row['question']!r}; expected one of {', '.join(QUESTIONS)}")
    return Choices(f"{row['premise']} {QUESTIONS[row['question']]}", (row["choice1"], row["choice2"]), row["label"])


TASK = Task(
    name="copa",
    title="COPA: which of two sentences is the cause or the effect of a third, in English",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="aps/super_glue",
        config="copa",
        revision="3de24cf8022e94f4ee4b9d55a6f539891524d646",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 400, "validation": 100},
    characters=181,
    licence="BSD 2-Clause",
    citation=(
        "Roemmele, Bejan and Gordon, Choice of Plausible Alternatives: An Evaluation of Commonsense Causal Reasoning, "
        "AAAI Spring Symposium 2011; the split is that of Wang et al., SuperGLUE, NeurIPS 2019"
    ),
    traps=(
        "SuperGLUE keeps the test labels to itself (-1 on the hub). The questions are worded as in jiant, the framework of "
        "Phang et al. 400 examples: large encoders often stay at chance; train Social IQa before it."
    ),
)
