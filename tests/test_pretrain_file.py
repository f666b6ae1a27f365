import json
import re
from pathlib import Path
from typing import Any

import pytest

from tiny_encoders import write_encoder
from toy_corpus import parallel, write_folder, write_pretraining
from xstilts.errors import StudyError
from xstilts.pretrain_file import load_pretraining

GOOD = """\
name: toy
corpus:
  parallel: text
  languages: [en, xx]
  pivot: en
tokenizer: {kind: bpe, size: 90}
sizes:
  pico: {hidden: 32, layers: 2, heads: 4}
objective: {translation: 0.5}
train: {updates: 12, learning_rate: 1e-3}
init: {mimetic: true}
seeds: [1, 2]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path / "text", parallel(30))
    write_folder(tmp_path / "one", {"en": ["line"]})
    (tmp_path / "empty").mkdir()
    return tmp_path


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "toy.yaml"
    file.write_text(text)
    with pytest.raises(StudyError) as error:
        load_pretraining(file)
    return [line.replace(f"{file}, ", "").replace(str(folder), "HERE") for line in str(error.value).splitlines()]


def test_paths_are_absolute_and_lists_may_be_one(folder: Path) -> None:
    file = folder / "toy.yaml"
    file.write_text(GOOD)
    spec = load_pretraining(file)
    assert spec.corpus.parallel == (folder / "text",)
    assert spec.corpus.text == ()
    file.write_text(GOOD.replace("parallel: text", "parallel: [text]\n  text: [one, text]"))
    assert load_pretraining(file).corpus.text == (folder / "one", folder / "text")
    assert spec.default_out == Path("runs/toy")
    assert spec.sizes["pico"].intermediate is None
    assert (spec.train.adam_betas, spec.train.warmup, spec.objective.mask_share) == ((0.9, 0.98), 0.05, 0.3)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("parallel: text", "parallel: txt", 3, ["`corpus.parallel` is 'txt'", "neither HERE/txt nor", "Correct the path"]),
        ("parallel: text", "parallel: empty", 3, ["HERE/empty holds no <language>.txt or <language>.txt.gz"]),
        ("parallel: text", "parallel: one", 3, ["one language only, en", "Name it under `text:`"]),
        ("parallel: text", "parallel: [text, one]", 3, ["`corpus.parallel[1]`", "one language only"]),
        ("parallel: text", "parallel: text\n  text: one\n  alpha: 2", 5, ["`corpus.alpha` is 2", "at most 1"]),
        ("[en, xx]", "[en, xz]", 4, ["`corpus.languages`: unknown language 'xz'", "Allowed: en, xx, yy"]),
        ("[en, xx]", "[en, en]", 4, ["`corpus.languages`: en stands twice"]),
        ("pivot: en", "pivot: yy", 5, ["`corpus.pivot`: unknown language 'yy'", "Allowed: en, xx"]),
        ("pivot: en", "pivot_share: 0.5", 2, ["`pivot_share` goes with `pivot:`"]),
        ("parallel: text", "text: text", 9, ["`objective.translation` is 0.5", "`corpus.parallel` names no folder"]),
        ("kind: bpe", "kind: bpf", 6, ["`tokenizer.kind` is the text 'bpf'", "Did you mean 'bpe'?"]),
        ("size: 90", "size: 9", 6, ["at least 64"]),
        ("{kind: bpe, size: 90}", "{kind: bpe, path: text}", 6, ["not both", "lacks tokenizer.json"]),
        ("heads: 4", "heads: 5", 8, ["`hidden: 32` is no multiple of `heads: 5`"]),
        ("heads: 4", "head: 4", 8, ["lacks `heads`", "unknown field 'head'. Did you mean 'heads'?"]),
        ("sizes:\n  pico: {hidden: 32, layers: 2, heads: 4}\n", "", 1, ["the pretraining lacks `sizes`"]),
        ("updates: 12", "epochs: 12", 10, ["lacks `updates`", "unknown field 'epochs'"]),
        ("updates: 12", "updates: 12, device: cpu", 10, ["no pretraining holds it. Give it to `xstilts pretrain`"]),
        ("updates: 12", "updates: 12, alpha: 1", 10, ["unknown field 'alpha'. It belongs under `corpus:`"]),
        ("updates: 12", "updates: 12, tokens: 100", 10, ["do not hold one input of `max_length: 256`"]),
        ("1e-3", "'1e-3'", 10, ["`train.learning_rate` is the text '1e-3'", "without quotes"]),
        ("translation: 0.5", "translation: 1.5", 9, ["at most 1"]),
        ("mimetic: true", "mimetic: true, start: text", 11, ["`mimetic` is about random weights"]),
        ("{mimetic: true}", "{start: text}", 11, ["HERE/text lacks config.json"]),
        ("{mimetic: true}", "{start: text}", 7, ["`sizes` is that of the encoder under `init.start`"]),
        ("[1, 2]", "[]", 12, ["at least one entry"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(folder: Path, old: str, new: str, line: int, said: list[str]) -> None:
    assert old in GOOD
    found = [text for text in problems(folder, GOOD.replace(old, new)) if text.startswith(f"line {line}:")]
    assert found
    for words in said:
        assert words in " ".join(found)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    text = GOOD.replace("heads: 4", "heads: 5").replace("pivot: en", "pivot: zz").replace("updates: 12", "updates: -1")
    assert [re.match(r"line (\d+)", line)[1] for line in problems(folder, text)] == ["5", "8", "10"]  # type: ignore[index]


def test_an_empty_file_is_told_what_it_needs(folder: Path) -> None:
    (said,) = problems(folder, "")
    assert "`corpus: {text: folder}`" in said
    assert "intermediates" not in said


def test_training_goes_on_with_roberta_alone(folder: Path) -> None:
    text = "name: on\ncorpus: {parallel: text}\ninit: {start: encoder}\ntrain: {updates: 3}\n"
    write_encoder(folder / "encoder", "bert")
    (said,) = problems(folder, text)
    assert said.startswith(
        "line 3: `init.start`: HERE/encoder is of type 'bert'; pretraining goes on with xlm-roberta and roberta"
    )
    write_encoder(folder / "encoder", "xlm-roberta")
    (folder / "on.yaml").write_text(text)
    assert load_pretraining(folder / "on.yaml").init.start == folder / "encoder"


def test_a_helper_reads_what_was_read(folder: Path) -> None:
    """A helper process is sent the fields that were given, as JSON."""
    spec = load_pretraining(write_pretraining(folder, parallel(30)))
    again = folder / "again.json"
    fields: dict[str, Any] = spec.model_dump(mode="json", exclude_unset=True)
    again.write_text(json.dumps(fields))
    assert load_pretraining(again) == spec


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ("{languages: [en, ctx]}", 3, ["`corpus.constructed.languages`: unknown constructed language 'ctx'", "Did you mean"]),
        ("{languages: [en, zz], family: nowhere.yaml}", 3, ["`corpus.constructed.family` is 'nowhere.yaml'", "nor"]),
        ("{languages: [en], size: 40}", 9, ["`objective.translation` is 0.5", "no folder"]),
        ("{languages: [en, cc]}\n  languages: [en]", 4, ["`corpus.languages` chooses among the files", "Remove it"]),
        ("{languages: [en, cc], domains: [forest]}", 3, ["`corpus.constructed.domains", "'forest'", "harbour"]),
    ],
)
def test_mistakes_in_constructed_languages(folder: Path, written: str, line: int, said: list[str]) -> None:
    text = GOOD.replace("parallel: text\n  languages: [en, xx]", f"constructed: {written}\n  alpha: 0.7")
    found = problems(folder, text)
    assert any(one.startswith(f"line {line}: ") and all(part in one for part in said) for one in found), found


def test_constructed_languages_beside_a_family_file(folder: Path) -> None:
    (folder / "family.yaml").write_text("languages: {zz: {order: VSO, resource: 0.5}}\n")
    text = GOOD.replace(
        "parallel: text\n  languages: [en, xx]", "constructed: {languages: [en, zz], size: 40, family: family.yaml}"
    )
    (folder / "toy.yaml").write_text(text)
    made = load_pretraining(folder / "toy.yaml").corpus.constructed
    assert made is not None
    assert made.family == folder / "family.yaml"
    (folder / "family.yaml").write_text("languages: {zz: {order: XYZ}}\n")
    (found,) = problems(folder, text)
    assert "`corpus.constructed.family`" in found
    assert "XYZ" in found
