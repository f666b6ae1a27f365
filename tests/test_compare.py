"""Two studies side by side: differences are those of their results, and what was measured otherwise is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import toy
from xstilts.cli import main
from xstilts.compare import compare, record
from xstilts.errors import XstiltsError
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study


def opened(run: toy.Run) -> Results:
    return Results(make_plan(load_study(run.study)), Store(run.out))


@pytest.fixture(scope="module")
def other_run(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, toy_mirror: Path) -> toy.Run:
    """Return a run of xnli in two languages, trained for one epoch in place of ten."""
    folder = tmp_path_factory.mktemp("other")
    study = toy.write_study(folder, tiny_encoder, toy_mirror, **toy.small(name="other"))
    done = toy.xstilts("run", study, "--out", folder / "out", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    return toy.Run(study, folder / "out", done.stdout, done.stderr)


def values(results: Results) -> dict[tuple[str, str], float]:
    return {(row["intermediate"], row["language"]): row["value"] for row in results.rows() if row["target"] == "xnli"}


def test_differences_are_those_of_the_results(toy_run: toy.Run, other_run: toy.Run) -> None:
    a, b = opened(toy_run), opened(other_run)
    found = compare(a, b, resamples=400)
    ours, theirs = values(a), values(b)
    rows = {(row.intermediate, row.language): row for row in found.rows}
    by_language = {place for place in rows if place[1]}
    assert by_language == set(theirs) == {(name, tag) for name in ("baseline", "nli") for tag in ("eng_Latn", "deu_Latn")}
    for place in by_language:
        row = rows[place]
        assert (row.a, row.b) == pytest.approx((ours[place], theirs[place]), abs=1e-4)
        assert row.gain is not None
        assert row.gain.estimate is not None
        assert row.gain.estimate.gain == pytest.approx(theirs[place] - ours[place], abs=1e-4)
        assert (row.same_key, row.pairs, row.gain.n_examples) == (0, 1, 24)
    for name in ("baseline", "nli"):  # German is the one zero-shot language of both
        assert rows[name, ""].b == rows[name, "deu_Latn"].b
    assert any(abs(row.a - row.b) > 1 for row in found.rows), "studies that are alike would prove little"
    assert found.names == ("toy", "other")
    assert found.refused == ()
    assert found.alone == (len(a.plan.scores) - 4, 0)


def test_the_other_way_round_the_sign_turns(toy_run: toy.Run, other_run: toy.Run) -> None:
    there, back = (compare(*pair, resamples=400) for pair in (
        (opened(toy_run), opened(other_run)), (opened(other_run), opened(toy_run))
    ))  # fmt: skip
    signs = {(r.intermediate, r.language): r.gain.estimate.gain for r in there.rows if r.gain and r.gain.estimate}
    turned = {(r.intermediate, r.language): -r.gain.estimate.gain for r in back.rows if r.gain and r.gain.estimate}
    assert signs == pytest.approx(turned)
    assert all(
        row.gain.estimate.interval.low <= row.gain.estimate.gain <= row.gain.estimate.interval.high
        for row in there.rows
        if row.gain and row.gain.estimate
    )


def test_stages_of_both_have_the_same_key_and_no_difference(toy_run: toy.Run, tmp_path: Path) -> None:
    study = json.loads(toy_run.study.read_text())
    copy = tmp_path / "copy.yaml"
    copy.write_text(json.dumps({**study, "name": "copy", "encoders": {"renamed": study["encoders"]["tiny"]}}))
    a = opened(toy_run)
    found = compare(a, Results(make_plan(load_study(copy)), Store(toy_run.out)))
    assert all(row.gain is None and row.a == row.b and row.same_key == row.pairs for row in found.rows)
    assert {row.target for row in found.rows} == {"xnli", "udpos", "tatoeba"}
    assert {row.encoder for row in found.rows} == {"tiny"}
    assert (found.refused, found.alone) == ((), (0, 0))
    directions = {row.variant.split()[-1] for row in found.rows if row.target == "tatoeba"}
    assert directions == {"direction=source-to-foreign", "direction=foreign-to-source"}


def with_tokenizer(plan: Plan) -> Plan:
    return replace(plan, encoders={name: replace(one, tokenizer="f00") for name, one in plan.encoders.items()})


def with_scorer(plan: Plan) -> Plan:
    stages, scores = dict(plan.stages), []
    for one in plan.scores:
        stage = Stage("score", {**one.stage.value, "version": 2}, one.stage.inputs)
        stages[stage.key] = stage
        scores.append(replace(one, stage=stage))
    return replace(plan, stages=stages, scores=tuple(scores))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_tokenizer, "tokenizer fingerprint: {} in A, f00 in B"),
        (with_scorer, "scorer version: 1 in A, 2 in B"),
    ],
)
def test_other_rulers_are_refused(toy_run: toy.Run, other_run: toy.Run, change: Callable[[Plan], Plan], words: str) -> None:
    a, b = opened(toy_run), opened(other_run)
    found = compare(a, Results(change(b.plan), b.store))
    assert found.rows == ()
    assert {one.reason for one in found.refused} == {words.format(a.plan.encoders["tiny"].tokenizer)}
    assert len(found.refused) == 4
    assert (found.refused[0].intermediate, found.refused[0].target, found.refused[0].seed) == ("baseline", "xnli", 1)


def test_other_data_and_limits_are_refused(
    toy_run: toy.Run, other_run: toy.Run, tmp_path: Path, tiny_encoder: Path, toy_mirror: Path
) -> None:
    a = opened(toy_run)
    data = toy.datasets()
    data["facebook/xnli"]["de/test"][0]["label"] = 1 - data["facebook/xnli"]["de/test"][0]["label"] % 2
    cases: list[tuple[dict[str, Any], Path, dict[str, str]]] = [
        ({}, toy.write_mirror(tmp_path / "mirror", data), {"deu_Latn": "data sha256: "}),
        ({"limit": {"evaluate": 7}}, toy_mirror, dict.fromkeys(("eng_Latn", "deu_Latn"), "limit.evaluate: None in A, 7 in B")),
    ]
    for changes, mirror, wanted in cases:
        study = toy.write_study(tmp_path, tiny_encoder, mirror, **toy.small(name="other", **changes))
        found = compare(a, Results(make_plan(load_study(study)), Store(other_run.out)))
        reasons = {one.language: one.reason for one in found.refused}
        assert reasons.keys() >= wanted.keys()
        assert all(reasons[tag].startswith(words) for tag, words in wanted.items())
        assert {row.language for row in found.rows if row.language}.isdisjoint(wanted)


def test_missing_scores_and_nothing_in_common_are_told(
    toy_run: toy.Run, other_run: toy.Run, tmp_path: Path, tiny_encoder: Path, toy_mirror: Path
) -> None:
    a, b = opened(toy_run), opened(other_run)
    found = compare(a, Results(b.plan, Store(tmp_path / "empty")))
    assert {one.reason for one in found.refused} == {"B has no score: `xstilts status` tells why"}
    study = toy.write_study(tmp_path, tiny_encoder, toy_mirror, **toy.small(name="far", seeds=[9]))
    with pytest.raises(XstiltsError, match="toy and far plan no score in common: of"):
        compare(a, Results(make_plan(load_study(study)), Store(tmp_path)))


def test_the_command(
    toy_run: toy.Run, other_run: toy.Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*options: str) -> str:
        command = ["xstilts", "compare", toy_run.study, other_run.study, "--out-a", toy_run.out, "--out-b", other_run.out]
        monkeypatch.setattr("sys.argv", [*map(str, command), "--resamples", "200", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    wanted = record(compare(opened(toy_run), opened(other_run), resamples=200))
    assert json.loads(run("--json")) == wanted
    printed = run()
    assert "A: toy, B: other; scores in per cent" in printed
    gain = wanted["rows"][0]["gain"]["estimate"]["gain"]
    assert np.isfinite(gain)
    assert f"{gain:+.2f}" in printed
    assert f"{wanted['alone'][0]} scores are in A (toy) alone." in printed
