"""The page as text: its size for the paper's grid, a study without gains, one without anything."""

from dataclasses import replace
from html import unescape
from pathlib import Path

import report_world
from xstilts.benchmarks import BENCHMARKS
from xstilts.example_pairs import PairedExample
from xstilts.languages import all_languages
from xstilts.planner import make_plan
from xstilts.report.content import Content, gather
from xstilts.report.findings import Measured, Settings
from xstilts.report.history import Training
from xstilts.report.numbers import Score
from xstilts.report.page import render
from xstilts.report.places import placed
from xstilts.results import Results
from xstilts.stats.gains import Gain
from xstilts.stats.inference import Estimate, Interval
from xstilts.store import Store
from xstilts.study_file import load_study
from xstilts.summary import SAME_TASK

SIZES = {"xnli": 15, "pawsx": 7, "udpos": 33, "panx": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9, "bucc": 4, "tatoeba": 36}


def gathered(folder: Path, *, filled: bool, **changes: object) -> Content:
    study = report_world.write_study(folder, **changes)
    if filled:
        report_world.fill(study, folder / "out")
    results = Results(make_plan(load_study(study)), Store(folder / "out"))
    return gather(results, study, Settings(1.0, 100))


def test_a_study_without_intermediates_has_layers_and_says_why_there_are_no_gains(tmp_path: Path) -> None:
    content = gathered(tmp_path, filled=True, intermediates={"baseline": []}, targets=["tatoeba"], languages=None, claims=None)
    page = render(content)
    assert "There are no gains to show. world has no gain by target: it has no zero-shot language, or no intermediate" in page
    assert 'data-chart="layers"' in page
    assert 'data-chart="heat"' not in page


def test_a_study_that_has_not_run_says_so(tmp_path: Path) -> None:
    content = gathered(tmp_path, filled=False)
    page = render(content)
    assert f"Not complete: 0 of {content.planned} scores." in page
    assert "No training run of the study is finished." in page
    assert "Energy was not measured." in page


def test_its_commands_make_the_same_numbers_again_and_controls_are_no_deviations(tmp_path: Path) -> None:
    content = gathered(tmp_path, filled=True, targets=["xnli"], languages={"xnli": ["en", "sw"]}, seeds=[1], claims=None)
    means = content.means[0], [f"[1] {SAME_TASK}"]
    page = render(replace(content, settings=Settings(2.5, 100, Path("claims.yaml")), means=means))
    assert "None: data, splits and limits are the standard tasks'." in page  # a control is no deviation
    shown = unescape(page)
    named = f"{content.file} --out {content.out}"
    assert f"As <code>xstilts gains {named} --resamples 100 --margin 2.5</code> prints them." in shown
    assert f"<code>xstilts report {named} --resamples 100 --margin 2.5 --claims claims.yaml</code>" in shown


def estimate(number: int) -> Estimate:
    point = number % 700 / 100 - 3
    return Estimate(point, Interval(point - 1.11, point + 1.13), None, 0.5, 3.0, 0.0123, 0.4567, 2.34)


def paper(content: Content) -> Content:
    """Return a content with the rows of the paper's grid: 11 intermediates, 9 targets, up to 40 languages, 3 seeds."""
    tags = [one.tag for one in all_languages()][:40]
    names = [f"intermediate-{i}" for i in range(10)]
    cells = [(target, tag) for target, count in SIZES.items() for tag in tags[:count]]
    targets = [
        Gain("target", "xlmr", name, t, "", estimate(7), 0.1234, 0.2345, 3, 40, 9000, 0, 0) for t in SIZES for name in names
    ]
    languages = [
        Gain("language", "xlmr", name, target, tag, estimate(i), 0.1234, 0.2345, 3, 1, 9000, 0, 0)
        for i, (target, tag) in enumerate(cells)
        for name in names
    ]
    scores = [
        Score(
            "xlmr", name, target, tag, seed, 71.23, True, f"{i:08x}{seed}{name[-1]}abcdef", (f"{seed}{name[-1]}{i:08x}fedcba",)
        )
        for i, (target, tag) in enumerate(cells)
        for name in ["baseline", *names]
        for seed in (1, 2, 3)
    ]
    said = dict.fromkeys(["baseline", *names], ("एक उत्तर " * 12, 0.5))
    example = PairedExample("17", (("text", "ताज़ा खबर " * 60), ("question", "कौन?")), "उत्तर", said)
    losses = tuple((i * 50, 1.2345) for i in range(40))
    training = Training("0123456789abcdef", "squad_v1", 1, "11 intermediates", 8000, 8000, losses, "squad_v1 81.23", 4000.0)
    by_target, by_language = content.measured.by_target, content.measured.by_language
    assert by_target
    assert by_language
    measured = Measured(replace(by_target, gains=tuple(targets)), replace(by_language, gains=tuple(languages)), "")
    return replace(
        content, measured=measured, scores=tuple(scores), places=placed(tags), trainings=(training,) * 261,
        samples={("xlmr", target, tag): [example] * 3 for target, tag in cells if target not in ("bucc", "tatoeba")},
    )  # fmt: skip


def test_the_paper_s_grid_is_under_3_megabytes(tmp_path: Path) -> None:
    official = {task.name: len(task.languages) for task in BENCHMARKS["xtreme"].tasks}
    assert all(SIZES[name] == count for name, count in official.items() if count), official
    content = gathered(tmp_path, filled=True, targets=["xnli"], languages={"xnli": ["en", "sw"]}, seeds=[1])
    page = render(paper(content))
    assert page.count('data-cell="l') == 10 * sum(SIZES.values())
    assert len(page.encode()) < 3_000_000
