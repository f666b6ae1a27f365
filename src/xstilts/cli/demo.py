"""`xstilts demo`: the whole way from encoder to evidence, in constructed languages, without a download."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from xstilts.cli.interrupt import stoppable
from xstilts.cli.run import follow_run
from xstilts.spec import Encoder, RunSpec, StudySpec

FOLDER = Path(__file__).parents[1] / "demo"
RESAMPLES = 2_000
NOTES = (
    "Seven constructed languages (English among them), trained in English alone; docs/constructed.md says what they are.",
    "Look at the spread of the seeds before you believe a gain: `xstilts gains {study} --out {out}` gives intervals.",
    "The report, with intervals, examples and the source of every number: {page}",
)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder of the store.")] = Path("runs/demo"),
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option()] = "cpu",
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 2,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Pretrain the encoder first, in place of the one in the package.")
    ] = False,
) -> None:
    """Run a small study from start to end: intermediate tasks, targets, seven languages, three seeds, no download."""
    from xstilts.planner import make_plan
    from xstilts.report.content import gather
    from xstilts.report.findings import Settings
    from xstilts.report.page import write_report
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study
    from xstilts.summary import print_summary

    spec = load_study(FOLDER / "study.yaml")
    settings = RunSpec(out=out, device=device, workers=workers)
    if from_scratch:
        spec = _pretrained(spec, settings)
    outcome = follow_run(spec, settings)
    if outcome.failed:
        sys.exit(1)
    results = Results(make_plan(spec), Store(out))
    print_summary(results)
    page = out / "report.html"
    write_report(gather(results, FOLDER / "study.yaml", Settings(margin=1.0, resamples=RESAMPLES)), page)
    for note in NOTES:
        typer.echo(note.format(study=FOLDER / "study.yaml", out=out, page=page))
    if not outcome.ran:
        typer.echo(f"Everything was done already, in {out}. Remove that folder to run the demo again.")


def _pretrained(spec: StudySpec, settings: RunSpec) -> StudySpec:
    """Pretrain the demo's encoder, or find it pretrained; return the study with it."""
    from xstilts.display import PlainReporter, RichReporter
    from xstilts.execute.pretrain import encoder_folder, run_pretraining
    from xstilts.pretrain_file import load_pretraining
    from xstilts.store import Store

    reporter = RichReporter({}) if sys.stderr.isatty() else PlainReporter()
    with stoppable(quiet=False) as reporter.clock.look, reporter:
        outcome = run_pretraining(load_pretraining(FOLDER / "encoder.yaml"), settings, reporter)
    for title, reason in outcome.failed.items():
        typer.echo(f"failed: {title}: {reason}", err=True)
    if outcome.failed:
        sys.exit(1)
    (planned,) = outcome.plan.encoders
    (name,) = spec.encoders
    return spec.model_copy(update={"encoders": {name: Encoder(path=encoder_folder(planned, Store(settings.out)).absolute())}})
