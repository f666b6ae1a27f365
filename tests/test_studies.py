"""The paper's grid as study files: what they plan, before anything is downloaded or trained."""

import os
from collections import Counter
from pathlib import Path

import pytest

from conftest import SHARED
from xstilts.cost import gpu_hours
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.study_file import load_study

STUDIES = Path(__file__).parents[1] / "studies"
NINE = ["anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmosqa", "commonsenseqa"]
TARGETS = {"xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"}


@pytest.fixture(scope="module")
def paper() -> Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("XSTILTS_MIRROR", raising=False)
        return make_plan(load_study(STUDIES / "phang2020.yaml"))


def test_the_grid_is_the_paper_s(paper: Plan) -> None:
    study = paper.study
    assert list(study.intermediates) == ["baseline", *NINE, "multi-task"]
    assert [phase.mix for phase in study.intermediates["multi-task"]] == [tuple(NINE)]
    assert set(study.targets) == TARGETS
    languages = {planned.language for planned in paper.scores}
    assert len(languages) == 40
    assert study.seeds == (1, 2, 3)
    # 11 rows x 9 targets x 3 seeds, and the floor of the two retrieval targets
    assert len({planned.cell for planned in paper.scores}) == 11 * 9 * 3 + 2 * 3


def test_what_rows_share_is_trained_once(paper: Plan) -> None:
    """XQuAD and MLQA share a head; SQuAD v1.1 as an intermediate is what the baseline trains for them."""
    trained = [stage for stage in paper.stages.values() if stage.kind == "train"]
    assert len(trained) == 3 * (9 + 11 * 6)  # 10 intermediates, of which one is a target's training; 6 trained heads a row
    squad = Counter(stage.value["seed"] for stage in trained if [t["task"] for t in stage.value["tasks"]] == ["squad_v1"])
    assert squad == {1: 11, 2: 11, 3: 11}


def test_the_sizes_are_the_standard_ones(paper: Plan) -> None:
    work = {stage.title: paper.work[stage.key] for stage in paper.stages.values() if stage.kind == "train"}
    assert work["train anli_plus, seed 1"].examples == 1_104_934
    capped = [min(size, 131_072) for size in (1_104_934, 392_702, 363_846, 130_319, 87_599, 39_905, 38_015, 25_262, 9_741)]
    assert work[f"train {'+'.join(NINE)}, seed 1"].examples == sum(capped)
    hours = gpu_hours(paper, paper.stages.values())
    assert hours is not None
    assert 1 < hours < 100


def test_ccgbank_is_awaited(paper: Plan) -> None:
    (obtain,) = paper.awaited.values()
    assert "LDC2005T13" in obtain


def test_the_small_grid_is_the_same(paper: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: it has the small encoder and the data")
    monkeypatch.chdir(STUDIES.parent)
    small = load_study(STUDIES / "phang2020_nano.yaml")
    assert small.data.mirror == Path(os.path.normpath(STUDIES.parent.parent / "shared" / "data" / "mirror"))
    stand_in = {"ccg": "ccg_questions"}
    assert list(small.intermediates) == [stand_in.get(name, name) for name in paper.study.intermediates]
    assert set(small.targets) == set(paper.study.targets)
    rows = {(planned.cell.intermediate, planned.cell.target) for planned in make_plan(small).scores}
    assert len(rows) == 11 * 9 + 2
