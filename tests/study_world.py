"""A small world for study files: an encoder folder, a mirror's list of files, and the study that uses them."""

import json
from pathlib import Path

import pytest

from xstilts.errors import Problem, StudyError
from xstilts.study_file import load_study
from xstilts.tasks import TASKS

LANGUAGES = ("eng_Latn", "deu_Latn", "swh_Latn", "arb_Arab", "tur_Latn")
STUDY = """\
name: real-text
encoders:
  nano: {path: encoders/nano}          # a Hugging Face folder, or {hub: id, revision: 40-hex}
intermediates:
  baseline: []
  nli: [&nli {mix: [mnli, snli], sampling: {proportional: {cap: 131072}}}]
  qqp: [qqp]
  nli-then-qqp: [*nli, qqp]
targets: [xnli, pawsx, udpos, panx, sib200, tatoeba]
languages: {tatoeba: [ara, deu, swh, tur], sib200: [eng_Latn, deu_Latn, swh_Latn]}
seeds: [1, 2, 3]
train: {learning_rate: 2.0e-4, epochs: 2, batch_size: 32, max_length: 128, precision: float32}
overrides: {target/udpos: {epochs: 3}, target/sib200: {epochs: 10}, intermediate/qqp: {epochs: 1}}
limit: {train: 5000, evaluate: 500}
data: {mirror: mirror}
"""


def make_world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the encoder, the mirror and the study into `folder`; return the study file."""
    monkeypatch.setenv("XSTILTS_CACHE", str(folder.parent / "cache"))
    monkeypatch.delenv("XSTILTS_MIRROR", raising=False)
    make_encoder(folder / "encoders" / "nano")
    write_listing(folder / "mirror", listing())
    study = folder / "study.yaml"
    study.write_text(STUDY)
    return study


def make_encoder(folder: Path) -> Path:
    """Write what a study looks for in an encoder's folder."""
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def problems(study: Path, *edits: tuple[str, str]) -> tuple[Problem, ...]:
    """Return what `load_study` finds wrong with the study after replacing text in it; edits must find their text."""
    text = study.read_text()
    for old, new in edits:
        assert text.count(old), f"{old!r} is not in the study"
        text = text.replace(old, new, 1)
    study.write_text(text)
    with pytest.raises(StudyError) as caught:
        load_study(study)
    return caught.value.problems


def assert_one(found: tuple[Problem, ...], line: int | None, *words: str) -> None:
    """Assert that there is one problem, in this line, whose message holds all these words."""
    assert [problem.line for problem in found] == [line], found
    for word in words:
        assert word in found[0].message


def listing() -> dict[str, dict[str, dict[str, object]]]:
    """List files of every task in LANGUAGES."""
    datasets: dict[str, dict[str, dict[str, object]]] = {}
    for task in TASKS.values():
        for data in task.datasets:
            files = datasets.setdefault(data.path, {"files": {}})["files"]
            for language in set(LANGUAGES) & set(task.languages):
                for split in data.splits.values():
                    files[f"{data.config.format(code=task.languages[language])}/{split}"] = {"rows": 4, "sha256": "0" * 64}
    return datasets


def write_listing(mirror: Path, datasets: dict[str, dict[str, dict[str, object]]]) -> None:
    """Write a mirror that lists these data sets; no row of it is ever read here."""
    mirror.mkdir(exist_ok=True)
    (mirror / "mirror.yaml").write_text(json.dumps(datasets))
