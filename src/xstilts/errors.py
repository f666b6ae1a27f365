"""Errors a user can act on: what is wrong and where, the value found, what is allowed, what to do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


class XstiltsError(Exception):
    """Base of every error that is the user's to mend; the command line prints it without a traceback, exit code 2."""


class DataError(XstiltsError):
    """Data that is missing, gated, changed, or not what its task declares."""


class PlaceholderError(DataError):
    """Evaluation data whose labels are all the same, because the true ones were held back."""


class LanguageError(XstiltsError):
    """A language code that is unknown, ambiguous, or not one of a task's."""


class EncoderError(XstiltsError):
    """An encoder that cannot be found or opened."""


class StoreError(XstiltsError):
    """The store cannot be written or read: disk full, no permission, a folder of another program."""


class TrainingFailedError(XstiltsError):
    """One training stage failed (a loss that is not finite, also in float32); the rest of the study goes on."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a user's file; `line` is 1-based, None when the mistake has no single line."""

    message: str
    line: int | None = None


class StudyError(XstiltsError):
    """All the mistakes of a study file, in the order of its lines."""

    def __init__(self, path: str, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(self._line(problem) for problem in self.problems))

    def _line(self, problem: Problem) -> str:
        where = f"{self.path}, line {problem.line}" if problem.line else self.path
        return f"{where}: {problem.message}"


def nearest(name: str, allowed: Collection[str]) -> str | None:
    """Return the allowed name that a misspelt one most likely means, or None when none is near."""
    from rapidfuzz import fuzz, process  # only a mistake pays for the import

    found = process.extractOne(str(name), sorted(allowed), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else None


def unknown(what: str, name: object, allowed: Collection[str], *, hint: str = "") -> str:
    """Word the mistake "no such name": the value found, the nearest allowed name, what is allowed, what to do."""
    near = nearest(str(name), allowed)
    meant = f" Did you mean '{near}'?" if near else ""
    listed = ", ".join(sorted(allowed)) if len(allowed) <= 20 else f"{len(allowed)} names"
    return f"unknown {what} '{name}'.{meant} {hint or f'Allowed: {listed}.'}"
