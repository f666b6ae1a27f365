"""The cost of a study on a large GPU: by hand for one training run and one prediction, and unknown where a size is."""

import dataclasses
import json
from pathlib import Path

import pytest

import toy
from xstilts.cost import CHARACTERS, PEAK, SHAPES, UTILISATION, Shape, gpu_hours, read_shape
from xstilts.mixture import Work
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.study_file import load_study


@pytest.fixture
def plan(tmp_path: Path, tiny_encoder: Path) -> Plan:
    mirror = toy.write_mirror(tmp_path / "mirror", toy.datasets())
    return make_plan(load_study(toy.write_study(tmp_path, tiny_encoder, mirror, **toy.small())))


def test_weights_are_those_of_the_published_counts() -> None:
    """Without embeddings: 85 million in a base encoder, 303 million in a large one, of which 0.1 % are biases and LayerNorm."""
    assert SHAPES["FacebookAI/xlm-roberta-base"].weights == pytest.approx(85.05e6, rel=2e-3)
    assert SHAPES["FacebookAI/xlm-roberta-large"].weights == pytest.approx(302.3e6, rel=2e-3)


def test_a_training_run_and_a_prediction_by_hand(plan: Plan, tiny_encoder: Path) -> None:
    shape = read_shape(tiny_encoder)
    assert shape is not None
    training = next(stage for stage in plan.stages.values() if stage.kind == "train")
    prediction = next(stage for stage in plan.stages.values() if stage.kind == "predict")
    per_character = shape.weights / CHARACTERS / (PEAK * UTILISATION) / 3600
    characters = plan.tasks["xnli"].characters
    assert gpu_hours(plan, [training]) == pytest.approx(6 * 48 * characters * per_character)  # one epoch of 48 examples
    assert gpu_hours(plan, [prediction]) == pytest.approx(2 * 24 * characters * per_character)
    assert gpu_hours(plan, []) == 0


def test_a_score_costs_nothing(plan: Plan) -> None:
    assert gpu_hours(plan, [stage for stage in plan.stages.values() if stage.kind == "score"]) == 0


def test_what_is_not_known_makes_no_number(plan: Plan) -> None:
    training = next(stage for stage in plan.stages.values() if stage.kind == "train")
    unmeasured = dataclasses.replace(plan, work={training.key: Work(48, 6, None)})
    assert gpu_hours(unmeasured, [training]) is None


def test_a_shape_from_a_configuration(tmp_path: Path) -> None:
    config = {"num_hidden_layers": 2, "hidden_size": 8, "intermediate_size": 32, "model_type": "xlm-roberta"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert read_shape(tmp_path) == Shape(2, 8, 32)
    assert Shape(2, 8, 32).weights == 2 * (4 * 8 * 8 + 2 * 8 * 32)
    (tmp_path / "config.json").write_text(json.dumps(config | {"model_type": "modernbert"}))
    assert read_shape(tmp_path) == Shape(2, 8, 32, matrices=3)
    (tmp_path / "config.json").write_text(json.dumps({"n_layer": 2}))
    assert read_shape(tmp_path) is None
