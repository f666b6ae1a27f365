"""Which files a study needs: those that its plan reads, and those that are nowhere."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import toy
from xstilts.planner import make_plan
from xstilts.study_file import load_study
from xstilts.supply.needs import Needs, licence, study_needs


def needs_of(path: Path) -> Needs:
    return study_needs(load_study(path, need_data=False))


def roles(needs: Needs) -> dict[str, str]:
    return {need.name: need.roles() for need in needs.parts()}


@pytest.fixture
def mirror(toy_mirror: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_mirror, tmp_path / "mirror")


def unlist(mirror: Path, dataset: str, *names: str) -> None:
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    for name in names:
        del manifest[dataset]["files"][name]
    (mirror / "mirror.yaml").write_text(json.dumps(manifest))


def test_needs_are_the_files_of_the_plan(toy_study: Path) -> None:
    needs = needs_of(toy_study)
    plan = make_plan(load_study(toy_study))
    assert {need.file.origin for need in needs.files} == {file.origin for file in plan.files.values()}
    assert list(needs.plan.stages) == list(plan.stages)
    assert not any(need.absent for need in needs.files)
    expected = {f"facebook/xnli {code}/test": "evaluation" for code in ("en", "de", "sw")}
    expected |= {f"google/xtreme udpos.{name}/test": "evaluation" for name in ("English", "German")}
    expected |= {"mteb/tatoeba-bitext-mining deu-eng/test": "evaluation"}
    sets = ("facebook/xnli en/", "google/xtreme udpos.English/", "nyu-mll/glue qqp/")
    expected |= {f"{name}{role}": role for name in sets for role in ("train", "validation")}
    expected |= {"nyu-mll/glue mnli/train": "train", "nyu-mll/glue mnli/validation_matched": "validation"}
    assert roles(needs) == expected


def test_a_file_has_all_its_readers(write_study: Callable[..., Path], mirror: Path) -> None:
    unlist(mirror, "facebook/xnli", "en/test")
    study = write_study(data={"mirror": str(mirror)}, targets=["xnli"], intermediates={"baseline": []})
    found = {need.name: need for need in needs_of(study).files}
    assert found["facebook/xnli en/validation"].roles() == "validation, evaluation"
    assert [reader.task for reader in found["facebook/xnli en/validation"].readers] == ["xnli", "xnli"]


def test_all_that_is_nowhere_is_named(write_study: Callable[..., Path], mirror: Path) -> None:
    unlist(mirror, "facebook/xnli", "en/train", "en/validation", "de/test", "de/validation", "de/train", "sw/validation")
    unlist(mirror, "nyu-mll/glue", "mnli/train")
    unlist(mirror, "mteb/tatoeba-bitext-mining", "deu-eng/test")
    study = write_study(data={"mirror": str(mirror)}, languages={"xnli": ["en", "de", "sw"], "tatoeba": ["deu"]})
    with pytest.raises(Exception, match="no training data of 'mnli'"):
        load_study(study)
    absent = [need for need in needs_of(study).parts() if need.absent]
    assert {need.name: need.roles() for need in absent} == {
        "facebook/xnli en/train": "train",
        "facebook/xnli de/test": "evaluation",
        "nyu-mll/glue mnli/train": "train",
        "mteb/tatoeba-bitext-mining deu-eng/test": "evaluation",
    }
    said = (
        f"facebook/xnli (en/train): not there. The mirror {mirror} does not hold facebook/xnli, configuration en, split train."
    )
    assert absent[0].wanted == f"{said} Add it, or take the task out."


def test_languages_that_are_not_asked_for_are_not_missing(write_study: Callable[..., Path], mirror: Path) -> None:
    unlist(mirror, "facebook/xnli", "de/test", "de/validation")
    study = write_study(data={"mirror": str(mirror)}, targets=["xnli"], intermediates={"baseline": []})
    needs = needs_of(study)
    assert not any(need.absent for need in needs.files)
    unlist(mirror, "facebook/xnli", "en/test", "en/validation", "sw/test", "sw/validation")
    absent = [need.name for need in needs_of(study).files if need.absent]
    assert len(absent) == 15  # all languages of XNLI, when there is none
    assert "facebook/xnli bg/test" in absent


def test_joined_files_are_taken_apart(write_study: Callable[..., Path], tmp_path: Path) -> None:
    rows = toy.datasets()["nyu-mll/glue"]["mnli/train"]
    splits = {"plain_text/train": rows, "plain_text/validation": rows[:9]}
    rounds = {f"plain_text/{split}_r{i}": rows[:9] for split in ("train", "dev") for i in (1, 2, 3)}
    del rounds["plain_text/train_r2"]
    data = toy.datasets() | {"stanfordnlp/snli": splits, "facebook/anli": rounds}
    mirror = toy.write_mirror(tmp_path / "mirror", data)
    study = write_study(
        data={"mirror": str(mirror)}, targets=["xnli"], intermediates={"baseline": [], "nli": ["mnli", "anli_plus"]}
    )
    needs = needs_of(study)
    joined = [need for need in needs.files if need.file.parts]
    assert [len(need.file.parts) for need in joined] == [5, 5]
    assert joined[0].name.startswith("stanfordnlp/snli plain_text/train + nyu-mll/glue mnli/train + facebook/anli")
    by_name = {need.name: need for need in needs.parts()}
    assert [name for name, need in by_name.items() if need.absent] == ["facebook/anli plain_text/train_r2"]
    assert {reader.task for reader in by_name["nyu-mll/glue mnli/train"].readers} == {"mnli", "anli_plus"}
    assert licence(by_name["facebook/anli plain_text/dev_r1"], needs).startswith("CC BY-NC 4.0 (ANLI)")
    assert licence(by_name["nyu-mll/glue mnli/train"], needs) == needs.plan.tasks["mnli"].licence


def test_the_mirror_s_licence_comes_first(write_study: Callable[..., Path], mirror: Path) -> None:
    manifest = json.loads((mirror / "mirror.yaml").read_text())
    manifest["facebook/xnli"]["licence"] = "as the mirror says"
    (mirror / "mirror.yaml").write_text(json.dumps(manifest))
    needs = needs_of(write_study(data={"mirror": str(mirror)}))
    told = {need.name: licence(need, needs) for need in needs.files}
    assert told["facebook/xnli en/test"] == "as the mirror says"
    assert told["google/xtreme udpos.English/test"] == needs.plan.tasks["udpos"].licence
