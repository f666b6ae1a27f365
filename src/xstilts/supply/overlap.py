"""Texts that training and evaluation data of a study share: exactly, or nearly; counted for each pair of files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xstilts.data.duplicates import NearIndex
from xstilts.errors import DataError
from xstilts.spec import StudySpec
from xstilts.supply.fields import read_texts
from xstilts.supply.needs import Needs, Role, study_needs
from xstilts.supply.relations import Known, known_relations

WHOLE = "whole example"  # all fields of an example, each as in one training example
MEMORY = 20_000_000  # characters of evaluation text that are indexed at a time


@dataclass(frozen=True)
class Shared:
    """How many texts of one field of an evaluation file occur in a training file.

    Attributes:
        training: the file that is trained on, or that chooses a checkpoint.
        role: train or validation.
        evaluation: the file that is scored.
        field: the field of its examples; WHOLE for all fields together.
        texts: how many examples have the field.
        exact: of so many the text is in the training file after normalisation, in whatever field.
        near: of so many more it is there nearly (`data.duplicates`); None for whole examples.

    """

    training: str
    role: str
    evaluation: str
    field: str
    texts: int
    exact: int
    near: int | None

    @property
    def share(self) -> float:
        """Per cent of the texts that occur, exactly or nearly."""
        return 100 * (self.exact + (self.near or 0)) / self.texts


@dataclass(frozen=True)
class Overlap:
    """What a study's training and evaluation data share.

    Attributes:
        shared: pairs of files and fields with something in common, the largest share first.
        known: what the tasks are known to share, whether or not their data was compared.
        training, evaluation: names of the files that were compared.
        failures: files that could not be read, and why.

    """

    shared: tuple[Shared, ...]
    known: tuple[Known, ...]
    training: tuple[str, ...]
    evaluation: tuple[str, ...]
    failures: Mapping[str, str]


@dataclass
class _File:
    """The texts of one file.

    Attributes:
        name: of the file.
        role: what it is read for.
        fields: field -> its text in each example that has it.
        wholes: the texts of each example that has several fields.

    """

    name: str
    role: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    wholes: list[tuple[str, ...]] = field(default_factory=list)

    def texts(self) -> dict[str, None]:
        """Return the distinct texts, in the order of the file."""
        return {text: None for texts in self.fields.values() for text in texts}


def study_overlap(study: StudySpec) -> Overlap:
    """Compare all training and validation files of a study with all that it evaluates.

    Args:
        study: from `load_study(..., need_data=False)`; files that are absent are among the failures.

    Raises:
        DataError: when the mirror itself cannot be opened.

    """
    needs = study_needs(study)
    failures: dict[str, str] = {}
    evaluated = list(_files(needs, ("evaluation",), failures))
    trained = list(_files(needs, ("train", "validation"), failures))
    shared = []
    for one, near in zip(trained, near_texts([one.texts() for one in trained], _pool(evaluated)), strict=True):
        exact, wholes = one.texts(), set(one.wholes)
        for other in evaluated:
            shared += [found for found in _compared(one, other, (exact, near, wholes)) if found.exact or found.near]
    shared.sort(key=lambda found: (-found.share, found.training, found.evaluation, found.field))
    return Overlap(
        shared=tuple(shared),
        known=known_relations(needs),
        training=tuple(one.name for one in trained),
        evaluation=tuple(one.name for one in evaluated),
        failures=failures,
    )


def near_texts(trained: Sequence[Mapping[str, None]], pool: Sequence[str], memory: int = MEMORY) -> list[set[str]]:
    """Return for each collection of training texts which texts of the pool occur in it, exactly or nearly.

    Args:
        trained: collections of distinct texts.
        pool: distinct texts.
        memory: how many characters of the pool are indexed at a time.

    """
    found: list[set[str]] = [set() for _ in trained]
    for part in _parts(pool, memory):
        index = NearIndex(part)
        for texts, near in zip(trained, found, strict=True):
            near |= {part[there] for _, there in index.near(list(texts))}
    return found


def _parts(pool: Sequence[str], memory: int) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for text in pool:
        if part and size + len(text) > memory:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


def _pool(files: Sequence[_File]) -> list[str]:
    return list({text: None for one in files for text in one.texts()})


def _files(needs: Needs, roles: tuple[Role, ...], failures: dict[str, str]) -> Iterator[_File]:
    """Yield the files that are read for one of the roles; say in `failures` which cannot be read."""
    for need in needs.files:
        readers = tuple(reader for reader in need.readers if reader.role in roles)
        if not readers:
            continue
        if need.absent:
            failures[need.name] = need.wanted
            continue
        one = _File(need.name, ", ".join(dict.fromkeys(reader.role for reader in readers)))
        try:
            for texts in read_texts(needs, need.file, readers[0]):
                for name, text in texts.items():
                    one.fields.setdefault(name, []).append(text)
                if len(texts) > 1:
                    one.wholes.append(tuple(texts.values()))
        except DataError as error:
            failures[need.name] = str(error)
        else:
            yield one


def _compared(
    trained: _File, evaluated: _File, found: tuple[Mapping[str, None], set[str], set[tuple[str, ...]]]
) -> Iterator[Shared]:
    exact, near, wholes = found
    for name, texts in evaluated.fields.items():
        same = sum(text in exact for text in texts)
        close = sum(text in near for text in texts) - same
        yield Shared(trained.name, trained.role, evaluated.name, name, len(texts), same, close)
    if evaluated.wholes:
        same = sum(whole in wholes for whole in evaluated.wholes)
        yield Shared(trained.name, trained.role, evaluated.name, WHOLE, len(evaluated.wholes), same, None)
