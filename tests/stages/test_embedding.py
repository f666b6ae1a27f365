import json
import shutil
from collections.abc import Callable
from pathlib import Path

import toy
from in_process import go, rows


def test_encoders_that_differ_in_the_tokenizer_alone_keep_their_own(
    write_study: Callable[..., Path], tiny_encoder: Path, tmp_path: Path
) -> None:
    """Each is scored as if it were alone, though they have the same weights, by which a study knows an encoder."""
    other = shutil.copytree(tiny_encoder, tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_bytes())
    tokenizer["normalizer"] = {"type": "Replace", "pattern": {"String": "r"}, "content": "d"}
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    encoders = {"one": {"path": str(tiny_encoder)}, "two": {"path": str(other)}}
    found = {}
    for names in (["one", "two"], ["one"], ["two"]):
        chosen = {name: encoders[name] for name in names}
        study = write_study(**toy.small(encoders=chosen, intermediates={"baseline": []}, targets=["tatoeba"], languages=None))
        out = tmp_path / "-".join(names)
        outcome, _ = go(study, out)
        assert outcome.failed == {}
        found[tuple(names)] = [{**row, "study": ""} for row in rows(outcome, out)]
    alone = [*found["one",], *found["two",]]
    assert found["one", "two"] == alone
    assert [row["value"] for row in found["one",]] != [row["value"] for row in found["two",]]
