from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from tiny_encoders import ARCHITECTURES, TEXT
from xstilts.engine.embed import chosen_layers, embed, open_encoder
from xstilts.engine.predict import Inference
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.errors import EncoderError

EncoderOf = Callable[..., Path]
SENTENCES = [*TEXT, "The door", "桥", *TEXT[:2]]


def vectors(folder: Path, sentences: Sequence[str], max_tokens: int = 400, max_length: int = 128) -> dict[int, torch.Tensor]:
    tokenizer = open_tokenizer(folder)
    how = Inference(tokenizer.pad_token_id, max_tokens)
    return embed(open_encoder(folder), sentences, tokenizer, [0, 1, 2], max_length, how)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_vectors_are_means_over_all_tokens_special_ones_included(encoder_of: EncoderOf, architecture: str) -> None:
    folder = encoder_of(architecture)
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), open_tokenizer(folder)
    found = vectors(folder, SENTENCES)
    for i, sentence in enumerate(SENTENCES):
        with torch.no_grad():
            states = model(**tokenizer(sentence, return_tensors="pt"), output_hidden_states=True).hidden_states
        assert states[0].shape[1] == len(tokenizer(sentence)["input_ids"])
        for layer, vector in found.items():
            torch.testing.assert_close(vector[i], states[layer][0].mean(0), atol=1e-5, rtol=0)
    assert all(v.shape == (len(SENTENCES), 32) and v.dtype == torch.float32 for v in found.values())
    assert (found[0] - found[1]).abs().max() > 0.01
    assert (found[1] - found[2]).abs().max() > 0.01


def test_company_changes_nothing(tiny_encoder: Path) -> None:
    together, alone = vectors(tiny_encoder, SENTENCES, 10_000), vectors(tiny_encoder, SENTENCES, 1)
    backwards = vectors(tiny_encoder, SENTENCES[::-1])
    for layer in (0, 1, 2):
        torch.testing.assert_close(together[layer], alone[layer], atol=1e-5, rtol=0)
        torch.testing.assert_close(together[layer], backwards[layer].flip(0), atol=1e-5, rtol=0)


def test_long_sentences_are_cut(tiny_encoder: Path) -> None:
    tokenizer = open_tokenizer(tiny_encoder)
    ids = tokenizer(TEXT[0], truncation=True, max_length=10)["input_ids"]
    assert len(ids) == 10
    model = open_encoder(tiny_encoder)
    with torch.no_grad():
        expected = model(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0)
    torch.testing.assert_close(vectors(tiny_encoder, TEXT[:1], max_length=10)[2][0], expected, atol=1e-5, rtol=0)


def test_progress_counts_sentences(tiny_encoder: Path) -> None:
    seen: list[tuple[int, int]] = []
    how = Inference(1, 200, progress=lambda *counts: seen.append(counts))
    embed(open_encoder(tiny_encoder), SENTENCES, open_tokenizer(tiny_encoder), [1], 64, how)
    assert seen == sorted(seen)
    assert seen[-1] == (len(SENTENCES), len(SENTENCES))
    assert len(seen) > 2


def test_random_weights_follow_from_their_seed(tiny_encoder: Path) -> None:
    one, same, other = (open_encoder(tiny_encoder, random_seed=seed).state_dict() for seed in (1, 1, 2))
    trained = open_encoder(tiny_encoder).state_dict()
    assert one.keys() == trained.keys()
    assert all(torch.equal(one[name], same[name]) for name in one)
    for name in ("embeddings.word_embeddings.weight", "encoder.layer.1.output.dense.weight"):
        assert not torch.equal(one[name], other[name])
        assert not torch.equal(one[name], trained[name])


def test_all_weights_are_the_folders(tiny_encoder: Path) -> None:
    stored = load_file(tiny_encoder / "model.safetensors")
    model = open_encoder(tiny_encoder)
    assert not model.training
    for name, weight in model.state_dict().items():
        assert name.startswith("pooler.") or torch.equal(weight, stored[f"roberta.{name}"]), name


def test_weights_of_another_encoder_are_refused(encoder_of: EncoderOf) -> None:
    """Transformers would fill in random weights, with a note in its log."""
    folder = encoder_of("xlm-roberta")
    stored = load_file(folder / "model.safetensors")
    save_file({name.replace("roberta.", "bert."): tensor for name, tensor in stored.items()}, folder / "model.safetensors")
    with pytest.raises(EncoderError, match="must come from one model"):
        open_encoder(folder)


@pytest.mark.parametrize(
    ("layers", "depth", "expected"),
    [
        ("middle", 24, [14]),  # XLM-R Large: the authors' layer
        ("middle", 12, [7]),
        ("middle", 4, [2]),
        ("middle", 1, [1]),
        ("middle", 6, [4]),  # 3.5 is rounded up
        ("all", 3, [0, 1, 2, 3]),
        ((3, 0), 3, [3, 0]),
    ],
)
def test_chosen_layers(layers: object, depth: int, expected: list[int]) -> None:
    assert chosen_layers(layers, depth) == expected  # type: ignore[arg-type]


def test_a_layer_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no hidden state 5; allowed: 0 to 4"):
        chosen_layers((2, 5), 4)
