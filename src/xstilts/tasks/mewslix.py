"""Mewsli-X: link a mention in the news to its entity's description among a million (Ruder et al., EMNLP 2021)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.passages import Candidate, Match, Search
from xstilts.task import BadRowError, HubData, Row, Task
from xstilts.tasks.codes import by_tag

MARKS = re.compile(r"\{(.*?)\}")  # pairs of marks that stand in a text before its mention is marked


def read_row(row: Row) -> Match | Search | Candidate:
    """Read one row of the release: a training pair, a mention with its context, or an entity of the pool."""
    if "contextual_mention" in row:
        pair = row["contextual_mention"]
        return Match(_marked(pair["context"], pair["mention"]), _description(row["entity"]))
    if "mention" in row:
        mention = row["mention"]
        return Search(_marked(row["context"], mention), mention["example_id"], mention["entity_id"])
    return Candidate(_description(row), None, row["entity_id"], (row["entity_id"],))


def _marked(context: Mapping[str, Any], mention: Mapping[str, Any]) -> str:
    """Return a mention, and its sentence with the mention in marks: "Smith: The verdict came for { Smith } today."

    As `preprocess_mention` in XTREME-R's `third_party/utils_mewslix.py`: the mention stands first so that it is not cut off.
    """
    text, span = context["text"], mention["mention_span"]
    begin, end = span["start"], span["end"]
    if not 0 <= begin < end <= len(text) or text[begin:end] != span["text"]:
        raise BadRowError(
            f"the context has {text[begin:end]!r} at characters {begin} to {end}; expected the mention {span['text']!r}"
        )
    around = [one for one in context["sentence_spans"] if one["start"] <= begin and end <= one["end"]]
    if not around:
        raise BadRowError(f"no sentence holds the mention {span['text']!r} at characters {begin} to {end}; expected one")
    left, right = text[around[0]["start"] : begin], text[end : around[0]["end"]]
    left, right = MARKS.sub(r"(\1)", left), MARKS.sub(r"(\1)", right)
    return _one_line(f"{span['text']}: {left} {{ {span['text']} }} {right}")


def _description(entity: Mapping[str, Any]) -> str:
    text: str = entity["description"]
    spans: Sequence[Mapping[str, int]] = entity["sentence_spans"]
    return _one_line(" ".join(text[one["start"] : one["end"]] for one in spans))


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()).replace("  ", " ").strip()


TASK = Task(
    name="mewslix",
    title="Mewsli-X: link mentions in the news of 11 languages to entities, described in any of 50",
    version=1,
    kind="ranking",
    labels=(),
    data=HubData(path="local/mewslix", config="{code}", revision=""),
    pool=HubData(path="local/mewslix", config="candidates", revision="", splits={"test": "entities"}),
    languages=by_tag("ar de en es pes_Arab=fa ja pl ro ta tr uk"),
    metric="map_at_20",
    read_row=read_row,
    sizes={"train": 167_719, "validation": 14_051, "test": 1_490},
    licence="CC BY-SA (Wikipedia), CC BY (WikiNews)",
    citation=(
        "Ruder, Constant, Botha, Siddhant, Firat, Fu, Liu, Hu, Garrette, Neubig and Johnson, XTREME-R: Towards More "
        "Challenging and Nuanced Multilingual Evaluation, EMNLP 2021"
    ),
    traps=(
        "The release of May 2022 (mewsli-x_20220518_6) is not the data of the paper: its makers say that scores on it cannot "
        "be compared with the paper's. English training and validation pairs are from Wikipedia, test mentions from WikiNews; "
        "the release's WikiNews development split is not used. The pool has 1,003,893 entities, each once; in float32 their "
        "vectors take 3 GB for 768 dimensions. A query is one sentence with its mention in braces. One entity is right, so "
        "mAP@20 is the mean reciprocal rank. XTREME-R trains 2 epochs at 2e-5, 64 sub-tokens, batches of 64."
    ),
    obtain=(
        "Run get-mewsli-x.sh of github.com/google-research/google-research (dense_representations_for_entity_retrieval/mel) "
        "and write its files in a mirror under local--mewslix: wikipedia_pairs-train.jsonl as en/train.parquet, "
        "wikipedia_pairs-dev.jsonl as en/validation.parquet, candidate_set_entities.jsonl as candidates/entities.parquet, and "
        "the mentions of wikinews_mentions-test.jsonl as <language>/test.parquet, one row a mention with columns context and "
        "mention (docs/file_formats.md)."
    ),
)
