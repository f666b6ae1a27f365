"""What pydantic finds wrong with a study, in the words of a study file."""

import math
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xstilts.claim_spec import ClaimFile
from xstilts.errors import nearest, unknown
from xstilts.pretrain_spec import PretrainSpec
from xstilts.spec import RunSpec, StudySpec
from xstilts.study_yaml import Mistake, Place

Model = TypeVar("Model", bound=BaseModel)

EXAMPLES = {
    "name": "name: my-study",
    "encoders": "encoders: {small: {path: encoders/small}}",
    "intermediates": "intermediates: {baseline: [], nli: [mnli]}",
    "targets": "targets: [xnli]",
    "seeds": "seeds: [1, 2, 3]",
    "mix": "mix: [mnli, snli]",
    "corpus": "corpus: {text: folder}",
    "train": "train: {updates: 2000}",
    "updates": "updates: 2000",
    "hidden": "hidden: 192",
    "layers": "layers: 4",
    "heads": "heads: 6",
    "kind": "kind: classification",
    "data": "data: {train: {en: train.csv}}",
    "claims": "claims: [{name: ..., statement: ..., effect: ..., expect: ...}]",
    "statement": "statement: MNLI helps most targets",
    "intermediate": "intermediate: mnli",
}
FORMS: dict[Place, str] = {  # fields of several forms: pydantic tells one error for each form
    ("retrieval", "layers"): "middle, all, or a list of layer numbers such as [6, 8]",
    ("retrieval", "centred"): "true, false or both",
    ("retrieval", "partners"): "all, or a list of languages such as [en, de]",
}
FILES: dict[type[BaseModel], str] = {PretrainSpec: "the pretraining", ClaimFile: "the file"}
SAMPLING = "uniform, {proportional: {cap: 131072}} or {temperature: 2.0}"
PATTERNS = {
    "hub": "owner/name, such as FacebookAI/xlm-roberta-base",
    "revision": "the 40 hexadecimal digits of a commit",
}
NAME = "a name of letters, digits and . _ + - that begins with a letter or digit, of at most 80 characters"
EXPECTED = {  # pydantic's type of error -> what is allowed
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "path_type": "the path of a folder",
    "literal_error": "{expected}",
    "tuple_type": "a list",
    "too_short": "at least one entry",
    "too_long": "at most {max_length} values",
    "dict_type": "a mapping, `name: value`",
    "model_type": "a mapping, `name: value`",
    "model_attributes_type": "a mapping, `name: value`",
}
NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


def validated(model: type[Model], data: Any, prefix: Place = ()) -> tuple[Model | None, list[Mistake]]:
    """Return the model's value, or None and the mistakes, one for each place; `prefix` is where `data` stands."""
    mistakes = {place: Mistake((*prefix, *place), text) for place, text in _not_numbers(model, data, (), prefix)}
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        found: dict[Place, Mistake] = {}
        for detail in error.errors(include_url=False):
            place, identity = _located(detail, data)
            if detail["type"] == "too_short" and detail["input"]:  # pydantic counts valid entries; the others are told
                continue
            if place not in mistakes and identity not in found:
                found[identity] = Mistake((*prefix, *place), _message(model, detail, place, prefix))
        return None, [*mistakes.values(), *found.values()]
    return (None if mistakes else value), list(mistakes.values())


def shown(value: Any) -> str:
    """Return a value as a message shows it: text in quotes, short."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in value[:60])
        return f"'{text}'" if len(value) <= 60 else f"'{text}...'"
    if isinstance(value, int | float):
        return str(value)
    many = "a list" if isinstance(value, list) else "a mapping"
    return f"an empty {many[2:]}" if not value else many


def dotted(place: Place) -> str:
    """Return a place as a message names it: `intermediates.nli[0].mix`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def _located(detail: ErrorDetails, data: Any) -> tuple[Place, Place]:
    """Return the place in the file that an error concerns, and what tells it apart from other errors there."""
    place: Place = ()
    for step in detail["loc"]:
        if isinstance(data, dict) and step not in data and len(data) == 1:
            ((outer, inner),) = data.items()
            if isinstance(inner, dict) and step in inner:  # {proportional: {cap: 1}} is read as `cap: 1`
                place, data = (*place, outer), inner
        if step not in (data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()):
            break
        place, data = (*place, step), data[step]
    told_apart = detail["type"] == "missing" or detail["loc"][-1:] == ("[key]",)
    return place, (*place, str(detail["loc"][-1])) if told_apart else place


def _kind_at(kind: Any, place: Place) -> Any:
    """Return the type that the model declares at a place, None where it declares nothing."""
    for step in place:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            declared = kind.model_fields.get(str(step))
            kind = declared.annotation if declared else None
        else:
            inner = get_args(kind)
            kind = (inner[-1] if get_origin(kind) is dict else inner[0]) if inner else None
    return _bare(kind)


def _bare(kind: Any) -> Any:
    """Strip `Annotated` and `| None`; of other unions nothing is known."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        rest = [each for each in get_args(kind) if each is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else None
    return kind


def _not_numbers(model: type[BaseModel], data: Any, place: Place, prefix: Place) -> Iterator[tuple[Place, str]]:
    """Find text and true/false where a number is wanted (pydantic would convert them), and numbers not finite."""
    if isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _not_numbers(model, value, (*place, step), prefix)
        return
    infinite = isinstance(data, float) and not math.isfinite(data)
    if infinite or (isinstance(data, str | bool) and _kind_at(model, place) is float):
        expected = "a finite number" if infinite else "a number"
        found = f"`{dotted((*prefix, *place))}` is {_found(data)}; expected {expected}."
        yield place, f"{found} {_remedy(model, place, data)}"


def _found(value: Any) -> str:
    return f"the text {shown(value)}" if isinstance(value, str) else shown(value)


def _bare_text(value: Any) -> str:
    return shown(value).strip("'")


def _remedy(model: type[BaseModel], place: Place, value: Any) -> str:
    """Say what to do about a value: write it without quotes, or leave it out where there is a default."""
    if isinstance(value, str) and len(value) <= 60 and NUMBER.fullmatch(value):
        return f"Write it without quotes: {value}."
    owner = _kind_at(model, place[:-1]) if place else None
    declared = owner.model_fields.get(str(place[-1])) if isinstance(owner, type) and issubclass(owner, BaseModel) else None
    if value is None:
        return f"Write a value{'' if declared and declared.is_required() else ', or take it out'}."
    return "Correct it." if declared is None or declared.is_required() else "Correct it, or leave it out for the default."


def _message(model: type[BaseModel], detail: ErrorDetails, place: Place, prefix: Place) -> str:
    """Word one error of pydantic's: the field, the value found, what is allowed, what to do."""
    kind, value = detail["type"], detail["input"]
    whole = (*prefix, *place)
    where = f"`{dotted(whole)}`" if whole else FILES.get(model, "the study")
    outer = f"`{dotted(whole[:-1])}`"
    if kind == "missing":
        return _missing(where, detail["loc"][-1], whole)
    if kind == "extra_forbidden":
        return _no_such_field(model, detail["loc"], f"{outer}: " if whole[1:] else "")
    if detail["loc"][-1:] == ("[key]",):
        return f"{outer}: the name {shown(value)} is not allowed; expected {NAME}. Choose another name."
    if kind == "value_error":
        text = str(detail["ctx"]["error"])
        return f"{where}: {text}{'' if text.endswith('.') else '.'}"
    found = f"{where} is {_found(value)}; expected {_expected(detail, place)}."
    return f"{found} {_advice(model, detail, place)}"


def _missing(where: str, name: str | int, place: Place) -> str:
    if isinstance(name, int):
        return f"{where} has too few values; expected two numbers. Write both, such as `{place[-1]}: [0.9, 0.999]`."
    return f"{where} lacks `{name}`. Add it, for example `{EXAMPLES.get(name, name + ':')}`."


def _no_such_field(model: type[BaseModel], loc: Place, where: str) -> str:
    name = str(loc[-1])
    owner = _kind_at(model, loc[:-1])
    sections = _sections(model) or _sections(StudySpec)
    if home := next((section for section, fields in sections if name in fields.model_fields and fields is not owner), None):
        return f"{where}unknown field '{name}'. It belongs under `{home}:`. Write it there."
    if name in RunSpec.model_fields:
        file, verb = ("pretraining", "pretrain") if model is PretrainSpec else ("study", "run")
        return f"{where}unknown field '{name}'. It changes no result, so no {file} holds it. Give it to `xstilts {verb}`."
    return f"{where}{unknown('field', name, list(owner.model_fields))} Correct or remove it."


def _sections(model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    """Return the fields of a file that are mappings of named settings, such as `train`."""
    kinds = ((name, _bare(info.annotation)) for name, info in model.model_fields.items())
    return [(name, kind) for name, kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _expected(detail: ErrorDetails, place: Place) -> str:
    """Say what is allowed at a place that holds something else."""
    kind = detail["type"]
    if place[:2] in FORMS:
        return FORMS[place[:2]]
    if place[:1] == ("intermediates",) and place[3:] == ("sampling",):
        return SAMPLING
    if kind in ("string_pattern_mismatch", "string_too_long"):
        return PATTERNS["revision"] if "revisions" in place else PATTERNS.get(str(place[-1]), NAME)
    if kind == "model_type" and place[:1] == ("intermediates",) and len(place) == 3:
        return "a task's name or {mix: [...]}"
    if kind == "path_type" and place[:1] == ("tasks",):
        return "the path of a file"
    return EXPECTED[kind].format(**detail.get("ctx", {})) if kind in EXPECTED else detail["msg"]


def _advice(model: type[BaseModel], detail: ErrorDetails, place: Place) -> str:
    """Say what to do about a value of a wrong type or range."""
    kind, value, name = detail["type"], detail["input"], str(place[-1]) if place else ""
    if kind == "tuple_type" and (value is not None or (place[:1] == ("intermediates",) and len(place) == 2)):
        return f"Write `{name}: [{'...' if isinstance(value, dict) else '' if value is None else _bare_text(value)}]`."
    if kind in ("too_short", "tuple_type") and name in EXAMPLES:
        return f"Write, for example, `{EXAMPLES[name]}`."
    if kind == "string_type" and isinstance(value, int | float):
        return f"Put it in quotes: '{shown(value)}'."
    if kind == "literal_error" and (near := nearest(str(value), re.findall(r"'([^']*)'", detail["ctx"]["expected"]))):
        return f"Did you mean '{near}'? {_remedy(model, detail['loc'], value)}"
    if isinstance(value, str) and place[:1] == ("encoders",) and len(place) == 2:
        return f"Write `{name}: {{path: {_bare_text(value)}}}` for a folder, or `{{hub: owner/name, revision: ...}}`."
    return _remedy(model, detail["loc"], value)
