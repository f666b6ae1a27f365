"""The values of a study: frozen, strict, with short forms and overrides."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, ValidationError

from xstilts.fingerprint import key_of
from xstilts.spec import (
    DataSpec,
    Encoder,
    Limit,
    Phase,
    RetrievalSpec,
    RunSpec,
    Sampling,
    StudySpec,
    TrainSpec,
    from_keyed,
    keyed,
)

REVISION = "0123456789abcdef0123456789abcdef01234567"
STUDY: dict[str, Any] = {
    "name": "s",
    "encoders": {"e": {"path": "e"}},
    "intermediates": {"baseline": [], "nli": ["mnli", {"mix": ["mnli", "snli"], "sampling": "uniform"}]},
    "targets": ["xnli"],
    "seeds": [1, 2],
}


def study(**changes: Any) -> StudySpec:
    return StudySpec.model_validate({**STUDY, **changes})


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (Encoder(path=Path("e")), "path"),
        (Sampling(), "method"),
        (Phase(mix=("mnli",)), "mix"),
        (TrainSpec(), "epochs"),
        (Limit(), "train"),
        (DataSpec(), "mirror"),
        (RetrievalSpec(), "layers"),
        (RunSpec(out=Path("o")), "workers"),
        (study(), "seeds"),
    ],
)
def test_values_are_frozen_and_take_no_other_fields(value: Any, field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, field, getattr(value, field))
    fields = value.model_dump()
    assert type(value).model_validate(fields) == value
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(value).model_validate({**fields, "learning_rat": 1})


def test_an_encoder_is_one_place() -> None:
    assert Encoder(path=Path("e")).hub is None
    assert Encoder(hub="a/b", revision=REVISION).path is None
    for fields, said in (
        ({}, "give either `path:`"),
        ({"path": "e", "hub": "a/b", "revision": REVISION}, "give either `path:`"),
        ({"hub": "a/b"}, "`hub: a/b` needs `revision:`"),
        ({"path": "e", "revision": REVISION}, "`revision:` goes with `hub:`"),
        ({"hub": "a/b", "revision": "main"}, "revision"),
        ({"hub": "no-owner", "revision": REVISION}, "hub"),
    ):
        with pytest.raises(ValidationError, match=said):
            Encoder.model_validate(fields)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("uniform", {"method": "uniform"}),
        ("proportional", {"method": "proportional"}),
        ({"proportional": {"cap": 1000}}, {"method": "proportional", "cap": 1000}),
        ({"proportional": 1000}, {"method": "proportional", "cap": 1000}),
        ({"cap": 1000}, {"method": "proportional", "cap": 1000}),
        ({"temperature": 2.0}, {"method": "temperature", "temperature": 2.0}),
        ({"temperature": {"temperature": 2}}, {"method": "temperature", "temperature": 2.0}),
        ({"uniform": {}}, {"method": "uniform"}),
    ],
)
def test_sampling_has_short_forms(short: Any, long: dict[str, Any]) -> None:
    assert Sampling.model_validate(short) == Sampling.model_validate(long)
    assert Sampling.model_validate(Sampling.model_validate(short).model_dump()) == Sampling.model_validate(long)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("temperature", "needs a number"),
        ({"method": "uniform", "temperature": 2.0}, "needs a number"),
        ({"method": "uniform", "cap": 10}, "`cap` goes with proportional"),
        ({"temperature": 0.5}, "greater than or equal to 1"),
        ({"proportional": {"cap": 0}}, "greater than 0"),
        ({"proportional": {"cap": 1.5}}, "valid integer"),
        ("proportionl", "proportional"),
    ],
)
def test_sampling_refuses_what_does_not_fit(value: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Sampling.model_validate(value)


def test_a_phase_is_a_task_or_a_mixture() -> None:
    first, second = study().intermediates["nli"]
    assert (first.mix, first.name) == (("mnli",), "mnli")
    assert (second.mix, second.name, second.sampling.method) == (("mnli", "snli"), "mnli+snli", "uniform")
    with pytest.raises(ValidationError, match="mnli stands twice"):
        Phase(mix=("mnli", "snli", "mnli"))
    with pytest.raises(ValidationError, match="at least 1"):
        Phase(mix=())


def test_settings_go_from_the_study_to_the_role_to_the_name() -> None:
    made = study(
        train={"epochs": 1, "batch_size": 8, "warmup": 0.5, "learning_rate": 1e-3},
        overrides={
            "target": {"epochs": 2, "batch_size": 16},
            "target/xnli": {"epochs": 3},
            "intermediate/mnli+snli": {"epochs": 4, "adam_betas": [0.8, 0.9]},
        },
    )

    def chosen(role: Any, name: str) -> tuple[Any, ...]:
        settings = made.settings(role, name)
        return settings.epochs, settings.batch_size, settings.warmup, settings.learning_rate, settings.adam_betas

    assert chosen("target", "xnli") == (3, 16, 0.5, 1e-3, (0.9, 0.999))
    assert chosen("target", "udpos") == (2, 16, 0.5, 1e-3, (0.9, 0.999))
    assert chosen("intermediate", "mnli") == (1, 8, 0.5, 1e-3, (0.9, 0.999))
    assert chosen("intermediate", "mnli+snli") == (4, 8, 0.5, 1e-3, (0.8, 0.9))


def test_an_override_is_checked_like_any_setting() -> None:
    for changes in ({"epochs": 0}, {"batch_size": 1.5}, {"epoch": 1}, {"learning_rate": 1}):
        with pytest.raises(ValidationError):
            study(overrides={"target": changes}).settings("target", "xnli")


def test_the_defaults_of_training_are_the_published_ones() -> None:
    # Phang et al. (2020): AdamW, epsilon 1e-8, decay 0.01, clipping at 1, 10% warm-up, rate 1e-5
    settings = TrainSpec()
    assert (settings.learning_rate, settings.weight_decay, settings.adam_epsilon) == (1e-5, 0.01, 1e-8)
    assert (settings.max_grad_norm, settings.warmup, settings.batch_size) == (1.0, 0.1, 32)


def test_the_baseline_is_the_empty_intermediate_whatever_its_name() -> None:
    assert study(intermediates={"nli": ["mnli"], "nothing": []}).baseline == "nothing"
    assert study().default_out == Path("runs/s")


@pytest.mark.parametrize("name", ["", "a b", "../a", "-a", "a/b", "a" * 81])
def test_names_are_fit_for_folders(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        study(name=name)


class Later(TrainSpec):
    """TrainSpec with a field added when results exist: runs before it did without, new ones do with."""

    noise: float = Field(default=0.5, json_schema_extra={"older_runs": 0.0})
    order: tuple[int, ...] = Field(default=(1, 2), json_schema_extra={"older_runs": [1, 2]})


def test_a_field_added_later_leaves_the_keys_of_older_runs_alone() -> None:
    before = key_of(keyed(TrainSpec(epochs=3)))
    assert key_of(keyed(Later(epochs=3, noise=0))) == before
    assert key_of(keyed(Later(epochs=3))) != before
    assert key_of(keyed(Later(epochs=3, noise=0, order=(2, 1)))) != before
    assert keyed(Later(noise=0)).keys() == TrainSpec.model_fields.keys()
    assert keyed(Later())["noise"] == 0.5


@pytest.mark.parametrize("value", [Later(), Later(noise=0), Later(noise=0.25, order=())])
def test_what_a_key_leaves_out_is_read_as_older_runs_did(value: Later) -> None:
    assert from_keyed(Later, keyed(value)) == value


def test_a_key_holds_every_field_without_a_note() -> None:
    assert keyed(TrainSpec()) == TrainSpec().model_dump(mode="json")
    assert from_keyed(Sampling, keyed(Sampling(cap=3))) == Sampling(cap=3)
