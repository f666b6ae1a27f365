"""Whether all that a study needs is there and can be used, before anything is trained."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from xstilts.data import DataFile, Source
from xstilts.data.hub import is_here, reason
from xstilts.data.hub_listing import hub_listing
from xstilts.data.read import OnBadRow, read_bitext, read_examples
from xstilts.encoder import EncoderIdentity, download_size
from xstilts.errors import DataError, EncoderError, PlaceholderError
from xstilts.spec import Encoder, StudySpec
from xstilts.supply.needs import Need, Needs, Reader, licence, study_needs
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow

# what is in order, then what is not
State = Literal["here", "on the hub", "missing", "gated", "damaged", "placeholder", "unreadable", "bad rows", "out of reach"]
WORDS: dict[str, State] = {"gated": "gated", "no connection": "out of reach", "damaged": "damaged"}


@dataclass(frozen=True)
class Finding:
    """What is known of one file, or of one encoder.

    Attributes:
        name: data set, configuration and split; or the encoder's name in the study.
        state: `here` and `on the hub` are in order; with all others `problem` says what to do.
        roles: what it is read for, joined with commas; `encoder`.
        tasks: the tasks that read it.
        version: revision on the hub; SHA-256 in a mirror; hash of an encoder's content.
        licence: as the mirror or the task says.
        hub_licence: as the card on the hub says; empty when it was not asked.
        gated: whether its conditions must be accepted on the hub; None when it was not asked.
        rows: how many it has; None when only reading would tell.
        bytes: size of the file, or of what the hub sends.
        bad_rows: rows that its tasks cannot use; None when no row was looked at.
        problem: what is wrong and what to do; empty when nothing is.

    """

    name: str
    state: State
    roles: str
    tasks: tuple[str, ...]
    version: str
    licence: str = ""
    hub_licence: str = ""
    gated: bool | None = None
    rows: int | None = None
    bytes: int | None = None
    bad_rows: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Looking:
    """How far a check goes.

    Attributes:
        offline: ask the hub nothing: what is not on this machine is missing.
        rows: download evaluation files that are not here, for a look at their labels; the run would download them too.

    """

    offline: bool = False
    rows: bool = True


def check_study(study: StudySpec, looking: Looking) -> tuple[Finding, ...]:
    """Look at every file and encoder of a study, whatever is wrong with the others.

    Args:
        study: from `load_study(..., need_data=False)`.
        looking: how far to go.

    Raises:
        DataError: when the mirror itself cannot be opened.

    """
    needs = study_needs(study)
    needs = replace(needs, source=_Kept(needs.source))
    files = [_file(needs, need, looking) for need in needs.parts()]
    encoders = [_encoder(name, study.encoders[name], identity, looking) for name, identity in needs.plan.encoders.items()]
    return (*files, *encoders)


@dataclass
class _Kept:
    """A source that keeps the rows of the last file, which is looked at once for each of its readers."""

    source: Source
    last: "tuple[DataFile, pyarrow.Table] | None" = None

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        return self.source.find(task, language, split)

    def table(self, file: DataFile) -> "pyarrow.Table":
        if self.last is None or self.last[0] is not file:
            self.last = (file, self.source.table(file))
        return self.last[1]


def _file(needs: Needs, need: Need, looking: Looking) -> Finding:
    file = need.file
    tasks = tuple(dict.fromkeys(reader.task for reader in need.readers))
    version = str(file.identity.get("revision") or file.identity.get("sha256") or "")
    found = Finding(need.name, "here", need.roles(), tasks, version, licence(need, needs), rows=file.rows)
    if need.absent:
        return replace(found, state="missing", problem=need.wanted)
    if file.made:
        return found  # the package's own tests tell that its rows are right; thirty languages take minutes
    if "revision" in file.identity:
        found = _on_hub(file, found, looking)
        wanted = found.state == "here" or (looking.rows and any(reader.role == "evaluation" for reader in need.readers))
        return _rows(needs, need, found) if not found.problem and wanted else found
    place = Path(file.origin)
    return _rows(needs, need, replace(found, bytes=place.stat().st_size if place.is_file() else None))


def _on_hub(file: DataFile, found: Finding, looking: Looking) -> Finding:
    """Ask the hub what it lists of a file, and whether it may be read."""
    here = is_here(file)
    if looking.offline:
        absent = (
            f"{file.origin}: it is not in the cache of this machine, and the hub was not asked (--offline). Run "
            "`xstilts data pull` where there is a network, and read that mirror here."
        )
        return found if here else replace(found, state="missing", problem=absent)
    try:
        told = hub_listing(file)
    except DataError as error:
        return found if here else replace(found, state=_state_on_hub(error), problem=str(error))
    # the card counts the rows of all languages that are told apart by a prefix
    rows = found.rows if "prefix" in file.identity else told.rows or found.rows
    found = replace(found, hub_licence=told.licence, gated=told.gated, rows=rows, bytes=told.bytes)
    return found if here else replace(found, state="on the hub")


def _state_on_hub(error: DataError | EncoderError) -> State:
    cause = error.__cause__
    return WORDS.get(reason(cause), "missing") if isinstance(cause, Exception) else "missing"


def _rows(needs: Needs, need: Need, found: Finding) -> Finding:
    """Read the rows as each of the file's tasks will."""
    try:
        rows = needs.source.table(need.file).num_rows
    except DataError as error:
        if "revision" in need.file.identity:
            return replace(found, state=_state_on_hub(error), problem=str(error))
        state: State = "damaged" if Path(need.file.origin).exists() else "missing"
        return replace(found, state=state, problem=str(error))
    problems: list[tuple[State, str]] = []
    bad = 0
    for reader in need.readers:
        try:
            skipped = _skipped(needs, need.file, reader, "skip")
            bad = max(bad, skipped)
            if skipped and needs.plan.study.data.on_bad_row == "stop":
                problems.append(("bad rows", f"{skipped} rows that {reader.task} cannot use. {_first(needs, need, reader)}"))
        except PlaceholderError as error:
            problems.append(("placeholder", str(error)))
        except DataError as error:
            problems.append(("unreadable", str(error)))
    found = replace(found, state="here", rows=rows, bad_rows=bad)
    if not problems:
        return found
    return replace(found, state=problems[0][0], problem=" ".join(dict.fromkeys(text for _, text in problems)))


def _skipped(needs: Needs, file: DataFile, reader: Reader, on_bad_row: OnBadRow) -> int:
    """Return how many bad rows there are among those that a task reads."""
    task, limits = needs.plan.tasks[reader.task], needs.plan.study.limit
    if task.kind == "retrieval" and not task.multiway:
        return read_bitext(needs.source, task, file, limit=limits.evaluate, on_bad_row=on_bad_row).skipped
    scored = reader.role != "train"
    limit = limits.evaluate if scored else limits.train
    if task.more:  # of several files that are one, none need have two labels, and the limit is that of all
        limit, scored = None, False
    read = read_examples(needs.source, task, file, limit=limit, on_bad_row=on_bad_row, evaluation=scored)
    return read.skipped


def _first(needs: Needs, need: Need, reader: Reader) -> str:
    """Return the message with which a run would stop at the first bad row."""
    try:
        _skipped(needs, need.file, reader, "stop")
    except DataError as error:
        return str(error)
    raise AssertionError(f"{need.name} has bad rows, but none stops its reader")


def _encoder(name: str, encoder: Encoder, identity: EncoderIdentity, looking: Looking) -> Finding:
    version = str(identity.weights.get("revision") or identity.weights.get("content"))
    found = Finding(f"{name} ({encoder.hub or encoder.path})", "here", "encoder", (), version)
    if identity.folder is not None:
        return replace(found, bytes=sum(path.stat().st_size for path in _files(identity.folder)))
    if looking.offline:
        absent = (
            f"encoder {name} is not on this machine, and the hub was not asked (--offline). Run "
            "`xstilts data pull --encoders` where there is a network, or copy its folder and give `path:`."
        )
        return replace(found, state="missing", problem=absent)
    try:
        return replace(found, state="on the hub", bytes=download_size(encoder))
    except EncoderError as error:
        return replace(found, state=_state_on_hub(error), gated=_state_on_hub(error) == "gated" or None, problem=str(error))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_file())
