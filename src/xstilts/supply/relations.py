"""What data sets are known to share, whether or not the data is at hand; translations and parts of texts included."""

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.supply.needs import Needs
from xstilts.task import Task


@dataclass(frozen=True)
class Relation:
    """Tasks whose data has a common origin.

    Attributes:
        tasks: their names; one that xstilts does not have (yet) does no harm.
        text: what they share.

    """

    tasks: frozenset[str]
    text: str


RELATIONS = (
    Relation(
        frozenset({"squad_v1", "squad_v2", "squad_sentences", "xquad", "lareqa"}),
        "XQuAD's and LAReQA's 240 paragraphs and their questions are from the validation split of SQuAD v1.1 (Artetxe et al. "
        "2020; Roy et al. 2020); SQuAD v2.0 has the same paragraphs and the same answerable questions (Rajpurkar et al. 2018).",
    ),
    Relation(
        frozenset({"sib200", "belebele", "flores200"}),
        "SIB-200's sentences and Belebele's passages are those of FLORES-200, in every language (Adelani et al. 2024; "
        "Bandarkar et al. 2024): none of them is unseen data for another.",
    ),
    Relation(
        frozenset({"mnli", "xnli", "anli_plus"}),
        "XNLI's training data is MultiNLI (English, and machine-translated), and MultiNLI is a part of ANLI+ (Conneau et al. "
        "2018): a gain is one from the same data.",
    ),
    Relation(frozenset({"snli", "anli_plus"}), "SNLI is a part of ANLI+: a mixture of both has its examples twice."),
    Relation(
        frozenset({"copa", "xcopa"}),
        "XCOPA's validation and test examples are translations of COPA's validation and test examples (Ponti et al. 2020): "
        "COPA's validation split, which chooses the checkpoint, is XCOPA's validation split in English.",
    ),
)


@dataclass(frozen=True)
class Known:
    """A relation between tasks that a study trains on and tasks that it evaluates; or among those that it trains on at once."""

    trained: tuple[str, ...]
    evaluated: tuple[str, ...]
    text: str


def known_relations(needs: Needs) -> tuple[Known, ...]:
    """Return what the tasks of a study are known to share, and which targets are trained on an intermediate's data."""
    trained = _tasks(needs, ("train", "validation"))
    evaluated = _tasks(needs, ("evaluation",))
    mixtures = [set(phase.mix) for phases in needs.plan.study.intermediates.values() for phase in phases]
    found = []
    for relation in RELATIONS:
        there = tuple(name for name in trained if name in relation.tasks)
        here = tuple(name for name in evaluated if name in relation.tasks)
        together = any(len(relation.tasks & mixture) > 1 for mixture in mixtures)
        if (here and set(there) - set(here)) or len(here) > 1 or together:
            found.append(Known(there, here, relation.text))
    return (*found, *_same_training(needs, needs.plan.tasks))


def _tasks(needs: Needs, roles: tuple[str, ...]) -> tuple[str, ...]:
    readers = (reader for need in needs.files for reader in need.readers)
    return tuple(dict.fromkeys(reader.task for reader in readers if reader.role in roles))


def _same_training(needs: Needs, tasks: Mapping[str, Task]) -> tuple[Known, ...]:
    """Return the targets that are trained on the very task that an intermediate has."""
    study = needs.plan.study
    mixed = {task for phases in study.intermediates.values() for phase in phases for task in phase.mix}
    found = []
    for name in study.targets:
        own = tasks[name].training_task(tasks)
        if own.name in mixed and own.kind != "retrieval":
            text = f"{name} as a target is trained on {own.name}, which is an intermediate task too: the same training data."
            found.append(Known((own.name,), (name,), text))
    return tuple(found)
