"""The keep-policy: what is deleted, when, and that nothing runs again for it."""

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toy
from in_process import Log, contents, go, rows
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study

Write = Callable[..., Path]
EVIDENCE = ("predictions.parquet", "scores.json", "training.json")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def study(write_study: Write) -> Path:
    """Two phases before the target, retrieval from each model: checkpoints that are shared, leaves, and vectors."""
    intermediates = {"baseline": [], "nli": ["mnli"], "nli-then-qqp": ["mnli", "qqp"]}
    return write_study(**toy.small(intermediates=intermediates, targets=["xnli", "tatoeba"]))


def states(plan: Plan, out: Path) -> dict[str, str]:
    """Return `train mnli`, `train xnli after qqp`, `embed` -> state."""
    store, found = Store(out), dict[str, str]()
    for stage in plan.stages.values():
        if stage.kind == "train":
            name = f"train {stage.value['tasks'][0]['task']}"
            if stage.inputs and name == "train xnli":
                name += f" after {plan.stages[stage.inputs[0]].value['tasks'][0]['task']}"
            found[name] = store.state(stage)
        elif stage.kind == "embed" or store.state(stage) != "done":
            found[stage.kind] = store.state(stage)
    return found


SHARED = ("train mnli", "train qqp")
LEAVES = ("train xnli", "train xnli after mnli", "train xnli after qqp")


@pytest.mark.parametrize(
    ("settings", "released"),
    [
        ({"keep": "all"}, ()),
        ({"keep": "all", "leaf_gigabytes": 0}, ()),
        ({"keep": "shared"}, ("embed",)),
        ({"keep": "shared", "leaf_gigabytes": math.inf}, ("embed",)),
        ({"keep": "shared", "leaf_gigabytes": 0}, ("embed", *LEAVES)),
        ({"keep": "none"}, ("embed", *LEAVES, *SHARED)),
    ],
)
def test_each_policy_keeps_what_it_says(study: Path, out: Path, settings: dict[str, Any], released: tuple[str, ...]) -> None:
    outcome, _ = go(study, out, **settings)
    found = states(outcome.plan, out)
    assert found.keys() == {"embed", *LEAVES, *SHARED}
    assert {name for name, state in found.items() if state == "released"} == set(released)
    assert len(contents(out, "predictions.parquet")) == len(contents(out, "scores.json")) == 6 + 4
    assert all(row["value"] is not None for row in rows(outcome, out))
    again, log = go(study, out, **settings)
    assert (log.ran, states(again.plan, out)) == ([], found)
    assert rows(again, out) == rows(outcome, out)


def test_nothing_is_released_before_all_that_needs_it_has_run(study: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, release = Log(), Store.release
    order: list[tuple[str, int, list[str]]] = []

    def spy(store: Store, stage: Stage) -> int:
        freed = release(store, stage)
        if freed:
            ran = {one.key for one in log.ran}
            waiting = [
                child.title for child in plan.children[stage.key] if child.key not in ran or store.state(child) == "missing"
            ]
            order.append((stage.title, freed, waiting))
        return freed

    plan = make_plan(load_study(study))
    monkeypatch.setattr(Store, "release", spy)
    go(study, out, log, keep="none")
    assert [waiting for _, _, waiting in order] == [[]] * len(order)
    trained = [title for title, _, _ in order if title.startswith("train")]
    assert sorted(trained) == ["train mnli, seed 1", "train qqp, seed 1", *["train xnli, seed 1"] * 3]
    weights = Store(out).out.glob("train/*/model.safetensors")
    assert list(weights) == []


def test_what_another_study_releases_is_made_again(study: Path, out: Path, tmp_path: Path) -> None:
    whole, _ = go(study, tmp_path / "whole", keep="all")

    class Released(Log):
        """Releases each checkpoint and all vectors once, when another stage starts, as the run of another study may."""

        def begin(self, stage: Stage) -> None:
            for made in self.ran:
                if self.ran.count(made) == 1 and made.key not in stage.inputs:
                    Store(out).release(made)
            super().begin(stage)

    outcome, log = go(study, out, Released(), keep="all")
    assert (outcome.failed, outcome.blocked) == ({}, 0)
    assert rows(outcome, out) == rows(whole, tmp_path / "whole")
    made = Counter(stage.title for stage in log.ran if stage.kind == "train")
    assert (made["train mnli, seed 1"], max(Counter(stage.key for stage in log.ran).values())) == (2, 2)
    assert contents(out, *EVIDENCE) == contents(tmp_path / "whole", *EVIDENCE)


def test_the_oldest_leaves_go_first(study: Path, out: Path, tmp_path: Path) -> None:
    outcome, log = go(study, out, keep="all")
    sizes = [Store(out).size(stage) for stage in log.ran if stage.kind == "train" and stage.title.startswith("train xnli")]
    outcome, _ = go(study, tmp_path / "second", leaf_gigabytes=2.5 * max(sizes) / 1e9)
    found = states(outcome.plan, tmp_path / "second")
    assert [found[leaf] for leaf in LEAVES] == ["released", "done", "done"]


def test_a_stricter_policy_frees_what_earlier_runs_left(study: Path, out: Path) -> None:
    first, _ = go(study, out, keep="all")
    second, log = go(study, out, keep="none")
    assert log.ran == []
    assert set(states(second.plan, out).values()) == {"released"}
    assert rows(second, out) == rows(first, out)


def test_a_language_added_after_a_release_makes_the_same_models_again(write_study: Write, out: Path, tmp_path: Path) -> None:
    def study(*languages: str) -> Path:
        chosen = {"xnli": [*languages], "udpos": [*languages]}
        return write_study(**toy.small(targets=["xnli", "udpos"], languages=chosen))

    go(study("en"), out, keep="none")
    outcome, log = go(study("en", "de"), out, keep="none")
    # two leaves start from mnli's weights, so that they must stay until the second has
    assert (outcome.failed, log.kinds) == ({}, {"train": 5, "predict": 4, "score": 4})
    assert set(states(outcome.plan, out).values()) == {"released"}
    whole, _ = go(study("en", "de"), tmp_path / "whole", keep="all")
    assert contents(out, *EVIDENCE) == contents(tmp_path / "whole", *EVIDENCE)
    assert rows(outcome, out) == rows(whole, tmp_path / "whole")
    # leaves that stay within their disk are there for the new language
    go(study("en"), tmp_path / "shared", keep="shared")
    _, log = go(study("en", "de"), tmp_path / "shared", keep="shared")
    assert log.kinds == {"predict": 4, "score": 4}
