"""Which languages an encoder has seen: published lists, the study's own, and the folders of `xstilts pretrain`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from study_world import assert_one, make_world, problems
from xstilts.constructed.language import ENGLISH
from xstilts.data.generated_text import GeneratedText
from xstilts.family_file import declared_languages
from xstilts.language_groups import group_of
from xstilts.languages import all_languages
from xstilts.planner import make_plan
from xstilts.pretraining_languages import MBERT, PUBLISHED, XLM_R, pretraining_languages, readings
from xstilts.spec import Encoder
from xstilts.study_file import load_study

REVISION = "a" * 40


def hub(name: str, **changes: object) -> Encoder:
    return Encoder.model_validate({"hub": name, "revision": REVISION, **changes})


@pytest.mark.parametrize(("codes", "count"), [(XLM_R, 100), (MBERT, 102)])
def test_the_lists_have_as_many_languages_as_is_published(codes: str, count: int) -> None:
    assert len(codes.split()) == len(set(codes.split())) == count


def test_only_languages_without_a_tag_of_ours_are_passed_over() -> None:
    passed = {name: {code for code in codes.split() if not readings([code])} for name, codes in PUBLISHED.items()}
    assert passed["FacebookAI/xlm-roberta-large"] == {"my_zawgyi", "ta_Latn", "te_Latn"}
    cased = passed["google-bert/bert-base-multilingual-cased"]
    assert {"an", "bar", "bpy", "ce", "cv", "new", "sco", "vo"} <= cased
    assert cased.isdisjoint({"azb", "ceb", "scn", "war", "min_Latn", "th", "mn"})


@pytest.mark.parametrize(
    ("encoder", "language", "group"),
    [
        (hub("FacebookAI/xlm-roberta-base"), "swh_Latn", "seen"),
        (hub("FacebookAI/xlm-roberta-large"), "zho_Hant", "seen"),
        (hub("FacebookAI/xlm-roberta-base"), "yor_Latn", "unseen"),
        (hub("FacebookAI/xlm-roberta-base"), "kmr_Latn", "seen"),
        (hub("FacebookAI/xlm-roberta-base"), "ckb_Arab", "unseen"),
        (hub("google-bert/bert-base-multilingual-cased"), "yor_Latn", "seen"),
        (hub("google-bert/bert-base-multilingual-cased"), "tha_Thai", "seen"),
        (hub("google-bert/bert-base-multilingual-uncased"), "tha_Thai", "unseen"),
        (hub("someone/else"), "eng_Latn", "unknown"),
        (hub("FacebookAI/xlm-roberta-base", pretraining_languages=["yor_Latn"]), "yor_Latn", "seen"),
        (hub("FacebookAI/xlm-roberta-base", pretraining_languages=["yor_Latn"]), "eng_Latn", "unseen"),
    ],
)
def test_groups(encoder: Encoder, language: str, group: str) -> None:
    assert group_of(language, "seen", encoder) == group


@pytest.mark.parametrize(
    ("start", "kind", "found"),
    [
        ({"size": {}}, "pretrain", frozenset({"deu_Latn", "swh_Latn", "eng_Latn"})),
        ({"encoder": {}}, "pretrain", None),  # what the first encoder has seen, nobody wrote down
        ({"size": {}}, "train", None),
    ],
)
def test_a_folder_of_our_own_says_its_corpus(tmp_path: Path, start: object, kind: str, found: object) -> None:
    folders = [{"files": {"de": "0", "sw": "1"}}, {"files": {"en": "2", "de": "3"}}]
    stage = {"stage": kind, "start": start, "corpus": {"folders": folders}}
    (tmp_path / "stage.json").write_text(json.dumps({"stage": stage}))
    assert pretraining_languages(Encoder(path=tmp_path)) == found


def test_generated_text_is_in_constructed_languages(tmp_path: Path) -> None:
    made = next(each for each in all_languages() if each.local)
    corpus = {"folders": [{"parallel": False, "languages": {made.local: "0", "en": "1"}}]}
    stage = {"stage": "pretrain", "start": {"size": {}}, "corpus": corpus}
    (tmp_path / "stage.json").write_text(json.dumps({"stage": stage}))
    assert pretraining_languages(Encoder(path=tmp_path)) == {made.tag, "eng_Latn"}


def test_a_language_that_a_family_file_declares_is_seen(tmp_path: Path) -> None:
    (tmp_path / "family.yaml").write_text("languages:\n  zz: {script: new}\n  yy: {}\n")
    zz, yy = declared_languages(tmp_path / "family.yaml")
    text = GeneratedText((ENGLISH, zz), 10, ("village",), parallel=False)
    stage = {"stage": "pretrain", "start": {"size": {}}, "corpus": {"folders": [text.identity]}}
    (tmp_path / "stage.json").write_text(json.dumps({"stage": stage}))
    encoder = Encoder(path=tmp_path)
    assert [group_of(tag, "seen", encoder) for tag in ("eng_Latn", zz.tag, yy.tag)] == ["seen", "seen", "unseen"]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"stage": 3}'])
def test_of_any_other_folder_nothing_is_known(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "stage.json").write_text(content)
    assert pretraining_languages(Encoder(path=tmp_path)) is None


def test_declared_languages_are_tags_and_stand_in_no_key(write_study: Callable[..., Path], tiny_encoder: Path) -> None:
    plain = load_study(write_study())
    declared = {"tiny": {"path": str(tiny_encoder), "pretraining_languages": ["en", "zh", "Swahili"]}}
    claims = [{"name": "a", "statement": "b"}]
    study = load_study(write_study(encoders=declared, claims=claims))
    assert study.encoders["tiny"].pretraining_languages == ("eng_Latn", "zho_Hans", "zho_Hant", "swh_Latn")
    assert set(make_plan(study).stages) == set(make_plan(plain).stages)


def test_a_misspelt_language_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_world(tmp_path, monkeypatch)
    edit = ("{path: encoders/nano}", "{path: encoders/nano, pretraining_languages: [en, Swahilli]}")
    assert_one(problems(study, edit), 3, "encoders.nano.pretraining_languages", "'Swahilli'", "Did you mean 'Swahili'?")
