"""MLQA: questions about Wikipedia in 7 languages, context and question in the same (Lewis et al., ACL 2020)."""

from xstilts.task import HubData, Task
from xstilts.tasks.codes import by_tag
from xstilts.tasks.squad_v1 import read_row

TASK = Task(
    name="mlqa",
    title="MLQA: questions about Wikipedia in 7 languages, context and question in the same language",
    version=1,
    kind="span",
    labels=(),
    data=HubData(
        path="facebook/mlqa",
        config="mlqa.{code}.{code}",
        revision="397ed406c1a7902140303e7faf60fff35b58d285",
        splits={"validation": "validation", "test": "test"},
        instead=HubData(
            path="google/xtreme",
            config="MLQA.{code}.{code}",
            revision="ec5f1f46e9af79639a90684a7a70a956c4998f04",
            splits={"validation": "validation", "test": "test"},
        ),
    ),
    languages=by_tag("ar de en es hi vi zho_Hans=zh"),
    metric="mlqa",
    read_row=read_row,
    train_from="squad_v1",
    sizes={"validation": 1_148, "test": 11_590},
    characters=900,
    licence="CC BY-SA 3.0",
    citation="Lewis, Oguz, Rinott, Riedel and Schwenk, MLQA: Evaluating Cross-lingual Extractive Question Answering, ACL 2020",
    traps=(
        "The authors' copy on the hub needs a loading script, so that XTREME's copy is read there. The configurations with "
        "two different languages (context, question) are not used, as in XTREME. Answers are compared by the rules of each "
        "language: numbers from SQuAD's scorer are other numbers. Languages have from 4,517 (German) to 11,590 (English) "
        "questions."
    ),
)
