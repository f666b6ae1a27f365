"""Run a study inside the test's process, and remember what happened."""

from pathlib import Path
from typing import Any

from xstilts.execute.local import Outcome, Quiet, run_study
from xstilts.results import Results
from xstilts.spec import RunSpec
from xstilts.stage import Stage
from xstilts.store import Store
from xstilts.study_file import load_study


class Log(Quiet):
    """Remembers which stages ran, in order, and what was said."""

    def __init__(self) -> None:
        self.ran: list[Stage] = []
        self.said: list[str] = []

    def begin(self, stage: Stage) -> None:
        """Remember the stage."""
        self.ran.append(stage)

    def message(self, text: str) -> None:
        """Remember what is said."""
        self.said.append(text)

    @property
    def kinds(self) -> dict[str, int]:
        """How many stages of each kind ran."""
        kinds = [str(stage.kind) for stage in self.ran]
        return {kind: kinds.count(kind) for kind in ("train", "predict", "embed", "score") if kind in kinds}


def go(study: Path, out: Path, log: Log | None = None, **settings: Any) -> tuple[Outcome, Log]:
    """Run what is missing of a study."""
    log = log or Log()
    outcome = run_study(load_study(study), RunSpec(out=out, device="cpu", **settings), log)
    return outcome, log


def rows(outcome: Outcome, out: Path) -> list[dict[str, Any]]:
    """Return the rows of the results."""
    return list(Results(outcome.plan, Store(out)).rows())


def contents(out: Path, *names: str) -> dict[str, bytes]:
    """Return path -> content of the files with these names in finished stages of a store."""
    kinds = ("train", "embed", "predict", "score")
    files = [path for kind in kinds for path in sorted(out.glob(f"{kind}/*/**/*")) if path.name in names and path.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}
