"""Tracking: TensorBoard's and MLflow's own readers find the numbers of the store, and a second call adds nothing."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import report_world
from fake_hub import CLOSED
from xstilts.cli import main
from xstilts.errors import XstiltsError
from xstilts.exports.tracking import Added, runs_of, track
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store
from xstilts.study_file import load_study

CHANGES: dict[str, Any] = {
    "encoders": {"base": {"hub": "FacebookAI/xlm-roberta-base", "revision": "0" * 40}},
    "intermediates": {"baseline": [], "nli": ["mnli"]},
    "languages": {"xnli": ["en", "sw"]},
    "seeds": [1],
    "claims": [],
}
Values = dict[tuple[str, str, int], float]  # run, metric, step


@pytest.fixture
def results(tmp_path: Path) -> Results:
    study = report_world.write_study(tmp_path, **CHANGES)
    report_world.fill(study, tmp_path / "out")
    return Results(make_plan(load_study(study)), Store(tmp_path / "out"))


def stored(results: Results) -> Values:
    """Return the numbers of the store, by the first parts of the runs' names."""
    found: Values = {}
    for stage in results.plan.stages.values():
        if stage.kind == "train":
            log = json.loads((results.store.folder(stage) / "training.json").read_text())
            name = f"training/{stage.value['tasks'][0]['task']}/1/{stage.key[:8]}"
            found |= {(name, "loss", update): loss for update, loss in log["losses"]}
            found |= {
                (name, f"validation/{task}", at["update"]): value
                for at in log["validation"]
                for task, value in at.items()
                if task != "update"
            }
    for row in results.rows():
        name = f"cells/{row['encoder']}/{row['intermediate']}/{row['target']}/{row['seed']}"
        metric = "/".join(filter(None, (row["metric"], row["language"], row["variant"].replace("=", ":"))))
        found[name, metric, 0] = row["value"]
    return found


def without_key(name: str) -> str:
    return name.rpartition("/")[0] if name.startswith("cells/") else name


def shown(folder: Path) -> Values:
    """Return what TensorBoard reads; of several values at one step the last."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found: Values = {}
    for run in {path.parent for path in folder.rglob("events.out.tfevents.*")}:
        read = EventAccumulator(str(run), size_guidance={"scalars": 0}).Reload()
        name = without_key(str(run.relative_to(folder / "world")))
        found |= {(name, tag, at.step): at.value for tag in read.Tags()["scalars"] for at in read.Scalars(tag)}
    return found


def change_a_score(results: Results) -> Results:
    """Give the first score another value; return what reads the store anew."""
    first = results.store.folder(results.plan.scores[0].stage) / "scores.json"
    scores = json.loads(first.read_text())
    scores["scores"][0]["value"] = 12.25
    first.write_text(json.dumps(scores))
    return Results(results.plan, results.store)


def test_tensorboard_reads_the_numbers_of_the_store(results: Results, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tracking` is not installed")
    to = tmp_path / "curves"
    runs = runs_of(results)
    wanted = stored(results)
    assert track(results, f"tensorboard:{to}") == Added(len(runs), len(wanted))
    assert len(runs) == 3 + 5  # mnli, xnli twice; xnli and tatoeba twice and the floor
    found = shown(to)
    assert found == {place: np.float32(value) for place, value in wanted.items()}
    files = {path: path.read_bytes() for path in to.rglob("*") if path.is_file()}
    assert track(results, f"tensorboard:{to}") == Added(0, 0)
    assert {path: path.read_bytes() for path in to.rglob("*") if path.is_file()} == files


def test_tensorboard_gets_what_is_new(results: Results, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tracking` is not installed")
    to = f"tensorboard:{tmp_path / 'curves'}"
    last = results.store.folder(results.plan.scores[-1].stage)
    away = last.rename(tmp_path / "away")
    before = track(results, to)
    away.rename(last)
    after = change_a_score(results)
    added = track(after, to)
    wanted = stored(after)
    assert added.values == len(wanted) - before.values + 1
    assert shown(tmp_path / "curves") == {place: np.float32(value) for place, value in wanted.items()}
    assert track(after, to) == Added(0, 0)


def test_tensorboard_shows_the_place_of_a_cell(results: Results, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tracking` is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    track(results, f"tensorboard:{tmp_path / 'curves'}")
    [run] = (tmp_path / "curves" / "world" / "cells" / "base" / "nli" / "xnli" / "1").iterdir()
    read = EventAccumulator(str(run)).Reload()
    content = read.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    said = {
        name: value.string_value for name, value in HParamsPluginData.FromString(content).session_start_info.hparams.items()
    }
    keys = said.pop("train_keys").split(", ")
    assert said == {"run": "cell", "encoder": "base", "intermediate": "nli", "target": "xnli", "seed": "1"}
    assert sorted(results.plan.stages[key].value["tasks"][0]["task"] for key in keys) == ["mnli", "xnli"]


def test_a_cell_trained_otherwise_is_another_run(results: Results, tmp_path: Path) -> None:
    other = report_world.write_study(tmp_path, **CHANGES, train={"epochs": 3})
    report_world.fill(other, tmp_path / "out")
    again = Results(make_plan(load_study(other)), results.store)
    first, second = ({run.key: run.name for run in runs_of(one)} for one in (results, again))
    shared = {without_key(first[key]) for key in first.keys() & second.keys()}
    assert shared == {"cells/base/baseline/tatoeba/1", "cells/base/random-initialisation/tatoeba/1"}  # nothing is trained
    assert not {first[key] for key in first.keys() - second.keys()} & {second[key] for key in second.keys() - first.keys()}


def needs_mlflow() -> None:
    if missing := [name for name in ("mlflow", "sqlalchemy", "alembic") if importlib.util.find_spec(name) is None]:
        pytest.skip(f"the extra `tracking` is not installed: no {', '.join(missing)}")


@pytest.mark.slow  # MLflow takes ten seconds to make its tables
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # MLflow's use of SQLAlchemy 2.1
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # its open database
def test_mlflow_reads_the_numbers_of_the_store(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_mlflow()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    before, wanted = dict(os.environ), stored(results)
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    last = results.store.folder(results.plan.scores[-1].stage)
    away = last.rename(tmp_path / "away")
    first = track(Results(results.plan, results.store), f"mlflow:{uri}")
    away.rename(last)
    after = change_a_score(results)
    second = track(after, f"mlflow:{uri}")
    assert first.runs + second.runs == len(runs_of(after))
    assert first.values + second.values == len(wanted) + 1
    assert track(after, f"mlflow:{uri}") == Added(0, 0)
    assert dict(os.environ) == before
    assert not (tmp_path / "mlruns").exists()

    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("world")
    assert experiment is not None
    found: Values = {}
    for run in client.search_runs([experiment.experiment_id]):
        name = without_key(run.info.run_name)
        for metric in run.data.metrics:
            history = sorted(client.get_metric_history(run.info.run_id, metric), key=lambda one: one.timestamp)
            found |= {(name, metric, one.step): one.value for one in history}
        assert run.info.status == "FINISHED"
        if name.startswith("cells/"):
            assert name == "/".join(("cells", *(run.data.params[p] for p in ("encoder", "intermediate", "target", "seed"))))
        else:
            assert run.data.params["learning_rate"] == str(results.plan.study.train.learning_rate)
    assert found == stored(after)


def test_a_tracker_that_is_not_installed(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("sys.meta_path", [NoTensorBoard(), *sys.meta_path])
    with pytest.raises(XstiltsError, match=r"tensorboard.* is not installed.*pip install 'xstilts\[tracking\]'"):
        track(results, f"tensorboard:{tmp_path / 'curves'}")


class NoTensorBoard:
    """Finds no tensorboard."""

    def find_spec(self, name: str, *_rest: Any) -> None:
        if name.split(".", maxsplit=1)[0] == "tensorboard":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("tensorbord:x", "Did you mean 'tensorboard'.*tensorboard:DIR or mlflow:URI"),
        ("tensorboard", "Expected tensorboard:DIR"),
        ("mlflow:runs", "mlflow:runs: expected the address of an MLflow server.*sqlite:///mlflow.db"),
        ("mlflow:file:///runs", "no longer keeps runs in a plain folder"),
    ],
)
def test_an_address_that_is_none(results: Results, to: str, message: str) -> None:
    with pytest.raises(XstiltsError, match=message):
        track(results, to)


def test_nothing_to_export(results: Results, tmp_path: Path) -> None:
    with pytest.raises(XstiltsError, match="world has no training and no score yet"):
        track(Results(results.plan, Store(tmp_path / "empty")), f"tensorboard:{tmp_path / 'curves'}")


@pytest.mark.slow
def test_a_server_that_is_not_there(results: Results) -> None:
    needs_mlflow()
    with pytest.raises(XstiltsError, match=rf"--to mlflow:{CLOSED}: MLflow did not take the runs of experiment world"):
        track(results, f"mlflow:{CLOSED}")


def test_the_command(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tracking` is not installed")
    to = f"tensorboard:{tmp_path / 'curves'}"
    command = ["xstilts", "export", "tracking", tmp_path / "world.yaml", "--out", results.store.out, "--to", to]
    monkeypatch.setattr("sys.argv", [*map(str, command)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert capsys.readouterr().out == f"8 new runs and {len(stored(results))} new values written to {to}.\n"
