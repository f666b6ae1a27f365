"""XQuAD: questions of SQuAD v1.1 translated by people into 11 languages (Artetxe et al., ACL 2020)."""

from xstilts.task import HubData, Task
from xstilts.tasks.codes import by_tag
from xstilts.tasks.squad_v1 import read_row

TASK = Task(
    name="xquad",
    title="XQuAD: questions about Wikipedia in 12 languages, translated from SQuAD v1.1 by people",
    version=1,
    kind="span",
    labels=(),
    data=HubData(
        path="google/xquad",
        config="xquad.{code}",
        revision="51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
        splits={"test": "validation"},
    ),
    languages=by_tag("ar de el en es hi ro ru th tr vi zho_Hans=zh"),
    metric="squad",
    read_row=read_row,
    parallel=True,
    train_from="squad_v1",
    sizes={"test": 1_190},
    characters=847,
    licence="CC BY-SA 4.0",
    citation="Artetxe, Ruder and Yogatama, On the Cross-lingual Transferability of Monolingual Representations, ACL 2020",
    traps=(
        "The hub calls its only split validation; it is XTREME's test split. The 240 paragraphs are from SQuAD v1.1's "
        "validation split, by which the checkpoint is chosen, and LAReQA asks the same questions. After an intermediate "
        "task of SQuAD a gain is one from the same data. Romanian is in XTREME-R, not in XTREME. All languages are scored "
        "with SQuAD's English rules. Texts may begin with a byte order mark, which counts as a character."
    ),
)
