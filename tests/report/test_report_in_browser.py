"""The report as a reader meets it, in headless Chromium."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import report_world
from xstilts.cli import main
from xstilts.gain_table import Question, answer
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store
from xstilts.study_file import load_study

ALL_GAINS = "table[data-filter=gains]"
PATIENCE = 120_000  # milliseconds, for machines that do much else


@dataclass
class Opened:
    """A page in a browser: what it asked the network for, and what it complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def report_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Return study file, store and report, which the command line wrote."""
    folder = tmp_path_factory.mktemp("report <b>&")
    study = report_world.write_study(folder)
    report_world.fill(study, folder / "out")
    to = folder / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        command = ["xstilts", "report", study, "--out", folder / "out", "--to", to, "--resamples", 100]
        patch.setattr("sys.argv", [str(word) for word in command])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
    return study, folder / "out", to


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Yield headless Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium here to open the report in (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(chromium: Any, report_run: tuple[Path, Path, Path]) -> Opened:
    """Return the report, opened once, its charts drawn."""
    found = Opened(chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light"))
    found.page.set_default_timeout(PATIENCE)
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.goto(report_run[2].as_uri())
    drawn(found.page)
    return found


def drawn(page: Any) -> None:
    """Wait until the charts are drawn."""
    page.wait_for_function("document.documentElement.dataset.charts === 'drawn'")


@pytest.fixture
def page(opened: Opened) -> Any:
    """Return the page as it was when it was opened."""
    opened.page.evaluate("document.querySelectorAll('dialog[open]').forEach((one) => one.close())")
    opened.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return opened.page


def column(page: Any, number: int) -> list[str]:
    return [text.strip() for text in page.locator(f"{ALL_GAINS} tbody tr:visible > *:nth-child({number})").all_inner_texts()]


def test_it_opens_from_a_file_without_network_or_complaint(opened: Opened, report_run: tuple[Path, Path, Path]) -> None:
    assert opened.requests == [report_run[2].as_uri()]
    assert opened.complaints == []
    assert opened.page.title() == "world: report"  # no script of the data ran
    assert opened.page.locator("[data-chart]").count() == 6
    for name in ("heat", "languages", "scatter", "sizes", "layers", "curves"):
        assert opened.page.locator(f"[data-chart={name}] svg path").count() > 3, name


def test_the_heat_map_s_table_has_the_numbers_of_gains(page: Any, report_run: tuple[Path, Path, Path]) -> None:
    study, out, _ = report_run
    results = Results(make_plan(load_study(study)), Store(out))
    found = answer(results, Question("target", "xtreme", "baseline", "", 1.0, 100)).gains
    data = json.loads(page.locator("#data").text_content())
    assert len(data["gains"]["targets"]) == len(found)
    for number, gain in enumerate(found):
        one = gain.estimate
        assert one is not None
        wanted = [f"{value:.2f}" for value in (one.gain, one.interval.low, one.interval.high)]
        assert [f"{value:.2f}" for value in data["gains"]["targets"][number][4:7]] == wanted
    shown = page.locator("[data-cell=t0]").first
    assert shown.inner_text() == f"{found[0].estimate.gain:+.2f}" if found[0].estimate else None


def test_tables_sort_by_number_and_say_so(page: Any) -> None:
    head = page.locator(f"{ALL_GAINS} thead th").nth(4)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = [float(text) for text in column(page, 5)]
    assert rising == sorted(rising)
    assert rising[0] < 0 < rising[-1]
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(text) for text in column(page, 5)] == rising[::-1]


def test_tables_filter_by_words(page: Any) -> None:
    label = page.get_by_label("Filter gains:")
    rows = len(column(page, 2))
    label.fill("QQP large xnli")
    assert column(page, 2) == ["qqp"]
    assert page.locator(f".filter:has(input) [role=status]:has-text('1 of {rows} rows')").count() == 1
    label.fill("")
    assert len(column(page, 2)) == rows


def test_a_click_on_a_gain_shows_its_examples_and_files(page: Any, report_run: tuple[Path, Path, Path]) -> None:
    page.locator("[data-cell=t0]").first.click()
    dialog = page.locator("dialog[open]")
    assert dialog.locator("h2").inner_text() == "nli: xnli, base"
    dialog.locator("select").select_option(label="Standard Arabic")
    text = dialog.locator("dd[dir=auto]", has_text=report_world.TEXTS["ar"]).first
    assert text.evaluate("(element) => getComputedStyle(element).direction") == "rtl"
    keys = dialog.locator("td code").all_inner_texts()
    out = report_run[1]
    assert len(keys) == 2 * 2 * 3 * 2  # baseline and nli, seeds, zero-shot languages; score and predictions
    assert all((out / key).exists() for key in keys)
    assert "xstilts run" in dialog.locator("pre").inner_text()


def test_claims_stand_first_and_lead_to_their_scores(page: Any, report_run: tuple[Path, Path, Path]) -> None:
    verdict = page.locator("main table").first.locator("[data-cell=v0]")
    assert verdict.inner_text() == "supported"
    verdict.click()
    assert page.locator("dialog[open] p").first.inner_text() == report_world.CLAIM["statement"]
    keys = page.locator("dialog[open] td code").all_inner_texts()
    assert len(keys) == 2 * 2 * 3 * 2
    assert all((report_run[1] / key).exists() for key in keys)


def test_means_lead_to_their_scores(page: Any, report_run: tuple[Path, Path, Path]) -> None:
    page.locator("[data-cell=m0]").last.click()  # the baseline of XNLI: all languages, two seeds
    assert page.locator("dialog[open] tbody tr").count() == 4 * 2
    page.keyboard.press("Escape")
    page.locator("[data-cell^=s]").first.click()  # one layer of Tatoeba, one language
    assert page.locator("dialog[open] tbody tr").count() == 2


def test_markup_of_the_data_is_text(page: Any) -> None:
    page.locator("[data-cell=t0]").first.click()
    page.locator("dialog[open] select").select_option(label="English")
    assert report_world.SCRIPT in page.locator("dialog[open] dd").all_inner_texts()[8]
    assert page.locator("script").count() == 6  # data, three of ours, the library, the call
    assert page.locator("li", has_text=report_world.DEVIATION).count() == 2  # below the means, and among deviations
    assert page.title() == "world: report"


def test_the_keyboard_reaches_everything(page: Any) -> None:
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    button = page.locator("[data-cell=t0]").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.dataset.cell") == "t0"


def test_dark_colours_follow_the_system(page: Any) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.charts = ''")
    page.emulate_media(color_scheme="dark")
    drawn(page)
    assert page.evaluate(colour) != light
    assert page.locator("[data-chart=heat] svg text[fill='#e4e8ec']").count() > 0
    page.emulate_media(color_scheme="light")
