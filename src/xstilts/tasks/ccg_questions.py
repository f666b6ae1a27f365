"""CCG supertags of questions: a free, small stand-in for CCGbank, never to be called CCG (Rimell and Clark, EMNLP 2008)."""

from xstilts.task import HubData, Task
from xstilts.tasks.ccg import read_row
from xstilts.tasks.codes import by_tag

TASK = Task(
    name="ccg_questions",
    title="CCG supertags of questions: a stand-in for CCGbank where that cannot be had",
    version=1,
    kind="tagging",
    labels=(),
    data=HubData(
        path="local/ccg_questions",
        config="default",
        revision="",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="token_accuracy",
    read_row=read_row,
    sizes={"train": 1_328, "validation": 500},
    characters=40,
    licence="none stated",
    citation="Rimell and Clark, Adapting a Lexicalized-Grammar Parser to Contrasting Domains, EMNLP 2008",
    traps=(
        "Not CCGbank: 1,828 questions, where CCGbank has 38,015 training sentences of newspaper text and more supertags. A "
        "score after it says nothing of CCG as an intermediate task. The supertags are those of the training examples; one "
        "that they lack is an error at evaluation."
    ),
    obtain=(
        "These questions are not on the hub: put their tokens and supertags, as columns `tokens` and `ccg_tags`, in a mirror "
        "(`data.mirror`, or `data.local` beside the hub) as local--ccg_questions/default/train.parquet and validation.parquet."
    ),
)
