"""The small words that the models of definitions share."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, Strict, ValidationInfo
from pydantic_core import PydanticCustomError

from shared.rules.digits import from_file
from shared.rules.placed import Wrong, refuse


def _each_once(value: Any, info: ValidationInfo) -> Any:
    """A word that a file writes twice is a slip, as its schema has it. What is published stays readable."""
    if from_file(info) and isinstance(value, list):
        words, seen, wrong = [each for each in value if isinstance(each, str)], set[str](), list[Wrong]()
        for number, each in enumerate(value if len(words) == len(value) else ()):
            if each in seen:
                wrong.append(Wrong((number,), f"{each} stands in the list twice; leave it out here"))
            seen.add(each)
        refuse(wrong)
    return value


Once: Final = BeforeValidator(_each_once)
# Written in order: a set's own order differs from process to process, and a version's hash must not.
Words = Annotated[frozenset[str], Once, PlainSerializer(sorted, return_type=list[str])]
# Neither true nor a text is a number, whatever could be made of them.
Count = Annotated[int, Strict()]
Rounding = Literal["down", "up", "half_up", "half_even"]
EventKind = Literal["signup", "purchase", "referral", "return"]


class Part(BaseModel):
    """What every part of a definition is: frozen, and refusing words that mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def written_out(value: Any) -> Any:
    """A field that is there says something: a rule whose `when:` was left empty would hold for everybody."""
    if value is None:
        raise PydanticCustomError("unsaid", "nothing is written here: write what is meant, or leave the field out")
    return value
