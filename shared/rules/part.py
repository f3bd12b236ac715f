"""The small words that the models of definitions share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, Strict
from pydantic_core import PydanticCustomError

# Written in order: a set's own order differs from process to process, and a version's hash must not.
Words = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
# Neither true nor a text is a number, whatever could be made of them.
Count = Annotated[int, Strict()]
Rounding = Literal["down", "up", "half_up", "half_even"]
EventKind = Literal["signup", "purchase", "referral", "return"]


class Part(BaseModel):
    """What every part of a definition is: frozen, and refusing words that mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def written_out(value: Any) -> Any:
    """A field that is there says something: a rule whose `when:` was left empty would hold for everybody."""
    if value is None:
        raise PydanticCustomError("unsaid", "nothing is written here: write what is meant, or leave the field out")
    return value
