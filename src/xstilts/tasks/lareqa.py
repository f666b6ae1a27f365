"""LAReQA (XQuAD-R): find the sentences, in all languages, that answer a question (Roy et al., EMNLP 2020)."""

from xstilts.passages import Candidate, Search
from xstilts.task import BadRowError, HubData, Row, Task
from xstilts.tasks import squad_v1
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Search | None:
    """Read one row: `sentence_breaks` are pairs, where each sentence of `context` begins and ends, in characters.

    The candidates are the sentences of the paragraph, of which the one with the answer's beginning is right, and any that
    reads the same. None where none holds it, as in XTREME-R's `third_party/utils_lareqa.py`. Questions that translate each
    other share `id`.
    """
    question = squad_v1.read_row(row)
    if row.get("sentence_breaks") is None:
        raise BadRowError(
            "no column 'sentence_breaks', without which no sentence can be told from the next; the hub's copy never had it. "
            f"{TASK.obtain}"
        )
    sentences = [(begin, end, question.context[begin:end]) for begin, end in row["sentence_breaks"]]
    right = [text for begin, end, text in sentences if begin <= question.starts[0] < end][:1]
    if not right:
        return None
    candidates = tuple(
        Candidate(text, question.context, str(position), (row["id"],) if text == right[0] else ())
        for position, (_, _, text) in enumerate(sentences)
    )
    return Search(question.question, row["id"], row["id"], candidates)


TASK = Task(
    name="lareqa",
    title="LAReQA: find the sentences that answer a question among those of 11 languages (XQuAD-R)",
    version=1,
    kind="ranking",
    labels=(),
    data=HubData(
        path="google-research-datasets/xquad_r",
        config="{code}",
        revision="",
        splits={"test": "validation"},
    ),
    languages=by_tag("ar de el en es hi ru th tr vi zho_Hans=zh"),
    metric="map_at_20",
    read_row=read_row,
    train_from="squad_sentences",
    sizes={"test": 1_190},
    characters=930,  # of a candidate with its paragraph; a question has 61
    licence="CC BY-SA 4.0",
    citation=(
        "Roy, Constant, Al-Rfou, Barua, Phillips and Yang, LAReQA: Language-Agnostic Answer Retrieval from a Multilingual "
        "Pool, EMNLP 2020"
    ),
    traps=(
        "The pool is the sentences of all languages the data source holds, whatever languages a study lists; with fewer, "
        "fewer are right and scores are higher, which the deviation says. A candidate is embedded with its paragraph as the "
        "second text, as in training; XTREME-R's script joins the two without a separator. Its scorer has no LAReQA; mAP@20 "
        "is the paper's measure, here over all right sentences of all languages. The paragraphs are those of XQuAD, from "
        "SQuAD v1.1's validation split, by which the checkpoint is chosen. XTREME-R trains 3 epochs at 2e-5, 256 sub-tokens."
    ),
    obtain=(
        "Take xquad-r/*.json of github.com/google-research-datasets/lareqa and write them in a mirror as "
        "google-research-datasets--xquad_r/<code>/validation.parquet: one row a question, with columns id, context, question, "
        "answers (as in SQuAD on the hub) and sentence_breaks (pairs of characters)."
    ),
)
