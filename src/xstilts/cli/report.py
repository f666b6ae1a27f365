"""`xstilts report`: a study's results as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import Margin, Out, Resamples, StudyPath


def report(
    study: StudyPath,
    out: Out = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="HTML file; default report.html in the store.")] = None,
    claims: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Claims of a file (YAML); default those of the study file.")
    ] = None,
    margin: Margin = 1.0,
    resamples: Resamples = 10_000,
) -> None:
    """Write the results as one HTML file that needs no network: findings, charts, tables, examples, provenance."""
    from xstilts.planner import make_plan
    from xstilts.report.content import gather
    from xstilts.report.findings import Settings
    from xstilts.report.page import write_report
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    results = Results(make_plan(spec), Store(out or spec.default_out))
    path = to or results.store.out / "report.html"
    write_report(gather(results, study, Settings(margin, resamples, claims)), path)
    typer.echo(path)
