"""HellaSwag: which of four sentences goes on from a description, in English (Zellers et al., ACL 2019)."""

from xstilts.task import Choices, HubData, Row, Task, position
from xstilts.tasks.codes import by_tag

LABELS = ("0", "1", "2", "3")  # `label` is text on the hub


def read_row(row: Row) -> Choices:
    """Read one hub row; an option is the begun sentence `ctx_b` (often empty) and one of the `endings`."""
    options = tuple(f"{row['ctx_b']} {ending}" for ending in row["endings"])
    return Choices(row["ctx_a"], options, position(LABELS, row["label"]))


TASK = Task(
    name="hellaswag",
    title="HellaSwag: which of four sentences goes on from a description, in English",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="Rowan/hellaswag",
        config="default",
        revision="218ec52e09a7e7462a5400043bb9a69a41d06b76",
        splits={"train": "train", "validation": "validation"},
    ),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=read_row,
    sizes={"train": 39_905, "validation": 10_042},
    characters=1_340,
    licence="MIT",
    citation="Zellers, Holtzman, Bisk, Farhadi and Choi, HellaSwag: Can a Machine Really Finish Your Sentence?, ACL 2019",
    traps=(
        "The hub keeps the test labels to itself. The prompt is `ctx_a` and `ctx_b` belongs to the options, as in the "
        "framework of Phang et al.; the column `ctx` holds both, and copies that have only this split the sentence "
        "elsewhere. Where `ctx_b` is empty an option begins with a space."
    ),
)
