"""A study file -> StudySpec: the example, its paths and languages, many mistakes at once, and no traceback ever."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from study_world import STUDY, make_encoder, make_world, problems
from xstilts.errors import StudyError
from xstilts.spec import Phase, Sampling, StudySpec
from xstilts.study_file import load_study

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("XSTILTS_SHARED", ROOT / "../shared"))


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_world(tmp_path, monkeypatch)


def test_the_example_loads(study: Path) -> None:
    spec = load_study(study)
    nli = Phase(mix=("mnli", "snli"), sampling=Sampling(method="proportional", cap=131072))
    qqp = Phase(mix=("qqp",))
    assert spec.intermediates == {"baseline": (), "nli": (nli,), "qqp": (qqp,), "nli-then-qqp": (nli, qqp)}
    assert spec.baseline == "baseline"
    assert spec.targets == ("xnli", "pawsx", "udpos", "panx", "sib200", "tatoeba")
    assert spec.languages == {
        "tatoeba": ("arb_Arab", "deu_Latn", "swh_Latn", "tur_Latn"),
        "sib200": ("eng_Latn", "deu_Latn", "swh_Latn"),
    }
    assert spec.source == "eng_Latn"
    assert spec.seeds == (1, 2, 3)
    assert spec.settings("target", "xnli").epochs == 2
    assert spec.settings("target", "udpos").epochs == 3
    assert spec.settings("intermediate", "qqp").epochs == 1
    assert spec.settings("intermediate", "qqp").learning_rate == 0.0002
    assert (spec.limit.train, spec.limit.evaluate) == (5000, 500)


def test_paths_are_found_beside_the_file_and_are_absolute(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_encoder(study.parent / "elsewhere" / "encoders" / "nano")  # the study's own folder comes first
    monkeypatch.chdir(study.parent / "elsewhere")
    spec = load_study("../study.yaml")
    assert spec.encoders["nano"].path == study.parent / "encoders" / "nano"
    assert spec.data.mirror == study.parent / "mirror"


def test_paths_are_found_in_the_working_directory_next(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (study.parent / "studies").mkdir()
    moved = study.rename(study.parent / "studies" / "study.yaml")
    monkeypatch.chdir(study.parent)
    spec = load_study(moved)
    assert spec.encoders["nano"].path == study.parent / "encoders" / "nano"
    assert spec.data.mirror == study.parent / "mirror"


def test_a_path_may_begin_with_the_home_folder(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(study.parent))
    study.write_text(STUDY.replace("encoders/nano", "~/encoders/nano"))
    assert load_study(study).encoders["nano"].path == study.parent / "encoders" / "nano"


def test_a_hub_encoder_is_not_looked_for(study: Path) -> None:
    study.write_text(STUDY.replace("{path: encoders/nano}", f"{{hub: a/b, revision: {'a' * 40}}}"))
    assert load_study(study).encoders["nano"].path is None


@pytest.mark.parametrize("written", ["en", "eng", "English", "eng_Latn"])
def test_the_source_language_is_made_canonical(study: Path, written: str) -> None:
    study.write_text(f"{STUDY}source: {written}\n")
    assert load_study(study).source == "eng_Latn"


@pytest.mark.parametrize(
    ("written", "sampling"),
    [
        ("uniform", Sampling(method="uniform")),
        ("{temperature: 2}", Sampling(method="temperature", temperature=2.0)),
        ("{proportional: {cap: 10}}", Sampling(method="proportional", cap=10)),
        ("{proportional: 10}", Sampling(method="proportional", cap=10)),
        ("proportional", Sampling(method="proportional")),
    ],
)
def test_each_form_of_sampling_is_read(study: Path, written: str, sampling: Sampling) -> None:
    study.write_text(STUDY.replace("{proportional: {cap: 131072}}", written))
    assert load_study(study).intermediates["nli"][0].sampling == sampling


@pytest.mark.parametrize("written", ["2e-4", "2.0e-4", "0.0002", "2E-4", "+2e-04"])
def test_a_number_is_read_as_what_it_means(study: Path, written: str) -> None:
    study.write_text(STUDY.replace("2.0e-4", written))
    assert load_study(study).train.learning_rate == 0.0002


def test_any_name_with_an_empty_list_is_the_baseline(study: Path) -> None:
    study.write_text(STUDY.replace("baseline: []", "no: []"))
    assert load_study(study).baseline == "no"


def test_all_mistakes_are_told_in_the_order_of_lines(study: Path) -> None:
    found = problems(
        study,
        ("{mirror: mirror}", "{mirror: nowhere}"),
        ("epochs: 2,", "epochs: 0,"),
        ("[1, 2, 3]", "[1, 1]"),
        ("[ara, deu,", "[ara, xx, deu,"),
        ("[xnli,", "[xlni,"),
        ("path: encoders/nano", "path: encoders"),
    )
    lines = [problem.line for problem in found]
    assert lines == [3, 3, 3, 9, 10, 11, 12, 15]  # the folder lacks three files
    assert str(study.parent) in found[0].message
    with pytest.raises(StudyError) as caught:
        load_study(study)
    text = str(caught.value).split("\n")
    assert [line.split(":")[0] for line in text] == [f"{study}, line {line}" for line in lines]
    assert "unknown task 'xlni'. Did you mean 'xnli'?" in text[3]


def test_a_name_that_stands_twice_hides_no_other_mistake(study: Path) -> None:
    found = problems(study, ("seeds: [1, 2, 3]", "seeds: [1, 1]\nseeds: [2]"), ("epochs: 2", "epochs: 0"))
    assert [(problem.line, problem.message.split(";")[0]) for problem in found] == [
        (11, "`seeds` names 1 twice"),
        (12, "`seeds` stands twice, first in line 11"),
        (13, "`train.epochs` is 0"),
    ]


def test_the_example_loads_with_the_shared_encoder_and_mirror(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (SHARED / "data" / "mirror" / "mirror.yaml").is_file():
        pytest.skip(f"{SHARED} has no data/mirror; set XSTILTS_SHARED")
    monkeypatch.chdir(ROOT)
    text = STUDY.replace("encoders/nano", f"{SHARED}/encoders/nano").replace("mirror: mirror", f"mirror: {SHARED}/data/mirror")
    study.write_text(text)
    spec = load_study(study)
    assert spec.encoders["nano"].path is not None
    assert (spec.encoders["nano"].path / "config.json").is_file()


def test_loading_is_quick_and_imports_nothing_heavy(study: Path) -> None:
    program = (
        "import sys, time\n"
        "from xstilts.study_file import load_study\n"
        "import xstilts.data.mirror\n"
        "def seconds():\n"
        "    start = time.perf_counter()\n"
        f"    load_study({str(study)!r})\n"
        "    return time.perf_counter() - start\n"
        "print(min(seconds() for _ in range(3)))\n"
        "heavy = {'torch', 'pandas', 'datasets', 'transformers', 'pyarrow', 'huggingface_hub', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    took, heavy = done.stdout.split("\n")[:2]
    assert float(took) < 0.15
    assert heavy == "[]"


@pytest.fixture(scope="module")
def shared_study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield make_world(tmp_path_factory.mktemp("world") / "w", monkeypatch)


PIECES = [
    *"[]{}:,&*!|>'\"%@`#-?~ \t\n\\.=<",
    "...",
    "---",
    "<<",
    "null",
    "0",
    ".nan",
    "&nli ",
    "*nli",
    "!!set ",
    "\\U",
    "\u2028",
    "\0",
]
EDIT = st.tuples(st.integers(0, len(STUDY)), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=3))
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["qqp", "no", "2", "/", "de"])
)
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _loads_or_explains(study: Path, text: str) -> None:
    study.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        spec = load_study(study)
    except StudyError as error:
        found = error.problems
    else:
        assert isinstance(spec, StudySpec)
        return
    last = max(1, len(text.splitlines()))
    assert found
    assert all(problem.line is None or 1 <= problem.line <= last for problem in found)


@QUICK
@given(edits=st.lists(EDIT, min_size=1, max_size=5))
def test_a_study_with_typing_errors_loads_or_is_explained(shared_study: Path, edits: list[tuple[int, int, str]]) -> None:
    text = STUDY
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
    _loads_or_explains(shared_study, text)


@QUICK
@given(data=st.data())
def test_a_study_with_any_value_anywhere_loads_or_is_explained(shared_study: Path, data: st.DataObject) -> None:
    content: Any = copy.deepcopy(YAML(typ="safe").load(STUDY))
    for _ in range(data.draw(st.integers(1, 3))):
        inner = content
        while isinstance(inner, dict | list) and inner:
            step = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
            if not isinstance(inner[step], dict | list) or not inner[step] or data.draw(st.booleans()):
                inner[step] = data.draw(VALUE)
                break
            inner = inner[step]
    _loads_or_explains(shared_study, json.dumps(content, indent=1))


@QUICK
@given(text=st.text(max_size=200))
def test_any_text_is_explained(shared_study: Path, text: str) -> None:
    _loads_or_explains(shared_study, text)
