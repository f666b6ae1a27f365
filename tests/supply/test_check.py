"""What is wrong with the files of a mirror: all of it at once."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from pyarrow import Table, parquet

import toy
from own_world import CSV, own_task, write
from xstilts.data.own import Own
from xstilts.errors import DataError
from xstilts.study_file import load_study
from xstilts.supply.check import Finding, Looking, check_study


def check(path: Path) -> dict[str, Finding]:
    return {one.name: one for one in check_study(load_study(path, need_data=False), Looking())}


@pytest.fixture
def mirror(toy_mirror: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_mirror, tmp_path / "mirror")


@pytest.fixture
def study(write_study: Callable[..., Path], mirror: Path) -> Callable[..., Path]:
    return lambda **changes: write_study(**{"data": {"mirror": str(mirror)}, **changes})


def place(mirror: Path, dataset: str, name: str) -> Path:
    return mirror / dataset.replace("/", "--") / f"{name}.parquet"


def replace_rows(mirror: Path, dataset: str, name: str, rows: list[toy.Row]) -> None:
    """Put other rows in a file, and list them."""
    path = place(mirror, dataset, name)
    parquet.write_table(Table.from_pylist(rows), path)
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    manifest[dataset]["files"][name] = {"rows": len(rows), "sha256": sha256(path.read_bytes()).hexdigest()}
    (mirror / "mirror.yaml").write_text(json.dumps(manifest))


def rows(dataset: str, name: str) -> list[toy.Row]:
    return toy.datasets()[dataset][name]


def test_a_sound_study_has_no_problem(study: Callable[..., Path], mirror: Path, tiny_encoder: Path) -> None:
    found = check(study())
    assert {one.state for one in found.values()} == {"here"}
    assert not any(one.problem for one in found.values())
    one, path = found["facebook/xnli en/train"], place(mirror, "facebook/xnli", "en/train")
    assert (one.rows, one.bytes, one.bad_rows) == (48, path.stat().st_size, 0)
    assert (one.version, one.roles, one.tasks) == (sha256(path.read_bytes()).hexdigest(), "train", ("xnli",))
    assert one.licence == "CC BY-NC 4.0"
    encoder = found[f"tiny ({tiny_encoder})"]
    assert (encoder.roles, encoder.bytes) == ("encoder", sum(path.stat().st_size for path in tiny_encoder.iterdir()))


def test_one_problem_hides_no_other(study: Callable[..., Path], mirror: Path) -> None:
    place(mirror, "facebook/xnli", "de/test").unlink()
    place(mirror, "google/xtreme", "udpos.English/train").write_bytes(b"half")
    same = [{**row, "label": 1} for row in rows("facebook/xnli", "en/test")]
    replace_rows(mirror, "facebook/xnli", "en/test", same)
    wrong = rows("nyu-mll/glue", "qqp/train")
    wrong[7]["label"] = 9
    wrong[9]["question1"] = ""
    replace_rows(mirror, "nyu-mll/glue", "qqp/train", wrong)
    replace_rows(mirror, "nyu-mll/glue", "mnli/train", [{"premise": "only"}])
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    del manifest["nyu-mll/glue"]["files"]["mnli/validation_matched"]
    del manifest["facebook/xnli"]["files"]["sw/test"], manifest["facebook/xnli"]["files"]["sw/validation"]
    (mirror / "mirror.yaml").write_text(json.dumps(manifest))
    found = check(study(languages={"xnli": ["en", "de", "sw"]}))
    wrong_states = {name: one.state for name, one in found.items() if one.problem}
    assert wrong_states == {
        "facebook/xnli de/test": "missing",
        "facebook/xnli sw/test": "missing",
        "facebook/xnli en/test": "placeholder",
        "google/xtreme udpos.English/train": "damaged",
        "nyu-mll/glue qqp/train": "bad rows",
        "nyu-mll/glue mnli/train": "unreadable",
    }
    assert "Copy it again" in found["facebook/xnli de/test"].problem
    assert "does not hold facebook/xnli, configuration sw, split test. Add it" in found["facebook/xnli sw/test"].problem
    assert "all 24 examples have the label 'neutral', a placeholder" in found["facebook/xnli en/test"].problem
    assert "is damaged or another version" in found["google/xtreme udpos.English/train"].problem
    bad = found["nyu-mll/glue qqp/train"]
    assert (bad.bad_rows, bad.rows) == (2, 48)
    assert bad.problem.startswith("2 rows that qqp cannot use. ")
    assert "row 7 (counted from 0): label 9" in bad.problem
    assert "`data.on_bad_row: skip`" in bad.problem


def test_a_file_without_an_example_is_unreadable(study: Callable[..., Path], mirror: Path) -> None:
    replace_rows(mirror, "facebook/xnli", "en/train", [{"premise": "only"}] * 3)
    one = check(study(intermediates={"baseline": []}))["facebook/xnli en/train"]
    assert one.state == "unreadable"
    assert "none of its 3 rows is an example of xnli" in one.problem


def test_bad_rows_that_are_skipped_are_counted_and_no_problem(study: Callable[..., Path], mirror: Path) -> None:
    wrong = rows("facebook/xnli", "en/train")
    wrong[7]["label"] = 9
    replace_rows(mirror, "facebook/xnli", "en/train", wrong)
    one = check(study(data={"mirror": str(mirror), "on_bad_row": "skip"}))["facebook/xnli en/train"]
    assert (one.state, one.bad_rows, one.problem) == ("here", 1, "")


def test_only_what_the_study_reads_is_looked_at(study: Callable[..., Path], mirror: Path) -> None:
    """A run looks at no row beyond the limit, and trains on one label if it must."""
    same = [{**row, "label": 1} for row in rows("facebook/xnli", "en/train")]
    for row in same[1:]:
        row["label"] = 9
    replace_rows(mirror, "facebook/xnli", "en/train", same)
    found = check(study(limit={"train": 48}))["facebook/xnli en/train"]
    assert (found.state, found.bad_rows) == ("bad rows", 47)
    replace_rows(mirror, "facebook/xnli", "en/train", [{**row, "label": 1} for row in same])
    assert check(study())["facebook/xnli en/train"].state == "here"


def test_sentences_without_gold_pairs_are_unreadable(study: Callable[..., Path], mirror: Path) -> None:
    replace_rows(mirror, "mteb/tatoeba-bitext-mining", "deu-eng/test", [{"sentence1": "", "sentence2": "x"}] * 2)
    assert check(study())["mteb/tatoeba-bitext-mining deu-eng/test"].state == "unreadable"


def test_a_mirror_that_is_none_is_told(study: Callable[..., Path], mirror: Path) -> None:
    (mirror / "mirror.yaml").unlink()
    with pytest.raises(DataError, match=r"no readable mirror\.yaml"):
        check(study())


def test_own_files_are_looked_at_once_and_made_rows_are_not(
    study: Callable[..., Path], mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = own_task(tmp_path, "classification", data={split: {"en": f"data/{split}.csv"} for split in ("train", "test")})
    places = {split: write(tmp_path / "data" / f"{split}.csv", f"{CSV}\n{split},billing\n") for split in ("train", "test")}
    changes = {"tasks": {"mine": task}, "languages": {"c_choice_200": ["en", "cc"]}, "intermediates": {"baseline": []}}
    data = {"mirror": str(mirror), "on_bad_row": "skip"}
    spec = load_study(study(data=data, targets=["mine", "c_choice_200"], **changes), need_data=False)
    read: list[str] = []
    table = Own.table
    monkeypatch.setattr(Own, "table", lambda self, file: read.append(file.origin) or table(self, file))
    found = {one.name: one for one in check_study(spec, Looking())}
    one = found["mine eng_Latn/test"]
    assert (one.state, one.bad_rows, one.rows, one.licence) == ("here", 1, 4, "")
    assert sorted(read) == sorted(map(str, places.values()))
    made = found["constructed/choice cc.village/test"]
    assert (made.state, made.rows, made.bad_rows, made.problem) == ("here", 600, None, "")
