"""The reader of CCGbank's AUTO files and the import into a mirror. The sentences are invented; none is from the release."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from ruamel.yaml import YAML

from xstilts.cli import main
from xstilts.data.ccgbank import import_ccgbank, read_auto, read_ccgbank
from xstilts.data.mirror import Mirror
from xstilts.data.read import read_examples
from xstilts.errors import DataError
from xstilts.tasks import TASKS

ID = "ID=wsj_9901.{} PARSER=GOLD NUMPARSE=1"
RAIN = r"(<T S[dcl] 0 2> (<T NP 0 1> (<L N NN NN Rain N>) ) (<L S[dcl]\NP VBD VBD fell S[dcl]\NP_1>) ) "
# a leaf's category and its sixth field differ, so do its tags; brackets are words of the release
BRACKETS = (
    r"(<T S[dcl] 0 2> (<T S[dcl] 0 2> (<L NP PRP PRP It NP>) (<T S[dcl]\NP 0 2> (<L (S[dcl]\NP)/(S[adj]\NP) VBZ AUX is "
    r"(S[dcl]\NP_3)/(S[adj]_4\NP_3:B)_4>) (<T S[adj]\NP 1 2> (<L LRB -LRB- -LRB- -LRB- LRB>) (<L S[adj]\NP JJ JJ wet "
    r"S[adj]\NP_5>) ) ) ) (<L . . . . .>) ) "
)


def auto(*derivations: str) -> str:
    return "".join(f"{ID.format(i)}\n{derivation}\n" for i, derivation in enumerate(derivations, start=1))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a folder in the release's form: 25 sections with one file each; section 01 has a second one."""
    for section in range(25):
        folder = tmp_path / f"ccgbank_1_1/data/AUTO/{section:02}"
        folder.mkdir(parents=True)
        (folder / f"wsj_{section:02}01.auto").write_text(auto(RAIN.replace("Rain", f"Rain{section}")))
    (tmp_path / "ccgbank_1_1/data/AUTO/01/wsj_0100.auto").write_text(auto(BRACKETS, RAIN))
    return tmp_path / "ccgbank_1_1"


def read(tmp_path: Path, text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    path = tmp_path / "wsj_9901.auto"
    path.write_text(text)
    return [(sentence.words, sentence.tags) for sentence in read_auto(path)]


def test_words_stay_as_they_are_and_the_category_is_the_supertag(tmp_path: Path) -> None:
    assert read(tmp_path, auto(RAIN, BRACKETS)) == [
        (("Rain", "fell"), ("N", r"S[dcl]\NP")),
        (("It", "is", "-LRB-", "wet", "."), ("NP", r"(S[dcl]\NP)/(S[adj]\NP)", "LRB", r"S[adj]\NP", ".")),
    ]


def test_a_sentence_of_one_word_and_lines_of_windows_are_read(tmp_path: Path) -> None:
    text = auto("(<L NP NN NN Rain NP>) ").replace("\n", "\r\n") + "\r\n"
    assert read(tmp_path, text) == [(("Rain",), ("NP",))]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", None, "is empty"),
        ("\n \n", None, "is empty"),
        (auto(RAIN) + "no id\n" + RAIN, 3, "has 'no id'; expected `ID="),
        (auto(RAIN) + ID.format(2), 3, "is the last line; expected a derivation"),
        (auto(RAIN, RAIN.rstrip()[:-1]), 4, "lacks 1 closing brackets"),
        (auto(RAIN + ")"), 2, "goes on with ')' after its last closing bracket"),
        (auto(RAIN + RAIN), 2, "goes on with '(<T' after its last closing bracket"),
        (auto(RAIN.replace(" VBD fell", "")), 2, "does not end with its field 6 (it has 4)"),
        (auto(RAIN.replace("fell", "fell down")), 2, "does not end with its field 6 (it has 6)"),
        (auto(RAIN.replace("0 2>", "0 3>")), 2, "announces 3 children and has 2"),
        (auto(RAIN.replace("NP 0 1>", "NP 0 2>")), 2, "announces 2 children and has 1"),
        (auto(RAIN.replace("0 2>", "0 x>")), 2, "has a node `(<T S[dcl] 0 x>`"),
        (auto(RAIN.replace("(<L N ", "<L N ")), 2, "has '<L' at part 9; expected `(<T`, `(<L` or `)`"),
        (auto("(<T S[dcl]"), 2, "has a node `(<T S[dcl]`"),
        (auto("fell"), 2, "has 'fell' at part 1"),
        (auto(") "), 2, "closes a node before it opens one"),
        (auto("", RAIN), 2, "has no words"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path: Path, text: str, line: int | None, told: str) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, text)
    where = tmp_path / "wsj_9901.auto"
    assert str(raised.value).startswith(f"{where}, line {line} " if line else f"{where} ")
    assert told in str(raised.value)
    assert "Copy the file again" in str(raised.value)


def test_bytes_that_are_not_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.auto").write_bytes(b"ID=\xff")
    with pytest.raises(DataError, match=r"x\.auto cannot be read"):
        list(read_auto(tmp_path / "x.auto"))


def test_splits_are_the_papers_sections_in_order(release: Path) -> None:
    found = read_ccgbank(release)
    firsts = {split: [sentence.words[0] for sentence in sentences] for split, sentences in found.items()}
    assert firsts == {
        "train": ["Rain0", "It", "Rain", *(f"Rain{section}" for section in range(1, 19))],
        "validation": ["Rain19", "Rain20", "Rain21"],
        "test": ["Rain22", "Rain23", "Rain24"],
    }
    assert read_ccgbank(release / "data") == read_ccgbank(release / "data/AUTO") == found


def test_what_is_not_ccgbank_is_refused(release: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not CCGbank: .* LDC2005T13"):
        read_ccgbank(tmp_path)
    for path in (release / "data/AUTO/07").iterdir():
        path.rename(path.with_suffix(".parg"))
    (release / "data/AUTO/24/wsj_2401.auto").unlink()
    with pytest.raises(DataError, match=r"no \.auto files in section 07, 24; expected 00 to 24"):
        read_ccgbank(release)


def test_the_import_is_a_mirror_that_the_task_reads(release: Path, tmp_path: Path) -> None:
    imported = import_ccgbank(release, tmp_path / "mirror")
    assert imported.sentences == {"train": 21, "validation": 3, "test": 3}
    assert imported.supertags == 7  # N, S[dcl]\NP and the five of the sentence with brackets
    mirror = Mirror(tmp_path / "mirror")
    for split in ("train", "validation", "test"):
        file = mirror.find(TASKS["ccg"], "eng_Latn", split)
        assert file is not None
        assert parquet.read_schema(file.origin).names == ["tokens", "ccg_tags"]
        read_back = read_examples(mirror, TASKS["ccg"], file).items
        assert list(read_back) == read_ccgbank(release)[split]
    told = YAML(typ="safe").load(tmp_path / "mirror/mirror.yaml")["local/ccg"]
    assert (told["licence"], told["source"]) == ("LDC User Agreement", "LDC2005T13")


def test_counts_that_are_not_the_published_ones_are_told_and_kept(release: Path, tmp_path: Path) -> None:
    imported = import_ccgbank(release, tmp_path / "mirror")
    sentences = "21 training sentences, the paper has 38,015"
    assert imported.differences == (sentences, "7 supertags in training, the paper has 1,363")
    file = Mirror(tmp_path / "mirror").find(TASKS["ccg"], "eng_Latn", "train")
    assert file is not None
    assert file.deviation == sentences


def test_published_counts_leave_no_note(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xstilts.data.ccgbank.PUBLISHED_SENTENCES", 21)
    monkeypatch.setattr("xstilts.data.ccgbank.PUBLISHED_SUPERTAGS", 7)
    assert import_ccgbank(release, tmp_path / "mirror").differences == ()
    assert "deviation" not in YAML(typ="safe").load(tmp_path / "mirror/mirror.yaml")["local/ccg"]


def test_other_data_sets_of_the_mirror_stay(release: Path, tmp_path: Path, write_mirror: Callable[..., Path]) -> None:
    mirror = write_mirror(tmp_path / "mirror", {"facebook/xnli": {"en/test": [{"premise": "a"}]}})
    before = dict(Mirror(mirror).listing)
    for _ in range(2):  # an import again replaces its entry
        import_ccgbank(release, mirror)
        after = Mirror(mirror).listing
        assert {name: entry for name, entry in after.items() if name != "local/ccg"} == before
    assert sorted(Mirror(mirror).listing) == ["facebook/xnli", "local/ccg"]


def test_nothing_is_written_when_a_file_is_malformed_or_the_mirror_is(release: Path, tmp_path: Path) -> None:
    (release / "data/AUTO/24/wsj_2401.auto").write_text("no\n")
    with pytest.raises(DataError, match=r"wsj_2401\.auto, line 1"):
        import_ccgbank(release, tmp_path / "mirror")
    assert not (tmp_path / "mirror").exists()
    (release / "data/AUTO/24/wsj_2401.auto").write_text(auto(RAIN))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/mirror.yaml").write_text("a/b: {fils: {}}")
    with pytest.raises(DataError, match=r"mirror\.yaml"):
        import_ccgbank(release, tmp_path / "mirror")
    assert [path.name for path in (tmp_path / "mirror").glob("[!.]*")] == ["mirror.yaml"]


def test_a_mirror_that_cannot_be_written_is_told(release: Path, tmp_path: Path) -> None:
    (tmp_path / "mirror").write_text("a file")
    with pytest.raises(DataError, match=re.escape(f"{tmp_path / 'mirror'}: no mirror can be written there")):
        import_ccgbank(release, tmp_path / "mirror")


def test_the_command_tells_what_it_wrote(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: Any) -> tuple[Any, str, str]:
        monkeypatch.setattr("sys.argv", ["xstilts", "data", "import", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    code, out, _ = run("ccg", release, "--to", tmp_path / "mirror")
    assert code == 0
    assert out.splitlines() == [
        f"ccg: train 21, validation 3, test 3 sentences, 7 supertags in {tmp_path / 'mirror'}",
        "not as published: 21 training sentences, the paper has 38,015",
        "not as published: 7 supertags in training, the paper has 1,363",
    ]
    code, out, err = run("ccg", tmp_path, "--to", tmp_path / "other")
    assert (code, out) == (2, "")
    assert "is not CCGbank" in err
    assert "Traceback" not in err
