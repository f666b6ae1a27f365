"""`xstilts constructed`: the family of constructed languages, its tasks by example, and its text."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from xstilts.cli.options import Json

app = typer.Typer(help="Constructed languages: typology as a dial.", no_args_is_help=True)
Family = Annotated[Path | None, typer.Option("--family", metavar="FILE", help="YAML file that declares more languages.")]
Codes = Annotated[str | None, typer.Option("--languages", metavar="CODES", help="Codes with commas between; default all.")]


@app.command("list")
def list_(family: Family = None, as_json: Json = False) -> None:
    """Show the languages with their dials and their distance from English."""
    from xstilts.constructed.language import distance
    from xstilts.display import print_table
    from xstilts.family_file import load_family

    rows: list[dict[str, Any]] = [
        {"code": code, "tag": language.tag, **language.identity(), "resource": language.resource}
        | {"distance": round(distance(language), 3)}
        for code, language in load_family(family).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        notes = [
            "distance: from English, the mean over nine dials (docs/constructed.md); names and resource do not count.",
            "ctr is the centre: the languages below it differ from it in one dial; aa to ff are mixed.",
        ]
        print_table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows], notes=notes)


def _listed(text: str) -> tuple[str, ...]:
    """Return the parts of a text between commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def _cell(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


@app.command()
def show(
    task: Annotated[str, typer.Option(help="A task in constructed languages, such as c_nli, or nli for short.")],
    languages: Annotated[str, typer.Option(metavar="CODES", help="Codes with commas between.")] = "en,cc",
    count: Annotated[int, typer.Option("-n", min=1, help="How many examples.")] = 3,
    family: Family = None,
) -> None:
    """Show the first test examples of a task with a gloss below each word."""
    from xstilts.constructed.language import find
    from xstilts.constructed.sets import RECIPES
    from xstilts.constructed.show import glossed
    from xstilts.errors import XstiltsError, unknown
    from xstilts.family_file import load_family
    from xstilts.task import CONSTRUCTED
    from xstilts.tasks import TASKS

    made = {name: each for name, each in TASKS.items() if each.data.path.startswith(CONSTRUCTED)}
    name = task if task in made else f"c_{task}"
    if name not in made:
        raise XstiltsError(unknown("task in constructed languages", task, made))
    data = made[name].data
    recipe, domain = RECIPES[data.path.removeprefix(CONSTRUCTED)], data.config.partition(".")[2]
    for line in glossed(recipe, domain, find(_listed(languages), load_family(family)), "test", count):
        typer.echo(line)


@app.command()
def write(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Gets mono/ and parallel/.")],
    languages: Codes = None,
    size: Annotated[int, typer.Option(min=1, help="Lines of a language whose resource is 1.")] = 6_000,
    domains: Annotated[str, typer.Option(help="village, harbour, or both with a comma between.")] = "village",
    family: Family = None,
) -> None:
    """Write raw text in each language, and line by line translations from English."""
    from xstilts.constructed import corpus, lexicon
    from xstilts.constructed.language import find
    from xstilts.errors import XstiltsError, unknown
    from xstilts.family_file import load_family
    from xstilts.store import disk_errors

    chosen = load_family(family)
    names = _listed(domains)
    for name in names:
        if name not in lexicon.DOMAINS:
            raise XstiltsError(unknown("domain", name, lexicon.DOMAINS))
    codes = _listed(languages) if languages else tuple(chosen)
    with disk_errors(folder, "Name another DIR."):
        files = corpus.write(folder, find(codes, chosen), size, names)
    typer.echo(f"{len(files)} files in {folder}: mono/<lang>.txt and, line by line translations, parallel/<lang>.txt")
