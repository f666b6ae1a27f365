"""`xstilts predictions`."""

from typing import Annotated, Literal

import typer

from xstilts.cli.options import Out, StudyPath


def predictions(
    study: StudyPath,
    target: Annotated[str, typer.Option(help="Target task.")],
    language: Annotated[str | None, typer.Option(help="Language, in any common spelling; default all.")] = None,
    intermediate: Annotated[str | None, typer.Option(help="Intermediate, by its name in the study; default all.")] = None,
    encoder: Annotated[str | None, typer.Option(help="Encoder, by its name in the study; default all.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; default all.")] = None,
    out: Out = None,
    form: Annotated[Literal["table", "csv"], typer.Option("--format", help="Where they lie, or what they say.")] = "table",
) -> None:
    """Show where predictions lie, or print them as csv; those of test data without labels have no score."""
    from xstilts.planner import make_plan
    from xstilts.predicted import chosen, print_predictions, table
    from xstilts.results import Results
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = load_study(study)
    results = Results(make_plan(spec), Store(out or spec.default_out))
    rows = chosen(results, target, language=language, intermediate=intermediate, encoder=encoder, seed=seed)
    if form == "csv":
        typer.echo(table(rows).to_csv(index=False), nl=False)
    else:
        print_predictions(rows)
