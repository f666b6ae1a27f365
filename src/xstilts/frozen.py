"""What all declared values have in common: they cannot be changed, and a misspelt field is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=80)]
Count = Annotated[int, Field(gt=0, strict=True)]


class Frozen(BaseModel):
    """A value: it cannot be changed, and a misspelt field is an error, not silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
