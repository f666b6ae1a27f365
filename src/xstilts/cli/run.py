"""`xstilts run`."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xstilts.cli.interrupt import stoppable
from xstilts.cli.options import Out, StudyPath
from xstilts.spec import RunSpec, StudySpec

if TYPE_CHECKING:
    from xstilts.execute.local import Outcome
    from xstilts.plan import Plan


def run(
    study: StudyPath,
    out: Out = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option()] = "auto",
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
    keep: Annotated[
        Literal["all", "shared", "none"], typer.Option(help="Checkpoints to keep once their predictions exist.")
    ] = "shared",
    leaf_gigabytes: Annotated[
        float, typer.Option(min=0, help="Gigabytes of checkpoints that only serve for predictions.")
    ] = 20.0,
    tokens_per_micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Padded sub-tokens on the device at a time; default: what suits it.")
    ] = None,
    checkpoint_seconds: Annotated[
        float, typer.Option(min=0, help="Work a killed run may lose inside a training stage.")
    ] = 60.0,
    helper: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run what is missing of a study; the same command again goes on where it stopped."""
    from xstilts.study_file import load_study

    spec = load_study(study)
    settings = RunSpec(
        out=out or spec.default_out, device=device, workers=workers, keep=keep, leaf_gigabytes=leaf_gigabytes,
        tokens_per_micro_batch=tokens_per_micro_batch, checkpoint_seconds=checkpoint_seconds,
    )  # fmt: skip
    outcome = follow_run(spec, settings, helper=helper)
    if outcome.failed:
        sys.exit(1)


def follow_run(spec: StudySpec, settings: RunSpec, *, helper: bool = False) -> "Outcome[Plan]":
    """Run a study with its progress on the terminal, write its results and say where they are; a helper says nothing."""
    from xstilts.display import PlainReporter, RichReporter
    from xstilts.estimate import throughput
    from xstilts.execute.local import run_study
    from xstilts.results import Results
    from xstilts.store import Store

    store = Store(settings.out)
    reporter = RichReporter(throughput(store)) if sys.stderr.isatty() and not helper else PlainReporter()
    with stoppable(quiet=helper) as reporter.clock.look, reporter:
        outcome = run_study(spec, settings, reporter, helper=helper)
    if helper:
        return outcome
    path = Results(outcome.plan, store).write()
    typer.echo(
        f"{spec.name}: {outcome.ran} stages run, {len(outcome.failed)} failed, {outcome.blocked} blocked. Results: {path}"
    )
    for title, reason in outcome.failed.items():
        typer.echo(f"failed: {title}: {reason}", err=True)
    return outcome
