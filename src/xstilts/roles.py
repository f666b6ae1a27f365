"""What the columns of a study's own files mean: the roles of each kind, and the metrics that suit it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Form = Literal["text", "texts", "label", "choice", "answers", "starts"]


@dataclass(frozen=True)
class Role:
    """What a column is for; it is called so unless the study names another column.

    Attributes:
        form: of its values.
        gold: whether it tells what is to be predicted: test data without labels lack it.
        optional: whether labelled files may lack it.
        several: whether several columns may hold the parts of one value.

    """

    form: Form
    gold: bool = False
    optional: bool = False
    several: bool = False


ROLES: Mapping[str, Mapping[str, Role]] = MappingProxyType(
    {
        "classification": {"first": Role("text"), "second": Role("text", optional=True), "label": Role("label", gold=True)},
        "multiple_choice": {
            "prompt": Role("text"),
            "options": Role("texts", several=True),
            "label": Role("choice", gold=True),
        },
        "tagging": {"words": Role("texts"), "tags": Role("texts", gold=True)},
        "span": {
            "context": Role("text"),
            "question": Role("text"),
            "answers": Role("answers", gold=True),
            "starts": Role("starts", gold=True, optional=True),  # SQuAD keeps them inside `answers`
        },
        "retrieval": {"foreign": Role("text"), "source": Role("text")},
    }
)
METRICS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(  # the first is the default
    {
        "classification": ("accuracy",),
        "multiple_choice": ("accuracy",),
        "tagging": ("span_f1", "tagging_f1", "token_accuracy"),
        "span": ("squad", "squad2"),
        "retrieval": ("accuracy",),
    }
)
LABELLED_KINDS = ("classification", "tagging")  # the kinds whose heads have one output a label
