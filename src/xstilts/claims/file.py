"""A study's claims, or those of a file of their own; every mistake in it at once, each with its line."""

from pathlib import Path

from xstilts.claim_check import named_by, settled_claims
from xstilts.claim_spec import Claim, ClaimFile
from xstilts.errors import StudyError
from xstilts.own_tasks import own_tasks
from xstilts.spec import StudySpec
from xstilts.study_wording import validated
from xstilts.study_yaml import read_document
from xstilts.tasks import TASKS


def load_claims(study: StudySpec, path: str | Path | None = None) -> tuple[Claim, ...]:
    """Return the claims of a file, or those that stand in the study itself.

    Args:
        study: as `load_study` gives it; claims name its encoders, intermediates and targets.
        path: a YAML file with `claims:`; documents are looked up beside it, then in the working directory.

    Raises:
        StudyError: with every mistake of the file, in the order of its lines.

    """
    if path is None:
        return study.claims
    path = Path(path)
    document = read_document(path, example="`claims:`, a list")
    found, mistakes = validated(ClaimFile, document.data)
    named = named_by(study, {**TASKS, **own_tasks(study.tasks)})
    claims, wrong = settled_claims(document.data.get("claims"), named, path.absolute().parent)
    problems = document.problems([*mistakes, *wrong])
    if found is None or problems:
        raise StudyError(str(path), problems)
    return claims
