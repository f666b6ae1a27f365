"""The model of ranking tasks in a Hugging Face folder: written, read, shared with other heads, started anew."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn import functional
from transformers import AutoModel

from xstilts.engine.batches import collate
from xstilts.engine.model import HeadSpec, MultiHeadModel, build, load, save
from xstilts.kinds import Batch, Features

EncoderOf = Callable[..., Path]

PASSAGES = HeadSpec("passages", "ranking", ())
ANSWERS = HeadSpec("answers", "classification", ("yes", "no"))
ENDINGS = HeadSpec("endings", "multiple_choice", ())
TAGS = HeadSpec("tags", "tagging", ("A", "B"))

every_architecture = pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "modernbert", "eurobert"])


def batch(task: str, *, segments: bool = False) -> Batch:
    rows = [[0, 9, 8, 7, 2], [0, 5, 2], [0, 30, 31, 32, 33, 2], [0, 11, 2]]
    return collate([[Features(ids, [0] * len(ids) if segments else None, 0, i)] for i, ids in enumerate(rows)], task, 1)


def vectors(model: MultiHeadModel, architecture: str) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(batch("passages", segments=architecture == "bert"))


@every_architecture
def test_a_saved_model_gives_equal_vectors(encoder_of: EncoderOf, tmp_path: Path, architecture: str) -> None:
    folder = encoder_of(architecture)
    model = build(folder, [PASSAGES, ANSWERS], seed=1)
    assert type(model.main).__name__.endswith("ForRanking")
    assert model.main.log_scale.item() == pytest.approx(math.log(100))
    with torch.no_grad():
        model.main.log_scale.fill_(1.5)
    save(model, tmp_path / "out", folder)
    again = load(tmp_path / "out", "passages")
    assert again.heads == {"passages": PASSAGES}
    assert torch.equal(vectors(again, architecture), vectors(model, architecture))
    # what `shorten` leaves out changes nothing
    again.shorten()
    torch.testing.assert_close(vectors(again, architecture), vectors(model, architecture))
    # plain transformers reads the folder: its first state is the vector
    plain = AutoModel.from_pretrained(tmp_path / "out").eval()
    with torch.no_grad():
        states = plain(**batch("", segments=architecture == "bert").inputs).last_hidden_state[:, 0]
    expected = functional.normalize(states, dim=-1) * math.exp(0.75)
    torch.testing.assert_close(vectors(again, architecture), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("heads", [(ANSWERS, PASSAGES), (ENDINGS, PASSAGES, TAGS), (PASSAGES, TAGS)])
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert"])
def test_a_mixture_shares_the_encoder(
    encoder_of: EncoderOf, tmp_path: Path, architecture: str, heads: tuple[HeadSpec, ...]
) -> None:
    folder = encoder_of(architecture)
    model = build(folder, heads, seed=1)
    assert len({id(model.of(head.task).base_model) for head in heads}) == 1
    with torch.no_grad():
        model.of("passages").log_scale.fill_(1.5)
    save(model, tmp_path / "out", folder)
    for head in heads:
        mine, again = (
            one.eval()(batch(head.task, segments=architecture == "bert")) for one in (model, load(tmp_path / "out", head.task))
        )
        assert torch.equal(mine, again), head


def test_every_phase_starts_with_a_fresh_scale(encoder_of: EncoderOf, tmp_path: Path) -> None:
    folder = encoder_of("xlm-roberta")
    model = build(folder, [PASSAGES], seed=1)
    with torch.no_grad():
        model.main.log_scale.fill_(1.5)
    save(model, tmp_path / "out", folder)
    fresh = build(tmp_path / "out", [PASSAGES], seed=2)
    assert fresh.main.log_scale.item() == pytest.approx(math.log(100))
    with torch.no_grad():
        fresh.main.log_scale.fill_(1.5)
    assert torch.equal(vectors(fresh, "xlm-roberta"), vectors(model, "xlm-roberta"))
