"""`xstilts pretrain`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from xstilts.cli.interrupt import stoppable
from xstilts.spec import RunSpec


def pretrain(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Pretraining file (YAML).")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the store; default runs/<name>.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option()] = "auto",
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work: sizes and seeds.")] = 1,
    tokens_per_micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Padded sub-tokens on the device at a time; default: what suits it.")
    ] = None,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Work a killed run may lose.")] = 60.0,
    helper: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Pretrain small encoders on raw text: tokenizer, masked LM and translation LM; the same command again goes on."""
    from xstilts.display import PlainReporter, RichReporter
    from xstilts.execute.pretrain import run_pretraining
    from xstilts.pretrain_file import load_pretraining

    spec = load_pretraining(config)
    settings = RunSpec(
        out=out or spec.default_out, device=device, workers=workers,
        tokens_per_micro_batch=tokens_per_micro_batch, checkpoint_seconds=checkpoint_seconds,
    )  # fmt: skip
    reporter = RichReporter({}) if sys.stderr.isatty() and not helper else PlainReporter()
    with stoppable(quiet=helper) as reporter.clock.look, reporter:
        outcome = run_pretraining(spec, settings, reporter, helper=helper)
    if helper:
        return
    _print(outcome, settings)
    if outcome.failed:
        sys.exit(1)


def _print(outcome: Any, settings: RunSpec) -> None:
    """Print what was done, where the encoders lie, and what held-out lines show."""
    from xstilts.display import print_table
    from xstilts.execute.pretrain import encoder_folder
    from xstilts.store import Store

    store = Store(settings.out)
    rows, held_out = [], {}
    for planned in outcome.plan.encoders:
        if store.state(planned.stage) == "done":
            folder = encoder_folder(planned, store)
            held_out[f"{planned.size}-{planned.seed}"] = json.loads((folder / "training.json").read_text())["held_out"]
            rows.append([planned.size, planned.seed, str(folder)])
    done = "all is done already" if not outcome.ran and not outcome.failed else f"{outcome.ran} stages run"
    typer.echo(f"{outcome.plan.name}: {done}, {len(outcome.failed)} failed, {outcome.blocked} blocked")
    if held_out:
        print_table(["size", "seed", "folder"], rows, notes=["A study uses one with `encoders: {name: {path: folder}}`."])
        columns = [f"{name} {what}" for name in held_out for what in ("masked", "translated")]
        table = [
            [language, *(one.get(language, {}).get(what) for one in held_out.values() for what in ("masked", "translated"))]
            for language in outcome.plan.languages
        ]
        note = "Per cent of masked sub-tokens of held-out lines that are predicted right; translated: beside a translation."
        print_table(["language", *columns], table, notes=[note])
    for title, reason in outcome.failed.items():
        typer.echo(f"failed: {title}: {reason}", err=True)
