import copy
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch.nn import functional
from transformers import AutoConfig, AutoModelForSequenceClassification

from tiny_encoders import ARCHITECTURES, SHAPE, random_model
from xstilts.engine.first_token import read_first_token_only

LABELS = torch.tensor([0, 2, 1, 1])
# Layouts that also have `encoder.layer` with queries, keys and values, shortened or not: a wrong guess is a wrong score.
LIKE_BERT = [
    "bert",
    "camembert",
    "convbert",
    "data2vec-text",
    "electra",
    "ernie",
    "esm",
    "ibert",
    "layoutlm",
    "megatron-bert",
    "mobilebert",
    "mpnet",
    "rembert",
    "roberta",
    "roberta-prelayernorm",
    "roc_bert",
    "splinter",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
    "yoso",
]
SHORTENED = {"bert", "camembert", "electra", "roberta", "xlm-roberta"}


def inputs(*, padded: bool) -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 300, (4, 11), generator=torch.Generator().manual_seed(3))
    mask = torch.ones_like(ids)
    if padded:
        for row, length in enumerate((11, 4, 7, 1)):
            ids[row, length:], mask[row, length:] = 1, 0
    return {"input_ids": ids, "attention_mask": mask} if padded else {"input_ids": ids}


def encoder(config: Any) -> Any:
    return transformers.AutoModel.from_config(config).eval()  # type: ignore[no-untyped-call]


def logits_and_gradients(model: Any, given: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    model.zero_grad()
    logits = model(**given).logits
    functional.cross_entropy(logits, LABELS).backward()  # type: ignore[no-untyped-call]
    return logits.detach(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert"])
def test_logits_and_all_gradients_stay(architecture: str, *, padded: bool, training: bool) -> None:
    whole = random_model(architecture, "AutoModelForSequenceClassification", num_labels=3).double().train(training)
    short = copy.deepcopy(whole)
    assert read_first_token_only(short.base_model)
    given = inputs(padded=padded)
    expected, gradients = logits_and_gradients(whole, given)
    logits, found = logits_and_gradients(short, given)
    assert short.base_model(**given).last_hidden_state.shape[1] == 1, "nothing was saved"
    torch.testing.assert_close(logits, expected, atol=1e-12, rtol=0)
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-12, rtol=0)


def test_attention_dropout_stays() -> None:
    model = random_model("xlm-roberta", "AutoModel", attention_probs_dropout_prob=0.5)
    assert read_first_token_only(model)
    for layer in model.encoder.layer[:-1]:
        layer.eval()
    given = inputs(padded=True)
    calm = [model(**given).last_hidden_state for _ in range(2)]
    model.encoder.layer[-1].train()
    torch.manual_seed(0)
    noisy = torch.stack([model(**given).last_hidden_state for _ in range(2)])
    assert torch.equal(*calm)
    assert not torch.allclose(noisy[0], noisy[1])
    assert not torch.allclose(noisy[0], calm[0])


@pytest.mark.parametrize("architecture", ["deberta-v2", "modernbert", "eurobert"])
def test_other_layouts_are_left_alone(architecture: str) -> None:
    model = random_model(architecture, "AutoModelForSequenceClassification", num_labels=3)
    given = inputs(padded=True)
    before = model(**given).logits
    assert not read_first_token_only(model.base_model)
    assert torch.equal(model(**given).logits, before)


@pytest.mark.parametrize("model_type", LIKE_BERT)
def test_every_layout_like_bert_keeps_its_hidden_state(model_type: str) -> None:
    settings = {**SHAPE, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "initializer_range": 0.2}
    if model_type == "xmod":
        settings |= {"languages": ["en_XX"], "default_language": "en_XX"}
    torch.manual_seed(0)
    model = encoder(AutoConfig.for_model(model_type, **settings))
    given = inputs(padded=True)
    before = model(**given).last_hidden_state[:, 0]
    assert read_first_token_only(model) == (model_type in SHORTENED)
    torch.testing.assert_close(model(**given).last_hidden_state[:, 0], before, atol=1e-5, rtol=1e-5)


def test_decoders_are_left_alone() -> None:
    config_class, settings = ARCHITECTURES["bert"]
    config = getattr(transformers, config_class)(**{**SHAPE, **settings, "is_decoder": True})
    assert not read_first_token_only(encoder(config))


def test_a_shortened_model_saves_and_loads(tmp_path: Path) -> None:
    model = random_model("xlm-roberta", "AutoModelForSequenceClassification", num_labels=3)
    names, given = list(model.state_dict()), inputs(padded=True)
    read_first_token_only(model.base_model)
    assert list(model.state_dict()) == names
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert list(loaded.state_dict()) == names
    torch.testing.assert_close(loaded(**given).logits, model(**given).logits, atol=1e-6, rtol=0)
