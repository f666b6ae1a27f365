"""Claims files: what they mean, and every mistake in them with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from study_world import assert_one, make_world, problems
from xstilts.claims import load_claims
from xstilts.errors import Problem, StudyError
from xstilts.spec import StudySpec
from xstilts.study_file import load_study

STUDIES = Path(__file__).parents[2] / "studies"
CLAIMS = """\
claims:
  - name: nli-helps
    statement: NLI helps.
    effect: {gain: {intermediate: nli, over: targets}}
    expect: increase
  - name: in-swahili
    statement: It helps in Swahili more than QQP.
    effect: {gain: {intermediate: nli, over: {target: xnli, language: sw}}}
    expect: {greater_than: {gain: {intermediate: qqp, over: {target: xnli, language: Swahili}}}}
    source: {cite: a paper, quotation: as it says, page: 3, document: paper.txt}
  - name: not-here
    statement: Something else.
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = make_world(tmp_path, monkeypatch)
    (tmp_path / "paper.txt").write_text("as it says")
    return file


def test_claims_are_read(study: Path) -> None:
    file = study.with_name("claims.yaml")
    file.write_text(CLAIMS)
    first, second, third = load_claims(load_study(study), file)
    assert first.expect is not None
    assert first.expect.change == "increase"
    assert second.effect is not None
    assert second.effect.quantity.over.language == "swh_Latn"
    assert second.expect is not None
    assert second.expect.greater_than is not None
    assert second.expect.greater_than.quantity.over.language == "swh_Latn"
    assert second.source.document == study.with_name("paper.txt")
    assert (second.source.page, second.source.verified) == (3, False)
    assert third.effect is None


def test_a_study_may_hold_its_claims(study: Path) -> None:
    assert load_claims(load_study(study)) == ()
    study.write_text(study.read_text() + CLAIMS)
    found = load_claims(load_study(study))
    assert [claim.name for claim in found] == ["nli-helps", "in-swahili", "not-here"]
    assert found[1].source.document == study.with_name("paper.txt")


@pytest.fixture
def told(study: Path) -> Callable[..., tuple[Problem, ...]]:
    """Return a function: replaced text, other text -> the problems of the file of claims."""

    def find(old: str, new: str) -> tuple[Problem, ...]:
        assert CLAIMS.count(old), old
        file = study.with_name("claims.yaml")
        file.write_text(CLAIMS.replace(old, new, 1))
        with pytest.raises(StudyError) as caught:
            load_claims(load_study(study), file)
        return caught.value.problems

    return find


MISTAKES = [
    ("intermediate: nli,", "intermediate: nlii,", 4, ["unknown intermediate 'nlii'", "Did you mean 'nli'?"]),
    ("over: targets", "over: xnly", 4, ["unknown target 'xnly'", "Did you mean 'xnli'?"]),
    ("intermediate: nli,", "intermediate: baseline,", 4, ["compares 'baseline' with itself"]),
    ("intermediate: nli,", "intermediate: nli, reference: qqqp,", 4, ["unknown reference 'qqqp'", "'qqp'"]),
    ("intermediate: nli,", "intermediate: nli, encoder: nana,", 4, ["unknown encoder 'nana'", "'nano'"]),
    ("over: targets", "over: {family: Indo-Europaean}", 4, ["unknown family", "'Indo-European'"]),
    ("over: targets", "over: {script: Latim}", 4, ["unknown script 'Latim'", "'Latin'"]),
    ("over: targets", "over: {seen: sen}", 4, ["'sen'", "'seen' or 'unseen'"]),
    ("over: targets", "over: {script: Latin, seen: seen}", 4, ["script and seen exclude each other"]),
    ("over: targets", "over: {benchmark: xtrem}", 4, ["unknown benchmark 'xtrem'", "'xtreme'"]),
    ("over: targets", "over: {without: retrieval}", 4, ["`without` goes with"]),
    ("over: targets", "over: {benchmark: xtreme, language: sw}", 4, ["languages of its own"]),
    ("language: sw}", "language: swa-x}", 8, ["unknown language 'swa-x'"]),
    ("gain: {intermediate: nli, over: targets}", "gane: {intermediate: nli}", 4, ["unknown field 'gane'", "'gain'"]),
    ("expect: increase", "expect: increse", 5, ["'increse'", "Did you mean 'increase'?"]),
    ("expect: increase", "expect: {at_least: 1, equal: 2}", 5, ["names at_least and equal", "exactly one"]),
    ("expect: increase", "expect: {none: 1, within: 2}", 5, ["`within` goes with"]),
    ("expect: increase", "expect: {at_least: much}", 5, ["'much'", "a number"]),
    ("    expect: increase\n", "", 2, ["`effect` and `expect` go together"]),
    ("    statement: NLI helps.\n", "", 2, ["lacks `statement`"]),
    ("name: in-swahili", "name: nli-helps", 6, ["'nli-helps' stands twice"]),
    ("{intermediate: qqp,", "{intermediate: qqqp,", 9, ["greater_than.gain", "unknown intermediate 'qqqp'"]),
    ("paper.txt", "paper2.txt", 10, ["source.document` is 'paper2.txt'", "exists"]),
    ("page: 3", "page: 0", 10, ["`claims[1].source.page` is 0", "above 0"]),
    ("claims:\n", "claim:\n", 1, ["the file lacks `claims`"]),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES, ids=[case[1][:40] for case in MISTAKES])
def test_a_mistake_is_told_with_its_line(told, old: str, new: str, line: int, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    found = told(old, new)
    if new == "claim:\n":  # and the field that is there instead
        assert len(found) == 2
        found = tuple(one for one in found if "lacks" in one.message)
    assert_one(found, line, *words)


def test_all_mistakes_are_told_at_once(told) -> None:  # type: ignore[no-untyped-def]
    found = told("intermediate: nli, over: targets}}\n    expect: increase", "intermediate: a, over: b}}\n    expect: c")
    assert [problem.line for problem in found] == [5]  # a claim of a wrong shape is looked at no further
    found = told("intermediate: nli, over: targets", "intermediate: a, over: b")
    assert [problem.line for problem in found] == [4, 4]


def test_mistakes_in_the_study_s_own_claims(study: Path) -> None:
    line = study.read_text().count("\n") + 4
    study.write_text(study.read_text() + CLAIMS)
    found = problems(study, ("{gain: {intermediate: nli, over: targets}}", "{gain: {intermediate: nlii, over: targets}}"))
    assert_one(found, line, "`claims[0].effect.gain`", "Did you mean 'nli'?")


def test_one_of_several_encoders_must_be_named(study: Path) -> None:
    file = study.with_name("claims.yaml")
    file.write_text(CLAIMS)
    text = study.read_text().replace("  nano:", "  other: {path: encoders/nano}\n  nano:")
    study.write_text(text)
    with pytest.raises(StudyError) as caught:
        load_claims(load_study(study), file)
    assert [problem.line for problem in caught.value.problems] == [4, 8, 9]
    assert "which encoder; the study has other, nano" in caught.value.problems[0].message


@pytest.fixture(scope="module")
def paper() -> StudySpec:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("XSTILTS_MIRROR", raising=False)
        return load_study(STUDIES / "phang2020.yaml")


def test_the_paper_s_claims_are_about_its_grid(paper: StudySpec) -> None:
    claims = load_claims(paper, STUDIES / "phang2020.claims.yaml")
    numbers = {
        claim.effect.quantity.intermediate: claim.expect.equal
        for claim in claims
        if claim.effect and claim.effect.gain and claim.expect and claim.expect.equal is not None
    }
    assert numbers == {"squad_v1": 8.2, "mnli": 7.5, "hellaswag": 7.0, "multi-task": 8.7, "best": 5.4}
    for target in ("bucc", "tatoeba", "tydiqa", "xnli"):
        nine = {claim.name for claim in claims if claim.name.endswith(f"-{target}") and claim.effect and claim.effect.gain}
        assert len(nine - {f"best-{target}"}) == 9
    assert not any(claim.source.verified for claim in claims)
    assert all(claim.source.cite for claim in claims)
