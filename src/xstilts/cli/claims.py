"""`xstilts claims`: which statements about a study its results support."""

import json
from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import Json, Out, Resamples, StudyPath
from xstilts.errors import XstiltsError


def claims(
    study: StudyPath,
    out: Out = None,
    as_json: Json = False,
    file: Annotated[
        Path | None, typer.Option("--claims", metavar="FILE", help="Claims of a file (YAML); default those of the study file.")
    ] = None,
    resamples: Resamples = 10_000,
) -> None:
    """Show which claims the results support or contradict; the table is also written beside the results."""
    from xstilts.claims import check_claims, load_claims
    from xstilts.claims.table import print_claims, record, write_claims
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    found = load_claims(spec, file)
    if not found:
        raise XstiltsError(f"{study} has no `claims:`. Write some there (docs/claims.md), or name a file with --claims.")
    store = Store(out or spec.default_out)
    verdicts = check_claims(Results(make_plan(spec), store), found, resamples=resamples)
    path = write_claims(verdicts, store)
    if as_json:
        typer.echo(json.dumps([record(verdict) for verdict in verdicts], indent=1, ensure_ascii=False))
    else:
        print_claims(verdicts, spec.name)
        typer.echo(f"Written: {path} and claims.json beside it.")
