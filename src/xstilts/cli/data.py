"""`xstilts data`: what a study's data needs before it runs."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from xstilts.cli.options import Json, StudyPath

data = typer.Typer(
    help="Check a study's data, copy or import it, see what training and evaluation data share.",
    no_args_is_help=True,
)


@data.command()
def check(
    study: StudyPath,
    as_json: Json = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask the hub nothing: what is not here is missing.")] = False,
    rows: Annotated[
        bool, typer.Option(help="Download evaluation files that are not here yet, for a look at their labels.")
    ] = True,
) -> None:
    """Look at every file and encoder a study needs, before any training; exit code 1 when something is wrong."""
    from xstilts.study_file import load_study
    from xstilts.supply.check import Looking, check_study
    from xstilts.supply.show import print_findings

    spec = load_study(study, need_data=False)
    findings = check_study(spec, Looking(offline=offline, rows=rows and not offline))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=1, ensure_ascii=False))
    else:
        print_findings(spec.name, findings)
    if any(one.problem for one in findings):
        sys.exit(1)


@data.command()
def pull(
    study: StudyPath,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The mirror to fill; what is there already is kept.")],
    encoders: Annotated[bool, typer.Option("--encoders", help="The encoders of the hub too, into DIR/hub.")] = False,
) -> None:
    """Copy what a study reads into a mirror; stopped at any moment, the same command goes on."""
    from xstilts.study_file import load_study
    from xstilts.supply.pull import HUB_CACHE, pull_study

    counts = dict.fromkeys(("pulled", "kept", "left", "failed"), 0)
    for one in pull_study(load_study(study, need_data=False), to, encoders=encoders):
        counts[one.outcome] += 1
        if one.outcome != "kept":
            typer.echo(f"{one.outcome}: {one.name}{': ' if one.text else ''}{one.text}", err=one.outcome == "failed")
    typer.echo(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    typer.echo(f"Read it with `data: {{mirror: {to.absolute()}}}` in the study, or XSTILTS_MIRROR={to.absolute()}.")
    if encoders:
        typer.echo(f"Encoders: HF_HUB_CACHE={to.absolute() / HUB_CACHE} HF_HUB_OFFLINE=1.")
    if counts["failed"]:
        sys.exit(1)


@data.command()
def overlap(study: StudyPath, as_json: Json = False) -> None:
    """Count texts that training and evaluation data share; exit code 1 when a file cannot be read."""
    from xstilts.study_file import load_study
    from xstilts.supply.overlap import study_overlap
    from xstilts.supply.show import print_overlap

    spec = load_study(study, need_data=False)
    found = study_overlap(spec)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1, ensure_ascii=False))
    else:
        print_overlap(spec.name, found)
    if found.failures:
        sys.exit(1)


@data.command("import")
def import_data(
    what: Annotated[Literal["ccg"], typer.Argument(help="ccg: CCGbank, LDC2005T13.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The unpacked release.")],
    to: Annotated[Path, typer.Option("--to", metavar="MIRROR", help="Mirror to write into; made where there is none.")],
) -> None:
    """Write a data set that its publisher gives out in a form of its own into a mirror."""
    from xstilts.data.ccgbank import import_ccgbank

    imported = import_ccgbank(folder, to)
    counts = ", ".join(f"{split} {count:,}" for split, count in imported.sentences.items())
    typer.echo(f"{what}: {counts} sentences, {imported.supertags:,} supertags in {to}")
    for difference in imported.differences:
        typer.echo(f"not as published: {difference}")
