"""`xstilts constructed`, and families that users declare."""

import json

import pytest

from xstilts.cli import main
from xstilts.constructed import text_of
from xstilts.constructed.language import FAMILY
from xstilts.errors import StudyError
from xstilts.family_file import load_family


@pytest.fixture
def command(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["xstilts", "constructed", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def family(tmp_path):
    def write(text):
        path = tmp_path / "family.yaml"
        path.write_text(text)
        return path

    return write


DECLARED = "languages:\n  zz: {order: VSO, script: new, cognates: 0.1, resource: 0.05}\n  yy: {script: new}\n"


def test_declared_languages_join_the_family(family):
    found = load_family(family(DECLARED))
    assert list(found) == [*FAMILY, "zz", "yy"]
    assert (found["zz"].order, found["zz"].cognates, found["zz"].resource) == ("VSO", 0.1, 0.05)
    assert [found[code].script for code in ("zz", "yy")] == ["cyrillic", "georgian"]  # the first that nobody has
    shared = load_family(family("languages: {zz: {script: cyrillic}, yy: {script: new}, xx: {script: cyrillic}}"))
    assert [shared[code].script for code in ("zz", "yy", "xx")] == ["cyrillic", "georgian", "cyrillic"]
    assert load_family(None) == FAMILY
    from meanings import EACH

    from xstilts.constructed.parse import meaning_of

    for meaning in EACH.values():
        assert meaning_of(text_of(meaning, found["zz"]), found["zz"]) == meaning


def test_a_tag_follows_from_the_code_alone_and_is_one_for_local_use(family):
    codes = [f"z{i}" for i in range(10)]
    tags = {code: load_family(family(f"languages: {{{code}: {{}}}}"))[code].tag for code in codes}
    together = load_family(family("languages: {" + ", ".join(f"{code}: {{}}" for code in reversed(codes)) + "}"))
    assert {code: together[code].tag for code in codes} == tags
    assert len(set(tags.values())) == 10
    assert all("qca" <= tag[:3] <= "qtz" and tag[3:] == "_Latn" for tag in tags.values())


def test_every_mistake_of_a_family_is_told(family):
    with pytest.raises(StudyError) as caught:
        load_family(family("languages:\n  aa: {order: SVV}\n  Z: {}\n  zz: {case: [suffix]}\n"))
    assert [problem.line for problem in caught.value.problems] == [2, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("languages: {zz: {order: SVV}}", 1, "`languages.zz.order` is the text 'SVV'; expected 'SVO', 'SOV'"),
        ("languages:\n  zz:\n    casus: suffix", 3, "unknown field 'casus'. Did you mean 'case'?"),
        ("languages:\n  zz:\n    cognates: 2", 3, "`languages.zz.cognates` is 2; expected a number of at most 1"),
        ("languages:\n  zz:\n    resource: 0", 3, "`languages.zz.resource` is 0; expected a number above 0"),
        ("languages:\n  cc: {}", 2, "'cc' is a language of the family already; choose another code"),
        ("languages:\n  yy: {}\n  eng: {}", 3, "'eng' means eng_Latn (English), a language of the family"),
        ("languages:\n  qaa: {}", 2, "'qaa' means qaa_Latn (Constructed aa), a language of the family"),
        ("languages:\n  a1: {}\n  r9: {script: greek}", 3, "'a1' and 'r9' both get the tag "),
        ("sprachen: {}", 1, "the file lacks `languages`. Add it, for example `languages: {zz: {order: VSO}}`."),
        ("languages:\n  CC: {}", 2, "'CC' is no code of a language; expected 2 to 8 small letters or digits"),
        ("languages:\n" + "".join(f"  z{i}: {{script: new}}\n" for i in range(4)), 5, "no alphabet is left for 'z3'"),
        (
            "languages:\n  zz: {script: new}\n  yy: {script: cyrillic}",
            3,
            "'yy' has the alphabet cyrillic, which `new` gives to 'zz'",
        ),
        ("languages: {}", 1, "at least one"),
    ],
)
def test_mistakes_are_told_with_their_line(family, text, line, said):
    path = family(text)
    with pytest.raises(StudyError) as caught:
        load_family(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert said in str(caught.value)


def test_list(command, family):
    code, out, _ = command("list", "--json", "--family", family(DECLARED))
    listed = {row["code"]: row for row in json.loads(out)}
    assert code == 0
    assert (listed["en"]["distance"], listed["cc"]["order"], listed["zz"]["tag"]) == (0, "SOV", "qmz_Cyrl")
    assert "aggl" in command("list")[1]


def test_show_glosses_every_word(command):
    code, out, _ = command("show", "--task", "c_choice", "--languages", "en,cc", "-n", 1)
    lines = out.splitlines()
    assert code == 0
    assert lines[:3] == ["example 0", "  en", lines[2]]
    assert lines[2].startswith("    prompt: ")
    glosses = lines[lines.index("  cc") + 5 :]
    for words, concepts, english in zip(glosses[::3], glosses[1::3], glosses[2::3], strict=True):
        assert len([each for each in words.split("  ") if each]) == len([each for each in concepts.split("  ") if each])
        assert english.strip().startswith("'")


def test_show_takes_a_task_without_its_prefix(command):
    assert command("show", "--task", "nli", "-n", 1)[1] == command("show", "--task", "c_nli", "-n", 1)[1]


def test_show_names_the_nearest_task_and_language(command):
    code, _, err = command("show", "--task", "c_mli")
    assert (code, "Did you mean 'c_nli'?" in err) == (2, True)
    code, _, err = command("show", "--task", "c_nli", "--languages", "en,ctx")
    assert (code, "unknown constructed language 'ctx'. Did you mean 'ctr'?" in err) == (2, True)


def test_write(command, tmp_path):
    code, out, _ = command("write", tmp_path / "text", "--languages", "en,rtl", "--size", 20, "--domains", "village,harbour")
    assert code == 0
    assert out.startswith("4 files in ")
    assert len((tmp_path / "text/mono/rtl.txt").read_text(encoding="utf-8").splitlines()) == 20
    code, _, err = command("write", tmp_path, "--domains", "harbor")
    assert (code, "Did you mean 'harbour'?" in err) == (2, True)
