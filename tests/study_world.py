"""A small world for study files: an encoder folder, a mirror's list of files, and the study that uses them."""

import json
from pathlib import Path

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


def make_world(folder: Path) -> Path:
    """Write the encoder, the mirror and the study into `folder`; return the study file."""
    encoder = folder / "encoders" / "nano"
    encoder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (encoder / name).write_text("{}")
    (encoder / "model.safetensors").write_bytes(b"")
    write_listing(folder / "mirror", listing())
    study = folder / "study.yaml"
    study.write_text(STUDY)
    return study


def listing() -> dict[str, dict[str, dict[str, object]]]:
    """List files of every task in LANGUAGES."""
    datasets: dict[str, dict[str, dict[str, object]]] = {}
    for task in TASKS.values():
        files = datasets.setdefault(task.data.path, {"files": {}})["files"]
        for language in set(LANGUAGES) & set(task.languages):
            for split in task.data.splits.values():
                files[f"{task.config(language)}/{split}"] = {"rows": 4, "sha256": "0" * 64}
    return datasets


def write_listing(mirror: Path, datasets: dict[str, dict[str, dict[str, object]]]) -> None:
    """Write a mirror that lists these data sets; no row of it is ever read here."""
    mirror.mkdir(exist_ok=True)
    (mirror / "mirror.yaml").write_text(json.dumps(datasets))
