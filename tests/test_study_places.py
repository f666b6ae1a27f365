"""Every mistake of place: an encoder's folder that is not one, a mirror that lacks what the study needs."""

import json
from pathlib import Path

import pytest

from study_world import STUDY, assert_one, listing, make_encoder, make_world, problems, write_listing
from xstilts.study_file import load_study

SAVE = "`save_pretrained`"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_world(tmp_path, monkeypatch)


@pytest.fixture
def encoder(study: Path) -> Path:
    return study.parent / "encoders" / "nano"


def test_a_missing_encoder_is_told_with_both_places_tried(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    found = problems(study, ("path: encoders/nano", "path: ../nano"))
    beside = study.parent.parent / "nano"
    assert_one(found, 3, f"`encoders.nano.path` is '../nano': neither {beside} nor /nano exists", "Correct the path")


def test_one_place_is_named_once(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study.parent)
    place = study.parent / "nano"
    assert_one(problems(study, ("path: encoders/nano", "path: nano")), 3, f"is 'nano': no {place} exists")


@pytest.mark.parametrize("written", ["~nobody-of-this-name/x", '"a\\0b"', "x" * 5000, "/none"])
def test_a_path_that_cannot_be_is_told(study: Path, written: str) -> None:
    assert_one(problems(study, ("path: encoders/nano", f"path: {written}")), 3, "exists. Paths are looked up beside")


def test_a_file_is_no_encoder(study: Path) -> None:
    assert_one(problems(study, ("path: encoders/nano", "path: study.yaml")), 3, "study.yaml is a file", "Name the folder.")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("config.json", ["lacks config.json", SAVE]),
        ("model.safetensors", ["lacks weights: neither model.safetensors nor pytorch_model.bin is there", SAVE]),
        ("tokenizer.json", ["lacks a tokenizer (tokenizer.json, or a vocabulary", SAVE]),
    ],
)
def test_a_folder_that_lacks_a_file_is_told(study: Path, encoder: Path, name: str, words: list[str]) -> None:
    (encoder / name).unlink()
    assert_one(problems(study), 3, f"`encoders.nano.path`: {encoder} ", *words)


def test_older_weights_will_do(study: Path, encoder: Path) -> None:
    (encoder / "model.safetensors").rename(encoder / "pytorch_model.bin")
    load_study(study)


def test_another_tokenizer_file_will_do(study: Path, encoder: Path) -> None:
    (encoder / "tokenizer.json").rename(encoder / "sentencepiece.bpe.model")
    load_study(study)


@pytest.mark.parametrize("content", ["", "[1]", "{", "\xff"])
def test_a_configuration_that_is_no_json_mapping_is_told(study: Path, encoder: Path, content: str) -> None:
    (encoder / "config.json").write_text(content)
    assert_one(problems(study), 3, "config.json is not a JSON mapping", SAVE)


def test_every_shard_of_the_index_is_looked_for(study: Path, encoder: Path) -> None:
    weights = {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}
    (encoder / "model.safetensors").rename(encoder / "one.safetensors")
    (encoder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    assert_one(problems(study), 3, "lacks two.safetensors, which model.safetensors.index.json names", "Copy the missing files")
    (encoder / "two.safetensors").touch()
    load_study(study)
    (encoder / "model.safetensors.index.json").write_text("{}")
    assert_one(problems(study), 3, "names no weights", "`weight_map`")


def test_a_missing_mirror_is_told_with_both_places_tried(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    found = problems(study, ("mirror: mirror", "mirror: miror"))
    assert_one(found, 15, f"`data.mirror` is 'miror': neither {study.parent / 'miror'} nor /miror exists")


def test_a_folder_without_a_listing_is_no_mirror(study: Path) -> None:
    assert_one(problems(study, ("mirror: mirror", "mirror: encoders")), 15, "`data`: mirror ", "mirror.yaml")


def test_a_mirror_without_training_data_is_told_once_for_a_task(study: Path) -> None:
    datasets = listing()
    del datasets["nyu-mll/glue"]["files"]["qqp/train"]
    write_listing(study.parent / "mirror", datasets)
    words = ["no training data of 'qqp' in eng_Latn", "does not hold nyu-mll/glue, configuration qqp, split train", "Add it"]
    assert_one(problems(study), 7, *words)


def test_a_mirror_without_the_training_data_of_a_target_is_told(study: Path) -> None:
    datasets = listing()
    del datasets["unimelb-nlp/wikiann"]["files"]["en/train"]
    write_listing(study.parent / "mirror", datasets)
    assert_one(problems(study), 9, "no training data of 'panx' in eng_Latn", "unimelb-nlp/wikiann, configuration en")


def test_a_mirror_without_a_data_set_is_told_for_training_and_evaluation(study: Path) -> None:
    datasets = listing()
    del datasets["Davlan/sib200"]
    write_listing(study.parent / "mirror", datasets)
    found = problems(study)
    assert [(problem.line, problem.message.split(":")[0]) for problem in found] == [
        (9, "no training data of 'sib200' in eng_Latn"),
        (10, "no evaluation data of 'sib200' in eng_Latn, deu_Latn, swh_Latn"),
    ]


def test_a_mirror_without_ccgbank_is_told_where_to_get_it(study: Path) -> None:
    files = listing()
    del files["local/ccg"]
    write_listing(study.parent / "mirror", files)
    found = problems(study, ("qqp: [qqp]", "qqp: [ccg]"))
    assert_one(
        found, 7, "no training data of 'ccg' in eng_Latn", "does not hold local/ccg, configuration default, split train."
    )
    assert found[0].message.endswith(
        "split train. CCGbank is not on the hub: get LDC2005T13 from the Linguistic Data Consortium "
        "(https://catalog.ldc.upenn.edu/LDC2005T13), then run `xstilts data import ccg FOLDER --to MIRROR`, "
        "and name MIRROR in the study: `data.mirror`, or `data.local` beside the hub. "
        "Or take the task out."
    )


def test_requested_languages_that_the_mirror_lacks_are_one_mistake(study: Path) -> None:
    found = problems(study, ("[ara, deu, swh, tur]", "[fra, deu, bul]"))
    words = ["no evaluation data of 'tatoeba' in fra_Latn, bul_Cyrl", "mteb/tatoeba-bitext-mining, configuration fra-eng"]
    assert_one(found, 10, *words, "It has arb_Arab, deu_Latn, swh_Latn, tur_Latn.", "Take the languages out")


def test_languages_not_asked_for_may_be_absent_but_not_all(study: Path) -> None:
    everywhere = STUDY.replace("languages: {tatoeba: [ara, deu, swh, tur], sib200: [eng_Latn, deu_Latn, swh_Latn]}\n", "")
    study.write_text(everywhere)  # the mirror holds 5 of the 36 languages of tatoeba
    load_study(study)
    write_listing(study.parent / "mirror", {name: entry for name, entry in listing().items() if "tatoeba" not in name})
    assert_one(problems(study), 9, "no evaluation data of 'tatoeba' in any of its languages", "configuration afr-eng")


def test_the_mirror_of_the_environment_is_checked_too(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study.write_text(STUDY.replace("data: {mirror: mirror}\n", ""))
    load_study(study)  # from the hub, which has what tasks declare
    empty = study.parent / "empty"
    write_listing(empty, {name: entry for name, entry in listing().items() if name != "stanfordnlp/snli"})
    monkeypatch.setenv("XSTILTS_MIRROR", str(empty))
    assert_one(problems(study), 6, "no training data of 'snli'", f"the mirror {empty}")
    monkeypatch.setenv("XSTILTS_MIRROR", str(empty / "none"))
    assert_one(problems(study), 1, "`data`: mirror ", "no such folder")


def test_two_encoders_are_both_looked_at(study: Path) -> None:
    make_encoder(study.parent / "encoders" / "other")
    found = problems(study, ("encoders:\n", "encoders:\n  other: {path: encoders/other}\n  third: {path: encoders/third}\n"))
    assert_one(found, 4, "`encoders.third.path` is 'encoders/third'")
