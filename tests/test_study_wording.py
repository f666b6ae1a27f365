"""Every mistake of form: the line, the value found, what is allowed, what to do."""

import datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from study_world import assert_one, make_world, problems
from xstilts.study_wording import validated

NO_DEFAULT = "Correct it."
DEFAULT = "leave it out for the default"

# what the study says, what it is changed to, the line of the mistake, words of its message
MISTAKES = [
    ("name: real-text\n", "", 1, ["the study lacks `name`", "name: my-study"]),
    ("real-text", "real text", 1, ["`name` is the text 'real text'", "letters, digits and . _ + -", NO_DEFAULT]),
    ("real-text", "x" * 81, 1, ["`name` is the text 'xxx", "at most 80 characters"]),
    ("real-text", "2024", 1, ["`name` is 2024", "expected text", "in quotes: '2024'"]),
    ("real-text", "", 1, ["`name` is empty", "expected text", "Write a value."]),
    ("  nano:", "  na no:", 3, ["`encoders`: the name 'na no'", "letters, digits", "Choose another name"]),
    ("{path: encoders/nano}", "big", 3, ["`encoders.nano` is the text 'big'", "a mapping", "`nano: {path: big}`"]),
    ("{path: encoders/nano}", "{}", 3, ["`encoders.nano`: give either `path:`", "`hub:`"]),
    (
        "{path: encoders/nano}",
        "{pth: x}",
        3,
        ["`encoders.nano`: unknown field 'pth'", "'path'?", "hub, path, pretraining_languages, revision"],
    ),
    ("{path: encoders/nano}", "{path: 3}", 3, ["`encoders.nano.path` is 3", "the path of a folder"]),
    ("{path: encoders/nano}", "{hub: a/b}", 3, ["`hub: a/b` needs `revision:`", "40-digit commit"]),
    (
        "{path: encoders/nano}",
        f"{{hub: xlmr, revision: {'a' * 40}}}",
        3,
        ["`encoders.nano.hub` is the text 'xlmr'", "owner/name"],
    ),
    (
        "{path: encoders/nano}",
        "{hub: a/b, revision: main}",
        3,
        ["`encoders.nano.revision` is the text 'main'", "40 hexadecimal digits"],
    ),
    ("  baseline: []", "  baseline:", 5, ["`intermediates.baseline` is empty", "a list", "`baseline: []`"]),
    ("qqp: [qqp]", "qqp: qqp", 7, ["`intermediates.qqp` is the text 'qqp'", "a list", "`qqp: [qqp]`"]),
    ("qqp: [qqp]", "qqp: {mix: [qqp]}", 7, ["`intermediates.qqp` is a mapping", "a list", "`qqp: [...]`"]),
    ("qqp: [qqp]", "qqp: [qqp, 3]", 7, ["`intermediates.qqp[1]` is 3", "a task's name or {mix: [...]}"]),
    ("qqp: [qqp]", "qqp: [qqp, {mix: []}]", 7, ["`intermediates.qqp[1].mix` is an empty list", "at least one"]),
    ("qqp: [qqp]", "qqp: [qqp, {mix: qqp}]", 7, ["`intermediates.qqp[1].mix` is the text", "`mix: [qqp]`"]),
    ("qqp: [qqp]", "qqp: [qqp, {sampling: uniform}]", 7, ["`intermediates.qqp[1]` lacks `mix`", "mix: [mnli, snli]"]),
    ("qqp: [qqp]", "qqp: [qqp, {mix: [qqp, qqp]}]", 7, ["qqp stands twice in one mixture", "`sampling`"]),
    ("{cap: 131072}", "{cap: 0}", 6, ["nli[0].sampling.proportional.cap` is 0", "a number above 0"]),
    ("{cap: 131072}", "{capp: 9}", 6, ["unknown field 'capp'", "Did you mean 'cap'?"]),
    ("proportional", "proportionnal", 6, ["is the text 'proportionnal'", "uniform, {prop", "mean 'proportional'?"]),
    ("{proportional: {cap: 131072}}", "sqrt", 6, ["sampling` is the text 'sqrt'", "uniform, {prop", "{temperature: 2"]),
    ("{proportional: {cap: 131072}}", "3", 6, ["sampling` is 3", "uniform, {proportional: {cap: 131072}}"]),
    ("{proportional: {cap: 131072}}", "{temperature: 0.5}", 6, ["temperature` is 0.5", "a number of at least 1"]),
    ("{proportional: {cap: 131072}}", '{temperature: "2"}', 6, ["is the text '2'", "a number", "without quotes: 2."]),
    (
        "{proportional: {cap: 131072}}",
        "temperature",
        6,
        ["`temperature` sampling needs a number", "{temperature: 2.0}"],
    ),
    ("{proportional: {cap: 131072}}", "{uniform: {cap: 3}}", 6, ["`cap` goes with proportional sampling"]),
    ("[xnli, pawsx, udpos, panx, sib200, tatoeba]", "xnli", 9, ["`targets` is the text 'xnli'", "`targets: [xnli]`"]),
    ("[xnli, pawsx, udpos, panx, sib200, tatoeba]", "[]", 9, ["`targets` is an empty list", "at least one entry"]),
    ("[xnli, pawsx, udpos, panx, sib200, tatoeba]", "", 9, ["`targets` is empty", "a list", "`targets: [xnli]`"]),
    ("[xnli,", "[xnli, 3,", 9, ["`targets[1]` is 3", "expected text", "in quotes: '3'"]),
    ("[ara, deu, swh, tur]", "deu", 10, ["`languages.tatoeba` is the text 'deu'", "a list", "`tatoeba: [deu]`"]),
    ("[ara, deu, swh, tur]", "", 10, ["`languages.tatoeba` is empty", "a list", "or take it out"]),
    ("qqp: [qqp]", "sampling: 3", 7, ["`intermediates.sampling` is 3", "a list", "`sampling: [3]`"]),
    ("[1, 2, 3]", "[]", 11, ["`seeds` is an empty list", "at least one entry", "`seeds: [1, 2, 3]`"]),
    ("[1, 2, 3]", "3", 11, ["`seeds` is 3", "a list", "`seeds: [3]`"]),
    ("[1, 2, 3]", '["1"]', 11, ["`seeds[0]` is the text '1'", "a whole number", "without quotes: 1."]),
    ("[1, 2, 3]", "[1, -1]", 11, ["`seeds[1]` is -1", "a number of at least 0"]),
    ("[1, 2, 3]", "[1, 1.5]", 11, ["`seeds[1]` is 1.5", "a whole number"]),
    ("[1, 2, 3]", "[1, true]", 11, ["`seeds[1]` is true", "a whole number"]),
    ("seeds: [1, 2, 3]\n", "", 1, ["the study lacks `seeds`", "`seeds: [1, 2, 3]`"]),
    ("2.0e-4", '"2e-4"', 12, ["`train.learning_rate` is the text '2e-4'", "a number", "without quotes: 2e-4."]),
    ("2.0e-4", "fast", 12, ["`train.learning_rate` is the text 'fast'", "a number", DEFAULT]),
    ("2.0e-4", "2", 12, ["`train.learning_rate` is 2", "a number below 1"]),
    ("2.0e-4", ".nan", 12, ["`train.learning_rate` is nan", "a finite number", DEFAULT]),
    ("2.0e-4", "true", 12, ["`train.learning_rate` is true", "a number"]),
    ("epochs: 2", "epochs: 0", 12, ["`train.epochs` is 0", "a number above 0", DEFAULT]),
    ("epochs: 2", "epochs: null", 12, ["`train.epochs` is empty", "a number", "or take it out"]),
    ("epochs: 2", "epoch: 2", 12, ["`train`: unknown field 'epoch'", "Did you mean 'epochs'?", "adam_betas, "]),
    ("epochs: 2", "max_grad_norm: .inf", 12, ["`train.max_grad_norm` is inf", "a finite number"]),
    ("epochs: 2", "device: cuda", 12, ["`train`: unknown field 'device'", "changes no result", "`xstilts run`"]),
    ("epochs: 2", "adam_betas: [0.9]", 12, ["`train.adam_betas` has too few values", "two numbers"]),
    ("epochs: 2", "adam_betas: [0.9, 0.9, 0.9]", 12, ["`train.adam_betas` is a list", "at most 2 values"]),
    ("epochs: 2", "adam_betas: [0.9, 1]", 12, ["`train.adam_betas[1]` is 1", "a number below 1"]),
    ("batch_size: 32", "batch_size: 32.5", 12, ["`train.batch_size` is 32.5", "a whole number", DEFAULT]),
    ("batch_size: 32", 'batch_size: "32"', 12, ["`train.batch_size` is the text '32'", "without quotes: 32."]),
    ("batch_size: 32", f"batch_size: {10**40}", 12, ["`train.batch_size` is 1e+40", "a whole number"]),
    ("max_length: 128", "max_length: 4", 12, ["`train.max_length` is 4", "a number of at least 8"]),
    ("max_length: 128", "warmup: 2", 12, ["`train.warmup` is 2", "a number of at most 1"]),
    (
        "precision: float32",
        "precision: bf16",
        12,
        ["is the text 'bf16'", "'float32' or 'bfloat16'", "mean 'bfloat16'?"],
    ),
    ("train: {l", "trian: {l", 12, ["unknown field 'trian'", "Did you mean 'train'?", "encoders, "]),
    ("{epochs: 3}", "{epochs: 0}", 13, ["`overrides.target/udpos.epochs` is 0", "a number above 0"]),
    ("{epochs: 3}", '{epochs: "3"}', 13, ["`overrides.target/udpos.epochs` is the text '3'", "without quotes: 3."]),
    ("{epochs: 3}", "{epoch: 3}", 13, ["`overrides.target/udpos`: unknown field 'epoch'", "Did you mean 'epochs'?"]),
    ("{epochs: 3}", "3", 13, ["`overrides.target/udpos` is 3", "a mapping"]),
    ("limit: {train: 5000", "limit: {train: 0", 14, ["`limit.train` is 0", "a number above 0"]),
    ("limit: {train: 5000", "limit: {trian: 5000", 14, ["`limit`: unknown field 'trian'", "Did you mean 'train'?"]),
    ("limit:", "epochs: 3\nlimit:", 14, ["unknown field 'epochs'", "belongs under `train:`"]),
    ("limit:", "retrieval: {layers: [1, -2]}\nlimit:", 14, ["`retrieval.layers` is a list", "middle, all, or a list"]),
    ("limit:", "retrieval: {layers: last}\nlimit:", 14, ["`retrieval.layers` is the text 'last'", "middle, all, or"]),
    ("limit:", "retrieval: {centred: maybe}\nlimit:", 14, ["`retrieval.centred` is the text", "true, false or both"]),
    ("limit:", "retrieval: {floor: 7}\nlimit:", 14, ["`retrieval.floor` is 7", "true or false", DEFAULT]),
    ("limit:", "source: [en]\nlimit:", 14, ["`source` is a list", "expected text"]),
    ("{mirror: mirror}", "{mirror: mirror, on_bad_row: ignore}", 15, ["is the text 'ignore'", "'stop' or 'skip'"]),
    ("{mirror: mirror}", "{mirror: 5}", 15, ["`data.mirror` is 5", "the path of a folder"]),
    ("{mirror: mirror}", "mirror", 15, ["`data` is the text 'mirror'", "a mapping", DEFAULT]),
]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_world(tmp_path, monkeypatch)


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES, ids=[f"{m[0]}->{m[1]}"[:60] for m in MISTAKES])
def test_a_mistake_is_told_once_with_its_line(study: Path, old: str, new: str, line: int, words: list[str]) -> None:
    assert_one(problems(study, (old, new)), line, *words)


def test_two_fields_of_one_encoder_are_both_told(study: Path) -> None:
    found = problems(study, ("{path: encoders/nano}", "{hub: xlmr, revision: main, pth: x}"))
    assert [problem.message.split("`")[1] for problem in found] == [
        "encoders.nano.hub",
        "encoders.nano.revision",
        "encoders.nano",
    ]


def test_a_misspelt_required_field_is_both_unknown_and_missing(study: Path) -> None:
    found = problems(study, ("seeds:", "seed:"))
    assert [(problem.line, problem.message.split(".")[0]) for problem in found] == [
        (1, "the study lacks `seeds`"),
        (11, "unknown field 'seed'"),
    ]
    assert "Did you mean 'seeds'?" in found[1].message


def test_a_kind_of_mistake_without_words_of_ours_has_pydantics() -> None:
    class Dated(BaseModel):
        day: datetime.date

    _, found = validated(Dated, {"day": "{"}, ("dates",))
    assert [(mistake.place, mistake.message.split(";")[0]) for mistake in found] == [
        (("dates", "day"), "`dates.day` is the text '{'")
    ]
    assert "valid date" in found[0].message


def test_no_message_is_pydantics_own(study: Path) -> None:
    for old, new, _, _ in MISTAKES:
        backup = study.read_text()
        for problem in problems(study, (old, new)):
            assert "Input should" not in problem.message
            assert "pydantic" not in problem.message
        study.write_text(backup)
