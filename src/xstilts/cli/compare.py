"""`xstilts compare`: two studies side by side."""

import json
from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import Json, Resamples


def compare(
    study_a: Annotated[Path, typer.Argument(metavar="STUDY_A", help="Study file (YAML).")],
    study_b: Annotated[Path, typer.Argument(metavar="STUDY_B", help="The study whose scores are compared with it.")],
    out_a: Annotated[Path | None, typer.Option(help="Folder of A's store; default runs/<study's name>.")] = None,
    out_b: Annotated[Path | None, typer.Option(help="Folder of B's store; default runs/<study's name>.")] = None,
    resamples: Resamples = 10_000,
    as_json: Json = False,
) -> None:
    """Show how the scores of B differ from those of A on the same examples, and what cannot be compared, and why."""
    from xstilts.compare import compare as compared
    from xstilts.compare import print_comparison, record
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    a, b = (load_study(path) for path in (study_a, study_b))
    results = [Results(make_plan(spec), Store(out or spec.default_out)) for spec, out in ((a, out_a), (b, out_b))]
    found = compared(*results, resamples=resamples)
    if as_json:
        typer.echo(json.dumps(record(found), indent=1, ensure_ascii=False))
    else:
        print_comparison(found)
