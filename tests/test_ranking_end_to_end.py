"""A dual encoder from the study file to the table: trained, pool embedded, queries searched, against a plain search."""

import json
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

import toy
from in_process import Log, contents, go, rows
from xstilts.estimate import seconds_left
from xstilts.execute.local import Outcome
from xstilts.planner import make_plan
from xstilts.store import Store
from xstilts.study_file import load_study

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[1] / "../shared"))
TRAIN = {"learning_rate": 2e-3, "epochs": 4, "batch_size": 16, "max_length": 48, "precision": "float32"}
QUESTIONS = 24


def paragraphs(count: int, seed: str, ending: str = "") -> list[toy.Row]:
    """Return rows in XQuAD-R's form: two sentences a paragraph, and a question with the words of one of them."""
    draw, found = random.Random(seed), []
    for i in range(count):
        sentences = [[draw.choice(toy.WORDS[tag]) for tag in toy.PATTERN] for _ in range(2)]
        right = draw.randrange(2)
        words = [" ".join(word + ending for word in sentence) for sentence in sentences]
        texts = [f"{text[0].upper()}{text[1:]}." for text in words]
        start = len(texts[0]) + 1
        found.append(
            {
                "id": f"q{i}",
                "context": " ".join(texts),
                "question": f"who {words[right]}",
                "sentence_breaks": [[0, start - 1], [start, start + len(texts[1])]],
                "answers": {"text": [texts[right]], "answer_start": [start * right]},
            }
        )
    return found


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parallel = {code: paragraphs(QUESTIONS, "parallel", ending) for code, ending in (("en", ""), ("de", "en"), ("tr", "a"))}
    return toy.write_mirror(
        tmp_path_factory.mktemp("ranking") / "mirror",
        {
            "rajpurkar/squad": {f"plain_text/{s}": paragraphs(n, s) for s, n in (("train", 240), ("validation", 40))},
            "google-research-datasets/xquad_r": {f"{code}/validation": found for code, found in parallel.items()},
        },
    )


def run(folder: Path, encoder: Path, mirror: Path, **changes: Any) -> tuple[Outcome, Path, Log]:
    study = toy.write_study(
        folder, encoder, mirror, **{"intermediates": {"baseline": []}, "targets": ["lareqa"], "train": TRAIN, **changes}
    )
    outcome, log = go(study, folder / "out", keep="all")
    assert (outcome.failed, log.said) == ({}, [])
    return outcome, folder / "out", log


def plain_search(folder: Path, asked: Sequence[Mapping[str, Any]], pool: Mapping[str, Sequence[Any]], length: int) -> Any:
    """Return question -> (names of the right sentences, the cosine of every sentence by its name), one text at a time."""
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)

    def vector(*texts: str) -> torch.Tensor:
        with torch.no_grad():
            encoded = tokenizer(*texts, truncation="longest_first", max_length=length, return_tensors="pt")
            return functional.normalize(model(**encoded).last_hidden_state[0, 0], dim=-1)

    names, right, vectors = [], {}, []
    for code, table in pool.items():
        for number, context in enumerate(dict.fromkeys(row["context"] for row in table), start=1):
            questions = [row for row in table if row["context"] == context]
            for position, (begin, end) in enumerate(questions[0]["sentence_breaks"]):
                names.append(f"{code}_{number}_{position}")
                vectors.append(vector(context[begin:end], context))
                for row in questions:
                    if begin <= row["answers"]["answer_start"][0] < end:
                        right.setdefault(row["id"], []).append(names[-1])
    matrix = torch.stack(vectors)
    found = {}
    for row in asked:
        cosines = (matrix @ vector(row["question"])).tolist()
        found[row["id"]] = (right[row["id"]], dict(zip(names, cosines, strict=True)))
    return found


def check(outcome: Outcome, out: Path, pool: Mapping[str, Sequence[Any]], limit: int | None = None) -> list[dict[str, Any]]:
    """Compare every prediction and score with those of the plain search; return the rows of the results."""
    length = outcome.plan.study.train.max_length
    by_language = {row["language"]: row for row in rows(outcome, out)}
    store = Store(out)
    (trained,) = (stage for stage in outcome.plan.stages.values() if stage.kind == "train")
    for planned in outcome.plan.scores:
        table = pq.read_table(store.folder(outcome.plan.stages[planned.stage.inputs[0]]) / "predictions.parquet").to_pylist()
        code = outcome.plan.tasks["lareqa"].languages[planned.language]
        names = {row["example_id"] for row in table}
        asked = [row for row in pool[code] if row["id"] in names]
        assert len(table) == len(asked) == (limit or len(pool[code]))
        expected, precisions = plain_search(store.folder(trained), asked, pool, length), []
        for row in table:
            right, cosines = expected[row["example_id"]]
            assert row["gold"] == right
            assert len(set(row["prediction"])) == 20
            assert [cosines[name] for name in row["prediction"]] == pytest.approx(row["similarity"], abs=1e-5)
            assert row["similarity"] == pytest.approx(sorted(cosines.values(), reverse=True)[:20], abs=1e-5)
            hits = [rank for rank, name in enumerate(row["prediction"], start=1) if name in right]
            precisions.append(sum((i + 1) / rank for i, rank in enumerate(hits)) / min(len(right), 20))
        row = by_language[planned.language]
        assert (row["metric"], row["n"], row["flags"]) == ("map@20", len(table), "")
        assert row["value"] == pytest.approx(100 * sum(precisions) / len(precisions))
    return list(by_language.values())


def table_of(mirror: Path, code: str) -> list[dict[str, Any]]:
    path = mirror / "google-research-datasets--xquad_r" / code / "validation.parquet"
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_training_beats_the_untrained_encoder(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    pool = {code: table_of(mirror, code) for code in ("de", "en", "tr")}
    (tmp_path / "untrained").mkdir()
    barely = {**TRAIN, "learning_rate": 1e-9, "epochs": 1}
    values = {}
    for name, train in (("trained", TRAIN), ("untrained", barely)):
        (tmp_path / name).mkdir(exist_ok=True)
        outcome, out, log = run(tmp_path / name, tiny_encoder, mirror, train=train)
        assert log.kinds == {"train": 1, "embed": 6, "predict": 3, "score": 3}
        values[name] = {row["language"]: row for row in check(outcome, out, pool)}
    english = {name: found["eng_Latn"]["value"] for name, found in values.items()}
    assert english["trained"] > english["untrained"] + 10
    row = values["trained"]["deu_Latn"]
    assert (row["zero_shot"], row["split"]) == (True, "test")
    assert "candidates in 3 of lareqa's 11 languages" in row["deviation"].split("; ")
    assert "squad_sentences training data: 240 rows in place of the standard task's 87,599" in row["deviation"]
    training = json.loads(next(out.glob("train/*/training.json")).read_text())
    assert 0 < training["best_value"] <= 100


def test_the_pool_does_not_shrink_with_the_languages_of_the_queries(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    short = {**TRAIN, "epochs": 0.2}
    pool = {code: table_of(mirror, code) for code in ("de", "en", "tr")}
    changes: dict[str, Any] = {"train": short, "limit": {"evaluate": 10}}
    outcome, out, log = run(tmp_path, tiny_encoder, mirror, languages={"lareqa": ["tr"]}, **changes)
    assert log.kinds == {"train": 1, "embed": 4, "predict": 1, "score": 1}
    (row,) = check(outcome, out, pool, limit=10)
    assert "at most 10 evaluation examples" in row["deviation"]
    before = contents(out, "predictions.parquet")
    # another language of queries embeds these queries alone, and changes nothing of the first
    outcome, out, log = run(tmp_path, tiny_encoder, mirror, languages={"lareqa": ["tr", "en"]}, **changes)
    assert log.kinds == {"embed": 1, "predict": 1, "score": 1}
    assert before.items() <= contents(out, "predictions.parquet").items()


def test_a_mixture_with_another_kind_and_ranking_as_an_intermediate(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    both = {"both": [{"mix": ["squad_v1", "squad_sentences"]}]}
    outcome, out, _ = run(
        tmp_path,
        tiny_encoder,
        mirror,
        intermediates={"baseline": [], **both},
        targets=["squad_sentences"],
        train={**TRAIN, "epochs": 0.5},
    )
    (mixed,) = (stage for stage in outcome.plan.stages.values() if stage.kind == "train" and len(stage.value["tasks"]) == 2)
    assert (out / "train" / mixed.key / "heads" / "squad_sentences" / "model.safetensors").is_file()
    assert {row["intermediate"]: row["n"] for row in rows(outcome, out)} == {"baseline": 40, "both": 40}


def test_vectors_are_deleted_once_searched(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    study = toy.write_study(
        tmp_path, tiny_encoder, mirror, intermediates={"b": []}, targets=["lareqa"], train={**TRAIN, "epochs": 0.1}
    )
    outcome, _ = go(study, tmp_path / "out")
    assert (outcome.failed, outcome.blocked) == ({}, 0)
    assert list((tmp_path / "out" / "embed").glob("*/vectors.safetensors")) == []
    assert go(study, tmp_path / "out")[1].ran == []


def test_the_time_that_the_pool_takes_is_known(tmp_path: Path, tiny_encoder: Path, mirror: Path) -> None:
    study = toy.write_study(tmp_path, tiny_encoder, mirror, intermediates={"b": []}, targets=["lareqa"], limit={"evaluate": 10})
    plan = make_plan(load_study(study))
    sides = {side: [s for s in plan.stages.values() if s.value.get("side") == side] for side in ("candidates", "queries")}
    # of three languages; the limit is the queries'
    assert seconds_left(plan, sides["candidates"], {"embed": 12.0}) == pytest.approx(3 * QUESTIONS / 12)
    assert seconds_left(plan, sides["queries"], {"embed": 12.0}) == pytest.approx(3 * 10 / 12)


@pytest.mark.slow
def test_lareqa_on_real_text(tmp_path: Path, shared_mirror: Path) -> None:
    """With 8 paragraphs of three languages: all of them would take minutes."""
    nano = SHARED / "encoders" / "nano"
    if not nano.is_dir():
        pytest.skip(f"no encoder at {nano}")
    squad = pq.read_table(shared_mirror / "rajpurkar--squad/plain_text/train.parquet").slice(0, 64).to_pylist()
    parts = {code: table_of(shared_mirror, code)[:40] for code in ("en", "de", "zh")}
    mirror = toy.write_mirror(
        tmp_path / "mirror",
        {
            "rajpurkar/squad": {"plain_text/train": squad, "plain_text/validation": squad[:16]},
            "google-research-datasets/xquad_r": {f"{code}/validation": part for code, part in parts.items()},
        },
    )
    train = {**TRAIN, "learning_rate": 2e-4, "epochs": 1, "max_length": 64}
    outcome, out, _ = run(tmp_path, nano, mirror, train=train, languages={"lareqa": ["en", "zh"]})
    pool = {code: parts[code] for code in ("de", "en", "zh")}
    assert len(check(outcome, out, pool)) == 2
