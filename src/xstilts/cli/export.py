"""`xstilts export`: results in the form of others."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from xstilts.cli.options import By, Margin, Out, Over, Resamples, StudyPath, Suite, Variant, suite_of
from xstilts.errors import XstiltsError, unknown

app = typer.Typer(help="Write results in the form that others read.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Write results in the form that others read."""


@app.command()
def submission(
    study: StudyPath,
    to: Annotated[Path, typer.Option(metavar="DIR", help="New folder for the predictions.")],
    labels: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for the gold labels.")] = None,
    suite: Annotated[
        Literal["xtreme", "xtreme-r"] | None,
        typer.Option(help="Whose tasks and languages; default: the benchmark that the study names, else xtreme."),
    ] = None,
    encoder: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    intermediate: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    variant: Annotated[
        str, typer.Option(metavar="TEXT", help="Of retrieval, where there are several: parts of it, such as 'layer=7'.")
    ] = "",
    out: Out = None,
) -> None:
    """Write one cell row's predictions in XTREME's layout, so that `xstilts score` and others can score them."""
    from xstilts.benchmarks import benchmark
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study
    from xstilts.submission import SUITES, choose, write_submission

    spec = load_study(study)
    named = [name for name in spec.benchmarks if name in SUITES]
    if suite is None and len(named) > 1:
        raise XstiltsError(
            f"a submission is to one suite, and the study names {', '.join(named)}. "
            f"Choose one, for example `--suite {named[0]}`."
        )
    plan = make_plan(spec)
    chosen = choose(plan, encoder, intermediate, seed, variant)
    results = Results(plan, Store(out or spec.default_out))
    for note in write_submission(results, benchmark(suite or next(iter(named), "xtreme")), chosen, to, labels):
        typer.echo(note)


@app.command()
def model(
    study: StudyPath,
    cell: Annotated[
        str, typer.Option(metavar="INTERMEDIATE/TARGET[/SEED]", help="Whose model; with the seed where there are several.")
    ],
    to: Annotated[Path, typer.Option(metavar="DIR", help="New folder for the model.")],
    encoder: Annotated[str | None, typer.Option(metavar="NAME", help="Where the study has several.")] = None,
    push_to_hub: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Upload the folder to the hub too; a new repository is private.")
    ] = None,
    out: Out = None,
) -> None:
    """Write a trained model as a Hugging Face folder with a model card."""
    from xstilts.exports.model import export_model, find_cell, push
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    plan = make_plan(spec)
    trained = find_cell(plan, cell, encoder)
    typer.echo(export_model(Results(plan, Store(out or spec.default_out)), trained, to, study))
    if push_to_hub:
        typer.echo(push(to, push_to_hub))


@app.command()
def table(
    study: StudyPath,
    form: Annotated[Literal["latex", "markdown", "csv"], typer.Option("--format", help="csv has every number in full.")],
    to: Annotated[Path, typer.Option(metavar="FILE", help="File for the table; one that is there is replaced.")],
    by: By = "target",
    suite: Suite = None,
    over: Over = None,
    variant: Variant = "",
    margin: Margin = 1.0,
    adjust: Annotated[Literal["holm", "bh"], typer.Option(help="Which adjusted p-values the marks go by.")] = "holm",
    resamples: Resamples = 10_000,
    out: Out = None,
) -> None:
    """Write the gains of `xstilts gains` as a table: for LaTeX with booktabs and siunitx, in Markdown, or as csv."""
    from xstilts.exports import table as tables
    from xstilts.gain_table import Question, answer
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store, write_text
    from xstilts.study_file import load_study

    spec = load_study(study)
    if over is not None and over not in spec.intermediates:
        raise XstiltsError(unknown("intermediate", over, spec.intermediates))
    results = Results(make_plan(spec), Store(out or spec.default_out))
    found = answer(results, Question(by, suite_of(spec, by, suite), over or spec.baseline, variant, margin, resamples))
    if form == "csv":
        text = tables.csv_text(found)
    elif form == "markdown":
        text = tables.markdown(tables.matrix(found, adjust))
    else:
        text = tables.latex(tables.matrix(found, adjust), f"tab:{spec.name}-gains")
    write_text(to, text)
    typer.echo(f"{len(found.gains)} gains written to {to}.")


@app.command()
def every_eval_ever(
    study: StudyPath,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the records, one a model.")],
    organization: Annotated[str, typer.Option(metavar="NAME", help="Who ran the study.")] = "unknown",
    out: Out = None,
) -> None:
    """Write every score as records of Every Eval Ever, the EvalEval coalition's shared format (its schema 0.2.2)."""
    from xstilts.exports.every_eval_ever import write_records
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    written = write_records(Results(make_plan(spec), Store(out or spec.default_out)), to, organization)
    typer.echo(f"{len(written)} records written to {to}.")


@app.command()
def tracking(
    study: StudyPath,
    to: Annotated[
        str,
        typer.Option(
            metavar="tensorboard:DIR|mlflow:URI", help="Tracker; the URI as http://localhost:5000, sqlite:///mlflow.db."
        ),
    ],
    out: Out = None,
) -> None:
    """Add scores and training curves to TensorBoard or MLflow; call it again, also during a run, and what is new is added."""
    from xstilts.exports.tracking import track
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    added = track(Results(make_plan(spec), Store(out or spec.default_out)), to)
    typer.echo(f"{added.runs} new runs and {added.values} new values written to {to}.")
