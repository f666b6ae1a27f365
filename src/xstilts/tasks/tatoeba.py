"""Tatoeba: find each English sentence's translation among 1,000, in 36 languages (Artetxe and Schwenk, TACL 2019)."""

from xstilts.task import Bitext, HubData, Row, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Bitext:
    """Read one hub row, which is one pair; some copies of this data keep the line ends."""
    return Bitext(foreign=(row["sentence1"].strip(),), source=(row["sentence2"].strip(),), gold=((0, 0),))


TASK = Task(
    name="tatoeba",
    title="Tatoeba: find each English sentence's translation, in 36 languages",
    version=1,
    kind="retrieval",
    labels=(),
    data=HubData(
        path="mteb/tatoeba-bitext-mining",
        config="{code}-eng",
        revision="69e8f12da6e31d59addadda9a9c8a2e601a0e282",
        splits={"test": "test"},
    ),
    languages=by_tag(
        "afr ara ben bul deu ell est eus fin fra heb hin hun ind ita jav jpn kat kaz kor mal mar nld pes por rus spa "
        "swh tam tel tgl tha tur urd vie zho_Hans=cmn"
    ),
    metric="accuracy",
    read_row=read_row,
    sizes={"test": 1_000},
    characters=75,
    licence="CC BY 2.0 FR",
    citation=(
        "Artetxe and Schwenk, Massively Multilingual Sentence Embeddings for Zero-Shot Cross-Lingual Transfer and "
        "Beyond, TACL 2019"
    ),
    traps=(
        "No training data: sentences are compared as the encoder embeds them, so layer and pooling belong to the "
        "score. English sentences are the queries. Languages have other English sentences and other numbers of them "
        "(205 in Javanese, 234 in Telugu), so that they do not compare with each other. XTREME's paper names 33 "
        "languages, its scorer has these 36. Chinese is in both scripts, filed under zho_Hans."
    ),
)
