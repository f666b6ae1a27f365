import copy
from typing import Any

import pytest
import torch
from torch.nn import functional

from tiny_encoders import VOCABULARY, random_model
from xstilts.engine.step import learning_rate, make_optimizer
from xstilts.engine.vocabulary import TrimmedVocabulary

RATES = [learning_rate(update, 5, peak=0.01, warmup=0.4) for update in range(5)]
DECAY = 0.2
PADDINGS = {"xlm-roberta": 1, "bert": 0, "deberta-v2": 0, "modernbert": 317, "eurobert": 319}
SETTINGS: dict[str, dict[str, Any]] = {
    name: {"pad_token_id": padding, "num_labels": 3, "initializer_range": 0.1} for name, padding in PADDINGS.items()
} | {"roberta-large-padding": {"pad_token_id": 100, "max_position_embeddings": 140, "num_labels": 3}}


def model_of(name: str, auto_class: str = "AutoModelForSequenceClassification") -> Any:
    return random_model(name if name in PADDINGS else "xlm-roberta", auto_class, **SETTINGS[name])


def batches(padding: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    draw = torch.Generator().manual_seed(4)
    ids = torch.randint(5, 60, (len(RATES), 4, 9), generator=draw)
    ids[0] += 200  # rows far apart, and rows that occur once only
    mask = torch.ones_like(ids)
    mask[:, 1, 5:] = 0
    mask[:, 2, 8:] = 0
    return list(zip(torch.where(mask.bool(), ids, padding), mask, strict=True))


def train(model: Any, given: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    optimizer = make_optimizer(
        list(model.named_parameters()), learning_rate=0.01, weight_decay=DECAY, betas=(0.9, 0.999), epsilon=1e-8
    )
    for (ids, mask), rate in zip(given, RATES, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        logits = model(input_ids=ids, attention_mask=mask).logits
        functional.cross_entropy(logits, torch.tensor([0, 1, 2, 0])).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("name", SETTINGS)
def test_training_with_a_part_is_training_with_the_whole(name: str) -> None:
    whole = model_of(name)
    part, start = copy.deepcopy(whole), whole.get_input_embeddings().weight.detach().clone()
    padding = SETTINGS[name]["pad_token_id"]
    given = batches(padding)
    used = {i for ids, _ in given for i in ids.flatten().tolist()}
    vocabulary = TrimmedVocabulary(part.base_model, used, padding)
    assert len(part.get_input_embeddings().weight) == len(used | {padding}) < VOCABULARY / 3

    train(whole, given)
    train(part, [(vocabulary.renumber(ids), mask) for ids, mask in given])
    factor = torch.tensor([1 - rate * DECAY for rate in RATES], dtype=torch.float64).prod().item()
    vocabulary.restore(factor)

    assert part.state_dict().keys() == whole.state_dict().keys()
    for weight, expected in zip(part.state_dict().values(), whole.state_dict().values(), strict=True):
        torch.testing.assert_close(weight, expected, atol=1e-6, rtol=0)
    unused = sorted(set(range(VOCABULARY)) - used - {padding})
    matrix = part.get_input_embeddings().weight
    torch.testing.assert_close(matrix[unused], start[unused] * factor, atol=1e-7, rtol=0)
    assert (matrix[sorted(used - {padding})] - start[sorted(used - {padding})]).abs().min() > 0
    assert part.get_input_embeddings().padding_idx == whole.get_input_embeddings().padding_idx


@pytest.mark.parametrize("name", SETTINGS)
def test_logits_stay(name: str) -> None:
    model = model_of(name, "AutoModelForTokenClassification")
    padding = SETTINGS[name]["pad_token_id"]
    ids, mask = batches(padding)[0]
    before = model(input_ids=ids, attention_mask=mask).logits[mask.bool()]
    vocabulary = TrimmedVocabulary(model.base_model, ids.flatten().tolist(), padding)
    after = model(input_ids=vocabulary.renumber(ids), attention_mask=mask).logits[mask.bool()]
    torch.testing.assert_close(after, before, atol=1e-6, rtol=0)
    vocabulary.restore()
    again = model(input_ids=ids, attention_mask=mask).logits[mask.bool()]
    assert torch.equal(again, before)


@pytest.mark.parametrize(
    ("used", "padding", "kept"),
    [
        ([9, 7, 9, 50], 1, [7, 1, 9, 50]),  # XLM-R: padding stays row 1, so that positions are counted as before
        ([9, 7, 0, 0], 0, [0, 7, 9]),  # BERT
        ([1, 9, 1], 1, [9, 1]),
        ([9, 7], 300, [7, 9, 300]),  # no room for row 300: last
        ([], 1, [1]),
    ],
)
def test_rows(used: list[int], padding: int, kept: list[int]) -> None:
    model = random_model("xlm-roberta", "AutoModel")
    full = model.get_input_embeddings().weight.detach().clone()
    vocabulary = TrimmedVocabulary(model, used, padding)
    assert vocabulary.kept.tolist() == kept
    assert torch.equal(model.get_input_embeddings().weight, full[kept])
    assert model.get_input_embeddings().padding_idx == kept.index(padding)
    ids = torch.tensor([kept, kept[::-1]])
    assert vocabulary.renumber(ids).tolist() == [list(range(len(kept))), list(range(len(kept)))[::-1]]


def test_an_id_that_was_not_announced_is_refused() -> None:
    model = random_model("xlm-roberta", "AutoModel")
    vocabulary = TrimmedVocabulary(model, [7], 1)
    with pytest.raises(IndexError):
        model(input_ids=vocabulary.renumber(torch.tensor([[7, 8]])))
