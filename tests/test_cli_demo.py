"""`xstilts demo` on a part of its study: the whole one takes minutes (tests/test_readme.py, slow)."""

import importlib
import json
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from safetensors import safe_open

from xstilts.cli.demo import FOLDER, demo
from xstilts.encoder import identify
from xstilts.planner import make_plan
from xstilts.pretrain_file import load_pretraining
from xstilts.spec import Encoder
from xstilts.store import Store
from xstilts.study_file import load_study

SMALL = {
    "targets": ["c_choice_200", "c_pos", "c_retrieval"],
    "languages": {"c_choice_200": ["en", "ctr"], "c_pos": ["en", "ctr"], "c_retrieval": ["ctr"]},
    "intermediates": {"baseline": [], "nli": ["c_nli"]},
    "seeds": [1],
    "overrides": {},
    "limit": {"train": 32, "evaluate": 20},
}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a part of the demo's study, and a pretraining of a few updates, in the demo's place."""
    folder = tmp_path / "demo"
    shutil.copytree(FOLDER, folder)
    for name, changes in (("study.yaml", SMALL), ("encoder.yaml", {"train": {"updates": 3, "max_length": 128}})):
        content = YAML(typ="safe").load(folder / name)
        (folder / name).write_text(json.dumps({**content, **changes}))
    monkeypatch.setattr(importlib.import_module("xstilts.cli.demo"), "FOLDER", folder)
    return tmp_path / "out"


def test_a_first_call_ends_in_a_table_and_a_second_says_where_it_is(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(small, "cpu", 1, from_scratch=False)
    first = capsys.readouterr().out
    assert "demo: 0 stages run" not in first
    for words in ("c_choice_200", "c_retrieval", "zero-shot", "nli", "random-initialisation", "xstilts gains"):
        assert words in first
    assert "Everything was done" not in first
    page = (small / "report.html").read_text()
    assert "Findings" in page
    assert "There are no gains" not in page
    demo(small, "cpu", 1, from_scratch=False)
    second = capsys.readouterr().out
    assert second.startswith("demo: 0 stages run")
    assert f"Everything was done already, in {small}." in second
    table = [line for line in first.splitlines() if "│" in line]
    assert [line for line in second.splitlines() if "│" in line] == table


def test_from_scratch_pretrains_the_encoder(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(small, "cpu", 1, from_scratch=True)
    printed = capsys.readouterr().out
    assert "c_choice_200" in printed
    study = small / "study.yaml"
    assert f"`xstilts gains {study} --out {small}`" in printed  # not the package's, which has another encoder
    assert str(study) in (small / "report.html").read_text()
    made = small / "encoders" / "demo-1"
    assert json.loads((made / "config.json").read_text())["hidden_size"] == 128
    starts = [json.loads(path.read_text())["stage"]["start"] for path in small.glob("train/*/stage.json")]
    assert {"encoder": identify(Encoder(path=made)).weights} in starts
    assert {"encoder": identify(Encoder(path=FOLDER / "encoder")).weights} not in starts
    assert all(Store(small).state(each.stage) == "done" for each in make_plan(load_study(study)).scores)
    demo(small, "cpu", 1, from_scratch=True)
    assert "Everything was done already" in capsys.readouterr().out


def test_the_study_and_the_encoder_in_the_package() -> None:
    study = load_study(FOLDER / "study.yaml")
    assert len(study.seeds) >= 3
    assert len(make_plan(study).scores) > 600
    spec = load_pretraining(FOLDER / "encoder.yaml")
    (size,) = spec.sizes.values()
    config = json.loads((FOLDER / "encoder" / "config.json").read_text())
    assert (config["hidden_size"], config["num_hidden_layers"]) == (size.hidden, size.layers)
    files = list((FOLDER / "encoder").iterdir())
    assert sum(file.stat().st_size for file in files) < 2.5e6
    with safe_open(FOLDER / "encoder" / "model.safetensors", "pt") as weights:
        assert weights.get_tensor("roberta.embeddings.word_embeddings.weight").shape == (spec.tokenizer.size, size.hidden)
