import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import SHARED
from xstilts.engine.tokenizer import fingerprint, open_tokenizer


def changed(folder: Path, target: Path, **changes: Any) -> Path:
    """Copy a tokenizer's folder, with fields of tokenizer.json replaced."""
    shutil.copytree(folder, target)
    file = target / "tokenizer.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return target


def test_equal_files_have_equal_fingerprints(tiny_encoder: Path, tmp_path: Path) -> None:
    one = fingerprint(open_tokenizer(tiny_encoder))
    assert one == fingerprint(open_tokenizer(tiny_encoder))
    assert one == fingerprint(open_tokenizer(changed(tiny_encoder, tmp_path / "copy")))
    assert len(one) == 16


def test_a_fixed_tokenizer_has_a_fixed_fingerprint() -> None:
    """The fingerprint stands in keys: another probe or hash would make every old score another one's."""
    folder = SHARED / "encoders" / "nano"
    if not folder.is_dir():
        pytest.skip(f"no trained encoder at {folder}")
    assert fingerprint(open_tokenizer(folder)) == "3e5b6e215f39503f"


# What tokenizers and their libraries have changed before: cases, accents, width, spaces, pairs.
@pytest.mark.parametrize(
    "changes",
    [
        {"normalizer": {"type": "NFC"}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}]}},
        {"normalizer": None},
        {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": True}},
        {"post_processor": {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}},
    ],
    ids=["NFC", "lower case", "no accents", "no normaliser", "prepend never", "one separator"],
)
def test_what_cuts_text_in_another_way_has_another_fingerprint(
    tiny_encoder: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    other = changed(tiny_encoder, tmp_path / "other", **changes)
    assert fingerprint(open_tokenizer(other)) != fingerprint(open_tokenizer(tiny_encoder))


def test_names_do_not_count(tiny_encoder: Path, tmp_path: Path) -> None:
    copy = changed(tiny_encoder, tmp_path / "copy")
    settings = json.loads((copy / "tokenizer_config.json").read_text())
    (copy / "tokenizer_config.json").write_text(json.dumps(settings | {"model_max_length": 64}))
    assert fingerprint(open_tokenizer(copy)) == fingerprint(open_tokenizer(tiny_encoder))


def test_a_tokenizer_that_does_not_map_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "canine"}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CanineTokenizer"}))
    with pytest.raises(ValueError, match=r"has no tokenizer\.json and CanineTokenizer cannot be converted"):
        open_tokenizer(tmp_path)
