"""Walk the grid of a study and add the stages of each cell: what its scores depend on, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from xstilts.data import DataFile, Source, open_source
from xstilts.data.availability import eval_languages, evaluation_file, partner_languages
from xstilts.data.pool import pool_files
from xstilts.deviations import evaluation_deviations, training_deviations
from xstilts.encoder import EncoderIdentity, identify
from xstilts.fingerprint import key_of
from xstilts.metrics import metric
from xstilts.mixture import Work, planned_work
from xstilts.own_tasks import own_tasks
from xstilts.plan import TUNED, Cell, Plan, PlannedPrediction, PlannedScore
from xstilts.spec import FLOOR, Phase, StudySpec, TrainSpec, keyed
from xstilts.stage import Stage, StageKind
from xstilts.task import Split, Task
from xstilts.tasks import TASKS
from xstilts.tasks.constructed import with_declared


def make_plan(study: StudySpec, source: Source | None = None) -> Plan:
    """Return the plan of a study. It reads manifests, not rows, and never imports torch.

    Args:
        study: the study.
        source: where its data lies; None opens what the study names.

    Raises:
        DataError: when a task's training data is nowhere to be found.
        EncoderError: when an encoder's folder is not one.

    """
    tasks = {**with_declared(TASKS, study.declared), **own_tasks(study.tasks)}
    return _Planner(study, source or open_source(study.data, study.declared), tasks).plan()


@dataclass
class _Planner:
    """Collects the stages of a study while the grid is walked."""

    study: StudySpec
    source: Source
    tasks: Mapping[str, Task]
    stages: dict[str, Stage] = field(default_factory=dict)
    scores: list[PlannedScore] = field(default_factory=list)
    unscored: list[PlannedPrediction] = field(default_factory=list)
    work: dict[str, Work] = field(default_factory=dict)
    files: dict[str, DataFile] = field(default_factory=dict)
    identities: dict[str, EncoderIdentity] = field(default_factory=dict)
    # looked for once, for every cell asks again
    languages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    evaluated: dict[tuple[str, str], tuple[DataFile, Split]] = field(default_factory=dict)
    trained: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def plan(self) -> Plan:
        study = self.study
        self.identities = {name: identify(encoder) for name, encoder in study.encoders.items()}
        for seed in study.seeds:
            for encoder in study.encoders:
                for name, phases in study.intermediates.items():
                    model = self._encoder(encoder)
                    for phase in phases:
                        model = self._train(model, encoder, study.settings("intermediate", phase.name), phase, seed)
                    for target in study.targets:
                        self._target(Cell(encoder, name, target, seed), self.tasks[target], model)
                for target in study.targets:
                    if self.tasks[target].kind == "retrieval" and study.retrieval.floor:
                        floor = {"random": {"config": self.identities[encoder].weights, "seed": seed}}
                        self._retrieval(Cell(encoder, FLOOR, target, seed), self.tasks[target], floor)
        return Plan(
            study, self.stages, tuple(self.scores), self._uses(), self.work, self.files, self.identities, self.tasks,
            tuple(self.unscored),
        )  # fmt: skip

    def _add(self, kind: StageKind, value: dict[str, Any], inputs: Iterable[str] = ()) -> Stage:
        stage = Stage(kind, value, tuple(inputs))
        return self.stages.setdefault(stage.key, stage)

    def _encoder(self, name: str) -> dict[str, Any]:
        return {"encoder": self.identities[name].weights}

    def _find(self, task: Task, language: str, split: Literal["train", "validation", "test"]) -> DataFile | None:
        file = self.source.find(task, language, split)
        return file and self._known(file)

    def _known(self, file: DataFile) -> DataFile:
        self.files[key_of(file.identity)] = file
        return file

    def _train(self, start: dict[str, Any], encoder: str, settings: TrainSpec, phase: Phase, seed: int) -> dict[str, Any]:
        """Add the stage that trains `start` on a mixture, and return the model it gives."""
        study = self.study
        trained, sizes = [], []
        for task in (self.tasks[name] for name in phase.mix):
            train = self._find(task, study.source, "train")
            assert train is not None, f"study_file lets no task without training data pass: {task.name}"
            validation = self._find(task, study.source, "validation") if settings.checkpoint == "best" else None
            value = _task_value(task) | {"train": train.identity}
            if validation is not None:  # the scorer picks the checkpoint, so it is part of the key
                value |= {
                    "validation": validation.identity,
                    "metric": task.metric,
                    "scorer": metric(task.metric).version,
                }
            trained.append(value)
            sizes.append(train.rows)
        value = {
            "start": start,
            "tokenizer": self.identities[encoder].tokenizer,
            "tasks": trained,
            "settings": keyed(settings),
            "limit": study.limit.model_dump(include={"train", "evaluate"} if settings.checkpoint == "best" else {"train"}),
            "on_bad_row": study.data.on_bad_row,
            "seed": seed,
        }
        if len(trained) > 1:  # of one task every sampling makes the same run
            value["sampling"] = keyed(phase.sampling)
        stage = self._add("train", value, [start["train"]] if "train" in start else [])
        lengths = [self.tasks[name].characters for name in phase.mix]
        self.work[stage.key] = planned_work(sizes, lengths, phase.sampling, settings, study.limit.train)
        return {"train": stage.key}

    def _target(self, cell: Cell, task: Task, model: dict[str, Any]) -> None:
        if task.kind == "retrieval":
            self._retrieval(cell, task, model)
            return
        study, settings = self.study, self.study.settings("target", task.name)
        trained = task.training_task(self.tasks)
        model = self._train(model, cell.encoder, settings, Phase(mix=(trained.name,)), cell.seed)
        how = {"model": model["train"], "max_length": settings.max_length, "precision": settings.precision}
        if trained is not task:
            how["head"] = trained.name
        if task.kind == "ranking":
            self._ranking(cell, task, how | {"head": trained.name})
            return
        for language in self._languages(task):
            file, split = self._evaluation(task, language)
            predictions = [
                self._add("predict", _task_value(task) | self._reading(data) | how, [model["train"]])
                for data in (self._with_tuning(task, file, study.source) if file.labelled else [file])
            ]
            if not file.labelled:
                self.unscored.append(PlannedPrediction(cell, language, split, predictions[0]))
                continue
            self._score(cell, task, language, (file, split), predictions)

    def _ranking(self, cell: Cell, task: Task, how: dict[str, Any]) -> None:
        """Add the vectors of the pool and of each language's queries, made by the trained model, and the searches."""
        on_bad_row = {"on_bad_row": self.study.data.on_bad_row}

        def vectors(side: str, reading: dict[str, Any]) -> str:
            return self._add("embed", _task_value(task) | {"side": side} | reading | how, [how["model"]]).key

        pool = [
            vectors("candidates", {"data": self._known(file).identity, **on_bad_row}) for file in pool_files(self.source, task)
        ]
        for language in self._languages(task):
            file, split = self._evaluation(task, language)
            queries = vectors("queries", self._reading(file))
            value = {"task": task.name, "kind": "ranking", "vectors": {"queries": queries, "candidates": pool}}
            predictions = self._add("predict", value, [queries, *pool])
            self._score(cell, task, language, (file, split), [predictions])

    def _retrieval(self, cell: Cell, task: Task, model: dict[str, Any]) -> None:
        if task.multiway:
            self._parallel(cell, task, model)
            return
        for language in self._languages(task):
            file, split = self._evaluation(task, language)
            predictions = []
            for data in self._with_tuning(task, file, language):
                vectors = self._vectors(cell, task, data, model)
                predictions.append(self._add("predict", self._comparison(task, vectors), [vectors.key]))
            self._score(cell, task, language, (file, split), predictions)

    def _parallel(self, cell: Cell, task: Task, model: dict[str, Any]) -> None:
        """Embed each language of a parallel text once, and compare it with all its partners in one stage."""
        languages = self._languages(task)
        partners = partner_languages(self.study, languages)
        for language in languages:
            file, split = self._evaluation(task, language)
            found = {tag: self._find(task, tag, split) for tag in sorted(partners) if tag != language}
            files = {tag: data for tag, data in found.items() if data}
            if not files:  # the source language, where it is the only partner
                continue
            vectors = self._vectors(cell, task, file, model)
            others = {tag: self._vectors(cell, task, data, model).key for tag, data in files.items()}
            value = self._comparison(task, vectors) | {"partners": others}
            predictions = [self._add("predict", value, [vectors.key, *others.values()])]
            texts = dict.fromkeys(data.deviation for data in (file, *files.values()) if data.deviation)
            self._score(cell, task, language, (replace(file, deviation=", ".join(texts)), split), predictions)

    def _vectors(self, cell: Cell, task: Task, data: DataFile, model: dict[str, Any]) -> Stage:
        """Add the stage that embeds the sentences of a file."""
        settings = self.study.retrieval
        value = {
            "model": model,
            "tokenizer": self.identities[cell.encoder].tokenizer,
            "layers": list(settings.layers) if isinstance(settings.layers, tuple) else settings.layers,
            "pooling": settings.pooling,
            "max_length": settings.max_length,
        }
        inputs = [model["train"]] if "train" in model else []
        return self._add("embed", _task_value(task) | self._reading(data) | value, inputs)

    def _comparison(self, task: Task, vectors: Stage) -> dict[str, Any]:
        settings = self.study.retrieval
        similarity = "margin" if task.metric == "bucc_f1" else settings.similarity
        return {
            "task": task.name, "kind": "retrieval", "vectors": vectors.key,
            "similarity": similarity, "centred": settings.centred,
        }  # fmt: skip

    def _evaluation(self, task: Task, language: str) -> tuple[DataFile, Split]:
        if (task.name, language) not in self.evaluated:
            file, split = evaluation_file(self.source, task, language)
            self.evaluated[task.name, language] = self._known(file), split
        return self.evaluated[task.name, language]

    def _languages(self, task: Task) -> tuple[str, ...]:
        """Return the canonical tags to evaluate a target in."""
        if task.name not in self.languages:
            self.languages[task.name] = eval_languages(self.study, task, self.source)
        return self.languages[task.name]

    def _with_tuning(self, task: Task, file: DataFile, language: str) -> list[DataFile]:
        """Return the file to score, and the one on which the metric's threshold is chosen where that is another."""
        tuning = self._find(task, language, "validation") if task.metric in TUNED else None
        return [file] if tuning is None or tuning.identity == file.identity else [file, tuning]

    def _reading(self, data: DataFile) -> dict[str, Any]:
        return {"data": data.identity, "limit": self.study.limit.evaluate, "on_bad_row": self.study.data.on_bad_row}

    def _score(self, cell: Cell, task: Task, language: str, where: tuple[DataFile, Split], predictions: list[Stage]) -> None:
        keys = [stage.key for stage in predictions]
        stage = self._add("score", {"predictions": keys, "metric": task.metric, "version": metric(task.metric).version}, keys)
        zero_shot = language != self.study.source
        evaluated = evaluation_deviations(self.study, self.source, task, where)
        differs = "; ".join((*evaluated, *self._training_deviations(cell.intermediate, task)))
        self.scores.append(PlannedScore(cell, language, where[1], zero_shot, differs, stage))

    def _training_deviations(self, intermediate: str, task: Task) -> tuple[str, ...]:
        """Return how the training behind a score differs from the standard tasks'."""
        if (intermediate, task.name) not in self.trained:
            found = training_deviations(self.study, self.source, self.tasks, intermediate, task)
            self.trained[intermediate, task.name] = found
        return self.trained[intermediate, task.name]

    def _uses(self) -> dict[str, tuple[Cell, ...]]:
        """Return which cells need each stage, following inputs back from the scores and the predictions without one."""
        uses: dict[str, dict[Cell, None]] = defaultdict(dict)
        ends = [(score.cell, score.stage.key) for score in self.scores]
        ends += [(prediction.cell, prediction.stage.key) for prediction in self.unscored]
        for cell, end in ends:
            waiting = [end]
            while waiting:
                key = waiting.pop()
                if cell not in uses[key]:
                    uses[key][cell] = None
                    waiting.extend(self.stages[key].inputs)
        return {key: tuple(cells) for key, cells in uses.items()}


def _task_value(task: Task) -> dict[str, Any]:
    return {"task": task.name, "reader": task.version, "kind": task.kind, "labels": list(task.labels)}
