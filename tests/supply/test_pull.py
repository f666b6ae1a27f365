"""A part of one mirror as another mirror: the same bytes, so the same keys."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import toy
from own_world import own_task
from xstilts.errors import DataError
from xstilts.planner import make_plan
from xstilts.study_file import load_study
from xstilts.supply.pull import Pulled, pull_study
from xstilts.tasks import TASKS

XNLI = ("en/train", "en/validation", "en/test", "de/test", "sw/test")


def pull(study: Path, folder: Path, *, encoders: bool = False) -> dict[str, Pulled]:
    return {one.name: one for one in pull_study(load_study(study, need_data=False), folder, encoders=encoders)}


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    deviations = {"facebook/xnli": {"en/train": "REDUCED: 48", "de/train": "not read"}}
    folder = toy.write_mirror(tmp_path / "mirror", toy.datasets(), deviations)
    manifest = json.loads((folder / "mirror.yaml").read_text())
    manifest["facebook/xnli"] |= {"licence": "some licence", "source": "some place"}
    manifest["facebook/xnli"]["files"]["en/test"]["revision"] = "c" * 40
    (folder / "mirror.yaml").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def study(write_study: Callable[..., Path], mirror: Path) -> Path:
    return write_study(data={"mirror": str(mirror)}, targets=["xnli"], intermediates={"baseline": []})


def test_copies_what_the_study_reads_and_nothing_else(study: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "new" / "part"
    found = pull(study, to)
    assert {name: one.outcome for name, one in found.items()} == {f"facebook/xnli {name}": "pulled" for name in XNLI}
    assert {str(path.relative_to(to)) for path in to.rglob("*.parquet")} == {f"facebook--xnli/{name}.parquet" for name in XNLI}
    for path in to.rglob("*.parquet"):
        assert path.read_bytes() == (mirror / path.relative_to(to)).read_bytes()
    before, after = (json.loads((folder / "mirror.yaml").read_text()) for folder in (mirror, to))
    assert after == {
        "facebook/xnli": {
            "files": {name: before["facebook/xnli"]["files"][name] for name in XNLI},
            "deviation": {"en/train": "REDUCED: 48"},
            "licence": "some licence",
            "source": "some place",
        }
    }


def test_the_keys_stay(study: Path, write_study: Callable[..., Path], tmp_path: Path) -> None:
    before = list(make_plan(load_study(study)).stages)
    pull(study, tmp_path / "part")
    copied = write_study(
        name="copied", data={"mirror": str(tmp_path / "part")}, targets=["xnli"], intermediates={"baseline": []}
    )
    plan = make_plan(load_study(copied))
    assert list(plan.stages) == before
    assert all("REDUCED: 48" in planned.deviation for planned in plan.scores)


def test_again_keeps_what_is_there(study: Path, tmp_path: Path) -> None:
    pull(study, tmp_path / "part")
    hurt = tmp_path / "part" / "facebook--xnli" / "de" / "test.parquet"
    whole = hurt.read_bytes()
    hurt.write_bytes(whole[:50])
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "part").rglob("*.parquet") if path != hurt}
    again = pull(study, tmp_path / "part")
    assert [name for name, one in again.items() if one.outcome == "pulled"] == ["facebook/xnli de/test"]
    assert hurt.read_bytes() == whole
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_one_file_that_fails_holds_up_no_other(study: Path, mirror: Path, tmp_path: Path) -> None:
    (mirror / "facebook--xnli" / "en" / "train.parquet").write_bytes(b"half")
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    for split in ("train", "validation", "test"):
        del manifest["facebook/xnli"]["files"][f"en/{split}"]
    manifest["facebook/xnli"]["files"]["en/train"] = {"rows": 1, "sha256": "0" * 64}
    manifest["facebook/xnli"]["deviation"] = {}
    (mirror / "mirror.yaml").write_text(json.dumps(manifest))
    study.write_text(study.read_text().replace('"seeds"', '"languages": {"xnli": ["en", "de", "sw"]}, "seeds"'))
    found = pull(study, tmp_path / "part")
    outcomes = {name.partition(" ")[2]: one.outcome for name, one in found.items()}
    assert outcomes == {"en/train": "failed", "de/test": "pulled", "en/test": "failed", "sw/test": "pulled"}
    assert "damaged or another version" in found["facebook/xnli en/train"].text
    assert "does not hold facebook/xnli, configuration en, split test. Add it" in found["facebook/xnli en/test"].text
    assert set(json.loads((tmp_path / "part" / "mirror.yaml").read_text())["facebook/xnli"]["files"]) == {"de/test", "sw/test"}


def test_encoders_of_one_s_own_are_left_where_they_are(study: Path, tmp_path: Path, tiny_encoder: Path) -> None:
    found = pull(study, tmp_path / "part", encoders=True)
    assert found["encoder tiny"] == Pulled(
        "encoder tiny", "left", f"{tiny_encoder} is a folder of your own: copy it along with the study file."
    )
    assert not (tmp_path / "part" / "hub").exists()


def test_what_is_not_on_the_hub_is_copied_from_its_own_folder(
    write_study: Callable[..., Path], mirror: Path, tmp_path: Path
) -> None:
    question = {"context": "a b", "question": "S", "answers": {"text": ["a"], "answer_start": [0]}}
    splits = {f"default/{split}": [{**question, "tokens": ["a"], "tags": ["N"]}] for split in ("train", "validation")}
    local = toy.write_mirror(tmp_path / "own", {TASKS["ccg_questions"].data.path: splits})
    changes = {"targets": ["xnli"], "intermediates": {"baseline": [], "ccg": ["ccg_questions"]}}
    missing = pull(write_study(data={"mirror": str(mirror)}, **changes), tmp_path / "part")
    assert [one.outcome for one in missing.values()].count("failed") == 1
    found = pull(write_study(data={"mirror": str(mirror), "local": str(local)}, **changes), tmp_path / "part")
    assert [name for name, one in found.items() if one.outcome == "pulled"] == [
        f"{TASKS['ccg_questions'].data.path} {name}" for name in splits
    ]


def test_a_mirror_is_not_copied_into_itself(study: Path, mirror: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(mirror)
    before = (mirror / "mirror.yaml").read_bytes()
    with pytest.raises(DataError, match=r"is the mirror that the study reads\. Give another folder"):
        pull(study, link)
    assert (mirror / "mirror.yaml").read_bytes() == before


def test_a_full_disk_is_told_and_the_rest_goes_on(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copyfile

    def full(source: str, place: Path) -> None:
        if "sw" in str(place):
            raise OSError(28, "No space left on device")
        copy(source, place)

    monkeypatch.setattr("shutil.copyfile", full)
    found = pull(study, tmp_path / "part")
    assert [one.outcome for one in found.values()].count("pulled") == 4
    assert "No space left on device" in found["facebook/xnli sw/test"].text
    assert "run again" in found["facebook/xnli sw/test"].text


def test_own_files_and_made_rows_are_left(write_study: Callable[..., Path], mirror: Path, tmp_path: Path) -> None:
    task = own_task(tmp_path, "tagging")
    found = pull(
        write_study(
            data={"mirror": str(mirror)},
            tasks={"mine": task},
            intermediates={"baseline": [], "mine": ["mine"]},
            targets=["c_choice_200"],
            languages={"c_choice_200": ["en", "cc"]},
        ),
        tmp_path / "part",
    )
    assert {one.outcome for one in found.values()} == {"left"}
    place = tmp_path / task["data"]["train"]["en"]
    assert found["mine eng_Latn/train"].text == f"{place} is a file of your own: copy it along with the study file."
    assert found["constructed/choice cc.village/test"].text.startswith("its rows are made where they are read")


def test_the_pool_that_all_languages_share_is_copied(write_study: Callable[..., Path], mirror: Path, tmp_path: Path) -> None:
    names = ("en/train", "en/validation", "en/test", "candidates/entities")
    local = toy.write_mirror(tmp_path / "own", {"local/mewslix": {name: [{"entity_id": "Q1"}] for name in names}})
    changes = {"targets": ["mewslix"], "intermediates": {"baseline": []}}
    found = pull(write_study(data={"mirror": str(mirror), "local": str(local)}, **changes), tmp_path / "part")
    assert {name: one.outcome for name, one in found.items()} == {f"local/mewslix {name}": "pulled" for name in names}
