"""`xstilts examples`: the examples behind a gain."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import Json, Out, StudyPath
from xstilts.errors import XstiltsError

PRINTED = 20


def examples(
    study: StudyPath,
    target: Annotated[str, typer.Option(help="Target task.")],
    language: Annotated[str, typer.Option(help="Language, in any common spelling.")],
    where: Annotated[
        str,
        typer.Option(
            metavar="CONDITIONS",
            help="Only these, as in 'baseline wrong, nli right'; also 'nli below 0.5', 'nli above 0.5'.",
        ),
    ] = "",
    encoder: Annotated[str | None, typer.Option(metavar="NAME", help="Default the study's first.")] = None,
    seed: Annotated[int | None, typer.Option(help="Default the study's first.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"At most so many; default {PRINTED} when printed, all in JSON and csv.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them to this file.")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show examples with their gold label, and what each intermediate's model said of them."""
    from xstilts.example_pairs import csv_text, lines, paired_examples
    from xstilts.planner import make_plan
    from xstilts.results import Results
    from xstilts.store import Store, write_text
    from xstilts.study_file import load_study

    if as_json and csv:
        raise XstiltsError(f"--json and --csv {csv} are two forms of the same. Give one of them.")
    spec = load_study(study)
    results = Results(make_plan(spec), Store(out or spec.default_out))
    found = paired_examples(results, target, language, where, encoder=encoder, seed=seed)
    shown = found[:limit]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in shown], indent=1, ensure_ascii=False))
    elif csv:
        write_text(csv, csv_text(shown))
        typer.echo(f"{len(shown)} of {len(found)} examples written to {csv}.")
    else:
        asked = f" where {where}" if where.strip() else ""
        typer.echo(
            f"{spec.name}, {target} in {language}, encoder {encoder or next(iter(spec.encoders))}, seed "
            f"{spec.seeds[0] if seed is None else seed}: {len(found)} examples{asked}"
        )
        for line in lines(found[: limit or PRINTED]):
            typer.echo(line)
        if len(found) > (limit or PRINTED):
            typer.echo(f"... and {len(found) - (limit or PRINTED)} more: raise --limit, or write them with --csv FILE.")
