"""CCG supertags of newspaper text: CCGbank (Hockenmaier and Steedman, Computational Linguistics 2007)."""

from xstilts.task import HubData, Row, TaggedWords, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> TaggedWords:
    """Read one row; `row["ccg_tags"]` are supertags such as `(S[q]/PP)/NP`, one a word."""
    return TaggedWords(words=tuple(row["tokens"]), tags=tuple(row["ccg_tags"]))


TASK = Task(
    name="ccg",
    title="CCG supertags of words in newspaper text",
    version=1,
    kind="tagging",
    labels=(),
    data=HubData(path="local/ccg", config="default", revision=""),
    languages=by_tag("en"),
    metric="token_accuracy",
    read_row=read_row,
    sizes={"train": 38_015},
    characters=130,
    licence="LDC User Agreement",
    citation=(
        "Hockenmaier and Steedman, CCGbank: A Corpus of CCG Derivations and Dependency Structures Extracted from the Penn "
        "Treebank, Computational Linguistics 2007"
    ),
    traps=(
        "Sections 00-18 are for training, 19-21 for validation and 22-24 for test, as in Phang et al. 2020; CCG parsing uses "
        "02-21, 00 and 23, so scores do not compare. The supertags are those of the training examples (1,363 by the paper); "
        "one that they lack is an error at evaluation. Brackets are words such as -LRB-."
    ),
    obtain=(
        "CCGbank is not on the hub: get LDC2005T13 from the Linguistic Data Consortium "
        "(https://catalog.ldc.upenn.edu/LDC2005T13), then run `xstilts data import ccg FOLDER --to MIRROR`, "
        "and name MIRROR in the study: `data.mirror`, or `data.local` beside the hub."
    ),
)
