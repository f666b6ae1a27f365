"""The verbs for data: `xstilts data ...`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(help="Data sets: import what is not on the hub.", no_args_is_help=True)


@app.command("import")
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
