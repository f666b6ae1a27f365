"""A study whose family file declares constructed languages: plan, keys, results and gains, and what is said of mistakes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from in_process import go, rows
from study_world import assert_one, problems
from xstilts.cli import app
from xstilts.constructed.language import FAMILY
from xstilts.errors import StudyError
from xstilts.language_facts import facts_of
from xstilts.plan import Plan
from xstilts.planner import make_plan
from xstilts.study_file import load_study

FAMILY_FILE = "languages:\n  zz: {order: VSO, script: new, cognates: 0.1}\n  yy: {case: suffix}\n"
ZZ, YY = "qmz_Cyrl", "qmy_Latn"
STUDY = """\
name: declared
encoders: {tiny: {path: encoder}}
family: family.yaml
intermediates: {baseline: [], choice: [c_choice_200]}
targets: [c_choice_200, c_retrieval]
languages: {c_choice_200: [en, aa, zz]}
seeds: [1]
"""
TRAIN = "train: {learning_rate: 1.0e-3, epochs: 1, batch_size: 16, max_length: 64, precision: float32}\n"


@pytest.fixture
def study(tmp_path: Path, tiny_encoder: Path) -> Path:
    (tmp_path / "encoder").symlink_to(tiny_encoder)
    return write(tmp_path)


def write(folder: Path, study: str = STUDY, family: str = FAMILY_FILE) -> Path:
    (folder / "family.yaml").write_text(family)
    (folder / "study.yaml").write_text(study)
    return folder / "study.yaml"


def planned(study: Path) -> Plan:
    return make_plan(load_study(study))


def keys(plan: Plan) -> dict[tuple[str, str, str], str]:
    return {(score.cell.intermediate, score.cell.target, score.language): score.stage.key for score in plan.scores}


def test_a_study_names_declared_languages(study: Path) -> None:
    spec = load_study(study)
    assert spec.family == study.parent / "family.yaml"
    assert [(each.code, each.tag, each.script) for each in spec.declared] == [("zz", ZZ, "cyrillic"), ("yy", YY, "latin")]
    assert spec.languages == {"c_choice_200": ("eng_Latn", "qaa_Latn", ZZ)}
    for spelling in (ZZ, "qmz-cyrl", "ZZ"):
        assert load_study(write(study.parent, STUDY.replace("zz]", f"{spelling}]"))).languages == spec.languages


def test_without_a_list_a_task_has_the_family_and_then_the_declared_ones(study: Path) -> None:
    plan = planned(study)
    found = dict.fromkeys(score.language for score in plan.scores if score.cell.target == "c_retrieval")
    assert list(found) == [*(each.tag for code, each in FAMILY.items() if code != "en"), ZZ, YY]
    assert facts_of(ZZ).script == "Cyrillic"


def test_a_declared_language_changes_the_key_of_no_other(study: Path) -> None:
    with_them = planned(study)
    without = planned(write(study.parent, STUDY.replace("family: family.yaml\n", "").replace(", zz", "")))
    more = {name: key for name, key in keys(with_them).items() if name[2] in (ZZ, YY)}
    assert keys(without) == {name: key for name, key in keys(with_them).items() if name not in more}
    assert len(more) == 2 + 3 * 2  # in c_retrieval after the floor too
    assert set(without.stages) < set(with_them.stages)


def test_the_dials_are_in_the_keys_and_the_resource_and_other_languages_are_not(study: Path) -> None:
    before = keys(planned(study))
    assert keys(planned(write(study.parent, family=FAMILY_FILE.replace("0.1}", "0.1, resource: 0.1}")))) == before
    grown = keys(planned(write(study.parent, family=FAMILY_FILE + "  xx: {script: new}\n")))
    assert before.items() < grown.items()
    other = keys(planned(write(study.parent, family=FAMILY_FILE.replace("VSO", "OSV"))))
    assert {name[2] for name, key in before.items() if other[name] != key} == {ZZ}


def test_the_source_language_may_be_a_declared_one(study: Path) -> None:
    plan = planned(write(study.parent, STUDY + "source: zz\n"))
    trained = [stage.value["tasks"][0]["train"] for stage in plan.stages.values() if stage.kind == "train"]
    assert {data["config"] for data in trained} == {"zz.village"}
    assert plan.study.source == ZZ


def test_what_a_family_file_lacks_is_told_at_the_field_with_its_own_line(study: Path) -> None:
    bad = FAMILY_FILE.replace("VSO", "VVO").replace("yy", "cc")
    write(study.parent, family=bad)
    found = problems(study)
    assert [problem.line for problem in found] == [3, 3]  # and none about the language zz
    place = study.parent / "family.yaml"
    assert found[0].message.startswith(f"`family`: {place}, line 2: `languages.zz.order` is the text 'VVO'; expected 'SVO'")
    assert found[1].message.startswith(f"`family`: {place}, line 3: `languages`: 'cc' is a language of the family already")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("family.yaml", "familly.yaml", 3, "`family` is 'familly.yaml': "),
        ("family: family.yaml", "family: [zz]", 3, "`family` is a list; expected the path of a file."),
        ("aa, zz", "aa, zx", 6, "unknown language 'zx'"),
        ("aa, zz", "zz, qmz_Cyrl", 6, f"'zz' and 'qmz_Cyrl' both mean {ZZ}"),
        ("seeds: [1]", "seeds: [1]\ndeclared: []", 8, "unknown field 'declared'."),
    ],
)
def test_mistakes(study: Path, old: str, new: str, line: int, said: str) -> None:
    assert_one([each for each in problems(study, (old, new)) if each.line == line], line, said)


def test_without_the_family_file_its_languages_are_unknown(study: Path) -> None:
    assert_one(problems(study, ("family: family.yaml\n", "")), 5, "unknown language 'zz'")


def test_a_task_of_texts_by_people_has_no_declared_language(study: Path) -> None:
    text = STUDY.replace("[c_choice_200, c_retrieval]", "[c_choice_200, xnli]").replace("zz]", "zz], xnli: [en, zz]")
    with pytest.raises(StudyError, match=r"`languages\.xnli`: unknown language 'zz'"):
        load_study(write(study.parent, text))


@pytest.fixture(scope="module")
def runnable(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    """Return a study that can be run."""
    folder = tmp_path_factory.mktemp("declared")
    (folder / "encoder").symlink_to(tiny_encoder)
    languages = "languages: {c_choice_200: [en, aa, zz], c_retrieval: [zz]}\nlimit: {train: 32, evaluate: 24}\n"
    return write(folder, STUDY.replace("languages: {c_choice_200: [en, aa, zz]}\n", languages) + TRAIN)


def command(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_its_results_and_its_gains(runnable: Path) -> None:
    out = runnable.parent / "out"
    outcome, _ = go(runnable, out, workers=2)
    assert not outcome.failed
    found = {(row["intermediate"], row["target"], row["language"]): row for row in rows(outcome, out)}
    assert found.keys() == keys(outcome.plan).keys()
    assert {found[each, "c_choice_200", ZZ]["n"] for each in ("baseline", "choice")} == {24}
    assert keys(planned(out / "studies" / "declared.json")) == keys(outcome.plan)  # what the helper was sent
    assert "Cyrillic" in command("gains", runnable, "--out", out, "--by", "script", "--resamples", 100)
    assert "Cyrillic" in command("results", runnable, "--out", out, "--by", "script")
    arguments = ("--target", "c_choice_200", "--language", "zz", "--out", out, "--format", "csv")
    lines = command("predictions", runnable, *arguments).splitlines()
    assert len(lines) == 1 + 2 * 24
    assert all(f",{ZZ}," in line for line in lines[1:])
    checked = json.loads(command("data", "check", runnable, "--json", "--offline"))
    assert {one["name"]: one["state"] for one in checked}["constructed/choice zz.village/test"] == "here"
