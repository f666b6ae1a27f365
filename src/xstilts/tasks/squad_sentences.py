"""SQuAD v1.1 for retrieval: each question with the sentence that holds its answer, on which LAReQA's encoders are trained."""

import re
from collections.abc import Iterator

from xstilts.passages import Match
from xstilts.task import Row, Task
from xstilts.tasks import squad_v1
from xstilts.tasks.codes import by_tag

# An end of a sentence, then what may close it (quotes, brackets, notes such as "[5]"), a space, and how another may begin.
BREAK = re.compile(r"""(?<=[.?!])(?:["'”’)\]]|\[[\w ?]+\])*(\s+)(?=["'“‘(\[]?[A-Z0-9])""")
# Words whose full stop ends no sentence: titles, months, common abbreviations, and initials of names.
SHORT = re.compile(
    r"\b(?:[A-Z]|Mrs?|Ms|Dr|Prof|Fr|Rev|Sta?|Lt|Gen|Col|Maj|Adm|Capt|Sgt|Rep|Gov|Sen|Pres|Jan|Feb|Aug|Sept?|Oct|Nov|Dec|Mt|Ft"
    r"|No|vol|Vol|pp?|cf|ca|c|e\.g|i\.e|vs?|approx|etc|al|a\.k\.a|op|Op)\.$"
)


def read_row(row: Row) -> Match | None:
    """Read one row in SQuAD's form; None where no sentence holds the first answer's beginning, as in XTREME-R's script."""
    question = squad_v1.read_row(row)
    for begin, end in sentences(question.context):
        if begin <= question.starts[0] < end:
            return Match(question.question, question.context[begin:end], question.context)
    return None


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of an English text begins and ends, in characters, without the space around it.

    A short rule of our own; XTREME-R's script has a longer one (`third_party/processors/sb_sed.py`). On the English
    paragraphs of XQuAD-R, 98% of the sentences are those of the official release.
    """
    begin = len(text) - len(text.lstrip())
    for found in BREAK.finditer(text):
        if not SHORT.search(text, begin, found.start()):
            yield begin, found.start(1)
            begin = found.end(1)
    if text[begin:].strip():
        yield begin, len(text.rstrip())


TASK = Task(
    name="squad_sentences",
    title="SQuAD v1.1 for retrieval: find the sentence of English Wikipedia that answers a question",
    version=1,
    kind="ranking",
    labels=(),
    data=squad_v1.TASK.data,
    languages=by_tag("en"),
    metric="map_at_20",
    read_row=read_row,
    sizes=squad_v1.TASK.sizes,
    characters=1_108,
    licence=squad_v1.TASK.licence,
    citation=squad_v1.TASK.citation,
    traps=(
        "A passage is a sentence with its paragraph as the second text, as in XTREME-R's script, whose longer rules for the "
        "ends of sentences are not used here. As a target, and in choosing a checkpoint, the candidates are the sentences of "
        "the split that answer any of its questions. LAReQA's paragraphs are from the validation split."
    ),
)
