"""Arguments and options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="Study file (YAML).")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the store; default runs/<study's name>.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
