"""Train a tokenizer in XLM-R's layout: `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3, then the pieces, `<mask>` last."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from xstilts.pretrain_spec import SPECIAL

MASK = "<mask>"
STEP = 0.0001  # between the scores of characters that the unigram trainer adds at the end
LONGEST = 512  # sub-tokens that the tokenizer cuts texts to when it is asked to cut and not told where


def train_tokenizer(texts: Iterable[str], kind: Literal["unigram", "bpe"], size: int) -> Any:
    """Return a trained `tokenizers.Tokenizer` of at most `size` ids.

    Text is normalised by NFKC with single spaces, and cut at spaces, which become part of the next word, as in XLM-R.
    Few texts may not have so many pieces; the vocabulary is then smaller.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    settings: dict[str, Any] = {"vocab_size": size - 1, "special_tokens": list(SPECIAL), "show_progress": False}
    unknown = SPECIAL[3]
    if kind == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        trainer: Any = trainers.UnigramTrainer(unk_token=unknown, **settings)
    else:
        tokenizer = Tokenizer(models.BPE(unk_token=unknown, fuse_unk=True))
        trainer = trainers.BpeTrainer(**settings)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(texts, trainer)
    if kind == "unigram":
        tokenizer.model = _settled(tokenizer, models.Unigram)
    tokenizer.add_special_tokens([AddedToken(MASK, lstrip=True, special=True)])
    begin, end = SPECIAL[0], SPECIAL[2]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B:0 {end}",
        special_tokens=[(begin, 0), (end, 2)],
    )
    return tokenizer


def _settled(tokenizer: Any, unigram: Any) -> Any:
    """Return the model with what the trainer leaves to chance settled: scores rounded, pieces in their order.

    It adds up in another order each time, so that scores differ in their last digits and equal ones change places. Characters
    that its model does without come last, in any order, each scored STEP below the one before.
    """
    pieces = [(piece, round(score, 6)) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]
    special, others = pieces[: len(SPECIAL)], sorted(pieces[len(SPECIAL) :], key=lambda one: (-one[1], one[0]))
    tail = len(others) - 1
    while tail > 0 and len(others[tail - 1][0]) == 1 and round(others[tail - 1][1] - others[tail][1], 6) in (0, STEP):
        tail -= 1
    characters = sorted(piece for piece, _ in others[tail:])
    scores = [score for _, score in others[tail:]]
    settled = [*special, *others[:tail], *zip(characters, scores, strict=True)]
    return unigram(settled, SPECIAL.index("<unk>"), False)


def write_tokenizer(tokenizer: Any, folder: Path) -> None:
    """Write the files from which transformers' AutoTokenizer opens the tokenizer as it is.

    The class must be TokenizersBackend: with XLMRobertaTokenizer, transformers 5 builds another normalizer.
    """
    tokenizer.save(str(folder / "tokenizer.json"))
    begin, padding, end, unknown = SPECIAL
    config = {
        "tokenizer_class": "TokenizersBackend",
        "model_max_length": LONGEST,
        "bos_token": begin,
        "cls_token": begin,
        "eos_token": end,
        "sep_token": end,
        "pad_token": padding,
        "unk_token": unknown,
        "mask_token": MASK,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
