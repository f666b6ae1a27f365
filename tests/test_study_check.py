"""Every mistake of meaning: names that mean nothing, repetitions, what cannot be trained."""

from dataclasses import replace
from pathlib import Path

import pytest

from study_world import assert_one, make_world, problems
from xstilts.study_check import mistakes_in
from xstilts.tasks import TASKS

ALL = f"`xstilts tasks` lists all {len(TASKS)}."

# what the study says, what it is changed to, the line of the mistake, words of its message
MISTAKES = [
    ("[xnli,", "[xlni,", 9, ["`targets`: unknown task 'xlni'", "Did you mean 'xnli'?", ALL]),
    ("[xnli,", "[xnli, xnli,", 9, ["`targets` names 'xnli' twice", "Remove one."]),
    ("mnli, snli", "mnlii, snli", 6, ["`intermediates.nli`: unknown task 'mnlii'", "Did you mean 'mnli'?", ALL]),
    ("[*nli, qqp]", "[*nli, bucc]", 8, ["`intermediates.nli-then-qqp`: 'bucc' has no training data (retrieval)"]),
    ("[*nli, qqp]", "[tatoeba]", 8, ["'tatoeba' has no training data", "Name a task with training data"]),
    ("  baseline: []\n", "", 4, ["no baseline among the intermediates", "no gain", "Add `baseline: []`"]),
    ("  qqp: [qqp]", "  none: []\n  qqp: [qqp]", 7, ["two baselines", "'baseline' and 'none'", "Remove one"]),
    ("  qqp: [qqp]", "  random-initialisation: [qqp]", 7, ["stands for encoders with random weights", "Choose another name"]),
    ("[*nli, qqp]", "[*nli]", 8, ["'nli' and 'nli-then-qqp' are the same phases", "Change or remove one."]),
    ("[*nli, qqp]", "[{mix: [qqp]}]", 8, ["'qqp' and 'nli-then-qqp' are the same phases"]),
    ("{tatoeba: [", "{tatoeb: [de], tatoeba: [", 10, ["`languages`: unknown task 'tatoeb'", "'tatoeba'?", ALL]),
    ("{tatoeba: [", "{bucc: [de], tatoeba: [", 10, ["'bucc', which is no target", "xnli, pawsx", "Add bucc to `targets:`"]),
    ("[ara, deu,", "[ara, xx, deu,", 10, ["`languages.tatoeba`: unknown language 'xx'", "Write one of these."]),
    ("[ara, deu,", "[ara, Swahilli, deu,", 10, ["unknown language 'Swahilli'", "Did you mean swh_Latn"]),
    ("[ara, deu,", "[ara, yor, deu,", 10, ["`languages.tatoeba`: language 'yor' is not available here"]),
    ("[ara, deu,", "[ara, sw, deu,", 10, ["'sw' and 'swh' both mean swh_Latn", "counts once", "Remove one."]),
    ("[ara, deu, swh, tur]", "[]", 10, ["`languages.tatoeba` is an empty list", "Remove it to evaluate in all"]),
    ("[1, 2, 3]", "[1, 2, 1]", 11, ["`seeds` names 1 twice", "Remove one."]),
    ("target/udpos", "targets/udpos", 13, ["unknown training run 'targets/udpos'", "Did you mean 'target/udpos'?"]),
    ("target/udpos", "target/bucc", 13, ["unknown training run 'target/bucc'", "target/panx, target/pawsx"]),
    ("target/udpos", "target/tatoeba", 13, ["'target/tatoeba' changes nothing", "retrieval", "Remove it"]),
    ("intermediate/qqp", "intermediate/mnli", 13, ["'intermediate/mnli'", "Did you mean 'intermediate/mnli+snli'?"]),
    ("intermediate/qqp", "intermediate/nli", 13, ["'intermediate/nli' is no training run", "Write `intermediate/mnli+snli`"]),
    ("limit:", "source: klingon\nlimit:", 14, ["`source`: unknown language 'klingon'", "Write one of these."]),
    ("limit:", "retrieval: {layers: []}\nlimit:", 14, ["`retrieval.layers` is an empty list", "Write `middle`."]),
    (
        "{mirror: mirror}",
        f"{{mirror: mirror, revisions: {{facebook/xnlii: {'a' * 40}}}}}",
        15,
        ["`data.revisions`: unknown data set 'facebook/xnlii'", "Did you mean 'facebook/xnli'?"],
    ),
]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_world(tmp_path, monkeypatch)


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES, ids=[f"{m[0]}->{m[1]}"[:60] for m in MISTAKES])
def test_a_mistake_is_told_once_with_its_line(study: Path, old: str, new: str, line: int, words: list[str]) -> None:
    assert_one(problems(study, (old, new)), line, *words)


def test_a_source_without_labels_is_told_once_for_each_task(study: Path) -> None:
    found = problems(study, ("limit:", "source: de\nlimit:"))
    assert [(problem.line, problem.message.split(";")[0]) for problem in found] == [
        (6, "'mnli' has no examples in the source language deu_Latn"),
        (6, "'snli' has no examples in the source language deu_Latn"),
        (7, "'qqp' has no examples in the source language deu_Latn"),
    ]


def test_a_mistake_in_an_anchor_is_told_once_at_the_anchor(study: Path) -> None:
    assert_one(problems(study, ("{cap: 131072}", "{cap: none}")), 6, "cap` is the text 'none'")


def test_the_settings_of_a_role_do_not_blame_those_of_a_run(study: Path) -> None:
    found = problems(study, ("{target/udpos:", "{target: {epochs: 0}, target/udpos:"))
    assert_one(found, 13, "`overrides.target.epochs` is 0")


def test_a_target_that_is_no_retrieval_needs_training_data() -> None:
    held_out = replace(TASKS["xnli"], data=replace(TASKS["xnli"].data, splits={"test": "test"}))
    found = list(mistakes_in({"targets": ["xnli"]}, {"xnli": held_out}))
    assert [(mistake.place, mistake.message.split(",")[0]) for mistake in found] == [
        (("targets", 0), "`targets`: 'xnli' has no training data")
    ]
