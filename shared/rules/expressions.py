"""Expressions within definitions: texts that are checked as they are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from shared.rules.digits import from_file, refuse_other_digits
from shared.rules.language.checking import condition
from shared.rules.language.syntax import ExpressionError


def _event(text: str, info: ValidationInfo) -> str:
    try:
        condition(text)
        if from_file(info):
            refuse_other_digits(text)
    except ExpressionError as error:
        raise at(error) from None
    return text


def _line(text: str, info: ValidationInfo) -> str:
    try:
        condition(text, "line")
        if from_file(info):
            refuse_other_digits(text)
    except ExpressionError as error:
        raise at(error) from None
    return text


def at(error: ExpressionError) -> PydanticCustomError:
    """The error of an expression as the models report it: its offset travels in the context, and what else is wrong."""
    others = [(each.message, each.at) for each in error.others]
    return PydanticCustomError("expression", "{said}", {"said": error.message, "offset": error.at, "others": others})


Expression = Annotated[
    str,
    AfterValidator(_event),
    Field(
        min_length=1,
        description="a condition, such as basket.total >= 10.00 (docs/capabilities/expressions.md)",
        examples=["basket.eligible >= 10.00", 'lines.sum(amount, department == "DELI") >= 20.00'],
    ),
]
LineExpression = Annotated[
    str,
    AfterValidator(_line),
    Field(
        min_length=1,
        description="a condition on the fields of a line, such as department == 'DELI'",
        examples=['department == "DELI"', "amount >= 5.00 && quantity > 1"],
    ),
]
