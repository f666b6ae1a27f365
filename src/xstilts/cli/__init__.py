"""The command line: verbs only. Each parses, calls the library and prints."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from xstilts.cli import constructed
from xstilts.cli.claims import claims
from xstilts.cli.compare import compare
from xstilts.cli.data import data
from xstilts.cli.demo import demo
from xstilts.cli.examples import examples
from xstilts.cli.export import app as export
from xstilts.cli.gains import gains
from xstilts.cli.options import Json, Out, StudyPath
from xstilts.cli.predictions import predictions
from xstilts.cli.pretrain import pretrain
from xstilts.cli.report import report
from xstilts.cli.run import run
from xstilts.errors import XstiltsError, unknown
from xstilts.spec import StudySpec

if TYPE_CHECKING:
    from xstilts.results import Results

app = typer.Typer(
    help="Which task should a multilingual model study before its target task?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(constructed.app, name="constructed")
app.add_typer(data, name="data")
app.add_typer(export, name="export")


def main() -> None:
    """Run the command line: an error of the user's is printed without a traceback, exit code 2."""
    try:
        app()
    except XstiltsError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


def _load(path: Path, out: Path | None) -> tuple[StudySpec, Path]:
    from xstilts.study_file import load_study

    study = load_study(path)
    return study, out or study.default_out


@app.command()
def plan(
    study: StudyPath,
    out: Out = None,
    as_json: Json = False,
    why: Annotated[str | None, typer.Option(metavar="KEY", help="Say why a stage is not the one that was run before.")] = None,
) -> None:
    """Show the stages of a study: shared, done, to run; updates, disk and time."""
    from xstilts import overview
    from xstilts.planner import make_plan
    from xstilts.store import Store

    spec, folder = _load(study, out)
    made, store = make_plan(spec), Store(folder)
    if why:
        _print_why(overview.why(made, store, why), as_json)
        return
    view = overview.overview(made, store)
    if as_json:
        typer.echo(json.dumps(view, indent=1, ensure_ascii=False))
    else:
        overview.print_overview(view)


def _print_why(answer: dict[str, Any], as_json: bool) -> None:
    from xstilts.display import print_table

    if as_json:
        typer.echo(json.dumps(answer, indent=1, ensure_ascii=False))
    elif answer["differences"]:
        rows = [[d["field"], json.dumps(d["before"]), json.dumps(d["now"])] for d in answer["differences"]]
        print_table(["field", f"before ({answer['nearest']})", f"now ({answer['key']})"], rows, title=answer["title"])
    else:
        typer.echo(answer["answer"])


app.command()(run)
app.command()(demo)
app.command()(pretrain)


@app.command()
def status(study: StudyPath, out: Out = None, as_json: Json = False) -> None:
    """Show how far a study is, and what failed."""
    from xstilts import overview
    from xstilts.planner import make_plan
    from xstilts.store import Store

    spec, folder = _load(study, out)
    state = overview.status(make_plan(spec), Store(folder))
    if as_json:
        typer.echo(json.dumps(state, indent=1, ensure_ascii=False))
    else:
        overview.print_status(state)


@app.command()
def results(
    study: StudyPath,
    out: Out = None,
    form: Annotated[Literal["table", "csv", "json", "parquet"], typer.Option("--format")] = "table",
    by: Annotated[
        Literal["family", "script", "resource_class", "seen"] | None,
        typer.Option(help="Means and gains of groups of languages; seen: by the encoder in pretraining."),
    ] = None,
    with_language_facts: Annotated[
        bool, typer.Option("--with-language-facts", help="Add family, script, resource_class and speakers to csv or json.")
    ] = False,
    suite: Annotated[str | None, typer.Option("--benchmark", metavar="NAME", help="Only this benchmark's averages.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --benchmark: print JSON.")] = False,
) -> None:
    """Print the results: tables of means, or every score as csv or json, or the path of the parquet file."""
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store

    _refuse_together(form, by, suite, facts=with_language_facts, as_json=as_json)
    spec, folder = _load(study, out)
    found = Results(make_plan(spec), Store(folder))
    if suite:
        _print_benchmark(found, suite, as_json)
    elif by:
        from xstilts.groups import print_groups

        print_groups(found, by)
    elif form == "table":
        from xstilts.summary import print_summary

        print_summary(found)
        for name in spec.benchmarks:
            _print_benchmark(found, name, as_json)
    elif form == "parquet":
        typer.echo(found.write())
    elif with_language_facts:
        from xstilts.groups import with_facts

        frame = with_facts(found.frame())
        typer.echo(
            frame.to_csv(index=False) if form == "csv" else frame.to_json(orient="records", indent=1, force_ascii=False),
            nl=False,
        )
    elif form == "csv":
        typer.echo(found.frame().to_csv(index=False), nl=False)
    else:
        typer.echo(json.dumps(list(found.rows()), indent=1, ensure_ascii=False))


def _refuse_together(form: str, by: str | None, suite: str | None, *, facts: bool, as_json: bool) -> None:
    """Refuse options of `results` of which one would not be heeded."""
    if by and form != "table":
        raise XstiltsError(
            f"--by {by} with --format {form}: groups are shown as a table. Leave --format out, or take "
            "--with-language-facts instead of --by and group the rows."
        )
    if suite and (by or form != "table"):
        raise XstiltsError(
            f"--benchmark {suite} with {f'--by {by}' if by else f'--format {form}'}: a benchmark's averages are a "
            "table of their own. Leave the other option out; --json prints them as JSON."
        )
    if facts and form not in ("csv", "json"):
        raise XstiltsError(
            f"--with-language-facts with --format {form}: the facts are columns of csv and json. Add --format csv or json; "
            "docs/file_formats.md tells how to join them to results.parquet."
        )
    if as_json and not suite:
        raise XstiltsError("--json goes with --benchmark. For every score as JSON write `--format json`.")


def _print_benchmark(found: "Results", name: str, as_json: bool) -> None:
    from xstilts.benchmark_scores import benchmark_scores, print_benchmark
    from xstilts.benchmarks import benchmark

    scores = benchmark_scores(found, benchmark(name))
    if as_json:
        typer.echo(json.dumps(scores, indent=1, ensure_ascii=False))
    else:
        print_benchmark(scores)


for verb in (predictions, gains, report, claims, examples, compare):
    app.command()(verb)


@app.command()
def tasks(name: Annotated[str | None, typer.Argument(help="One task.")] = None, as_json: Json = False) -> None:
    """List the tasks, or tell all about one."""
    from xstilts.catalogue import print_tasks, task_table
    from xstilts.tasks import TASKS

    if name and name not in TASKS:
        raise XstiltsError(unknown("task", name, TASKS, hint=f"`xstilts tasks` lists all {len(TASKS)}."))
    table = task_table([name] if name else list(TASKS))
    if as_json:
        typer.echo(json.dumps(table[0] if name else table, indent=1, ensure_ascii=False))
    else:
        print_tasks(table)


@app.command()
def languages(
    code: Annotated[str | None, typer.Argument(help="A code or an English name, in any common spelling.")] = None,
    as_json: Json = False,
) -> None:
    """List the languages, or tell what a code means and which tasks have it."""
    from xstilts.catalogue import language_table, print_languages

    table = language_table(code)
    if as_json:
        typer.echo(json.dumps(table, indent=1, ensure_ascii=False))
    else:
        print_languages(table)


@app.command()
def score(
    suite: Annotated[Literal["xtreme", "xtreme-r"], typer.Option(help="Whose tasks, languages and averages.")],
    predictions: Annotated[Path, typer.Option(metavar="DIR", help="Folder with <task>/test-<language>.tsv, .json or .jsonl.")],
    labels: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the same form with the gold labels.")],
    as_json: Json = False,
) -> None:
    """Score a folder of predictions in XTREME's layout as the official scripts do."""
    from xstilts.scorefolder import print_scores, score_folder

    result = score_folder(suite, predictions, labels)
    if as_json:
        typer.echo(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        print_scores(result)
