"""XCOPA: COPA translated by people into 11 languages (Ponti et al., EMNLP 2020)."""

from xstilts.task import HubData, Task
from xstilts.tasks.codes import by_tag
from xstilts.tasks.copa import read_row

TASK = Task(
    name="xcopa",
    title="XCOPA: which of two sentences is the cause or the effect of a third, in 11 languages",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="cambridgeltl/xcopa",
        config="{code}",
        revision="042f78955ba48e6404616762fa6e05e839c3907a",
        splits={"validation": "validation", "test": "test"},
    ),
    languages=by_tag("et ht id it qu sw ta th tr vi zho_Hans=zh"),
    metric="accuracy",
    read_row=read_row,
    parallel=True,
    train_from="copa",
    sizes={"validation": 100, "test": 500},
    characters=194,
    licence="CC BY 4.0",
    citation=(
        "Ponti, Glavaš, Majewska, Liu, Vulić and Korhonen, XCOPA: A Multilingual Dataset for Causal Commonsense Reasoning, "
        "EMNLP 2020"
    ),
    traps=(
        "Trained on COPA (400 examples) alone; XTREME-R trains on Social IQa first and keeps its head. Here, put `siqa` last "
        "among the intermediate phases: the encoder is kept, the head is new. There is no English; the sizes are those of "
        "each language. The question behind the premise is COPA's English one in all languages. In the release `question` "
        "differs from COPA's for the same pair: all Thai rows say effect (half should not), so do 51 of 500 Turkish test "
        "rows and all Turkish validation rows that should say cause, and 37 Swahili, 4 Indonesian and 4 Italian test rows. "
        "They are read as released. Quechua is that of Eastern Apurímac, filed under quy_Latn."
    ),
)
