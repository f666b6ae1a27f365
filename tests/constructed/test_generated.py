"""The tasks in constructed languages, read through the source as every task is, and their text: the same on every machine."""

import hashlib
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from xstilts.constructed import corpus
from xstilts.constructed.language import DIALS, ENGLISH, FAMILY, distance
from xstilts.constructed.sets import RECIPES
from xstilts.data import open_source
from xstilts.data.read import read_bitext, read_examples
from xstilts.errors import LanguageError
from xstilts.languages import language, resolve
from xstilts.spec import DataSpec
from xstilts.task import CONSTRUCTED
from xstilts.tasks import TASKS

MADE = {name: each for name, each in TASKS.items() if each.data.path.startswith(CONSTRUCTED)}
SOURCE = open_source(DataSpec())
GOLDEN = Path(__file__).parents[1] / "golden" / "constructed_digests.json"


def digests():
    """Digests of the first lines and pairs of every language, and of the first rows of every data set."""
    source = open_source(DataSpec())
    found = {}
    for code, each in FAMILY.items():
        both = zip(*(corpus.parallel(side, 40, 5_000) for side in (ENGLISH, each)), strict=True)
        lines = [*islice(corpus.monolingual(each, 5_000), 40), *map("\t".join, both)]
        found[code] = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    for name, each in MADE.items():
        for tag in ("qac_Latn", "qaw_Kana"):
            file = source.find(each, tag, "test")
            rows = source.table(file).slice(0, 40).to_pylist()
            text = json.dumps(rows, ensure_ascii=False, sort_keys=True)
            found[f"{name}/{tag}"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def test_text_and_rows_are_the_golden_ones_in_a_process_with_other_hashes():
    """If this fails by intent, raise `VERSION` (words, grammar, world) or the recipe's version, and write the file anew."""
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import test_generated; print(json.dumps(test_generated.digests()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, check=True, env=environment, text=True
    )
    assert json.loads(done.stdout) == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("each", MADE.values(), ids=MADE)
@pytest.mark.parametrize("tag", ["eng_Latn", "qac_Latn", "qav_Hebr", "qaw_Kana"])
def test_every_row_can_be_read(each, tag):
    if tag not in each.languages:
        assert each.kind == "retrieval"
        return
    for split in [split for split in each.data.splits if split != "train"]:
        file = SOURCE.find(each, tag, split)
        assert file.rows == each.sizes[split]
        if each.kind == "retrieval":
            bitext = read_bitext(SOURCE, each, file).bitext
            assert len(bitext.gold) == file.rows
            assert len(set(bitext.foreign)) == len(set(bitext.source)) == file.rows
        else:
            assert len(read_examples(SOURCE, each, file, evaluation=True).items) == file.rows


@pytest.mark.parametrize("each", MADE.values(), ids=MADE)
def test_declarations(each):
    assert each.data.path.removeprefix(CONSTRUCTED) in RECIPES
    assert set(each.sizes) == set(each.data.splits)
    assert each.version == RECIPES[each.data.path.removeprefix(CONSTRUCTED)].version
    assert each.train_from is None or "train" in TASKS[each.train_from].data.splits
    assert ("train" in each.data.splits) == (each.kind != "retrieval" and each.train_from is None)
    assert each.characters > 0
    assert set(each.languages.values()) == set(FAMILY) - ({"en"} if each.kind == "retrieval" else set())


def test_languages_of_the_family_are_registered_and_their_codes_stay_local():
    for code, each in FAMILY.items():
        assert language(each.tag).local == ("" if code == "en" else code)
        assert resolve(code, MADE["c_nli"].languages) == each.tag
    assert language("ee").tag == "ewe_Latn"
    assert language("ff").tag == "fuv_Latn"
    assert resolve("ee", {*MADE["c_nli"].languages, "ewe_Latn"}) == "ewe_Latn"
    for code in ("aa", "cc", "ctr"):
        with pytest.raises(LanguageError, match=f"unknown language '{code}'"):
            language(code)
        with pytest.raises(LanguageError, match=f"unknown language '{code}'"):
            resolve(code, TASKS["xnli"].languages)


def test_what_identifies_a_split():
    task = MADE["c_nli"]
    found = {tag: SOURCE.find(task, tag, "test").identity for tag in task.languages}
    assert found["qac_Latn"]["dataset"] == "constructed/nli"
    assert found["qac_Latn"]["config"] == "cc.village"
    assert len({identity["language"] for identity in found.values()}) == len(found)
    assert SOURCE.find(task, "qac_Latn", "train").identity["rows"] == 12_000
    assert SOURCE.find(MADE["c_nli_harbour"], "qac_Latn", "train") is None
    assert SOURCE.find(MADE["c_nli_harbour"], "qac_Latn", "test").identity["config"] == "cc.harbour"


def test_answers_stand_in_the_context_without_article_and_adposition():
    table = SOURCE.table(SOURCE.find(MADE["c_qa"], "eng_Latn", "test")).to_pylist()
    for row in table:
        (answer,), (start,) = row["answers"]["text"], row["answers"]["answer_start"]
        assert row["context"][start : start + len(answer)] == answer
        assert answer.split()[0] not in ("the", "The", "at", "in", "on", "to", "from")


def test_the_factorial_languages_differ_from_the_centre_in_one_thing():
    centre = FAMILY["ctr"]
    for code, each in list(FAMILY.items())[list(FAMILY).index("ctr") + 1 :]:
        fields = (*DIALS, "names", "cognates", "resource")
        differing = [field for field in fields if getattr(each, field) != getattr(centre, field)]
        assert len(differing) == (2 if code == "aggl" else 1), code


def test_distance():
    assert distance(ENGLISH) == 0
    assert distance(FAMILY["ctr"]) == pytest.approx((1 + 0.85) / 9)  # agreement, and words
    assert distance(FAMILY["sov"]) == pytest.approx((2 + 0.85) / 9)
    assert distance(FAMILY["r10"]) == distance(FAMILY["own"]) == distance(FAMILY["ctr"])
    assert distance(FAMILY["cc"], FAMILY["ee"]) == distance(FAMILY["ee"], FAMILY["cc"]) == pytest.approx(1 / 9)


def test_corpus_files(tmp_path):
    languages = [FAMILY[code] for code in ("en", "cc", "r10", "nosp")]
    files = corpus.write(tmp_path, languages, 200)
    assert {str(file.relative_to(tmp_path)) for file in files} == {
        f"{kind}/{code}.txt" for kind in ("mono", "parallel") for code in ("en", "cc", "r10", "nosp")
    }
    text = {str(file.relative_to(tmp_path)): file.read_text(encoding="utf-8").split("\n") for file in files}
    mono = {code: text[f"mono/{code}.txt"] for code in ("en", "cc", "r10", "nosp")}
    parallel = {code: text[f"parallel/{code}.txt"] for code in mono}
    assert {code: len(lines) - 1 for code, lines in mono.items()} == {"en": 200, "cc": 200, "r10": 20, "nosp": 200}
    assert {len(lines) - 1 for lines in parallel.values()} == {200}  # line i is the same in all
    assert all(parallel["r10"][:20])
    assert not any(parallel["r10"][20:])
    assert not set(mono["cc"]) & set(mono["en"]) - {""}
    longer = list(corpus.monolingual(FAMILY["cc"], 300))
    assert longer[:200] == mono["cc"][:-1]
    assert any(line != other for line, other in zip(mono["en"], parallel["en"], strict=True))
    alone = corpus.write(tmp_path / "alone", [FAMILY["en"]], 20)
    assert [file.name for file in alone] == ["en.txt"]  # nothing to be a translation of
