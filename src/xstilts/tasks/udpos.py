"""UD-POS: universal part-of-speech tags in 33 languages (Universal Dependencies 2.5, as in XTREME, ICML 2020)."""

from xstilts.task import HubData, Row, TaggedWords, Task, label_name
from xstilts.tasks.codes import by_tag

# position = integer tag in the hub's rows
LABELS = (
    "ADJ",
    "ADP",
    "ADV",
    "AUX",
    "CCONJ",
    "DET",
    "INTJ",
    "NOUN",
    "NUM",
    "PART",
    "PRON",
    "PROPN",
    "PUNCT",
    "SCONJ",
    "SYM",
    "VERB",
    "X",
)


def read_row(row: Row) -> TaggedWords:
    """Read one hub row; `row["pos_tags"]` are indices into LABELS."""
    return TaggedWords(words=tuple(row["tokens"]), tags=tuple(label_name(LABELS, tag) for tag in row["pos_tags"]))


TASK = Task(
    name="udpos",
    title="UD-POS: universal part-of-speech tags in 33 languages",
    version=1,
    kind="tagging",
    labels=LABELS,
    data=HubData(path="google/xtreme", config="udpos.{code}", revision="ec5f1f46e9af79639a90684a7a70a956c4998f04"),
    languages=by_tag(
        "Afrikaans Arabic Basque Bulgarian zho_Hans=Chinese Dutch English Estonian Finnish French German Greek Hebrew "
        "Hindi Hungarian Indonesian Italian Japanese Kazakh Korean Marathi Persian Portuguese Russian Spanish Tagalog "
        "Tamil Telugu Thai Turkish Urdu Vietnamese Yoruba"
    ),
    metric="tagging_f1",
    read_row=read_row,
    sizes={"train": 21_253, "validation": 3_974, "test": 5_440},
    characters=89,
    licence="each treebank its own: CC BY, CC BY-SA or CC BY-NC-SA",
    citation=(
        "Zeman, Nivre and others, Universal Dependencies 2.5, LINDAT/CLARIAH-CZ 2019; Hu, Ruder, Siddhant, Neubig, "
        "Firat and Johnson, XTREME, ICML 2020"
    ),
    traps=(
        "XTREME's F1 is not token accuracy: it merges equal neighbours and so differs from newer scorers. 124 of the "
        "5,440 English test sentences and 96 of the 3,974 validation sentences, mostly of a few words, are in the English "
        "train split too. Thai, "
        "Tagalog and Yoruba have a test split only, Kazakh no validation split. The hub's copy takes every UD 2.5 "
        "treebank with the language's name in its own, so that Greek holds Ancient Greek, French Old French and "
        "Chinese Classical Chinese; XTREME's own script leaves them out and, in its later version, takes UD 2.7: "
        "scores on the two do not compare. Rows tell: 2.5 has 21,253 English training sentences. Chinese is in both "
        "scripts, filed under zho_Hans."
    ),
)
