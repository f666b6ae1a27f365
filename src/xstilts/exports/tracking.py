"""Scores and training curves for TensorBoard and MLflow. The store stays the truth: each call adds what is new in it."""

import contextlib
import io
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from xstilts.digests import write_atomically
from xstilts.errors import XstiltsError, unknown
from xstilts.fingerprint import key_of
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import disk_errors

FORMS = ("tensorboard", "mlflow")
CELL = ("encoder", "intermediate", "target", "seed")
KEY, VALUES = "xstilts.key", "xstilts.values"  # tags in MLflow: of the run, and of the values once all of them are written
BATCH = 900  # values a request; MLflow takes 1000 values, parameters and tags together
SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}  # the default waits for minutes


class Point(NamedTuple):
    """One value: a loss in nats, or a score in per cent; `step` is the update, 0 for what is measured once."""

    metric: str
    step: int
    value: float


@dataclass(frozen=True)
class Run:
    """What others call a run: one training, or one cell with its scores.

    Attributes:
        name: with `/` between its parts; different for different keys.
        key: of the training stage; of a cell, the key of its place in the grid, its encoder and its training stages.
        parameters: fixed for the key.

    """

    name: str
    key: str
    parameters: Mapping[str, str]
    points: tuple[Point, ...]


class Added(NamedTuple):
    """How many runs and values were not there before."""

    runs: int
    values: int


def track(results: Results, to: str) -> Added:
    """Write what the store holds and the tracker does not.

    Args:
        results: of the study, whose run may still be going on.
        to: `tensorboard:DIR` or `mlflow:URI`.

    Raises:
        XstiltsError: when `to` is neither, the tracker's package is missing, MLflow refuses, or there is nothing to write.
        StoreError: when the folder cannot be written.

    """
    form, _, where = to.partition(":")
    if form not in FORMS or not where:
        hint = "Expected tensorboard:DIR or mlflow:URI, for example `--to tensorboard:curves` or `--to mlflow:sqlite:///mlflow.db`."
        raise XstiltsError(f"--to: {unknown('tracker', to, FORMS, hint=hint)}")
    runs = runs_of(results)
    study = results.plan.study.name
    if not runs:
        raise XstiltsError(
            f"{study} has no training and no score yet, so there is nothing to export. `xstilts status` tells what is to run."
        )
    try:
        return _to_tensorboard(runs, Path(where) / study) if form == "tensorboard" else _to_mlflow(runs, where, study)
    except ModuleNotFoundError as error:
        raise XstiltsError(
            f"--to {to}: the package {error.name} is not installed. Trackers are an extra of xstilts: run "
            "`pip install 'xstilts[tracking]'`."
        ) from error


def runs_of(results: Results) -> tuple[Run, ...]:
    """Return a run for each finished training and each cell that has a score, in the order of the plan."""
    return (*(_training(results, stage, log) for stage, log in results.training_logs()), *_cells(results))


def _training(results: Results, stage: Stage, log: Mapping[str, Any]) -> Run:
    value = stage.canonical
    tasks = "+".join(part["task"] for part in value["tasks"])
    parameters = {
        "run": "training",
        "train_key": stage.key,
        "encoder": ", ".join(dict.fromkeys(cell.encoder for cell in results.plan.uses[stage.key])),
        "tasks": tasks,
        "seed": value["seed"],
        "starts_from": value["start"].get("train", "the encoder"),
        **value["settings"],
    }
    validation = [
        Point(_plain(f"validation/{name}"), int(at["update"]), float(found))
        for at in log["validation"]
        for name, found in at.items()
        if name != "update"
    ]
    return Run(
        name=_plain(f"training/{tasks}/{value['seed']}/{stage.key[:8]}"),
        key=stage.key,
        parameters={name: str(one) for name, one in parameters.items()},
        points=(*(Point("loss", int(update), float(loss)) for update, loss in log["losses"]), *validation),
    )


def _cells(results: Results) -> Iterator[Run]:
    plan = results.plan
    trained: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for key, stage in plan.stages.items():
        for cell in plan.uses[key] if stage.kind == "train" else ():
            trained[cell.encoder, cell.intermediate, cell.target, cell.seed].append(key)
    scored: dict[tuple[Any, ...], list[Point]] = defaultdict(list)
    for row in results.rows():
        metric = "/".join(filter(None, (row["metric"], row["language"], row["variant"])))
        scored[tuple(row[name] for name in CELL)].append(Point(_plain(metric), 0, float(row["value"])))
    for place, points in scored.items():
        named = dict(zip(CELL, place, strict=True))
        keys = sorted(trained[place])
        key = key_of({**named, "weights": plan.encoders[named["encoder"]].weights, "trained": keys})
        parameters = {"run": "cell", **named, "train_keys": ", ".join(keys) or "none"}
        yield Run(
            name=_plain("/".join(("cells", *map(str, place), key[:8]))),
            key=key,
            parameters={name: str(one) for name, one in parameters.items()},
            points=tuple(points),
        )


def _plain(name: str) -> str:
    """Return a name with the characters that MLflow takes: variants have `=` in theirs."""
    return re.sub(r"[^\w. /:-]", "-", name.replace("=", ":"))


def _missing(points: Sequence[Point], known: Mapping[tuple[str, int], float]) -> list[Point]:
    """Return the points whose latest known value is another, or that are not known."""
    return [point for point in points if known.get((point.metric, point.step)) != point.value]


def _to_tensorboard(runs: Sequence[Run], folder: Path) -> Added:
    """Add one event file to each run's folder that lacks something: TensorBoard reads on in the files it has open."""
    import numpy as np
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb
    from tensorboard.summary.writer.record_writer import RecordWriter

    new = values = 0
    for run in runs:
        known: dict[tuple[str, int], float] = {}
        here = folder / run.name
        exists = any(here.glob("events.out.tfevents.*"))
        if exists:
            read = EventAccumulator(str(here), size_guidance={"scalars": 0}).Reload()
            known = {(tag, at.step): at.value for tag in read.Tags()["scalars"] for at in read.Scalars(tag)}
        rounded = [point._replace(value=float(np.float32(point.value))) for point in run.points]  # as the files have them
        points = _missing(rounded, known)
        if not points:
            continue
        now, content = time.time(), io.BytesIO()
        writer = RecordWriter(content)
        writer.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        if not exists:
            summary = hparams_pb(dict(run.parameters), trial_id=run.key, start_time_secs=now)
            writer.write(Event(wall_time=now, summary=summary).SerializeToString())
        for point in points:
            summary = Summary(value=[Summary.Value(tag=point.metric, simple_value=point.value)])
            writer.write(Event(wall_time=now, step=point.step, summary=summary).SerializeToString())
        with disk_errors(here, "Name another folder with --to."):
            here.mkdir(parents=True, exist_ok=True)
            write_atomically(here / f"events.out.tfevents.{time.time_ns() // 1000:016d}.xstilts", content.getvalue())
        new, values = new + (not exists), values + len(points)
    return Added(new, values)


def _to_mlflow(runs: Sequence[Run], uri: str, study: str) -> Added:
    """Add runs to the experiment that bears the study's name, and to runs what they lack."""
    if "://" not in uri or uri.startswith("file:"):
        raise XstiltsError(
            f"--to mlflow:{uri}: expected the address of an MLflow server, as mlflow:http://localhost:5000, or of a database, "
            "as mlflow:sqlite:///mlflow.db. MLflow no longer keeps runs in a plain folder: give a database in it."
        )
    if uri.startswith("sqlite:///"):
        folder = Path(uri.removeprefix("sqlite:///")).parent
        with disk_errors(folder, "Name another place with --to."):
            folder.mkdir(parents=True, exist_ok=True)
    with _mlflow_settings():
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            client = MlflowClient(tracking_uri=uri)
            there = client.get_experiment_by_name(study)
            experiment = there.experiment_id if there else client.create_experiment(study)
            known = _mlflow_runs(client, experiment)
            values = [_add_to_mlflow(client, experiment, run, known.get(run.key)) for run in runs]
        except MlflowException as error:
            reason = str(error).strip().split("\n")[0]
            raise XstiltsError(
                f"--to mlflow:{uri}: MLflow did not take the runs of experiment {study} ({reason}). Expected an address "
                "that can be reached and written to. Mend this and run again: what is written already is not written twice."
            ) from error
    return Added(sum(run.key not in known for run in runs), sum(values))


def _mlflow_runs(client: Any, experiment: str) -> dict[str, Any]:
    """Return key -> run of the runs that an export made; one that was deleted in MLflow is not among them."""
    found, token = {}, None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        found.update({run.data.tags[KEY]: run for run in page if KEY in run.data.tags})
        if not (token := page.token):
            return found


def _add_to_mlflow(client: Any, experiment: str, run: Run, there: Any) -> int:
    """Write what a run lacks, whether it is new, has more scores now, or an export of it was broken off; return how much."""
    from mlflow.entities import Metric, Param

    digest = key_of([list(point) for point in run.points])
    if there and there.data.tags.get(VALUES) == digest:
        return 0
    known: dict[tuple[str, int], float] = {}
    parameters = dict(run.parameters)
    if there:
        for name in there.data.metrics:
            history = sorted(client.get_metric_history(there.info.run_id, name), key=lambda one: int(one.timestamp))
            known |= {(name, one.step): one.value for one in history}
        parameters = {name: text for name, text in parameters.items() if name not in there.data.params}
    else:
        there = client.create_run(experiment, run_name=run.name, tags={KEY: run.key})
    points, now = _missing(run.points, known), int(time.time() * 1000)
    client.log_batch(there.info.run_id, params=[Param(name, text) for name, text in parameters.items()])
    for start in range(0, len(points), BATCH):
        metrics = [Metric(name, value, now, step) for name, step, value in points[start : start + BATCH]]
        client.log_batch(there.info.run_id, metrics=metrics)
    client.set_tag(there.info.run_id, VALUES, digest)
    client.set_terminated(there.info.run_id)
    return len(points)


@contextlib.contextmanager
def _mlflow_settings() -> Iterator[None]:
    """Keep MLflow from reporting its use and from waiting for minutes; a user's own setting counts, and all is put back."""
    ours = {name: value for name, value in SETTINGS.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
