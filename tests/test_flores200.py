"""FLORES-200: any two languages compared, each embedded once; xSIM against the definition, written out here."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

import toy
from conftest import SHARED
from in_process import Log, go, rows
from study_world import assert_one, make_world, problems
from xstilts.benchmarks import benchmark
from xstilts.coverage import coverage
from xstilts.execute.local import Outcome
from xstilts.planner import make_plan
from xstilts.store import Store
from xstilts.study_file import load_study

Matrix = npt.NDArray[np.float64]
CODES = ("eng_Latn", "deu_Latn", "fra_Latn", "ekk_Latn")
TAGS = ("eng_Latn", "deu_Latn", "fra_Latn", "est_Latn")
FLORES = "openlanguagedata/flores_plus"


def xsim_error(queries: Matrix, index: Matrix) -> float:
    """Return LASER's error rate in percent, one sentence after the other: cosine, 4 neighbours, ratio margin."""
    queries = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    index = index / np.linalg.norm(index, axis=1, keepdims=True)
    cosine = queries @ index.T
    around = [np.sort(row)[-4:].mean() for row in cosine]
    around_index = [np.sort(column)[-4:].mean() for column in cosine.T]
    wrong = 0
    for i, row in enumerate(cosine):
        best = max(np.argsort(row)[-4:], key=lambda j: row[j] / ((around[i] + around_index[j]) / 2))
        wrong += int(best) != i
    return 100 * wrong / len(queries)


def accuracy(queries: Matrix, index: Matrix) -> float:
    cosine = (queries / np.linalg.norm(queries, axis=1, keepdims=True)) @ (
        index / np.linalg.norm(index, axis=1, keepdims=True)
    ).T
    return 100 * float(np.mean(cosine.argmax(1) == np.arange(len(queries))))


def sentences(language: str, count: int = 12) -> list[toy.Row]:
    ending = {"deu_Latn": "en", "fra_Latn": "a"}.get(language, "")
    words = [word for tag in toy.WORDS.values() for word in tag]
    texts = [" ".join(words[(i * step + step) % len(words)] + ending for step in range(1, 6)) for i in range(count)]
    return [{"id": i, "text": f" {text}\n", "iso_639_3": language[:3]} for i, text in enumerate(texts)]


def write(folder: Path, encoder: Path, **changes: Any) -> Path:
    files = {f"{code}/{split}": sentences(code) for code in CODES for split in ("dev", "devtest")}
    if not (folder / "mirror").exists():
        toy.write_mirror(folder / "mirror", {FLORES: files, "nyu-mll/glue": toy.datasets()["nyu-mll/glue"]})
    study = {"name": "flores", "intermediates": {"baseline": []}, "targets": ["flores200"], **changes}
    return toy.write_study(folder, encoder, folder / "mirror", **study)


def embedded(encoder: Path, texts: Sequence[str], layer: int) -> Matrix:
    """Return the mean of a layer's states of each sentence, one at a time."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(encoder).eval(), AutoTokenizer.from_pretrained(encoder)
    with torch.inference_mode():
        states = [
            model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[layer] for text in texts
        ]
    return np.stack([state[0].double().mean(0).numpy() for state in states])


def values(outcome: Outcome, out: Path, *parts: str) -> dict[tuple[str, str], float]:
    """Return (language, metric) -> value of the one row whose variant has all these parts."""
    chosen = [row for row in rows(outcome, out) if set(parts) <= set(row["variant"].split())]
    found = {(row["language"], row["metric"]): row["value"] for row in chosen}
    assert len(found) == len(chosen)
    return found


def test_each_language_is_embedded_once_and_compared_with_english(tmp_path: Path, tiny_encoder: Path) -> None:
    study = write(tmp_path, tiny_encoder, intermediates={"baseline": [], "nli": ["mnli"]})
    outcome, log = go(study, tmp_path / "out")
    assert (outcome.failed, log.kinds) == ({}, {"train": 1, "predict": 9, "embed": 12, "score": 9})  # the floor too
    found = rows(outcome, tmp_path / "out")
    assert {(row["language"], row["split"], row["n"], row["zero_shot"]) for row in found} == {
        (tag, "test", 12, True) for tag in TAGS[1:]
    }
    assert {row["metric"] for row in found} == {"accuracy", "xsim"}
    how = "layer=1 pooling=mean similarity=cosine centred=no partner=eng_Latn direction="
    assert {row["variant"] for row in found} == {f"{how}to-partner", f"{how}from-partner"}
    assert not list((tmp_path / "out").glob("embed/*/*.safetensors")), "vectors go when they are compared"
    again = write(tmp_path, tiny_encoder, intermediates={"baseline": [], "nli": ["mnli"]}, retrieval={"partners": ["en"]})
    assert go(again, tmp_path / "out")[1].kinds == {}, "the default, written out, is the same"


def test_partners_are_chosen(tmp_path: Path, tiny_encoder: Path) -> None:
    settings = {"partners": ["eng", "German"], "floor": False, "similarity": "margin"}
    outcome, log = go(write(tmp_path, tiny_encoder, retrieval=settings), tmp_path / "out")
    assert log.kinds == {"predict": 4, "embed": 4, "score": 4}
    found = rows(outcome, tmp_path / "out")
    pairs = {(row["language"], row["variant"].split("partner=")[1].split()[0]) for row in found}
    assert pairs == {(tag, partner) for tag in TAGS for partner in ("eng_Latn", "deu_Latn") if tag != partner}
    for language, partner in pairs:
        there = values(outcome, tmp_path / "out", f"partner={partner}", "direction=to-partner")
        assert there[language, "accuracy"] == pytest.approx(100 - there[language, "xsim"])
        if (partner, language) in pairs:
            back = values(outcome, tmp_path / "out", f"partner={language}", "direction=from-partner")
            assert back[partner, "xsim"] == there[language, "xsim"]


def test_all_partners_take_no_more_memory_than_two_languages(
    tmp_path: Path, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xstilts.stages import parallel

    alive: list[int] = []

    def opened(*arguments: Any) -> Any:
        found = original(*arguments)
        alive.append(len(found[0]))
        return found

    original = parallel.read_tensors
    monkeypatch.setattr(parallel, "read_tensors", opened)
    outcome, log = go(
        write(tmp_path, tiny_encoder, retrieval={"partners": "all", "floor": False}), tmp_path / "out", keep="all"
    )
    assert (outcome.failed, log.kinds) == ({}, {"predict": 4, "embed": 4, "score": 4})
    assert alive == [1] * 16, "each comparison opens its language once and each partner once"
    assert len(rows(outcome, tmp_path / "out")) == 4 * 3 * 2 * 2
    store = Store(tmp_path / "out")
    for stage in (stage for stage in log.ran if stage.kind == "predict"):
        file = pq.ParquetFile(store.folder(stage) / "predictions.parquet")
        assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [12] * 6


def test_sentences_are_paired_by_id(tmp_path: Path, tiny_encoder: Path) -> None:
    """The order of the rows does not count, nor what only one language has."""
    settings = {"partners": ["eng"], "floor": False}
    outcome, _ = go(write(tmp_path, tiny_encoder, retrieval=settings), tmp_path / "out")
    other = tmp_path / "other"
    files = {f"{code}/devtest": sentences(code) for code in CODES}
    files["deu_Latn/devtest"] = [{**row, "id": 99} for row in sentences("deu_Latn", 2)][:1] + files["deu_Latn/devtest"][::-1]
    toy.write_mirror(other / "mirror", {FLORES: files})
    shuffled, _ = go(write(other, tiny_encoder, retrieval=settings), other / "out")
    assert values(shuffled, other / "out", "direction=to-partner") == values(outcome, tmp_path / "out", "direction=to-partner")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"id": 5}, "2 sentences have the id '5'"), ({"text": " "}, "the sentence is empty")],
)
def test_bad_rows_are_refused(tmp_path: Path, tiny_encoder: Path, change: dict[str, Any], words: str) -> None:
    files = {f"{code}/devtest": sentences(code) for code in CODES}
    files["deu_Latn/devtest"][0] |= change
    toy.write_mirror(tmp_path / "mirror", {FLORES: files})
    outcome, _ = go(write(tmp_path, tiny_encoder, retrieval={"floor": False}), tmp_path / "out")
    (reason,) = outcome.failed.values()
    assert words in reason
    assert "deu_Latn" in reason


def test_languages_without_a_common_id_are_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    files = {f"{code}/devtest": sentences(code) for code in CODES}
    files["fra_Latn/devtest"] = [{**row, "id": row["id"] + 100} for row in sentences("fra_Latn")]
    toy.write_mirror(tmp_path / "mirror", {FLORES: files})
    outcome, _ = go(write(tmp_path, tiny_encoder, retrieval={"floor": False}), tmp_path / "out")
    (reason,) = outcome.failed.values()
    assert reason.startswith("flores200: the files of fra_Latn and eng_Latn have no id in common")


def test_a_partner_s_deviation_is_told(tmp_path: Path, tiny_encoder: Path) -> None:
    study = write(tmp_path, tiny_encoder, languages={"flores200": ["de"]}, retrieval={"floor": False})
    listed = json.loads((tmp_path / "mirror" / "mirror.yaml").read_text())
    listed[FLORES]["deviation"] = {"eng_Latn/devtest": "shortened", "fra_Latn/devtest": "other"}
    (tmp_path / "mirror" / "mirror.yaml").write_text(json.dumps(listed))
    (planned,) = make_plan(load_study(study)).scores
    assert planned.deviation == "flores200 evaluation data: shortened"


def test_what_cannot_be_compared_is_told_when_the_study_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_world(tmp_path, monkeypatch)
    text = study.read_text().replace("tatoeba]", "tatoeba, flores200]")
    for written, line, words in (
        ("partners: [en, xx]", 16, ["`retrieval.partners`: unknown language 'xx'"]),
        ("partners: [en, eng]", 16, ["'en' and 'eng' both mean eng_Latn", "Remove one."]),
        ("partners: [en, fra]", 9, ["no evaluation data of 'flores200' in fra_Latn", "partners"]),
        ("partners: english", 16, ["`retrieval.partners`", "expected all, or a list of languages such as [en, de]"]),
        ("partners: []", 16, ["`retrieval.partners`"]),
    ):
        study.write_text(f"{text}retrieval: {{{written}}}\n")
        assert_one(problems(study), line, *words)
    study.write_text(text.replace("{tatoeba:", "{flores200: [en], tatoeba:"))
    assert_one(problems(study), 9, "'flores200' compares pairs of languages, and eng_Latn has no partner but itself")
    study.write_text(f"{text.replace(', flores200]', ']')}retrieval: {{partners: all}}\n")
    assert_one(problems(study), 16, "`retrieval.partners` changes nothing", "those are flores200")


@pytest.mark.parametrize(
    ("partners", "lack"),
    [
        (None, ""),
        ("all", ""),
        (["de", "en"], ""),
        (["de"], "flores200: not evaluated, for no language is compared with eng_Latn (`retrieval.partners`)."),
    ],
)
def test_the_benchmark_is_of_pairs_with_english(tmp_path: Path, tiny_encoder: Path, partners: Any, lack: str) -> None:
    settings = {"floor": False} | ({} if partners is None else {"partners": partners})
    plan = make_plan(load_study(write(tmp_path, tiny_encoder, retrieval=settings)))
    found = next(one for one in coverage(plan, benchmark("flores-200")) if one.task.name == "flores200")
    assert (len(found.languages), "eng_Latn" in found.languages) == (204, False)
    assert found.planned == (frozenset() if lack else {"deu_Latn", "fra_Latn", "est_Latn"})
    if lack:
        assert found.lack == lack
    else:
        assert found.lack.startswith("flores200: 3 of 204 languages, without ace_Arab ")


def test_other_tasks_keys_do_not_depend_on_partners(write_study: Any) -> None:
    plain, chosen = (load_study(write_study(**changes)) for changes in ({}, {}))
    partners = chosen.retrieval.model_copy(update={"partners": ("deu_Latn",)})
    assert list(make_plan(plain).stages) == list(make_plan(chosen.model_copy(update={"retrieval": partners})).stages)


def test_xsim_of_real_text_is_the_definition_s(tmp_path: Path) -> None:
    raw, encoder = SHARED / "data" / "raw" / "ntrex128", SHARED / "encoders" / "nano"
    if not raw.is_dir() or not encoder.is_dir():
        pytest.skip(f"no parallel text at {raw}, or no encoder at {encoder}")
    texts = {
        tag: gzip.decompress((raw / f"{code}.txt.gz").read_bytes()).decode().splitlines()[:150]
        for tag, code in (("eng_Latn", "en"), ("deu_Latn", "de"), ("fra_Latn", "fr"))
    }
    files = {f"{tag}/devtest": [{"id": i, "text": text} for i, text in enumerate(lines)] for tag, lines in texts.items()}
    toy.write_mirror(tmp_path / "mirror", {FLORES: files})
    settings = {"layers": [4], "centred": "both", "partners": ["en", "de"], "floor": False}
    study = write(tmp_path, encoder, languages={"flores200": ["de", "fr"]}, retrieval=settings)
    outcome, log = go(study, tmp_path / "out")
    assert log.kinds == {"predict": 2, "embed": 3, "score": 2}
    vectors = {tag: embedded(encoder, lines, 4) for tag, lines in texts.items()}
    errors = []
    for centred, word in ((False, "no"), (True, "yes")):
        sides = {tag: matrix - matrix.mean(0) if centred else matrix for tag, matrix in vectors.items()}
        for language, partner in (("deu_Latn", "eng_Latn"), ("fra_Latn", "eng_Latn"), ("fra_Latn", "deu_Latn")):
            here, there = sides[language], sides[partner]
            for direction, queries, index in (("to-partner", here, there), ("from-partner", there, here)):
                parts = (f"centred={word}", f"partner={partner}", f"direction={direction}")
                found = values(outcome, tmp_path / "out", *parts)
                assert found[language, "xsim"] == pytest.approx(xsim_error(queries, index))
                assert found[language, "accuracy"] == pytest.approx(accuracy(queries, index))
                errors.append(found[language, "xsim"])
    assert 0 < min(errors) < max(errors) < 100


def test_a_killed_run_s_rows_are_made_again_alike(tmp_path: Path, tiny_encoder: Path) -> None:
    study = write(tmp_path, tiny_encoder, retrieval={"partners": "all", "floor": False})
    first, _ = go(study, tmp_path / "one")
    second, log = go(study, tmp_path / "two", Log())
    assert rows(first, tmp_path / "one") == rows(second, tmp_path / "two")
    assert len(log.ran) == 12
