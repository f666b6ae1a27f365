"""`xstilts demo`: the whole way from encoder to evidence, in constructed languages, without a download."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from xstilts.cli.interrupt import stoppable
from xstilts.cli.run import follow_run
from xstilts.spec import RunSpec

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

    settings = RunSpec(out=out, device=device, workers=workers)
    study = _pretrained(settings) if from_scratch else FOLDER / "study.yaml"
    spec = load_study(study)
    outcome = follow_run(spec, settings)
    if outcome.failed:
        sys.exit(1)
    results = Results(make_plan(spec), Store(out))
    print_summary(results)
    page = out / "report.html"
    write_report(gather(results, study, Settings(margin=1.0, resamples=RESAMPLES)), page)
    for note in NOTES:
        typer.echo(note.format(study=study, out=out, page=page))
    if not outcome.ran:
        typer.echo(f"Everything was done already, in {out}. Remove that folder to run the demo again.")


def _pretrained(settings: RunSpec) -> Path:
    """Pretrain the demo's encoder, or find it pretrained; return a copy of the demo's study with that encoder."""
    from ruamel.yaml import YAML

    from xstilts.display import PlainReporter, RichReporter
    from xstilts.execute.pretrain import encoder_folder, run_pretraining
    from xstilts.pretrain_file import load_pretraining
    from xstilts.store import Store, disk_errors

    reporter = RichReporter({}) if sys.stderr.isatty() else PlainReporter()
    with stoppable(quiet=False) as reporter.clock.look, reporter:
        outcome = run_pretraining(load_pretraining(FOLDER / "encoder.yaml"), settings, reporter)
    for title, reason in outcome.failed.items():
        typer.echo(f"failed: {title}: {reason}", err=True)
    if outcome.failed:
        sys.exit(1)
    (planned,) = outcome.plan.encoders
    yaml = YAML()  # keeps comments
    content = yaml.load(FOLDER / "study.yaml")
    (name,) = content["encoders"]
    content["encoders"][name] = {"path": str(encoder_folder(planned, Store(settings.out)).relative_to(settings.out))}
    study = settings.out / "study.yaml"
    with disk_errors(settings.out):
        yaml.dump(content, study)
    return study
