"""WikiAnn (PAN-X): persons, organisations, places in 40 languages (Pan et al., ACL 2017; Rahimi et al., ACL 2019)."""

from xstilts.task import HubData, Row, TaggedWords, Task, label_name
from xstilts.tasks.codes import by_tag

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")  # position = integer tag in the hub's rows


def read_row(row: Row) -> TaggedWords:
    """Read one hub row; `row["ner_tags"]` are indices into LABELS."""
    return TaggedWords(words=tuple(row["tokens"]), tags=tuple(label_name(LABELS, tag) for tag in row["ner_tags"]))


TASK = Task(
    name="panx",
    title="WikiAnn (PAN-X): persons, organisations and places in 40 languages",
    version=1,
    kind="tagging",
    labels=LABELS,
    data=HubData(path="unimelb-nlp/wikiann", config="{code}", revision="f0a3be6dc5564c0cc4150bb660144800a1f539d4"),
    languages=by_tag(
        "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta te th tl tr "
        "ur vi yo zho_Hans=zh"
    ),
    metric="span_f1",
    read_row=read_row,
    sizes={"train": 20_000, "validation": 10_000, "test": 10_000},
    characters=41,
    licence="ODC-BY; the text CC BY-SA (Wikipedia)",
    citation=(
        "Pan, Zhang, May, Nothman, Knight and Ji, Cross-lingual Name Tagging and Linking for 282 Languages, ACL 2017; "
        "splits: Rahimi, Li and Cohn, Massively Multilingual Transfer for NER, ACL 2019"
    ),
    traps=(
        "Tags were made by machine from links. Splits differ in size by language: 10,000 validation sentences in "
        "German, 100 in Burmese, Javanese and Yoruba. "
        "325 of the 10,000 English validation sentences are in the English train split too (letter case apart). "
        "Some words are only invisible characters (U+200E, U+FEFF), which "
        "a tokenizer drops: they still need a tag. Chinese is in both scripts, filed under zho_Hans."
    ),
)
