"""PAWS-X: paraphrase or not, in 7 languages, from pairs with nearly the same words (Yang et al., EMNLP 2019)."""

from xstilts.task import HubData, LabelledText, Row, Task, label_name, text_pair
from xstilts.tasks.codes import by_tag

LABELS = ("not_paraphrase", "paraphrase")  # position = integer label in the hub's rows
NO_LABEL = -1  # how the hub's copy marks a label that is missing or malformed in the release


def read_row(row: Row) -> LabelledText | None:
    """Read one hub row; `row["label"]` is an index into LABELS, or NO_LABEL: then the row is left out."""
    if row["label"] == NO_LABEL:
        return None
    return text_pair(row["sentence1"], row["sentence2"], label_name(LABELS, row["label"]))


TASK = Task(
    name="pawsx",
    title="PAWS-X: paraphrase or not, in 7 languages, from pairs with nearly the same words",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(path="google-research-datasets/paws-x", config="{code}", revision="4cd8187c404bda33cb1f62b49b001115862acf37"),
    languages=by_tag("de en es fr ja ko zho_Hans=zh"),
    metric="accuracy",
    read_row=read_row,
    parallel=True,
    sizes={"train": 49_401, "validation": 2_000, "test": 2_000},
    characters=227,
    licence="free for any purpose; Google LLC asks to be named as the source",
    citation=(
        "Yang, Zhang, Tar and Baldridge, PAWS-X: A Cross-lingual Adversarial Dataset for Paraphrase Identification, EMNLP 2019"
    ),
    traps=(
        "Where a sentence was not translated its text is 'NS'; such rows stay, as in XTREME. The train split of every "
        "language but English is machine-translated. A label that the release lacks is -1 on the hub: those rows are "
        "left out. Labels of one pair do not always agree between languages. An older revision of the hub's copy needs "
        "a loading script, which `datasets` no longer runs. In 1,238 of the 2,000 English test pairs one sentence also "
        "stands in a validation pair. Chinese is in simplified characters."
    ),
)
