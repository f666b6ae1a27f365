"""Arguments and options that several verbs have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from xstilts.errors import XstiltsError
from xstilts.spec import StudySpec

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="Study file (YAML).")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the store; default runs/<study's name>.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# of gains
By = Annotated[
    Literal["target", "language", "family", "script", "resource_class", "seen", "benchmark"],
    typer.Option(help="What a row is: a target, a language, a group of languages, or an average of a benchmark."),
]
Suite = Annotated[
    Literal["xtreme", "xtreme-r", "flores-200"] | None,
    typer.Option("--benchmark", help="Whose averages `--by benchmark` shows; default the study's first, else xtreme."),
]
Over = Annotated[str | None, typer.Option(metavar="INTERMEDIATE", help="Compare with this one; default the baseline.")]
Variant = Annotated[
    str, typer.Option(metavar="TEXT", help="Of retrieval, only variants whose name has this text, as in layer=14.")
]
Margin = Annotated[float, typer.Option(min=0, help="Gains below so many points count as none.")]
Resamples = Annotated[int, typer.Option(min=100, help="How often examples are drawn again.")]


def suite_of(study: StudySpec, by: str, suite: str | None) -> str:
    """Return the benchmark whose averages are asked for.

    Raises:
        XstiltsError: when one is named and rows are something else.

    """
    if suite and by != "benchmark":
        raise XstiltsError(
            f"--benchmark {suite} with --by {by}: rows are no averages of it. Write `--by benchmark`, or leave it out."
        )
    return suite or next(iter(study.benchmarks), "xtreme")
