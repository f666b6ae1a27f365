"""A language as a user declares it."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from xstilts.constructed.language import FAMILY, ISO_15924, Language
from xstilts.frozen import Frozen

Side = Literal["before", "after"]
Affix = Literal["none", "suffix", "prefix"]


class LanguageSpec(Frozen):
    """The dials of a declared language; see `Language` for what they mean. What is not given is as in `ctr`.

    Attributes:
        script: an alphabet, or `new`: the first that no other language of the family has.

    """

    order: Literal["SVO", "SOV", "VSO", "VOS", "OVS", "OSV"] = "SVO"
    adjective: Side = "before"
    genitive: Side = "before"
    adposition: Side = "before"
    case: Affix = "none"
    agreement: Affix = "none"
    inflection: Literal["word", "suffix", "prefix"] = "suffix"
    script: Literal["latin", "greek", "cyrillic", "georgian", "armenian", "hebrew", "kana", "new"] = "latin"
    names: Literal["shared", "own"] = "shared"
    cognates: Annotated[float, Field(ge=0, le=1)] = 0.15
    resource: Annotated[float, Field(gt=0, le=100)] = 1.0


def with_declared(specs: Mapping[str, LanguageSpec], family: Mapping[str, Language] = FAMILY) -> Mapping[str, Language]:
    """Return a family with declared languages added, in their order.

    Raises:
        ValueError: a declared code is not of the form `zz`, or is one of the family's; or no alphabet is left for `new`.

    """
    grown = dict(family)
    for code, spec in specs.items():
        if not re.fullmatch("[a-z][a-z0-9]{1,7}", code):
            raise ValueError(f"'{code}' is no code of a language; expected 2 to 8 small letters or digits, a letter first")
        if code in grown:
            raise ValueError(f"'{code}' is a language of the family already; choose another code")
        dials = spec.model_dump()
        if spec.script == "new":
            used = {each.script for each in grown.values()}
            free = [script for script in ISO_15924 if script not in used]
            if not free:
                raise ValueError(f"no alphabet is left for '{code}': all of {', '.join(ISO_15924)} are used; name one of them")
            dials["script"] = free[0]
        grown[code] = Language(code, **dials)
    return grown
