"""ANLI+: SNLI, MultiNLI and the three rounds of Adversarial NLI as one English task (Nie et al., ACL 2020)."""

from dataclasses import replace

from xstilts.task import HubData, Task
from xstilts.tasks import mnli, snli
from xstilts.tasks.codes import by_tag


def _round(number: int) -> HubData:
    return HubData(
        path="facebook/anli",
        config="plain_text",
        revision="8e4813d81f46d313dac7892e1c28076917cfcdf9",
        splits={"train": f"train_r{number}", "validation": f"dev_r{number}"},
    )


TASK = Task(
    name="anli_plus",
    title="ANLI+: SNLI, MultiNLI and the three rounds of Adversarial NLI as one English task",
    version=1,
    kind="classification",
    labels=snli.LABELS,
    data=replace(snli.TASK.data, splits={"train": "train", "validation": "validation"}),
    more=(mnli.TASK.data, _round(1), _round(2), _round(3)),
    languages=by_tag("en"),
    metric="accuracy",
    read_row=snli.read_row,  # all five have its columns and its order of labels
    sizes={"train": 1_104_934, "validation": 22_857},
    characters=184,
    licence="CC BY-NC 4.0 (ANLI), CC BY-SA 4.0 (SNLI), OANC and others (MultiNLI)",
    citation=(
        "Nie, Williams, Dinan, Bansal, Weston and Kiela, Adversarial NLI: A New Benchmark for Natural Language Understanding, "
        "ACL 2020; the mixture is that of Phang et al., AACL 2020"
    ),
    traps=(
        "One head for all five; each counts by its size, so ANLI itself (16,946, 45,460 and 100,459 pairs) is 15% of it. "
        "Validation is the five validation splits one after another, mostly SNLI and MultiNLI. A mirror must have all five. "
        "Row numbers in messages count through all files. Pairs without a majority label (-1) are left out."
    ),
)
