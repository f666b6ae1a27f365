"""Which task should a multilingual model study before its target task? Evidence, and the model.

The public names: `load_study` reads a study file, `make_plan` lists its stages, `run` computes what is missing.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from xstilts.errors import XstiltsError
    from xstilts.plan import Plan
    from xstilts.planner import make_plan
    from xstilts.spec import RunSpec, StudySpec
    from xstilts.study_file import load_study

__all__ = ["Plan", "RunSpec", "StudySpec", "XstiltsError", "load_study", "make_plan", "run"]

_ROOMS = {
    "Plan": "plan",
    "RunSpec": "spec",
    "StudySpec": "spec",
    "XstiltsError": "errors",
    "load_study": "study_file",
    "make_plan": "planner",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing one room does not pay for all."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'xstilts' has no attribute {name!r}")
    return getattr(import_module(f"xstilts.{_ROOMS[name]}"), name)


def run(study: "StudySpec | str | Path", out: str | Path | None = None, **settings: Any) -> "pd.DataFrame":
    """Run what is missing of a study and return its results, one row a score.

    Args:
        study: a study, or the path of its file.
        out: the store's folder; `runs/<study's name>` when not given.
        settings: further fields of `RunSpec`: device, workers, keep, ...

    Raises:
        XstiltsError: when the study is wrong or the store cannot be written. A stage that fails does not raise: its rows are
            missing and `xstilts status` names it.

    """
    from xstilts.execute.local import Quiet, run_study
    from xstilts.results import Results
    from xstilts.spec import RunSpec, StudySpec
    from xstilts.store import Store
    from xstilts.study_file import load_study

    spec = study if isinstance(study, StudySpec) else load_study(study)
    settled = RunSpec(out=Path(out) if out else spec.default_out, **settings)
    outcome = run_study(spec, settled, Quiet())
    results = Results(outcome.plan, Store(settled.out))
    results.write()
    return results.frame()
