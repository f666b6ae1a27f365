"""Mewsli-X in a mirror made here: trained on pairs, one pool for all languages, XTREME's golden labels as the mentions."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import toy
from in_process import go, rows
from xstilts.errors import StudyError
from xstilts.metrics.ranking import map_at_20
from xstilts.planner import make_plan
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.tasks import TASKS

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[1] / "../shared"))
LABELS = SHARED / "golden" / "xtreme" / "labels" / "mewslix"
WORDS = [word for words in toy.WORDS.values() for word in words]
TRAIN = {"learning_rate": 2e-3, "epochs": 1, "batch_size": 8, "max_length": 32, "precision": "float32"}


def entity(name: str) -> toy.Row:
    text = f"{' '.join(random.Random(name).sample(WORDS, 5))}. it is here."
    end = text.index(".") + 1
    spans = [{"start": 0, "end": end}, {"start": end + 1, "end": len(text)}]
    return {"entity_id": name, "title": "t", "description": text, "sentence_spans": spans}


def mention(name: str, of: str) -> toy.Row:
    words = " ".join(random.Random(of).sample(WORDS, 5))
    text = f"today it is. the {words} stood."
    span = {"start": 17, "end": 17 + len(words), "text": words}
    sentences = [{"start": 0, "end": 12}, {"start": 13, "end": len(text)}]
    context = {"document_id": "d", "language": "x", "text": text, "sentence_spans": sentences}
    return {"context": context, "mention": {"example_id": name, "entity_id": of, "mention_span": span}}


def gold(code: str) -> dict[str, list[str]]:
    """Return the official labels of a language, or such as they look where they are not at hand."""
    if LABELS.is_dir():
        found: dict[str, list[str]] = json.loads((LABELS / f"test-{code}.json").read_text())
        return found
    return {f"{code}1": ["Q1"], f"{code}2": ["Q77"]}


def write(folder: Path, *, lost: str = "") -> Path:
    codes = TASKS["mewslix"].languages.values()
    tests = {f"{code}/test": [mention(name, right[0]) for name, right in gold(code).items()] for code in codes}
    wanted = {right[0] for code in codes for right in gold(code).values()}
    pool = [entity(name) for name in sorted({*wanted, *(f"Q9{i:05}" for i in range(40))} - {lost})]
    pairs = [{"contextual_mention": mention(f"w{i}", f"Q{i}"), "entity": entity(f"Q{i}")} for i in range(64)]
    files = {"en/train": pairs[:48], "en/validation": pairs[48:], "candidates/entities": pool, **tests}
    return toy.write_mirror(folder, {"local/mewslix": files})


def study(folder: Path, encoder: Path, mirror: Path, **changes: Any) -> Path:
    base = {"intermediates": {"b": []}, "targets": ["mewslix"], "train": TRAIN}
    return toy.write_study(folder, encoder, mirror, **{**base, **changes})


def test_all_languages_search_one_pool(tmp_path: Path, tiny_encoder: Path) -> None:
    outcome, log = go(study(tmp_path, tiny_encoder, write(tmp_path / "mirror")), tmp_path / "out")
    assert (outcome.failed, log.kinds) == ({}, {"train": 1, "embed": 12, "predict": 11, "score": 11})
    found = {row["language"]: row for row in rows(outcome, tmp_path / "out")}
    assert set(found) == set(TASKS["mewslix"].languages)
    store = Store(tmp_path / "out")
    for planned in outcome.plan.scores:
        folder = store.folder(outcome.plan.stages[planned.stage.inputs[0]])
        table = pq.read_table(folder / "predictions.parquet").to_pylist()
        code = TASKS["mewslix"].languages[planned.language]
        assert {row["example_id"]: row["gold"] for row in table} == gold(code)
        assert all(name.startswith("Q") for row in table for name in row["prediction"])
        row = found[planned.language]
        assert row["value"] == map_at_20([r["gold"] for r in table], [r["prediction"] for r in table])["map@20"]
        assert (row["split"], row["zero_shot"]) == ("test", planned.language != "eng_Latn")
        assert "mewslix training data: 48 rows in place of the standard task's 167,719" in row["deviation"]
        assert "candidates in" not in row["deviation"]


def test_a_mention_without_its_entity_in_the_pool_is_told(tmp_path: Path, tiny_encoder: Path) -> None:
    lost = next(iter(gold("ta").values()))[0]
    mirror = write(tmp_path / "mirror", lost=lost)
    outcome, _ = go(study(tmp_path, tiny_encoder, mirror, languages={"mewslix": ["ta", "en"]}), tmp_path / "out")
    ((title, reason),) = outcome.failed.items()
    assert title.startswith("predict mewslix from vectors")
    assert "queries have no right candidate among the" in reason
    assert next(iter(gold("ta"))) in reason
    assert [row["language"] for row in rows(outcome, tmp_path / "out")] == ["eng_Latn"]


def test_without_the_data_it_is_said_where_to_get_them(tmp_path: Path, tiny_encoder: Path, toy_mirror: Path) -> None:
    with pytest.raises(StudyError, match=r"does not hold local/mewslix, configuration en.*Run get-mewsli-x\.sh of"):
        load_study(study(tmp_path, tiny_encoder, toy_mirror))


def test_the_pool_is_not_embedded_for_each_language(tmp_path: Path, tiny_encoder: Path) -> None:
    plan = make_plan(load_study(study(tmp_path, tiny_encoder, write(tmp_path / "mirror"), seeds=[1, 2])))
    pools = [stage for stage in plan.stages.values() if stage.value.get("side") == "candidates"]
    assert len(pools) == 2, "one for each trained model"
    assert all("limit" not in stage.value for stage in pools)
