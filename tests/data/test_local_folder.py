"""Data that are not on the hub: from a folder beside it, awaited without one, and then no run starts."""

from pathlib import Path

import pytest

import toy
from study_world import assert_one, listing, make_world, problems, write_listing
from xstilts.cli import main
from xstilts.data import open_source
from xstilts.data.read import read_examples
from xstilts.errors import DataError
from xstilts.planner import make_plan
from xstilts.spec import DataSpec
from xstilts.study_file import load_study
from xstilts.tasks import TASKS

CCG = TASKS["ccg_questions"]
ROWS = [{"tokens": ["Who", "won", "?"], "ccg_tags": ["NP", "S\\NP", "."]}]
FILES = {"local/ccg_questions": {"default/train": ROWS * 8, "default/validation": ROWS}}


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return toy.write_mirror(tmp_path / "ccg", FILES)


@pytest.fixture
def hub_study(tmp_path: Path, tiny_encoder: Path) -> Path:
    return toy.write_study(
        tmp_path, tiny_encoder, tmp_path, intermediates={"none": [], "ccg": ["ccg_questions"]}, targets=["xnli"], data={}
    )


def test_a_folder_serves_what_is_not_on_the_hub_and_the_hub_the_rest(local: Path) -> None:
    source = open_source(DataSpec(local=local))
    file, other = source.find(CCG, "eng_Latn", "train"), source.find(TASKS["xnli"], "swh_Latn", "test")
    assert file is not None
    assert other is not None
    assert (file.rows, file.awaited, "sha256" in file.identity) == (8, "", True)
    assert other.identity["revision"] == TASKS["xnli"].data.revision
    assert len(read_examples(source, CCG, file).items) == 8


def test_a_data_set_that_is_incomplete_on_the_hub_comes_from_the_folder_too(tmp_path: Path) -> None:
    row = {"id": "q", "context": "Bo.", "question": "Who?", "sentence_breaks": [[0, 3]]}
    rows = [{**row, "answers": {"text": ["Bo"], "answer_start": [0]}}]
    source = open_source(
        DataSpec(local=toy.write_mirror(tmp_path / "own", {"google-research-datasets/xquad_r": {"en/validation": rows}}))
    )
    file = source.find(TASKS["lareqa"], "eng_Latn", "test")
    assert file is not None
    assert source.table(file).num_rows == 1
    awaited = source.find(TASKS["lareqa"], "deu_Latn", "test")
    assert awaited is not None
    assert awaited.awaited == TASKS["lareqa"].obtain


def test_a_folder_stands_beside_a_mirror_too(local: Path, tmp_path: Path) -> None:
    mirror = toy.write_mirror(tmp_path / "mirror", toy.datasets())
    source = open_source(DataSpec(mirror=mirror, local=local))
    files = [source.find(CCG, "eng_Latn", "train"), source.find(TASKS["xnli"], "deu_Latn", "test")]
    assert [source.table(file).num_rows for file in files if file] == [8, 24]


def test_without_a_folder_the_data_are_awaited(hub_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = make_plan(load_study(hub_study))
    assert plan.awaited == {"local/ccg_questions": CCG.obtain}
    source = open_source(DataSpec())
    file = source.find(CCG, "eng_Latn", "train")
    assert file is not None
    assert (file.rows, file.awaited) == (1_328, CCG.obtain)
    with pytest.raises(DataError, match=r"not on the hub\. These questions"):
        source.table(file)


def test_the_plan_says_what_is_awaited_and_a_run_does_not_start(
    hub_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("plan", "run"):
        monkeypatch.setattr("sys.argv", ["xstilts", verb, str(hub_study), "--out", str(tmp_path / "out")])
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr()
        assert stopped.value.code == (0 if verb == "plan" else 2)
        assert "local/ccg_questions" in (told.out if verb == "plan" else told.err)
    assert "take the task out of the study" in told.err
    assert not (tmp_path / "out" / "train").exists()


def test_another_file_is_another_key(local: Path, hub_study: Path, tmp_path: Path) -> None:
    without = make_plan(load_study(hub_study))
    study = load_study(hub_study)
    with_folder = make_plan(study.model_copy(update={"data": DataSpec(local=local)}))
    kept = without.stages.keys() & with_folder.stages.keys()
    assert {s.title for key, s in with_folder.stages.items() if key not in kept and s.kind == "train"} == {
        "train ccg_questions, seed 1",
        "train xnli, seed 1",
    }
    assert with_folder.awaited == {}


def test_a_mirror_without_it_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_world(tmp_path / "world", monkeypatch)
    hub = {name: files for name, files in listing().items() if not name.startswith("local/")}
    write_listing(study.parent / "mirror", hub)
    found = problems(study, ("qqp: [qqp]", "qqp: [ccg_questions]"), (", intermediate/qqp: {epochs: 1}", ""))
    assert_one(found, 7, "no training data of 'ccg_questions'", "These questions are not on the hub")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_world(tmp_path / "world", monkeypatch)
    assert_one(problems(study, ("data: {mirror: mirror}", "data: {mirror: mirror, local: no}")), 15, "`data.local` is 'no'")
