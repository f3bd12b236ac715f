"""Numbers as people write them in files: digits alone, so that nobody can read another number than a machine does.

Only what comes from a file is asked for that: what an older release has published stays what it is.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ValidationInfo

from shared.rules.language.lexer import tokens
from shared.rules.language.syntax import ExpressionError

FROM_FILE: Final = {"from_file": True}  # the context in which a file's definitions are validated
_PLAIN: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_MOST_DIGITS: Final = 20


def from_file(info: ValidationInfo) -> bool:
    """Whether a definition is read from a file."""
    return info.context is not None and bool(info.context.get("from_file"))


def refuse_other_digits(text: str) -> None:
    """Raises ExpressionError for a number of an expression that is not written by plain digits."""
    for token in tokens(text):
        if token.kind == "number" and not _PLAIN.fullmatch(token.text):
            raise ExpressionError(_said(token.text), token.at)


def _decimal(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and from_file(info) and not _PLAIN.fullmatch(value):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value  # no number at all: that is told as such
        if number.is_finite():
            raise ValueError(_said(value))
    return value


def _said(text: str) -> str:
    """What to write instead of a number, as far as anybody would."""
    number = Decimal(text)
    plain = f"{number:f}" if abs(number.adjusted()) < _MOST_DIGITS else ""
    why = "begins with a 0" if re.fullmatch(r"0[0-9.]+", text) else "is not written by its digits alone"
    return f"`{text}` {why}; write {plain.removeprefix('+') or 'its digits'}"


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
