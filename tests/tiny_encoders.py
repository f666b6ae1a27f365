"""Encoders of a few thousand weights, with a trained tokenizer: what the suite uses in place of a downloaded model."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
VOCABULARY = 320  # more than the tokenizer has pieces, as in many published models
TEXT = """\
The river is high today and the bridge is closed. Who opened the door of the old house?
Der Fluss steht heute hoch, und die Brücke ist gesperrt. Wer hat die Tür des alten Hauses geöffnet?
Mto umejaa leo na daraja limefungwa. Nani alifungua mlango wa nyumba ya zamani?
Nehir bugün yüksek ve köprü kapalı. Eski evin kapısını kim açtı?
Сегодня река высокая, и мост закрыт. Кто открыл дверь старого дома?
النهر مرتفع اليوم والجسر مغلق. من فتح باب البيت القديم؟
आज नदी ऊँची है और पुल बंद है। पुराने घर का दरवाज़ा किसने खोला?
今天河水很高，桥关闭了。谁打开了老房子的门？
วันนี้แม่น้ำสูงและสะพานปิด ใครเปิดประตูบ้านเก่า
""".splitlines()
SHAPE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 132,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
DROPOUT = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "xlm-roberta": ("XLMRobertaConfig", {**NO_DROPOUT, "type_vocab_size": 1}),
    "xlm-roberta-dropout": ("XLMRobertaConfig", {**DROPOUT, "type_vocab_size": 1}),
    "bert": ("BertConfig", {**NO_DROPOUT, "type_vocab_size": 2}),
    # the settings of mDeBERTa: relative positions in buckets, no absolute ones, no segments
    "deberta-v2": (
        "DebertaV2Config",
        {
            **NO_DROPOUT,
            "type_vocab_size": 0,
            "relative_attention": True,
            "position_buckets": 16,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "share_att_key": True,
            "norm_rel_ebd": "layer_norm",
        },
    ),
    "modernbert": (
        "ModernBertConfig",
        {"global_attn_every_n_layers": 2, "local_attention": 8, "cls_token_id": 0, "sep_token_id": 2},
    ),
    "eurobert": ("EuroBertConfig", {"num_key_value_heads": 2, "mask_token_id": 4}),
}


def write_encoder(folder: Path, architecture: str, auto_class: str = "AutoModelForMaskedLM", **changes: Any) -> Path:
    """Write a Hugging Face folder of an encoder with random weights; `changes` go to its configuration."""
    model = random_model(architecture, auto_class, **changes)
    model.save_pretrained(folder)
    write_tokenizer(folder, segments=architecture == "bert")
    return folder


def random_model(architecture: str, auto_class: str, *, seed: int = 0, **changes: Any) -> Any:
    """Return a model in evaluation mode with weights large enough that every part of it shows in the output."""
    config_class, settings = ARCHITECTURES[architecture]
    config = getattr(transformers, config_class)(**{**SHAPE, "initializer_range": 0.2, **settings, **changes})
    torch.manual_seed(seed)
    model = getattr(transformers, auto_class).from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:  # biases of 0 and LayerNorm weights of 1 would hide that they are used
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def write_tokenizer(folder: Path, *, segments: bool) -> None:
    """Write the files of a tokenizer trained on TEXT, in the layout of XLM-R's."""
    tokenizer = Tokenizer(BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"[\u00ad\u200b-\u200f\ufeff]"), "")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        TEXT, BpeTrainer(vocab_size=VOCABULARY - 20, special_tokens=list(SPECIAL), show_progress=False)
    )
    second = ":1" if segments else ":0"
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s>:0 $A:0 </s>:0",
        pair=f"<s>:0 $A:0 </s>:0 </s>{second} $B{second} </s>{second}",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "TokenizersBackend",
        "model_max_length": 128,
        **{f"{name}_token": token for name, token in zip(("bos", "pad", "eos", "unk", "mask"), SPECIAL, strict=True)},
        "cls_token": "<s>",
        "sep_token": "</s>",
    }
    if segments:
        settings["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_byte_tokenizer(folder: Path) -> None:
    """Write the files of a tokenizer with one piece a byte: a character's pieces all stand for it, and nothing is unknown."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={piece: i for i, piece in enumerate(alphabet)}, merges=[]))
    tokenizer.normalizer = normalizers.Replace("\u200b", "")
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<mask>", "<pad>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 258), ("</s>", 259)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "TokenizersBackend", "mask_token": "<mask>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
