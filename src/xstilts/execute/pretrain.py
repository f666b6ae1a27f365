"""Run a pretraining on this machine, and give its encoders names a study can hold on to."""

from pathlib import Path

from xstilts.execute.local import Compute, Outcome, Reporter, follow, helper_command
from xstilts.pretrain_plan import PlannedEncoder, PretrainPlan, make_pretrain_plan
from xstilts.pretrain_spec import PretrainSpec
from xstilts.spec import RunSpec
from xstilts.store import Store, disk_errors


def run_pretraining(spec: PretrainSpec, run: RunSpec, reporter: Reporter, *, helper: bool = False) -> Outcome[PretrainPlan]:
    """Run what is missing of a pretraining; returns when every stage is done, failed, or blocked by a failure.

    Args:
        spec: what is asked.
        run: where and how.
        reporter: told what happens.
        helper: this process only helps another one.

    Raises:
        XstiltsError: when it cannot be planned or the store cannot be written.

    """
    plan, store = make_pretrain_plan(spec), Store(run.out)

    def compute() -> Compute:
        from xstilts.stages.pretraining import Pretraining  # imports torch, which planning must not

        return Pretraining(plan, store, run, reporter.progress).execute

    def command() -> list[str]:
        return helper_command("pretrain", spec.name, spec.model_dump(mode="json", exclude_unset=True), run)

    outcome = follow(plan, run, reporter, compute, None if helper else command)
    for planned in plan.encoders if not helper else ():
        if store.state(planned.stage) == "done":
            _name(planned, store)
    return outcome


def encoder_folder(planned: PlannedEncoder, store: Store) -> Path:
    """Return the folder of an encoder by its name: `OUT/encoders/<size>-<seed>`."""
    return store.out / "encoders" / f"{planned.size}-{planned.seed}"


def _name(planned: PlannedEncoder, store: Store) -> None:
    """Let `OUT/encoders/<size>-<seed>` be a link to the encoder's folder, which has a key for a name."""
    link, target = encoder_folder(planned, store), Path("..") / planned.stage.kind / planned.stage.key
    if link.is_symlink() and link.readlink() == target:
        return
    with disk_errors(store.out):
        link.parent.mkdir(parents=True, exist_ok=True)
        new = link.with_name(f".{link.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(target, target_is_directory=True)
        new.replace(link)
