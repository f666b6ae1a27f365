import shutil
from pathlib import Path
from typing import Any

import pytest

from tiny_encoders import write_encoder
from toy_corpus import FIELDS, parallel, write_folder, write_pretraining
from xstilts.fingerprint import differing_fields
from xstilts.pretrain_file import load_pretraining
from xstilts.pretrain_plan import PretrainPlan, make_pretrain_plan
from xstilts.store import Store

SIZES = {"pico": {"hidden": 32, "layers": 2, "heads": 4}, "nano": {"hidden": 64, "layers": 3, "heads": 4}}


def plan(folder: Path, **changes: Any) -> PretrainPlan:
    return make_pretrain_plan(load_pretraining(write_pretraining(folder, parallel(40), **changes)))


def keys(made: PretrainPlan) -> list[str]:
    return [planned.stage.key for planned in made.encoders]


def test_sizes_and_seeds_share_the_tokenizer(tmp_path: Path) -> None:
    made = plan(tmp_path, sizes=SIZES, seeds=[1, 2])
    assert [stage.kind for stage in made.stages.values()] == ["tokenizer"] + ["pretrain"] * 4
    assert [(one.size, one.seed) for one in made.encoders] == [("pico", 1), ("pico", 2), ("nano", 1), ("nano", 2)]
    (tokenizer,) = (stage.key for stage in made.stages.values() if stage.kind == "tokenizer")
    assert {one.stage.inputs for one in made.encoders} == {(tokenizer,)}
    assert len(set(keys(made))) == 4
    titles = [stage.title for stage in made.stages.values()]
    assert titles[:2] == ["tokenizer of 90 bpe pieces", "pretrain 2 layers of 32, seed 1"]
    assert made.languages == ["en", "xx", "yy"]


def test_names_and_places_are_in_no_key(tmp_path: Path) -> None:
    here = plan(tmp_path / "a", name="one", sizes={"pico": SIZES["pico"]})
    there = plan(tmp_path / "b", name="other", sizes={"small": SIZES["pico"]})
    assert keys(here) == keys(there)
    assert list(here.stages) == list(there.stages)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"train": {**FIELDS["train"], "updates": 13}}, "train.updates"),
        ({"objective": {"translation": 0.5, "mask_share": 0.2}}, "objective.mask_share"),
        ({"objective": {"translation": 0.5, "restart_positions": False}}, "objective.restart_positions"),
        ({"corpus": {**FIELDS["corpus"], "pivot": "en"}}, "corpus.pivot"),
        ({"init": {"mimetic": False}}, "start.mimetic"),
        ({"seeds": [2]}, "seed"),
        ({"sizes": {"pico": {**SIZES["pico"], "intermediate": 64}}}, "start.size.intermediate"),
    ],
)
def test_what_changes_an_encoder_and_not_its_tokenizer(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    before, after = plan(tmp_path), plan(tmp_path, **changes)
    found = differing_fields(before.encoders[0].stage.canonical, after.encoders[0].stage.canonical)
    assert [name for name, _, _ in found] == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"tokenizer": {"kind": "unigram", "size": 90}},
        {"tokenizer": {"kind": "bpe", "size": 91}},
        {"corpus": {**FIELDS["corpus"], "alpha": 0.6}},
        {"corpus": {**FIELDS["corpus"], "limit": 30}},
        {"corpus": {**FIELDS["corpus"], "held_out": 3}},
        {"corpus": {**FIELDS["corpus"], "languages": ["en", "xx"]}},
    ],
)
def test_what_changes_the_tokenizer_changes_all(tmp_path: Path, changes: dict[str, Any]) -> None:
    before, after = plan(tmp_path), plan(tmp_path, **changes)
    assert set(before.stages).isdisjoint(after.stages)


def test_another_text_is_another_encoder(tmp_path: Path) -> None:
    before = plan(tmp_path)
    write_folder(tmp_path / "text", parallel(40, seed=2))
    after = make_pretrain_plan(load_pretraining(tmp_path / "toy.yaml"))
    assert set(before.stages).isdisjoint(after.stages)


def test_a_tokenizer_that_exists_is_known_by_its_content(tmp_path: Path) -> None:
    write_encoder(tmp_path / "one", "xlm-roberta")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    here, there = (plan(tmp_path, tokenizer={"path": name}) for name in ("one", "copy"))
    assert [stage.kind for stage in here.stages.values()] == ["pretrain"]
    assert keys(here) == keys(there)
    config = tmp_path / "copy" / "tokenizer.json"
    config.write_text(config.read_text().replace('"▁', '"_', 1))
    assert keys(plan(tmp_path, tokenizer={"path": "copy"})) != keys(here)


def test_training_that_goes_on_depends_on_its_start(tmp_path: Path) -> None:
    write_encoder(tmp_path / "one", "xlm-roberta")
    write_encoder(tmp_path / "other", "xlm-roberta", seed=1)
    here, there = (plan(tmp_path, tokenizer=None, sizes=None, init={"start": name}) for name in ("one", "other"))
    assert keys(here) != keys(there)
    (planned,) = here.encoders
    assert (planned.size, planned.stage.inputs, planned.stage.title) == ("start", (), "pretrain from a checkpoint, seed 1")


def test_a_tokenizer_nobody_needs_is_not_made(tmp_path: Path) -> None:
    made, store = plan(tmp_path), Store(tmp_path / "out")
    assert made.todo(store) == list(made.stages.values())
    with store.lock(made.encoders[0].stage) as mine, store.writing(made.encoders[0].stage):
        assert mine
    assert made.todo(store) == []


def made_of(folder: Path, **changes: Any) -> PretrainPlan:
    constructed = {"languages": ["en", "cc", "r10"], "size": 40, **changes}
    return plan(folder, corpus={"constructed": constructed, "held_out": 2})


def test_constructed_languages_are_a_corpus_without_files(tmp_path: Path) -> None:
    made = made_of(tmp_path / "a")
    assert made.languages == ["cc", "en", "r10"]
    own, translations = made.folders
    assert (own.parallel, translations.parallel) == (False, True)
    assert {code: len(lines) for code, lines in own.read().items()} == {"en": 40, "cc": 40, "r10": 4}
    assert {code: sum(map(bool, lines)) for code, lines in translations.read().items()} == {"en": 40, "cc": 40, "r10": 4}
    assert {len(lines) for lines in translations.read().values()} == {40}
    assert keys(made) == keys(made_of(tmp_path / "b"))


@pytest.mark.parametrize("changes", [{"languages": ["en", "cc"]}, {"size": 41}, {"domains": ["harbour"]}])
def test_what_changes_constructed_text(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert keys(made_of(tmp_path / "a")) != keys(made_of(tmp_path / "b", **changes))


def test_the_dials_of_a_declared_language_are_in_the_key(tmp_path: Path) -> None:
    found = []
    for order in ("VSO", "VOS"):
        file = tmp_path / f"{order}.yaml"
        file.write_text(f"languages: {{zz: {{order: {order}}}}}\n")
        found.append(keys(made_of(tmp_path / order, languages=["en", "zz"], family=str(file))))
    assert found[0] != found[1]
