"""Benchmarks among the targets of a study: which tasks and languages they stand for, and what is said of mistakes."""

import json
from pathlib import Path

import pytest

from study_world import LANGUAGES, STUDY, assert_one, listing, make_world, problems, write_listing
from xstilts.benchmarks import BENCHMARKS
from xstilts.languages import resolve
from xstilts.overview import overview
from xstilts.planner import make_plan
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.tasks import TASKS

TARGETS = "targets: [xnli, pawsx, udpos, panx, sib200, tatoeba]"
XTREME = ("pawsx", "xnli", "panx", "udpos", "bucc", "tatoeba", "xquad", "mlqa", "tydiqa")
XTREME_R = tuple(task.name for task in BENCHMARKS["xtreme-r"].tasks if task.name in TASKS)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a study whose `languages` and `overrides` do not depend on its targets."""
    path = make_world(tmp_path, monkeypatch)
    lines = [line for line in STUDY.splitlines() if not line.startswith(("languages:", "overrides:"))]
    path.write_text("\n".join(lines) + "\n")
    return path


def write(study: Path, targets: str, *more: str) -> Path:
    study.write_text("\n".join([study.read_text().rstrip().replace(TARGETS, f"targets: {targets}"), *more]) + "\n")
    return study


@pytest.mark.parametrize("written", ["xtreme", "[xtreme]", "'xtreme'"])
def test_a_benchmark_stands_for_its_tasks(study: Path, written: str) -> None:
    spec = load_study(write(study, written))
    assert (spec.targets, spec.benchmarks) == (XTREME, ("xtreme",))
    assert load_study(study).targets == spec.targets


def test_a_benchmark_and_tasks_are_mixed_in_the_order_of_the_file(study: Path) -> None:
    spec = load_study(write(study, "[sib200, xtreme]"))
    assert (spec.targets, spec.benchmarks) == (("sib200", *XTREME), ("xtreme",))
    assert "sib200" not in spec.languages


def test_two_benchmarks_share_tasks(study: Path) -> None:
    spec = load_study(write(study, "[xtreme, xtreme-r]"))
    shared = [name for name in XTREME_R if not TASKS[name].pool]  # the world's mirror has no pool
    assert spec.targets == tuple(dict.fromkeys([*XTREME, *shared]))
    assert spec.benchmarks == ("xtreme", "xtreme-r")


def test_the_languages_are_the_benchmark_s(study: Path) -> None:
    """The hub promises all of them."""
    study.write_text(study.read_text().replace("data: {mirror: mirror}\n", ""))
    for name in ("xtreme", "xtreme-r", "flores-200"):
        before = study.read_text()
        spec = load_study(write(study, name))
        study.write_text(before)
        for task in BENCHMARKS[name].tasks:
            if task.name in TASKS and not TASKS[task.name].obtain:
                tags = tuple(resolve(code, TASKS[task.name].languages) for code in task.languages)
                assert spec.languages[task.name] == (tags or tuple(TASKS[task.name].languages))
    assert len(load_study(write(study, "[xtreme, xtreme-r]")).languages["udpos"]) == 38


def test_a_mirror_s_languages_are_those_that_it_has(study: Path) -> None:
    spec = load_study(write(study, "xtreme"))
    assert set(spec.languages["xquad"]) == {"eng_Latn", "deu_Latn", "arb_Arab", "tur_Latn"}
    assert set(spec.languages["tatoeba"]) == set(LANGUAGES) - {"eng_Latn"}


def test_languages_that_are_listed_win(study: Path) -> None:
    spec = load_study(write(study, "xtreme", "languages: {panx: [sw], xquad: [de, en]}"))
    assert spec.languages["panx"] == ("swh_Latn",)
    assert spec.languages["xquad"] == ("deu_Latn", "eng_Latn")
    assert set(spec.languages["xnli"]) == set(LANGUAGES)


def test_tasks_without_data_are_left_out_and_told(study: Path, tiny_encoder: Path) -> None:
    lacking = {
        name: entry for name, entry in listing().items() if name not in ("google-research-datasets/paws-x", "google/xquad")
    }
    lacking["juletxara/tydiqa_xtreme"]["files"] = {  # no training data
        name: file for name, file in lacking["juletxara/tydiqa_xtreme"]["files"].items() if name.endswith("validation")
    }
    write_listing(study.parent / "mirror", lacking)
    study.write_text(study.read_text().replace("encoders/nano", str(tiny_encoder)))
    spec = load_study(write(study, "[xtreme, xtreme-r]"))
    assert {"pawsx", "xquad", "tydiqa"}.isdisjoint(spec.targets)
    plan = make_plan(spec)
    told = overview(plan, Store(study.parent / "out"))["not_evaluated"]
    for name in ("pawsx", "xquad", "tydiqa"):
        assert f"{name}: not evaluated, for the data source has no data of it." in told["xtreme"]
    assert "xnli: 5 of 15 languages, without bg el es fr hi ru th ur vi zh." in told["xtreme"]
    absent = [task.name for task in BENCHMARKS["xtreme-r"].tasks if task.name not in TASKS]
    for name in absent:
        assert f"{name}: not evaluated, for xstilts has no task of this name." in told["xtreme-r"]


def test_a_task_that_is_not_on_the_hub_is_left_out(study: Path) -> None:
    """LAReQA and Mewsli-X are given out by their authors alone; the rest of XTREME-R can be run without them."""
    study.write_text(study.read_text().replace("data: {mirror: mirror}\n", ""))
    spec = load_study(write(study, "xtreme-r"))
    assert set(XTREME_R) - set(spec.targets) == {"lareqa", "mewslix"}
    assert {"lareqa", "mewslix"}.isdisjoint(spec.languages)


def test_a_task_that_is_named_itself_must_have_data(study: Path) -> None:
    write_listing(study.parent / "mirror", {k: v for k, v in listing().items() if k != "Davlan/sib200"})
    training, evaluation = problems(write(study, "[sib200, xtreme]"))
    assert "no training data of 'sib200'" in training.message
    assert "no evaluation data of 'sib200' in any of its languages" in evaluation.message


def test_a_benchmark_without_any_data_is_a_mistake(study: Path) -> None:
    kept = ("nyu-mll/glue", "stanfordnlp/snli")
    write_listing(study.parent / "mirror", {name: entry for name, entry in listing().items() if name in kept})
    assert_one(problems(write(study, "flores-200")), 9, "there is no data of any of sib200, belebele, flores200")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[xtreme, xnli]", ["'xnli' is a task of xtreme already", "each counts once. Remove it", "`languages: {xnli: [...]}`"]),
        ("[xtreme-r, xtreme, tydiqa]", ["'tydiqa' is a task of xtreme-r, xtreme already"]),
        ("[xtreme, xtreme]", ["`targets` names 'xtreme' twice", "Remove one."]),
        ("[xtrem]", ["unknown task or benchmark 'xtrem'", "Did you mean 'xtreme'?", "flores-200, xtreme, xtreme-r"]),
        ("xtrem", ["unknown task or benchmark 'xtrem'", "Did you mean 'xtreme'?"]),
        ("[xtreme, xlni]", ["unknown task 'xlni'", "Did you mean 'xnli'?", "`xstilts tasks` lists all"]),
    ],
)
def test_mistakes_are_told_once_with_their_line(study: Path, written: str, words: list[str]) -> None:
    assert_one(problems(write(study, written)), 9, *words)


def test_mistakes_elsewhere_know_the_benchmark_s_tasks(study: Path) -> None:
    write(study, "xtreme", "languages: {sib200: [de], xquad: [xx]}", "overrides: {target/udpos: {epochs: 3}, target/bucc: {}}")
    found = problems(study)
    assert [problem.line for problem in found] == [14, 14, 15]
    assert "'sib200', which is no target; targets are pawsx, xnli, panx" in found[0].message
    assert "unknown language 'xx'" in found[1].message
    assert "'target/bucc' changes nothing: bucc is retrieval" in found[2].message


def test_the_field_that_holds_benchmarks_is_none_of_a_file_s(study: Path) -> None:
    write(study, "xtreme", "benchmarks: [xtreme]")
    assert_one(problems(study), 14, "unknown field 'benchmarks'", "write `targets: [xtreme]`")


def test_a_study_in_json_is_read_alike(study: Path) -> None:
    from ruamel.yaml import YAML

    spec = load_study(write(study, "xtreme"))
    study.write_text(json.dumps(YAML(typ="safe").load(study.read_text())))
    assert load_study(study) == spec
