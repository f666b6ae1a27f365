"""`xstilts gains`: what each intermediate gains over the baseline, and how sure that is."""

import json

import typer

from xstilts.cli.options import By, Json, Margin, Out, Over, Resamples, StudyPath, Suite, Variant, suite_of
from xstilts.errors import XstiltsError, unknown


def gains(
    study: StudyPath,
    out: Out = None,
    as_json: Json = False,
    by: By = "target",
    suite: Suite = None,
    over: Over = None,
    variant: Variant = "",
    margin: Margin = 1.0,
    resamples: Resamples = 10_000,
) -> None:
    """Show gains with 95% intervals and p-values, what could have been found, and what is missing."""
    from xstilts.gain_table import Question, answer, print_answer, record
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    if over is not None and over not in spec.intermediates:
        raise XstiltsError(unknown("intermediate", over, spec.intermediates))
    results = Results(make_plan(spec), Store(out or spec.default_out))
    found = answer(results, Question(by, suite_of(spec, by, suite), over or spec.baseline, variant, margin, resamples))
    if as_json:
        typer.echo(json.dumps(record(found), indent=1, ensure_ascii=False))
    else:
        print_answer(found)
