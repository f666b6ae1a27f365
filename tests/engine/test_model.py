import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from tiny_encoders import ARCHITECTURES, random_model, write_tokenizer
from xstilts.engine.model import HeadSpec, MultiHeadModel, build, load, read_weights, save
from xstilts.errors import EncoderError
from xstilts.kinds import Batch

EncoderOf = Callable[..., Path]

MNLI = HeadSpec("mnli", "classification", ("entailment", "neutral", "contradiction"))
QQP = HeadSpec("qqp", "classification", ("different", "same"))
POS = HeadSpec("udpos.en", "tagging", ("ADJ", "NOUN", "PRON", "VERB", "X"))
CHOICE = HeadSpec("xcopa", "multiple_choice", ())
SPAN = HeadSpec("xquad", "span", ())
AUTO_CLASSES = {
    "classification": AutoModelForSequenceClassification,
    "multiple_choice": AutoModelForMultipleChoice,
    "tagging": AutoModelForTokenClassification,
    "span": AutoModelForQuestionAnswering,
}
OUTPUTS = {"xcopa": ("score",), "xquad": ("start", "end")}  # of the heads without labels
HEADLESS = {("eurobert", "xcopa"), ("eurobert", "xquad")}  # transformers has no such classes
SENTENCES = ["Who opened the door?", "Сегодня река высокая, и мост закрыт.", "今天河水很高"]


def batch_for(head: HeadSpec, folder: Path) -> Batch:
    encoded = AutoTokenizer.from_pretrained(folder)(SENTENCES, padding=True, return_tensors="pt")
    ids, mask = encoded["input_ids"], encoded["attention_mask"]
    sizes = (1,) * len(ids)
    return Batch(head.task, ids, mask, encoded.get("token_type_ids"), torch.zeros(len(ids)), len(ids), sizes)


def plain_logits(folder: Path, head: HeadSpec) -> torch.Tensor:
    """Return what plain transformers gives for a saved folder, in the form of `MultiHeadModel`; it says so of padding too."""
    plain = AUTO_CLASSES[head.kind].from_pretrained(folder)
    encoded = dict(AutoTokenizer.from_pretrained(folder)(SENTENCES, padding=True, return_tensors="pt"))
    with torch.no_grad():
        if head.kind == "multiple_choice":  # the sentences as the options of one example
            return plain(**{name: tensor[None] for name, tensor in encoded.items()}).logits.T
        found = plain(**encoded)
    if head.kind != "span":
        return found.logits
    both = torch.stack([found.start_logits, found.end_logits], -1)
    return both.masked_fill(encoded["attention_mask"][..., None] == 0, -1e9)


def logits(model: MultiHeadModel, head: HeadSpec, folder: Path) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model.eval()(batch_for(head, folder))
    return found


def encoder_weights(model: MultiHeadModel) -> dict[str, torch.Tensor]:
    return dict(model.main.base_model.state_dict())


@pytest.mark.parametrize("head", [MNLI, CHOICE, POS, SPAN], ids=lambda head: head.kind)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_saved_model_is_the_same_model(encoder_of: EncoderOf, tmp_path: Path, architecture: str, head: HeadSpec) -> None:
    start, outputs = encoder_of(architecture), OUTPUTS.get(head.task, head.labels)
    if (architecture, head.task) in HEADLESS:
        with pytest.raises(EncoderError, match="encoders of type eurobert have no For"):
            build(start, [head], seed=1)
        return
    model = build(start, [head], seed=1)
    save(model, tmp_path / "out", start)
    expected = logits(model, head, start)
    assert expected.shape[-1] == len(outputs)
    assert expected[expected > -1e8].std() > 1e-3

    loaded = load(tmp_path / "out", head.task)
    assert not any(module.training for module in loaded.modules())
    assert loaded.heads == {head.task: head}
    assert torch.equal(logits(loaded, head, tmp_path / "out"), expected)

    torch.testing.assert_close(plain_logits(tmp_path / "out", head), expected, atol=1e-6, rtol=0)
    config = AutoConfig.from_pretrained(tmp_path / "out")
    assert config.num_labels == len(outputs)
    assert config.id2label == dict(enumerate(outputs))
    assert config.label2id == {label: i for i, label in enumerate(outputs)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_weight_of_the_encoder_is_loaded(encoder_of: EncoderOf, architecture: str) -> None:
    folder = encoder_of(architecture)
    stored = load_file(folder / "model.safetensors")
    model = build(folder, [MNLI], seed=1)
    prefix = f"{model.main.base_model_prefix}."
    for name, weight in encoder_weights(model).items():
        if not name.startswith("pooler."):  # a masked language model has none
            assert torch.equal(weight, stored[prefix + name]), name


def test_weights_do_not_lean_on_the_file(encoder_of: EncoderOf) -> None:
    """Mapped memory may be unaligned, and changes with the file."""
    file = encoder_of("xlm-roberta") / "model.safetensors"
    weights, expected = read_weights(file.parent), load_file(file)
    expected = {name: tensor.clone() for name, tensor in expected.items()}
    file.write_bytes(bytes(file.stat().st_size))
    assert all(torch.equal(weights[name], tensor) for name, tensor in expected.items())


# How published checkpoints lie on disk; BERT's own call LayerNorm's weights gamma and beta.
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "modernbert"])
@pytest.mark.parametrize("form", ["bare", "sharded", "pickled", "gamma", "classifier"])
def test_every_form_of_folder_loads_alike(tmp_path: Path, architecture: str, form: str) -> None:
    auto_class = {"bare": "AutoModel", "classifier": "AutoModelForSequenceClassification"}.get(form, "AutoModelForMaskedLM")
    model = random_model(architecture, auto_class)
    if form == "pickled":
        model.config.save_pretrained(tmp_path)
        torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    elif form == "gamma":
        model.save_pretrained(tmp_path)
        old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        stored = load_file(tmp_path / "model.safetensors")
        for new, name in old.items():
            stored = {key.replace(new, name): tensor for key, tensor in stored.items()}
        save_file(stored, tmp_path / "model.safetensors", metadata={"format": "pt"})
    else:
        model.save_pretrained(tmp_path, **({"max_shard_size": "20KB"} if form == "sharded" else {}))
        assert (tmp_path / "model.safetensors.index.json").exists() == (form == "sharded")
    expected = model.base_model.state_dict()
    for name, weight in encoder_weights(build(tmp_path, [POS], seed=1)).items():
        assert torch.equal(weight, expected[name]), name


def test_a_head_is_fresh(tmp_path: Path, encoder_of: EncoderOf) -> None:
    start = encoder_of("bert")
    trained = build(start, [MNLI], seed=1)
    save(trained, tmp_path, start)
    again = HeadSpec("xnli", "classification", MNLI.labels)
    one, same, other = (build(tmp_path, [again], seed=seed) for seed in (2, 2, 3))
    for name, weight in one.main.classifier.state_dict().items():
        assert torch.equal(weight, same.main.classifier.state_dict()[name])
        if name == "weight":
            assert not torch.equal(weight, other.main.classifier.state_dict()[name])
            assert not torch.equal(weight, trained.main.classifier.state_dict()[name])
    for name, weight in encoder_weights(trained).items():
        assert torch.equal(encoder_weights(one)[name], weight), name
        assert torch.equal(encoder_weights(other)[name], weight), name


MIXTURES = {
    "classifier first": (MNLI, QQP, POS),
    "tagger first": (POS, MNLI, QQP),
    "classifier first, all kinds": (MNLI, QQP, SPAN, CHOICE, POS),
    "span first, all kinds": (SPAN, POS, QQP, MNLI, CHOICE),
}


@pytest.mark.parametrize("order", MIXTURES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_heads_share_an_encoder(encoder_of: EncoderOf, tmp_path: Path, architecture: str, order: str) -> None:
    start, heads = encoder_of(architecture), MIXTURES[order]
    heads = tuple(head for head in heads if (architecture, head.task) not in HEADLESS)
    model = build(start, heads, seed=1)
    assert len({id(model.of(head.task).base_model) for head in heads}) == 1
    stored = load_file(start / "model.safetensors")
    prefix = f"{model.main.base_model_prefix}."
    for name, weight in encoder_weights(model).items():
        assert name.startswith("pooler.") or torch.equal(weight, stored[prefix + name]), name
    # a shared parameter is updated once, not once a head
    own = [sum(p.numel() for p in model.of(head.task).parameters()) for head in heads]
    shared = sum(p.numel() for p in model.main.base_model.parameters())
    assert sum(p.numel() for p in model.parameters()) == sum(own) - shared * (len(heads) - 1)

    save(model, tmp_path / "out", start)
    found = {head.task: logits(model, head, start) for head in heads}
    assert not torch.equal(found["mnli"][:, :2], found["qqp"])
    for head in heads:
        loaded = load(tmp_path / "out", head.task)
        assert torch.equal(logits(loaded, head, start), found[head.task])
        assert loaded.heads == {head.task: head}
    torch.testing.assert_close(plain_logits(tmp_path / "out", heads[0]), found[heads[0].task], atol=1e-6, rtol=0)


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert"])
def test_a_pooler_that_was_not_pretrained_belongs_to_the_head(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    """XLM-R's: fresh, as its head is. BERT's is a part of the encoder, which the next phase goes on with."""
    start = encoder_of(architecture, "AutoModel")
    trained = build(start, [CHOICE], seed=1)
    save(trained, tmp_path, start)
    again = HeadSpec("copa", "multiple_choice", ())
    one, same, other = (build(tmp_path, [again], seed=seed).main.base_model.pooler.dense.weight for seed in (2, 2, 3))
    before = load_file(start / "model.safetensors")["pooler.dense.weight"]
    of_trained = trained.main.base_model.pooler.dense.weight
    kept = architecture == "bert"
    assert [torch.equal(before, weight) for weight in (of_trained, one, other)] == [kept] * 3
    assert [torch.equal(one, same), torch.equal(one, other), torch.equal(one, of_trained)] == [True, kept, kept]


def test_the_tokenizer_is_copied_as_it_was(tiny_encoder: Path, tmp_path: Path) -> None:
    save(build(tiny_encoder, [MNLI], seed=1), tmp_path, tiny_encoder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (tiny_encoder / name).read_bytes()


def test_a_task_without_a_head_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    save(build(tiny_encoder, [MNLI, QQP], seed=1), tmp_path, tiny_encoder)
    with pytest.raises(EncoderError, match="no head for xnli; it was trained on mnli"):
        load(tmp_path, "xnli")
    with pytest.raises(EncoderError, match="no head for mnli; it was trained on no task"):
        load(tiny_encoder, "mnli")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("tensor", "lack 1 tensors .* first encoder.layer.1.output.dense.weight"),
        ("shape", r"lack \d+ tensors .* in another shape"),
        ("file", "it needs model.safetensors"),
        ("shard", "it needs model.safetensors"),
        ("content", r"cannot be read \("),
        ("pickle", r"cannot be read \("),
    ],
)
def test_weights_that_do_not_fill_the_encoder_are_refused(encoder_of: EncoderOf, damage: str, message: str) -> None:
    folder = encoder_of("xlm-roberta")
    weights, config = folder / "model.safetensors", folder / "config.json"
    stored = load_file(weights)
    if damage == "tensor":
        del stored["roberta.encoder.layer.1.output.dense.weight"]
        save_file(stored, weights)
    elif damage == "shape":
        config.write_text(json.dumps(json.loads(config.read_text()) | {"hidden_size": 48}))
    elif damage == "content":
        weights.write_bytes(weights.read_bytes()[:5000])
    else:
        weights.unlink()
    if damage == "shard":
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "one.safetensors"}}))
    if damage == "pickle":
        (folder / "pytorch_model.bin").write_bytes(b"no weights")
    with pytest.raises(EncoderError, match=message):
        build(folder, [MNLI], seed=1)


def test_a_head_that_lost_its_weights_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    save(build(tiny_encoder, [MNLI, QQP], seed=1), tmp_path, tiny_encoder)
    place = tmp_path / "heads" / "qqp" / "model.safetensors"
    stored = load_file(place)
    del stored["classifier.out_proj.bias"]
    save_file(stored, place)
    with pytest.raises(EncoderError, match=r"lacks 1 tensors, first classifier\.out_proj\.bias"):
        load(tmp_path, "qqp")


def test_an_encoder_without_a_head_of_this_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "vit", "architectures": ["ViTModel"]}))
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors")
    write_tokenizer(tmp_path, segments=False)
    with pytest.raises(EncoderError, match="encoders of type vit have no ForTokenClassification"):
        build(tmp_path, [POS], seed=1)


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert"])
@pytest.mark.parametrize(
    ("heads", "shortened"),
    [((MNLI, QQP), True), ((CHOICE,), True), ((MNLI, CHOICE), True), ((MNLI, POS), False), ((POS,), False), ((SPAN,), False)],
)
def test_only_a_model_whose_heads_read_one_token_is_shortened(
    encoder_of: EncoderOf, architecture: str, heads: tuple[HeadSpec, ...], *, shortened: bool
) -> None:
    tiny_encoder = encoder_of(architecture)
    model = build(tiny_encoder, heads, seed=1)
    before = [logits(model, head, tiny_encoder) for head in heads]
    model.shorten()
    states = model.main.base_model(batch_for(heads[0], tiny_encoder).ids).last_hidden_state
    assert (states.shape[1] == 1) == shortened
    for head, expected in zip(heads, before, strict=True):
        torch.testing.assert_close(logits(model, head, tiny_encoder), expected, atol=1e-6, rtol=0)
